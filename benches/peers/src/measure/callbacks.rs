//! Time of callbacks in a loop where nothing is written per batch.

use super::{Setup, nanos};
use crate::allocations;
use crate::peers::Peer;
use crate::peers::ours::Ours;
use crate::report::Report;
use crate::{Result, read_back};
use std::hint::black_box;
use std::time::Instant;
use tfevents::callbacks::{CallbackList, EarlyStopping, TensorBoard};

pub const WORK: &str = "callbacks in epoch mode, both hooks of a batch";
pub const ALLOCATIONS: &str = "allocations per batch by callbacks in epoch mode";

pub fn round(setup: &Setup, report: &mut Report) -> Result<()> {
    let elapsed = epoch(setup, |batches| {
        let begun = Instant::now();
        batches();
        nanos(begun.elapsed())
    })?;
    report.add(WORK, Ours::NAME, "ns", elapsed / setup.calls as f64);
    Ok(())
}

pub fn measure_all(setup: &Setup, report: &mut Report) -> Result<()> {
    let count = epoch(setup, |batches| allocations::during(batches).caller as f64)?;
    report.add(ALLOCATIONS, Ours::NAME, "per batch", count / setup.calls as f64);
    Ok(())
}

/// Two epochs, of which the second is measured: the names are known by then.
fn epoch(setup: &Setup, measure: impl FnOnce(&mut dyn FnMut()) -> f64) -> Result<f64> {
    let dir = setup.place.fresh()?;
    let mut callbacks = CallbackList::new()
        .with_callback(TensorBoard::builder(dir.path()).build()?)
        .with_callback(EarlyStopping::new("val_loss").patience(1));
    callbacks.on_train_begin()?;
    let mut failed = None;
    let mut batches = || {
        for batch in 0..setup.calls as usize {
            let begun = callbacks.on_train_batch_begin(batch);
            let logs = [("loss", black_box(0.5)), ("accuracy", 0.25)];
            if let Err(error) = begun.and_then(|()| callbacks.on_train_batch_end(batch, logs)) {
                failed = Some(error);
            }
        }
    };
    batches();
    let measured = measure(&mut batches);
    for epoch in 0..2 {
        callbacks.on_epoch_end(epoch, [("loss", 0.5), ("val_loss", 0.75)])?;
    }
    callbacks.on_train_end()?;
    failed.map_or(Ok(()), Err)?;
    for run in ["train", "validation"] {
        read_back::epochs(&dir.path().join(run), "epoch_loss", 2)?;
    }
    Ok(measured)
}
