//! Files in memory.

use super::{AppendError, Entry, EventFile, Kind, Metadata, Output, Storage};
use crate::system::Mutex;
use std::collections::HashMap;
use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// Files in memory, for tests. Clones share their files.
///
/// ```
/// use tfevents::SummaryWriter;
/// use tfevents::read::LogDir;
/// use tfevents::storage::InMemory;
///
/// let storage = InMemory::new();
/// let writer = SummaryWriter::builder("runs").storage(storage.clone()).build()?;
/// writer.child_run("train")?.add_scalar("loss", 0.5, 0);
/// writer.close()?;
/// let logdir = LogDir::open_on(storage, "runs")?;
/// assert_eq!(logdir.run("train").unwrap().scalars("loss")?.values(), [0.5]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct InMemory {
    tree: Arc<Mutex<Tree>>,
}

#[derive(Default)]
struct Tree {
    /// Files, and the directories that were created.
    nodes: HashMap<PathBuf, Node>,
}

enum Node {
    File(Arc<Mutex<Content>>),
    Dir,
}

struct Content {
    bytes: Vec<u8>,
    modified: SystemTime,
    /// Whether it was removed or replaced.
    is_removed: bool,
}

impl Content {
    fn new(bytes: Vec<u8>) -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Self { bytes, modified: SystemTime::now(), is_removed: false }))
    }
}

impl InMemory {
    /// Creates a storage without files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the content of a file.
    ///
    /// # Errors
    /// [`NotFound`](io::ErrorKind::NotFound) if there is no such file.
    pub fn read(&self, path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
        super::read(self, path.as_ref())
    }

    /// Writes a file as a whole.
    pub fn write(&self, path: impl Into<PathBuf>, bytes: impl Into<Vec<u8>>) {
        self.tree.lock().put(path.into(), bytes.into());
    }

    /// Returns the paths of all files, sorted.
    pub fn paths(&self) -> Vec<PathBuf> {
        let mut paths: Vec<_> = self.tree.lock().files().map(|(path, _)| path.clone()).collect();
        paths.sort_unstable();
        paths
    }
}

impl fmt::Debug for InMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InMemory").field("files", &self.tree.lock().files().count()).finish()
    }
}

impl Tree {
    fn put(&mut self, path: PathBuf, bytes: Vec<u8>) {
        if let Some(Node::File(old)) = self.nodes.insert(path, Node::File(Content::new(bytes))) {
            old.lock().is_removed = true;
        }
    }

    fn files(&self) -> impl Iterator<Item = (&PathBuf, &Arc<Mutex<Content>>)> {
        self.nodes.iter().filter_map(|(path, node)| match node {
            Node::File(content) => Some((path, content)),
            Node::Dir => None,
        })
    }

    fn file(&self, path: &Path) -> io::Result<Arc<Mutex<Content>>> {
        match self.nodes.get(path) {
            Some(Node::File(content)) => Ok(content.clone()),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn is_dir(&self, path: &Path) -> bool {
        match self.nodes.get(path) {
            Some(Node::Dir) => true,
            // Directories above a file need not be created.
            _ => self.nodes.keys().any(|found| found.starts_with(path) && found != path),
        }
    }
}

impl Storage for InMemory {
    fn probe(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn EventFile>> {
        let mut tree = self.tree.lock();
        if tree.nodes.contains_key(path) || tree.is_dir(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let content = Content::new(Vec::new());
        tree.nodes.insert(path.to_owned(), Node::File(content.clone()));
        Ok(Box::new(MemoryFile(content)))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        let tree = self.tree.lock();
        if !tree.is_dir(dir) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let mut entries: Vec<Entry> = Vec::new();
        for (path, node) in &tree.nodes {
            let Ok(below) = path.strip_prefix(dir) else { continue };
            let mut parts = below.iter();
            let Some(name) = parts.next() else { continue };
            let is_file = parts.next().is_none() && matches!(node, Node::File(_));
            entries.push(Entry::new(name, if is_file { Kind::File } else { Kind::Dir }));
        }
        super::sort(&mut entries);
        entries.dedup_by(|a, b| a.name == b.name);
        Ok(entries)
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        let tree = self.tree.lock();
        if let Ok(file) = tree.file(path) {
            let file = file.lock();
            return Ok(Metadata::file(file.bytes.len() as u64, Some(file.modified)));
        }
        if tree.is_dir(path) { Ok(Metadata::dir()) } else { Err(io::ErrorKind::NotFound.into()) }
    }

    fn open(&self, path: &Path, from: u64) -> io::Result<Box<dyn Read + Send>> {
        let content = self.tree.lock().file(path)?;
        Ok(Box::new(Reader { content, at: usize::try_from(from).unwrap_or(usize::MAX) }))
    }

    fn replace(
        &self,
        path: &Path,
        fill: &mut dyn FnMut(&mut dyn Output) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut bytes = Vec::new();
        fill(&mut bytes)?;
        self.tree.lock().put(path.to_owned(), bytes);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut tree = self.tree.lock();
        tree.file(path)?.lock().is_removed = true;
        tree.nodes.remove(path);
        Ok(())
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        let mut tree = self.tree.lock();
        if tree.file(path).is_ok() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        tree.nodes.insert(path.to_owned(), Node::Dir);
        Ok(())
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        let mut tree = self.tree.lock();
        if tree.nodes.contains_key(path) || tree.is_dir(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        tree.nodes.insert(path.to_owned(), Node::Dir);
        Ok(())
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        let mut tree = self.tree.lock();
        if let Some(Node::Dir) = tree.nodes.get(path) {
            tree.nodes.remove(path);
        }
        Ok(())
    }
}

struct MemoryFile(Arc<Mutex<Content>>);

impl fmt::Debug for MemoryFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryFile").finish_non_exhaustive()
    }
}

impl EventFile for MemoryFile {
    fn append(&mut self, parts: &[&[u8]]) -> Result<(), AppendError> {
        let mut content = self.0.lock();
        content.bytes.extend(parts.iter().copied().flatten());
        content.modified = SystemTime::now();
        Ok(())
    }

    fn is_linked(&self) -> bool {
        !self.0.lock().is_removed
    }
}

struct Reader {
    content: Arc<Mutex<Content>>,
    at: usize,
}

impl Read for Reader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let content = self.content.lock();
        let mut rest = content.bytes.get(self.at..).unwrap_or_default();
        let len = rest.read(out)?;
        self.at += len;
        Ok(len)
    }
}
