//! An object store as the storage of a writer.

use crate::client::Client;
use crate::error::Operation;
use crate::file::{ObjectFile, Tails};
use crate::reader::{self, Reader};
use crate::upload::Upload;
use crate::{Error, Mirror, Settings, keys, url};
use futures_util::StreamExt;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt};
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;
use tfevents::read::{LogDir, ReadError, Run};
use tfevents::storage::{Entry, EventFile, Kind, Metadata, Output, Pace, Storage};
use tfevents::{CompactReport, SummaryWriter, SummaryWriterBuilder};

/// The object that claims a directory, so that two jobs do not log into one.
const CLAIM: &str = ".claim";
/// The object that shows that objects can be put.
const PROBE: &str = ".probe";

/// An object store, below a prefix. Clones share their thread and their limits.
///
/// It implements [`Storage`]; paths are keys below the prefix.
///
/// ```
/// use std::sync::Arc;
/// use tfevents_object_store::{ObjectStorage, object_store::memory::InMemory};
///
/// let storage = ObjectStorage::new(Arc::new(InMemory::new()), "experiments")?;
/// let writer = storage.writer("mlp/7").build()?;
/// writer.add_scalar("loss", 0.5, 0);
/// writer.close()?;
/// assert_eq!(storage.run("mlp/7")?.scalars("loss")?.values(), [0.5]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ObjectStorage {
    client: Arc<Client>,
    tails: Arc<Tails>,
    prefix: Key,
    url: String,
}

impl ObjectStorage {
    /// Creates the storage below a URL such as `s3://bucket/experiments`, `gs://bucket/experiments` or
    /// `az://container/experiments`. No request is made.
    ///
    /// Credentials and endpoints come from the environment, as described for
    /// [`AmazonS3Builder::from_env`], `GoogleCloudStorageBuilder::from_env` and
    /// `MicrosoftAzureBuilder::from_env`; the roles of machines and pods work too. `S3_ENDPOINT`, which
    /// TensorBoard reads, is read too.
    ///
    /// [`AmazonS3Builder::from_env`]: https://docs.rs/object_store/0.14/object_store/aws/struct.AmazonS3Builder.html#method.from_env
    ///
    /// # Errors
    /// If the URL has no prefix or an unknown scheme, the feature of its store is not enabled, or a
    /// setting in the environment is invalid.
    pub fn from_url(location: &str) -> Result<Self, Error> {
        let (store, prefix) = url::split(location)?;
        let prefix = url::prefix(location, prefix)?;
        let client = url::client(location, store)?;
        Ok(Self::create(client, prefix, store.to_owned(), Settings::default()))
    }

    /// Creates the storage below a prefix of a store.
    ///
    /// # Errors
    /// If the prefix is empty or not valid.
    pub fn new(store: Arc<dyn ObjectStore>, prefix: &str) -> Result<Self, Error> {
        let name = store.to_string();
        let prefix = url::prefix(&name, prefix.trim_matches('/'))?;
        Ok(Self::create(store, prefix, name, Settings::default()))
    }

    fn create(store: Arc<dyn ObjectStore>, prefix: Key, url: String, settings: Settings) -> Self {
        let client = Arc::new(Client::new(store, url.clone(), settings));
        Self { client, tails: Arc::default(), prefix, url }
    }

    /// Returns a storage with other settings, which shares nothing with this one but the store.
    pub fn with_settings(&self, settings: Settings) -> Self {
        Self::create(self.client.store.clone(), self.prefix.clone(), self.url.clone(), settings)
    }

    /// Returns a builder for a writer of a run, such as `mlp/7`.
    pub fn writer(&self, run: impl AsRef<Path>) -> SummaryWriterBuilder {
        SummaryWriter::builder(run).storage(self.clone())
    }

    /// Opens a run for reading. Following it costs a LIST and a GET of what is new.
    ///
    /// # Errors
    /// If there is nothing, or the store does not answer.
    pub fn run(&self, run: impl AsRef<Path>) -> Result<Run, ReadError> {
        Run::open_on(self.clone(), run)
    }

    /// Finds the runs below the prefix.
    ///
    /// # Errors
    /// If there is nothing, or the store does not answer.
    pub fn logdir(&self) -> Result<LogDir, ReadError> {
        LogDir::open_on(self.clone(), "")
    }

