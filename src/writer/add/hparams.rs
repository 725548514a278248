//! Hyperparameters: the session that a run is, and how it ended.

use crate::summary::{Experiment, HParams, SummaryEncoder, TrialStatus};
use crate::wire::event::Payload;
use crate::writer::Error;
use crate::writer::SummaryWriter;
use crate::writer::run::Run;
use std::path::Path;
use std::sync::atomic::Ordering;

impl SummaryWriter {
    /// Logs the hyperparameters of this run. The HParams dashboard shows the run as a row, with the
    /// last values of the scalars that the run and its child runs log.
    ///
    /// Nothing else is written: no child run, no points, and nothing outside this directory. The row
    /// appears at once. Closing or dropping the writer marks the run as succeeded, dropping it
    /// during a panic as failed. A loop that returns an error should call
    /// [`finish_hparams`](Self::finish_hparams) with
    /// [`TrialStatus::Failure`].
    ///
    /// TensorBoard keeps the first values and the first status that it finds in a run, even if a
    /// later session continues it.
    ///
    /// ```
    /// use tfevents::summary::HParams;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let (rate, batch) = (1e-3, 32);
    /// let hparams = HParams::builder().set("learning_rate", rate).set("batch", batch).build()?;
    /// writer.add_hparams(&hparams);
    /// for step in 0..10 {
    ///     writer.add_scalar("loss", 1.0 / (step + 1) as f32, step); // a metric
    /// }
    /// writer.close()?; // a success
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_hparams(&self, hparams: &HParams) {
        let (handle, buffer) = (self.run.handle, &self.run.shared.buffer);
        let mut body = Vec::new();
        hparams.encode_start(buffer.clock().now(), &mut SummaryEncoder::new(&mut body));
        // If this event was dropped, no status follows it.
        if buffer.push(handle, None, 0, Payload::Summary, &body) {
            self.run.in_trial.store(true, Ordering::Relaxed);
        }
    }

    /// Logs how the training ended whose hyperparameters were logged.
    ///
    /// It does nothing if no hyperparameters were logged or the status was logged already.
    ///
    /// ```
    /// use tfevents::summary::{HParams, TrialStatus};
    /// # fn train() -> Result<(), std::io::Error> { Err(std::io::ErrorKind::Other.into()) }
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// writer.add_hparams(&HParams::builder().set("batch", 32).build()?);
    /// if let Err(error) = train() {
    ///     println!("{error}");
    ///     writer.finish_hparams(TrialStatus::Failure);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn finish_hparams(&self, outcome: TrialStatus) {
        self.run.end_trial_with(outcome);
    }

    /// Writes a description of all trainings below a directory for the HParams dashboard: see
    /// [`Experiment`].
    ///
    /// Call it once, for the directory passed to `tensorboard --logdir`. It creates an event file
    /// there and waits until it is written. TensorBoard uses one description.
    ///
    /// ```
    /// use tfevents::SummaryWriter;
    /// use tfevents::summary::{Experiment, HParamInfo, MetricInfo};
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let logdir = dir.path();
    /// let rate = HParamInfo::range("learning_rate", 1e-5, 1e-1)?;
    /// let experiment = Experiment::new([rate], [MetricInfo::new("loss")])?;
    /// SummaryWriter::write_experiment(logdir, &experiment)?; // such as "runs/sweep"
    /// let writer = SummaryWriter::new(logdir.join("trial-1"))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the event file cannot be created or written.
    #[doc(alias = "hparams_config")]
    pub fn write_experiment(
        logdir: impl AsRef<Path>,
        experiment: &Experiment,
    ) -> Result<(), Error> {
        let writer = Self::new(logdir)?;
        let created = writer.run.shared.buffer.clock().now();
        writer.add("", &experiment.clone().created(created), 0);
        writer.close()
    }
}

impl Run {
    /// Logs how the trial ended, if there is one that has not ended.
    pub(in crate::writer) fn end_trial_with(&self, outcome: TrialStatus) {
        if self.in_trial.swap(false, Ordering::Relaxed) {
            let buffer = &self.shared.buffer;
            let mut body = Vec::new();
            let time = buffer.clock().now_guarded();
            outcome.encode_end(time, &mut SummaryEncoder::new(&mut body));
            buffer.push_exempt(self.handle, 0, Payload::Summary, &body);
        }
    }

    /// Logs the end of the trial when the writer ends: as a failure during a panic, and otherwise as
    /// a success.
    pub(in crate::writer) fn end_trial(&self) {
        let failed = std::thread::panicking();
        self.end_trial_with(if failed { TrialStatus::Failure } else { TrialStatus::Success });
    }
}
