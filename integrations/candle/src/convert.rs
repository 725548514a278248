//! Conversions of candle's tensors to summaries.

use crate::LogAs;
use candle_core::{CpuStorage, DType, Device, Storage, Tensor};
use tfevents::summary::{ImageError, ImageLayout, PixelValue, Scalar, TensorError};
use tfevents::{Histogram, Image};

/// An error converting a tensor of candle to a summary.
///
/// ```
/// use candle_core::{Device, Tensor};
///
/// let error = tfevents_candle::scalar(&Tensor::new(&[1f32, 2.], &Device::Cpu)?).unwrap_err();
/// assert_eq!(error.to_string(), "invalid shape of a scalar: [2] (expected one element)");
/// # Ok::<(), candle_core::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// The tensor has several elements or none, and cannot be logged as a scalar.
    #[error("invalid shape of a scalar: {shape:?} (expected one element)")]
    #[non_exhaustive]
    ScalarShape {
        /// The shape of the tensor.
        shape: Vec<usize>,
    },
    /// The shape is not that of an image.
    #[error(
        "invalid shape of an image: {shape:?} (expected [height, width], [channels, height, width] or [batch, channels, height, width])"
    )]
    #[non_exhaustive]
    ImageShape {
        /// The shape of the tensor.
        shape: Vec<usize>,
    },
    /// The type of the elements is not one of pixels.
    #[error("invalid type of pixels: {} (expected u8, or floats between 0 and 1)", dtype.as_str())]
    #[non_exhaustive]
    PixelType {
        /// The type of the elements.
        dtype: DType,
    },
    /// The elements are not those of an image.
    #[error("cannot convert the tensor to an image")]
    Image(#[from] ImageError),
    /// The shape does not fit the elements, which no tensor of candle has.
    #[error("cannot convert the tensor to a tensor summary")]
    Tensor(#[from] TensorError),
    /// candle cannot read or convert the elements.
    #[error("cannot read the tensor")]
    Candle(#[from] candle_core::Error),
}

/// Calls `$then` with the values of a tensor as a slice of their type.
macro_rules! with_values {
    ($tensor:expr, $values:ident => $then:expr) => {{
        let tensor = on_host($tensor)?;
        let (storage, layout) = tensor.storage_and_layout();
        let (from, to) = layout.contiguous_offsets().unwrap_or((0, 0)); // `on_host` made it contiguous
        let Storage::Cpu(storage) = &*storage else {
            return Err(candle_core::Error::Msg("the tensor is not in the host's memory".into()).into()); // `on_host` moved it
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

/// Copies a tensor to the host's memory, in row-major order and with a type that Rust has.
fn on_host(tensor: &Tensor) -> candle_core::Result<Tensor> {
    let tensor = tensor.detach().contiguous()?.to_device(&Device::Cpu)?;
    match tensor.dtype() {
        DType::BF16 | DType::F16 | DType::F8E4M3 => tensor.to_dtype(DType::F32),
        _ => Ok(tensor),
    }
}

/// Returns a histogram of all elements. Waits for the tensor's device.
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
/// Returns an error if candle cannot read the elements: some small floats have no conversion.
pub fn histogram(tensor: &Tensor) -> Result<Histogram, ConvertError> {
    Ok(with_values!(tensor, values => Histogram::new(values)))
}

/// Returns the single element as a scalar. Waits for the tensor's device.
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
/// Returns an error if the tensor does not have exactly one element, or if candle cannot read it.
pub fn scalar(tensor: &Tensor) -> Result<Scalar, ConvertError> {
    if tensor.elem_count() != 1 {
        return Err(ConvertError::ScalarShape { shape: tensor.dims().to_vec() });
    }
    Ok(with_values!(tensor, values => Scalar::new(values[0])))
}

/// Returns an image of shape `[height, width]` or `[channels, height, width]`, or several of shape
/// `[batch, channels, height, width]`.
///
/// Elements are `u8`, or floats between 0 and 1. Waits for the tensor's device.
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
/// Returns an error if the shape or the type of the elements is not that of an image.
pub fn image(tensor: &Tensor) -> Result<Image, ConvertError> {
    let (batch, shape) = image_shape(tensor)?;
    let flat = tensor.detach().flatten_all()?.to_device(&Device::Cpu)?;
    match tensor.dtype() {
        DType::U8 => images(batch, shape, &flat.to_vec1::<u8>()?),
        dtype if dtype.is_float() => {
            images(batch, shape, &flat.to_dtype(DType::F32)?.to_vec1::<f32>()?)
        }
        dtype => Err(ConvertError::PixelType { dtype }),
    }
}

/// Returns the number of images, and the channels, height and width of each.
fn image_shape(tensor: &Tensor) -> Result<(usize, [usize; 3]), ConvertError> {
    match *tensor.dims() {
        [height, width] => Ok((1, [1, height, width])),
        [channels, height, width] => Ok((1, [channels, height, width])),
        [batch, channels, height, width] => Ok((batch, [channels, height, width])),
        ref shape => Err(ConvertError::ImageShape { shape: shape.to_vec() }),
    }
}

/// Checks everything that can be checked without reading the elements.
pub(crate) fn check(tensor: &Tensor, kind: LogAs) -> Result<(), ConvertError> {
    let dtype = tensor.dtype();
    match kind {
        LogAs::Scalar if tensor.elem_count() != 1 => {
            return Err(ConvertError::ScalarShape { shape: tensor.dims().to_vec() });
        }
        LogAs::Image if dtype != DType::U8 && !dtype.is_float() => {
            return Err(ConvertError::PixelType { dtype });
        }
        LogAs::Image => {
            let (batch, shape) = image_shape(tensor)?;
            if batch == 0 {
                return Err(ImageError::EmptyBatch.into());
            }
            // The length is checked last, so all else is valid if only that is wrong.
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

/// Returns all elements and the shape, to be read back from the file. Waits for the tensor's device.
///
/// Half-precision floats become `f32`.
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
/// Returns an error if candle cannot read the elements.
pub fn tensor(tensor: &Tensor) -> Result<tfevents::Tensor<'static>, ConvertError> {
    Ok(with_values!(tensor, values => tfevents::Tensor::new(tensor.dims(), values)?))
}
