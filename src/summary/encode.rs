//! The trait behind every kind of summary, and the encoder that summaries write to.

use super::metadata::{DataClass, Metadata};
use super::tensor::Tensor;
use crate::system::warn_once;
use crate::wire::messages;
use crate::wire::protobuf::{field_len, put_bytes, put_len};
use prost::Message;
use std::fmt;

/// A value, or several values, that TensorBoard can show.
///
/// See the [module's documentation](crate::summary) for a kind of your own.
///
/// A `Result` is no summary, so that a forgotten `?` does not compile:
///
/// ```compile_fail,E0277
/// use tfevents::Image;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// writer.add("pixel", &Image::gray8(1, 1, &[255]), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a summary",
    label = "not a summary",
    note = "for a number use `add_scalar`, for slices and arrays `add_histogram` or `Tensor`, for text `add_text`",
    note = "a `Result` is no summary: handle its error (`?`), or compute it in the background with `Deferred::try_new`",
    note = "for tensors of burn and candle use the crates `tfevents-burn` and `tfevents-candle`"
)]
pub trait Summary {
    /// Writes the value, or the values, of this summary.
    ///
    /// `tag` is the name that it is logged under. Most kinds push one value with just that tag; a
    /// mesh pushes several with tags derived from it. A summary that pushes nothing adds no event;
    /// [`SummaryEncoder::skip`] and [`SummaryEncoder::fail`] also log why.
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>);

    /// Returns roughly how many bytes [`encode`](Self::encode) will write. Default: 256.
    ///
    /// It sizes a buffer, and counts against the writer's buffer while the summary is
    /// [deferred](crate::SummaryWriter::add_deferred): rather too many than too few.
    fn encoded_len_hint(&self) -> usize {
        256
    }

    /// Returns roughly how many bytes of memory the summary occupies. Default:
    /// [`encoded_len_hint`](Self::encoded_len_hint).
    ///
    /// They count against the writer's buffer while the summary is
    /// [deferred](crate::SummaryWriter::add_deferred).
    fn memory_usage(&self) -> usize {
        self.encoded_len_hint()
    }

    /// Adds a display name or a description for TensorBoard's page.
    ///
    /// ```
    /// use tfevents::summary::{Scalar, Summary};
    ///
    /// let loss = Scalar::new(0.25).with_metadata().display_name("Loss").description("Cross *entropy*");
    /// ```
    fn with_metadata(self) -> WithMetadata<Self>
    where
        Self: Sized,
    {
        WithMetadata { summary: self, display_name: String::new(), description: String::new() }
    }
}

/// The encoder that a [`Summary`] writes its values to.
///
/// ```
/// use tfevents::summary::{DataClass, Metadata, Summary, SummaryEncoder, Tensor};
///
/// struct Word;
///
/// impl Summary for Word {
///     fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
///         let metadata = Metadata::new("text").data_class(DataClass::Tensor);
///         encoder.push(tag, &metadata, &Tensor::string(b"word"));
///     }
/// }
/// ```
pub struct SummaryEncoder<'a> {
    out: &'a mut Vec<u8>,
    display_name: String,
    description: String,
    encodings: Encodings,
    failed: bool,
    reported: bool,
}

/// The encoding of scalars in the file. TensorBoard shows both alike.
///
/// ```
/// use tfevents::summary::ScalarEncoding;
///
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path();
/// let writer = tfevents::SummaryWriter::builder(path).scalar_encoding(ScalarEncoding::Tensor).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ScalarEncoding {
    /// The `simple_value` field, as torch writes it: without metadata unless a display name or a
    /// description is given. Every tool that reads event files sees it. The default.
    #[doc(alias("simple_value"))]
    #[default]
    Simple,
    /// A rank-0 float tensor with metadata, as TensorFlow 2 and Keras write it: 22 bytes more per
    /// event. TensorBoard shows it alike; tools that only know simple values do not see it.
    Tensor,
}

/// The encoding of images and audio in the file. TensorBoard shows both alike.
///
/// ```
/// use tfevents::summary::MediaEncoding;
///
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path();
/// let writer = tfevents::SummaryWriter::builder(path).media_encoding(MediaEncoding::Simple).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaEncoding {
    /// A tensor of encoded files with metadata, as TensorFlow 2 and Keras write it. The default.
    #[default]
    Tensor,
    /// The older `image` and `audio` messages, as torch writes them. `EventAccumulator.Images` and
    /// tbparse's `images` see only these. They have one image or clip, so batches are written as
    /// tensors.
    Simple,
}

/// The encodings of a writer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Encodings {
    pub(crate) scalars: ScalarEncoding,
    pub(crate) media: MediaEncoding,
}

/// An image or a sound in the older form.
pub(super) enum Media {
    Image(messages::summary::Image),
    Audio(messages::summary::Audio),
}

