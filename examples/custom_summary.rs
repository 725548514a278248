//! A kind of summary of your own: the scores of a classifier, as three scalars of one call.
//!
//! ```text
//! cargo run --example custom_summary
//! tensorboard --logdir logs/custom_summary
//! ```

use std::error::Error;
use tfevents::SummaryWriter;
use tfevents::summary::{Scalar, Summary, SummaryEncoder};

struct Scores {
    true_positives: u32,
    false_positives: u32,
    false_negatives: u32,
}

impl Summary for Scores {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        let hits = f64::from(self.true_positives);
        let precision = hits / (hits + f64::from(self.false_positives));
        let recall = hits / (hits + f64::from(self.false_negatives));
        let f1 = 2.0 * precision * recall / (precision + recall);
        // Other kinds are the parts; `encoder.push` writes any tensor with any metadata.
        for (name, score) in [("precision", precision), ("recall", recall), ("f1", f1)] {
            Scalar::new(score).encode(&format!("{tag}/{name}"), encoder);
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let logdir = std::env::args().nth(2).unwrap_or("logs/custom_summary".into()); // --logdir DIR
    let writer = SummaryWriter::new(&logdir)?;
    for epoch in 0..10u32 {
        let hits = 50 + 4 * epoch;
        let scores =
            Scores { true_positives: hits, false_positives: 90 - hits, false_negatives: 20 };
        writer.add("validation", &scores, epoch);
    }
    writer.close()?;
    println!("tensorboard --logdir {logdir}");
    Ok(())
}
