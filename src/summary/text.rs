//! Text: markdown per step.

use super::{DataClass, Metadata, Summary, SummaryEncoder, Tensor, TensorError};
use std::borrow::Cow;

/// Markdown, or a table of it, shown by the Text dashboard.
///
/// TensorBoard renders markdown with tables and fenced code, and escapes raw HTML. For text that
/// has to be shown as it is, in tables and blocks of code, see [`markdown`](super::markdown).
///
/// ```
/// use tfevents::Text;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// writer.add_text("notes", "learning rate **halved**", 3);
/// let table = Text::table(2, &["epochs", "10", "batch", "32"])?;
/// writer.add("config", &table, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[doc(alias("markdown", "add_text"))]
pub struct Text<'a> {
    tensor: Tensor<'a>,
}

impl<'a> Text<'a> {
    /// Creates a text from one piece of markdown.
    ///
    /// ```
    /// let note = tfevents::Text::new("learning rate **halved**");
    /// ```
    pub fn new(markdown: &'a str) -> Self {
        Self { tensor: Tensor::string(markdown.as_bytes()) }
    }

    /// Creates a column: one cell below the other, each of them markdown.
    ///
    /// ```
    /// let steps = tfevents::Text::list(&["load", "train", "save"]);
    /// ```
    pub fn list(cells: &'a [impl AsRef<str>]) -> Self {
        let cells = cells.iter().map(|cell| Cow::Borrowed(cell.as_ref().as_bytes())).collect();
        Self { tensor: Tensor::string_vector(cells) }
    }

    /// Creates a table from its cells row by row, `columns` in each row. Each cell is markdown.
    ///
    /// # Errors
    /// If the cells do not fill whole rows.
    ///
    /// ```
    /// use tfevents::Text;
    ///
    /// assert!(Text::table(2, &["only", "three", "cells"]).is_err());
    /// ```
    pub fn table(columns: usize, cells: &'a [impl AsRef<str>]) -> Result<Self, TensorError> {
        let rows = cells.len().checked_div(columns).unwrap_or(0);
        let cells = cells.iter().map(|cell| Cow::Borrowed(cell.as_ref().as_bytes())).collect();
        Ok(Self { tensor: Tensor::of_strings(&[rows, columns], cells)? })
    }
}

impl Summary for Text<'_> {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        let metadata = Metadata::new("text").data_class(DataClass::Tensor);
        encoder.push(tag, &metadata, &self.tensor);
    }

    fn encoded_len_hint(&self) -> usize {
        self.tensor.encoded_len() + 64
    }
}
