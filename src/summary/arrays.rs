//! Arrays of the `ndarray` crate, also views that are not contiguous.

use super::{
    Element, HeatMap, Histogram, Image, ImageError, ImageLayout, IntoHistogram, IntoVectors,
    Number, PixelValue, Tensor, embedding::vectors, histograms,
};
use ndarray::{ArrayBase, Data, Dimension, Ix2};
use std::borrow::Cow;
use std::sync::Arc;

impl<S, D> histograms::sealed::IntoHistogram for &ArrayBase<S, D>
where
    S: Data<Elem: Number>,
    D: Dimension,
{
}

/// All values of an array of any shape, copied only if they are not contiguous in memory. Needs
/// the feature `ndarray`.
///
/// ```
/// use ndarray::{array, s};
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let weights = array![[0.5f32, 1.0], [-1.0, 2.0]];
/// writer.add_histogram("kernel", &weights, 0);
/// writer.add_histogram("kernel/column", &weights.slice(s![.., 1]), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl<S, D> IntoHistogram for &ArrayBase<S, D>
where
    S: Data<Elem: Number>,
    D: Dimension,
{
    fn into_histogram<'a>(self) -> Cow<'a, Histogram>
    where
        Self: 'a,
    {
        // Their order makes no difference.
        Cow::Owned(match self.as_slice_memory_order() {
            Some(values) => Histogram::new(values),
            None => Histogram::new(&self.iter().copied().collect::<Vec<_>>()),
        })
    }
}

impl<S> IntoVectors for &ArrayBase<S, Ix2> where S: Data<Elem: Number> {}

impl<S> vectors::sealed::IntoVectors for &ArrayBase<S, Ix2>
where
    S: Data<Elem: Number>,
{
    fn into_vectors(self) -> Arc<[f32]> {
        vectors::shared(&in_rows(self))
    }
}

/// The array's shape and, row by row, its values. Needs the feature `ndarray`.
///
/// ```
/// use ndarray::array;
/// use tfevents::Tensor;
///
/// let matrix = array![[1.0f32, 2.0], [3.0, 4.0]];
/// assert_eq!(Tensor::from(&matrix), Tensor::new(&[2, 2], &[1.0f32, 2.0, 3.0, 4.0])?);
/// assert_eq!(Tensor::from(&matrix.t()), Tensor::new(&[2, 2], &[1.0f32, 3.0, 2.0, 4.0])?);
/// # Ok::<(), tfevents::summary::TensorError>(())
/// ```
impl<S, D> From<&ArrayBase<S, D>> for Tensor<'_>
where
    S: Data<Elem: Element>,
    D: Dimension,
{
    fn from(array: &ArrayBase<S, D>) -> Self {
        Tensor::numbers(array.shape(), &in_rows(array))
    }
}

impl Image {
    /// Creates an image from an array of two dimensions (height and width, gray), of three (one
    /// image, in the order of `layout`) or of four (a batch of those). Needs the feature `ndarray`.
    ///
    /// ```
    /// use ndarray::{Array3, Array4, array};
    /// use tfevents::Image;
    /// use tfevents::summary::ImageLayout;
    ///
    /// let gray = Image::from_ndarray(ImageLayout::Hwc, &array![[0u8, 128], [255, 0]])?;
    /// let planes = Image::from_ndarray(ImageLayout::Chw, &Array3::<f32>::zeros((3, 28, 28)))?;
    /// let batch = Image::from_ndarray(ImageLayout::Chw, &Array4::<f32>::zeros((16, 1, 28, 28)))?;
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// If there are other dimensions, a size is zero, or the channels are not 1 to 4.
    pub fn from_ndarray<S, D>(
        layout: ImageLayout,
        array: &ArrayBase<S, D>,
    ) -> Result<Self, ImageError>
    where
        S: Data<Elem: PixelValue>,
        D: Dimension,
    {
        let values = in_rows(array);
        match *array.shape() {
            [height, width] => Self::from_array(ImageLayout::Hwc, [height, width, 1], &values),
            [a, b, c] => Self::from_array(layout, [a, b, c], &values),
            [count, a, b, c] => Self::batch_from_array(layout, [count, a, b, c], &values),
            ref shape => Err(ImageError::Dimensions { given: shape.len() }),
        }
    }
}

impl HeatMap {
    /// Creates a map from an array of height and width. Needs the feature `ndarray`.
    ///
    /// ```
    /// use ndarray::array;
    /// use tfevents::summary::HeatMap;
    ///
    /// let confusion = HeatMap::from_ndarray(&array![[9, 1], [0, 10]])?;
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// If a side is zero.
    pub fn from_ndarray<S>(array: &ArrayBase<S, Ix2>) -> Result<Self, ImageError>
    where
        S: Data<Elem: Number>,
    {
        let (height, width) = array.dim();
        Self::new(width, height, &in_rows(array))
    }
}

