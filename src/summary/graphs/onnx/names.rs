//! Unique names that TensorBoard can show.

use crate::summary::graphs::check::source;
use std::collections::{HashMap, HashSet};

/// The maximum length of a name, without its groups. The page cannot show longer ones.
const MAX_NAME: usize = 512;

/// The names of a graph, or of a function.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: HashSet<String>,
    /// For a name that was requested again, the number to try next.
    next: HashMap<String, usize>,
}

impl Names {
    /// Returns a unique name as close as possible to the requested one, or to `fallback` if no
    /// character of that is valid.
    pub(super) fn unique(&mut self, group: &str, requested: &str, fallback: &str) -> String {
        let name = [requested, fallback]
            .iter()
            .map(|name| clean(name))
            .find(|name| !name.is_empty())
            .unwrap_or_else(|| "unnamed".to_owned());
        let name = if group.is_empty() { name } else { format!("{group}/{name}") };
        if self.taken.insert(name.clone()) {
            return name;
        }
        let next = self.next.entry(name.clone()).or_insert(1);
        loop {
            let numbered = format!("{name}_{next}");
            *next += 1;
            if self.taken.insert(numbered.clone()) {
                return numbered;
            }
        }
    }

    /// Marks a name as taken.
    pub(super) fn reserve(&mut self, name: &str) {
        self.taken.insert(name.to_owned());
    }
}

/// Removes empty parts, and the marks of control inputs and outputs.
fn clean(name: &str) -> String {
    let mut end = name.len().min(MAX_NAME);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let parts: Vec<_> = name[..end].split('/').filter(|part| !part.is_empty()).collect();
    let joined = parts.join("/");
    let mut name = joined.trim_start_matches(['^', '/']).to_owned();
    if source(&name) != name {
        // It ends in a colon and digits.
        if let Some(colon) = name.rfind(':') {
            name.replace_range(colon..=colon, "_");
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_stay_close_to_the_requested_ones() {
        let mut names = Names::default();
        let mut unique = |requested: &str| names.unique("", requested, "Gemm");
        assert_eq!(unique("/fc1/Gemm"), "fc1/Gemm");
        assert_eq!(unique("fc1//Gemm/"), "fc1/Gemm_1");
        assert_eq!(unique(""), "Gemm");
        assert_eq!(unique("///"), "Gemm_1");
        assert_eq!(unique("Gemm_1"), "Gemm_1_1");
        assert_eq!(unique("MatMul:0"), "MatMul_0");
        assert_eq!(unique("^x"), "x");
        assert_eq!(unique("onnx::MatMul_12"), "onnx::MatMul_12");
        assert_eq!(names.unique("loop/body", "/x", ""), "loop/body/x");
    }

    proptest! {
        #[test]
        fn any_name_becomes_one_that_a_graph_takes(requested in prop_oneof![
            ".{0,40}",
            "[/^:0-9a]{0,12}",
            "é{250,300}",
        ]) {
            let mut names = Names::default();
            for _ in 0..3 {
                let name = names.unique("", &requested, "^:1");
                prop_assert!(name.split('/').all(|part| !part.is_empty()), "{name}");
                prop_assert_eq!(source(&name), &name);
            }
            prop_assert_eq!(names.taken.len(), 3);
        }
    }
}
