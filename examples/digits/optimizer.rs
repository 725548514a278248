//! AdamW, by Loshchilov and Hutter, and the learning rate's schedule.

use crate::network::Network;
use std::f32::consts::PI;

const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;
const EPSILON: f32 = 1e-7;
pub const WEIGHT_DECAY: f32 = 0.3;

pub struct AdamW {
    steps: i32,
    /// For each parameter, the running means of its gradient and of its gradient's square.
    means: Vec<(Vec<f32>, Vec<f32>)>,
}

impl AdamW {
    pub fn new(network: &Network) -> Self {
        let zeros = |len| (vec![0.0; len], vec![0.0; len]);
        Self { steps: 0, means: network.parameters().map(|p| zeros(p.values.len())).collect() }
    }

    /// Moves every weight down its gradient, and a little towards 0.
    pub fn update(&mut self, network: &mut Network, rate: f32) {
        self.steps += 1;
        let correction_1 = 1.0 - BETA_1.powi(self.steps);
        let correction_2 = 1.0 - BETA_2.powi(self.steps);
        for (parameter, (means, squares)) in network.parameters_mut().zip(&mut self.means) {
            let weights = parameter.values.iter_mut().zip(&parameter.gradient);
            for ((weight, &gradient), (mean, square)) in weights.zip(means.iter_mut().zip(squares))
            {
                *mean += (1.0 - BETA_1) * (gradient - *mean);
                *square += (1.0 - BETA_2) * (gradient * gradient - *square);
                let step = (*mean / correction_1) / ((*square / correction_2).sqrt() + EPSILON);
                *weight -= rate * (step + WEIGHT_DECAY * *weight);
            }
        }
    }
}

/// The learning rate falls along half a cosine, from `initial` to 0.
pub struct CosineDecay {
    pub initial: f32,
    pub steps: usize,
}

impl CosineDecay {
    pub fn rate(&self, step: usize) -> f32 {
        let progress = step as f32 / self.steps as f32;
        self.initial * 0.5 * (1.0 + (PI * progress).cos())
    }
}
