//! The tags of a run, each with a small number of its own.

use super::metadata::OwnedMetadata;
use super::{Kind, Metadata};
use std::collections::HashMap;
use std::sync::Arc;

/// A tag of a run, as a number: see [`Tags`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagId(pub(super) u32);

impl TagId {
    /// Returns the number: 0 for the first tag of a run, 1 for the second, and so on.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The tags of a run that a [`Scan`](super::Scan) has met, in the order of their first values.
///
/// ```
/// use tfevents::read::Run;
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.add_scalar("loss", 0.5, 7);
/// writer.close()?;
/// let mut scan = Run::open(dir.path())?.scan();
/// scan.for_each(|_, _| {})?;
/// let loss = scan.tags().get("loss").unwrap();
/// assert_eq!(scan.tags().name(loss), "loss");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Tags {
    list: Vec<Tag>,
    ids: HashMap<Arc<str>, TagId>,
}

#[derive(Clone, Debug)]
struct Tag {
    name: Arc<str>,
    kind: Kind,
    metadata: Arc<OwnedMetadata>,
    /// The first value has metadata.
    is_described: bool,
}

impl Tags {
    /// Returns how many tags there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Returns the number of a tag; `None` if the run has no such tag.
    pub fn get(&self, name: &str) -> Option<TagId> {
        self.ids.get(name).copied()
    }

    /// Returns the name of a tag.
    ///
    /// # Panics
    /// If the number is another run's.
    pub fn name(&self, id: TagId) -> &str {
        &self.list[id.index()].name
    }

    /// Returns the kind of a tag's data: that of its first value.
    ///
    /// # Panics
    /// If the number is another run's.
    pub fn kind(&self, id: TagId) -> Kind {
        self.list[id.index()].kind
    }

    /// Returns the metadata of a tag: that of its first value that has some.
    ///
    /// # Panics
    /// If the number is another run's.
    pub fn metadata(&self, id: TagId) -> Metadata<'_> {
        self.list[id.index()].metadata.borrow()
    }

    /// Returns the numbers of all tags.
    pub fn iter(&self) -> impl Iterator<Item = TagId> + use<> {
        (0..self.list.len() as u32).map(TagId)
    }

    /// Returns whether the first value of a tag has metadata.
    pub(super) fn is_described(&self, id: TagId) -> bool {
        self.list[id.index()].is_described
    }

    pub(super) fn shared_name(&self, id: TagId) -> Arc<str> {
        self.list[id.index()].name.clone()
    }

    pub(super) fn shared_metadata(&self, id: TagId) -> &Arc<OwnedMetadata> {
        &self.list[id.index()].metadata
    }

    /// Returns the number of a tag, which is a new one for a new tag.
    pub(super) fn intern(&mut self, name: &str, kind: Kind, metadata: Metadata<'_>) -> TagId {
        if let Some(&id) = self.ids.get(name) {
            let tag = &mut self.list[id.index()];
            if !metadata.is_empty() && tag.metadata.borrow().is_empty() {
                tag.metadata = Arc::new(metadata.into());
            }
            return id;
        }
        // A file of 4 billion tags would take hundreds of gigabytes.
        let id = TagId(self.list.len() as u32);
        let name: Arc<str> = name.into();
        self.ids.insert(name.clone(), id);
        let is_described = !metadata.is_empty();
        self.list.push(Tag { name, kind, metadata: Arc::new(metadata.into()), is_described });
        id
    }
}
