//! All of it, topic by topic.

use crate::classifier::{self, Trained};
use crate::sweep::{self, Trial};
use crate::{architecture, curves, distributions, knot, notes, pictures, sound};
use std::error::Error;
use std::path::Path;
use tfevents::SummaryWriter;

/// Steps of most series. TensorBoard shows ten images, sounds and texts of a tag unless told
/// otherwise.
pub const STEPS: i64 = 10;

/// What was learned.
pub struct Filled {
    pub classifier: Trained,
    pub trials: Vec<Trial>,
}

/// Fills `logdir`. Trainings see the first `images` of the digits to train on; each topic is told
/// before it begins.
pub fn fill(
    logdir: &Path,
    images: usize,
    mut tell: impl FnMut(&str),
) -> Result<Filled, Box<dyn Error>> {
    tell("scalars, and charts of several");
    curves::log(&SummaryWriter::new(logdir.join("curves"))?)?;
    tell("histograms and distributions");
    distributions::log(&SummaryWriter::new(logdir.join("distributions"))?);
    tell("images and videos");
    pictures::log(&SummaryWriter::new(logdir.join("pictures"))?)?;
    tell("sound");
    sound::log(&SummaryWriter::new(logdir.join("sound"))?)?;
    tell("meshes");
    knot::log(&SummaryWriter::new(logdir.join("meshes"))?)?;
    tell("graphs");
    architecture::log(&SummaryWriter::new(logdir.join("graphs"))?)?;
    tell("a classifier: curves, precision and recall, weights, embeddings");
    let classifier = classifier::log(&SummaryWriter::new(logdir.join("classifier"))?, images)?;
    tell("text");
    notes::log(&SummaryWriter::new(logdir.join("notes"))?, &classifier)?;
    tell("a sweep over nine trainings");
    let trials = sweep::log(&logdir.join("sweep"), images)?;
    Ok(Filled { classifier, trials })
}
