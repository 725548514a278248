//! Where a summary writes itself to.

use super::{Metadata, ScalarEncoding, Tensor};
use crate::wire::protobuf::{field_len, put_bytes, put_len};
use std::fmt;

/// The values of one event, in the making.
///
/// ```
/// use tfevents::summary::{DataClass, Metadata, Summary, Tensor, SummaryEncoder};
///
/// struct Word;
///
/// impl Summary for Word {
///     fn encode(&self, tag: &str, values: &mut SummaryEncoder<'_>) {
///         let metadata = Metadata::new("text").data_class(DataClass::Tensor);
///         values.push(tag, &metadata, &Tensor::string(b"word"));
///     }
/// }
/// ```
pub struct SummaryEncoder<'a> {
    out: &'a mut Vec<u8>,
    display_name: &'a str,
    description: &'a str,
    /// How scalars are laid out that leave it open.
    pub(super) scalars: ScalarEncoding,
}

impl<'a> SummaryEncoder<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, display_name: "", description: "", scalars: ScalarEncoding::default() }
    }

    /// The same, for a writer that lays scalars out so.
    pub(crate) fn with_scalars(out: &'a mut Vec<u8>, scalars: ScalarEncoding) -> Self {
        Self { scalars, ..Self::new(out) }
    }

    /// The same place, but what is pushed is labeled with these where they are not empty.
    pub(super) fn labeled<'b>(
        &'b mut self,
        display_name: &'b str,
        description: &'b str,
    ) -> SummaryEncoder<'b> {
        SummaryEncoder {
            out: self.out,
            display_name: if display_name.is_empty() { self.display_name } else { display_name },
            description: if description.is_empty() { self.description } else { description },
            scalars: self.scalars,
        }
    }

    /// Adds a value: a tensor under a tag.
    ///
    /// ```
    /// use tfevents::summary::{DataClass, Metadata, Tensor, SummaryEncoder};
    ///
    /// fn encode(tag: &str, values: &mut SummaryEncoder<'_>) {
    ///     let metadata = Metadata::new("text").data_class(DataClass::Tensor);
    ///     values.push(tag, &metadata, &Tensor::string(b"hello"));
    /// }
    /// ```
    pub fn push(&mut self, tag: &str, metadata: &Metadata, tensor: &Tensor<'_>) {
        let metadata = self.label(metadata);
        let tensor_len = tensor.encoded_len();
        self.begin(tag, field_len(tensor_len) + metadata.len());
        put_len(self.out, 8, tensor_len);
        tensor.put(self.out);
        self.out.extend_from_slice(&metadata);
    }

    /// Adds a tag with metadata alone, for plugins that keep their data there.
    ///
    /// ```
    /// use tfevents::summary::{Metadata, SummaryEncoder};
    ///
    /// fn encode(tag: &str, values: &mut SummaryEncoder<'_>) {
    ///     values.push_metadata(tag, &Metadata::new("my_plugin").content(vec![1, 2, 3]));
    /// }
    /// ```
    pub fn push_metadata(&mut self, tag: &str, metadata: &Metadata) {
        let metadata = self.label(metadata);
        self.begin(tag, metadata.len());
        self.out.extend_from_slice(&metadata);
    }

    /// Adds a scalar in the older form, as `simple_value`.
    pub(super) fn push_simple(&mut self, tag: &str, metadata: &Metadata, value: f32) {
        // As torch does: TensorBoard knows a simple value without metadata for a scalar.
        let labeled = !self.display_name.is_empty() || !self.description.is_empty();
        let metadata = if labeled { self.label(metadata) } else { Vec::new() };
        self.begin(tag, 5 + metadata.len());
        self.out.push(0x15);
        self.out.extend_from_slice(&value.to_le_bytes());
        self.out.extend_from_slice(&metadata);
    }

    fn label(&self, metadata: &Metadata) -> Vec<u8> {
        if self.display_name.is_empty() && self.description.is_empty() {
            return metadata.to_field();
        }
        let mut metadata = metadata.clone();
        if !self.display_name.is_empty() {
            metadata = metadata.display_name(self.display_name);
        }
        if !self.description.is_empty() {
            metadata = metadata.description(self.description);
        }
        metadata.to_field()
    }

    /// The tag, and the lengths of what it and the `rest` bytes after it lie in.
    fn begin(&mut self, tag: &str, rest: usize) {
        put_len(self.out, 1, field_len(tag.len()) + rest);
        put_bytes(self.out, 1, tag.as_bytes());
    }
}

impl fmt::Debug for SummaryEncoder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SummaryEncoder").field("bytes", &self.out.len()).finish_non_exhaustive()
    }
}
