//! Charts of several scalars, and scalars that share a chart.

use crate::summary::{Chart, ChartLayout, Number, Step, SummaryEncoder};
use crate::system::Causes;
use crate::wire::event::Payload;
use crate::writer::SummaryWriter;
use crate::writer::layout::{RunLayout, last_layout};
use crate::writer::names;
use crate::writer::run::Run;
use std::collections::hash_map::Entry;
use std::sync::MutexGuard;

impl SummaryWriter {
    /// Adds charts to the Custom Scalars dashboard. Log the scalars that they draw separately,
    /// before or after.
    ///
    /// TensorBoard keeps only the last layout of a run. The writer therefore merges all charts of a
    /// run, including those of [`add_scalars`](Self::add_scalars) and of earlier sessions, into one
    /// layout, and writes it whenever it changes. A chart replaces one with the same title in the
    /// same category.
    ///
    /// The first call in a run reads the run's existing event files, so it may wait for the disk.
    /// The charts stay in memory until the writer is closed, even if a child run is closed earlier,
    /// so that a run that is opened again continues with them.
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
    #[doc(alias("add_custom_scalars_marginchart", "add_custom_scalars_multilinechart"))]
    pub fn add_custom_scalars(&self, charts: &ChartLayout) {
        let Some(run) = &self.run else { return };
        let mut layout = layout_of(run);
        // Under the lock, so that the last layout in the file is the complete one.
        if let Some(charts) = layout.merge(charts) {
            let taken = push_charts(run, charts);
            layout.set_written(taken);
        }
    }

    /// Logs several numbers for one chart: scalars with the tags `main_tag/name`, and a chart
    /// `main_tag` on the Custom Scalars dashboard that draws them together.
    ///
    /// Pass an array or a vector of pairs by value, or a map by reference: a reference to an array of
    /// pairs, `&[("a", 0.5)]`, does not compile.
    ///
    /// Everything is written to this run. Unlike torch's `add_scalars`, it opens no run and no file
    /// per curve; [`add_scalars_as_runs`](Self::add_scalars_as_runs) does. The category of the chart
    /// is the part of `main_tag` before the first `/`, or `Scalars` if it has none.
    ///
    /// The first call in a run reads the run's existing event files, to keep the charts of earlier
    /// sessions, so it may wait for the disk. Later calls cost as much as a call of
    /// [`add_scalar`](Self::add_scalar) for each number, and in addition one lock for each number
    /// and one allocation.
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
        let Some(run) = &self.run else { return };
        let step = step.to_step();
        let mut tag = String::with_capacity(main_tag.len() + 32);
        let mut new = Vec::new();
        for (name, value) in values {
            tag.clear();
            tag.extend([main_tag, "/", name.as_ref()]);
            self.add_scalar(&tag, value, step);
            if !run.layout().lock().knows(main_tag, name.as_ref()) {
                new.push(name.as_ref().to_owned());
            }
        }
        if new.is_empty() {
            return;
        }
        let mut layout = layout_of(run);
        if let Some(charts) = layout.extend(main_tag, new) {
            let taken = push_charts(run, charts);
            layout.set_written(taken);
        }
    }

    /// Logs the mean, the minimum and the maximum of numbers of several processes, such as the step
    /// time of each rank: the scalars `tag/mean`, `tag/min` and `tag/max`, and a chart `tag` on the
    /// Custom Scalars dashboard that draws the mean with a band around it.
    ///
    /// Gather the numbers first, with an all-gather of the framework, and call this in one rank. If one
    /// of them is NaN, so is the mean; the minimum and the maximum are those of the others. Without
    /// numbers nothing is logged. The first call in a run reads the run's existing event files, as for
    /// [`add_scalars`](Self::add_scalars).
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let seconds = [0.11, 0.12, 0.35, 0.11]; // one for each rank
    /// writer.add_spread("time/step", &seconds, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias("all_gather", "all_reduce", "straggler"))]
    pub fn add_spread(&self, tag: &str, values: &[impl Number], step: impl Step) {
        let Some(run) = &self.run else { return };
        if values.is_empty() {
            return;
        }
        let step = step.to_step();
        let numbers = || values.iter().map(|value| value.to_f64());
        let mean = numbers().sum::<f64>() / values.len() as f64;
        let min = numbers().fold(f64::NAN, f64::min);
        let max = numbers().fold(f64::NAN, f64::max);
        let tags = ["mean", "min", "max"].map(|name| format!("{tag}/{name}"));
        for (tag, value) in tags.iter().zip([mean, min, max]) {
            self.add_scalar(tag, value, step);
        }
        if run.layout().lock().knows_band(tag) {
            return;
        }
        let [mean, min, max] = &tags;
        // No tag is empty.
        let Ok(chart) = Chart::bands(tag, [(mean, min, max)]) else { return };
        let mut layout = layout_of(run);
        if let Some(charts) = layout.add_band(tag, chart) {
            let taken = push_charts(run, charts);
            layout.set_written(taken);
        }
    }

    /// Logs several numbers as torch's `add_scalars` does: each as the scalar `main_tag` in its own
    /// child run `main_tag_name`, so that the Scalars dashboard draws them in one chart.
    ///
    /// In the names of directories, `_` replaces `/` and all characters that are not allowed there,
    /// so curves such as `a/b` and `a_b` share a run. The first value of a curve creates a
    /// directory, so it may wait for the disk. If the run of a curve cannot be opened, its values
    /// are not written, and the error is logged once. Each run has an event file that stays open
    /// until this writer is closed; [`add_scalars`](Self::add_scalars) needs none of this.
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
        let Some(run) = &self.run else { return };
        for (name, value) in values {
            if let Some(curve) = self.curve(run, main_tag, name.as_ref()) {
                curve.add_scalar(main_tag, value, step);
            }
        }
    }

    /// Returns the run of one curve, or `None` if it cannot be opened.
    fn curve(&self, parent: &Run, main_tag: &str, name: &str) -> Option<Self> {
        let name = names::plain(&format!("{main_tag}_{name}"));
        if let Some(run) = parent.curves.lock().get(&name) {
            return run.clone().map(|run| self.of_run(run));
        }
        // Not under the lock: the disk may take its time.
        let run = self.child_run(&name);
        let mut curves = parent.curves.lock();
        match curves.entry(name) {
            // Another thread was quicker.
            Entry::Occupied(known) => known.get().clone().map(|run| self.of_run(run)),
            Entry::Vacant(new) => {
                if let Err(error) = &run {
                    let name = new.key();
                    log::error!(
                        "the scalars {main_tag:?} of {name:?} are left out: {}",
                        Causes(error)
                    );
                }
                let run = new.insert(run.ok().and_then(|writer| writer.run)).clone();
                run.map(|run| self.of_run(run))
            }
        }
    }
}

/// Locks the charts of a run. The first call reads those of earlier sessions.
fn layout_of(run: &Run) -> MutexGuard<'_, RunLayout> {
    RunLayout::lock(run.layout(), || last_layout(run.shared.storage.clone(), &run.dir))
}

/// Logs the layout; returns whether its event was accepted.
fn push_charts(run: &Run, charts: &ChartLayout) -> bool {
    let mut body = Vec::new();
    charts.encode(&mut SummaryEncoder::new(&mut body));
    run.shared.buffer.push(run.handle, None, 0, Payload::Summary, &body)
}
