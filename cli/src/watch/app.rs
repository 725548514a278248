//! The state of the screen, apart from the data: what is looked at and how.

use super::filter::{RunFilter, last_line};
use super::graphics::{CellSize, Protocol};
use super::model::{Filters, Page};
use crate::draw::{Extent, Glyphs, Palette, ScaleKind, View, XAxis};
use regex::Regex;
use std::collections::HashSet;

/// Where keys go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Focus {
    #[default]
    Cards,
    Runs,
    Tags,
}

/// The text typed at the bottom of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PromptKind {
    Runs,
    Tags,
    Group,
}

impl PromptKind {
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Runs => "runs (regex, or hp.NAME<VALUE)",
            Self::Tags => "tags (regex)",
            Self::Group => "group runs by (regex)",
        }
    }
}

/// A text that is being typed.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    pub(crate) kind: PromptKind,
    pub(crate) text: String,
    pub(crate) error: Option<String>,
}

/// The position in a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) selected: usize,
    /// The first row that is seen.
    pub(crate) top: usize,
}

impl Position {
    pub(crate) fn move_by(&mut self, by: isize, len: usize) {
        self.selected = self.selected.saturating_add_signed(by).min(len.saturating_sub(1));
    }

    /// Scrolls so that a row is within a window.
    pub(crate) fn show(&mut self, row: usize, height: usize) {
        self.top = self.top.min(row).max((row + 1).saturating_sub(height.max(1)));
    }
}

/// Everything that keys and the mouse change.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) page: Page,
    pub(crate) view: View,
    pub(crate) filters: Filters,
    /// The filters as they were typed.
    pub(crate) typed: [String; 3],
    pub(crate) focus: Focus,
    pub(crate) cards: Position,
    pub(crate) runs: Position,
    pub(crate) tags: Position,
    pub(crate) collapsed: HashSet<String>,
    /// The cards beside each other; as many as fit if it is not set.
    pub(crate) columns: Option<usize>,
    pub(crate) is_full: bool,
    pub(crate) has_sidebar: bool,
    pub(crate) has_help: bool,
    pub(crate) help_top: usize,
    pub(crate) prompt: Option<Prompt>,
    /// Where the cursor is, in units of the x axis.
    pub(crate) cursor: Option<f64>,
    /// Which of several steps an image, text or curve is shown at, from the last.
    pub(crate) back: usize,
    /// The metric that the table of hyperparameters is sorted by, and whether the largest is best.
    pub(crate) sort: usize,
    pub(crate) sort_is_reversed: bool,
    /// The first column of that table after the name of the run.
    pub(crate) column: usize,
    pub(crate) keeps_all: bool,
    pub(crate) palette: Palette,
    pub(crate) glyphs: Glyphs,
    pub(crate) has_color: bool,
    pub(crate) images: Protocol,
    pub(crate) cell_size: CellSize,
    /// The effect of the last key.
    pub(crate) message: Option<String>,
}

/// The steps of smoothing: TensorBoard's slider has 0.6 at first.
const WEIGHTS: [f64; 9] = [0.0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999];

impl App {
    pub(crate) fn new(view: View, palette: Palette, glyphs: Glyphs) -> Self {
        Self {
            page: Page::Scalars,
            view,
            filters: Filters::default(),
            typed: Default::default(),
            focus: Focus::Cards,
            cards: Position::default(),
            runs: Position::default(),
            tags: Position::default(),
            collapsed: HashSet::new(),
            columns: None,
            is_full: false,
            has_sidebar: true,
            has_help: false,
            help_top: 0,
            prompt: None,
            cursor: None,
            back: 0,
            sort: 0,
            sort_is_reversed: false,
            column: 0,
            keeps_all: false,
            palette,
            glyphs,
            has_color: true,
            images: Protocol::default(),
            cell_size: CellSize::default(),
            message: None,
        }
    }

    /// Returns whether levels and pixels are letters: there is nothing else to show them by.
    pub(crate) fn has_letters_for_pixels(&self) -> bool {
        self.glyphs.is_ascii() || !self.has_color
    }

    pub(crate) fn set_page(&mut self, page: Page) {
        if self.page != page {
            self.page = page;
            self.cards = Position::default();
            self.tags = Position::default();
            self.is_full = false;
            (self.back, self.column) = (0, 0);
        }
    }

    /// Takes the next weight, or the one before.
    pub(crate) fn smooth_by(&mut self, by: isize) {
        let now = WEIGHTS.iter().position(|weight| *weight >= self.view.smoothing).unwrap_or(0);
        self.view.smoothing = WEIGHTS[now.saturating_add_signed(by).min(WEIGHTS.len() - 1)];
        self.message = Some(format!("smoothing {}", self.view.smoothing));
    }

    pub(crate) fn next_axis(&mut self) {
        self.view.axis = match self.view.axis {
            XAxis::Step => XAxis::Relative,
            XAxis::Relative => XAxis::Wall,
            XAxis::Wall => XAxis::Step,
        };
        // Neither means anything on another axis.
        (self.view.x_range, self.cursor) = (None, None);
        self.message = Some(format!("x: {}", self.view.axis.name()));
    }

    pub(crate) fn next_y_scale(&mut self) {
        self.view.y_scale = next_scale(self.view.y_scale);
        self.message = Some(format!("y: {}", self.view.y_scale.name()));
    }

    pub(crate) fn next_x_scale(&mut self) {
        if self.view.axis == XAxis::Wall {
            self.message = Some("x: wall time is linear".to_owned());
            return;
        }
        self.view.x_scale = match self.view.x_scale {
            ScaleKind::Linear => ScaleKind::Log,
            _ => ScaleKind::Linear,
        };
        self.message = Some(format!("x: {}", self.view.x_scale.name()));
    }

