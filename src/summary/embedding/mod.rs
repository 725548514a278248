//! Embeddings: vectors that the Projector shows in three dimensions, with labels and images.
//!
//! The projector reads files beside the event files, not events: `tsv` has the lines of vectors
//! and labels, `sprite` the images, `config` the file that names them. The writer puts them in
//! their places.

pub(crate) mod config;
mod sprite;
pub(crate) mod tsv;

use crate::summary::Image;
use crate::summary::ImageError;
use std::sync::Arc;

/// As many points as the projector loads; of more it takes the first.
const MOST_SHOWN: usize = 100_000;

/// Vectors, and what is known about each of them, for [`SummaryWriter::add_embedding`].
///
/// The projector loads the first 100,000 vectors at most. A clone is cheap.
///
/// ```
/// use tfevents::summary::Embedding;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let vectors = vec![0.1f32, 0.9, 0.2, 0.8, -0.7, 0.0]; // three of two numbers
/// let words = Embedding::new([3, 2], vectors)?.labels(["one", "two", "many"])?;
/// writer.add_embedding("words", &words, 7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`SummaryWriter::add_embedding`]: crate::SummaryWriter::add_embedding
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding {
    pub(crate) shape: [usize; 2],
    pub(crate) vectors: Arc<[f32]>,
    /// As it stands in its file.
    pub(crate) metadata: Option<Arc<str>>,
    /// All images in one, and the size of each.
    pub(crate) sprite: Option<(Image, [u32; 2])>,
}

/// What makes no embedding.
///
/// ```
/// use tfevents::summary::Embedding;
///
/// let error = Embedding::new([2, 2], vec![0.0; 3]).unwrap_err();
/// assert_eq!(error.to_string(), "3 values for 2 vectors of 2 numbers; 4 are needed");
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddingError {
    /// No vectors, or vectors that the projector cannot draw.
    #[error("{rows} vectors of {columns} numbers; allowed are 1 or more, of 2 or more")]
    #[non_exhaustive]
    Shape {
        /// How many vectors were given.
        rows: usize,
        /// How many numbers each has.
        columns: usize,
    },
    /// There are not as many values as the shape says.
    #[error("{given} values for {rows} vectors of {columns} numbers; {} are needed",
        *rows as u128 * *columns as u128)]
    #[non_exhaustive]
    Length {
        /// How many vectors were given.
        rows: usize,
        /// How many numbers each has.
        columns: usize,
        /// How many values were given.
        given: usize,
    },
    /// A number that cannot be drawn.
    #[error("number {column} of vector {row} is {given}; allowed are finite numbers")]
    #[non_exhaustive]
    Value {
        /// The vector's place.
        row: usize,
        /// The number's place in it.
        column: usize,
        /// What was given.
        given: f32,
    },
    /// There is not one label, or image, for each vector.
    #[error("{given} {what} for {rows} vectors; there has to be one for each")]
    #[non_exhaustive]
    Rows {
        /// What there is a wrong number of, such as `labels`.
        what: String,
        /// How many were given.
        given: usize,
        /// How many vectors there are.
        rows: usize,
    },
    /// Metadata without a column.
    #[error("0 columns of metadata; at least 1 is needed")]
    NoColumns,
    /// A column's name that is blank, or that an earlier column has.
    #[error("column {index} is named {name:?}; names have to differ and be more than blanks")]
    #[non_exhaustive]
    ColumnName {
        /// Its place.
        index: usize,
        /// What was given.
        name: String,
    },
    /// A label, or the name of a column, that would not stay in its place.
    #[error("label {given:?} holds a tab or a line break, which the projector's files cannot")]
    #[non_exhaustive]
    Label {
        /// What was given.
        given: String,
    },
    /// A vector without any label: the projector would leave it out, and mistake all behind it.
    #[error("vector {row} has blank labels only; at least 1 has to be more than blanks")]
    #[non_exhaustive]
    BlankLabel {
        /// Its place.
        row: usize,
    },
    /// An image of another size than the first.
    #[error("image {index} is of {}x{} pixels, the first of {}x{}; they have to be alike",
        given[0], given[1], first[0], first[1])]
    #[non_exhaustive]
    ImageSize {
        /// Its place.
        index: usize,
        /// Its width and height.
        given: [u32; 2],
        /// Those of the first.
        first: [u32; 2],
    },
    /// No images, or one that was given as an encoded file.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// Too many pixels for the projector.
    #[error("{count} images of {}x{} pixels make one of {}x{}; allowed are 8192x8192",
        each[0], each[1], all[0], all[1])]
    #[non_exhaustive]
    SpriteSize {
        /// How many images there are.
        count: usize,
        /// Width and height of one.
        each: [u32; 2],
        /// Width and height of all side by side.
        all: [u64; 2],
    },
}

impl Embedding {
    /// Vectors: how many, how many numbers each, and the numbers row by row.
    ///
    /// ```
    /// use tfevents::summary::Embedding;
    ///
    /// let two = Embedding::new([2, 3], vec![0.1f32, 0.2, 0.3, 0.4, 0.5, 0.6])?;
    /// # Ok::<(), tfevents::summary::EmbeddingError>(())
    /// ```
    ///
    /// # Errors
    /// If there is no vector, they have fewer than two numbers, there are not as many values as
    /// that, or one is not finite.
    pub fn new(shape: [usize; 2], values: impl Into<Arc<[f32]>>) -> Result<Self, EmbeddingError> {
        let ([rows, columns], vectors) = (shape, values.into());
        if rows == 0 || columns < 2 {
            return Err(EmbeddingError::Shape { rows, columns });
        }
        if rows.checked_mul(columns) != Some(vectors.len()) {
            return Err(EmbeddingError::Length { rows, columns, given: vectors.len() });
        }
        if let Some(at) = vectors.iter().position(|value| !value.is_finite()) {
            let (row, column, given) = (at / columns, at % columns, vectors[at]);
            return Err(EmbeddingError::Value { row, column, given });
        }
        if rows > MOST_SHOWN {
            log::warn!("an embedding of {rows} vectors: the projector loads {MOST_SHOWN}");
        }
        Ok(Self { shape, vectors, metadata: None, sprite: None })
    }

