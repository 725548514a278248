//! The charts of a run's Custom Scalars dashboard, as they add up.
//!
//! TensorBoard keeps only the last layout of a run, so there is one, which grows. What earlier
//! sessions wrote into the run is part of it.

use crate::read::RunReader;
use crate::summary::ChartLayout;
use crate::summary::LAYOUT_TAG;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// The category of charts whose tag names none.
const CATEGORY: &str = "Scalars";

/// The layout of one run.
#[derive(Debug, Default)]
pub(super) struct RunLayout {
    /// All charts; none before this session has added some.
    charts: Option<ChartLayout>,
    /// They are in an event that was taken, as they are now.
    written: bool,
    /// The names that were logged under each main tag.
    names: HashMap<String, HashSet<String>>,
}

impl RunLayout {
    /// Merges charts into the layout; returns it if it has to be written.
    pub(super) fn merge(&mut self, dir: &Path, charts: &ChartLayout) -> Option<&ChartLayout> {
        self.change(dir, |layout| layout.merge(charts))
    }

    /// Whether this name was logged under this main tag before, and all is written.
    pub(super) fn knows(&self, main_tag: &str, name: &str) -> bool {
        self.written && self.names.get(main_tag).is_some_and(|names| names.contains(name))
    }

    /// What was to be written is taken, or was dropped: then it is to be written the next time.
    pub(super) fn set_written(&mut self, written: bool) {
        self.written = written;
    }

    /// Makes these names under a main tag lines of its chart; returns the layout if it has to be
    /// written.
    pub(super) fn extend(
        &mut self,
        dir: &Path,
        main_tag: &str,
        names: Vec<String>,
    ) -> Option<&ChartLayout> {
        let tags: Vec<String> = names.iter().map(|name| format!("{main_tag}/{name}")).collect();
        self.names.entry(main_tag.to_owned()).or_default().extend(names);
        let category = main_tag.split_once('/').map_or(CATEGORY, |(category, _)| category);
        self.change(dir, |layout| {
            layout.extend_lines(category, main_tag, tags.iter().map(String::as_str));
        })
    }

    fn change(
        &mut self,
        dir: &Path,
        change: impl FnOnce(&mut ChartLayout),
    ) -> Option<&ChartLayout> {
        let mut charts = self.charts.clone().unwrap_or_else(|| last_layout(dir));
        change(&mut charts);
        if self.written && self.charts.as_ref() == Some(&charts) {
            return None;
        }
        Some(self.charts.insert(charts))
    }
}

/// The layout that a run's event files have now.
fn last_layout(dir: &Path) -> ChartLayout {
    let mut last = ChartLayout::new();
    // A directory that cannot be listed is the writer's to tell of.
    let Ok(events) = RunReader::open(dir) else { return last };
    for event in events {
        match event {
            Ok(event) => {
                let layouts = event.values().iter().filter(|value| value.tag() == LAYOUT_TAG);
                for value in layouts {
                    let bytes = value.tensor().and_then(|tensor| tensor.strings().first());
                    match bytes.map(|bytes| ChartLayout::decode(bytes)) {
                        Some(Ok(layout)) => last = layout,
                        _ => log::warn!("{}: a layout cannot be read", dir.display()),
                    }
                }
            }
            Err(error) => log::warn!("looking for an earlier layout of charts: {error}"),
        }
    }
    last
}