/// Returns the rows of an array of three columns, such as a [mesh](super::Mesh)'s vertices, faces
/// or colors. Needs the feature `ndarray`.
///
/// ```
/// use ndarray::array;
/// use tfevents::summary::{Mesh, triples};
///
/// let corners = array![[0.0f32, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
/// let faces = array![[0u32, 1, 2]];
/// let triangle = Mesh::builder(&triples(&corners)?).faces(&triples(&faces)?).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If there are not three columns.
pub fn triples<S>(array: &ArrayBase<S, Ix2>) -> Result<Vec<[S::Elem; 3]>, TriplesError>
where
    S: Data<Elem: Copy>,
{
    let (rows, columns) = array.dim();
    if columns != 3 {
        return Err(TriplesError { rows, columns });
    }
    Ok(array.rows().into_iter().map(|row| [row[0], row[1], row[2]]).collect())
}

/// An error returned by [`triples`]. Needs the feature `ndarray`.
///
/// ```
/// let error = tfevents::summary::triples(&ndarray::array![[1.0, 2.0]]).unwrap_err();
/// assert_eq!(error.to_string(), "invalid number of columns for triples: 2 (expected 3)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid number of columns for triples: {columns} (expected 3)")]
#[non_exhaustive]
pub struct TriplesError {
    /// The number of rows.
    pub rows: usize,
    /// The number of columns.
    pub columns: usize,
}

/// Returns the values with the last dimension changing fastest.
fn in_rows<S, D>(array: &ArrayBase<S, D>) -> Cow<'_, [S::Elem]>
where
    S: Data<Elem: Copy>,
    D: Dimension,
{
    match array.as_slice() {
        Some(values) => Cow::Borrowed(values),
        None => Cow::Owned(array.iter().copied().collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::Embedding;
    use ndarray::{Array, Array0, Axis, Ix4, IxDyn, s};

    #[test]
    fn views_of_any_order() {
        let array = Array::from_shape_fn((3, 4, 5), |(i, j, k)| (i * 100 + j * 10 + k) as i32);
        let view = array.slice(s![.., 1..;2, ..;-1]);
        let wanted: Vec<i32> = (0..3)
            .flat_map(|i| [1, 3].map(|j| (i, j)))
            .flat_map(|(i, j)| (0..5).rev().map(move |k| i * 100 + j * 10 + k))
            .collect();
        assert_eq!(Tensor::from(&view), Tensor::new(&[3, 2, 5], &wanted).unwrap());
        assert_eq!(*(&view).into_histogram(), Histogram::new(&wanted));
        let scalar = Array0::from_elem((), 7.0f32);
        assert_eq!(Tensor::from(&scalar), Tensor::scalar(7.0f32));
        let dynamic = array.clone().into_dyn();
        assert_eq!(Tensor::from(&dynamic), Tensor::from(&array));
        let empty = Array::<f64, _>::zeros((0, 3));
        assert_eq!((&empty).into_histogram().count(), 0);
    }

    #[test]
    fn embeddings_of_transposed_views() {
        let array = Array::from_shape_fn((3, 2), |(i, j)| f64::from(10 * i as u32 + j as u32));
        let wanted = Embedding::new([2, 3], vec![0.0f32, 10.0, 20.0, 1.0, 11.0, 21.0]);
        assert_eq!(Embedding::new([2, 3], &array.t()), wanted);
    }

    #[test]
    fn heat_maps_and_triples_of_transposed_views() {
        let array = Array::from_shape_fn((3, 4), |(i, j)| (10 * i + j) as u32);
        let wanted = HeatMap::new(3, 4, &[0, 10, 20, 1, 11, 21, 2, 12, 22, 3, 13, 23]);
        assert_eq!(HeatMap::from_ndarray(&array.t()), wanted);
        let rows = [[0, 10, 20], [1, 11, 21], [2, 12, 22], [3, 13, 23]];
        assert_eq!(triples(&array.t()).unwrap(), rows);
        assert_eq!(triples(&array), Err(TriplesError { rows: 3, columns: 4 }));
        let empty = Array::<f32, _>::zeros((0, 3));
        assert_eq!(HeatMap::from_ndarray(&empty), Err(ImageError::Size { width: 3, height: 0 }));
    }

    #[test]
    fn images_of_either_order() {
        let mut pixels = Array::<u8, Ix4>::zeros((2, 4, 5, 3));
        pixels.iter_mut().enumerate().for_each(|(i, pixel)| *pixel = i as u8);
        let wanted =
            Image::batch_from_array(ImageLayout::Hwc, [2, 4, 5, 3], pixels.as_slice().unwrap());
        assert_eq!(Image::from_ndarray(ImageLayout::Hwc, &pixels), wanted);
        // The same pixels as planes: only the axes move.
        let planes = pixels.view().permuted_axes([0, 3, 1, 2]);
        assert_eq!(Image::from_ndarray(ImageLayout::Chw, &planes), wanted);
        let first = planes.index_axis(Axis(0), 0);
        let gray = first.index_axis(Axis(0), 1);
        let wanted: Vec<u8> = gray.iter().copied().collect();
        assert_eq!(Image::from_ndarray(ImageLayout::Chw, &gray), Image::gray8(5, 4, &wanted));
        let line = Array::<u8, _>::zeros(IxDyn(&[5]));
        let error = Image::from_ndarray(ImageLayout::Hwc, &line).unwrap_err();
        assert_eq!(error, ImageError::Dimensions { given: 1 });
    }
}
