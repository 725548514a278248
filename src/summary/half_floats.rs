//! Half-precision numbers: `f16` and `bf16` of the `half` crate.

use super::{Element, Number, PixelValue, images, number, tensor};
use crate::wire::messages::DataType;
use half::{bf16, f16};

macro_rules! halves {
    ($($half:ty => $data_type:ident),*) => {$(
        impl number::sealed::Number for $half {}
        /// Needs the feature `half`.
        impl Number for $half {
            #[inline]
            fn to_f32(self) -> f32 {
                self.to_f32()
            }
            #[inline]
            fn to_f64(self) -> f64 {
                // Every one of them is an f32, which is quicker to convert to.
                self.to_f32().into()
            }
        }

        /// Needs the feature `half`. TensorBoard 2.21 cannot decode tensors of `bf16`;
        /// [`read`](crate::read) can.
        impl Element for $half {}
        impl tensor::sealed::Element for $half {
            const TYPE: DataType = DataType::$data_type;
            fn put_all(values: &[Self], out: &mut Vec<u8>) {
                out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
            }
        }

        /// Needs the feature `half`.
        impl PixelValue for $half {}
        impl images::array::sealed::PixelValue for $half {
            fn to_byte(self) -> u8 {
                self.to_f32().to_byte()
            }
            fn is_outside(self) -> bool {
                self.to_f32().is_outside()
            }
        }
    )*};
}

halves!(f16 => DtHalf, bf16 => DtBfloat16);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::{Histogram, Image, ImageLayout, Scalar, Tensor};
    use crate::wire::messages::TensorProto;
    use prost::Message;

    /// Returns every number of the type.
    fn all<T>(of: fn(u16) -> T) -> Vec<T> {
        (0..=u16::MAX).map(of).collect()
    }

    #[test]
    fn histograms_count_them_as_f32() {
        let narrow: Vec<f32> = all(f16::from_bits).iter().map(|v| v.to_f32()).collect();
        assert_eq!(Histogram::new(&all(f16::from_bits)), Histogram::new(&narrow));
        let narrow: Vec<f32> = all(bf16::from_bits).iter().map(|v| v.to_f32()).collect();
        let (halves, floats) = (all(bf16::from_bits), &narrow);
        assert_eq!(Histogram::new(&halves), Histogram::new(floats));
        assert_eq!(Histogram::exponential(&halves), Histogram::exponential(floats));
        assert_eq!(Scalar::new(f16::from_f32(0.1)), Scalar::new(0.099_975_586_f32));
    }

    #[test]
    fn tensors_keep_their_bits() {
        let bits: Vec<u8> = (0..=u16::MAX).flat_map(u16::to_le_bytes).collect();
        let written = |tensor: &Tensor<'_>| {
            let mut bytes = Vec::new();
            tensor.put(&mut bytes);
            TensorProto::decode(&bytes[..]).unwrap()
        };
        let tensor = written(&Tensor::new(&[256, 256], &all(f16::from_bits)).unwrap());
        assert_eq!((tensor.dtype, &tensor.tensor_content), (DataType::DtHalf as i32, &bits));
        let tensor = written(&Tensor::new(&[256, 256], &all(bf16::from_bits)).unwrap());
        assert_eq!((tensor.dtype, &tensor.tensor_content), (DataType::DtBfloat16 as i32, &bits));
    }

    #[test]
    fn pixels_are_those_of_f32() {
        let values = [0.0, 0.25, 0.7, 1.5, f32::NAN];
        let halves = values.map(f16::from_f32);
        let image = Image::from_array(ImageLayout::Hwc, [1, 5, 1], &halves);
        assert_eq!(image, Image::from_array(ImageLayout::Hwc, [1, 5, 1], &halves.map(f16::to_f32)));
    }
}
