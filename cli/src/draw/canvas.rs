//! Pixels in cells of text: braille, half blocks or ASCII.

use super::palette::{Color, Style};

/// The characters that cells are drawn with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Glyphs {
    /// 2 × 4 dots per cell.
    #[default]
    Braille,
    /// 1 × 2 blocks per cell, for fonts without braille.
    HalfBlocks,
    /// A letter per cell.
    Ascii,
}

impl Glyphs {
    /// Returns the pixels of a cell: columns and rows.
    pub(crate) fn pixels(self) -> (usize, usize) {
        match self {
            Self::Braille => (2, 4),
            Self::HalfBlocks => (1, 2),
            Self::Ascii => (1, 1),
        }
    }

    pub(crate) fn is_ascii(self) -> bool {
        self == Self::Ascii
    }
}

/// A character with its colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) glyph: char,
    pub(crate) fg: Color,
    pub(crate) bg: Color,
    pub(crate) is_dim: bool,
    pub(crate) is_bold: bool,
}

impl Cell {
    /// For what stands back: labels, axes, hints.
    pub(crate) const MUTED: Self =
        Self { glyph: ' ', fg: Color::Muted, bg: Color::Default, is_dim: false, is_bold: false };
}

impl Default for Cell {
    fn default() -> Self {
        let (fg, bg) = (Color::Default, Color::Default);
        Self { glyph: ' ', fg, bg, is_dim: false, is_bold: false }
    }
}

/// Where a rectangle of cells lies in a [`Grid`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) x: usize,
    pub(crate) y: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl Area {
    pub(crate) fn contains(&self, x: usize, y: usize) -> bool {
        (self.x..self.x + self.width).contains(&x) && (self.y..self.y + self.height).contains(&y)
    }
}

/// A rectangle of cells. A wide character is followed by a cell with the glyph `\0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grid {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) cells: Vec<Cell>,
}

impl Grid {
    pub(crate) fn new(width: usize, height: usize) -> Self {
        Self { width, height, cells: vec![Cell::default(); width * height] }
    }

    pub(crate) fn row(&self, y: usize) -> &[Cell] {
        &self.cells[y * self.width..][..self.width]
    }

    /// Sets a cell; does nothing outside.
    pub(crate) fn set(&mut self, x: usize, y: usize, cell: Cell) {
        if x < self.width && y < self.height {
            self.cells[y * self.width + x] = cell;
        }
    }

    /// Writes text from a place to the right, as far as there is space; returns its width.
    pub(crate) fn text(&mut self, x: usize, y: usize, text: &str, like: Cell) -> usize {
        let mut at = x;
        for glyph in text.chars() {
            let width = unicode_width::UnicodeWidthChar::width(glyph).unwrap_or(0);
            if width == 0 || at + width > self.width {
                continue;
            }
            self.set(at, y, Cell { glyph, ..like });
            for hidden in 1..width {
                self.set(at + hidden, y, Cell { glyph: '\0', ..like });
            }
            at += width;
        }
        at - x
    }

    /// Copies another grid into this one.
    pub(crate) fn place(&mut self, other: &Self, left: usize, top: usize) {
        for y in 0..other.height {
            for (x, cell) in other.row(y).iter().enumerate() {
                self.set(left + x, top + y, *cell);
            }
        }
    }

    /// Returns the text without colors, and without spaces at the ends of lines.
    pub(crate) fn plain(&self) -> String {
        let mut text = String::new();
        for y in 0..self.height {
            let line: String =
                self.row(y).iter().map(|cell| cell.glyph).filter(|c| *c != '\0').collect();
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// The order of drawing: a cell shows its highest layer alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Layer {
    #[default]
    Nothing,
    Band,
    Line,
}

/// How pixels are set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ink {
    pub(crate) style: Style,
    pub(crate) layer: Layer,
}

/// Pixels, with the origin in the upper left corner.
#[derive(Debug)]
pub(crate) struct Canvas {
    glyphs: Glyphs,
    columns: usize,
    rows: usize,
    cells: Vec<CanvasCell>,
}

#[derive(Clone, Copy, Debug, Default)]
struct CanvasCell {
    dots: u8,
    layer: Layer,
    /// Of the upper and the lower half for half blocks; of the whole cell otherwise.
    styles: [Style; 2],
}

/// Bits of the dots of a braille cell, row by row.
const DOTS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

impl Canvas {
    pub(crate) fn new(columns: usize, rows: usize, glyphs: Glyphs) -> Self {
        Self { glyphs, columns, rows, cells: vec![CanvasCell::default(); columns * rows] }
    }

    /// Returns the size in pixels.
    pub(crate) fn pixels(&self) -> (usize, usize) {
        let (x, y) = self.glyphs.pixels();
        (self.columns * x, self.rows * y)
    }

    pub(crate) fn set(&mut self, x: i64, y: i64, ink: Ink) {
        let (per_x, per_y) = self.glyphs.pixels();
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
        let (column, row) = (x / per_x, y / per_y);
        if column >= self.columns || row >= self.rows {
            return;
        }
        let cell = &mut self.cells[row * self.columns + column];
        if ink.layer < cell.layer {
            return;
        }
        if ink.layer > cell.layer {
            *cell = CanvasCell { layer: ink.layer, ..CanvasCell::default() };
        }
        let (x, y) = (x % per_x, y % per_y);
        match self.glyphs {
            Glyphs::HalfBlocks => {
                cell.dots |= 1 << y;
                cell.styles[y] = ink.style;
            }
            _ => {
                cell.dots |= DOTS[y][x];
                cell.styles[0] = ink.style;
            }
        }
    }

