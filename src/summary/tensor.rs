//! Tensors: the data of every summary, and a kind by themselves.

use crate::wire::messages::DataType;
use crate::wire::protobuf::{field_len, put_bytes, put_len, put_uint, varint_len};
use std::borrow::Cow;

/// Numbers or byte strings in a shape, row by row.
///
/// Borrowed byte strings are not copied before they are logged; numbers are.
///
/// ```
/// use tfevents::Tensor;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let weights = [0.5f32, 1.0, -1.0, 2.0, 0.0, 3.0];
/// writer.add("weights", &Tensor::new(&[2, 3], &weights)?, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A tensor that is logged by itself has no dashboard: it can be read back from the file. In the
/// values of a [`Summary`](super::Summary) of your own it is the data that a dashboard reads.
#[derive(Clone, Debug, PartialEq)]
#[doc(alias("TensorProto", "add_tensor"))]
pub struct Tensor<'a> {
    shape: Vec<usize>,
    data: Data<'a>,
}

#[derive(Clone, Debug, PartialEq)]
enum Data<'a> {
    /// Little endian.
    Numbers(DataType, Cow<'a, [u8]>),
    Strings(Vec<Cow<'a, [u8]>>),
}

/// An error creating a [`Tensor`].
///
/// ```
/// let error = tfevents::Tensor::new(&[2, 2], &[1.0f32]).unwrap_err();
/// assert_eq!((&error.shape[..], error.given), (&[2, 2][..], 1));
/// assert_eq!(
///     error.to_string(),
///     "invalid number of values for a tensor of shape [2, 2]: 1 (expected 4)"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "invalid number of values for a tensor of shape {shape:?}: {given} (expected {})",
    elements(shape).map_or("a product of the sizes that can be counted".to_owned(), |n| n.to_string())
)]
#[non_exhaustive]
pub struct TensorError {
    /// The shape that was given.
    pub shape: Vec<usize>,
    /// The number of values that were given.
    pub given: usize,
}

/// A number that can be an element of a [`Tensor`].
///
/// Implemented for `bool` and the primitive numbers up to 64 bits, and with the feature `half` for
/// `f16` and `bf16`. The trait is sealed.
///
/// ```
/// use tfevents::summary::{Element, Tensor, TensorError};
///
/// fn column<T: Element>(values: &[T]) -> Result<Tensor<'_>, TensorError> {
///     Tensor::new(&[values.len(), 1], values)
/// }
/// ```
pub trait Element: sealed::Element {}

pub(super) mod sealed {
    pub trait Element: Copy {
        const TYPE: super::DataType;
        fn put_all(values: &[Self], out: &mut Vec<u8>);
    }
}

macro_rules! elements {
    ($($element:ty => $data_type:ident),* $(,)?) => {$(
        impl Element for $element {}
        impl sealed::Element for $element {
            const TYPE: DataType = DataType::$data_type;
            fn put_all(values: &[Self], out: &mut Vec<u8>) {
                const SIZE: usize = size_of::<$element>();
                let start = out.len();
                out.resize(start + values.len() * SIZE, 0);
                for (bytes, value) in out[start..].chunks_exact_mut(SIZE).zip(values) {
                    bytes.copy_from_slice(&value.to_le_bytes());
                }
            }
        }
    )*};
}

elements! {
    f32 => DtFloat, f64 => DtDouble,
    i8 => DtInt8, i16 => DtInt16, i32 => DtInt32, i64 => DtInt64,
    u8 => DtUint8, u16 => DtUint16, u32 => DtUint32, u64 => DtUint64,
}

impl Element for bool {}
impl sealed::Element for bool {
    const TYPE: DataType = DataType::DtBool;
    fn put_all(values: &[Self], out: &mut Vec<u8>) {
        out.extend(values.iter().map(|&value| u8::from(value)));
    }
}

impl<'a> Tensor<'a> {
    /// Creates a tensor of numbers. A shape without sizes, `&[]`, is one number.
    ///
    /// ```
    /// use tfevents::Tensor;
    ///
    /// assert!(Tensor::new(&[2, 1], &[0.5f32, -1.0]).is_ok());
    /// assert!(Tensor::new(&[2, 2], &[0.5f32, -1.0]).is_err());
    /// ```
    ///
    /// # Errors
    /// If the product of the sizes is not the number of values.
    pub fn new<T: Element>(shape: &[usize], values: &[T]) -> Result<Self, TensorError> {
        check(shape, values.len())?;
        Ok(Self::numbers(shape, values))
    }

    /// Creates a tensor of byte strings.
    ///
    /// ```
    /// use tfevents::Tensor;
    ///
    /// assert!(Tensor::strings(&[2], &["one", "two"]).is_ok());
    /// assert!(Tensor::strings(&[3], &["one", "two"]).is_err());
    /// ```
    ///
    /// # Errors
    /// If the product of the sizes is not the number of strings.
    pub fn strings(shape: &[usize], strings: &'a [impl AsRef<[u8]>]) -> Result<Self, TensorError> {
        let strings = strings.iter().map(|string| Cow::Borrowed(string.as_ref())).collect();
        Self::of_strings(shape, strings)
    }