impl<'a> SummaryEncoder<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Self {
        Self::with_encodings(out, Encodings::default())
    }

    /// Creates an encoder for a writer with these encodings.
    pub(crate) fn with_encodings(out: &'a mut Vec<u8>, encodings: Encodings) -> Self {
        Self {
            out,
            display_name: String::new(),
            description: String::new(),
            encodings,
            failed: false,
            reported: false,
        }
    }

    /// Adds a value: a tensor under a tag.
    ///
    /// ```
    /// use tfevents::summary::{DataClass, Metadata, SummaryEncoder, Tensor};
    ///
    /// fn encode(tag: &str, encoder: &mut SummaryEncoder<'_>) {
    ///     let metadata = Metadata::new("text").data_class(DataClass::Tensor);
    ///     encoder.push(tag, &metadata, &Tensor::string(b"hello"));
    /// }
    /// ```
    pub fn push(&mut self, tag: &str, metadata: &Metadata, tensor: &Tensor<'_>) {
        if self.failed {
            return;
        }
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
    /// fn encode(tag: &str, encoder: &mut SummaryEncoder<'_>) {
    ///     encoder.push_metadata(tag, &Metadata::new("my_plugin").content(vec![1, 2, 3]));
    /// }
    /// ```
    pub fn push_metadata(&mut self, tag: &str, metadata: &Metadata) {
        if self.failed {
            return;
        }
        let metadata = self.label(metadata);
        self.begin(tag, metadata.len());
        self.out.extend_from_slice(&metadata);
    }

    /// Adds a scalar in the older form, as `simple_value`.
    pub(super) fn push_simple(&mut self, tag: &str, metadata: &Metadata, value: f32) {
        if self.failed {
            return;
        }
        let metadata = self.label_if_any(metadata);
        self.begin(tag, 5 + metadata.len());
        self.out.push(0x15);
        self.out.extend_from_slice(&value.to_le_bytes());
        self.out.extend_from_slice(&metadata);
    }

    /// Adds an image or a sound in the older form.
    pub(super) fn push_media(&mut self, tag: &str, metadata: &Metadata, media: &Media) {
        if self.failed {
            return;
        }
        let (field, metadata, message) = match media {
            Media::Image(image) => (4, self.label_if_any(metadata), image.encode_to_vec()),
            // TensorBoard's data server takes the type of the file from the metadata.
            Media::Audio(audio) => (6, self.label(metadata), audio.encode_to_vec()),
        };
        self.begin(tag, field_len(message.len()) + metadata.len());
        put_bytes(self.out, field, &message);
        self.out.extend_from_slice(&metadata);
    }

    /// Reports that there is nothing to write under a tag: the reason is logged as a warning, once
    /// for each tag, and nothing is counted as dropped. A deferred summary counts in
    /// [`DropCounts::encode_failed`].
    ///
    /// ```
    /// use tfevents::summary::{Histogram, Summary, SummaryEncoder};
    ///
    /// struct Gradient(Option<Vec<f32>>);
    ///
    /// impl Summary for Gradient {
    ///     fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
    ///         match &self.0 {
    ///             Some(values) => Histogram::new(values).encode(tag, encoder),
    ///             None => encoder.skip(tag, "the parameter has no gradient"),
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// [`DropCounts::encode_failed`]: crate::DropCounts::encode_failed
    pub fn skip(&mut self, tag: &str, reason: impl fmt::Display) {
        self.reported = true;
        warn_once((tag, "skipped"), || format!("{tag:?} is not logged: {reason}"));
    }

    /// Reports that the summary cannot be encoded: the event is dropped, also what was pushed
    /// before, and counted in [`DropCounts::encode_failed`]. The error is logged as a warning, once
    /// for each tag.
    ///
    /// ```
    /// use tfevents::summary::{Histogram, Summary, SummaryEncoder};
    ///
    /// struct Weights(std::path::PathBuf);
    ///
    /// impl Summary for Weights {
    ///     fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
    ///         match std::fs::read(&self.0) {
    ///             Ok(bytes) => Histogram::new(&bytes).encode(tag, encoder),
    ///             Err(error) => encoder.fail(tag, error),
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// [`DropCounts::encode_failed`]: crate::DropCounts::encode_failed
    pub fn fail(&mut self, tag: &str, error: impl fmt::Display) {
        self.failed = true;
        self.reported = true;
        self.out.clear();
        warn_once((tag, "failed"), || format!("{tag:?} cannot be encoded and is dropped: {error}"));
    }

    /// Whether the summary reported that it [cannot be encoded](Self::fail).
    pub(crate) fn has_failed(&self) -> bool {
        self.failed
    }

    /// Whether the summary reported that it [cannot be encoded](Self::fail), or that there is
    /// [nothing to write](Self::skip) under a tag.
    pub(crate) fn has_reported(&self) -> bool {
        self.reported
    }

    /// Returns the encodings of the writer.
    pub(super) fn encodings(&self) -> Encodings {
        self.encodings
    }

    /// Returns the metadata of a value in an older form, as torch writes it: none without labels,
    /// because TensorBoard knows the kind of these values.
    fn label_if_any(&self, metadata: &Metadata) -> Vec<u8> {
        let labeled = !self.display_name.is_empty() || !self.description.is_empty();
        if labeled { self.label(metadata) } else { Vec::new() }
    }

    fn label(&self, metadata: &Metadata) -> Vec<u8> {
        if self.display_name.is_empty() && self.description.is_empty() {
            return metadata.to_field();
        }
        let mut metadata = metadata.clone();
        if !self.display_name.is_empty() {
            metadata = metadata.display_name(&*self.display_name);
        }
        if !self.description.is_empty() {
            metadata = metadata.description(&*self.description);
        }
        metadata.to_field()
    }

    /// Writes the tag, and the lengths of what it and the `rest` bytes after it lie in.
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

/// A summary with a display name and a description: see [`Summary::with_metadata`].
///
/// They are written with every value, so a long text on a tag that is logged at every step makes
/// the file larger.
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
    /// Sets the name that is shown instead of the tag.
    ///
    /// ```
    /// use tfevents::summary::{Scalar, Summary};
    ///
    /// let loss = Scalar::new(0.25).with_metadata().display_name("Loss");
    /// ```
    #[must_use]
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = name.into();
        self
    }

    /// Sets a longer text in markdown, shown on request.
    ///
    /// ```
    /// use tfevents::summary::{Scalar, Summary};
    ///
    /// let loss = Scalar::new(0.25).with_metadata().description("Cross *entropy*, mean of a batch");
    /// ```
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }
}

