//! What the files of a run hold of a training that goes on.

use std::collections::HashMap;
use std::path::Path;
use tfevents::read::RunReader;

/// Stands before the tags of an epoch's values.
pub(super) const EPOCH: &str = "epoch/";

/// The epochs before the one that a training goes on with.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Earlier {
    /// How many batches they had.
    pub(super) batches: u64,
    /// Metric, epoch and value.
    pub(super) values: Vec<(String, usize, f32)>,
}

impl Earlier {
    /// Reads the run's files. The values of an epoch stand behind those of its batches; where an
    /// epoch was done twice, the later one counts.
    pub(super) fn read(dir: &Path, epoch: usize) -> Self {
        let events = match RunReader::open(dir) {
            Ok(events) => events,
            Err(error) => {
                log::warn!("counting begins anew: {error}");
                return Self::default();
            }
        };
        let mut earlier = Self::default();
        let mut last_epoch = 0;
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
                if let (true, Some(step)) = (of >= last_epoch, last.get(name)) {
                    last_epoch = of;
                    earlier.batches = u64::try_from(*step).unwrap_or(0);
                }
                earlier.values.push((name.to_owned(), of, scalar));
            }
        }
        earlier
    }
}
