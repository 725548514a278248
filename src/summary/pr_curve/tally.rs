//! Counting predictions, in one pass.

use super::PrCurve;

/// The weight of the predictions between each threshold and the next.
#[derive(Clone)]
pub(super) struct Tally {
    positive: Vec<f64>,
    negative: Vec<f64>,
}

impl Tally {
    pub(super) fn new(thresholds: usize) -> Self {
        Self { positive: vec![0.0; thresholds], negative: vec![0.0; thresholds] }
    }

    pub(super) fn count(&mut self, positive: bool, prediction: f32, weight: f64) {
        let counts = if positive { &mut self.positive } else { &mut self.negative };
        // In f32, as TensorBoard does: a product that is rounded up falls into the next bucket.
        // At most the last threshold's number, because the prediction is at most 1.
        let bucket = (prediction * (counts.len() - 1) as f32) as usize;
        counts[bucket] += weight;
    }

    pub(super) fn into_curve(self) -> PrCurve {
        let (tp, fp) = (from_the_end(self.positive), from_the_end(self.negative));
        let rest = |counts: &[f64]| counts.iter().map(|count| counts[0] - count).collect();
        let (negatives, tn) = (rest(&tp), rest(&fp));
        PrCurve::from_rows([tp, fp, tn, negatives])
    }
}

/// The sums of each count and all behind it.
fn from_the_end(mut counts: Vec<f64>) -> Vec<f64> {
    let mut sum = 0.0;
    for count in counts.iter_mut().rev() {
        sum += *count;
        *count = sum;
    }
    counts
}
