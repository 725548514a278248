//! Tensors of event files: their shapes, and their elements in either of the format's two fields.

use super::ValueError;
use crate::wire::fields::{Field, Fields, Unreadable};
use crate::wire::messages::{DataType as Dt, TensorProto};
use prost::Message;
use std::borrow::Cow;
use std::sync::Arc;

/// The largest number of elements that a tensor is filled up to where it lists fewer: 16 Mi. A
/// forged shape in a short record must not take all memory.
const MAX_FILLED: usize = 1 << 24;

/// A tensor, borrowed from its [`Value`](super::Value).
///
/// ```
/// use tfevents::Tensor;
/// use tfevents::read::Run;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.add("weights", &Tensor::new(&[2, 1], &[0.5f32, -1.0])?, 0);
/// writer.close()?;
///
/// let weights = Run::open(dir.path())?.tensors("weights")?;
/// let tensor = &weights.last().unwrap().value;
/// assert_eq!(tensor.shape(), [2, 1]);
/// assert_eq!(tensor.values::<f32>(), Some(vec![0.5, -1.0]));
/// assert_eq!(tensor.values::<i64>(), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Elements are in row-major order. TensorFlow may store fewer than the shape asks for; the last
/// one then stands for the rest, and is repeated here (up to 16 Mi elements).
#[derive(Clone, Debug)]
pub struct TensorValue<'a> {
    data_type: i32,
    shape: Vec<i64>,
    unknown_rank: bool,
    content: Cow<'a, [u8]>,
    strings: Vec<Cow<'a, [u8]>>,
    /// Where numbers are in the list of their type.
    lists: Option<Arc<TensorProto>>,
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
        fn list(message: &super::TensorProto) -> impl Iterator<Item = Self>;
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
            fn list(message: &TensorProto) -> impl Iterator<Item = Self> {
                message.$list.iter().map(|&value| value as $element)
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
    fn list(message: &TensorProto) -> impl Iterator<Item = Self> {
        message.bool_val.iter().copied()
    }
}

impl<'a> TensorValue<'a> {
    pub(super) fn decode(bytes: &'a [u8]) -> Result<Self, ValueError> {
        let mut tensor = Self {
            data_type: 0,
            shape: Vec::new(),
            unknown_rank: false,
            content: Cow::Borrowed(&[]),
            strings: Vec::new(),
            lists: None,
        };
        match tensor.read(bytes) {
            Ok(false) => Ok(tensor),
            result => {
                let message = TensorProto::decode(bytes).map_err(ValueError::decode)?;
                // A field that comes twice, which only prost merges.
                if result.is_err() {
                    tensor.take(&message);
                }
                Ok(Self { lists: Some(Arc::new(message)), ..tensor })
            }
        }
    }

    /// Reads all but the lists of numbers; returns whether there are some.
    fn read(&mut self, bytes: &'a [u8]) -> Result<bool, Unreadable> {
        let (mut has_lists, mut has_shape) = (false, false);
        for field in Fields::new(bytes) {
            match field? {
                (1, Field::Varint(data_type)) => self.data_type = data_type as i32,
                (2, Field::Bytes(shape)) if !has_shape => {
                    has_shape = true;
                    self.read_shape(shape)?;
                }
                (3, Field::Varint(_)) => {}
                (4, Field::Bytes(content)) => self.content = Cow::Borrowed(content),
                (8, Field::Bytes(string)) => self.strings.push(Cow::Borrowed(string)),
                (1..=4 | 8, _) => return Err(Unreadable),
                (5..=17, _) => has_lists = true,
                _ => {}
            }
        }
        Ok(has_lists)
    }

