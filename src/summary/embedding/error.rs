//! Errors of embeddings.

use crate::summary::ImageError;

/// An error creating an [`Embedding`](super::Embedding).
///
/// ```
/// use tfevents::Embedding;
///
/// let error = Embedding::new([2, 2], vec![0.0; 3]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "invalid number of embedding values: 3 (expected 4, for 2 vectors of 2 numbers)"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddingError {
    /// There are no vectors, or the projector cannot draw vectors of so few numbers.
    #[error(
        "invalid embedding shape: {rows} vectors of {columns} numbers (expected at least 1 of at \
         least 2)"
    )]
    #[non_exhaustive]
    Shape {
        /// The number of vectors.
        rows: usize,
        /// The number of numbers of each vector.
        columns: usize,
    },
    /// The number of values does not match the shape.
    #[error("invalid number of embedding values: {given} (expected {}, for {rows} vectors of {columns} numbers)",
        *rows as u128 * *columns as u128)]
    #[non_exhaustive]
    Length {
        /// The number of vectors.
        rows: usize,
        /// The number of numbers of each vector.
        columns: usize,
        /// The number of values that were given.
        given: usize,
    },
    /// A number is not finite.
    #[error(
        "invalid number {column} of embedding vector {row}: {given} (expected a finite number)"
    )]
    #[non_exhaustive]
    Value {
        /// The index of the vector.
        row: usize,
        /// The index of the number in it.
        column: usize,
        /// The number.
        given: f32,
    },
    /// There is not one label, or image, for each vector.
    #[error("invalid number of embedding {what}: {given} (expected {rows}, one for each vector)")]
    #[non_exhaustive]
    Rows {
        /// The values whose number is wrong, such as `labels`.
        what: String,
        /// The number of values that were given.
        given: usize,
        /// The number of vectors.
        rows: usize,
    },
    /// There are no columns of labels.
    #[error("invalid number of embedding columns: 0 (expected at least 1)")]
    NoColumns,
    /// The name of a column is blank, or that of an earlier column.
    #[error(
        "invalid name of embedding column {index}: {name:?} (expected a unique name, not blank)"
    )]
    #[non_exhaustive]
    ColumnName {
        /// The index of the column.
        index: usize,
        /// The name.
        name: String,
    },
    /// A label, or the name of a column, has a tab or a line break, which separate the cells of the
    /// projector's files.
    #[error("invalid embedding label: {given:?} (expected no tab and no line break)")]
    #[non_exhaustive]
    Label {
        /// The label.
        given: String,
    },
    /// A vector has no label that is not blank: the projector would skip its row, and shift the
    /// labels of all behind it.
    #[error(
        "invalid labels of embedding vector {row}: all blank (expected at least 1 that is not)"
    )]
    #[non_exhaustive]
    BlankLabel {
        /// The index of the vector.
        row: usize,
    },
    /// An image has another size than the first.
    #[error("invalid size of embedding image {index}: {}x{} pixels (expected {}x{}, as the first)",
        given[0], given[1], first[0], first[1])]
    #[non_exhaustive]
    ImageSize {
        /// The index of the image.
        index: usize,
        /// Its width and height.
        given: [u32; 2],
        /// Width and height of the first image.
        first: [u32; 2],
    },
    /// There are no images, or one is an encoded file.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The images have more pixels than the projector takes.
    #[error("invalid size of {count} embedding images of {}x{} pixels: {}x{} together (expected up to 8192x8192)",
        each[0], each[1], all[0], all[1])]
    #[non_exhaustive]
    SpriteSize {
        /// The number of images.
        count: usize,
        /// Width and height of one.
        each: [u32; 2],
        /// Width and height of all side by side.
        all: [u64; 2],
    },
}
