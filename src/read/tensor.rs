//! Tensors as they lie in a file.

use crate::wire::messages::{DataType as Dt, TensorProto};

/// A tensor as it lies in a file, borrowed from its [`Value`](super::Value).
///
/// ```
/// use tfevents::Tensor;
/// use tfevents::read::RunReader;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.add("weights", &Tensor::new(&[2, 1], &[0.5f32, -1.0])?, 0);
/// writer.add_text("note", "hello", 0);
/// writer.close()?;
///
/// for event in RunReader::open(dir.path())? {
///     for value in event?.values() {
///         let tensor = value.tensor().unwrap();
///         match value.tag() {
///             "weights" => {
///                 assert_eq!(tensor.shape(), [2, 1]);
///                 assert_eq!(tensor.values::<f32>(), Some(vec![0.5, -1.0]));
///                 assert_eq!(tensor.values::<i64>(), None);
///             }
///             _ => assert_eq!(tensor.strings(), [b"hello"]),
///         }
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Elements are given as they are stored, row by row, and nothing is checked against the shape.
/// TensorFlow may store fewer than the shape asks for; the last one then stands for the rest.
#[derive(Clone, Copy, Debug)]
pub struct TensorValue<'a> {
    message: &'a TensorProto,
}

/// A number that [`TensorValue::values`] gives: the primitive ones up to 64 bits, and `bool`.
///
/// ```
/// fn largest<T: tfevents::read::TensorElement + PartialOrd>(
///     tensor: tfevents::read::TensorValue<'_>,
/// ) -> Option<T> {
///     tensor.values::<T>()?.into_iter().reduce(|a, b| if b > a { b } else { a })
/// }
/// ```
pub trait TensorElement: sealed::Element {}

/// The type of a tensor's elements.
///
/// ```
/// use tfevents::read::DataType;
///
/// assert_eq!(DataType::F32.to_string(), "f32");
/// assert_eq!(DataType::Other(8).to_string(), "data type 8");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DataType {
    /// `DT_FLOAT`.
    F32,
    /// `DT_DOUBLE`.
    F64,
    /// `DT_HALF`.
    F16,
    /// `DT_BFLOAT16`.
    Bf16,
    /// `DT_INT8`.
    I8,
    /// `DT_INT16`.
    I16,
    /// `DT_INT32`.
    I32,
    /// `DT_INT64`.
    I64,
    /// `DT_UINT8`.
    U8,
    /// `DT_UINT16`.
    U16,
    /// `DT_UINT32`.
    U32,
    /// `DT_UINT64`.
    U64,
    /// `DT_BOOL`.
    Bool,
    /// `DT_STRING`: byte strings.
    String,
    /// A type that this reader gives no elements of, by its number in TensorFlow's `DataType`.
    Other(i32),
}

impl DataType {
    /// Returns the type with this number in TensorFlow's `DataType`.
    pub(super) fn new(number: i32) -> Self {
        match Dt::try_from(number) {
            Ok(Dt::DtFloat) => Self::F32,
            Ok(Dt::DtDouble) => Self::F64,
            Ok(Dt::DtHalf) => Self::F16,
            Ok(Dt::DtBfloat16) => Self::Bf16,
            Ok(Dt::DtInt8) => Self::I8,
            Ok(Dt::DtInt16) => Self::I16,
            Ok(Dt::DtInt32) => Self::I32,
            Ok(Dt::DtInt64) => Self::I64,
            Ok(Dt::DtUint8) => Self::U8,
            Ok(Dt::DtUint16) => Self::U16,
            Ok(Dt::DtUint32) => Self::U32,
            Ok(Dt::DtUint64) => Self::U64,
            Ok(Dt::DtBool) => Self::Bool,
            Ok(Dt::DtString) => Self::String,
            _ => Self::Other(number),
        }
    }
}

impl std::fmt::Display for DataType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::Bool => "bool",
            Self::String => "string",
            Self::Other(number) => return write!(f, "data type {number}"),
        };
        f.write_str(name)
    }
}

