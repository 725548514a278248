//! The metadata of a tag: which dashboard shows it, and how it is labeled.

use crate::wire::protobuf::{field_len, put_bytes, put_len, put_uint};
use std::borrow::Cow;

/// The way in which TensorBoard's data server stores the values of a tag.
///
/// The server drops values that do not match their class.
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

/// The metadata of a tag: the dashboard that shows it, and its labels.
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
    /// Creates metadata for the plugin (dashboard) of this name, such as `scalars` or `images`.
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

    /// Sets the plugin's own data, usually a protobuf message. Default: empty.
    ///
    /// ```
    /// let metadata = tfevents::summary::Metadata::new("my_plugin").content(vec![8, 1]);
    /// ```
    #[must_use]
    pub fn content(mut self, content: impl Into<Cow<'static, [u8]>>) -> Self {
        self.content = content.into();
        self
    }

    /// Sets how the values are stored. Default: none, which TensorBoard's data server understands
    /// only for the plugins that it knows.
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

    /// Sets the name that is shown instead of the tag. Default: empty, which shows the tag.
    ///
    /// ```
    /// let metadata = tfevents::summary::Metadata::new("text").display_name("Notes");
    /// ```
    #[must_use]
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = name.into();
        self
    }

    /// Sets the description, in Markdown. Default: empty.
    ///
    /// ```
    /// let metadata = tfevents::summary::Metadata::new("text").description("Kept **by hand**");
    /// ```
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Encodes the `metadata` field of a `Summary.Value`.
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