    /// A label for each vector.
    ///
    /// ```
    /// use tfevents::summary::Embedding;
    ///
    /// let two = Embedding::new([2, 2], vec![0.1, 0.2, 0.3, 0.4])?.labels(["cat", "dog"])?;
    /// # Ok::<(), tfevents::summary::EmbeddingError>(())
    /// ```
    ///
    /// # Errors
    /// If there is not one for each, or one is blank or holds a tab or a line break.
    pub fn labels<L: Into<String>>(
        self,
        labels: impl IntoIterator<Item = L>,
    ) -> Result<Self, EmbeddingError> {
        let labels: Vec<String> = labels.into_iter().map(Into::into).collect();
        self.check_rows("labels", labels.len())?;
        self.columns([("labels", labels)])
    }

    /// Several labels for each vector, as columns: their names, and a text for each vector. The
    /// projector colors by them, searches in them and shows one of them.
    ///
    /// ```
    /// use tfevents::summary::Embedding;
    ///
    /// let vectors = Embedding::new([2, 2], vec![0.1, 0.2, 0.3, 0.4])?;
    /// let both = vectors.columns([("animal", ["cat", "dog"]), ("legs", ["4", "4"])])?;
    /// # Ok::<(), tfevents::summary::EmbeddingError>(())
    /// ```
    ///
    /// # Errors
    /// If there is no column, a column has not one text for each vector, all texts of a vector are
    /// blank, a text or a name holds a tab or a line break, or, of several columns, two have one
    /// name or one a blank name.
    pub fn columns<N: Into<String>, L: Into<String>>(
        mut self,
        columns: impl IntoIterator<Item = (N, impl IntoIterator<Item = L>)>,
    ) -> Result<Self, EmbeddingError> {
        let texts = |labels: &mut dyn Iterator<Item = L>| labels.map(Into::into).collect();
        let columns: Vec<(String, Vec<String>)> = columns
            .into_iter()
            .map(|(name, labels)| (name.into(), texts(&mut labels.into_iter())))
            .collect();
        if columns.is_empty() {
            return Err(EmbeddingError::NoColumns);
        }
        for (name, labels) in &columns {
            self.check_rows(&format!("cells of column {name:?}"), labels.len())?;
        }
        self.metadata = Some(tsv::metadata(&columns)?.into());
        Ok(self)
    }

    /// An image for each vector, drawn in its place. They are all of one size, and as a square of
    /// all of them at most 8192 pixels wide: 85,264 of 28x28, say.
    ///
    /// ```
    /// use tfevents::Image;
    /// use tfevents::summary::Embedding;
    ///
    /// let dark = Image::gray8(2, 2, &[0, 10, 20, 30])?;
    /// let bright = Image::gray8(2, 2, &[255, 245, 235, 225])?;
    /// let two = Embedding::new([2, 2], vec![0.1, 0.2, 0.3, 0.4])?.images([&dark, &bright])?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// A [batch](Image::batch) counts as its images.
    ///
    /// # Errors
    /// If there is not one for each vector, they differ in size, one was given as an encoded file,
    /// or they are too large together.
    pub fn images<'a>(
        mut self,
        images: impl IntoIterator<Item = &'a Image>,
    ) -> Result<Self, EmbeddingError> {
        let batch = Image::batch(images)?;
        self.check_rows("images", batch.sizes()?.len())?;
        self.sprite = Some(sprite::tiled(&batch)?);
        Ok(self)
    }

    fn check_rows(&self, what: &str, given: usize) -> Result<(), EmbeddingError> {
        let [rows, _] = self.shape;
        if given == rows {
            Ok(())
        } else {
            Err(EmbeddingError::Rows { what: what.to_owned(), given, rows })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_embedding_is_refused() {
        let told = |shape, values: &[f32]| Embedding::new(shape, values).unwrap_err().to_string();
        let shape = "allowed are 1 or more, of 2 or more";
        assert_eq!(told([0, 2], &[]), format!("0 vectors of 2 numbers; {shape}"));
        assert_eq!(told([2, 1], &[0.0; 2]), format!("2 vectors of 1 numbers; {shape}"));
        assert!(told([usize::MAX, 2], &[0.0; 2]).starts_with("2 values for"));
        assert_eq!(
            told([1, 3], &[0.0, 1.0, f32::NAN]),
            "number 2 of vector 0 is NaN; allowed are finite numbers"
        );
        let two = || Embedding::new([2, 2], [0.0; 4]).unwrap();
        assert_eq!(
            two().labels(["a"]).unwrap_err().to_string(),
            "1 labels for 2 vectors; there has to be one for each"
        );
        let uneven = two().columns([("a", vec!["b", "c"]), ("d", vec!["e"])]).unwrap_err();
        assert_eq!(
            uneven.to_string(),
            "1 cells of column \"d\" for 2 vectors; there has to be one for each"
        );
        assert_eq!(two().columns([("a", [""; 0]); 0]), Err(EmbeddingError::NoColumns));
        let image = Image::gray8(1, 1, &[0]).unwrap();
        assert_eq!(
            two().images([&image]).unwrap_err().to_string(),
            "1 images for 2 vectors; there has to be one for each"
        );
    }
}
