//! All event files of a run.

use super::{Event, EventReader, ReadError};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Reads the events of a run directory, file after file, as an iterator.
///
/// The files are those that TensorBoard takes: names that contain `tfevents`, sorted as text.
/// Child runs are not included. A file that is damaged beyond a point gives an error, and the next
/// file follows.
///
/// At the end the iterator returns `None`. Ask again later, and it goes on with what was appended
/// to the last file, and with files that have appeared behind it. As in TensorBoard, a file is left
/// behind for good once there is a later one.
///
/// ```
/// use tfevents::read::RunReader;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// let mut reader = RunReader::open(dir.path())?;
/// writer.add_scalar("loss", 0.5, 7);
/// writer.flush()?;
/// // The version of the file, and the scalar; later perhaps more.
/// assert_eq!(reader.by_ref().count(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RunReader {
    dir: PathBuf,
    /// The file that is read, or could not be opened.
    path: Option<PathBuf>,
    /// Its reader.
    current: Option<EventReader>,
    /// The files after it, the next one last.
    later: Vec<PathBuf>,
    /// The directory can no longer be listed.
    broken: bool,
    truncated: Vec<TruncatedRecord>,
}

/// A file that ends in the middle of a record: see [`RunReader::truncated`].
///
/// ```
/// use tfevents::read::TruncatedRecord;
///
/// fn tell(truncated: &TruncatedRecord) {
///     println!("{} ends within a record, at byte {}", truncated.path.display(), truncated.offset);
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TruncatedRecord {
    /// The file.
    pub path: PathBuf,
    /// Where the record begins, in bytes from the start of the file.
    pub offset: u64,
}

/// A point of a scalar's series. With the feature `serde` it implements `Serialize`.
///
/// ```
/// use tfevents::read::Point;
///
/// fn least(points: &[Point]) -> Option<&Point> {
///     points.iter().min_by(|a, b| a.value.total_cmp(&b.value))
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Point {
    /// Seconds since 1970.
    pub wall_time: f64,
    /// The step.
    pub step: i64,
    /// The value.
    pub value: f32,
}

impl RunReader {
    /// Finds the event files in a directory.
    ///
    /// ```
    /// use tfevents::read::RunReader;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 7);
    /// writer.close()?;
    /// assert_eq!(RunReader::open(dir.path())?.count(), 2);
    /// assert!(RunReader::open("no such directory").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ReadErrorKind::Io`](super::ReadErrorKind::Io) if the directory cannot be listed.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, ReadError> {
        let dir = dir.as_ref().to_owned();
        let later = files_after(&dir, None)?;
        Ok(Self { dir, path: None, current: None, later, broken: false, truncated: Vec::new() })
    }

    /// The file that the last event, or error, came from.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// # writer.add_scalar("loss", 0.5, 7);
    /// # writer.close()?;
    /// let mut run = tfevents::read::RunReader::open(dir.path())?;
    /// assert_eq!(run.path(), None);
    /// run.next();
    /// assert_eq!(run.path().unwrap().parent(), Some(dir.path()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The files that were left behind in the middle of a record: the process that wrote them was
    /// ended, or its storage failed. What comes after the truncated record is in a later file, if there
    /// is more; the record itself is lost unless it was written again there.
    ///
    /// The last file is not listed: its rest may still come. See
    /// [`EventReader::is_truncated`] for one file.
    ///
    /// ```
    /// use tfevents::read::RunReader;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// std::fs::write(dir.path().join("events.out.tfevents.1"), [24, 0, 0])?;
    /// std::fs::write(dir.path().join("events.out.tfevents.2"), [])?;
    /// let mut run = RunReader::open(dir.path())?;
    /// assert!(run.next().is_none());
    /// assert_eq!(run.truncated()[0].offset, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn truncated(&self) -> &[TruncatedRecord] {
        &self.truncated
    }

    /// Reads all scalars: the points of each tag, in file order.
    ///
    /// ```
    /// use tfevents::read::RunReader;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_scalar("loss", 0.5, 7);
    /// writer.close()?;
    /// let series = RunReader::open(dir.path())?.scalars()?;
    /// assert_eq!((series["loss"][0].step, series["loss"][0].value), (7, 0.5));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The first that the files give.
    pub fn scalars(self) -> Result<BTreeMap<String, Vec<Point>>, ReadError> {
        let mut series: BTreeMap<String, Vec<Point>> = BTreeMap::new();
        for event in self {
            let event = event?;
            for value in event.values() {
                let Some(scalar) = value.scalar() else { continue };
                let point =
                    Point { wall_time: event.wall_time(), step: event.step(), value: scalar };
                match series.get_mut(value.tag()) {
                    Some(points) => points.push(point),
                    None => drop(series.insert(value.tag().to_owned(), vec![point])),
                }
            }
        }
        Ok(series)
    }
}

