//! Hyperparameters: the session that a run is, and how it ended.

use crate::engine::RunEnd;
use crate::summary::{Experiment, HParams, SummaryEncoder, TrialStatus, WallTime};
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
    /// appears at once. [`close`](Self::close) marks the run as succeeded, a panic as failed. A
    /// writer that is dropped without `close`, such as by a `?`, leaves the status unknown;
    /// [`trial`](Self::trial) sets it from a result, and [`finish_hparams`](Self::finish_hparams)
    /// explicitly.
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
        let Some(run) = &self.run else { return };
        let handle = run.handle;
        let buffer = &run.shared.buffer;
        let mut body = Vec::new();
        hparams.encode_start(buffer.clock().now(), &mut SummaryEncoder::new(&mut body));
        // If this event was dropped, no status follows it.
        if buffer.push(handle, None, 0, Payload::Summary, &body) {
            run.in_trial.store(true, Ordering::Relaxed);
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
    pub fn finish_hparams(&self, status: TrialStatus) {
        if let Some(run) = &self.run {
            run.end_trial(status);
        }
    }

    /// Logs hyperparameters, runs a trial, and logs how it ended: as a success if `train` returns
    /// `Ok`, and as a failure if it returns an error or panics. Returns what `train` returns.
    ///
    /// Do not close the writer within `train`: closing it ends the trial as a success, whatever
    /// `train` returns afterwards. A run has one trial: a trial within another needs a
    /// [child run](Self::child_run), as TensorBoard shows only one of them otherwise.
    ///
    /// ```
    /// use tfevents::summary::HParams;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let hparams = HParams::builder().set("learning_rate", 1e-3).build()?;
    /// let loss = writer.trial(&hparams, |writer| -> Result<f32, std::io::Error> {
    ///     writer.add_scalar("loss", 0.5, 0); // a metric
    ///     Ok(0.5)
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn trial<T, E>(
        &self,
        hparams: &HParams,
        train: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        /// Ends the trial as a failure when `train` panics.
        struct Unwinding<'a>(&'a SummaryWriter);

        impl Drop for Unwinding<'_> {
            fn drop(&mut self) {
                // Without a panic the status was logged before, and this does nothing.
                self.0.finish_hparams(TrialStatus::Failure);
            }
        }

        self.add_hparams(hparams);
        let unwinding = Unwinding(self);
        let result = train(self);
        self.finish_hparams(match result {
            Ok(_) => TrialStatus::Success,
            Err(_) => TrialStatus::Failure,
        });
        drop(unwinding);
        result
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
        // Next to the files of another run: nobody takes it for a second session.
        let writer = Self::builder(logdir).beside_others().build()?;
        let created = WallTime::now().as_secs_f64();
        writer.add("", &experiment.clone().created(created), 0);
        writer.close()
    }
}

impl Run {
    /// Logs how the trial ended, if there is one that has not ended.
    pub(in crate::writer) fn end_trial(&self, status: TrialStatus) {
        if self.in_trial.swap(false, Ordering::Relaxed) {
            let buffer = &self.shared.buffer;
            let mut body = Vec::new();
            let time = buffer.clock().now_guarded();
            status.encode_end(time, &mut SummaryEncoder::new(&mut body));
            buffer.push_exempt(self.handle, 0, Payload::Summary, &body);
            if status == TrialStatus::Failure {
                self.set_end(RunEnd::Failure);
            }
        }
    }

    /// Logs the end of the trial when the writer is closed: as a success, or as a failure during a
    /// panic.
    pub(in crate::writer) fn finish_trial(&self) {
        let failed = std::thread::panicking();
        self.end_trial(if failed { TrialStatus::Failure } else { TrialStatus::Success });
    }

    /// Logs the end of the trial when the writer is dropped: as a failure during a panic. Otherwise
    /// nothing is known: an error may have ended it, and TensorBoard shows no status.
    pub(in crate::writer) fn abandon_trial(&self) {
        if std::thread::panicking() {
            self.end_trial(TrialStatus::Failure);
        }
    }
}
