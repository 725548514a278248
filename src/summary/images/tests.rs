use super::*;
use crate::summary::Encodings;
use crate::wire::messages::{self, DataType, summary::value::Value};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use prost::Message;

/// Decodes a PNG file.
fn decoded_file(file: &[u8]) -> (png::ColorType, u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info.color_type, info.width, info.height, pixels)
}

/// Decodes the file of the only sample.
fn decoded(image: &Image) -> (png::ColorType, u32, u32, Vec<u8>) {
    decoded_file(&image.samples[0].file().unwrap())
}

/// Returns the summary that logging an image writes.
fn summary(tag: &str, image: &Image) -> messages::Summary {
    let mut bytes = Vec::new();
    image.encode(tag, &mut SummaryEncoder::new(&mut bytes));
    messages::Summary::decode(&bytes[..]).unwrap()
}

#[test]
fn pixels_come_back() {
    let bytes: Vec<u8> = (0..24).collect();
    let images = [
        (Image::gray8(8, 3, &bytes), png::ColorType::Grayscale, 8),
        (Image::gray_alpha8(4, 3, &bytes), png::ColorType::GrayscaleAlpha, 4),
        (Image::rgb8(4, 2, &bytes), png::ColorType::Rgb, 4),
        (Image::rgba8(2, 3, &bytes), png::ColorType::Rgba, 2),
    ];
    for (image, color, width) in images {
        let (found, w, h, pixels) = decoded(&image.unwrap());
        assert_eq!((found, w), (color, width));
        assert_eq!(w as usize * h as usize * color.samples(), 24);
        assert_eq!(pixels, bytes);
    }
}

#[test]
fn planes_become_pixels() {
    let planes = [1u8, 2, 3, 4, 5, 6];
    let image = Image::from_array(ImageLayout::Chw, [3, 1, 2], &planes).unwrap();
    assert_eq!(decoded(&image).3, [1, 3, 5, 2, 4, 6]);
}

#[test]
fn invalid_sizes_are_refused() {
    let error = |image: Result<Image, ImageError>| image.unwrap_err();
    assert_eq!(error(Image::gray8(0, 1, &[])), ImageError::Size { width: 0, height: 1 });
    let five = Image::from_array(ImageLayout::Hwc, [1, 1, 5], &[0u8; 5]);
    assert_eq!(error(five), ImageError::Channels { given: 5 });
    let short = error(Image::rgb8(2, 1, &[0; 5]));
    assert_eq!(
        short.to_string(),
        "invalid number of image values: 5 (expected 6, for 2x1 pixels with 3 channels)"
    );
    assert_eq!(error(Image::batch([])), ImageError::EmptyBatch);
}

#[test]
fn files_are_passed_through_with_their_size() {
    let mut gif = b"GIF89a\x03\x00\x02\x00".to_vec();
    gif.extend([0; 20]);
    let jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x00\x02\x00\x03\x01\x01\x11\x00";
    let png = Image::gray8(3, 2, &[0; 6]).unwrap().samples[0].file().unwrap().into_owned();
    for file in [gif, jpeg.to_vec(), png] {
        let image = Image::from_encoded(file.clone()).unwrap();
        assert_eq!((image.width(), image.height()), (3, 2));
        assert_eq!(*image.samples[0], ImageData::Encoded(file.clone()));
        for len in 0..10 {
            assert!(Image::from_encoded(&file[..len]).is_err());
        }
    }
}

#[test]
fn a_cut_header_is_refused() {
    let png = Image::gray8(3, 2, &[0; 6]).unwrap().samples[0].file().unwrap().into_owned();
    for (header, whole) in [(&png[..], 24), (b"GIF87a\x03\x00\x02\x00", 10)] {
        for len in 0..whole {
            assert_eq!(Image::from_encoded(&header[..len]), Err(ImageError::Format { given: len }));
        }
        assert!(Image::from_encoded(&header[..whole]).is_ok());
    }
}

#[test]
fn jpeg_segments_are_walked() {
    let start = b"\xff\xd8\xff\xe1\x00\x05abc";
    // A Huffman table, a fill byte, then a progressive frame of 515 x 2 pixels.
    let frame = b"\xff\xc4\x00\x03x\xff\xff\xc2\x00\x0b\x08\x00\x02\x02\x03";
    let jpeg = [&start[..], &frame[..]].concat();
    let image = Image::from_encoded(&jpeg[..]).unwrap();
    assert_eq!((image.width(), image.height()), (515, 2));
    for len in 0..jpeg.len() {
        assert!(Image::from_encoded(&jpeg[..len]).is_err(), "{len}");
    }
    // The scan begins before any frame; lengths that lie.
    for rest in [&b"\xff\xda\x00\x02\x12\x34"[..], b"\xff\xe0\x00\x00", b"\xff\xe0\xff\xff\x00"] {
        assert!(Image::from_encoded([&start[..], rest].concat()).is_err());
    }
}

