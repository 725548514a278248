//! Tensors as what can be logged.

use crate::LogAs;
use candle_core::{CpuStorage, DType, Device, Storage, Tensor};
use tfevents::summary::{ImageError, ImageLayout, PixelValue, Scalar, TensorError};
use tfevents::{Histogram, Image};

/// A tensor that cannot be logged so.
///
/// ```
/// use candle_core::{Device, Tensor};
///
/// let error = tfevents_candle::scalar(&Tensor::new(&[1f32, 2.], &Device::Cpu)?).unwrap_err();
/// assert!(error.to_string().starts_with("2 elements of shape [2]"));
/// # Ok::<(), candle_core::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// A scalar is one element.
    #[error("{} elements of shape {shape:?}; a scalar is one element", shape.iter().product::<usize>())]
    #[non_exhaustive]
    NotOne {
        /// The shape that was given.
        shape: Vec<usize>,
    },
    /// A shape that is no image.
    #[error(
        "shape {shape:?} is no image; allowed are [height, width], [channels, height, width] and a batch of the latter"
    )]
    #[non_exhaustive]
    Shape {
        /// The shape that was given.
        shape: Vec<usize>,
    },
    /// Pixels of a type that has no range of brightness.
    #[error("pixels of {}; allowed are u8, and floats between 0 and 1", dtype.as_str())]
    #[non_exhaustive]
    Pixels {
        /// The type that was given.
        dtype: DType,
    },
    /// Sizes that make no image.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// A shape that does not fit its values, which no tensor of candle has.
    #[error(transparent)]
    Tensor(#[from] TensorError),
    /// candle could not read or convert the values.
    #[error(transparent)]
    Candle(#[from] candle_core::Error),
}

/// Calls `$then` with the values of a tensor as a slice of their type.
macro_rules! with_values {
    ($tensor:expr, $values:ident => $then:expr) => {{
        let tensor = on_host($tensor)?;
        let (storage, layout) = tensor.storage_and_layout();
        let (from, to) = layout.contiguous_offsets().unwrap_or((0, 0)); // made so by `on_host`
        let Storage::Cpu(storage) = &*storage else {
            return Err(candle_core::Error::Msg("not on the host".into()).into()); // nor this
        };
        match storage {
            CpuStorage::U8(values) => {
                let $values = &values[from..to];
                $then
            }
            CpuStorage::U32(values) => {
                let $values = &values[from..to];
                $then
            }
            CpuStorage::I16(values) => {
                let $values = &values[from..to];
                $then
            }
            CpuStorage::I32(values) => {
                let $values = &values[from..to];
                $then
            }
            CpuStorage::I64(values) => {
                let $values = &values[from..to];
                $then
            }
            CpuStorage::F32(values) => {
                let $values = &values[from..to];
                $then
            }
            CpuStorage::F64(values) => {
                let $values = &values[from..to];
                $then
            }
            _ => {
                let error = candle_core::Error::UnsupportedDTypeForOp(tensor.dtype(), "logging");
                return Err(error.into());
            }
        }
    }};
}

/// The tensor in the host's memory, row by row, of a type that Rust has.
fn on_host(tensor: &Tensor) -> candle_core::Result<Tensor> {
    let tensor = tensor.detach().contiguous()?.to_device(&Device::Cpu)?;
    match tensor.dtype() {
        DType::BF16 | DType::F16 | DType::F8E4M3 => tensor.to_dtype(DType::F32),
        _ => Ok(tensor),
    }
}

/// A histogram of all elements. Waits for the tensor's device.
///
/// ```
/// use candle_core::{Device, Tensor};
///
/// let tensor = Tensor::new(&[[1u8, 2], [3, 4]], &Device::Cpu)?;
/// assert_eq!(tfevents_candle::histogram(&tensor)?.count(), 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If candle cannot read the elements: some small floats have no conversion.
pub fn histogram(tensor: &Tensor) -> Result<Histogram, ConvertError> {
    Ok(with_values!(tensor, values => Histogram::new(values)))
}

/// The one element as a scalar. Waits for the tensor's device.
///
/// ```
/// use candle_core::{Device, Tensor};
/// use tfevents::summary::Scalar;
///
/// let loss = Tensor::new(0.25f32, &Device::Cpu)?;
/// assert_eq!(tfevents_candle::scalar(&loss)?, Scalar::new(0.25));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If it is not one element.
pub fn scalar(tensor: &Tensor) -> Result<Scalar, ConvertError> {
    if tensor.elem_count() != 1 {
        return Err(ConvertError::NotOne { shape: tensor.dims().to_vec() });
    }
    Ok(with_values!(tensor, values => Scalar::new(values[0])))
}

/// An image of shape `[height, width]` or `[channels, height, width]`, or several, of shape
/// `[batch, channels, height, width]`. Elements are `u8`, or floats between 0 and 1. Waits for the
/// tensor's device.
///
/// ```
/// use candle_core::{Device, Tensor};
///
/// let image = tfevents_candle::image(&Tensor::new(&[[0f32, 1.]], &Device::Cpu)?)?;
/// assert_eq!((image.width(), image.height()), (2, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the shape or the type of the elements makes no image.
pub fn image(tensor: &Tensor) -> Result<Image, ConvertError> {
    let (batch, shape) = image_shape(tensor)?;
    let flat = tensor.detach().flatten_all()?.to_device(&Device::Cpu)?;
    match tensor.dtype() {
        DType::U8 => images(batch, shape, &flat.to_vec1::<u8>()?),
        dtype if dtype.is_float() => {
            images(batch, shape, &flat.to_dtype(DType::F32)?.to_vec1::<f32>()?)
        }
        dtype => Err(ConvertError::Pixels { dtype }),
    }
}

/// How many images, and the channels, height and width of each.
fn image_shape(tensor: &Tensor) -> Result<(usize, [usize; 3]), ConvertError> {
    match *tensor.dims() {
        [height, width] => Ok((1, [1, height, width])),
        [channels, height, width] => Ok((1, [channels, height, width])),
        [batch, channels, height, width] => Ok((batch, [channels, height, width])),
        ref shape => Err(ConvertError::Shape { shape: shape.to_vec() }),
    }
}

/// What is wrong, as far as it can be known without the values.
pub(crate) fn check(tensor: &Tensor, kind: LogAs) -> Result<(), ConvertError> {
    let dtype = tensor.dtype();
    match kind {
        LogAs::Scalar if tensor.elem_count() != 1 => {
            return Err(ConvertError::NotOne { shape: tensor.dims().to_vec() });
        }
        LogAs::Image if dtype != DType::U8 && !dtype.is_float() => {
            return Err(ConvertError::Pixels { dtype });
        }
        LogAs::Image => {
            let (batch, shape) = image_shape(tensor)?;
            if batch == 0 {
                return Err(ImageError::EmptyBatch.into());
            }
            // That there are no pixels is found last.
            match Image::from_array::<u8>(ImageLayout::Chw, shape, &[]) {
                Ok(_) | Err(ImageError::Length { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        LogAs::Scalar | LogAs::Histogram | LogAs::Tensor => {}
    }
    match dtype {
        DType::F6E2M3 | DType::F6E3M2 | DType::F4 | DType::F8E8M0 => {
            Err(candle_core::Error::UnsupportedDTypeForOp(dtype, "logging").into())
        }
        _ => Ok(()),
    }
}

fn images<T: PixelValue>(
    batch: usize,
    shape: [usize; 3],
    pixels: &[T],
) -> Result<Image, ConvertError> {
    let size = pixels.len() / batch.max(1);
    let each = (0..batch)
        .map(|at| Image::from_array(ImageLayout::Chw, shape, &pixels[at * size..][..size]));
    Ok(Image::batch(&each.collect::<Result<Vec<_>, _>>()?)?)
}

/// The tensor with its shape, to be read back from the file; half floats become `f32`. Waits for
/// the tensor's device.
///
/// ```
/// use candle_core::{Device, Tensor};
///
/// let mask = Tensor::new(&[[1u8, 0], [0, 1]], &Device::Cpu)?;
/// assert_eq!(tfevents_candle::tensor(&mask)?, tfevents::Tensor::new(&[2, 2], &[1u8, 0, 0, 1])?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If candle cannot read the elements.
pub fn tensor(tensor: &Tensor) -> Result<tfevents::Tensor<'static>, ConvertError> {
    Ok(with_values!(tensor, values => tfevents::Tensor::new(tensor.dims(), values)?))
}
