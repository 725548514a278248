//! What is told once only.

use crate::system::Mutex;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

/// So many different things are remembered; what comes then is not told.
const MOST: usize = 10_000;

/// Calls `tell` the first time in this process that `what` comes up for this tag.
pub(super) fn once(tag: &str, what: &'static str, tell: impl FnOnce()) {
    static TOLD: LazyLock<(RandomState, Mutex<HashSet<u64>>)> = LazyLock::new(Default::default);
    let (hashes, told) = &*TOLD;
    let hash = hashes.hash_one((tag, what));
    let mut told = told.lock();
    let first = told.len() < MOST && told.insert(hash);
    drop(told);
    if first {
        tell();
    }
}

#[cfg(test)]
mod tests {
    use super::once;

    #[test]
    fn each_thing_is_told_once_for_each_tag() {
        let told = |tag, what| {
            let mut told = false;
            once(tag, what, || told = true);
            told
        };
        assert!(told("told/a", "empty"));
        assert!(!told("told/a", "empty"));
        assert!(told("told/a", "nan"));
        assert!(told("told/b", "empty"));
    }
}
