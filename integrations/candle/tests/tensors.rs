//! Tensors of candle in event files.

mod common;

use candle_core::{DType, Device, Tensor, Var};
use candle_nn::VarMap;
use common::{count, histograms, logged, record_log, scalars};
use tfevents::SummaryWriter;
use tfevents::read::Run;
use tfevents_candle::{CandleWriter, LogAs};

/// The types with numbers; candle has further ones that only store bytes.
const DTYPES: [DType; 10] = [
    DType::U8,
    DType::U32,
    DType::I16,
    DType::I32,
    DType::I64,
    DType::BF16,
    DType::F16,
    DType::F32,
    DType::F64,
    DType::F8E4M3,
];

#[test]
fn tensors_of_each_type_are_logged() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let numbers = Tensor::arange(0f32, 24., &Device::Cpu).unwrap().reshape((2, 3, 4)).unwrap();
    for dtype in DTYPES {
        let tensor = numbers.to_dtype(DType::F32).unwrap().to_dtype(dtype).unwrap();
        let name = dtype.as_str();
        writer.add_tensor(&format!("all/{name}"), &tensor, LogAs::Histogram, 3);
        // A view that is not contiguous and has an offset.
        let view = tensor.transpose(0, 2).unwrap().narrow(0, 1, 2).unwrap();
        writer.add_tensor(&format!("view/{name}"), &view, LogAs::Histogram, 3);
        let last = tensor.flatten_all().unwrap().narrow(0, 7, 1).unwrap();
        writer.add_tensor(&format!("one/{name}"), &last, LogAs::Scalar, 3);
        writer.add_tensor(&format!("shape/{name}"), &tensor, LogAs::Tensor, 3);
    }
    writer.close().unwrap();
    let (histograms, scalars) = (histograms(dir.path()), scalars(dir.path()));
    for dtype in DTYPES {
        let name = dtype.as_str();
        let [(3, rows)] = &histograms[&format!("all/{name}")][..] else { panic!("{name}") };
        assert_eq!(count(rows), 24.0, "{name}");
        let eighths = dtype == DType::F8E4M3; // has three fraction bits
        let max = if eighths { 24.0 } else { 23.0 };
        assert_eq!((rows[0], rows[rows.len() - 2]), (0.0, max), "{name}");
        let [(3, rows)] = &histograms[&format!("view/{name}")][..] else { panic!("{name}") };
        // Columns 1 and 2 of the four.
        assert_eq!((count(rows), rows[0]), (12.0, 1.0), "{name}");
        assert_eq!(scalars[&format!("one/{name}")], [(3, 7.0)], "{name}");
    }
    let mut shapes = 0;
    for event in Run::open(dir.path()).unwrap().events().map(Result::unwrap) {
        for value in event.values().iter().filter(|value| value.tag().starts_with("shape/")) {
            let tensor = value.tensor().unwrap();
            assert_eq!(tensor.shape(), [2, 3, 4]);
            assert_eq!(tensor.to_f64().unwrap()[5], 5.0, "{}", value.tag());
            shapes += 1;
        }
    }
    assert_eq!(shapes, DTYPES.len());
}

#[test]
fn logged_values_are_those_at_the_call() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let device = Device::Cpu;
    let var = Var::zeros((100, 100), DType::F32, &device).unwrap();
    let varmap = VarMap::new();
    varmap.data().lock().unwrap().insert("fc.weight".into(), var.clone());
    let steps = 200;
    for step in 0..steps {
        let weights =
            (Tensor::randn(0f32, 1f32, (100, 100), &device).unwrap() + step as f64).unwrap();
        var.set(&weights).unwrap();
        writer.add_weights(&varmap, step);
        writer.add_tensor("var", var.as_tensor(), LogAs::Histogram, step);
        let view = var.as_detached_tensor().narrow(0, 5, 1).unwrap();
        writer.add_tensor("view", &view, LogAs::Histogram, step);
        // Read at once.
        writer.add_histogram("now", tfevents_candle::histogram(&var).unwrap(), step);
        writer.add_histogram("view now", tfevents_candle::histogram(&view).unwrap(), step);
        // As an optimizer does.
        var.set(&weights.affine(0., -1.).unwrap()).unwrap();
    }
    writer.close().unwrap();
    let histograms = histograms(dir.path());
    assert_eq!(histograms["now"].len(), steps);
    for (tag, now) in [("fc/weight", "now"), ("var", "now"), ("view", "view now")] {
        assert_eq!(histograms[tag], histograms[now], "{tag}");
    }
}

#[test]
fn pixels_become_images() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let gray = Tensor::new(&[[0u8, 255], [128, 3], [7, 8]], &Device::Cpu).unwrap();
    writer.add_tensor("gray", &gray, LogAs::Image, 0);
    let floats = (gray.to_dtype(DType::F64).unwrap() / 255.).unwrap();
    let batch = Tensor::stack(&[&floats, &floats, &floats], 0).unwrap();
    let batch = Tensor::stack(&[&batch, &batch], 0).unwrap(); // two of three channels
    writer.add_tensor("batch", &batch, LogAs::Image, 0);
    writer.close().unwrap();

    let pixels = tfevents::Image::gray8(2, 3, &[0, 255, 128, 3, 7, 8]).unwrap();
    assert_eq!(tfevents_candle::image(&gray).unwrap(), pixels);
    let rgb = tfevents_candle::image(&batch).unwrap();
    assert_eq!((rgb.width(), rgb.height()), (2, 3));
    let images = Run::open(dir.path()).unwrap().events().map(Result::unwrap).flat_map(|event| {
        let values =
            event.values().iter().map(|value| (value.tag().to_owned(), value.plugin().to_owned()));
        values.collect::<Vec<_>>()
    });
    let images: Vec<_> = images.collect();
    assert_eq!(images, [("gray".into(), "images".into()), ("batch".into(), "images".into())]);
}