impl Iterator for RunReader {
    type Item = Result<Event, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let event = self.current.as_mut().and_then(Iterator::next);
            if event.is_some() {
                return event;
            }
            if self.later.is_empty() {
                if self.broken {
                    return None;
                }
                match files_after(&self.dir, self.path.as_deref()) {
                    Ok(later) if later.is_empty() => return None,
                    Ok(later) => self.later = later,
                    Err(error) => {
                        // Said once: a caller that skips errors would never get out.
                        self.broken = true;
                        return Some(Err(error));
                    }
                }
                // The current file may have grown before the next one appeared.
                let event = self.current.as_mut().and_then(Iterator::next);
                if event.is_some() {
                    return event;
                }
            }
            if let (Some(path), Some(reader)) = (&self.path, &self.current) {
                if reader.is_truncated() {
                    let (path, offset) = (path.clone(), reader.offset());
                    self.truncated.push(TruncatedRecord { path, offset });
                }
            }
            self.path = self.later.pop();
            self.current = None;
            match EventReader::open(self.path.as_ref()?) {
                Ok(reader) => self.current = Some(reader),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// The event files of a directory, in the order that they are read in.
pub(crate) fn event_files(dir: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let mut files = files_after(dir, None)?;
    files.reverse();
    Ok(files)
}

/// The event files of a directory that come after one of them, the first one last.
fn files_after(dir: &Path, after: Option<&Path>) -> Result<Vec<PathBuf>, ReadError> {
    let error = |source| ReadError::io(dir, source);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(error)? {
        let entry = entry.map_err(error)?;
        let path = entry.path();
        let is_event_file = entry.file_name().to_string_lossy().contains("tfevents");
        if is_event_file && Some(&*path) > after && path.is_file() {
            files.push(path);
        }
    }
    files.sort_unstable_by(|a, b| b.cmp(a));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::ReadErrorKind;
    use crate::wire::event::{self, Payload, Stamp};
    use crate::wire::record;
    use std::io::Write;

    /// Records of events at these steps.
    fn records(steps: &[i64]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for &step in steps {
            let start = record::open(&mut bytes);
            event::put_event(&mut bytes, Stamp { wall_time: 1.0, step }, Payload::Graph, b"graph");
            record::close(&mut bytes, start);
        }
        record::seal(&mut bytes);
        bytes
    }

    fn steps(run: &mut RunReader) -> Vec<i64> {
        run.map(|event| event.unwrap().step()).collect()
    }

    #[test]
    fn files_come_in_the_order_of_their_names() {
        let dir = tempfile::tempdir().unwrap();
        for (name, step) in [("tfevents.9", 3), ("tfevents.10", 2), ("a.tfevents", 1), ("b", 4)] {
            std::fs::write(dir.path().join(name), records(&[step])).unwrap();
        }
        std::fs::create_dir(dir.path().join("tfevents.child")).unwrap();
        assert_eq!(steps(&mut RunReader::open(dir.path()).unwrap()), [1, 2, 3]);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn points_can_be_serialized() {
        let point = Point { wall_time: 1.5, step: -2, value: 0.25 };
        let json = serde_json::to_value(point).unwrap();
        assert_eq!(json, serde_json::json!({"wall_time": 1.5, "step": -2, "value": 0.25}));
    }

    #[test]
    fn a_run_that_grows_is_read_on() {
        let dir = tempfile::tempdir().unwrap();
        let first = dir.path().join("tfevents.1");
        let mut run = RunReader::open(dir.path()).unwrap();
        assert_eq!(steps(&mut run), [0; 0]);
        let mut file = std::fs::File::create(&first).unwrap();
        file.write_all(&records(&[1])).unwrap();
        assert_eq!(steps(&mut run), [1]);
        // The end of one file and the next appear between two calls.
        file.write_all(&records(&[2])).unwrap();
        std::fs::write(dir.path().join("tfevents.2"), records(&[3])).unwrap();
        assert_eq!(steps(&mut run), [2, 3]);
        assert_eq!(run.path(), Some(&*dir.path().join("tfevents.2")));
        assert_eq!(steps(&mut run), [0; 0]);
    }

    #[test]
    fn a_damaged_file_is_named_and_the_next_one_read() {
        let dir = tempfile::tempdir().unwrap();
        let damaged = dir.path().join("tfevents.1");
        let whole = records(&[1]);
        std::fs::write(&damaged, [&whole[..], &[0; 100]].concat()).unwrap();
        std::fs::write(dir.path().join("tfevents.2"), records(&[2])).unwrap();
        let mut run = RunReader::open(dir.path()).unwrap();
        assert_eq!(run.next().unwrap().unwrap().step(), 1);
        let error = run.next().unwrap().unwrap_err();
        assert_eq!((error.path(), error.offset()), (Some(&*damaged), whole.len() as u64));
        assert!(matches!(error.kind(), ReadErrorKind::LengthChecksum { length: 0, .. }));
        assert_eq!(steps(&mut run), [2]);
    }

    #[test]
    fn a_directory_that_is_gone_is_said_once() {
        let dir = tempfile::tempdir().unwrap();
        let mut run = RunReader::open(dir.path()).unwrap();
        let path = dir.path().to_owned();
        dir.close().unwrap();
        let errors: Vec<_> = run.by_ref().map(Result::unwrap_err).collect();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].path(), Some(&*path));
        assert_eq!(RunReader::open(&path).unwrap_err().path(), Some(&*path));
    }
}
