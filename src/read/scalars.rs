//! All scalars of a run, read on while it grows.

use super::points::{Restart, Restarts};
use super::records::Location;
use super::scan::{Entry, Scan, Visitor};
use super::{Point, Points, ReadError, Scalars, TagId, Tags, ValueError};

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
    columns: Columns,
}

#[derive(Debug)]
struct Columns {
    restarts: Restarts,
    /// The only tag to keep, if it is not all.
    only: Option<String>,
    /// By tag; `None` for what is no scalar, or not kept.
    list: Vec<Option<Scalars>>,
}

impl Columns {
    #[cold]
    fn cut(&mut self, restart: Restart) {
        match restart {
            Restart::None => {}
            Restart::Ascending(tag, step) => {
                if let Some(Some(scalars)) = self.list.get_mut(tag.index()) {
                    scalars.cut_ascending(step);
                }
            }
            Restart::Tag(tag, step) => {
                if let Some(Some(scalars)) = self.list.get_mut(tag.index()) {
                    scalars.cut(step);
                }
            }
            Restart::All(step) => self.list.iter_mut().flatten().for_each(|c| c.cut(step)),
        }
    }

    #[cold]
    fn first(&mut self, tags: &Tags, tag: TagId, point: Point) {
        if let Some(scalars) = self.tag_mut(tags, tag) {
            scalars.push(point);
        }
    }

    fn tag_mut(&mut self, tags: &Tags, tag: TagId) -> Option<&mut Scalars> {
        while self.list.len() <= tag.index() {
            let name = tags.name(TagId(self.list.len() as u32));
            let is_kept = self.only.as_deref().is_none_or(|only| only == name);
            self.list.push(is_kept.then(Scalars::default));
        }
        self.list.get_mut(tag.index())?.as_mut()
    }

    /// Adds the columns of a later file, whose tags have these numbers here.
    fn append(&mut self, later: Self, ids: &[TagId], tags: &Tags) {
        // Values of other kinds supersede scalars too.
        for (step, id) in later.restarts.smallest_steps().zip(ids) {
            if let (Some(step), Some(Some(scalars))) = (step, self.list.get_mut(id.index())) {
                scalars.cut_ascending(step);
            }
        }
        self.restarts.append(&later.restarts, ids);
        for (scalars, id) in later.list.into_iter().zip(ids) {
            if let Some((later, scalars)) = scalars.zip(self.tag_mut(tags, *id)) {
                scalars.append(later);
            }
        }
    }
}

impl Visitor for Columns {
    #[inline(always)]
    fn scalar(&mut self, tags: &Tags, event: u64, tag: TagId, point: Point) {
        let restart = self.restarts.value(event, tag, point.step);
        if restart != Restart::None {
            self.cut(restart);
        }
        let Some(scalars) = self.list.get_mut(tag.index()) else {
            return self.first(tags, tag, point);
        };
        if let Some(scalars) = scalars {
            scalars.push(point);
        }
    }

    fn other(&mut self, _: &Tags, event: u64, entry: Entry<'_>) -> Result<(), ValueError> {
        let restart = self.restarts.entry(event, &entry);
        self.cut(restart);
        Ok(())
    }
}

impl RunScalars {
    pub(super) fn new(scan: Scan, points: Points, only: Option<&str>) -> Self {
        let only = only.map(str::to_owned);
        let columns = Columns { restarts: Restarts::new(points), only, list: Vec::new() };
        Self { scan, columns }
    }

    /// Reads what was appended to the files, and files that have appeared.
    ///
    /// # Errors
    /// Returns the first error of reading a file. Called again, it goes on after that record or file.
    pub fn refresh(&mut self) -> Result<(), ReadError> {
        let result = self.scan.visit(&mut self.columns);
        self.set_metadata();
        result
    }

    /// Adds what was read from a later file. Returns `None` if it depends on tags here.
    pub(super) fn append(&mut self, later: Self) -> Option<()> {
        let ids = self.scan.append(later.scan)?;
        self.columns.append(later.columns, &ids, self.scan.tags());
        Some(())
    }

    /// Goes on with the files of a run after the current one.
    pub(super) fn follow(&mut self, location: Location) {
        self.scan.follow(location);
        self.set_metadata();
    }

    fn set_metadata(&mut self) {
        for (tag, scalars) in self.scan.tags().iter().zip(&mut self.columns.list) {
            if let Some(scalars) = scalars {
                scalars.set_metadata(self.scan.tags().shared_metadata(tag));
            }
        }
    }

    /// Returns the points of a tag; `None` if there is no scalar of that name.
    pub fn get(&self, tag: &str) -> Option<&Scalars> {
        let id = self.scan.tags().get(tag)?;
        self.columns.list.get(id.index())?.as_ref().filter(|scalars| !scalars.is_untouched())
    }

    /// Returns the tags and their points, in the order of their first values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Scalars)> {
        let tags = self.scan.tags();
        tags.iter().zip(&self.columns.list).filter_map(|(id, scalars)| {
            let scalars = scalars.as_ref().filter(|scalars| !scalars.is_untouched());
            Some((tags.name(id), scalars?))
        })
    }

    pub(super) fn take(mut self, tag: &str) -> Scalars {
        let id = self.scan.tags().get(tag);
        let scalars = id.and_then(|id| self.columns.list.get_mut(id.index())?.take());
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