mod sealed {
    pub trait Element: Copy {
        const TYPE: super::Dt;
        const SIZE: usize;
        /// From little-endian bytes, `SIZE` of them.
        fn from_content(bytes: &[u8]) -> Self;
        /// From the list of its type.
        fn list(message: &super::TensorProto) -> Vec<Self>;
    }
}

macro_rules! elements {
    ($($element:ty, $data_type:ident, $list:ident;)*) => {$(
        impl TensorElement for $element {}
        impl sealed::Element for $element {
            const TYPE: Dt = Dt::$data_type;
            const SIZE: usize = size_of::<$element>();
            fn from_content(bytes: &[u8]) -> Self {
                let mut own = [0; size_of::<$element>()];
                own.copy_from_slice(bytes);
                <$element>::from_le_bytes(own)
            }
            fn list(message: &TensorProto) -> Vec<Self> {
                message.$list.iter().map(|&value| value as $element).collect()
            }
        }
    )*};
}

elements! {
    f32, DtFloat, float_val;
    f64, DtDouble, double_val;
    i8, DtInt8, int_val;
    i16, DtInt16, int_val;
    i32, DtInt32, int_val;
    i64, DtInt64, int64_val;
    u8, DtUint8, int_val;
    u16, DtUint16, int_val;
    u32, DtUint32, uint32_val;
    u64, DtUint64, uint64_val;
}

impl TensorElement for bool {}
impl sealed::Element for bool {
    const TYPE: Dt = Dt::DtBool;
    const SIZE: usize = 1;
    fn from_content(bytes: &[u8]) -> Self {
        bytes != [0]
    }
    fn list(message: &TensorProto) -> Vec<Self> {
        message.bool_val.clone()
    }
}

impl<'a> TensorValue<'a> {
    pub(super) fn new(message: &'a TensorProto) -> Self {
        Self { message }
    }

    /// The size of each dimension, as the file says; none for a single element.
    ///
    /// ```
    /// use tfevents::read::RunReader;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 7);
    /// writer.close()?;
    /// let event = RunReader::open(dir.path())?.nth(1).unwrap()?;
    /// let tensor = event.values()[0].tensor().unwrap();
    /// assert!(tensor.shape().is_empty()); // one number
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn shape(self) -> Vec<i64> {
        let dims = self.message.tensor_shape.iter().flat_map(|shape| &shape.dim);
        dims.map(|dim| dim.size).collect()
    }

