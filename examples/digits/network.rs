//! The network: dense layers with ReLU between them, and its gradients by hand.
//!
//! A step of the training has three phases, each a function: [`Network::forward`],
//! [`Network::backward`], and `AdamW::update`.

use crate::data::{CLASSES, Digits, PIXELS};
use crate::random::Random;

/// Widths of the hidden layers.
const HIDDEN: [usize; 2] = [256, 128];

/// Weights that are trained, and how the loss changes with them.
pub struct Parameter {
    /// The name, such as `dense_1/kernel`.
    pub name: String,
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
    /// The gradient for the batch that was last propagated backward.
    pub gradient: Vec<f32>,
}

impl Parameter {
    fn new(name: String, shape: &[usize], mut value: impl FnMut() -> f32) -> Self {
        let len = shape.iter().product();
        let values = (0..len).map(|_| value()).collect();
        Self { name, shape: shape.to_vec(), values, gradient: vec![0.0; len] }
    }
}

/// A dense layer: `outputs = inputs * kernel + bias`.
pub struct Dense {
    pub name: String,
    /// `[inputs, outputs]`
    pub kernel: Parameter,
    /// `[outputs]`
    pub bias: Parameter,
}

impl Dense {
    fn new(name: String, inputs: usize, outputs: usize, random: &mut Random) -> Self {
        // He's initialization, made for ReLU.
        let limit = (6.0 / inputs as f32).sqrt();
        let kernel =
            Parameter::new(format!("{name}/kernel"), &[inputs, outputs], || random.uniform(limit));
        let bias = Parameter::new(format!("{name}/bias"), &[outputs], || 0.0);
        Self { name, kernel, bias }
    }

    pub fn inputs(&self) -> usize {
        self.kernel.shape[0]
    }

    pub fn outputs(&self) -> usize {
        self.kernel.shape[1]
    }

    fn forward(&self, inputs: &[f32]) -> Vec<f32> {
        let mut outputs = Vec::with_capacity(inputs.len() / self.inputs() * self.outputs());
        for row in inputs.chunks_exact(self.inputs()) {
            let start = outputs.len();
            outputs.extend_from_slice(&self.bias.values);
            let output = &mut outputs[start..];
            for (&input, weights) in row.iter().zip(self.kernel.values.chunks(self.outputs())) {
                add_scaled(output, input, weights);
            }
        }
        outputs
    }

    /// Sets the layer's gradients from those of its outputs; returns those of its inputs.
    fn backward(&mut self, inputs: &[f32], d_outputs: &[f32]) -> Vec<f32> {
        let (width, height) = (self.outputs(), self.inputs());
        self.kernel.gradient.fill(0.0);
        self.bias.gradient.fill(0.0);
        let mut d_inputs = Vec::with_capacity(inputs.len());
        for (row, d_row) in inputs.chunks_exact(height).zip(d_outputs.chunks_exact(width)) {
            add_scaled(&mut self.bias.gradient, 1.0, d_row);
            for (&input, d_weights) in row.iter().zip(self.kernel.gradient.chunks_mut(width)) {
                add_scaled(d_weights, input, d_row);
            }
            d_inputs.extend(self.kernel.values.chunks(width).map(|weights| dot(weights, d_row)));
        }
        d_inputs
    }
}

/// The result of [`Network::forward`] for some images.
pub struct Activations {
    /// The input of each layer.
    pub inputs: Vec<Vec<f32>>,
    /// How likely each image is each digit: `[len, CLASSES]`.
    pub probabilities: Vec<f32>,
}

impl Activations {
    /// The likeliest digit for each image.
    pub fn predictions(&self) -> Vec<u8> {
        let likeliest = |row: &[f32]| {
            let best = (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b]));
            best.unwrap_or_default() as u8
        };
        self.probabilities.chunks_exact(CLASSES).map(likeliest).collect()
    }

    /// The mean cross entropy.
    pub fn loss(&self, labels: &[u8]) -> f32 {
        let rows = self.probabilities.chunks_exact(CLASSES).zip(labels);
        let sum: f32 = rows.map(|(row, &label)| -row[usize::from(label)].max(1e-7).ln()).sum();
        sum / labels.len() as f32
    }

    /// How well it did.
    pub fn evaluate(&self, labels: &[u8]) -> Evaluation {
        let predictions = self.predictions();
        let correct = predictions.iter().zip(labels).filter(|(a, b)| a == b).count();
        Evaluation {
            loss: self.loss(labels),
            accuracy: correct as f32 / labels.len() as f32,
            predictions,
        }
    }
}

