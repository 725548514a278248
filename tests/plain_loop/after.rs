//! The same loop with callbacks.

use std::error::Error;
use std::path::Path;
use tfevents::callbacks::{CallbackList, EarlyStopping, TensorBoard, UpdateFreq};

/// Points near `y = 2x - 1`.
fn point(index: usize) -> (f32, f32) {
    let x = (index as f32 * 0.7).sin();
    (x, 2.0 * x - 1.0 + 0.05 * (index as f32 * 3.1).cos())
}

/// Trains for at most 50 epochs of 20 batches; returns how many there were.
pub fn train(dir: &Path) -> Result<usize, Box<dyn Error>> {
    let mut callbacks = CallbackList::new()
        .with_callback(TensorBoard::builder(dir).update_freq(UpdateFreq::Batch).build()?)
        .with_callback(EarlyStopping::new("val_loss").patience(2));
    let (mut slope, mut offset, mut epochs) = (0.0, 0.0, 0);
    callbacks.on_train_begin()?;
    for epoch in 0..50 {
        callbacks.on_epoch_begin(epoch)?;
        let (mut loss, mut val_loss) = (0.0, 0.0);
        for batch in 0..20 {
            callbacks.on_train_batch_begin(batch)?;
            let (x, y) = point(batch);
            let error = slope * x + offset - y;
            slope -= 0.1 * error * x;
            offset -= 0.1 * error;
            loss += (error * error - loss) / (batch + 1) as f32;
            callbacks.on_train_batch_end(batch, [("loss", loss)])?;
        }
        callbacks.on_test_begin()?;
        for batch in 0..4 {
            callbacks.on_test_batch_begin(batch)?;
            let (x, y) = point(20 + batch);
            let error = slope * x + offset - y;
            val_loss += (error * error - val_loss) / (batch + 1) as f32;
            callbacks.on_test_batch_end(batch, [("loss", val_loss)])?;
        }
        callbacks.on_test_end([("loss", val_loss)])?;
        println!("epoch {epoch}: loss {loss}, validation {val_loss}");
        epochs += 1;
        callbacks.on_epoch_end(epoch, [("loss", loss), ("val_loss", val_loss)])?;
        if callbacks.should_stop() {
            break;
        }
    }
    callbacks.on_train_end()?;
    std::fs::write(dir.join("line.txt"), format!("{slope} {offset}"))?;
    Ok(epochs)
}
