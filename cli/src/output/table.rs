//! Tables of aligned columns.

use super::escape::escape;
use super::terminal::{Style, paint};
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// On which side a column is aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// The maximum width of a column. A wider cell is written whole, but other rows are not padded to
/// its width.
const MAX_WIDTH: usize = 200;

/// A table: a header, and rows of as many cells.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<Cell>>,
}

/// A cell: text that is escaped already, and its style.
#[derive(Debug)]
pub(crate) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// Makes a cell of text from anywhere.
    pub(crate) fn new(text: impl AsRef<str>) -> Self {
        Self { text: escape(text.as_ref()).into_owned(), style: Style::Plain }
    }

    /// Makes a cell of what may be missing.
    pub(crate) fn optional(text: Option<impl ToString>) -> Self {
        text.map_or_else(|| Self::new("-"), |text| Self::new(text.to_string()))
    }

    /// Sets the style.
    pub(crate) fn styled(self, style: Style) -> Self {
        Self { style, ..self }
    }
}

impl Table {
    /// Makes a table without rows.
    pub(crate) fn new<S: AsRef<str>>(columns: impl IntoIterator<Item = (S, Align)>) -> Self {
        let escaped = |(name, align): (S, Align)| (escape(name.as_ref()).into_owned(), align);
        Self { columns: columns.into_iter().map(escaped).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Writes the table.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut widths: Vec<_> = self.columns.iter().map(|(name, _)| name.width()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.text.width().min(MAX_WIDTH));
            }
        }
        let header = self.columns.iter().map(|(name, _)| (name.as_str(), Style::Bold));
        self.write_row(out, &widths, header)?;
        for row in &self.rows {
            let cells = row.iter().map(|cell| (cell.text.as_str(), cell.style));
            self.write_row(out, &widths, cells)?;
        }
        Ok(())
    }

    fn write_row<'a>(
        &self,
        out: &mut dyn Write,
        widths: &[usize],
        cells: impl Iterator<Item = (&'a str, Style)>,
    ) -> io::Result<()> {
        for (at, (text, style)) in cells.enumerate() {
            // Not by the formatter, which panics above a width of 65535.
            let padding = " ".repeat(widths[at].saturating_sub(text.width()));
            let gap = if at == 0 { "" } else { "  " };
            let text = paint(text, style);
            match self.columns[at].1 {
                Align::Right => write!(out, "{gap}{padding}{text}")?,
                Align::Left if at + 1 == widths.len() => write!(out, "{gap}{text}")?,
                Align::Left => write!(out, "{gap}{text}{padding}")?,
            }
        }
        writeln!(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_width_and_names_are_escaped() {
        let mut table = Table::new([("RUN", Align::Left), ("N", Align::Right), ("X", Align::Left)]);
        table.row(["漢", "10", "a"].map(Cell::new));
        table.row(["a\x1bb", "7", "b"].map(Cell::new));
        let mut out = Vec::new();
        table.write(&mut out).unwrap();
        let expected = "RUN        N  X\n漢        10  a\na\\u{1b}b   7  b\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_very_wide_cell_is_whole_and_does_not_widen_the_others() {
        let mut table = Table::new([("TAG", Align::Left), ("N", Align::Right), ("X", Align::Left)]);
        let wide = "w".repeat(70_000);
        table.row([wide.as_str(), "1", "a"].map(Cell::new));
        table.row(["b", wide.as_str(), "c"].map(Cell::new));
        let mut out = Vec::new();
        table.write(&mut out).unwrap();
        let pad = |n| " ".repeat(n);
        let header = format!("TAG{}  {}N  X\n", pad(197), pad(199));
        let first = format!("{wide}  {}1  a\n", pad(199));
        let second = format!("b{}  {wide}  c\n", pad(199));
        assert_eq!(String::from_utf8(out).unwrap(), header + &first + &second);
    }
}
