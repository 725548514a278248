//! Embeddings: files whose lines the projector splits and counts.

use crate::files::{directory, writer};
use arbitrary::{Arbitrary, Unstructured};
use std::path::{Path, PathBuf};
use tfevents::summary::Embedding;

#[derive(Arbitrary, Debug)]
struct Case<'a> {
    tag: &'a str,
    step: i64,
    columns: u8,
    values: Vec<f32>,
    /// Names, and a label for each row.
    labels: Vec<(&'a str, Vec<&'a str>)>,
    /// An existing config of another writer.
    config: Option<&'a [u8]>,
}

/// An accepted embedding is valid for the projector: as many lines as vectors, and as many cells in
/// each line as columns.
pub fn embedding(bytes: &[u8]) {
    let Ok(case) = Case::arbitrary(&mut Unstructured::new(bytes)) else { return };
    let columns = usize::from(case.columns % 5);
    let rows = case.values.len() / columns.max(1);
    let Ok(mut embedding) = Embedding::new([rows, columns], case.values.clone()) else { return };
    if !case.labels.is_empty() {
        // Mostly of the right number: a wrong one is refused at once.
        let labels = case.labels.iter().map(|(name, labels)| {
            let cells = labels.iter().copied().cycle().take(rows);
            (*name, cells)
        });
        let labeled = Embedding::builder([rows, columns], case.values.clone());
        match labeled.columns(labels).build() {
            Ok(labeled) => embedding = labeled,
            Err(_) => return,
        }
    }
    let dir = directory();
    let config = dir.path().join("projector_config.pbtxt");
    if let Some(bytes) = case.config {
        std::fs::write(&config, bytes).expect("a file can be written");
    }
    let writer = writer(dir.path()).build().expect("a fresh directory can be logged into");
    writer.add_embedding(case.tag, &embedding, case.step);
    let result = writer.close();
    let written = std::fs::read(&config).expect("the config can be read");
    if let Err(error) = result {
        // It was no text proto: that is reported, and the file stays as it was.
        assert!(case.config.is_some_and(|bytes| bytes == written), "{error}");
    } else {
        assert!(String::from_utf8_lossy(&written).contains("tensors.tsv"));
    }
    let vectors = lines(&the_only(dir.path(), "tensors.tsv").expect("vectors were written"));
    assert_eq!(vectors.len(), rows);
    for (line, row) in vectors.iter().zip(case.values.chunks(columns)) {
        let bits = |value: f32| value.to_bits();
        let found = line.split('\t').map(|cell| bits(cell.parse().expect("a number")));
        assert!(found.eq(row.iter().copied().map(bits)), "{line:?} is not {row:?}");
    }
    let Some(metadata) = the_only(dir.path(), "metadata.tsv") else {
        return assert!(case.labels.is_empty());
    };
    labels(&lines(&metadata), &case, rows);
}

/// Checks labels as the projector reads them: names in the first line if it has a tab.
fn labels(lines: &[String], case: &Case<'_>, rows: usize) {
    let columns = case.labels.len();
    let named = lines[0].contains('\t');
    assert_eq!((lines.len() - usize::from(named), named), (rows, columns > 1), "{case:?}");
    let names = case.labels.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    assert!(!named || lines[0].split('\t').eq(names), "{case:?}");
    for (row, line) in lines[usize::from(named)..].iter().enumerate() {
        let given = case.labels.iter().map(|(_, labels)| labels[row % labels.len()]);
        assert!(line.split('\t').eq(given), "row {row} of {case:?}");
    }
}

/// Returns the lines that the projector reads: not those that are empty after its `trim`.
fn lines(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).expect("the file is text");
    let is_blank = |c: char| (c.is_whitespace() && c != '\u{85}') || c == '\u{feff}';
    let lines = text.split('\n').filter(|line| !line.chars().all(is_blank));
    lines.map(str::to_owned).collect()
}

/// Returns the file of this name, somewhere below a directory.
fn the_only(dir: &Path, name: &str) -> Option<PathBuf> {
    let entries = dir.read_dir().expect("the directory can be listed");
    let mut found = entries.filter_map(|entry| {
        let path = entry.expect("so can its entries").path();
        if path.is_dir() {
            the_only(&path, name)
        } else {
            path.file_name().is_some_and(|found| found == name).then_some(path)
        }
    });
    let first = found.next();
    assert!(found.next().is_none(), "one embedding has one {name}");
    first
}
