//! Histograms of numbers whose distribution is known: those of one that moves and grows narrow, of
//! one that parts in two, and of dice.

use tfevents::{Histogram, SummaryWriter};

pub const STEPS: i64 = 30;
/// Values of each histogram.
pub const VALUES: usize = 10_000;

/// Evenly spaced quantiles of the logistic distribution: what a good draw from it looks like.
pub fn logistic(mean: f32, scale: f32) -> impl Iterator<Item = f32> {
    (0..VALUES).map(move |i| {
        let below = (i as f32 + 0.5) / VALUES as f32;
        mean + scale * (below / (1.0 - below)).ln()
    })
}

pub fn log(writer: &SummaryWriter) {
    for step in 0..STEPS {
        let progress = step as f32 / (STEPS - 1) as f32;
        let moving: Vec<f32> = logistic(4.0 * progress, 1.0 - 0.8 * progress).collect();
        writer.add_histogram("moving", &moving, step);

        let parting: Vec<half::f16> = logistic(0.0, 0.4)
            .enumerate()
            .map(|(i, x)| x + if i % 2 == 0 { 3.0 * progress } else { -3.0 * progress })
            .map(half::f16::from_f32)
            .collect();
        writer.add_histogram("parting", &parting, step);

        // How often each sum of two dice has come by now.
        let limits: Vec<f64> = (1..=12).map(|sum| f64::from(sum) + 0.5).collect();
        let throws: Vec<u8> =
            (0..36 * (step + 1)).map(|throw| (throw % 6 + 1 + throw / 6 % 6 + 1) as u8).collect();
        if let Ok(dice) = Histogram::with_edges(&throws, &limits) {
            writer.add("dice", &dice, step);
        }
    }
}
