//! The list of topics.

use crate::classifier::{self, Trained};
use crate::sweep::{self, Trial};
use crate::{architecture, curves, distributions, knot, notes, pictures, sound};
use std::error::Error;
use std::path::Path;
use tfevents::SummaryWriter;

/// Steps of most series. TensorBoard shows ten images, sounds and texts of a tag by
/// default.
pub const STEPS: i64 = 10;

/// The results of the trainings.
pub struct Filled {
    pub classifier: Trained,
    pub trials: Vec<Trial>,
}

/// Fills `logdir`. Trainings see the first `images` of the digits to train on; `report` is
/// called with each topic before it begins.
pub fn fill(
    logdir: &Path,
    images: usize,
    mut report: impl FnMut(&str),
) -> Result<Filled, Box<dyn Error>> {
    report("scalars, and charts of several");
    curves::log(&SummaryWriter::new(logdir.join("curves"))?)?;
    report("histograms and distributions");
    distributions::log(&SummaryWriter::new(logdir.join("distributions"))?);
    report("images and videos");
    pictures::log(&SummaryWriter::new(logdir.join("pictures"))?)?;
    report("sound");
    sound::log(&SummaryWriter::new(logdir.join("sound"))?)?;
    report("meshes");
    knot::log(&SummaryWriter::new(logdir.join("meshes"))?)?;
    report("graphs");
    architecture::log(&SummaryWriter::new(logdir.join("graphs"))?)?;
    report("a classifier: curves, precision and recall, weights, embeddings");
    let classifier = classifier::log(&SummaryWriter::new(logdir.join("classifier"))?, images)?;
    report("text");
    notes::log(&SummaryWriter::new(logdir.join("notes"))?, &classifier)?;
    report("a sweep over nine trainings");
    let trials = sweep::log(&logdir.join("sweep"), images)?;
    Ok(Filled { classifier, trials })
}
