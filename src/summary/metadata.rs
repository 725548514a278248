//! What TensorBoard is told about a tag besides its values.

use super::{Summary, SummaryEncoder};
use crate::wire::protobuf::{field_len, put_bytes, put_len, put_uint};
use std::borrow::Cow;

/// How TensorBoard's data server stores the values of a tag.
///
/// It drops values that do not fit their class, so it has to be right.
///
/// ```
/// use tfevents::summary::{DataClass, Metadata};
///
/// let metadata = Metadata::new("images").data_class(DataClass::BlobSequence);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DataClass {
    /// A rank-0 float per step.
    Scalar = 1,
    /// A tensor of any numeric shape, or short text, per step.
    Tensor = 2,
    /// A list of byte strings per step: images, audio, graphs.
    BlobSequence = 3,
}

/// Which dashboard shows a tag, and how it is labeled.
///
/// TensorBoard keeps the metadata of a tag's first value in a run. Every value that this crate
/// writes carries it, so that the loss of one does not hide the rest.
///
/// ```
/// use tfevents::summary::{DataClass, Metadata};
///
/// let metadata = Metadata::new("text")
///     .data_class(DataClass::Tensor)
///     .display_name("Notes")
///     .description("Shown when the **i** is clicked; markdown.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    plugin: Cow<'static, str>,
    content: Cow<'static, [u8]>,
    data_class: Option<DataClass>,
    display_name: String,
    description: String,
}

impl Metadata {
    /// Metadata for the plugin (dashboard) of this name, such as `scalars` or `images`.
    ///
    /// ```
    /// let metadata = tfevents::summary::Metadata::new("scalars");
    /// ```
    pub fn new(plugin: impl Into<Cow<'static, str>>) -> Self {
        Self {
            plugin: plugin.into(),
            content: Cow::Borrowed(&[]),
            data_class: None,
            display_name: String::new(),
            description: String::new(),
        }
    }

    /// The plugin's own data, a message of its own. Default: empty.
    ///
    /// ```
    /// let metadata = tfevents::summary::Metadata::new("my_plugin").content(vec![8, 1]);
    /// ```
    #[must_use]
    pub fn content(mut self, content: impl Into<Cow<'static, [u8]>>) -> Self {
        self.content = content.into();
        self
    }

    /// How the values are stored. Default: none, which TensorBoard's data server only understands
    /// for the plugins that it knows.
    ///
    /// ```
    /// use tfevents::summary::{DataClass, Metadata};
    ///
    /// let metadata = Metadata::new("text").data_class(DataClass::Tensor);
    /// ```
    #[must_use]
    pub fn data_class(mut self, class: DataClass) -> Self {
        self.data_class = Some(class);
        self
    }

    /// The name shown instead of the tag. Default: empty, which shows the tag.
    ///
    /// ```
    /// let metadata = tfevents::summary::Metadata::new("text").display_name("Notes");
    /// ```
    #[must_use]
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = name.into();
        self
    }

    /// A longer text in markdown. Default: empty.
    ///
    /// ```
    /// let metadata = tfevents::summary::Metadata::new("text").description("Kept **by hand**");
    /// ```
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// The `metadata` field of a `Summary.Value`.
    pub(crate) fn to_field(&self) -> Vec<u8> {
        let mut plugin = Vec::new();
        put_nonempty(&mut plugin, 1, self.plugin.as_bytes());
        put_nonempty(&mut plugin, 2, &self.content);
        let mut body = Vec::new();
        put_bytes(&mut body, 1, &plugin);
        put_nonempty(&mut body, 2, self.display_name.as_bytes());
        put_nonempty(&mut body, 3, self.description.as_bytes());
        if let Some(class) = self.data_class {
            put_uint(&mut body, 4, class as u64);
        }
        let mut field = Vec::with_capacity(field_len(body.len()));
        put_len(&mut field, 9, body.len());
        field.extend_from_slice(&body);
        field
    }
}

fn put_nonempty(out: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    if !bytes.is_empty() {
        put_bytes(out, field, bytes);
    }
}

/// A summary with a display name and a description: see [`Summary::with_metadata`].
///
/// They are written with every value, so a long text on a tag that is logged every step takes
/// room in the file.
///
/// ```
/// use tfevents::summary::{Scalar, Summary};
///
/// let loss = Scalar::new(0.25).with_metadata().display_name("Loss").description("Cross *entropy*");
/// ```
#[derive(Clone, Debug)]
pub struct WithMetadata<S> {
    summary: S,
    display_name: String,
    description: String,
}

impl<S: Summary> WithMetadata<S> {
    pub(super) fn new(summary: S) -> Self {
        Self { summary, display_name: String::new(), description: String::new() }
    }

    /// The name shown instead of the tag.
    ///
    /// ```
    /// # use tfevents::summary::{Scalar, Summary};
    /// let loss = Scalar::new(0.25).with_metadata().display_name("Loss");
    /// ```
    #[must_use]
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = name.into();
        self
    }

    /// A longer text in markdown, shown on request.
    ///
    /// ```
    /// # use tfevents::summary::{Scalar, Summary};
    /// let loss = Scalar::new(0.25).with_metadata().description("Cross *entropy*, mean of a batch");
    /// ```
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }
}

impl<S: Summary> Summary for WithMetadata<S> {
    fn encode(&self, tag: &str, values: &mut SummaryEncoder<'_>) {
        let mut values = values.labeled(&self.display_name, &self.description);
        self.summary.encode(tag, &mut values);
    }

    fn encoded_len_hint(&self) -> usize {
        self.summary.encoded_len_hint() + self.display_name.len() + self.description.len()
    }

    fn memory_usage(&self) -> usize {
        self.summary.memory_usage() + self.display_name.len() + self.description.len()
    }
}
