//! Keys of objects.

use object_store::path::Path as Key;
use std::io;
use std::path::{Component, Path};

/// Returns the key of a path below a prefix.
///
/// Characters stay as they are: TensorBoard takes the key for the run's name, so an `é` must not
/// become `%C3%A9`.
pub(crate) fn key(prefix: &Key, path: &Path) -> io::Result<Key> {
    let invalid = |reason: String| io::Error::new(io::ErrorKind::InvalidInput, reason);
    let mut parts = vec![prefix.as_ref()];
    for component in path.components() {
        match component {
            Component::Normal(name) => parts.push(name.to_str().ok_or_else(|| {
                invalid(format!("invalid key {}: it is not valid UTF-8", path.display()))
            })?),
            Component::RootDir | Component::CurDir => {}
            Component::ParentDir | Component::Prefix(_) => {
                let reason = "expected a path below the prefix";
                return Err(invalid(format!("invalid key {}: {reason}", path.display())));
            }
        }
    }
    Key::parse(parts.join("/")).map_err(|error| invalid(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_as_they_are() {
        let prefix = Key::from("experiments");
        let key = |path: &str| key(&prefix, Path::new(path)).map(String::from).ok();
        for name in ["é", "q[1]", "a%b", "x~y#z", "a b", "deep/er/three"] {
            assert_eq!(key(name), Some(format!("experiments/{name}")));
        }
        assert_eq!(key("./mlp//7/"), Some("experiments/mlp/7".into()));
        assert_eq!(key("/mlp"), Some("experiments/mlp".into()));
        assert_eq!(key(""), Some("experiments".into()));
        assert_eq!(key("../mlp"), None);
    }
}