pub struct Network {
    pub layers: Vec<Dense>,
}

impl Network {
    pub fn new(random: &mut Random) -> Self {
        let mut layers = Vec::new();
        let mut inputs = PIXELS;
        for (index, outputs) in HIDDEN.into_iter().chain([CLASSES]).enumerate() {
            layers.push(Dense::new(format!("dense_{}", index + 1), inputs, outputs, random));
            inputs = outputs;
        }
        Self { layers }
    }

    /// Returns all weights, from the first layer to the last.
    pub fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.layers.iter().flat_map(|layer| [&layer.kernel, &layer.bias])
    }

    /// Returns all weights, mutable, from the first layer to the last.
    pub fn parameters_mut(&mut self) -> impl Iterator<Item = &mut Parameter> {
        self.layers.iter_mut().flat_map(|layer| [&mut layer.kernel, &mut layer.bias])
    }

    /// From images, `[len, PIXELS]`, to probabilities.
    pub fn forward(&self, images: &[f32]) -> Activations {
        let mut inputs = vec![images.to_vec()];
        let mut outputs = Vec::new();
        for (index, layer) in self.layers.iter().enumerate() {
            outputs = layer.forward(&inputs[index]);
            if index + 1 < self.layers.len() {
                relu(&mut outputs);
                inputs.push(std::mem::take(&mut outputs));
            }
        }
        outputs.chunks_exact_mut(CLASSES).for_each(softmax);
        Activations { inputs, probabilities: outputs }
    }

    /// From the loss back to the gradient of every weight.
    pub fn backward(&mut self, activations: &Activations, labels: &[u8]) {
        // Softmax and cross entropy together have a simple gradient: predicted minus
        // true probabilities.
        let mut gradient = activations.probabilities.clone();
        for (row, &label) in gradient.chunks_exact_mut(CLASSES).zip(labels) {
            row[usize::from(label)] -= 1.0;
            row.iter_mut().for_each(|d| *d /= labels.len() as f32);
        }
        for (layer, inputs) in self.layers.iter_mut().zip(&activations.inputs).rev() {
            gradient = layer.backward(inputs, &gradient);
            // The input came out of a ReLU, which passes a gradient on where it was positive. For
            // the images themselves nobody reads it.
            for (d, &input) in gradient.iter_mut().zip(inputs) {
                if input <= 0.0 {
                    *d = 0.0;
                }
            }
        }
    }

    /// Returns the evaluation on some digits, and the predicted classes.
    pub fn evaluate(&self, digits: &Digits) -> Evaluation {
        self.forward(&digits.images).evaluate(&digits.labels)
    }
}

pub struct Evaluation {
    pub loss: f32,
    /// From 0.0 to 1.0.
    pub accuracy: f32,
    pub predictions: Vec<u8>,
}

fn add_scaled(sum: &mut [f32], factor: f32, values: &[f32]) {
    for (sum, &value) in sum.iter_mut().zip(values) {
        *sum += factor * value;
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn relu(values: &mut [f32]) {
    values.iter_mut().for_each(|value| *value = value.max(0.0));
}

fn softmax(row: &mut [f32]) {
    let max = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    row.iter_mut().for_each(|value| *value = (*value - max).exp());
    let sum: f32 = row.iter().sum();
    row.iter_mut().for_each(|value| *value /= sum);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The gradient of every parameter against the slope of the loss around it.
    #[test]
    fn gradients_are_slopes_of_the_loss() {
        let mut random = Random::new(7);
        let batch = Digits::load().unwrap().select(&[3, 141, 592, 653]);
        let mut network = Network::new(&mut random);
        let activations = network.forward(&batch.images);
        network.backward(&activations, &batch.labels);

        let gradients: Vec<Vec<f32>> = network.parameters().map(|p| p.gradient.clone()).collect();
        for (index, gradient) in gradients.iter().enumerate() {
            let norm = dot(gradient, gradient).sqrt();
            assert!(norm > 1e-3, "parameter {index} has the gradient 0");
            // One step up and one down along the gradient.
            let mut loss_at = |distance: f32| {
                let parameter = network.parameters_mut().nth(index).unwrap();
                let before = parameter.values.clone();
                add_scaled(&mut parameter.values, distance / norm, gradient);
                let loss = network.forward(&batch.images).loss(&batch.labels);
                network.parameters_mut().nth(index).unwrap().values = before;
                loss
            };
            let slope = (loss_at(1e-2) - loss_at(-1e-2)) / 2e-2;
            assert!((slope - norm).abs() < 0.02 * norm, "{index}: slope {slope}, gradient {norm}");
        }
    }
}
