//! Recordings of real Keras, replayed into the callbacks of this crate.
//!
//! A recording is a `NAME.jsonl`, what a training wrote, and a `NAME.hooks.jsonl`, what its
//! `TensorBoard` callback was called with. The hooks are called on ours; then what our reader finds
//! must be what Keras wrote: directories, order, steps, tags, plugins, types, shapes and values.
//! Where ours deviates on purpose, the deviation has a name in [`Fix`](expect::Fix), and ours is
//! compared with what it guarantees instead. Any other difference fails.
//!
//! - `dump`: the files; `found`: what our reader finds; `settings`: the callback's arguments;
//! - `hooks`: what of the recorded hooks is not what the callback was called with; `weights`,
//!   `embeddings`: those of the recorded model;
//! - `expect`: what is to be found, from the hooks and the recording; `replay`: the run itself;
//! - `early_stopping`, `csv`, `ops`: recordings of single cases.
//!
//! `KERAS_RECORDINGS=DIR cargo test --test keras_replay -- --nocapture` takes the files of DIR, any
//! part of them, instead of those in `tests/data/keras/dumps`. The kind of a file is known by its
//! content, not its name.

// Shared between the modules of a test, not with other crates.
#![allow(unreachable_pub)]

mod csv;
mod dump;
mod early_stopping;
mod embeddings;
mod expect;
mod found;
mod hooks;
mod ops;
mod replay;
mod settings;
mod weights;

use std::collections::BTreeSet;
use std::path::PathBuf;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/keras/dumps");

#[test]
fn recordings_of_keras_are_replayed() {
    let given = std::env::var_os("KERAS_RECORDINGS").map(PathBuf::from);
    let dir = given.clone().unwrap_or_else(|| COMMITTED.into());
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(&dir).unwrap_or_else(|error| panic!("{dir:?}: {error}")) {
        names.insert(entry.unwrap().file_name().into_string().unwrap());
    }
    let (mut recordings, mut cases, mut failures) = (0, 0, Vec::new());
    for name in &names {
        let path = dir.join(name);
        let Some(stem) = name.strip_suffix(".jsonl") else {
            assert!(given.is_some(), "{name} is used by no test");
            continue;
        };
        if let Some(stem) = stem.strip_suffix(".hooks") {
            // Used with the recording of that name.
            if !names.contains(&format!("{stem}.jsonl")) {
                assert!(given.is_some(), "{name} is used by no test");
                println!("{name}: there is no {stem}.jsonl beside it");
            }
            continue;
        }
        let hooks = dir.join(format!("{stem}.hooks.jsonl"));
        // Each is tried, so that one failure does not hide the next.
        let result = std::panic::catch_unwind(|| {
            let lines = dump::lines(&path);
            let first = lines.first().unwrap_or_else(|| panic!("{name} is empty"));
            let has = |key: &str| first.get(key).is_some();
            match () {
                () if first["kind"] == "meta" => {
                    (usize::from(replay::compare(stem, lines, &hooks)), 0)
                }
                () if has("seq") => (0, early_stopping::compare(&lines)),
                () if has("rows") => (0, csv::compare(&lines)),
                () if has("op") => (0, ops::compare(&lines)),
                () => panic!("{name} is no recording: {first}"),
            }
        });
        match result {
            Ok((recording, case)) => (recordings, cases) = (recordings + recording, cases + case),
            Err(_) => failures.push(stem.to_owned()),
        }
    }
    println!("compared {recordings} recordings, {cases} cases");
    assert!(failures.is_empty(), "{} differ: {failures:?}", failures.len());
    assert!(recordings + cases > 0, "{} holds no recordings", dir.display());
}
