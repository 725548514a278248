//! A chart in cells of text: title, axes, curves.

use super::canvas::{Canvas, Cell, Glyphs, Grid, Ink, Layer};
use super::palette::Color;
use super::plot::{Drawn, Plot};
use super::scale::{ScaleKind, x_ticks};
use super::series::XAxis;
use super::text;
use super::thin::{Gap, Segment, Spot};

/// Title, cursor and glyphs of a chart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frame<'a> {
    pub(crate) title: &'a str,
    pub(crate) glyphs: Glyphs,
    pub(crate) utc_offset: i64,
    /// Where a cursor is, in units of the x axis.
    pub(crate) cursor: Option<f64>,
    /// Whether the title is emphasized.
    pub(crate) is_focused: bool,
    /// A name of the x axis where it has another one than its kind.
    pub(crate) x_name: Option<&'a str>,
}

/// Where the parts of a chart lie, in cells of its grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) left: usize,
    pub(crate) top: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl Layout {
    /// Divides a rectangle; labels are left out where there is no space for them.
    pub(crate) fn new(width: usize, height: usize) -> Self {
        let top = usize::from(height > 2);
        let left = match width {
            0..16 => 0,
            16..32 => 8,
            _ => 9,
        };
        let bottom = match height {
            0..5 => 0,
            5 => 1,
            _ => 2,
        };
        let (width, height) = (width.saturating_sub(left + 1), height.saturating_sub(top + bottom));
        Self { left, top, width: width.max(1), height: height.max(1) }
    }

    /// Returns the number of columns that a plot is thinned to.
    pub(crate) fn columns(&self, glyphs: Glyphs) -> usize {
        self.width * glyphs.pixels().0
    }
}

/// Draws a chart. The plot has as many columns as [`Layout::columns`] says.
pub(crate) fn draw(plot: &Plot, frame: &Frame<'_>, width: usize, height: usize) -> Grid {
    let mut grid = Grid::new(width, height);
    let layout = Layout::new(width, height);
    if layout.top > 0 {
        draw_title(&mut grid, plot, frame);
    }
    draw_axes(&mut grid, plot, frame, layout);
    if !plot.has_points {
        let middle = layout.top + layout.height / 2;
        grid.text(layout.left + 2, middle, "no points", Cell::MUTED);
        return grid;
    }
    let mut canvas = Canvas::new(layout.width, layout.height, frame.glyphs);
    for curve in &plot.curves {
        draw_bands(&mut canvas, plot, curve);
    }
    for curve in &plot.curves {
        let line = if curve.is_smoothed { &curve.thinned.smoothed } else { &curve.thinned.raw };
        let ink = Ink { style: curve.style, layer: Layer::Line };
        draw_line(&mut canvas, plot, line, ink);
    }
    if let Some(x) = frame.cursor {
        draw_cursor(&mut grid, plot, frame, layout, x);
    }
    canvas.draw_on(&mut grid, layout.left, layout.top);
    draw_marks(&mut grid, plot, frame, layout);
    grid
}

fn draw_title(grid: &mut Grid, plot: &Plot, frame: &Frame<'_>) {
    let mut notes = Vec::new();
    if plot.y.kind != ScaleKind::Linear {
        notes.push(plot.y.kind.name().to_owned());
    }
    if plot.outside > 0 {
        notes.push(plot.outliers());
    }
    // The name is shown whole before the notes.
    let space = grid.width.saturating_sub(text::width(frame.title) + 1);
    let note = text::join_fitting(&notes, space);
    let title = text::shorten_middle(frame.title, grid.width, frame.glyphs.is_ascii());
    let like = Cell { is_bold: true, ..Cell::default() };
    let fg = if frame.is_focused { Color::Warning } else { Color::Default };
    let at = grid.text(0, 0, &title, Cell { fg, ..like });
    grid.text(at + 1, 0, &note, Cell::MUTED);
}

