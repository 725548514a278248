//! The layout of a run's Custom Scalars dashboard.
//!
//! TensorBoard keeps only the last layout of a run, so all charts are merged into one layout, those
//! of earlier sessions included.

use crate::read::Run;
use crate::storage::Storage;
use crate::summary::charts::LAYOUT_TAG;
use crate::summary::{Chart, ChartLayout};
use crate::system::{Causes, Mutex};
use std::collections::{HashMap, HashSet};
use std::fmt::Display;
use std::path::Path;
use std::sync::{Arc, MutexGuard};

/// The category of charts whose tag has no `/`.
const CATEGORY: &str = "Scalars";
/// Stands for a chart with a band among the names of its tag: no name of a curve ends in a slash.
const BAND: &str = "mean, minimum and maximum/";

/// The layout of one run.
#[derive(Debug, Default)]
pub(super) struct RunLayout {
    /// All charts; `None` until this session adds some.
    charts: Option<ChartLayout>,
    /// Whether the current charts are in an event that was accepted.
    written: bool,
    /// The names that were logged under each main tag.
    names: HashMap<String, HashSet<String>>,
}

impl RunLayout {
    /// Returns the locked layout of a run, to add charts to. The layout of earlier sessions is read
    /// first, without the lock, because the disk may be slow.
    pub(super) fn lock(
        layout: &Mutex<Self>,
        read: impl FnOnce() -> ChartLayout,
    ) -> MutexGuard<'_, Self> {
        let known = layout.lock().charts.is_some();
        let earlier = (!known).then(read);
        let mut layout = layout.lock();
        if let Some(earlier) = earlier {
            // Another thread may have been quicker.
            layout.charts.get_or_insert(earlier);
        }
        layout
    }

    /// Merges charts into the layout; returns it if it has to be written.
    pub(super) fn merge(&mut self, charts: &ChartLayout) -> Option<&ChartLayout> {
        self.change(|layout| layout.merge(charts))
    }

    /// Adds a chart with a band to the layout; returns it if it has to be written.
    pub(super) fn add_band(&mut self, main_tag: &str, chart: Chart) -> Option<&ChartLayout> {
        self.names.entry(main_tag.to_owned()).or_default().insert(BAND.to_owned());
        let category = category(main_tag);
        self.change(|layout| layout.merge(&ChartLayout::new().category(category, [chart])))
    }

    /// Returns whether the chart with a band of this tag was added before, and the layout is written.
    pub(super) fn knows_band(&self, main_tag: &str) -> bool {
        self.knows(main_tag, BAND)
    }

    /// Returns whether this name was logged with this main tag before, and the layout is written.
    pub(super) fn knows(&self, main_tag: &str, name: &str) -> bool {
        self.written && self.names.get(main_tag).is_some_and(|names| names.contains(name))
    }

    /// Sets whether the event of the layout was accepted. If it was dropped, the next call writes
    /// the layout again.
    pub(super) fn set_written(&mut self, written: bool) {
        self.written = written;
    }

    /// Adds a line for each of these names to the chart of a main tag; returns the layout if it has
    /// to be written.
    pub(super) fn extend(&mut self, main_tag: &str, names: Vec<String>) -> Option<&ChartLayout> {
        let tags: Vec<String> = names.iter().map(|name| format!("{main_tag}/{name}")).collect();
        self.names.entry(main_tag.to_owned()).or_default().extend(names);
        self.change(|layout| {
            layout.extend_lines(category(main_tag), main_tag, tags.iter().map(String::as_str));
        })
    }

    fn change(&mut self, change: impl FnOnce(&mut ChartLayout)) -> Option<&ChartLayout> {
        let mut charts = self.charts.clone().unwrap_or_default();
        change(&mut charts);
        if self.written && self.charts.as_ref() == Some(&charts) {
            return None;
        }
        Some(self.charts.insert(charts))
    }
}

/// Returns the category of a chart by its tag.
fn category(main_tag: &str) -> &str {
    main_tag.split_once('/').map_or(CATEGORY, |(category, _)| category)
}

/// Returns the last layout in a run's event files.
pub(super) fn last_layout(storage: Arc<dyn Storage>, dir: &Path) -> ChartLayout {
    let mut last = ChartLayout::new();
    let warn = |reason: &dyn Display| {
        log::warn!("cannot read the earlier layout of charts in {}: {reason}", dir.display());
    };
    // If the directory cannot be listed, the writer reports it.
    let Ok(run) = Run::open_on(storage, dir) else { return last };
    for event in run.events() {
        match event {
            Ok(event) => {
                let layouts = event.values().iter().filter(|value| value.tag() == LAYOUT_TAG);
                for value in layouts {
                    let tensor = value.tensor();
                    let bytes = tensor.as_ref().and_then(|t| t.strings().first().copied());
                    match bytes.map(ChartLayout::decode) {
                        Some(Ok(layout)) => last = layout,
                        Some(Err(error)) => warn(&Causes(&error)),
                        None => warn(&"invalid tensor (expected a string)"),
                    }
                }
            }
            Err(error) => warn(&Causes(&error)),
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Duration;

    #[test]
    fn earlier_charts_are_read_without_the_lock() {
        let layout = Arc::new(Mutex::new(RunLayout::default()));
        let read = || {
            let (other, (done, asked)) = (layout.clone(), mpsc::channel());
            std::thread::spawn(move || done.send(other.lock().knows("loss", "train")));
            assert_eq!(
                asked.recv_timeout(Duration::from_secs(30)),
                Ok(false),
                "others wait for the disk"
            );
            // Charts that another thread adds meanwhile are kept.
            let names = vec!["train".to_owned()];
            RunLayout::lock(&layout, ChartLayout::new).extend("loss", names);
            ChartLayout::new()
        };
        let mut charts = RunLayout::lock(&layout, read);
        let charts = charts.extend("loss", vec!["test".to_owned()]).unwrap().clone();
        let mut expected = ChartLayout::new();
        expected.extend_lines("Scalars", "loss", ["loss/train", "loss/test"].into_iter());
        assert_eq!(charts, expected);
    }
}
