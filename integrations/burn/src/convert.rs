//! Conversions of burn's tensors to summaries. Reading waits for the tensor's device.

use burn_core::tensor::{DType, Tensor, TensorData};
use tfevents::summary::{ImageError, ImageLayout, Parameter, Scalar, Summary, TensorError};
use tfevents::{Histogram, Image};

/// The kind of summary as which a tensor is logged.
///
/// ```
/// use tfevents_burn::LogAs;
///
/// assert_ne!(LogAs::Scalar, LogAs::Histogram);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LogAs {
    /// A scalar of the single element.
    Scalar,
    /// A histogram of all elements.
    Histogram,
    /// A histogram of all elements, and their norm under `tag/norm`: see
    /// [`Parameter`](tfevents::summary::Parameter).
    Parameter,
    /// An image of shape `[height, width]` or `[channels, height, width]`, or several of shape
    /// `[batch, channels, height, width]`, with elements between 0 and 1.
    Image,
    /// A tensor with all elements and the shape, to be read back from the file; half-precision floats
    /// become `f32`.
    Tensor,
}

/// An error converting a tensor of burn to a summary.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConvertError {
    #[error("invalid shape of a scalar: {shape:?} (expected one element)")]
    ScalarShape { shape: Vec<usize> },
    #[error(
        "invalid shape of an image: {shape:?} (expected [height, width], [channels, height, width] or [batch, channels, height, width])"
    )]
    ImageShape { shape: Vec<usize> },
    #[error("invalid tensor: 0 elements (expected at least 1)")]
    Empty,
    #[error("the tensor is quantized (expected a dequantized one)")]
    Quantized,
    #[error("cannot convert the tensor to an image")]
    Image(#[from] ImageError),
    #[error("cannot convert the tensor to a tensor summary")]
    Tensor(#[from] TensorError),
    /// burn cannot read or convert the elements. Its error types are not all [`std::error::Error`]s.
    #[error("cannot read the tensor: {0}")]
    Burn(String),
}

/// Checks everything that can be checked without reading the elements.
pub(crate) fn check<const D: usize>(tensor: &Tensor<D>, kind: LogAs) -> Result<(), ConvertError> {
    if matches!(tensor.dtype(), DType::QFloat(_)) {
        return Err(ConvertError::Quantized);
    }
    let shape = tensor.shape();
    match kind {
        LogAs::Scalar if shape.num_elements() != 1 => {
            Err(ConvertError::ScalarShape { shape: shape.to_vec() })
        }
        LogAs::Parameter if shape.num_elements() == 0 => Err(ConvertError::Empty),
        LogAs::Image => {
            let (batch, shape) = image_shape(&shape)?;
            if batch == 0 {
                return Err(ImageError::EmptyBatch.into());
            }
            // The length is checked last, so all else is valid if only that is wrong.
            match Image::from_array::<f32>(ImageLayout::Chw, shape, &[]) {
                Ok(_) | Err(ImageError::Length { .. }) => Ok(()),
                Err(error) => Err(error.into()),
            }
        }
        _ => Ok(()),
    }
}

/// Reads a tensor that was checked.
pub(crate) fn read<const D: usize>(
    tensor: Tensor<D>,
    kind: LogAs,
) -> Result<Box<dyn Summary>, ConvertError> {
    let data = tensor.try_into_data().map_err(|error| ConvertError::Burn(error.to_string()))?;
    let shape = data.shape().to_vec();
    Ok(match kind {
        LogAs::Scalar => {
            let first = |values: &[f32]| values.first().map(|value| Scalar::new(*value));
            let first_double = |values: &[f64]| values.first().map(|value| Scalar::new(*value));
            let scalar = with(&data, first, first_double)?;
            Box::new(scalar.ok_or(ConvertError::ScalarShape { shape })?)
        }
        LogAs::Histogram => Box::new(histogram(&data)?),
        LogAs::Parameter => Box::new(Parameter::new(histogram(&data)?)),
        LogAs::Image => Box::new(with(
            &data,
            |values| image(&shape, values),
            |values| image(&shape, &values.iter().map(|&value| value as f32).collect::<Vec<_>>()),
        )??),
        LogAs::Tensor => Box::new(with(
            &data,
            |values| tfevents::Tensor::new(&shape, values),
            |values| tfevents::Tensor::new(&shape, values),
        )??),
    })
}

fn histogram(data: &TensorData) -> Result<Histogram, ConvertError> {
    with(data, Histogram::new, Histogram::new)
}

/// Calls one of the functions with the elements: `f64` stays, all other types become `f32`.
fn with<T>(
    data: &TensorData,
    singles: impl FnOnce(&[f32]) -> T,
    doubles: impl FnOnce(&[f64]) -> T,
) -> Result<T, ConvertError> {
    match data.dtype() {
        DType::F64 => data.as_slice::<f64>().map(doubles),
        DType::F32 => data.as_slice::<f32>().map(singles),
        _ => data.try_to_vec_as::<f32>().map(|values| singles(&values)),
    }
    .map_err(|error| ConvertError::Burn(error.to_string()))
}

/// Returns the number of images, and the channels, height and width of each.
fn image_shape(shape: &[usize]) -> Result<(usize, [usize; 3]), ConvertError> {
    match *shape {
        [height, width] => Ok((1, [1, height, width])),
        [channels, height, width] => Ok((1, [channels, height, width])),
        [batch, channels, height, width] => Ok((batch, [channels, height, width])),
        _ => Err(ConvertError::ImageShape { shape: shape.to_vec() }),
    }
}

fn image(shape: &[usize], pixels: &[f32]) -> Result<Image, ConvertError> {
    let (batch, shape) = image_shape(shape)?;
    let size = pixels.len() / batch.max(1);
    let each = (0..batch)
        .map(|at| Image::from_array(ImageLayout::Chw, shape, &pixels[at * size..][..size]));
    Ok(Image::batch(&each.collect::<Result<Vec<_>, _>>()?)?)
}
