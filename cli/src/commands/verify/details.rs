//! Oddities of files that can be read, with the place of each event.

use super::{Finding, check};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use tfevents::read::{self, EventReader, Kind, Run, TagId, ValueError};

/// The last step and the kind of each tag.
#[derive(Debug, Default)]
pub(super) struct Tags(Vec<(Kind, i64)>);

impl Tags {
    /// Returns whether a value is odd after the earlier ones of its tag. Without a kind it is a
    /// scalar.
    #[inline]
    pub(super) fn is_odd(
        &mut self,
        names: &read::Tags,
        tag: TagId,
        step: i64,
        kind: Option<Kind>,
    ) -> bool {
        if self.0.len() <= tag.index() {
            let new = names.iter().skip(self.0.len());
            self.0.extend(new.map(|tag| (names.kind(tag), i64::MIN)));
        }
        let (first_kind, last_step) = &mut self.0[tag.index()];
        let is_odd = step < *last_step || kind.unwrap_or(Kind::Scalar) != *first_kind;
        *last_step = step;
        is_odd
    }
}

/// Steps that go back, from one place of a file on.
struct Back {
    file: PathBuf,
    offset: u64,
    from: i64,
    to: i64,
    first_tag: String,
    tags: u64,
}

/// Finds values that cannot be decoded, tags of mixed kinds, and steps that go back.
pub(super) fn find(run: &Run, findings: &mut Vec<Finding>) {
    let mut tags: HashMap<String, (Kind, i64, bool)> = HashMap::new();
    let mut backs: Vec<Back> = Vec::new();
    let mut events = run.events();
    while let Some(result) = events.next() {
        // Errors are known already.
        let Ok(event) = result else { continue };
        let (file, offset) = (events.path().unwrap_or(Path::new("")), events.offset());
        for value in event.values() {
            let (tag, kind, step) = (value.tag(), value.kind(), event.step());
            if let Some(error) = check(value) {
                let mut text = format!("{error} under the tag {tag:?}");
                if let ValueError::Utf8 { source, .. } = &error {
                    text = format!("{text}: {source}");
                }
                // Another type or shape than TensorBoard expects is odd, but no damage.
                let is_error = matches!(error, ValueError::Utf8 { .. } | ValueError::Decode { .. });
                findings.push(Finding { file: file.to_owned(), offset, is_error, text });
            }
            let Some((first_kind, last_step, is_mixed)) = tags.get_mut(tag) else {
                tags.insert(tag.to_owned(), (kind, step, false));
                continue;
            };
            if kind != *first_kind && !*is_mixed {
                // Once per tag.
                *is_mixed = true;
                let text = format!("tag {tag:?} has a value of the kind {kind} after {first_kind}");
                findings.push(Finding { file: file.to_owned(), offset, is_error: false, text });
            }
            if step < *last_step {
                // The tags that a restarted training logs again are one finding.
                match backs.last_mut() {
                    Some(back)
                        if back.file == file && step <= back.from && back.first_tag != tag =>
                    {
                        back.tags += 1;
                    }
                    _ => backs.push(Back {
                        file: file.to_owned(),
                        offset,
                        from: *last_step,
                        to: step,
                        first_tag: tag.to_owned(),
                        tags: 1,
                    }),
                }
            }
            *last_step = step;
        }
    }
    for Back { file, offset, from, to, first_tag, tags } in backs {
        let others = match tags - 1 {
            0 => String::new(),
            others => format!(" and {}", crate::output::numbers::count(others, "other")),
        };
        let text = format!("steps of {first_tag:?}{others} go back from {from} to {to}");
        findings.push(Finding { file, offset, is_error: false, text });
    }
}

/// Finds files whose names sort in another order than their times.
pub(super) fn find_order(files: &[PathBuf], findings: &mut Vec<Finding>) {
    let mut latest: Option<(f64, &Path)> = None;
    for file in files {
        let first = EventReader::open(file).ok().and_then(|mut reader| reader.next()?.ok());
        let Some(time) = first.map(|event| event.wall_time()) else { continue };
        match latest {
            Some((before, earlier)) if time < before => {
                let name = |path: &Path| path.file_name().unwrap_or_default().to_owned();
                let text = format!(
                    "begins {} s before {:?}, after which its name sorts",
                    before - time,
                    name(earlier)
                );
                findings.push(Finding { file: file.clone(), offset: 0, is_error: false, text });
            }
            _ => latest = Some((time, file)),
        }
    }
}