impl<S: Summary> Summary for WithMetadata<S> {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        let inner = |own: &str, inherited: &str| {
            if own.is_empty() { inherited.to_owned() } else { own.to_owned() }
        };
        let name = inner(&self.display_name, &encoder.display_name);
        let description = inner(&self.description, &encoder.description);
        let outer_name = std::mem::replace(&mut encoder.display_name, name);
        let outer_description = std::mem::replace(&mut encoder.description, description);
        self.summary.encode(tag, encoder);
        encoder.display_name = outer_name;
        encoder.description = outer_description;
    }

    fn encoded_len_hint(&self) -> usize {
        self.summary.encoded_len_hint() + self.display_name.len() + self.description.len()
    }

    fn memory_usage(&self) -> usize {
        self.summary.memory_usage() + self.display_name.len() + self.description.len()
    }
}

impl<S: Summary + ?Sized> Summary for &S {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        (**self).encode(tag, encoder);
    }

    fn encoded_len_hint(&self) -> usize {
        (**self).encoded_len_hint()
    }

    fn memory_usage(&self) -> usize {
        (**self).memory_usage()
    }
}

impl<S: Summary + ?Sized> Summary for Box<S> {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        (**self).encode(tag, encoder);
    }

    fn encoded_len_hint(&self) -> usize {
        (**self).encoded_len_hint()
    }

    fn memory_usage(&self) -> usize {
        (**self).memory_usage()
    }
}

/// `None` writes nothing: no event, and no count of a dropped one, unless it was
/// [deferred](crate::SummaryWriter::add_deferred), where its place in the run was counted already.
impl<S: Summary> Summary for Option<S> {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        if let Some(summary) = self {
            summary.encode(tag, encoder);
        }
    }

    fn encoded_len_hint(&self) -> usize {
        self.as_ref().map_or(0, S::encoded_len_hint)
    }

    fn memory_usage(&self) -> usize {
        self.as_ref().map_or(0, S::memory_usage)
    }
}

/// A tensor by itself has no dashboard: it can be read back from the file.
impl Summary for Tensor<'_> {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        let metadata = Metadata::new("tensor").data_class(DataClass::Tensor);
        encoder.push(tag, &metadata, self);
    }

    fn encoded_len_hint(&self) -> usize {
        self.encoded_len() + 64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::{Deferred, Scalar};

    #[test]
    fn wrappers_use_the_memory_of_what_they_wrap() {
        let deferred = || Deferred::new(1000, || Scalar::new(0.5));
        let wrapped: [Box<dyn Summary>; 3] = [
            Box::new(Some(deferred())),
            Box::new(Box::new(deferred())),
            Box::new(deferred().with_metadata()),
        ];
        assert!(wrapped.iter().all(|summary| summary.memory_usage() == 1000));
    }

    struct Fails;

    impl Summary for Fails {
        fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
            Scalar::new(1).encode(tag, encoder);
            encoder.fail(tag, "on purpose");
            Scalar::new(2).encode(tag, encoder);
        }
    }

    #[test]
    fn a_summary_that_fails_writes_nothing() {
        let mut body = Vec::new();
        let mut encoder = SummaryEncoder::new(&mut body);
        Fails.with_metadata().display_name("name").encode("encode/fails", &mut encoder);
        Scalar::new(3).encode("encode/fails", &mut encoder);
        assert!(encoder.has_failed());
        assert!(body.is_empty());
    }

    #[test]
    fn a_summary_that_skips_leaves_the_rest() {
        let (mut body, mut expected) = (Vec::new(), Vec::new());
        let mut encoder = SummaryEncoder::new(&mut body);
        encoder.skip("encode/skips", "on purpose");
        Scalar::new(3).encode("encode/skips", &mut encoder);
        assert!(!encoder.has_failed());
        Scalar::new(3).encode("encode/skips", &mut SummaryEncoder::new(&mut expected));
        assert_eq!(body, expected);
    }
}