    pub(crate) fn of_strings(
        shape: &[usize],
        strings: Vec<Cow<'a, [u8]>>,
    ) -> Result<Self, TensorError> {
        check(shape, strings.len())?;
        Ok(Self { shape: shape.to_vec(), data: Data::Strings(strings) })
    }

    /// Creates a tensor of one byte string, of rank 0.
    ///
    /// ```
    /// let text = tfevents::Tensor::string(b"hello");
    /// ```
    pub fn string(bytes: &'a [u8]) -> Self {
        Self { shape: Vec::new(), data: Data::Strings(vec![Cow::Borrowed(bytes)]) }
    }

    /// Creates a tensor of one number, of rank 0.
    ///
    /// ```
    /// let seven = tfevents::Tensor::scalar(7.0f32);
    /// ```
    pub fn scalar<T: Element>(value: T) -> Self {
        Self::numbers(&[], &[value])
    }

    /// Creates a vector of byte strings: its shape cannot be wrong.
    pub(crate) fn string_vector(strings: Vec<Cow<'a, [u8]>>) -> Self {
        Self { shape: vec![strings.len()], data: Data::Strings(strings) }
    }

    /// Creates a tensor whose shape the caller has checked.
    pub(crate) fn numbers<T: Element>(shape: &[usize], values: &[T]) -> Self {
        let mut bytes = Vec::new();
        T::put_all(values, &mut bytes);
        Self { shape: shape.to_vec(), data: Data::Numbers(T::TYPE, Cow::Owned(bytes)) }
    }

    /// Returns how many bytes [`put`](Self::put) writes.
    pub(crate) fn encoded_len(&self) -> usize {
        let (data_type, data) = match &self.data {
            Data::Numbers(data_type, bytes) => (*data_type, field_len(bytes.len())),
            Data::Strings(strings) => {
                (DataType::DtString, strings.iter().map(|string| field_len(string.len())).sum())
            }
        };
        1 + varint_len(data_type as u64) + field_len(self.shape_len()) + data
    }

    /// Appends the `TensorProto`.
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        let data_type = match &self.data {
            Data::Numbers(data_type, _) => *data_type,
            Data::Strings(_) => DataType::DtString,
        };
        put_uint(out, 1, data_type as u64);
        put_len(out, 2, self.shape_len());
        for &size in &self.shape {
            put_len(out, 2, dim_len(size));
            if size != 0 {
                put_uint(out, 1, size as u64);
            }
        }
        match &self.data {
            Data::Numbers(_, bytes) => put_bytes(out, 4, bytes),
            Data::Strings(strings) => strings.iter().for_each(|string| put_bytes(out, 8, string)),
        }
    }

    fn shape_len(&self) -> usize {
        self.shape.iter().map(|&size| field_len(dim_len(size))).sum()
    }
}

/// Returns the length of a `TensorShapeProto.Dim`, which leaves out a zero.
fn dim_len(size: usize) -> usize {
    if size == 0 { 0 } else { 1 + varint_len(size as u64) }
}

/// Returns the number of elements of a shape; `None` if a size or their number is too large.
fn elements(shape: &[usize]) -> Option<usize> {
    // A size is an i64 in the file.
    if shape.iter().any(|&size| i64::try_from(size).is_err()) {
        return None;
    }
    // A shape may have a zero beside sizes whose product overflows.
    if shape.contains(&0) {
        return Some(0);
    }
    shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size))
}

fn check(shape: &[usize], given: usize) -> Result<(), TensorError> {
    if elements(shape) == Some(given) {
        Ok(())
    } else {
        Err(TensorError { shape: shape.to_vec(), given })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::messages::TensorProto;
    use prost::Message;

    #[test]
    fn encodes_as_prost_does() {
        let tensors = [
            Tensor::new(&[2, 0, 3], &[0f32; 0]).unwrap(),
            Tensor::new(&[2, 2], &[1i64, -2, 3, i64::MIN]).unwrap(),
            Tensor::scalar(true),
            Tensor::string("é".as_bytes()),
            Tensor::string_vector(vec![Cow::Owned(vec![7; 300]); 200]),
        ];
        for tensor in tensors {
            let mut ours = Vec::new();
            tensor.put(&mut ours);
            assert_eq!(ours.len(), tensor.encoded_len());
            let decoded = TensorProto::decode(&ours[..]).unwrap();
            // prost leaves out an empty `tensor_content`; TensorFlow reads both alike.
            if !decoded.tensor_content.is_empty() || !decoded.string_val.is_empty() {
                assert_eq!(decoded.encode_to_vec(), ours);
            }
            let sizes: Vec<_> =
                decoded.tensor_shape.unwrap().dim.iter().map(|dim| dim.size as usize).collect();
            assert_eq!(sizes, tensor.shape);
        }
    }

    #[test]
    fn shapes_of_another_size_are_refused() {
        assert!(Tensor::new(&[2, 3], &[0u8; 5]).is_err());
        assert!(Tensor::new(&[usize::MAX, 2], &[0u8; 5]).is_err());
        let half = usize::MAX / 2;
        assert!(Tensor::new(&[half, half, 0], &[0u8; 0]).is_ok());
        // Beyond an i64, where a usize can be.
        assert_eq!(Tensor::new(&[usize::MAX, 0], &[0u8; 0]).is_ok(), usize::BITS < 64);
    }
}
