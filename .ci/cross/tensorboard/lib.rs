//! Stands in for TensorBoard on platforms without it: what its two readers would show, by the library's reader.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tfevents::read::{LogDir, Points};

/// Which of TensorBoard's readers is followed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reader {
    Fast,
    Slow,
}

/// A point of a series.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    pub step: i64,
    pub value: f64,
}

/// A log directory.
pub struct Board {
    logdir: LogDir,
    reader: Reader,
}

/// Runs `check` with what each reader shows.
pub fn show(logdir: &Path, check: impl Fn(&Board)) {
    for (reader, points) in [(Reader::Fast, Points::DataServer), (Reader::Slow, Points::PythonReader)] {
        let logdir = LogDir::open(logdir).expect("it can be listed").with_points(points);
        check(&Board { logdir, reader });
    }
}

impl Board {
    pub fn reader(&self) -> Reader {
        self.reader
    }

    pub fn scalars(&self, run: &str, tag: &str, _last_step: i64) -> Vec<Point> {
        let run = self.logdir.run(run).unwrap_or_else(|| panic!("there is no run {run}"));
        let scalars = run.scalars(tag).expect("its files can be read");
        let points = scalars.iter();
        points.map(|point| Point { step: point.step, value: point.value.into() }).collect()
    }

    pub fn tags(&self, plugin: &str) -> BTreeMap<String, BTreeSet<String>> {
        assert_eq!(plugin, "scalars");
        let tags = |run: &tfevents::read::Run| {
            let scalars = run.all_scalars().expect("its files can be read");
            scalars.iter().map(|(tag, _)| tag.to_owned()).collect()
        };
        self.logdir.runs().iter().map(|run| (run.name().to_owned(), tags(run))).collect()
    }
}
