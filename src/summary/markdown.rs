//! Markdown for [`add_text`](crate::SummaryWriter::add_text): tables, settings and code, with any
//! characters.
//!
//! Text is shown unchanged: characters that have a meaning in markdown are escaped for the dialect
//! of TensorBoard, which is [Python-Markdown](https://python-markdown.github.io) with tables and
//! fenced code.
//!
//! ```
//! use tfevents::summary::markdown;
//! # let dir = tempfile::tempdir()?;
//! # let writer = tfevents::SummaryWriter::new(dir.path())?;
//!
//! let scores = [("cat", 0.91), ("dog", 0.88)].map(|(class, f1)| [class.into(), f1.to_string()]);
//! writer.add_text("scores", &markdown::table(["class", "F1"], scores)?, 10);
//! writer.add_text("config", &markdown::key_values([("optimizer", "adam"), ("rate", "1e-3")]), 0);
//! writer.add_text("code", &markdown::code_block("rust", "let x = 1;"), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt::Display;

/// An error creating a [`table`]: a row has another length than the header, or this has no cells.
///
/// ```
/// let error = tfevents::summary::markdown::table(["one"], [["1", "2"]]).unwrap_err();
/// assert_eq!(error.to_string(), "invalid number of cells in row 0 of a table: 2 (expected 1, as in the header)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "invalid number of cells in {} of a table: {given} (expected {})",
    if *columns == 0 { "the header".to_owned() } else { format!("row {row}") },
    if *columns == 0 { "at least 1".to_owned() } else { format!("{columns}, as in the header") }
)]
#[non_exhaustive]
pub struct TableError {
    /// The index of the row below the header.
    pub row: usize,
    /// The number of cells in the row.
    pub given: usize,
    /// The number of cells in the header.
    pub columns: usize,
}

/// Returns a table with a header. Each cell shows its text unchanged, on one line.
///
/// ```
/// use tfevents::summary::markdown;
///
/// let table = markdown::table(["layer", "params"], [["dense_1", "a|b"]])?;
/// assert_eq!(table, "| layer | params |\n|---|---|\n| dense\\_1 | a\\|b |\n");
/// # Ok::<(), markdown::TableError>(())
/// ```
///
/// # Errors
/// If the header is empty or a row has another number of cells.
pub fn table<H: Display, C: Display>(
    header: impl IntoIterator<Item = H>,
    rows: impl IntoIterator<Item: IntoIterator<Item = C>>,
) -> Result<String, TableError> {
    let mut out = String::new();
    let columns = put_row(&mut out, header);
    if columns == 0 {
        return Err(TableError { row: 0, given: 0, columns });
    }
    out.push_str(&"|---".repeat(columns));
    out.push_str("|\n");
    for (row, cells) in rows.into_iter().enumerate() {
        let given = put_row(&mut out, cells);
        if given != columns {
            return Err(TableError { row, given, columns });
        }
    }
    Ok(out)
}

/// Returns a table of names and values, such as the settings of a run.
///
/// Values of several types can be given as `&dyn Display`.
///
/// ```
/// use std::fmt::Display;
/// use tfevents::summary::markdown;
///
/// let settings: [(&str, &dyn Display); 2] = [("epochs", &10), ("rate", &0.5)];
/// let table = markdown::key_values(settings);
/// assert_eq!(table, "| key | value |\n|---|---|\n| epochs | 10 |\n| rate | 0\\.5 |\n");
/// ```
pub fn key_values<K: Display, V: Display>(pairs: impl IntoIterator<Item = (K, V)>) -> String {
    let mut out = String::from("| key | value |\n|---|---|\n");
    for (key, value) in pairs {
        let cells: [&dyn Display; 2] = [&key, &value];
        put_row(&mut out, cells);
    }
    out
}

/// Returns a block of code, in a fence that is longer than any within it. `language` may be empty;
/// only its letters, digits and `_ # . + -` are kept.
///
/// ```
/// use tfevents::summary::markdown;
///
/// assert_eq!(markdown::code_block("sh", "ls"), "```sh\nls\n```\n");
/// assert_eq!(markdown::code_block("", "```\n"), "````\n```\n````\n");
/// ```
pub fn code_block(language: &str, code: &str) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    let known = |&c: &char| c.is_ascii_alphanumeric() || "_#.+-".contains(c);
    let language: String = language.chars().filter(known).collect();
    let end = if code.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{language}\n{code}{end}{fence}\n")
}

/// Returns the text on one line, with all characters escaped that have a meaning in markdown.
///
/// ```
/// use tfevents::summary::markdown;
///
/// assert_eq!(markdown::escape("2 * 3 < x_1\nnext"), r"2 \* 3 &lt; x\_1 next");
/// ```
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    put_escaped(&mut out, text);
    out
}

/// Appends a row and returns the number of its cells.
fn put_row<C: Display>(out: &mut String, cells: impl IntoIterator<Item = C>) -> usize {
    out.push('|');
    let mut count = 0;
    for cell in cells {
        out.push(' ');
        put_escaped(out, &cell.to_string());
        out.push_str(" |");
        count += 1;
    }
    out.push('\n');
    count
}

fn put_escaped(out: &mut String, text: &str) {
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            // As entities: a backslash does not keep the page from seeing tags in them.
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '-' | '.'
            | '!' | '|' => {
                out.push('\\');
                out.push(c);
            }
            // Line breaks of any kind, and characters that the page cannot show.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => out.push(' '),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_another_length_are_refused() {
        let none: [[&str; 0]; 0] = [];
        let error = table::<&str, &str>([], none).unwrap_err();
        assert_eq!(error, TableError { row: 0, given: 0, columns: 0 });
        assert_eq!(
            error.to_string(),
            "invalid number of cells in the header of a table: 0 (expected at least 1)"
        );
        let error = table(["a", "b"], [vec!["1", "2"], vec!["3"]]).unwrap_err();
        assert_eq!(error, TableError { row: 1, given: 1, columns: 2 });
        assert_eq!(table(["a"], [[""]; 0]).unwrap(), "| a |\n|---|\n");
    }

    #[test]
    fn a_cell_stays_on_its_line() {
        let table = table(["a"], [["x\r\ny\u{2028}z\n|"]]).unwrap();
        assert_eq!(table, "| a |\n|---|\n| x y z \\| |\n");
    }

    #[test]
    fn a_language_cannot_end_the_fence() {
        assert_eq!(code_block("ru\n`st c++", ""), "```rustc++\n\n```\n");
    }
}