    /// Returns the element type.
    ///
    /// ```
    /// use tfevents::read::RunReader;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 7);
    /// writer.close()?;
    /// let event = RunReader::open(dir.path())?.nth(1).unwrap()?;
    /// let tensor = event.values()[0].tensor().unwrap();
    /// assert_eq!(tensor.data_type(), tfevents::read::DataType::F32);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn data_type(self) -> DataType {
        DataType::new(self.message.dtype)
    }

    /// Its numbers, if they are of this type. `None` too if their bytes are no whole numbers.
    ///
    /// ```
    /// use tfevents::read::RunReader;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 7);
    /// writer.close()?;
    /// let event = RunReader::open(dir.path())?.nth(1).unwrap()?;
    /// let tensor = event.values()[0].tensor().unwrap();
    /// assert_eq!(tensor.values::<f32>(), Some(vec![0.5]));
    /// assert_eq!(tensor.values::<u8>(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn values<T: TensorElement>(self) -> Option<Vec<T>> {
        if self.message.dtype != T::TYPE as i32 {
            return None;
        }
        self.content(T::SIZE, T::from_content, T::list(self.message))
    }

    /// Its numbers, of whatever type, as `f64`. Integers over 2^53 are rounded, and half floats of
    /// both kinds are understood. `None` if they are no real numbers, or their bytes are no whole
    /// numbers, or half floats have more than 16 bits, as torch writes them.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add("counts", &tfevents::Tensor::new(&[2], &[7u8, 255])?, 0);
    /// writer.close()?;
    /// for event in tfevents::read::RunReader::open(dir.path())? {
    ///     for value in event?.values() {
    ///         assert_eq!(value.tensor().unwrap().to_f64(), Some(vec![7.0, 255.0]));
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_f64(self) -> Option<Vec<f64>> {
        use sealed::Element as _;
        macro_rules! widened {
            ($element:ty) => {{
                let list = wide(&<$element>::list(self.message), |value| value as f64);
                self.content(<$element>::SIZE, |bytes| <$element>::from_content(bytes) as f64, list)
            }};
        }
        match Dt::try_from(self.message.dtype).ok()? {
            Dt::DtFloat => widened!(f32),
            Dt::DtDouble => widened!(f64),
            Dt::DtInt8 => widened!(i8),
            Dt::DtInt16 => widened!(i16),
            Dt::DtInt32 => widened!(i32),
            Dt::DtInt64 => widened!(i64),
            Dt::DtUint8 => widened!(u8),
            Dt::DtUint16 => widened!(u16),
            Dt::DtUint32 => widened!(u32),
            Dt::DtUint64 => widened!(u64),
            Dt::DtBool => {
                let list = wide(&bool::list(self.message), f64::from);
                self.content(1, |bytes| bool::from_content(bytes).into(), list)
            }
            Dt::DtHalf => {
                self.content(2, |bytes| half(u16::from_content(bytes)), self.halves(half)?)
            }
            Dt::DtBfloat16 => {
                self.content(2, |bytes| bfloat16(u16::from_content(bytes)), self.halves(bfloat16)?)
            }
            _ => None,
        }
    }

    /// Its numbers as little-endian bytes, where they are stored so; else empty.
    ///
    /// ```
    /// use tfevents::read::RunReader;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 7);
    /// writer.close()?;
    /// let event = RunReader::open(dir.path())?.nth(1).unwrap()?;
    /// let tensor = event.values()[0].tensor().unwrap();
    /// assert_eq!(tensor.bytes(), 0.5f32.to_le_bytes());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn bytes(self) -> &'a [u8] {
        &self.message.tensor_content
    }

    /// Its byte strings; none if it holds something else.
    ///
    /// ```
    /// use tfevents::read::RunReader;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 7);
    /// writer.close()?;
    /// let event = RunReader::open(dir.path())?.nth(1).unwrap()?;
    /// let tensor = event.values()[0].tensor().unwrap();
    /// assert!(tensor.strings().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn strings(self) -> &'a [Vec<u8>] {
        &self.message.string_val
    }

    /// The number, if it is a rank-0 tensor of floats. Does not allocate.
    pub(super) fn scalar(self) -> Option<f32> {
        let message = self.message;
        let is_scalar = message.dtype == Dt::DtFloat as i32
            && message.tensor_shape.as_ref().is_none_or(|shape| shape.dim.is_empty());
        let content = <[u8; 4]>::try_from(&message.tensor_content[..]).ok();
        let value = content.map(f32::from_le_bytes).or(message.float_val.first().copied());
        value.filter(|_| is_scalar)
    }

    /// The list of half floats, from their bits.
    fn halves(self, value: fn(u16) -> f64) -> Option<Vec<f64>> {
        // torch writes the bits of an f32 there; to cut them would make up numbers.
        self.message.half_val.iter().map(|&bits| Some(value(u16::try_from(bits).ok()?))).collect()
    }

    /// What the content holds, or the list if there is no content.
    fn content<T>(self, size: usize, from_content: fn(&[u8]) -> T, list: Vec<T>) -> Option<Vec<T>> {
        let content = &self.message.tensor_content;
        if content.is_empty() {
            return Some(list);
        }
        let elements = content.chunks_exact(size);
        elements.remainder().is_empty().then(|| elements.map(from_content).collect())
    }
}

