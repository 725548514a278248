//! Text: a table of the classifier's epochs as it grows, settings, and code.

use crate::classifier::{THRESHOLDS, Trained};
use std::error::Error;
use tfevents::SummaryWriter;
use tfevents::summary::markdown;

const EXAMPLE: &str = "\
let writer = SummaryWriter::new(\"runs/mlp\")?;
for step in 0..1000 {
    writer.add_scalar(\"train/loss\", loss(step), step);
}";

pub fn log(writer: &SummaryWriter, trained: &Trained) -> Result<(), Box<dyn Error>> {
    let mut rows = Vec::new();
    for (epoch, (loss, accuracy)) in trained.history.iter().enumerate() {
        rows.push([epoch.to_string(), format!("{loss:.4}"), format!("{:.1} %", 100.0 * accuracy)]);
        let table = markdown::table(["epoch", "validation loss", "accuracy"], rows.clone())?;
        writer.add_text("epochs", &format!("# After epoch {epoch}\n\n{table}"), epoch);
    }
    let weights: usize = trained.network.parameters().map(|p| p.values.len()).sum();
    let settings = [
        ("weights", weights),
        ("validation images", trained.validation.len()),
        ("thresholds", THRESHOLDS),
    ];
    writer.add_text("settings", &markdown::key_values(settings), 0);
    writer.add_text("example", &markdown::code_block("rust", EXAMPLE), 0);
    Ok(())
}
