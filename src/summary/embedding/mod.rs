//! Embeddings: vectors that the Projector shows in three dimensions, with labels and images.

// The projector reads files beside the event files, not events: `tsv` encodes vectors and labels,
// `sprite` the images, `config` the file that lists them. The writer writes these files.
pub(crate) mod config;
mod error;
mod sprite;
pub(crate) mod tsv;
pub(in crate::summary) mod vectors;

pub use error::EmbeddingError;
pub use vectors::IntoVectors;

use crate::summary::Image;
use crate::system::warn_once;
use std::sync::Arc;

/// The number of points that the projector loads; of more it loads the first.
const MAX_SHOWN: usize = 100_000;

/// Vectors with labels and images, for [`SummaryWriter::add_embedding`].
///
/// The projector loads the first 100,000 vectors at most. A clone is cheap.
///
/// ```
/// use tfevents::Embedding;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let vectors = vec![0.1f32, 0.9, 0.2, 0.8, -0.7, 0.0]; // three vectors of two numbers
/// let words = Embedding::builder([3, 2], vectors).labels(["one", "two", "many"]).build()?;
/// writer.add_embedding("words", &words, 7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`SummaryWriter::add_embedding`]: crate::SummaryWriter::add_embedding
#[derive(Clone, Debug, PartialEq)]
#[doc(alias("projector", "add_embedding"))]
pub struct Embedding {
    pub(crate) shape: [usize; 2],
    pub(crate) vectors: Arc<[f32]>,
    /// The contents of the file of labels.
    pub(crate) label_file: Option<Arc<str>>,
    /// All images in one, and the size of each.
    pub(crate) sprite: Option<(Image, [u32; 2])>,
}

impl Embedding {
    /// Creates an embedding from the number of vectors, the number of numbers of each, and the
    /// numbers row by row.
    ///
    /// ```
    /// use tfevents::summary::Embedding;
    ///
    /// let two = Embedding::new([2, 3], vec![0.1f32, 0.2, 0.3, 0.4, 0.5, 0.6])?;
    /// # Ok::<(), tfevents::summary::EmbeddingError>(())
    /// ```
    ///
    /// # Errors
    /// If there is no vector, the vectors have fewer than two numbers, the number of values does
    /// not match, or one is not finite.
    pub fn new(shape: [usize; 2], values: impl IntoVectors) -> Result<Self, EmbeddingError> {
        let ([rows, columns], vectors) = (shape, values.into_vectors());
        if rows == 0 || columns < 2 {
            return Err(EmbeddingError::Shape { rows, columns });
        }
        if rows.checked_mul(columns) != Some(vectors.len()) {
            return Err(EmbeddingError::Length { rows, columns, given: vectors.len() });
        }
        if let Some(at) = vectors.iter().position(|value| !value.is_finite()) {
            let row = at / columns;
            let column = at % columns;
            let given = vectors[at];
            return Err(EmbeddingError::Value { row, column, given });
        }
        if rows > MAX_SHOWN {
            warn_once("embedding vectors", || {
                format!("of an embedding of {rows} vectors, the projector loads {MAX_SHOWN}")
            });
        }
        Ok(Self { shape, vectors, label_file: None, sprite: None })
    }

    /// Creates a builder of an embedding with labels or images; the arguments are those of
    /// [`new`](Self::new).
    pub fn builder(shape: [usize; 2], values: impl IntoVectors) -> EmbeddingBuilder {
        EmbeddingBuilder { embedding: Self::new(shape, values) }
    }

    fn with_columns(mut self, columns: &[(String, Vec<String>)]) -> Result<Self, EmbeddingError> {
        if columns.is_empty() {
            return Err(EmbeddingError::NoColumns);
        }
        for (name, labels) in columns {
            self.check_rows(&format!("cells of column {name:?}"), labels.len())?;
        }
        self.label_file = Some(tsv::metadata(columns)?.into());
        Ok(self)
    }

    fn check_rows(&self, name: &str, given: usize) -> Result<(), EmbeddingError> {
        let [rows, _] = self.shape;
        if given == rows {
            Ok(())
        } else {
            Err(EmbeddingError::Rows { what: name.to_owned(), given, rows })
        }
    }
}

/// Builds an [`Embedding`] with labels or images.
///
/// ```
/// use tfevents::Image;
/// use tfevents::summary::Embedding;
///
/// let dark = Image::gray8(2, 2, &[0, 10, 20, 30])?;
/// let bright = Image::gray8(2, 2, &[255, 245, 235, 225])?;
/// let animals = Embedding::builder([2, 2], vec![0.1, 0.2, 0.3, 0.4])
///     .columns([("animal", ["cat", "dog"]), ("legs", ["4", "4"])])
///     .images([&dark, &bright])
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct EmbeddingBuilder {
    embedding: Result<Embedding, EmbeddingError>,
}

