//! Vectors and their labels as the projector reads them: lines of values between tabs.

use super::EmbeddingError;
use std::io::{self, Write};

/// Writes a line for each row of `columns` values.
pub(crate) fn write_vectors(
    columns: usize,
    values: &[f32],
    out: &mut impl Write,
) -> io::Result<()> {
    for row in values.chunks(columns.max(1)) {
        for (column, value) in row.iter().enumerate() {
            let tab = if column > 0 { "\t" } else { "" };
            write!(out, "{tab}{value}")?;
        }
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Returns the lines of these columns, each of which has a name and a text for every row.
///
/// The projector takes the first line for the names if it has a tab: so names are written for two
/// columns or more.
pub(super) fn metadata(columns: &[(String, Vec<String>)]) -> Result<String, EmbeddingError> {
    let mut text = String::new();
    if columns.len() > 1 {
        for (column, (name, _)) in columns.iter().enumerate() {
            // After a blank line it takes the next one for the names, of equal names the last.
            if is_blank(name) || columns[..column].iter().any(|(other, _)| other == name) {
                return Err(EmbeddingError::ColumnName { index: column, name: name.clone() });
            }
            put_cell(&mut text, column, name)?;
        }
        text.push('\n');
    }
    let rows = columns.first().map_or(0, |(_, cells)| cells.len());
    for row in 0..rows {
        let start = text.len();
        for (column, (_, cells)) in columns.iter().enumerate() {
            put_cell(&mut text, column, &cells[row])?;
        }
        // The projector skips such a line, and all labels after it would be one row off.
        if is_blank(&text[start..]) {
            return Err(EmbeddingError::BlankLabel { row });
        }
        text.push('\n');
    }
    Ok(text)
}

/// Whether the projector's page would trim all of it; it also trims byte order marks.
fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c == '\u{feff}')
}

fn put_cell(text: &mut String, column: usize, cell: &str) -> Result<(), EmbeddingError> {
    if cell.contains(['\t', '\n', '\r']) {
        return Err(EmbeddingError::Label { given: cell.to_owned() });
    }
    if column > 0 {
        text.push('\t');
    }
    text.push_str(cell);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, cells: &[&str]) -> (String, Vec<String>) {
        (name.to_owned(), cells.iter().map(|&cell| cell.to_owned()).collect())
    }

    #[test]
    fn vectors_are_read_back_bit_by_bit() {
        let values = [0.1f32, -0.0, f32::MIN_POSITIVE, f32::MAX, 1e-45, 16_777_216.0];
        let mut text = Vec::new();
        write_vectors(3, &values, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let lines: Vec<Vec<f32>> = text
            .lines()
            .map(|line| line.split('\t').map(|value| value.parse().unwrap()).collect())
            .collect();
        let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&lines.concat()), bits(&values));
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn names_stand_above_two_columns_or_more() {
        let one = [column("word", &["a", "b c"])];
        assert_eq!(metadata(&one).unwrap(), "a\nb c\n");
        let two = [column("word", &["a", ""]), column("count", &["1", "2"])];
        assert_eq!(metadata(&two).unwrap(), "word\tcount\na\t1\n\t2\n");
    }

    #[test]
    fn blank_and_equal_names_are_refused() {
        for names in [["", ""], [" ", "b"], ["b", ""], ["b", "b"]] {
            let index = usize::from(!names[0].trim().is_empty());
            let error = metadata(&names.map(|name| column(name, &["a"]))).unwrap_err();
            let name = names[index].to_owned();
            assert_eq!(error, EmbeddingError::ColumnName { index, name });
        }
    }

    #[test]
    fn labels_that_would_shift_lines_are_refused() {
        for bad in ["a\tb", "a\nb", "a\r"] {
            let error = metadata(&[column("word", &[bad])]).unwrap_err();
            assert_eq!(error, EmbeddingError::Label { given: bad.to_owned() });
        }
        let blank = metadata(&[column("word", &["a", " "]), column("b", &["", ""])]).unwrap_err();
        assert_eq!(blank, EmbeddingError::BlankLabel { row: 1 });
        let marks = metadata(&[column("word", &["\u{feff} "])]).unwrap_err();
        assert_eq!(marks, EmbeddingError::BlankLabel { row: 0 });
        let name = metadata(&[column("a\t", &["a"]), column("b", &["b"])]).unwrap_err();
        assert_eq!(name, EmbeddingError::Label { given: "a\t".to_owned() });
    }
}