#[test]
fn tensors_that_cannot_be_logged_are_skipped_with_one_warning() {
    record_log();
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let device = Device::Cpu;
    let varmap = VarMap::new();
    let insert = |name: &str, tensor: Tensor| {
        let var = Var::from_tensor(&tensor).unwrap();
        varmap.data().lock().unwrap().insert(name.into(), var);
    };
    insert("empty", Tensor::zeros((0, 3), DType::F32, &device).unwrap());
    insert("nan", Tensor::new(&[1f32, f32::NAN, f32::INFINITY, 2.], &device).unwrap());
    insert("all.nan", Tensor::new(&[f64::NAN], &device).unwrap());
    insert("fine", Tensor::new(&[3f32, 4.], &device).unwrap());
    let fine = varmap.data().lock().unwrap()["fine"].clone();
    // A type that stores bytes instead of numbers.
    let header = r#"{"w":{"dtype":"F8_E8M0","shape":[2],"data_offsets":[0,2]}}"#;
    let file = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &[1, 2]].concat();
    let scales = candle_core::safetensors::load_buffer(&file, &device).unwrap()["w"].clone();
    assert_eq!(scales.dtype(), DType::F8E8M0);
    for step in 0..3 {
        writer.add_tensor("scales", &scales, LogAs::Histogram, step);
        writer.add_weights(&varmap, step);
        let gradients = fine.as_tensor().sqr().unwrap().sum_all().unwrap().backward().unwrap();
        writer.add_gradients(&varmap, &gradients, step);
        writer.add_weights(&VarMap::new(), step);
        writer.add_tensor("two", fine.as_tensor(), LogAs::Scalar, step);
        writer.add_tensor("flat", fine.as_tensor(), LogAs::Image, step);
        let counts = Tensor::zeros((2, 2), DType::I64, &device).unwrap();
        writer.add_tensor("counts", &counts, LogAs::Image, step);
        let wide = Tensor::zeros((9, 2, 2), DType::F32, &device).unwrap();
        writer.add_tensor("wide", &wide, LogAs::Image, step);
    }
    writer.close().unwrap();

    let (histograms, scalars) = (histograms(dir.path()), scalars(dir.path()));
    let tags: Vec<_> = histograms.keys().collect();
    assert_eq!(tags, ["fine", "fine/gradient", "nan"]);
    assert!(histograms.values().all(|points| points.len() == 3));
    assert_eq!(count(&histograms["nan"][0].1), 2.0);
    assert_eq!(scalars["fine/norm"], [(0, 5.0), (1, 5.0), (2, 5.0)]);
    assert_eq!(scalars["fine/gradient/norm"][0], (0, 10.0));
    for (tag, why) in [
        ("\"empty\"", "0 elements"),
        ("\"nan\"", "2 values are not finite"),
        ("\"all/nan\"", "1 values are not finite"),
        ("\"empty/gradient\"", "no gradient"),
        ("\"weights\"", "no variables"),
        ("\"two\"", "invalid shape of a scalar: [2]"),
        ("\"flat\"", "invalid shape of an image: [2]"),
        ("\"counts\"", "invalid type of pixels: i64"),
        ("\"wide\"", "invalid number of image channels: 9"),
        ("\"scales\"", "F8E8M0"),
    ] {
        let logged = logged(tag);
        assert!(logged.len() == 1 && logged[0].contains(why), "{tag}: {logged:?}");
    }
    assert!(scalars["all/nan/norm"].iter().all(|(_, norm)| norm.is_nan()));
}

#[test]
fn taps_are_recorded_only_for_add_activations() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let x = Tensor::new(&[-1f32, 2.], &Device::Cpu).unwrap();
    let forward = || {
        let y = x.relu()?;
        tfevents_candle::tap("relu", &y);
        let y = y.sqr()?;
        tfevents_candle::tap("sqr", &y);
        tfevents_candle::tap("sqr", &y);
        Ok(y)
    };
    forward().unwrap();
    writer.add_activations(forward, 4);
    let failed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        writer.add_activations(|| -> candle_core::Result<()> { panic!("in the forward pass") }, 5);
    }));
    assert!(failed.is_err());
    forward().unwrap();
    writer.close().unwrap();
    let histograms = histograms(dir.path());
    let tags: Vec<_> = histograms.keys().collect();
    assert_eq!(tags, ["relu/activation", "sqr/activation", "sqr_1/activation"]);
    let [(4, rows)] = &histograms["sqr/activation"][..] else { panic!() };
    assert_eq!((rows[0], rows[rows.len() - 2], count(rows)), (0.0, 4.0, 2.0));
}