fn wide<T: Copy>(list: &[T], value: fn(T) -> f64) -> Vec<f64> {
    list.iter().map(|&element| value(element)).collect()
}

/// An IEEE half float: 1 bit of sign, 5 of exponent, 10 of fraction.
fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    let magnitude = match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * 2f64.powi(exponent - 25),
    };
    if bits >> 15 == 0 { magnitude } else { -magnitude }
}

/// The upper half of a float.
fn bfloat16(bits: u16) -> f64 {
    f64::from(f32::from_bits(u32::from(bits) << 16))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::messages::{TensorShapeProto, tensor_shape_proto::Dim};

    fn read(message: TensorProto) -> Option<Vec<f64>> {
        TensorValue::new(&message).to_f64()
    }

    fn of(dtype: Dt) -> TensorProto {
        TensorProto { dtype: dtype as i32, ..Default::default() }
    }

    #[test]
    fn lists_and_content_are_read_alike() {
        let list = TensorProto { int_val: vec![-1, 127], ..of(Dt::DtInt8) };
        let content = TensorProto { tensor_content: vec![255, 127], ..of(Dt::DtInt8) };
        for message in [list, content] {
            assert_eq!(TensorValue::new(&message).values::<i8>(), Some(vec![-1, 127]));
            assert_eq!(TensorValue::new(&message).values::<u8>(), None);
            assert_eq!(read(message), Some(vec![-1.0, 127.0]));
        }
        let list = TensorProto { bool_val: vec![true, false], ..of(Dt::DtBool) };
        let content = TensorProto { tensor_content: vec![1, 0], ..of(Dt::DtBool) };
        assert_eq!(read(list), Some(vec![1.0, 0.0]));
        assert_eq!(read(content), Some(vec![1.0, 0.0]));
    }

    #[test]
    fn half_floats_have_their_values() {
        // Patterns of IEEE 754: 1, -2, the greatest, the least normal, the least, infinity.
        let bits = [0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x7c00];
        let message = TensorProto { half_val: bits.to_vec(), ..of(Dt::DtHalf) };
        let expected = [1.0, -2.0, 65504.0, 6.103_515_625e-5, 5.960_464_477_539_063e-8];
        let found = read(message).unwrap();
        assert_eq!(found[..5], expected);
        assert_eq!(found[5], f64::INFINITY);
        assert!(half(0x7e00).is_nan());
        let content =
            TensorProto { tensor_content: vec![0x80, 0x3f, 0x49, 0xc0], ..of(Dt::DtBfloat16) };
        assert_eq!(read(content), Some(vec![1.0, -3.140625]));
    }

    #[test]
    fn truncated_content_and_other_types_give_nothing() {
        let truncated = TensorProto { tensor_content: vec![0; 7], ..of(Dt::DtFloat) };
        assert_eq!(TensorValue::new(&truncated).scalar(), None);
        assert_eq!(read(truncated), None);
        assert_eq!(read(of(Dt::DtString)), None);
        assert_eq!(read(TensorProto { dtype: 1234, ..Default::default() }), None);
    }

    #[test]
    fn only_floats_of_rank_0_are_scalars() {
        let shape = |sizes: &[i64]| {
            let dim = sizes.iter().map(|&size| Dim { size, ..Default::default() }).collect();
            Some(TensorShapeProto { dim, ..Default::default() })
        };
        let scalar = |message: &TensorProto| TensorValue::new(message).scalar();
        let mut message = TensorProto { float_val: vec![0.5], ..of(Dt::DtFloat) };
        assert_eq!(scalar(&message), Some(0.5));
        message.tensor_shape = shape(&[]);
        assert_eq!(scalar(&message), Some(0.5));
        message.tensor_shape = shape(&[1]);
        assert_eq!(scalar(&message), None);
        let double = TensorProto { double_val: vec![0.5], ..of(Dt::DtDouble) };
        assert_eq!(scalar(&double), None);
    }
}