fn draw_axes(grid: &mut Grid, plot: &Plot, frame: &Frame<'_>, layout: Layout) {
    let is_ascii = frame.glyphs.is_ascii();
    let pick = |glyph, ascii| if is_ascii { ascii } else { glyph };
    let Layout { left, top, width, height } = layout;
    let bottom = top + height;
    let has_axis = bottom < grid.height;
    let muted = |glyph| Cell { glyph, ..Cell::MUTED };
    if left > 0 {
        for y in top..bottom {
            grid.set(left - 1, y, muted(pick('│', '|')));
        }
        let mut last = None;
        // Labels need two rows each to be readable.
        for tick in plot.y.ticks((height / 2).clamp(2, 8)).iter().rev() {
            let place = (1.0 - plot.y.position(tick.value)) * height as f64;
            let row = top + (place.floor() as usize).min(height - 1);
            if last.is_some_and(|last| row <= last) {
                continue;
            }
            last = Some(row);
            let label = text::shorten(&tick.label, left - 1, is_ascii);
            let at = (left - 1).saturating_sub(text::width(&label));
            grid.text(at, row, &label, Cell::MUTED);
            grid.set(left - 1, row, muted(pick('┤', '+')));
        }
    }
    if !has_axis {
        return;
    }
    for x in left..left + width {
        grid.set(x, bottom, muted(pick('─', '-')));
    }
    if left > 0 {
        grid.set(left - 1, bottom, muted(pick('└', '+')));
    }
    if bottom + 1 >= grid.height {
        return;
    }
    let name = frame.x_name.unwrap_or(match (plot.axis, plot.x.kind) {
        (XAxis::Step, ScaleKind::Linear) => "",
        (XAxis::Step, _) => "log step",
        (axis, ScaleKind::Linear) => axis.name(),
        (_, _) => "log relative",
    });
    let mut free = 0;
    if width > 2 * name.len() + 12 {
        free = grid.text(0, bottom + 1, &text::shorten(name, left, is_ascii), Cell::MUTED);
        free += usize::from(free > 0);
    }
    let first = free.max(left.saturating_sub(1));
    for tick in x_ticks(&plot.x, plot.axis, (width / 10).max(2), frame.utc_offset) {
        let column = left + ((plot.x.position(tick.value) * width as f64) as usize).min(width - 1);
        let label_width = text::width(&tick.label);
        // Centered, but for the ends of the axis.
        let at = column.saturating_sub(label_width / 2).min(grid.width.saturating_sub(label_width));
        let at = at.max(first);
        if at < free || at + label_width > grid.width {
            continue;
        }
        grid.set(column, bottom, muted(pick('┬', '+')));
        grid.text(at, bottom + 1, &tick.label, Cell::MUTED);
        free = at + label_width + 1;
    }
}

fn to_pixels(plot: &Plot, canvas: &Canvas, spot: Spot) -> (f64, f64) {
    let (width, height) = canvas.pixels();
    let (x, y) = plot.place(spot);
    (x * width as f64, y * height as f64)
}

fn draw_line(canvas: &mut Canvas, plot: &Plot, segments: &[Segment], ink: Ink) {
    let mut last: Option<(f64, f64)> = None;
    for segment in segments {
        let first = to_pixels(plot, canvas, segment.first);
        // The pixel at the right end has the last value.
        let first = inside(first, canvas);
        let from = if segment.is_joined { last.unwrap_or(first) } else { first };
        canvas.line(from, first, ink);
        let (_, height) = canvas.pixels();
        let rows = [segment.max, segment.min].map(|y| (1.0 - plot.y.position(y)) * height as f64);
        let middle = first.0;
        canvas.line((middle, rows[0]), (middle, rows[1]), ink);
        last = Some(inside(to_pixels(plot, canvas, segment.last), canvas));
    }
}

/// Moves what lies on the right or the lower edge onto the canvas.
fn inside((x, y): (f64, f64), canvas: &Canvas) -> (f64, f64) {
    let (width, height) = canvas.pixels();
    let onto = |at: f64, end: usize| if at == end as f64 { at - 0.5 } else { at };
    (onto(x, width), onto(y, height))
}

