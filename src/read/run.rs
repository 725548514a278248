//! All event files of a run.

use super::{Event, EventReader, ReadError};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};

/// Reads the events of a run directory, file after file, as an iterator.
///
/// The files are those that TensorBoard takes: names that contain `tfevents`, sorted as text.
/// Child runs are not included.
///
/// See the [module's documentation](super) for an example.
#[derive(Debug)]
pub struct RunReader {
    files: VecDeque<PathBuf>,
    current: Option<(PathBuf, EventReader)>,
}

/// One point of a scalar's series.
#[derive(Clone, Copy, Debug, PartialEq)]
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
    /// # Errors
    /// If the directory cannot be listed.
    pub fn open(dir: impl AsRef<Path>) -> io::Result<Self> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            let is_event_file = entry.file_name().to_string_lossy().contains("tfevents");
            if is_event_file && entry.path().is_file() {
                files.push(entry.path());
            }
        }
        files.sort();
        Ok(Self { files: files.into(), current: None })
    }

    /// The file that the last event, or error, came from.
    pub fn path(&self) -> Option<&Path> {
        self.current.as_ref().map(|(path, _)| &**path)
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
            if let Some((_, reader)) = &mut self.current {
                if let Some(event) = reader.next() {
                    return Some(event);
                }
            }
            let path = self.files.pop_front()?;
            match EventReader::open(&path) {
                Ok(reader) => self.current = Some((path, reader)),
                Err(source) => return Some(Err(ReadError::Io { offset: 0, source })),
            }
        }
    }
}
