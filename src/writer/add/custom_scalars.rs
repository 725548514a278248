//! Charts of several scalars, and scalars that share a chart.

use crate::summary::{ChartLayout, Number, Step, SummaryEncoder};
use crate::wire::event::Payload;
use crate::writer::SummaryWriter;
use crate::writer::layout::{RunLayout, last_layout};
use crate::writer::names;
use std::collections::hash_map::Entry;
use std::sync::MutexGuard;

impl SummaryWriter {
    /// Adds charts to the Custom Scalars dashboard: what they draw is logged as scalars, before or
    /// after.
    ///
    /// TensorBoard keeps only the last layout of a run. So all charts of a run, also those of
    /// [`add_scalars`](Self::add_scalars) and of earlier sessions, are kept in one layout, which
    /// is written as a whole whenever it changes. A chart takes the place of one that has the same
    /// title in the same category.
    ///
    /// The first call in a run reads the event files that it has already, so it may wait for the
    /// disk. Its charts are kept in memory until the writer is closed, also when a child run is
    /// closed before: so that they go on adding up if it comes back.
    ///
    /// ```
    /// use tfevents::summary::{Chart, ChartLayout};
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let losses = Chart::lines("losses", ["loss/train", "loss/validation"])?;
    /// let reward = Chart::bands("reward", [("reward/mean", "reward/min", "reward/max")])?;
    /// writer.add_custom_scalars(&ChartLayout::new().category("Training", [losses, reward]));
    ///
    /// writer.add_scalar("loss/train", 0.5, 0);
    /// writer.add_scalar("loss/validation", 0.6, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_custom_scalars(&self, charts: &ChartLayout) {
        let mut layout = self.charts();
        // Written under its lock, so that the last in the file is the whole one.
        if let Some(charts) = layout.merge(charts) {
            let taken = self.push_charts(charts);
            layout.set_written(taken);
        }
    }

    /// Logs several numbers that belong into one chart: the scalars `main_tag/name`, and a chart
    /// `main_tag` that draws them together on the Custom Scalars dashboard.
    ///
    /// All of it lies in this run: unlike torch's function of this name it opens no run, and no
    /// file, per curve; [`add_scalars_as_runs`](Self::add_scalars_as_runs) does. The chart is
    /// in the category that `main_tag` begins with, before a `/`; else in `Scalars`.
    ///
    /// The first call in a run reads the event files that it has already, to keep the charts of
    /// earlier sessions, so it may wait for the disk. Later ones take a lock for each number, and an
    /// allocation, more than as many calls of [`add_scalar`](Self::add_scalar).
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// for step in 0..100 {
    ///     let x = step as f32 / 10.0;
    ///     writer.add_scalars("waves", [("sin", x.sin()), ("cos", x.cos())], step);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_scalars<S: AsRef<str>>(
        &self,
        main_tag: &str,
        values: impl IntoIterator<Item = (S, impl Number)>,
        step: impl Step,
    ) {
        let step = step.to_step();
        let mut tag = String::with_capacity(main_tag.len() + 32);
        let mut new = Vec::new();
        for (name, value) in values {
            tag.clear();
            tag.extend([main_tag, "/", name.as_ref()]);
            self.add_scalar(&tag, value, step);
            if !self.run.layout().lock().knows(main_tag, name.as_ref()) {
                new.push(name.as_ref().to_owned());
            }
        }
        if !new.is_empty() {
            self.add_lines(main_tag, new);
        }
    }

    fn add_lines(&self, main_tag: &str, names: Vec<String>) {
        let mut layout = self.charts();
        if let Some(charts) = layout.extend(main_tag, names) {
            let taken = self.push_charts(charts);
            layout.set_written(taken);
        }
    }

    fn charts(&self) -> MutexGuard<'_, RunLayout> {
        RunLayout::lock(self.run.layout(), || last_layout(&self.run.dir))
    }

    /// Whether the event is taken.
    fn push_charts(&self, charts: &ChartLayout) -> bool {
        let mut body = Vec::new();
        charts.encode(&mut SummaryEncoder::new(&mut body));
        self.run.shared.buffer.push(self.run.handle, None, 0, Payload::Summary, &body)
    }

    /// Logs several numbers as torch's `add_scalars` does: each as the scalar `main_tag` in a
    /// child run of its own, `main_tag_name`, so that the Scalars dashboard draws them in one
    /// chart.
    ///
    /// What is not allowed in a directory's name becomes `_` there, `/` too: curves whose names
    /// differ in nothing else, as `a/b` and `a_b` do, share a run. The first value of a curve
    /// creates the directory, so it may wait for the disk. A curve whose run cannot be opened is
    /// logged once, and left out. Each run has an event file, which stays open until this
    /// writer is closed: [`add_scalars`](Self::add_scalars) needs none of that.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalars_as_runs("loss", [("train", 0.5), ("test", 0.6)], 0);
    /// writer.flush()?;
    /// assert!(dir.path().join("loss_train").is_dir());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_scalars_as_runs<S: AsRef<str>>(
        &self,
        main_tag: &str,
        values: impl IntoIterator<Item = (S, impl Number)>,
        step: impl Step,
    ) {
        for (name, value) in values {
            if let Some(run) = self.curve(main_tag, name.as_ref()) {
                run.add_scalar(main_tag, value, step);
            }
        }
    }

    /// The run of one curve.
    fn curve(&self, main_tag: &str, name: &str) -> Option<Self> {
        let name = names::plain(&format!("{main_tag}_{name}"));
        if let Some(run) = self.run.curves.lock().get(&name) {
            return run.clone().map(|run| self.of_run(run));
        }
        // Not under the lock: the disk may take its time.
        let run = self.child_run(&name);
        let mut curves = self.run.curves.lock();
        match curves.entry(name) {
            // Another thread was quicker.
            Entry::Occupied(known) => known.get().clone().map(|run| self.of_run(run)),
            Entry::Vacant(new) => {
                if let Err(error) = &run {
                    let name = new.key();
                    log::error!(
                        "the scalars {main_tag:?} of {name:?} are left out: {}",
                        error.with_source()
                    );
                }
                let run = new.insert(run.ok().map(|writer| writer.run)).clone();
                run.map(|run| self.of_run(run))
            }
        }
    }
}
