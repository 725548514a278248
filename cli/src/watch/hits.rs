//! The places of elements on the screen: for the mouse, and for keys that depend on sizes.

use super::graphics::Picture;
use super::model::Page;
use crate::draw::{Area, Extent, Scale};

/// The element under the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hit {
    Card(usize),
    Run(usize),
    Tag(usize),
    Page(Page),
}

/// The places of all elements, the sizes that keys depend on, and what is drawn over the cells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hits {
    areas: Vec<(Area, Hit)>,
    /// The plots of cards, with their x axes.
    plots: Vec<(usize, Area, Scale)>,
    pub(crate) cards: usize,
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    pub(crate) card_width: usize,
    /// The range of x of the selected card.
    pub(crate) x_shown: Option<Extent>,
    /// Whether the lists of runs and tags may be shown.
    pub(crate) has_sidebar: bool,
    /// The images that are drawn by a protocol of the terminal.
    pub(crate) pictures: Vec<Picture>,
}

impl Hits {
    pub(crate) fn add(&mut self, area: Area, hit: Hit) {
        self.areas.push((area, hit));
    }

    pub(crate) fn add_plot(&mut self, card: usize, area: Area, x: Scale, is_selected: bool) {
        self.plots.push((card, area, x));
        if is_selected || self.x_shown.is_none() {
            self.x_shown = Some(Extent { min: x.min, max: x.max });
            self.card_width = area.width;
        }
    }

    pub(crate) fn at(&self, x: usize, y: usize) -> Option<Hit> {
        self.areas.iter().rev().find(|(area, _)| area.contains(x, y)).map(|(_, hit)| *hit)
    }

    /// Returns where a column of cells is on the x axis of a card.
    pub(crate) fn x_at(&self, card: usize, column: usize) -> Option<f64> {
        let (_, area, x) = self.plots.iter().find(|(found, _, _)| *found == card)?;
        let at = column.checked_sub(area.x).filter(|at| *at < area.width)?;
        Some(x.invert((at as f64 + 0.5) / area.width as f64))
    }
}