/// The message that torch's `summary.image` writes, and without metadata as there.
#[test]
fn one_image_can_be_written_as_torch_writes_it() {
    let simple = |image: &dyn Summary| {
        let mut body = Vec::new();
        let encodings = Encodings { media: MediaEncoding::Simple, ..Encodings::default() };
        image.encode("tag", &mut SummaryEncoder::with_encodings(&mut body, encodings));
        messages::Summary::decode(&body[..]).unwrap().value.remove(0)
    };
    let image = Image::rgb8(2, 1, &[1, 2, 3, 4, 5, 6]).unwrap();
    let value = simple(&image);
    let Some(Value::Image(message)) = value.value else { panic!("{value:?}") };
    assert_eq!((value.tag.as_str(), value.metadata), ("tag", None));
    assert_eq!((message.width, message.height, message.colorspace), (2, 1, 3));
    assert_eq!(decoded_file(&message.encoded_image_string).3, [1, 2, 3, 4, 5, 6]);
    let labeled = simple(&image.clone().with_metadata().display_name("name"));
    assert_eq!(labeled.metadata.unwrap().display_name, "name");
    // The message has one image.
    let batch = simple(&Image::batch([&image, &image]).unwrap());
    assert!(matches!(batch.value, Some(Value::Tensor(_))));
}

#[test]
fn normalized_values_span_black_to_white() {
    use ImageLayout::{Chw, Hwc};
    let bytes = |image: Result<Image, ImageError>| decoded(&image.unwrap()).3;
    let (nan, inf) = (f32::NAN, f32::INFINITY);
    assert_eq!(bytes(Image::normalized(Hwc, [1, 3, 1], &[-1, 0, 1])), [0, 127, 255]);
    assert_eq!(
        bytes(Image::normalized(Hwc, [1, 5, 1], &[nan, -inf, 3.0, inf, 5.0])),
        [0, 0, 0, 255, 255]
    );
    assert_eq!(bytes(Image::normalized(Hwc, [1, 2, 1], &[7.0, 7.0])), [0, 0]);
    let widest = [f64::MIN, 0.0, f64::MAX];
    assert_eq!(bytes(Image::normalized(Hwc, [1, 3, 1], &widest)), [0, 127, 255]);
    // Each channel by itself, in both orders.
    let pixels = [0.0, 10.0, 1.0, 30.0];
    let planes = [0.0, 1.0, 10.0, 30.0];
    for image in [
        Image::normalized_per_channel(Hwc, [1, 2, 2], &pixels),
        Image::normalized_per_channel(Chw, [2, 1, 2], &planes),
    ] {
        assert_eq!(bytes(image), [0, 0, 255, 255]);
    }
    let error = Image::normalized_per_channel(Hwc, [1, 2, 2], &[0.0; 3]).unwrap_err();
    assert!(matches!(error, ImageError::Length { .. }), "{error}");
}

#[test]
fn a_batch_shares_its_pixels() {
    let images = [Image::gray8(1, 2, &[1, 2]).unwrap(), Image::rgb8(1, 1, &[3, 4, 5]).unwrap()];
    let batch = Image::batch(&images).unwrap();
    assert!(Arc::ptr_eq(&batch.samples[1], &images[1].samples[0]));
    let summary = summary("batch", &batch);
    let Some(Value::Tensor(tensor)) = &summary.value[0].value else { panic!("{summary:?}") };
    assert_eq!(tensor.string_val[..2], [b"1".to_vec(), b"2".to_vec()]);
    assert_eq!(decoded_file(&tensor.string_val[2]).3, [1, 2]);
    assert_eq!(decoded_file(&tensor.string_val[3]).3, [3, 4, 5]);
}

#[test]
fn can_be_sent_to_other_threads() {
    fn check<T: Send + Sync + 'static>() {}
    check::<Image>();
    check::<ImageError>();
}

fn floats(data: &serde_json::Value) -> Vec<f64> {
    let float = |value: &serde_json::Value| match value.as_str() {
        Some(word) => word.parse().unwrap(),
        None => value.as_f64().unwrap(),
    };
    data.as_array().unwrap().iter().map(float).collect()
}

