//! The metadata of a tag, from its first value.

use super::decode::utf8;
use crate::summary::DataClass;
use crate::wire::fields::{Field, Fields, Unreadable};

/// The metadata of a value: the plugin that shows it, and how it is labeled.
///
/// TensorBoard uses the metadata of a tag's first value in a run; writers may leave it out later.
///
/// ```
/// use tfevents::read::Run;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.add_histogram("weights", &[0.5, 1.0], 0);
/// writer.close()?;
/// let index = Run::open(dir.path())?.index()?;
/// assert_eq!(index.tag("weights").unwrap().metadata().plugin, "histograms");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata<'a> {
    /// The plugin that shows the value, such as `scalars`; empty if there is none.
    pub plugin: &'a str,
    /// The plugin's own data, an encoded message; empty if there is none.
    pub content: &'a [u8],
    /// The name shown instead of the tag; empty if there is none.
    pub display_name: &'a str,
    /// The description, Markdown; empty if there is none.
    pub description: &'a str,
    /// How TensorBoard's data server stores the value; `None` if that is missing or unknown.
    pub data_class: Option<DataClass>,
}

impl<'a> Metadata<'a> {
    pub(super) fn decode(bytes: &'a [u8]) -> Result<Self, Unreadable> {
        let mut metadata = Self::default();
        let mut has_plugin = false;
        for field in Fields::new(bytes) {
            match field? {
                (1, Field::Bytes(plugin)) if !has_plugin => {
                    has_plugin = true;
                    for field in Fields::new(plugin) {
                        match field? {
                            (1, Field::Bytes(name)) => metadata.plugin = utf8(name)?,
                            (2, Field::Bytes(content)) => metadata.content = content,
                            (1 | 2, _) => return Err(Unreadable),
                            _ => {}
                        }
                    }
                }
                (2, Field::Bytes(name)) => metadata.display_name = utf8(name)?,
                (3, Field::Bytes(description)) => metadata.description = utf8(description)?,
                (4, Field::Varint(class)) => {
                    metadata.data_class = match class as i32 {
                        1 => Some(DataClass::Scalar),
                        2 => Some(DataClass::Tensor),
                        3 => Some(DataClass::BlobSequence),
                        _ => None,
                    }
                }
                (1..=4, _) => return Err(Unreadable),
                _ => {}
            }
        }
        Ok(metadata)
    }

    /// Returns whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Metadata that owns its strings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OwnedMetadata {
    plugin: Box<str>,
    content: Box<[u8]>,
    display_name: Box<str>,
    description: Box<str>,
    data_class: Option<DataClass>,
}

impl OwnedMetadata {
    pub(super) fn borrow(&self) -> Metadata<'_> {
        Metadata {
            plugin: &self.plugin,
            content: &self.content,
            display_name: &self.display_name,
            description: &self.description,
            data_class: self.data_class,
        }
    }
}

impl From<Metadata<'_>> for OwnedMetadata {
    fn from(metadata: Metadata<'_>) -> Self {
        Self {
            plugin: metadata.plugin.into(),
            content: metadata.content.into(),
            display_name: metadata.display_name.into(),
            description: metadata.description.into(),
            data_class: metadata.data_class,
        }
    }
}