    /// Draws a line between two places in pixels, as far as it is on the canvas.
    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), ink: Ink) {
        let (width, height) = self.pixels();
        let Some((from, to)) = clip(from, to, width as f64, height as f64) else { return };
        let (mut x, mut y) = (from.0.floor() as i64, from.1.floor() as i64);
        let (end_x, end_y) = (to.0.floor() as i64, to.1.floor() as i64);
        let (dx, dy) = ((end_x - x).abs(), -(end_y - y).abs());
        let (step_x, step_y) = ((end_x - x).signum(), (end_y - y).signum());
        let mut error = dx + dy;
        loop {
            self.set(x, y, ink);
            if (x, y) == (end_x, end_y) {
                return;
            }
            let doubled = 2 * error;
            if doubled >= dy {
                error += dy;
                x += step_x;
            }
            if doubled <= dx {
                error += dx;
                y += step_y;
            }
        }
    }

    /// Puts the cells that are not empty into a grid.
    pub(crate) fn draw_on(&self, grid: &mut Grid, left: usize, top: usize) {
        for (at, cell) in self.cells.iter().enumerate() {
            if cell.dots == 0 {
                continue;
            }
            let color = |half: usize| Color::Curve(cell.styles[half].color);
            let is_dim = cell.layer == Layer::Band;
            let mut drawn = Cell { fg: color(0), is_dim, ..Cell::default() };
            match self.glyphs {
                Glyphs::Braille => {
                    drawn.glyph = char::from_u32(0x2800 + u32::from(cell.dots)).unwrap_or(' ');
                }
                Glyphs::HalfBlocks => match cell.dots {
                    1 => drawn.glyph = '▀',
                    2 => (drawn.glyph, drawn.fg) = ('▄', color(1)),
                    _ if cell.styles[0] == cell.styles[1] => drawn.glyph = '█',
                    _ => (drawn.glyph, drawn.bg) = ('▀', color(1)),
                },
                Glyphs::Ascii => {
                    drawn.glyph = if is_dim { ':' } else { cell.styles[0].mark(true) };
                }
            }
            grid.set(left + at % self.columns, top + at / self.columns, drawn);
        }
    }
}

/// Cuts a line to what lies within `0..width` and `0..height`, by Liang and Barsky.
fn clip(
    from: (f64, f64),
    to: (f64, f64),
    width: f64,
    height: f64,
) -> Option<((f64, f64), (f64, f64))> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    if !(from.0.is_finite() && from.1.is_finite() && dx.is_finite() && dy.is_finite()) {
        return None;
    }
    let (mut start, mut end) = (0.0f64, 1.0f64);
    let (right, bottom) = (width - 1e-6, height - 1e-6);
    for (delta, distance) in
        [(-dx, from.0), (dx, right - from.0), (-dy, from.1), (dy, bottom - from.1)]
    {
        if delta == 0.0 {
            if distance < 0.0 {
                return None;
            }
            continue;
        }
        let at = distance / delta;
        if delta < 0.0 { start = start.max(at) } else { end = end.min(at) }
    }
    let place =
        |at: f64| ((from.0 + at * dx).clamp(0.0, right), (from.1 + at * dy).clamp(0.0, bottom));
    (start <= end).then(|| (place(start), place(end)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Line = ((f64, f64), (f64, f64));

    fn drawn(glyphs: Glyphs, lines: &[Line]) -> String {
        let mut canvas = Canvas::new(4, 2, glyphs);
        let ink = Ink { style: Style::default(), layer: Layer::Line };
        for &(from, to) in lines {
            canvas.line(from, to, ink);
        }
        let mut grid = Grid::new(4, 2);
        canvas.draw_on(&mut grid, 0, 0);
        grid.plain()
    }

    #[test]
    fn lines_are_dots() {
        // A diagonal over 8 × 8 dots.
        assert_eq!(drawn(Glyphs::Braille, &[((0.0, 0.0), (7.0, 7.0))]), "⠑⢄\n  ⠑⢄\n");
        assert_eq!(drawn(Glyphs::Braille, &[((0.0, 0.0), (7.0, 0.0))]), "⠉⠉⠉⠉\n\n");
        assert_eq!(drawn(Glyphs::HalfBlocks, &[((0.0, 0.0), (3.0, 3.0))]), "▀▄\n  ▀▄\n");
        assert_eq!(drawn(Glyphs::Ascii, &[((0.0, 0.0), (3.0, 0.0))]), "oooo\n\n");
    }

    #[test]
    fn a_line_hides_a_band() {
        let mut canvas = Canvas::new(1, 1, Glyphs::Braille);
        let style = Style::default();
        canvas.set(0, 0, Ink { style, layer: Layer::Band });
        canvas.set(1, 3, Ink { style, layer: Layer::Line });
        canvas.set(0, 1, Ink { style, layer: Layer::Band });
        let mut grid = Grid::new(1, 1);
        canvas.draw_on(&mut grid, 0, 0);
        assert_eq!(grid.plain(), "⢀\n");
    }

    #[test]
    fn wide_characters_take_two_cells() {
        let mut grid = Grid::new(5, 1);
        assert_eq!(grid.text(0, 0, "学a習慣", Cell::default()), 5);
        assert_eq!(grid.plain(), "学a習\n");
    }

    proptest! {
        #[test]
        fn no_line_leaves_the_canvas(
            points in proptest::collection::vec((any::<f64>(), any::<f64>()), 2..10),
            near in proptest::collection::vec((-50.0f64..50.0, -50.0f64..50.0), 2..10),
        ) {
            for list in [points, near] {
                for pair in list.windows(2) {
                    for glyphs in [Glyphs::Braille, Glyphs::HalfBlocks, Glyphs::Ascii] {
                        drawn(glyphs, &[(pair[0], pair[1])]);
                    }
                }
            }
        }
    }
}
