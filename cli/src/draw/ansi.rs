//! Cells as escape sequences of a terminal.

use super::canvas::{Cell, Grid};
use super::palette::{Color, ColorSupport, Palette, ansi16, ansi256};
use std::fmt::Write;

/// How colors are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ansi {
    pub(crate) colors: ColorSupport,
    pub(crate) palette: Palette,
}

impl Ansi {
    /// Writes a grid as lines; without colors it is plain text.
    pub(crate) fn write(&self, grid: &Grid) -> String {
        if self.colors == ColorSupport::None {
            return grid.plain();
        }
        let mut text = String::new();
        for y in 0..grid.height {
            let row = grid.row(y);
            let end = row.iter().rposition(|cell| cell.glyph != ' ').map_or(0, |at| at + 1);
            let mut last = String::new();
            for cell in row[..end].iter().filter(|cell| cell.glyph != '\0') {
                let style = self.style(cell);
                if style != last {
                    if !last.is_empty() {
                        text.push_str("\x1b[0m");
                    }
                    text.push_str(&style);
                    last = style;
                }
                text.push(cell.glyph);
            }
            if !last.is_empty() {
                text.push_str("\x1b[0m");
            }
            text.push('\n');
        }
        text
    }

    /// Returns the sequence that begins a cell's style; empty for the default.
    fn style(&self, cell: &Cell) -> String {
        let mut codes = String::new();
        if cell.is_bold {
            codes.push_str("1;");
        }
        if cell.is_dim {
            codes.push_str("2;");
        }
        self.color(&mut codes, cell.fg, 30);
        self.color(&mut codes, cell.bg, 40);
        match codes.strip_suffix(';') {
            Some(codes) => format!("\x1b[{codes}m"),
            None => codes,
        }
    }

    fn color(&self, codes: &mut String, color: Color, base: u8) {
        let ansi = |codes: &mut String, number: u8| {
            let base = if number < 8 { base } else { base + 52 };
            // Writing to a string does not fail.
            let _ = write!(codes, "{};", base + number);
        };
        let rgb = match color {
            Color::Default => return,
            Color::Muted => return ansi(codes, 8),
            Color::Warning => return ansi(codes, 9),
            Color::Curve(color) if self.colors == ColorSupport::Ansi16 => {
                return ansi(codes, Palette::ansi(color));
            }
            Color::Curve(color) => self.palette.rgb(color),
            Color::Rgb(rgb) => rgb,
        };
        let _ = match self.colors {
            ColorSupport::True => {
                let [r, g, b] = rgb;
                write!(codes, "{};2;{r};{g};{b};", base + 8)
            }
            ColorSupport::Ansi256 => write!(codes, "{};5;{};", base + 8, ansi256(rgb)),
            _ => return ansi(codes, ansi16(rgb)),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_are_written_once_and_ended() {
        let mut grid = Grid::new(4, 1);
        let cell = Cell { glyph: 'a', fg: Color::Curve(1), ..Cell::default() };
        grid.set(0, 0, cell);
        grid.set(1, 0, cell);
        grid.set(2, 0, Cell { glyph: 'b', ..Cell::default() });
        let write = |colors| Ansi { colors, palette: Palette::OkabeIto }.write(&grid);
        assert_eq!(write(ColorSupport::True), "\x1b[38;2;86;180;233maa\x1b[0mb\n");
        assert_eq!(write(ColorSupport::Ansi256), "\x1b[38;5;74maa\x1b[0mb\n");
        assert_eq!(write(ColorSupport::Ansi16), "\x1b[36maa\x1b[0mb\n");
        assert_eq!(write(ColorSupport::None), "aab\n");
    }
}
