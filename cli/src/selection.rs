//! Which runs, tags and points a command reads.

use crate::logdirs;
use crate::output::numbers::count;
use crate::output::terminal;
use clap::Args;
use regex::Regex;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use tfevents::read::{Points, Run};

/// Where to look.
#[derive(Args, Clone, Debug)]
pub(crate) struct Dirs {
    /// Log directories, runs or event files; also URLs such as s3://BUCKET/PREFIX
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    pub(crate) dirs: Vec<PathBuf>,
}

/// Which runs and tags.
#[derive(Args, Clone, Debug)]
pub(crate) struct Filter {
    /// Only runs whose name matches, anywhere
    #[arg(short, long, value_name = "REGEX")]
    pub(crate) run: Option<Regex>,
    /// Only tags that match, anywhere
    #[arg(short, long, value_name = "REGEX")]
    pub(crate) tag: Option<Regex>,
}

/// Which points of a tag.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct Range {
    /// Only steps A..B, without B; also A..=B, A.. and ..B
    #[arg(long, value_name = "A..B", allow_hyphen_values = true, value_parser = Steps::parse)]
    pub(crate) steps: Option<Steps>,
    /// Only the last N points of each tag
    #[arg(long, value_name = "N")]
    pub(crate) last: Option<u64>,
    /// Only every N-th point of each tag, from the first one on
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) every: Option<u64>,
    /// All points, also those that a restarted training has replaced
    #[arg(long)]
    pub(crate) raw: bool,
}

/// A range of steps, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Steps {
    first: i64,
    last: i64,
}

impl Steps {
    fn parse(text: &str) -> Result<Self, String> {
        let expected = || "expected A..B, A..=B, A.. or ..B with whole numbers".to_owned();
        let (first, last) = text.split_once("..").ok_or_else(expected)?;
        let number = |text: &str| text.parse::<i64>().map_err(|_| expected());
        let first = if first.is_empty() { i64::MIN } else { number(first)? };
        let last = match (last, last.strip_prefix('=')) {
            ("", _) => i64::MAX,
            (_, Some(last)) => number(last)?,
            (last, None) => match number(last)?.checked_sub(1) {
                Some(last) => last,
                // Nothing is before the smallest step.
                None => return Ok(Self { first: 1, last: 0 }),
            },
        };
        Ok(Self { first, last })
    }

    pub(crate) fn contains(self, step: i64) -> bool {
        self.first <= step && step <= self.last
    }
}

impl Filter {
    /// Returns whether a run is selected.
    pub(crate) fn has_run(&self, name: &str) -> bool {
        self.run.as_ref().is_none_or(|regex| regex.is_match(name))
    }

    /// Returns whether a tag is selected.
    pub(crate) fn has_tag(&self, name: &str) -> bool {
        self.tag.as_ref().is_none_or(|regex| regex.is_match(name))
    }
}

impl Range {
    /// Returns which points count, before the selection.
    pub(crate) fn points(&self) -> Points {
        if self.raw { Points::Raw } else { Points::DataServer }
    }

    /// Returns whether it leaves out no point that counts.
    pub(crate) fn is_full(&self) -> bool {
        self.steps.is_none() && self.last.is_none() && self.every.is_none()
    }
}

/// A run that was found, with the name that it has in the output.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) name: String,
    pub(crate) run: Run,
    /// Its path or URL.
    pub(crate) path: String,
}

impl Dirs {
    /// Finds the runs below all directories that the filter selects, in TensorBoard's order.
    ///
    /// With one directory a run has TensorBoard's name, with several the path as it would be
    /// given.
    ///
    /// # Errors
    /// If one of them does not exist, or there is no event file in any of them. That the filter
    /// selects nothing is only noted.
    pub(crate) fn find(&self, filter: &Filter, points: Points) -> anyhow::Result<Vec<Found>> {
        let mut found = Vec::new();
        for dir in &self.dirs {
            let logdir = logdirs::open(dir)?;
            for run in logdir.with_points(points).runs() {
                let name = match (self.dirs.as_slice(), run.name()) {
                    ([_], name) => name.to_owned(),
                    (_, ".") => dir.to_string_lossy().into_owned(),
                    // Also in a URL, whatever separates the parts of a path here.
                    (_, name) if logdirs::url(dir).is_some() => {
                        logdirs::path_of(dir, Path::new(name))
                    }
                    (_, name) => dir.join(name).to_string_lossy().into_owned(),
                };
                let path = logdirs::path_of(dir, run.path());
                found.push(Found { name, run: run.clone(), path });
            }
        }
        if found.is_empty() {
            anyhow::bail!(
                "no event files below {} (looked for names that contain \"tfevents\")",
                self.list()
            );
        }
        let all = found.len();
        found.retain(|run| filter.has_run(&run.name));
        if let (true, Some(regex)) = (found.is_empty(), &filter.run) {
            terminal::note(format_args!(
                "none of {} matches --run {:?}",
                count(all, "run"),
                regex.as_str()
            ));
        }
        Ok(found)
    }

    /// Returns the directories as they were given.
    pub(crate) fn list(&self) -> String {
        let dirs: Vec<_> = self.dirs.iter().map(|dir| dir.display().to_string()).collect();
        dirs.join(", ")
    }
}

/// Calls a function with each item on all cores; returns the results in the order of the items.
pub(crate) fn map_parallel<T: Sync, R: Send>(items: &[T], f: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(items.len());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some((at, item)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            items.get(at).map(|item| (at, item))
        } {
            done.push((at, f(item)));
        }
        done
    };
    let mut done = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut done = work();
        for other in others {
            match other.join() {
                Ok(results) => done.extend(results),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_ranges_as_in_rust() {
        let steps = |text| Steps::parse(text).unwrap();
        assert_eq!(steps("3..5"), Steps { first: 3, last: 4 });
        assert_eq!(steps("3..=5"), Steps { first: 3, last: 5 });
        assert_eq!(steps("-3.."), Steps { first: -3, last: i64::MAX });
        assert_eq!(steps("..-3"), Steps { first: i64::MIN, last: -4 });
        assert!(!steps("..-9223372036854775808").contains(i64::MIN));
        for wrong in ["", "5", "a..b", "1..2..3", "1.5..2", "..="] {
            assert!(Steps::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<_> = (0..1000).collect();
        assert_eq!(map_parallel(&items, |item| item * 2), (0..2000).step_by(2).collect::<Vec<_>>());
        assert!(map_parallel(&[0; 0], |item| *item).is_empty());
    }
}
