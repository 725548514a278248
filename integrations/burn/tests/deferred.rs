//! Tensors that are read in the background.

mod common;

use burn::tensor::{Device, Tensor, s};
use common::histograms;
use tfevents::{Histogram, SummaryWriter};
use tfevents_burn::{BurnWriter, LogAs};

#[test]
fn logged_values_are_those_at_the_call() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let device = Device::flex();
    let mut weights = Tensor::<1>::from_floats([0.5; 10_000], &device);
    let steps = 200;
    for step in 0..steps {
        writer.add_tensor("deferred", &weights, LogAs::Histogram, step);
        let now = weights.to_data();
        writer.add_histogram("now", Histogram::new(now.as_slice::<f32>().unwrap()), step);
        // burn would do this in place if it had the only handle.
        weights = weights * 1.01 + 0.1;
        weights = weights.clone().slice_assign(s![0..1], weights.slice(s![1..2]) * -1.0);
    }
    writer.close().unwrap();
    let histograms = histograms(dir.path());
    assert_eq!(histograms["now"].len(), steps);
    assert_eq!(histograms["deferred"], histograms["now"]);
}

#[test]
fn tensors_of_all_kinds_are_logged() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let device = Device::flex();
    let square = Tensor::<2>::from_floats([[0.0, 1.0], [0.5, 0.25]], &device);
    writer.add_tensor("scalar", &square.clone().sum(), LogAs::Scalar, 1);
    writer.add_tensor("image", &square, LogAs::Image, 1);
    let channels: Tensor<3> = Tensor::stack(vec![square.clone(); 3], 0);
    let batch: Tensor<4> = channels.reshape([1, 3, 2, 2]);
    writer.add_tensor("batch", &batch, LogAs::Image, 1);
    writer.add_tensor("tensor", &square, LogAs::Tensor, 1);
    // These cannot be logged as the given kind.
    writer.add_tensor("two", &square, LogAs::Scalar, 1);
    writer.add_tensor("line", &square.clone().reshape([4]), LogAs::Image, 1);
    writer.add_tensor("empty", &Tensor::<1>::zeros([0], &device), LogAs::Parameter, 1);
    writer.close().unwrap();
    let mut tags = Vec::new();
    for event in tfevents::read::Run::open(dir.path()).unwrap().events().map(Result::unwrap) {
        tags.extend(event.values().iter().map(|value| value.tag().to_owned()));
    }
    assert_eq!(tags, ["scalar", "image", "batch", "tensor"]);
    assert_eq!(common::scalars(dir.path())["scalar"], [(1, 1.75)]);
}
