//! The layers of a model: the graph and the activations.

mod common;
#[path = "../../candle/tests/common/graph.rs"]
mod graph;

use burn::tensor::{Device, Tensor};
use burn::train::SupervisedTraining;
use common::{Net, count, histograms, learner, steps, training};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use tfevents::SummaryWriter;
use tfevents_burn::{BurnWriter, Watch, Watched, tap};

#[test]
fn the_graph_has_modules_and_parameters() {
    assert_eq!(
        graph::lines(&tfevents_burn::graph(&Net::new()).unwrap()),
        [
            "layers/0/weight = Parameter() f32 [2, 3]",
            "layers/0/bias = Parameter() f32 [3]",
            "layers/1/weight = Parameter() f32 [3, 2]",
            "layers/0/Linear = Linear(layers/0/weight layers/0/bias)",
            "layers/1/Linear = Linear(layers/1/weight)",
        ]
    );
}

#[test]
fn taps_are_recorded_only_for_add_activations() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let device = Device::flex().autodiff();
    let x = Tensor::<1>::from_floats([-1.0, 2.0], &device).require_grad();
    let forward = |x: Tensor<1>| {
        let y = tap("relu", burn::tensor::activation::relu(x));
        tap("square", tap("square", y.powi_scalar(2)))
    };
    let _ = forward(x.clone());
    let mut y = None;
    writer.add_activations(|| y = Some(forward(x.clone())), 4);
    // The returned tensor is the same: gradients flow through it.
    let gradient = x.grad(&y.unwrap().sum().backward()).unwrap().into_data();
    assert_eq!(gradient.as_slice::<f32>().unwrap(), [0.0, 4.0]);
    let failed = catch_unwind(AssertUnwindSafe(|| {
        writer.add_activations(|| panic!("in the forward pass"), 5);
    }));
    assert!(failed.is_err());
    let _ = forward(x);
    writer.close().unwrap();
    let histograms = histograms(dir.path());
    let tags: Vec<_> = histograms.keys().collect();
    assert_eq!(tags, ["relu/activation", "square/activation", "square_1/activation"]);
    let [(4, rows)] = &histograms["square/activation"][..] else { panic!() };
    assert_eq!((rows[0], rows[rows.len() - 2], count(rows)), (0.0, 4.0, 2.0));
}

#[test]
fn the_probe_of_a_watched_model_runs_as_for_validation() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path().join("logs")).unwrap();
    let norms: Arc<Mutex<Vec<f32>>> = Arc::default();
    let probe = {
        let norms = norms.clone();
        let points = Tensor::<2>::ones([5, 2], &Device::flex());
        move |net: &Net| {
            let output = tap("net", net.forward(points.clone()));
            assert!(!output.is_autodiff());
            norms.lock().unwrap().push(output.square().sum().sqrt().into_scalar());
        }
    };
    let model = Watch::new(&writer).log_every(2).model(Net::new()).probe(probe);
    let training: SupervisedTraining<Watched<Net>> = training(dir.path(), 8);
    training.launch(learner(model, 0.1));
    writer.close().unwrap();
    let found = histograms(dir.path().join("logs/train"));
    assert_eq!(found.keys().collect::<Vec<_>>(), ["net/activation"]);
    assert_eq!(steps(&found["net/activation"]), [1, 2, 4, 6]);
    assert!(found["net/activation"].iter().all(|(_, rows)| count(rows) == 10.0));
    // The weights change from one to the next.
    let norms = norms.lock().unwrap();
    assert!(norms.len() == 4 && norms.windows(2).all(|pair| pair[0] != pair[1]), "{norms:?}");
}