    /// Uploads a local log directory to `path` below the prefix, in the same way and at the same pace as
    /// a writer, while something logs into it. Events are then safe from the end of the process at once,
    /// and from that of the machine after an upload.
    ///
    /// Only whole records are uploaded. A mirror of a directory that an earlier process left continues
    /// where that one stopped; one process mirrors a directory at a time. Other files, such as those of
    /// embeddings and traces, are uploaded when they change.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use tfevents::SummaryWriter;
    /// use tfevents_object_store::{ObjectStorage, object_store::memory::InMemory};
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let logdir = dir.path();
    /// let storage = ObjectStorage::new(Arc::new(InMemory::new()), "experiments")?;
    /// let mirror = storage.mirror(logdir, "mlp")?;
    /// let writer = SummaryWriter::new(logdir)?;
    /// writer.add_scalar("loss", 0.5, 0);
    /// writer.close()?;
    /// mirror.finish()?;
    /// assert_eq!(storage.run("mlp")?.scalars("loss")?.values(), [0.5]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the thread cannot be started.
    pub fn mirror(&self, dir: impl AsRef<Path>, path: impl AsRef<Path>) -> io::Result<Mirror> {
        Mirror::start(dir.as_ref(), self.clone(), path.as_ref())
    }

    /// Merges the objects of a run that nothing logs into any more: see [`tfevents::compact_on`]. The
    /// last old object stays, because a TensorBoard may be at its end.
    ///
    /// # Errors
    /// As [`tfevents::compact()`].
    pub fn compact(&self, run: impl AsRef<Path>) -> Result<CompactReport, tfevents::Error> {
        tfevents::compact_on(self.clone(), run)
    }

    /// Returns how many bytes the objects that may be put again use in memory.
    pub fn tail_bytes(&self) -> usize {
        self.tails.bytes()
    }

    fn key(&self, path: &Path) -> io::Result<Key> {
        keys::key(&self.prefix, path)
    }

    /// Returns whether there is an object below a key.
    fn has_objects(&self, key: &Key) -> io::Result<bool> {
        self.client.request(Operation::List, key, |store, key| async move {
            let first = store.list(Some(&key)).next().await;
            first.transpose().map(|found| found.is_some())
        })
    }

    fn delete(&self, key: &Key) -> io::Result<()> {
        self.client.request(
            Operation::Delete,
            key,
            |store, key| async move { store.delete(&key).await },
        )
    }
}

impl Storage for ObjectStorage {
    fn probe(&self, dir: &Path) -> io::Result<()> {
        let key = self.key(&dir.join(PROBE))?;
        self.client.put(&key, bytes::Bytes::new(), tokio::time::Instant::now()).wait()?;
        // It has one name for all probes, so it does no harm.
        if let Err(error) = self.delete(&key) {
            log::info!("{error}; the empty object stays");
        }
        Ok(())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn EventFile>> {
        let key = self.key(path)?;
        Ok(Box::new(ObjectFile::new(self.client.clone(), self.tails.clone(), key)))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        let key = self.key(dir)?;
        let found = self.client.request(Operation::List, &key, |store, key| async move {
            store.list_with_delimiter(Some(&key)).await
        })?;
        let entry = |key: &Key, kind| Some(Entry::new(key.filename()?, kind));
        let dirs = found.common_prefixes.iter().filter_map(|key| entry(key, Kind::Dir));
        let objects = found.objects.iter();
        let files = objects.filter_map(|object| entry(&object.location, Kind::File));
        Ok(dirs.chain(files).collect())
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        let key = self.key(path)?;
        match reader::head(&self.client, &key) {
            Ok(found) => Ok(Metadata::file(found.size, Some(found.last_modified.into()))),
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) =>
            {
                // If that fails too, its error says more: the answer to a HEAD has no body.
                match self.has_objects(&key)? {
                    true if error.kind() == ErrorKind::NotFound => Ok(Metadata::dir()),
                    _ => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    fn open(&self, path: &Path, from: u64) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(Reader::open(self.client.clone(), self.key(path)?, from)?))
    }

    fn replace(
        &self,
        path: &Path,
        fill: &mut dyn FnMut(&mut dyn Output) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut upload = Upload::new(self.client.clone(), self.key(path)?);
        fill(&mut upload)?;
        upload.finish()
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.delete(&self.key(path)?)
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        let key = self.key(path)?;
        if self.has_objects(&key)? {
            return Err(ErrorKind::AlreadyExists.into());
        }
        self.client.claim(&self.key(&path.join(CLAIM))?)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        match self.remove(&path.join(CLAIM)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }

    fn location(&self, path: &Path) -> String {
        match self.key(path) {
            Ok(key) => self.client.url(&key),
            // No request is made for a path without a key.
            Err(_) => path.display().to_string(),
        }
    }

    fn readers_keep_removed_files(&self) -> bool {
        false
    }

    fn names_may_collide(&self) -> bool {
        true
    }

    fn pace(&self) -> Pace {
        self.client.settings.pace()
    }
}
