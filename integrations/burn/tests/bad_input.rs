//! Parameters that cannot be logged are skipped with one warning; the others are logged.

mod common;

use burn::module::{Module, Param, ParamId};
use burn::nn::{Linear, LinearConfig};
use burn::optim::GradientsParams;
use burn::tensor::quantization::QuantValue;
use burn::tensor::{DType, Device, FloatDType, Tensor};
use common::{count, histograms, logged, record_log, scalars};
use tfevents::SummaryWriter;
use tfevents_burn::{BurnWriter, LogAs};

#[derive(Module, Debug)]
struct Odd {
    empty: Param<Tensor<2>>,
    nan: Param<Tensor<1>>,
    all_nan: Param<Tensor<1>>,
    quantized: Param<Tensor<2>>,
    frozen: Linear,
    double: Param<Tensor<1>>,
    half: Param<Tensor<1>>,
    fine: Param<Tensor<1>>,
}

impl Odd {
    fn new(device: &Device) -> Self {
        let plain = device.clone().without_autodiff();
        let scheme = plain.settings().quantization.scheme.with_value(QuantValue::Q8S);
        let quantized = Tensor::<2>::ones([32, 32], &plain).quantize_dynamic(&scheme);
        assert!(matches!(quantized.dtype(), DType::QFloat(_)));
        let param = |values: &[f32]| Param::from_tensor(Tensor::from_floats(values, device));
        let cast = |dtype: FloatDType| {
            let tensor = Tensor::<1>::from_floats([3.0, -4.0], device).cast(dtype);
            Param::from_tensor(tensor)
        };
        Self {
            empty: Param::from_tensor(Tensor::zeros([0, 3], device)),
            nan: param(&[1.0, f32::NAN, f32::INFINITY, 2.0]),
            all_nan: param(&[f32::NAN]),
            quantized: Param::initialized(ParamId::new(), quantized),
            frozen: LinearConfig::new(1, 1).with_bias(false).init(device).no_grad(),
            double: cast(FloatDType::F64),
            half: cast(FloatDType::F16),
            fine: param(&[3.0, 4.0]),
        }
    }

    /// Returns the gradients, which only one parameter has.
    fn gradients(&self) -> GradientsParams {
        let loss = self.fine.val().powi_scalar(2).sum();
        GradientsParams::from_grads(loss.backward(), self)
    }
}

#[derive(Module, Debug)]
struct Nothing {
    #[module(skip)]
    size: usize,
}

#[test]
fn parameters_that_cannot_be_logged_are_skipped_with_one_warning() {
    record_log();
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let odd = Odd::new(&Device::flex().autodiff());
    let square = Tensor::<2>::ones([2, 2], &Device::flex());
    for step in 0..3 {
        writer.add_weights(&odd, step);
        writer.add_gradients(&odd, &odd.gradients(), step);
        writer.add_weights(&Nothing { size: 0 }, step);
        writer.add_tensor("two", &square, LogAs::Scalar, step);
        writer.add_tensor("flat", &square.clone().reshape([4]), LogAs::Image, step);
    }
    writer.close().unwrap();

    let (histograms, scalars) = (histograms(dir.path()), scalars(dir.path()));
    let tags: Vec<_> = histograms.keys().map(String::as_str).collect();
    assert_eq!(tags, ["double", "fine", "fine/gradient", "frozen/weight", "half", "nan"]);
    assert!(histograms.values().all(|points| common::steps(points) == [0, 1, 2]));
    assert_eq!(count(&histograms["nan"][0].1), 2.0);
    for tag in ["fine", "double", "half"] {
        assert_eq!(count(&histograms[tag][0].1), 2.0, "{tag}");
        assert_eq!(scalars[&format!("{tag}/norm")][0].1, 5.0, "{tag}");
    }
    assert_eq!(scalars["fine/gradient/norm"], [(0, 10.0), (1, 10.0), (2, 10.0)]);
    assert!(scalars["all_nan/norm"].iter().all(|(_, norm)| norm.is_nan()));
    for (tag, why) in [
        ("\"empty\"", "0 elements"),
        ("\"nan\"", "2 values are not finite"),
        ("\"all_nan\"", "1 values are not finite"),
        ("\"quantized\"", "expected a dequantized one"),
        ("\"quantized/gradient\"", "no gradient"),
        ("\"frozen/weight/gradient\"", "no gradient"),
        ("\"weights\"", "no parameters"),
        ("\"two\"", "invalid shape of a scalar: [2, 2]"),
        ("\"flat\"", "invalid shape of an image: [4]"),
    ] {
        let logged = logged(tag);
        assert!(logged.len() == 1 && logged[0].contains(why), "{tag}: {logged:?}");
    }
}
