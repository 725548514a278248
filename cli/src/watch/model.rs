//! Runs and tags as they are listed: sorted, filtered, with their styles.

use super::filter::RunFilter;
use super::loader::{Health, Shared, Slot};
use crate::draw::{Style, Styles};
use crate::store::Content;
use regex::Regex;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use tfevents::read::{HParam, RunState};

/// The kind of data that a page shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Page {
    #[default]
    Scalars,
    Histograms,
    Images,
    Text,
    PrCurves,
    HParams,
}

impl Page {
    pub(crate) const ALL: [Self; 6] =
        [Self::Scalars, Self::Histograms, Self::Images, Self::Text, Self::PrCurves, Self::HParams];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Scalars => "scalars",
            Self::Histograms => "histograms",
            Self::Images => "images",
            Self::Text => "text",
            Self::PrCurves => "PR",
            Self::HParams => "hparams",
        }
    }

    fn of(content: &Content) -> Option<Self> {
        match content {
            Content::Scalars { .. } => Some(Self::Scalars),
            Content::Histograms(_) => Some(Self::Histograms),
            Content::Images(_) => Some(Self::Images),
            Content::Texts(_) => Some(Self::Text),
            Content::PrCurves(_) => Some(Self::PrCurves),
            Content::Other(_) => None,
        }
    }
}

/// A run as it is listed.
#[derive(Clone, Debug)]
pub(crate) struct RunRow {
    pub(crate) slot: Arc<Slot>,
    pub(crate) style: Style,
    pub(crate) health: Health,
    pub(crate) hparams: Vec<(String, HParam)>,
    /// Whether it is drawn.
    pub(crate) is_shown: bool,
    /// Grows with each change of its data.
    pub(crate) version: u64,
}

impl RunRow {
    /// Returns whether records are damaged, or missing at the end of a file that nobody writes.
    pub(crate) fn is_damaged(&self) -> bool {
        let is_cut = self.health.is_truncated && self.health.state != RunState::Live;
        self.health.damage > 0 || is_cut
    }
}

/// A picture of everything, made anew when data or filters have changed.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) runs: Vec<RunRow>,
    /// By page, the tags that match and the runs that have them, as numbers in `runs`.
    tags: BTreeMap<Page, Vec<(String, Vec<usize>)>>,
    /// How many runs there are without the filter.
    pub(crate) all_runs: usize,
    pub(crate) superseded: usize,
    styles: Styles,
}

/// The selection of runs and tags.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filters {
    pub(crate) runs: Option<RunFilter>,
    pub(crate) tags: Option<Regex>,
    /// Groups of runs that are reduced to a mean.
    pub(crate) by: Option<Regex>,
    /// Runs that were switched off.
    pub(crate) hidden: HashSet<String>,
}

impl Model {
    /// Looks at all runs. A run has the style of its name from when it was first seen.
    pub(crate) fn update(&mut self, shared: &Shared, filters: &Filters) {
        let slots = shared.slots();
        self.all_runs = slots.len();
        self.runs.clear();
        self.tags.clear();
        self.superseded = 0;
        let mut tags: BTreeMap<Page, BTreeMap<String, Vec<usize>>> = BTreeMap::new();
        for slot in slots {
            let style = self.styles.get(&slot.name);
            let data = slot.data();
            let filter = filters.runs.as_ref();
            if filter.is_some_and(|filter| !filter.matches(&slot.name, &data.hparams)) {
                continue;
            }
            self.superseded += data.superseded;
            let is_shown = !filters.hidden.contains(&slot.name);
            for tag in data.tags() {
                let is_selected =
                    filters.tags.as_ref().is_none_or(|regex| regex.is_match(&tag.name));
                if let (Some(page), true) = (Page::of(&tag.content), is_selected) {
                    let runs = tags.entry(page).or_default().entry(tag.name.clone()).or_default();
                    if is_shown {
                        runs.push(self.runs.len());
                    }
                }
            }
            let (hparams, version) = (data.hparams.clone(), data.version);
            drop(data);
            let health = slot.health();
            self.runs.push(RunRow { slot, style, health, hparams, is_shown, version });
        }
        for (page, tags) in tags {
            self.tags.insert(page, tags.into_iter().collect());
        }
    }

    /// Returns the cards of a page: tags and the numbers of the runs that are drawn. Histograms,
    /// images and texts have a card for each run.
    pub(crate) fn cards(&self, page: Page) -> Vec<(&str, Vec<usize>)> {
        let tags = self.tags.get(&page).map_or(&[][..], Vec::as_slice);
        match page {
            Page::Scalars | Page::PrCurves => {
                tags.iter().map(|(tag, runs)| (&**tag, runs.clone())).collect()
            }
            _ => {
                let each = |tag, runs: &'_ [usize]| {
                    runs.iter().map(move |run| (tag, vec![*run])).collect::<Vec<_>>()
                };
                tags.iter().flat_map(|(tag, runs)| each(&**tag, runs)).collect()
            }
        }
    }

    /// Returns the number of tags of a page.
    pub(crate) fn tag_count(&self, page: Page) -> usize {
        match page {
            Page::HParams => self.runs.iter().filter(|run| !run.hparams.is_empty()).count(),
            _ => self.tags.get(&page).map_or(0, Vec::len),
        }
    }

    /// Returns the tags of a page.
    pub(crate) fn tags(&self, page: Page) -> impl Iterator<Item = &str> {
        self.tags.get(&page).into_iter().flatten().map(|(tag, _)| &**tag)
    }

    pub(crate) fn live(&self) -> usize {
        self.runs.iter().filter(|run| run.health.state == RunState::Live).count()
    }
}
