//! Uploading a local log directory.

use crate::ObjectStorage;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};
use tfevents::storage::{AppendError, EventFile, Kind, Storage};

/// How many bytes of a file are uploaded at a time.
const CHUNK: u64 = 16 << 20;
/// The length of a record without its data, and of its header.
const FRAME: u64 = 16;
const HEADER: usize = 12;

/// Uploads a local log directory while something logs into it: see [`ObjectStorage::mirror`].
///
/// Dropping it uploads what is there, for as long as a flush may take.
#[derive(Debug)]
pub struct Mirror {
    commands: Sender<Command>,
    thread: Option<JoinHandle<()>>,
    timeout: Duration,
}

#[derive(Debug)]
enum Command {
    Flush(Sender<io::Result<()>>),
    Finish(Sender<io::Result<()>>),
}

impl Mirror {
    pub(crate) fn start(dir: &Path, storage: ObjectStorage, run: &Path) -> io::Result<Self> {
        let (commands, received) = mpsc::channel();
        let timeout = storage.pace().flush_timeout;
        let mut work = Work {
            dir: std::path::absolute(dir)?,
            storage,
            run: run.to_owned(),
            files: BTreeMap::new(),
            others: BTreeMap::new(),
            started: Instant::now(),
            failing: false,
        };
        let thread = std::thread::Builder::new()
            .name("tfevents-mirror".to_owned())
            .spawn(move || work.run(&received))?;
        Ok(Self { commands, thread: Some(thread), timeout })
    }

    /// Waits until everything that is in the directory at the moment is in the store.
    ///
    /// # Errors
    /// If the store does not take it, or the directory cannot be read. It is tried again later.
    pub fn flush(&self) -> io::Result<()> {
        self.ask(Command::Flush)
    }

    /// Uploads everything that is in the directory and ends.
    ///
    /// # Errors
    /// As [`flush`](Self::flush). A later mirror of the same directory uploads the rest.
    pub fn finish(mut self) -> io::Result<()> {
        let result = self.ask(Command::Finish);
        self.join();
        result
    }

    fn ask(&self, command: fn(Sender<io::Result<()>>) -> Command) -> io::Result<()> {
        let (sender, answer) = mpsc::channel();
        let ended = || io::Error::other("the mirror's thread has ended");
        self.commands.send(command(sender)).map_err(|_| ended())?;
        match answer.recv_timeout(self.timeout) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => {
                let reason = format!("the store did not take everything within {:?}", self.timeout);
                Err(io::Error::new(ErrorKind::TimedOut, reason))
            }
            Err(RecvTimeoutError::Disconnected) => Err(ended()),
        }
    }

    fn join(&mut self) {
        // After a timeout the thread may wait for the store for a while.
        if let Some(thread) = self.thread.take().filter(JoinHandle::is_finished) {
            // It does not panic; if it did, there would be nothing to do about it here.
            let _ = thread.join();
        }
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        if self.thread.is_some() {
            if let Err(error) = self.ask(Command::Finish) {
                log::error!("a mirror has not uploaded everything: {error}");
            }
            self.join();
        }
    }
}

/// The state of the thread.
#[derive(Debug)]
struct Work {
    dir: PathBuf,
    storage: ObjectStorage,
    /// The directory's path in the store.
    run: PathBuf,
    /// The event files, by their paths in the directory.
    files: BTreeMap<PathBuf, Mirrored>,
    /// Other files, with their lengths and times when they were uploaded.
    others: BTreeMap<PathBuf, (u64, Option<SystemTime>)>,
    started: Instant,
    /// Whether the last pass failed, which was logged.
    failing: bool,
}

/// An event file, and the objects that it becomes: each begins with the file's first record.
#[derive(Debug)]
struct Mirrored {
    /// The first record, once it is there.
    head: Vec<u8>,
    /// The offset behind the bytes that the store has.
    offset: u64,
    /// The number of the next object.
    part: u32,
    open: Option<Box<dyn EventFile>>,
    /// Whether the open object has the first record.
    has_head: bool,
}