    fn read_shape(&mut self, shape: &[u8]) -> Result<(), Unreadable> {
        for field in Fields::new(shape) {
            match field? {
                (2, Field::Bytes(dim)) => {
                    let mut size = 0;
                    for field in Fields::new(dim) {
                        match field? {
                            (1, Field::Varint(value)) => size = value as i64,
                            (2, Field::Bytes(name)) => drop(super::decode::utf8(name)?),
                            (1 | 2, _) => return Err(Unreadable),
                            _ => {}
                        }
                    }
                    self.shape.push(size);
                }
                (3, Field::Varint(unknown)) => self.unknown_rank = unknown != 0,
                (2 | 3, _) => return Err(Unreadable),
                _ => {}
            }
        }
        Ok(())
    }

    fn take(&mut self, message: &TensorProto) {
        self.data_type = message.dtype;
        let shape = message.tensor_shape.as_ref();
        self.shape = shape.iter().flat_map(|shape| &shape.dim).map(|dim| dim.size).collect();
        self.unknown_rank = shape.is_some_and(|shape| shape.unknown_rank);
        self.content = Cow::Owned(message.tensor_content.clone());
        self.strings = message.string_val.iter().cloned().map(Cow::Owned).collect();
    }

    /// Copies what is borrowed, so that the tensor outlives its value.
    pub fn into_owned(self) -> TensorValue<'static> {
        TensorValue {
            data_type: self.data_type,
            shape: self.shape,
            unknown_rank: self.unknown_rank,
            content: Cow::Owned(self.content.into_owned()),
            strings: self.strings.into_iter().map(|s| Cow::Owned(s.into_owned())).collect(),
            lists: self.lists,
        }
    }

    /// Returns the size of each dimension, as it is in the file; none for a single element.
    pub fn shape(&self) -> &[i64] {
        &self.shape
    }

    /// Returns the number of elements that the shape asks for; `None` if it is unknown, or more
    /// than fits a `usize`.
    pub fn element_count(&self) -> Option<usize> {
        if self.unknown_rank {
            return None;
        }
        let mut count = 1usize;
        for &size in &self.shape {
            count = count.checked_mul(usize::try_from(size).ok()?)?;
        }
        Some(count)
    }

    /// Returns the element type.
    pub fn data_type(&self) -> DataType {
        DataType::new(self.data_type)
    }

    /// Returns the elements, if they are of this type.
    ///
    /// `None` too if their number does not fit the shape, or their bytes are not whole elements.
    pub fn values<T: TensorElement>(&self) -> Option<Vec<T>> {
        if self.data_type != T::TYPE as i32 {
            return None;
        }
        self.elements(T::SIZE, T::from_content, |message| Some(T::list(message).collect()))
    }

    /// Returns the elements, of whatever numeric type, as `f64`.
    ///
    /// Integers over 2^53 are rounded; half floats of both kinds are understood. `None` if the
    /// elements are not real numbers, if their number does not fit the shape, if their bytes are
    /// not whole elements, or if half floats have more than 16 bits, as torch writes them.
    pub fn to_f64(&self) -> Option<Vec<f64>> {
        use sealed::Element as _;
        macro_rules! widened {
            ($element:ty) => {
                self.elements(
                    <$element>::SIZE,
                    |bytes| <$element>::from_content(bytes) as f64,
                    |message| Some(<$element>::list(message).map(|value| value as f64).collect()),
                )
            };
        }
        match Dt::try_from(self.data_type).ok()? {
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
            Dt::DtBool => self.elements(
                1,
                |bytes| bool::from_content(bytes).into(),
                |message| Some(bool::list(message).map(f64::from).collect()),
            ),
            Dt::DtHalf => self.elements(
                2,
                |bytes| half(u16::from_content(bytes)),
                |message| halves(message, half),
            ),
            Dt::DtBfloat16 => self.elements(
                2,
                |bytes| bfloat16(u16::from_content(bytes)),
                |message| halves(message, bfloat16),
            ),
            _ => None,
        }
    }

    /// Returns the numbers as little-endian bytes, if they are stored so; else nothing. What a
    /// tensor leaves out is not filled in.
    pub fn bytes(&self) -> &[u8] {
        &self.content
    }

    /// Returns the byte strings, filled up to the shape as [`values`](Self::values) are; none if
    /// there are numbers.
    pub fn strings(&self) -> Vec<&[u8]> {
        let mut strings: Vec<&[u8]> = self.strings.iter().map(|string| &**string).collect();
        if let (Some(&last), Some(count)) = (strings.last(), self.element_count()) {
            if strings.len() < count && count <= MAX_FILLED {
                strings.resize(count, last);
            }
        }
        strings
    }

    /// Returns the byte strings that are in the file.
    pub(super) fn listed_strings(&self) -> &[Cow<'a, [u8]>] {
        &self.strings
    }

    /// Returns the byte string, if there is no other.
    pub(super) fn only_string(&self) -> Option<&[u8]> {
        let is_single = self.unknown_rank || self.element_count().is_some_and(|count| count <= 1);
        match &self.strings[..] {
            [string] if is_single => Some(string),
            _ => None,
        }
    }

    /// Returns how many numbers are in the file.
    pub(super) fn listed_numbers(&self) -> usize {
        if !self.content.is_empty() {
            let size = match self.data_type() {
                DataType::F64 | DataType::I64 | DataType::U64 => 8,
                DataType::F32 | DataType::I32 | DataType::U32 => 4,
                DataType::F16 | DataType::Bf16 | DataType::I16 | DataType::U16 => 2,
                _ => 1,
            };
            return self.content.len() / size;
        }
        self.lists.as_deref().map_or(0, |lists| {
            lists.float_val.len()
                + lists.double_val.len()
                + lists.int_val.len()
                + lists.int64_val.len()
                + lists.bool_val.len()
                + lists.half_val.len()
                + lists.uint32_val.len()
                + lists.uint64_val.len()
        })
    }

    pub(super) fn into_strings(self) -> Vec<Cow<'a, [u8]>> {
        self.strings
    }

    /// Returns the number, if the tensor is of floats and rank 0.
    pub(super) fn scalar(&self) -> Option<f32> {
        if self.data_type != Dt::DtFloat as i32 || !self.shape.is_empty() {
            return None;
        }
        match self.lists.as_deref().map_or(&[][..], |message| &message.float_val) {
            [] => <[u8; 4]>::try_from(&*self.content).ok().map(f32::from_le_bytes),
            [value] => Some(*value),
            _ => None,
        }
    }

    /// Returns the elements of the content, or of the list if there is no content, filled up to
    /// the shape with the last one.
    fn elements<T: Copy>(
        &self,
        size: usize,
        from_content: fn(&[u8]) -> T,
        list: fn(&TensorProto) -> Option<Vec<T>>,
    ) -> Option<Vec<T>> {
        let mut elements = if self.content.is_empty() {
            match &self.lists {
                Some(message) => list(message)?,
                None => Vec::new(),
            }
        } else {
            let chunks = self.content.chunks_exact(size);
            if !chunks.remainder().is_empty() {
                return None;
            }
            chunks.map(from_content).collect()
        };
        if self.unknown_rank {
            return Some(elements);
        }
        let count = self.element_count()?;
        if elements.len() < count {
            if count > MAX_FILLED {
                return None;
            }
            let last = *elements.last()?;
            elements.resize(count, last);
        }
        (elements.len() == count).then_some(elements)
    }
}

