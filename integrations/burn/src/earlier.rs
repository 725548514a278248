//! What the files of a run hold of a training that goes on.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use tfevents::read::RunReader;

/// Stands before the tags of an epoch's values.
pub(crate) const EPOCH: &str = "epoch/";

/// The epochs before the one that a training goes on with.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Earlier {
    /// How many batches were done at the end of each.
    ends: BTreeMap<usize, u64>,
    /// Metric, epoch and value.
    pub(crate) values: Vec<(String, usize, f32)>,
}

impl Earlier {
    /// Reads the run's files. The values of an epoch stand behind those of its batches; where an
    /// epoch was done twice, the later one counts.
    pub(crate) fn read(dir: &Path, epoch: usize) -> Self {
        let events = match RunReader::open(dir) {
            Ok(events) => events,
            Err(error) => {
                log::warn!("counting begins anew: {error}");
                return Self::default();
            }
        };
        let mut earlier = Self::default();
        // The last step of each tag.
        let mut last: HashMap<String, i64> = HashMap::new();
        // A damaged place ends a file; the next one follows.
        for event in events.filter_map(Result::ok) {
            for value in event.values() {
                let Some(scalar) = value.scalar() else { continue };
                let Some(name) = value.tag().strip_prefix(EPOCH) else {
                    match last.get_mut(value.tag()) {
                        Some(step) => *step = event.step(),
                        None => drop(last.insert(value.tag().to_owned(), event.step())),
                    }
                    continue;
                };
                let Some(of) = usize::try_from(event.step()).ok().filter(|of| *of < epoch) else {
                    continue;
                };
                // A metric may have no values but those of epochs.
                if let Some(step) = last.get(name) {
                    earlier.ends.insert(of, u64::try_from(*step).unwrap_or(0));
                }
                earlier.values.push((name.to_owned(), of, scalar));
            }
        }
        earlier
    }

    /// How many batches they had.
    pub(crate) fn batches(&self) -> u64 {
        self.ends.values().next_back().copied().unwrap_or(0)
    }

    /// How many steps the optimizer did, one for so many batches, and at the end of an epoch one
    /// for those that are left.
    pub(crate) fn steps(&self, accumulation: u64) -> u64 {
        let before = std::iter::once(0).chain(self.ends.values().copied());
        let batches = before.zip(self.ends.values()).map(|(begin, end)| end.saturating_sub(begin));
        batches.map(|batches| batches.div_ceil(accumulation.max(1))).sum()
    }
}
