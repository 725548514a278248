//! The epochs before a checkpoint, from the files of a run.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use tfevents::read::Run;

/// The prefix of the tags of an epoch's values.
pub(crate) const EPOCH_PREFIX: &str = "epoch/";

/// The epochs before the one with which a training continues.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct PreviousEpochs {
    /// The number of batches at the end of each epoch.
    ends: BTreeMap<usize, u64>,
    /// Metric, epoch and value of each final value.
    pub(crate) values: Vec<(String, usize, f32)>,
}

impl PreviousEpochs {
    /// Reads the run's files. The values of an epoch follow those of its batches; if an epoch was run
    /// twice, the later run counts.
    pub(crate) fn read(dir: &Path, epoch: usize) -> Self {
        let events = match Run::open(dir) {
            Ok(run) => run.events(),
            Err(error) => {
                log::warn!("steps begin at 0: {}", crate::chain(&error));
                return Self::default();
            }
        };
        let mut previous = Self::default();
        // The last step by tag.
        let mut last: HashMap<String, i64> = HashMap::new();
        // A damaged record ends a file; the next file follows.
        for event in events.filter_map(Result::ok) {
            for value in event.values() {
                let Some(scalar) = value.scalar() else { continue };
                let Some(name) = value.tag().strip_prefix(EPOCH_PREFIX) else {
                    match last.get_mut(value.tag()) {
                        Some(step) => *step = event.step(),
                        None => drop(last.insert(value.tag().to_owned(), event.step())),
                    }
                    continue;
                };
                let Some(of) = usize::try_from(event.step()).ok().filter(|of| *of < epoch) else {
                    continue;
                };
                // A metric may have values of epochs only.
                if let Some(step) = last.get(name) {
                    previous.ends.insert(of, u64::try_from(*step).unwrap_or(0));
                }
                previous.values.push((name.to_owned(), of, scalar));
            }
        }
        previous
    }

    /// Returns the number of batches.
    pub(crate) fn batches(&self) -> u64 {
        self.ends.values().next_back().copied().unwrap_or(0)
    }

    /// Returns the number of steps of the optimizer: one for every `accumulation` batches, and one for
    /// the remainder of an epoch.
    pub(crate) fn steps(&self, accumulation: u64) -> u64 {
        let before = std::iter::once(0).chain(self.ends.values().copied());
        let batches = before.zip(self.ends.values()).map(|(begin, end)| end.saturating_sub(begin));
        batches.map(|batches| batches.div_ceil(accumulation.max(1))).sum()
    }
}