impl EmbeddingBuilder {
    /// Sets a label for each vector.
    ///
    /// [`build`](Self::build) returns an error if there is not one for each vector, or one is blank or
    /// has a tab or a line break.
    #[doc(alias("metadata"))]
    pub fn labels(self, labels: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let labels: Vec<String> = labels.into_iter().map(owned).collect();
        self.map(|embedding| {
            embedding.check_rows("labels", labels.len())?;
            embedding.with_columns(&[("labels".to_owned(), labels)])
        })
    }

    /// Sets several labels for each vector, as columns: their names, and a text for each vector.
    /// The projector colors by them, searches them and shows one of them.
    ///
    /// [`build`](Self::build) returns an error if there is no column, a column has not one text for
    /// each vector, all texts of a vector are blank, a text or a name has a tab or a line break, or, of
    /// several columns, two have one name or one a blank name.
    #[doc(alias("metadata_header"))]
    pub fn columns<N: AsRef<str>, L: AsRef<str>>(
        self,
        columns: impl IntoIterator<Item = (N, impl IntoIterator<Item = L>)>,
    ) -> Self {
        let columns: Vec<(String, Vec<String>)> = columns
            .into_iter()
            .map(|(name, labels)| (owned(name), labels.into_iter().map(owned).collect()))
            .collect();
        self.map(|embedding| embedding.with_columns(&columns))
    }

    /// Sets an image for each vector, drawn in place of its point. All images have one size, and as
    /// a square of all of them they are up to 8192 pixels wide: 85,264 of 28x28, for example. Each
    /// image of a [batch](Image::batch) counts.
    ///
    /// [`build`](Self::build) returns an error if there is not one for each vector, they differ in
    /// size, one is an encoded file, or they are too large together.
    #[doc(alias("label_img", "sprite"))]
    pub fn images<'a>(self, images: impl IntoIterator<Item = &'a Image>) -> Self {
        self.map(|mut embedding| {
            let batch = Image::batch(images)?;
            embedding.check_rows("images", batch.sizes()?.len())?;
            embedding.sprite = Some(sprite::tiled(&batch)?);
            Ok(embedding)
        })
    }

    /// Builds the embedding.
    ///
    /// # Errors
    /// Returns the first error of [`Embedding::new`] and of the setters, in the order of the calls.
    pub fn build(self) -> Result<Embedding, EmbeddingError> {
        self.embedding
    }

    fn map(self, set: impl FnOnce(Embedding) -> Result<Embedding, EmbeddingError>) -> Self {
        Self { embedding: self.embedding.and_then(set) }
    }
}

fn owned(text: impl AsRef<str>) -> String {
    text.as_ref().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_embeddings_are_refused() {
        let message =
            |shape, values: &[f32]| Embedding::new(shape, values).unwrap_err().to_string();
        assert_eq!(
            message([0, 2], &[]),
            "invalid embedding shape: 0 vectors of 2 numbers (expected at least 1 of at least 2)"
        );
        assert!(message([2, 1], &[0.0; 2]).contains("2 vectors of 1 numbers"));
        assert!(message([usize::MAX, 2], &[0.0; 2]).contains("values: 2 (expected"));
        assert_eq!(
            message([1, 3], &[0.0, 1.0, f32::NAN]),
            "invalid number 2 of embedding vector 0: NaN (expected a finite number)"
        );
        let two = || Embedding::builder([2, 2], [0.0; 4]);
        assert_eq!(
            two().labels(["a"]).build().unwrap_err().to_string(),
            "invalid number of embedding labels: 1 (expected 2, one for each vector)"
        );
        let uneven = two().columns([("a", vec!["b", "c"]), ("d", vec!["e"])]).build().unwrap_err();
        assert_eq!(
            uneven.to_string(),
            "invalid number of embedding cells of column \"d\": 1 (expected 2, one for each vector)"
        );
        assert_eq!(two().columns([("a", [""; 0]); 0]).build(), Err(EmbeddingError::NoColumns));
        let image = Image::gray8(1, 1, &[0]).unwrap();
        assert_eq!(
            two().images([&image]).build().unwrap_err().to_string(),
            "invalid number of embedding images: 1 (expected 2, one for each vector)"
        );
    }
}
