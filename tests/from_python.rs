//! The guide for those who come from Python names every method of its writers.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn every_method_has_a_counterpart() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = fs::read_to_string(root.join("docs/from_python.md")).unwrap();
    let (_, page) = guide.split_once("\n## Every method\n").unwrap();
    // Rows that begin with a method and have something in the second column.
    let rows: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .filter(|(_, rust)| !rust.starts_with('|'))
        .map(|(method, _)| method)
        .collect();

    let listed = fs::read_to_string(root.join("tests/data/python_writers.json")).unwrap();
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let mut methods = BTreeSet::new();
    for writer in listed.as_array().unwrap() {
        let names = writer["methods"].as_array().unwrap();
        assert!(names.len() > 4, "{writer}");
        methods.extend(names.iter().map(|name| name.as_str().unwrap()));
        let version = writer["version"].as_str().unwrap();
        assert!(page.contains(version), "the guide does not say {version}");
    }
    assert_eq!(rows, methods);
}
