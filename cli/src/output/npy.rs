//! Arrays as `.npy` files of numpy.

use tfevents::read::{DataType, TensorValue};

/// Encodes a tensor; `None` if its elements cannot be had.
pub(crate) fn encode(tensor: &TensorValue<'_>) -> Option<Vec<u8>> {
    macro_rules! of {
        ($descr:literal, $element:ty) => {{
            let values = tensor.values::<$element>()?;
            ($descr.to_owned(), values.iter().flat_map(|value| value.to_le_bytes()).collect())
        }};
    }
    let (descr, data): (String, Vec<u8>) = match tensor.data_type() {
        DataType::F32 => of!("<f4", f32),
        DataType::F64 => of!("<f8", f64),
        DataType::I8 => of!("|i1", i8),
        DataType::I16 => of!("<i2", i16),
        DataType::I32 => of!("<i4", i32),
        DataType::I64 => of!("<i8", i64),
        DataType::U8 => of!("|u1", u8),
        DataType::U16 => of!("<u2", u16),
        DataType::U32 => of!("<u4", u32),
        DataType::U64 => of!("<u8", u64),
        DataType::Bool => {
            let values = tensor.values::<bool>()?;
            ("|b1".to_owned(), values.into_iter().map(u8::from).collect())
        }
        // numpy has no bfloat16, and an f32 has the values of both.
        DataType::F16 | DataType::Bf16 => {
            let values = tensor.to_f64()?;
            let bytes = values.iter().flat_map(|&value| (value as f32).to_le_bytes());
            ("<f4".to_owned(), bytes.collect())
        }
        DataType::String => {
            let strings = tensor.strings();
            let width = strings.iter().map(|string| string.len()).max().unwrap_or(0).max(1);
            // All get the width of the longest: a few long ones among many could take a lot.
            if strings.len().checked_mul(width)? > 1 << 30 {
                return None;
            }
            let mut data = Vec::with_capacity(strings.len() * width);
            for string in strings {
                data.extend_from_slice(string);
                data.resize(data.len() + width - string.len(), 0);
            }
            (format!("|S{width}"), data)
        }
        _ => return None,
    };
    Some(file(&descr, tensor.shape(), &data))
}

/// Puts the header of version 1 before the data, which then begin at a multiple of 64 bytes.
fn file(descr: &str, shape: &[i64], data: &[u8]) -> Vec<u8> {
    let mut sizes: String = shape.iter().map(|size| format!("{size}, ")).collect();
    if shape.len() > 1 {
        sizes.truncate(sizes.len() - 2);
    }
    let shape = sizes.trim_end();
    let dict = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape}), }}");
    let mut out = b"\x93NUMPY\x01\x00".to_vec();
    let length = (out.len() + 2 + dict.len() + 1).next_multiple_of(64) - out.len() - 2;
    // The sizes of a tensor's few dimensions cannot fill 64 KiB, unless its file is forged.
    let length = u16::try_from(length).unwrap_or(u16::MAX);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(dict.as_bytes());
    out.resize(10 + usize::from(length) - 1, b' ');
    out.push(b'\n');
    out.extend_from_slice(data);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_numpys() {
        // By numpy 2.4: np.save of np.array([[1.5, 2]], np.float32).
        let expected = [
            &b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }"[..],
            &[b' '; 58],
            b"\n\x00\x00\xc0?\x00\x00\x00@",
        ]
        .concat();
        let data = [1.5f32, 2.0].map(f32::to_le_bytes).concat();
        let found = file("<f4", &[1, 2], &data);
        assert_eq!(String::from_utf8_lossy(&found), String::from_utf8_lossy(&expected));
        let shape = |shape: &[i64]| {
            let text = String::from_utf8_lossy(&file("<f4", shape, &[])).into_owned();
            text.split("'shape': ").nth(1).unwrap().split(" }").next().unwrap().to_owned()
        };
        assert_eq!((shape(&[]), shape(&[3])), ("(), ".trim_end().into(), "(3,),".into()));
    }
}
