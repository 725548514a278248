//! The means of the samples between two logged points.

use crate::sample::{Problem, Sample, Series};
use std::collections::{BTreeMap, HashSet};
use std::time::Duration;
use tfevents::{ScalarHandle, SummaryWriter};

/// The samples since the last point, and the scalars to log.
#[derive(Debug)]
pub(crate) struct Window {
    run: SummaryWriter,
    means: BTreeMap<Series, Mean>,
    scalars: BTreeMap<Series, ScalarHandle>,
    /// The names of sources about which a warning was logged.
    warned: HashSet<String>,
    /// The step at the start of the monitor.
    first_step: i64,
    last_step: Option<i64>,
}

#[derive(Debug, Default)]
struct Mean {
    sum: f64,
    count: f64,
}

impl Window {
    pub(crate) fn new(run: SummaryWriter, first_step: i64) -> Self {
        Self {
            run,
            means: BTreeMap::new(),
            scalars: BTreeMap::new(),
            warned: HashSet::new(),
            first_step,
            last_step: None,
        }
    }

    /// Returns whether nothing can be logged any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.run.is_closed()
    }

    #[cfg(test)]
    pub(crate) fn has_samples(&self) -> bool {
        !self.means.is_empty()
    }

    /// Adds a sample. Returns those of its problems that are new: the caller logs them, when nothing
    /// is locked.
    #[must_use]
    pub(crate) fn add(&mut self, sample: Sample) -> Vec<Problem> {
        for (series, value) in sample.values {
            let mean = self.means.entry(series).or_default();
            mean.sum += value;
            mean.count += 1.0;
        }
        let problems = sample.problems.into_iter();
        problems.filter(|problem| self.warned.insert(problem.name.clone())).collect()
    }

    /// Logs the means under the seconds since the start, and begins a new window. A window that ends
    /// in the same second as the last one is skipped.
    pub(crate) fn log(&mut self, elapsed: Duration) {
        let seconds = i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX);
        let step = self.first_step.saturating_add(seconds);
        let means = std::mem::take(&mut self.means);
        if means.is_empty() || self.last_step.is_some_and(|last| last >= step) || self.is_closed() {
            return;
        }
        self.last_step = Some(step);
        for (series, mean) in means {
            let run = &self.run;
            let scalar = self.scalars.entry(series).or_insert_with_key(|series| {
                run.scalar(&series.tag).description(series.description)
            });
            scalar.add(mean.sum / mean.count, step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{PROCESS_CPU, SYSTEM_CPU};
    use crate::tests::scalars;

    fn sample(values: &[(Series, f64)]) -> Sample {
        let mut sample = Sample::default();
        values.iter().for_each(|(series, value)| sample.add(series.clone(), *value));
        sample
    }

    #[test]
    fn points_are_means_of_their_window() {
        let dir = tempfile::tempdir().unwrap();
        let writer = SummaryWriter::new(dir.path()).unwrap();
        let mut window = Window::new(writer.clone(), 0);
        assert_eq!(window.add(sample(&[(SYSTEM_CPU, 10.0), (PROCESS_CPU, 50.0)])), []);
        assert_eq!(window.add(sample(&[(SYSTEM_CPU, 40.0), (PROCESS_CPU, f64::NAN)])), []);
        window.log(Duration::from_millis(10_900));
        // Nothing new, and another window in the same second.
        window.log(Duration::from_millis(20_000));
        assert_eq!(window.add(sample(&[(SYSTEM_CPU, 1.0)])), []);
        window.log(Duration::from_millis(10_999));
        assert_eq!(window.add(sample(&[(SYSTEM_CPU, 2.0)])), []);
        window.log(Duration::from_millis(21_000));
        writer.close().unwrap();
        assert_eq!(window.add(sample(&[(SYSTEM_CPU, 3.0)])), []);
        window.log(Duration::from_millis(31_000));

        let found = scalars(dir.path());
        assert_eq!(found["system/cpu"], [(10, 25.0), (21, 2.0)]);
        assert_eq!(found["process/cpu"], [(10, 50.0)]);
        assert_eq!(writer.stats().dropped, 0);
    }

    #[test]
    fn a_resumed_run_continues_its_steps() {
        let dir = tempfile::tempdir().unwrap();
        let writer = SummaryWriter::new(dir.path()).unwrap();
        let mut window = Window::new(writer.clone(), 41);
        assert_eq!(window.add(sample(&[(SYSTEM_CPU, 1.0)])), []);
        window.log(Duration::from_secs(10));
        writer.close().unwrap();
        assert_eq!(scalars(dir.path())["system/cpu"], [(51, 1.0)]);
    }

    #[test]
    fn each_problem_is_returned_once() {
        let dir = tempfile::tempdir().unwrap();
        let mut window = Window::new(SummaryWriter::new(dir.path()).unwrap(), 0);
        let problems = [("/proc/first", "no such file"), ("/proc/second", "unexpected content")];
        let problems = problems.map(|(name, reason)| Problem::new(name, reason));
        let sample = || Sample { problems: problems.to_vec(), ..Sample::default() };
        assert_eq!(window.add(sample()), problems);
        assert_eq!(window.add(sample()), []);
    }
}