/// Returns the images of a recorded call, created with our constructors, or why there are none.
fn replayed(case: &serde_json::Value) -> Result<Vec<Image>, &'static str> {
    let name = case["name"].as_str().unwrap();
    let input = &case["input"];
    let shape: Vec<usize> = match input["shape"].as_array() {
        Some(shape) => shape.iter().map(|size| size.as_u64().unwrap() as usize).collect(),
        None => vec![1, 3, 3, 1],
    };
    let [batch, height, width, channels] = shape[..] else {
        return Err("an image's shape has three sizes here, the type says so");
    };
    let values = match &input["data"] {
        serde_json::Value::Null => vec![0.0; shape.iter().product()],
        data => floats(data),
    };
    let each = height * width * channels;
    let shape = [height, width, channels];
    let image = |values: &[f64]| match name {
        "i/special_f32" | "i/f16" => {
            let narrow: Vec<f32> = values.iter().map(|&value| value as f32).collect();
            let image = Image::from_array(ImageLayout::Hwc, shape, &narrow).unwrap();
            assert_eq!(image, Image::from_array(ImageLayout::Hwc, shape, values).unwrap());
            image
        }
        "i/u16" => {
            let words: Vec<u16> = values.iter().map(|&value| value as u16).collect();
            Image::from_array(ImageLayout::Hwc, shape, &words).unwrap()
        }
        _ => {
            let bytes: Vec<u8> = values.iter().map(|&value| value as u8).collect();
            Image::from_array(ImageLayout::Hwc, shape, &bytes).unwrap()
        }
    };
    match (name, case["max_outputs"].as_u64()) {
        // In Rust an i32 as often holds 0 to 255, which TensorFlow's rule would show as black.
        ("i/i32", _) => Err("no conversion from i32 is offered"),
        (_, Some(0)) => Err("a batch of no images is refused"),
        (_, max) => {
            let max = max.map_or(3, |max| max as usize);
            assert_eq!(values.len(), batch * each);
            Ok(values.chunks_exact(each).take(max).map(image).collect())
        }
    }
}

/// Recorded calls of TensorFlow 2's `tf.summary.image`. The bytes of the PNG files differ, as
/// two encoders compress differently; all else is the same, but that ours names the data class.
#[test]
fn images_are_those_of_tensorflow() {
    let cases = include_str!("../../../tests/data/tf_image_ops.jsonl");
    let mut left_out = Vec::new();
    let mut compared = 0;
    for line in cases.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let name = case["name"].as_str().unwrap();
        let images = match replayed(&case) {
            Ok(images) => images,
            Err(_) => {
                left_out.push(name.to_owned());
                continue;
            }
        };
        let ours = summary(name, &Image::batch(&images).unwrap());
        let event = STANDARD.decode(case["event"]["event_b64_walltime0"].as_str().unwrap());
        let event = messages::Event::decode(&event.unwrap()[..]).unwrap();
        let Some(messages::event::What::Summary(theirs)) = event.what else { panic!("{name}") };
        let ([ours], [theirs]) = (&ours.value[..], &theirs.value[..]) else { panic!("{name}") };
        assert_eq!(ours.tag, theirs.tag);
        let plugin = |value: &messages::summary::Value| {
            value.metadata.as_ref().and_then(|metadata| metadata.plugin_data.clone())
        };
        assert_eq!(plugin(ours), plugin(theirs), "{name}");
        let (Some(Value::Tensor(ours)), Some(Value::Tensor(theirs))) = (&ours.value, &theirs.value)
        else {
            panic!("{name}")
        };
        assert_eq!((ours.dtype, theirs.dtype), (DataType::DtString as i32, ours.dtype), "{name}");
        assert_eq!(ours.tensor_shape, theirs.tensor_shape, "{name}");
        assert_eq!(ours.string_val[..2], theirs.string_val[..2], "{name}");
        let files = |tensor: &messages::TensorProto| -> Vec<_> {
            tensor.string_val[2..].iter().map(|file| decoded_file(file)).collect()
        };
        assert_eq!(files(ours), files(theirs), "{name}");
        compared += 1;
    }
    assert_eq!(left_out, ["i/max0", "i/rank3", "i/i32"]);
    assert_eq!(compared, 8);
}

/// A convolution's kernel after each of three epochs, and the images that Keras 3's TensorBoard
/// callback wrote of it: values in which 255.5 as the factor, 255, and rounding all differ.
#[test]
fn floats_become_bytes_as_in_keras() {
    let cases = include_str!("../../../tests/data/keras_kernel_images.jsonl");
    assert_eq!(cases.lines().count(), 3);
    for line in cases.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        // 3 x 3 x 1 x 4, of which Keras shows the first three filters.
        let kernel = floats(&case["kernel"]);
        for (filter, pixels) in case["images"].as_array().unwrap().iter().enumerate() {
            let expected: Vec<u8> = pixels
                .as_array()
                .unwrap()
                .iter()
                .flat_map(floats)
                .map(|pixel| pixel as u8)
                .collect();
            let values: Vec<f64> = kernel.iter().skip(filter).step_by(4).copied().collect();
            let narrow: Vec<f32> = values.iter().map(|&value| value as f32).collect();
            let image = Image::from_array(ImageLayout::Hwc, [3, 3, 1], &narrow).unwrap();
            assert_eq!(decoded(&image).3, expected);
            let image = Image::from_array(ImageLayout::Hwc, [3, 3, 1], &values).unwrap();
            assert_eq!(decoded(&image).3, expected);
        }
    }
}
