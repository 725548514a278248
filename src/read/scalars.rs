//! All scalars of a run, read on while it grows.

use super::points::{Restart, Restarts};
use super::scan::{Entry, Scan};
use super::{Points, ReadError, Scalars, TagId, Tags};

/// All scalars of a run, and where to go on reading: see [`Run::all_scalars`](super::Run::all_scalars).
///
/// ```
/// use tfevents::read::Run;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// let mut scalars = Run::open(dir.path())?.all_scalars()?;
/// assert!(scalars.get("loss").is_none());
///
/// writer.add_scalar("loss", 0.5, 7);
/// writer.flush()?;
/// scalars.refresh()?; // reads only what is new
/// assert_eq!(scalars.get("loss").unwrap().last().unwrap().value, 0.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RunScalars {
    scan: Scan,
    restarts: Restarts,
    /// The only tag to keep, if it is not all.
    only: Option<String>,
    /// By tag; `None` for what is no scalar, or not kept.
    columns: Vec<Option<Scalars>>,
}

impl RunScalars {
    pub(super) fn new(scan: Scan, points: Points, only: Option<&str>) -> Self {
        let only = only.map(str::to_owned);
        Self { scan, restarts: Restarts::new(points), only, columns: Vec::new() }
    }

    /// Reads what was appended to the files, and files that have appeared.
    ///
    /// # Errors
    /// The first that a file gives. Called again, it goes on after that record or file.
    pub fn refresh(&mut self) -> Result<(), ReadError> {
        let Self { scan, restarts, only, columns } = self;
        let result = scan.try_for_each(|tags, number, entry| {
            match restarts.entry(number, &entry) {
                Restart::None => {}
                Restart::Ascending(tag, step) => {
                    if let Some(Some(scalars)) = columns.get_mut(tag.index()) {
                        scalars.cut_ascending(step);
                    }
                }
                Restart::Tag(tag, step) => {
                    if let Some(Some(scalars)) = columns.get_mut(tag.index()) {
                        scalars.cut(step);
                    }
                }
                Restart::All(step) => columns.iter_mut().flatten().for_each(|c| c.cut(step)),
            }
            if let Entry::Scalar { tag, point } = entry {
                if columns.len() <= tag.index() {
                    grow(columns, tags, tag, only.as_deref());
                }
                if let Some(scalars) = &mut columns[tag.index()] {
                    scalars.push(point);
                }
            }
            Ok(())
        });
        for (tag, scalars) in self.scan.tags().iter().zip(&mut self.columns) {
            if let Some(scalars) = scalars {
                scalars.set_metadata(self.scan.tags().shared_metadata(tag));
            }
        }
        result
    }

    /// Returns the points of a tag; `None` if there is no scalar of that name.
    pub fn get(&self, tag: &str) -> Option<&Scalars> {
        let id = self.scan.tags().get(tag)?;
        self.columns.get(id.index())?.as_ref().filter(|scalars| !scalars.is_untouched())
    }

    /// Returns the tags and their points, in the order of their first values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Scalars)> {
        let tags = self.scan.tags();
        tags.iter().zip(&self.columns).filter_map(|(id, scalars)| {
            let scalars = scalars.as_ref().filter(|scalars| !scalars.is_untouched());
            Some((tags.name(id), scalars?))
        })
    }

    pub(super) fn take(mut self, tag: &str) -> Scalars {
        let id = self.scan.tags().get(tag);
        let scalars = id.and_then(|id| self.columns.get_mut(id.index())?.take());
        scalars.unwrap_or_default()
    }
}

impl std::ops::Index<&str> for RunScalars {
    type Output = Scalars;

    /// Returns the points of a tag.
    ///
    /// # Panics
    /// If there is no scalar of that name.
    fn index(&self, tag: &str) -> &Scalars {
        self.get(tag).unwrap_or_else(|| panic!("no scalar {tag:?}"))
    }
}

#[cold]
fn grow(columns: &mut Vec<Option<Scalars>>, tags: &Tags, tag: TagId, only: Option<&str>) {
    while columns.len() <= tag.index() {
        let name = tags.name(TagId(columns.len() as u32));
        let is_kept = only.is_none_or(|only| only == name);
        columns.push(is_kept.then(Scalars::default));
    }
}