impl Work {
    fn run(&mut self, commands: &Receiver<Command>) {
        let pace = self.storage.pace();
        let mut wait = pace.interval;
        loop {
            let command = commands.recv_timeout(wait);
            let result = self.pass();
            self.log(&result);
            wait = pace.interval_at(self.started.elapsed());
            match command {
                Ok(Command::Flush(answer)) => _ = answer.send(result),
                Ok(Command::Finish(answer)) => return drop(answer.send(result)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Logs the first of several failures, and that there are no more.
    fn log(&mut self, result: &io::Result<()>) {
        match result {
            Err(error) if !self.failing => {
                log::error!("cannot mirror {}: {error}; it is tried again", self.dir.display());
            }
            Ok(()) if self.failing => log::info!("{} is mirrored again", self.dir.display()),
            _ => {}
        }
        self.failing = result.is_err();
    }

    /// Uploads what is new. A file that fails does not keep others from being uploaded; the first
    /// error is returned.
    fn pass(&mut self) -> io::Result<()> {
        let mut found = Vec::new();
        walk(&self.dir, Path::new(""), &mut found)?;
        let mut result = Ok(());
        for (path, metadata) in found {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let done = if name.contains("tfevents") {
                self.event_file(&path)
            } else if name.starts_with('.') {
                // The temporary file of a process that replaces another.
                Ok(())
            } else {
                self.other(&path, (metadata.len(), metadata.modified().ok()))
            };
            result = result.and(done);
        }
        result
    }

    /// Opens a file of the directory; `None` if it is not there any more.
    fn open(&self, path: &Path) -> io::Result<Option<File>> {
        let path = self.dir.join(path);
        existing(File::open(&path)).map_err(unreadable(&path))
    }

    fn other(&mut self, path: &Path, version: (u64, Option<SystemTime>)) -> io::Result<()> {
        if self.others.get(path) == Some(&version) {
            return Ok(());
        }
        let Some(mut file) = self.open(path)? else { return Ok(()) };
        let mut fill = |out: &mut dyn tfevents::storage::Output| io::copy(&mut file, out).map(drop);
        self.storage.replace(&self.run.join(path), &mut fill)?;
        self.others.insert(path.to_owned(), version);
        Ok(())
    }

    fn event_file(&mut self, path: &Path) -> io::Result<()> {
        let Some(mut file) = self.open(path)? else { return Ok(()) };
        if !self.files.contains_key(path) {
            let Some(known) = self.find(path, &mut file)? else { return Ok(()) };
            self.files.insert(path.to_owned(), known);
        }
        let Some(known) = self.files.get_mut(path) else { return Ok(()) };
        loop {
            let bytes =
                records(&mut file, known.offset).map_err(unreadable(&self.dir.join(path)))?;
            if bytes.is_empty() {
                return Ok(());
            }
            known.append(&self.storage, &self.run.join(path), &bytes)?;
        }
    }

    /// Finds out what an earlier mirror uploaded of a file. `None` if the file has no record yet.
    fn find(&self, path: &Path, file: &mut File) -> io::Result<Option<Mirrored>> {
        let head = match first_record(file).map_err(unreadable(&self.dir.join(path)))? {
            Some(head) => head,
            None => return Ok(None),
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let dir = self.run.join(path.parent().unwrap_or(Path::new("")));
        let (mut part, mut offset) = (0, 0);
        let mut names: Vec<_> = self.storage.list(&dir)?;
        names.retain(|entry| entry.kind == Kind::File);
        names.sort_by(|a, b| a.name.cmp(&b.name));
        for entry in names {
            let found = entry.name.to_string_lossy();
            let number = found.strip_prefix(&name).and_then(|rest| rest.strip_prefix('.'));
            let Some(number) = number.and_then(|number| number.parse::<u32>().ok()) else {
                continue;
            };
            let len = self.storage.metadata(&dir.join(&entry.name))?.len;
            offset += len - if part == 0 { 0 } else { head.len() as u64 };
            part = number + 1;
        }
        Ok(Some(Mirrored { head, offset, part, open: None, has_head: false }))
    }
}

impl Mirrored {
    /// Appends whole records to the current object, or to the next one.
    fn append(&mut self, storage: &ObjectStorage, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if self.open.as_ref().is_some_and(|open| open.is_full()) {
            self.open = None;
        }
        let open = match &mut self.open {
            Some(open) => open,
            none => {
                let mut name = path.as_os_str().to_owned();
                name.push(format!(".{:06}", self.part));
                self.has_head = self.offset == 0;
                self.part += 1;
                none.insert(storage.create(Path::new(&name))?)
            }
        };
        let head: &[u8] = if self.has_head { &[] } else { &self.head };
        match open.append(&[head, bytes]) {
            Ok(()) => {
                self.has_head = true;
                self.offset += bytes.len() as u64;
                Ok(())
            }
            // The same bytes come first in the next pass: the file only grows.
            Err(AppendError::InDoubt { source }) => Err(source),
            Err(AppendError::Broken { source, .. }) => {
                self.open = None;
                Err(source)
            }
            Err(error) => Err(io::Error::other(error)),
        }
    }
}

/// Collects the files below a directory, with their paths in it, sorted.
fn walk(root: &Path, below: &Path, out: &mut Vec<(PathBuf, fs::Metadata)>) -> io::Result<()> {
    // Without a slash at its end if `below` is empty.
    let dir: PathBuf = root.join(below).components().collect();
    let entries = fs::read_dir(&dir).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut entries = entries.map_err(unreadable(&dir))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = below.join(entry.file_name());
        // Links are not followed: they could form a circle.
        match existing(entry.file_type())? {
            Some(kind) if kind.is_dir() => _ = existing(walk(root, &path, out))?,
            Some(kind) if kind.is_file() => {
                out.extend(existing(entry.metadata())?.map(|metadata| (path, metadata)));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Returns a function for `map_err`, which adds the path to an error of the local file system.
fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> io::Error + use<'_> {
    |error| io::Error::new(error.kind(), format!("cannot read {}: {error}", path.display()))
}

/// Returns `None` for a file that was removed or renamed since it was listed.
fn existing<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

/// Returns whole records from an offset on.
fn records(file: &mut File, offset: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(offset))?;
    file.take(CHUNK).read_to_end(&mut bytes)?;
    let mut end = 0;
    while let Some(len) = record_len(&bytes[end..]) {
        if len > (bytes.len() - end) as u64 {
            // A record that is larger than a chunk.
            if end == 0 && bytes.len() as u64 == CHUNK {
                file.take(len - CHUNK).read_to_end(&mut bytes)?;
                if bytes.len() as u64 == len {
                    return Ok(bytes);
                }
            }
            break;
        }
        end += len as usize;
    }
    bytes.truncate(end);
    Ok(bytes)
}

fn first_record(file: &mut File) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = records(file, 0)?;
    let Some(len) = record_len(&bytes) else { return Ok(None) };
    bytes.truncate(len as usize);
    Ok(Some(bytes))
}

/// Returns the length of the record that begins here; `None` without a whole header.
fn record_len(bytes: &[u8]) -> Option<u64> {
    let len = bytes.get(..HEADER)?.first_chunk().map(|len| u64::from_le_bytes(*len))?;
    len.checked_add(FRAME)
}
