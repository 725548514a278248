//! Values that come as arrays of `ndarray`, as halves, or as integers.

use half::{bf16, f16};
use ndarray::{Array, ArrayView, Dimension, s};
use tensorboard_tests::{Payload, python_events, show};
use tfevents::summary::{HeatMap, ImageLayout, Mesh, triples};
use tfevents::{Image, Tensor};

use crate::images::pixels;
use crate::writer;

/// 0 to 29 in any order, of any type: one in each of 30 buckets but for the last.
fn even<T>(of: impl Fn(u8) -> T) -> Vec<T> {
    (0..=30).rev().map(of).collect()
}

#[test]
fn histograms_of_any_number() {
    let logdir = tempfile::tempdir().unwrap();
    let (writer, _) = writer(logdir.path());
    writer.add_histogram("f16", even(|i| f16::from_f32(i.into())), 0);
    writer.add_histogram("bf16", even(|i| bf16::from_f32(i.into())), 0);
    writer.add_histogram("u8", even(|i| i), 0);
    writer.add_histogram("i64", even(i64::from), 0);
    writer.add_histogram("u128", even(u128::from), 0);
    writer.add_histogram("usize", even(usize::from), 0);
    // Every other column of every row but the last, so nothing lies side by side.
    let array =
        Array::from_shape_fn((5, 62), |(i, j)| if i < 4 && j % 2 == 1 { j / 2 } else { 99 });
    writer.add_histogram("view", &array.slice(s![..4, 1..;2]), 0);
    writer.add_scalar("scalar f16", f16::from_f32(0.5), 0);
    writer.add_scalar("scalar bf16", bf16::MAX, 0);
    writer.close().unwrap();

    show(logdir.path(), |board| {
        for (tag, each) in
            [("f16", 1), ("bf16", 1), ("u8", 1), ("i64", 1), ("u128", 1), ("usize", 1), ("view", 4)]
        {
            let row = |i: u8| {
                [f64::from(i), f64::from(i + 1), f64::from(if i < 29 { each } else { 2 * each })]
            };
            let rows: Vec<_> = (0..30).map(row).collect();
            assert_eq!(board.histograms(".", tag, 0)[0].value, rows, "{tag}");
        }
        assert_eq!(board.scalars(".", "scalar f16", 0)[0].value, 0.5);
        assert_eq!(board.scalars(".", "scalar bf16", 0)[0].value, bf16::MAX.to_f64());
    });
}

#[test]
fn images_of_arrays() {
    let logdir = tempfile::tempdir().unwrap();
    let (writer, _) = writer(logdir.path());
    let array =
        Array::from_shape_fn((3, 4, 5, 3), |(n, y, x, c)| (n * 60 + y * 15 + x * 3 + c) as u8);
    writer.add_image("nhwc", &Image::from_ndarray(ImageLayout::Hwc, &array).unwrap(), 0);
    let planes = array.view().permuted_axes([0, 3, 1, 2]).mapv(|byte| f32::from(byte) / 255.0);
    writer.add_image("nchw", &Image::from_ndarray(ImageLayout::Chw, &planes).unwrap(), 0);
    let reversed = array.slice(s![1, ..;-1, .., 2]);
    writer.add_image("gray view", &Image::from_ndarray(ImageLayout::Hwc, &reversed).unwrap(), 0);
    writer.close().unwrap();

    fn bytes<D: Dimension>(array: ArrayView<'_, u8, D>) -> Vec<u8> {
        array.iter().copied().collect()
    }
    show(logdir.path(), |board| {
        for tag in ["nhwc", "nchw"] {
            for (n, image) in array.outer_iter().enumerate() {
                let served = board.images(".", tag, n, 0);
                let expected = (5, 4, png::ColorType::Rgb, bytes(image));
                assert_eq!(pixels(&served[0].value), expected, "{tag} {n}");
            }
        }
        let served = board.images(".", "gray view", 0, 0);
        let expected = (5, 4, png::ColorType::Grayscale, bytes(reversed));
        assert_eq!(pixels(&served[0].value), expected);
    });
}

#[test]
fn meshes_and_heat_maps_of_arrays() {
    let logdir = tempfile::tempdir().unwrap();
    let (writer, _) = writer(logdir.path());
    // A coordinate in each row, so that the vertices are columns of it.
    let coordinates = Array::from_shape_fn((3, 5), |(axis, vertex)| (axis * 10 + vertex) as f32);
    let faces = Array::from_shape_fn((2, 3), |(face, corner)| (face + corner) as u32);
    let mesh = Mesh::builder(&triples(&coordinates.t()).unwrap())
        .faces(&triples(&faces).unwrap())
        .build()
        .unwrap();
    writer.add_mesh("shape", &mesh, 0);
    let map = HeatMap::from_ndarray(&coordinates.t()).unwrap();
    writer.add("map", &map, 0);
    writer.close().unwrap();

    show(logdir.path(), |board| {
        let parts = board.meshes(".", "shape", 0, 0);
        let part = |kind: i64| {
            let part = parts.iter().find(|part| part.value.about["content_type"] == kind).unwrap();
            part.value.bytes.clone()
        };
        let floats = coordinates.t().iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<_>>();
        assert_eq!(part(1), floats);
        assert_eq!(part(2), faces.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<_>>());
        let (width, height, _, bytes) = pixels(&board.images(".", "map", 0, 0)[0].value);
        assert_eq!((width, height), (3, 5));
        // The minimum and the maximum.
        assert_eq!((&bytes[..3], &bytes[42..]), (&[68, 1, 84][..], &[253, 231, 37][..]));
    });
}

/// No dashboard shows them; TensorBoard's own code decodes them.
#[test]
fn tensors_of_arrays_and_halves() {
    let logdir = tempfile::tempdir().unwrap();
    let (writer, _) = writer(logdir.path());
    let array = Array::from_shape_fn((2, 3, 4), |(i, j, k)| (i * 100 + j * 10 + k) as f64);
    writer.add("f64", &Tensor::from(&array.t()), 0);
    writer.add("f16", &Tensor::from(&array.mapv(f16::from_f64)), 0);
    writer.add("f32", &Tensor::from(&array.mapv(|v| v as f32).slice(s![.., 1, ..])), 0);
    writer.close().unwrap();

    let file = std::fs::read_dir(logdir.path()).unwrap().next().unwrap().unwrap().path();
    let Some(events) = python_events(&file) else {
        return;
    };
    let decoded: Vec<_> = (events.iter())
        // Not the version and the end mark.
        .filter(|event| !event.values.is_empty())
        .map(|event| match &event.values[0].payload {
            Payload::Tensor(tensor) => (&tensor.dtype[..], &tensor.shape[..], &tensor.numbers[..]),
            other => panic!("{other:?}"),
        })
        .collect();
    let in_rows = |values: Vec<&f64>| values.into_iter().copied().collect::<Vec<f64>>();
    let (turned, rows) = (array.t(), array.slice(s![.., 1, ..]));
    assert_eq!(
        decoded,
        [
            ("DT_DOUBLE", &[4, 3, 2][..], &in_rows(turned.iter().collect())[..]),
            ("DT_HALF", &[2, 3, 4], &in_rows(array.iter().collect())),
            ("DT_FLOAT", &[2, 4], &in_rows(rows.iter().collect())),
        ]
    );
}
