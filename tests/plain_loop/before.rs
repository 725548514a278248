//! A loop of somebody's own: fits a line to points.

use std::error::Error;
use std::path::Path;

/// Points near `y = 2x - 1`.
fn point(index: usize) -> (f32, f32) {
    let x = (index as f32 * 0.7).sin();
    (x, 2.0 * x - 1.0 + 0.05 * (index as f32 * 3.1).cos())
}

/// Trains for at most 50 epochs of 20 batches; returns how many there were.
pub fn train(dir: &Path) -> Result<usize, Box<dyn Error>> {
    let (mut slope, mut offset, mut epochs) = (0.0, 0.0, 0);
    for epoch in 0..50 {
        let (mut loss, mut val_loss) = (0.0, 0.0);
        for batch in 0..20 {
            let (x, y) = point(batch);
            let error = slope * x + offset - y;
            slope -= 0.1 * error * x;
            offset -= 0.1 * error;
            loss += (error * error - loss) / (batch + 1) as f32;
        }
        for batch in 0..4 {
            let (x, y) = point(20 + batch);
            let error = slope * x + offset - y;
            val_loss += (error * error - val_loss) / (batch + 1) as f32;
        }
        println!("epoch {epoch}: loss {loss}, validation {val_loss}");
        epochs += 1;
    }
    std::fs::write(dir.join("line.txt"), format!("{slope} {offset}"))?;
    Ok(epochs)
}