    pub(crate) fn toggle_clipping(&mut self) {
        self.view.clips_outliers = !self.view.clips_outliers;
        let text = if self.view.clips_outliers { "outliers clipped" } else { "outliers shown" };
        self.message = Some(text.to_owned());
    }

    /// Zooms around the cursor, or the middle.
    pub(crate) fn zoom(&mut self, factor: f64, shown: Extent) {
        let Extent { min, max } = shown;
        let middle = self.cursor.filter(|x| (min..=max).contains(x)).unwrap_or((min + max) / 2.0);
        let range =
            Extent { min: middle - (middle - min) * factor, max: middle + (max - middle) * factor };
        if range.min < range.max && range.min.is_finite() && range.max.is_finite() {
            self.view.x_range = Some(range);
        }
    }

    /// Moves the zoomed range by a part of its width.
    pub(crate) fn pan(&mut self, part: f64) {
        if let Some(Extent { min, max }) = self.view.x_range {
            let by = (max - min) * part;
            self.view.x_range = Some(Extent { min: min + by, max: max + by });
        }
    }

    pub(crate) fn open_prompt(&mut self, kind: PromptKind) {
        let text = self.typed[kind as usize].clone();
        self.prompt = Some(Prompt { kind, text, error: None });
    }

    /// Applies what is typed, while it is typed; a wrong expression leaves the filter as it was.
    pub(crate) fn apply_prompt(&mut self) {
        let Some(prompt) = &mut self.prompt else { return };
        let text = prompt.text.clone();
        let regex = |text: &str| match text {
            "" => Ok(None),
            text => Regex::new(text).map(Some).map_err(|error| last_line(&error)),
        };
        let result = match prompt.kind {
            PromptKind::Runs => RunFilter::parse(&text).map(|filter| self.filters.runs = filter),
            PromptKind::Tags => regex(&text).map(|filter| self.filters.tags = filter),
            PromptKind::Group => regex(&text).map(|filter| self.filters.by = filter),
        };
        if result.is_ok() {
            self.typed[prompt.kind as usize] = text;
            (self.cards, self.tags) = Default::default();
        }
        prompt.error = result.err();
    }

    /// Closes the innermost thing that is open.
    pub(crate) fn escape(&mut self) {
        if self.prompt.take().is_some() {
        } else if self.has_help {
            self.has_help = false;
        } else if self.cursor.take().is_some() || self.view.x_range.take().is_some() {
        } else if self.is_full {
            self.is_full = false;
        } else {
            self.focus = Focus::Cards;
        }
    }
}

fn next_scale(scale: ScaleKind) -> ScaleKind {
    match scale {
        ScaleKind::Linear => ScaleKind::Log,
        ScaleKind::Log => ScaleKind::Symlog,
        ScaleKind::Symlog => ScaleKind::Linear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> App {
        App::new(View::default(), Palette::OkabeIto, Glyphs::Braille)
    }

    #[test]
    fn escape_closes_the_innermost() {
        let mut app = app();
        app.is_full = true;
        app.view.x_range = Some(Extent { min: 0.0, max: 1.0 });
        app.cursor = Some(0.5);
        app.has_help = true;
        app.open_prompt(PromptKind::Runs);
        let open = |app: &App| {
            [
                app.prompt.is_some(),
                app.has_help,
                app.cursor.is_some(),
                app.view.x_range.is_some(),
                app.is_full,
            ]
        };
        for closed in 1..=5 {
            app.escape();
            assert_eq!(open(&app).iter().filter(|is_open| !**is_open).count(), closed);
        }
        app.escape();
    }

    #[test]
    fn a_wrong_expression_leaves_the_filter() {
        let mut app = app();
        for (text, is_wrong, applied) in [("lo", false, "lo"), ("lo(", true, "lo"), ("", false, "")]
        {
            app.prompt =
                Some(Prompt { kind: PromptKind::Tags, text: text.to_owned(), error: None });
            app.apply_prompt();
            assert_eq!(app.prompt.as_ref().unwrap().error.is_some(), is_wrong, "{text}");
            assert_eq!(app.filters.tags.as_ref().map_or("", Regex::as_str), applied);
        }
    }

    #[test]
    fn zooming_keeps_the_cursor_where_it_is() {
        let mut app = app();
        app.cursor = Some(25.0);
        app.zoom(0.5, Extent { min: 0.0, max: 100.0 });
        assert_eq!(app.view.x_range, Some(Extent { min: 12.5, max: 62.5 }));
        app.pan(0.5);
        assert_eq!(app.view.x_range, Some(Extent { min: 37.5, max: 87.5 }));
    }

    #[test]
    fn smoothing_stays_within_its_ends() {
        let mut app = app();
        app.smooth_by(-1);
        assert_eq!(app.view.smoothing, 0.0);
        (0..20).for_each(|_| app.smooth_by(1));
        assert_eq!(app.view.smoothing, 0.999);
    }

    #[test]
    fn lists_scroll_to_what_is_selected() {
        let mut position = Position::default();
        position.move_by(100, 30);
        position.show(position.selected, 10);
        assert_eq!(position, Position { selected: 29, top: 20 });
        position.move_by(-25, 30);
        position.show(position.selected, 10);
        assert_eq!(position, Position { selected: 4, top: 4 });
        position.move_by(1, 0);
        assert_eq!(position.selected, 0);
    }
}
