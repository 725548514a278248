//! The training. It knows `tracing`, and nothing of TensorBoard.

use crate::data::Digits;
use crate::network::Network;
use crate::optimizer::{AdamW, CosineDecay};
use crate::random::Random;
use tracing::{info, info_span, warn};

const BATCH: usize = 32;

/// Trains a network, and returns its accuracy on images that it never trained on.
pub fn fit(epochs: usize) -> Result<f32, String> {
    let mut random = Random::new(7);
    let (train, validation) = Digits::load()?.split(&mut random);
    let mut network = Network::new(&mut random);
    let mut optimizer = AdamW::new(&network);
    let steps = epochs * train.len().div_ceil(BATCH);
    let schedule = CosineDecay { initial: 2e-3, steps };
    let mut order: Vec<usize> = (0..train.len()).collect();
    let (mut step, mut best, mut accuracy) = (0, f32::INFINITY, 0.0);
    for epoch in 0..epochs {
        let _epoch = info_span!("epoch", epoch).entered();
        random.shuffle(&mut order);
        for indices in order.chunks(BATCH) {
            let batch = train.select(indices);
            // The events within have the step of this span.
            let _batch = info_span!("batch", step).entered();
            let activations = network.forward(&batch.images);
            network.backward(&activations, &batch.labels);
            let learning_rate = schedule.rate(step);
            optimizer.update(&mut network, learning_rate);
            let result = activations.evaluate(&batch.labels);
            info!(target: "train", loss = result.loss, accuracy = result.accuracy, learning_rate);
            // As for OpenTelemetry.
            info!(target: "train", { monotonic_counter.images = batch.len() }, "trained on a batch");
            for parameter in network.parameters() {
                let squares: f32 = parameter.gradient.iter().map(|value| value * value).sum();
                info!(target: "train", { histogram.gradient_norms = squares.sqrt() }, "{}", parameter.name);
            }
            step += 1;
        }
        let result = network.evaluate(&validation);
        accuracy = result.accuracy;
        info!(target: "validation", step, loss = result.loss, accuracy, "epoch {epoch} is over");
        if result.loss > best {
            warn!(step, "the validation loss rose from {best} to {}", result.loss);
        }
        best = best.min(result.loss);
    }
    Ok(accuracy)
}