fn draw_bands(canvas: &mut Canvas, plot: &Plot, curve: &Drawn) {
    let ink = Ink { style: curve.style, layer: Layer::Band };
    let (_, height) = canvas.pixels();
    let row = |y: f64| (1.0 - plot.y.position(y)) * height as f64;
    if curve.is_smoothed {
        draw_line(canvas, plot, &curve.thinned.raw, ink);
    }
    let edges: Vec<_> = curve
        .lower
        .iter()
        .zip(&curve.upper)
        .map(|(lower, upper)| (f64::from(lower.column), row(lower.min), row(upper.max)))
        .collect();
    let mut fill = |column: f64, low: f64, high: f64| {
        // Every other dot, so that what lies behind is seen.
        let rows = high.max(0.0).floor() as i64..=low.min(height as f64 - 0.5).floor() as i64;
        for y in rows.filter(|y| (y + column as i64) % 2 == 0) {
            canvas.set(column as i64, y, ink);
        }
    };
    if let [(column, low, high)] = edges[..] {
        fill(column, low, high);
    }
    for pair in edges.windows(2) {
        let [from, to] = [pair[0], pair[1]];
        let mut column = from.0.max(0.0);
        while column <= to.0.min(plot.columns as f64) {
            let part = if to.0 > from.0 { (column - from.0) / (to.0 - from.0) } else { 0.0 };
            let between = |a: f64, b: f64| a + (b - a) * part;
            fill(column, between(from.1, to.1), between(from.2, to.2));
            column += 1.0;
        }
    }
}

fn draw_cursor(grid: &mut Grid, plot: &Plot, frame: &Frame<'_>, layout: Layout, x: f64) {
    let position = plot.x.position(x);
    if !(0.0..=1.0).contains(&position) {
        return;
    }
    let column = layout.left + ((position * layout.width as f64) as usize).min(layout.width - 1);
    let glyph = if frame.glyphs.is_ascii() { '!' } else { '┊' };
    for y in layout.top..layout.top + layout.height {
        grid.set(column, y, Cell { glyph, fg: Color::Warning, ..Cell::default() });
    }
}

/// Draws a run's shape at the end of its curve, and what is not finite on the axis.
fn draw_marks(grid: &mut Grid, plot: &Plot, frame: &Frame<'_>, layout: Layout) {
    let is_ascii = frame.glyphs.is_ascii();
    for curve in &plot.curves {
        let line = if curve.is_smoothed { &curve.thinned.smoothed } else { &curve.thinned.raw };
        let in_view = |s: &&Segment| (0..plot.columns as i32).contains(&s.column);
        let Some(last) = line.iter().rev().find(in_view) else { continue };
        let (x, y) = plot.place(last.last);
        if !(0.0..=1.0).contains(&x) || !(0.0..=1.0).contains(&y) {
            continue;
        }
        let column = ((x * layout.width as f64) as usize).min(layout.width - 1);
        let row = ((y * layout.height as f64) as usize).min(layout.height - 1);
        let (glyph, fg) = (curve.style.mark(is_ascii), Color::Curve(curve.style.color));
        grid.set(layout.left + column, layout.top + row, Cell { glyph, fg, ..Cell::default() });
    }
    let per_cell = frame.glyphs.pixels().0;
    for (column, gap) in plot.curves.iter().flat_map(|curve| &curve.thinned.gaps) {
        let column = layout.left + *column as usize / per_cell;
        let (row, glyph) = match gap {
            Gap::Nan => (layout.top + layout.height, if is_ascii { 'X' } else { '×' }),
            Gap::Infinite => (layout.top, if is_ascii { '^' } else { '↑' }),
            Gap::NegativeInfinite => {
                (layout.top + layout.height - 1, if is_ascii { 'v' } else { '↓' })
            }
        };
        let row = row.min(grid.height - 1);
        grid.set(column, row, Cell { glyph, fg: Color::Warning, is_bold: true, ..Cell::default() });
    }
}