/// Returns the list of half floats, from their bits.
fn halves(message: &TensorProto, value: fn(u16) -> f64) -> Option<Vec<f64>> {
    // torch writes the bits of an f32 there; to cut them would make up numbers.
    message.half_val.iter().map(|&bits| Some(value(u16::try_from(bits).ok()?))).collect()
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

    fn shape(sizes: &[i64]) -> Option<TensorShapeProto> {
        let dim = sizes.iter().map(|&size| Dim { size, ..Default::default() }).collect();
        Some(TensorShapeProto { dim, ..Default::default() })
    }

    fn of(dtype: Dt, sizes: &[i64]) -> TensorProto {
        TensorProto { dtype: dtype as i32, tensor_shape: shape(sizes), ..Default::default() }
    }

    fn read(message: &TensorProto) -> TensorValue<'static> {
        TensorValue::decode(&message.encode_to_vec()).unwrap().into_owned()
    }

    #[test]
    fn lists_and_content_are_read_alike() {
        let list = TensorProto { int_val: vec![-1, 127], ..of(Dt::DtInt8, &[2]) };
        let content = TensorProto { tensor_content: vec![255, 127], ..of(Dt::DtInt8, &[2]) };
        for message in [list, content] {
            let tensor = read(&message);
            assert_eq!(tensor.values::<i8>(), Some(vec![-1, 127]));
            assert_eq!(tensor.values::<u8>(), None);
            assert_eq!(tensor.to_f64(), Some(vec![-1.0, 127.0]));
        }
        let list = TensorProto { bool_val: vec![true, false], ..of(Dt::DtBool, &[2]) };
        let content = TensorProto { tensor_content: vec![1, 0], ..of(Dt::DtBool, &[2]) };
        assert_eq!(read(&list).to_f64(), Some(vec![1.0, 0.0]));
        assert_eq!(read(&content).to_f64(), Some(vec![1.0, 0.0]));
    }

    #[test]
    fn the_last_element_stands_for_the_rest() {
        let six = |message: TensorProto| read(&message).to_f64();
        let expected = Some(vec![2.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
        let s = &[2, 3];
        assert_eq!(six(TensorProto { float_val: vec![2., 1.], ..of(Dt::DtFloat, s) }), expected);
        assert_eq!(six(TensorProto { double_val: vec![2., 1.], ..of(Dt::DtDouble, s) }), expected);
        for dtype in [Dt::DtInt8, Dt::DtInt16, Dt::DtInt32, Dt::DtUint8, Dt::DtUint16] {
            assert_eq!(six(TensorProto { int_val: vec![2, 1], ..of(dtype, s) }), expected);
        }
        assert_eq!(six(TensorProto { int64_val: vec![2, 1], ..of(Dt::DtInt64, s) }), expected);
        assert_eq!(six(TensorProto { uint32_val: vec![2, 1], ..of(Dt::DtUint32, s) }), expected);
        assert_eq!(six(TensorProto { uint64_val: vec![2, 1], ..of(Dt::DtUint64, s) }), expected);
        let halves = vec![0x4000, 0x3c00];
        assert_eq!(six(TensorProto { half_val: halves, ..of(Dt::DtHalf, s) }), expected);
        let halves = vec![0x4000, 0x3f80];
        assert_eq!(six(TensorProto { half_val: halves, ..of(Dt::DtBfloat16, s) }), expected);
        let bools = TensorProto { bool_val: vec![false, true], ..of(Dt::DtBool, s) };
        assert_eq!(six(bools), Some(vec![0.0, 1.0, 1.0, 1.0, 1.0, 1.0]));

        let contents: [(Dt, Vec<u8>); 12] = [
            (Dt::DtFloat, [2.0f32, 1.0].map(f32::to_le_bytes).concat()),
            (Dt::DtDouble, [2.0f64, 1.0].map(f64::to_le_bytes).concat()),
            (Dt::DtInt8, vec![2, 1]),
            (Dt::DtUint8, vec![2, 1]),
            (Dt::DtInt16, [2i16, 1].map(i16::to_le_bytes).concat()),
            (Dt::DtUint16, [2u16, 1].map(u16::to_le_bytes).concat()),
            (Dt::DtInt32, [2i32, 1].map(i32::to_le_bytes).concat()),
            (Dt::DtUint32, [2u32, 1].map(u32::to_le_bytes).concat()),
            (Dt::DtInt64, [2i64, 1].map(i64::to_le_bytes).concat()),
            (Dt::DtUint64, [2u64, 1].map(u64::to_le_bytes).concat()),
            (Dt::DtHalf, [0x4000u16, 0x3c00].map(u16::to_le_bytes).concat()),
            (Dt::DtBfloat16, [0x4000u16, 0x3f80].map(u16::to_le_bytes).concat()),
        ];
        for (dtype, tensor_content) in contents {
            assert_eq!(six(TensorProto { tensor_content, ..of(dtype, s) }), expected, "{dtype:?}");
        }
        let typed = read(&TensorProto { float_val: vec![0.5], ..of(Dt::DtFloat, s) });
        assert_eq!(typed.values::<f32>(), Some(vec![0.5; 6]));
    }

    #[test]
    fn a_forged_shape_takes_no_memory() {
        for sizes in
            [&[1 << 40][..], &[1 << 40, 1 << 40], &[MAX_FILLED as i64 + 1], &[-1], &[i64::MIN, 2]]
        {
            let message = TensorProto { float_val: vec![0.5], ..of(Dt::DtFloat, sizes) };
            assert_eq!(read(&message).to_f64(), None, "{sizes:?}");
            assert_eq!(read(&message).values::<f32>(), None, "{sizes:?}");
        }
        // More than the shape asks for, and nothing to repeat.
        let message = TensorProto { float_val: vec![0.5; 3], ..of(Dt::DtFloat, &[2]) };
        assert_eq!(read(&message).to_f64(), None);
        assert_eq!(read(&of(Dt::DtFloat, &[2])).to_f64(), None);
        assert_eq!(read(&of(Dt::DtFloat, &[0])).to_f64(), Some(vec![]));
    }

    #[test]
    fn half_floats_have_their_values() {
        // IEEE 754: 1, -2, the largest, the smallest normal, the smallest, infinity.
        let bits = [0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x7c00];
        let message = TensorProto { half_val: bits.to_vec(), ..of(Dt::DtHalf, &[6]) };
        let expected = [1.0, -2.0, 65504.0, 6.103_515_625e-5, 5.960_464_477_539_063e-8];
        let found = read(&message).to_f64().unwrap();
        assert_eq!(found[..5], expected);
        assert_eq!(found[5], f64::INFINITY);
        assert!(half(0x7e00).is_nan());
        let content = TensorProto {
            tensor_content: vec![0x80, 0x3f, 0x49, 0xc0],
            ..of(Dt::DtBfloat16, &[2])
        };
        assert_eq!(read(&content).to_f64(), Some(vec![1.0, -3.140625]));
    }

    #[test]
    fn truncated_content_and_other_types_give_nothing() {
        let truncated = TensorProto { tensor_content: vec![0; 7], ..of(Dt::DtFloat, &[]) };
        assert_eq!(read(&truncated).scalar(), None);
        assert_eq!(read(&truncated).to_f64(), None);
        assert_eq!(read(&of(Dt::DtString, &[])).to_f64(), None);
        assert_eq!(read(&TensorProto { dtype: 1234, ..Default::default() }).to_f64(), None);
    }

    #[test]
    fn only_floats_of_rank_0_are_scalars() {
        let mut message = TensorProto { float_val: vec![0.5], ..of(Dt::DtFloat, &[]) };
        assert_eq!(read(&message).scalar(), Some(0.5));
        message.tensor_shape = None;
        assert_eq!(read(&message).scalar(), Some(0.5));
        message.tensor_shape = shape(&[1]);
        assert_eq!(read(&message).scalar(), None);
        let double = TensorProto { double_val: vec![0.5], ..of(Dt::DtDouble, &[]) };
        assert_eq!(read(&double).scalar(), None);
    }

    #[test]
    fn fields_that_come_twice_are_merged_as_prost_does() {
        let first = TensorProto { float_val: vec![2.0], ..of(Dt::DtFloat, &[2]) };
        let second = TensorProto { float_val: vec![1.0], ..of(Dt::DtFloat, &[1]) };
        let bytes = [first.encode_to_vec(), second.encode_to_vec()].concat();
        let tensor = TensorValue::decode(&bytes).unwrap();
        assert_eq!((tensor.shape(), tensor.to_f64()), (&[2, 1][..], Some(vec![2.0, 1.0])));
    }
}
