//! A store in memory that fails on command, and counts.
#![allow(dead_code, unreachable_pub)]

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::*;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tfevents_object_store::{ObjectStorage, Settings};

/// A fault of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The request is refused, as with the status 503 or 429.
    Busy,
    /// The store does what it is asked for, and the answer is lost.
    Lost,
    /// There is no answer.
    Hangs,
    /// The credentials are not valid any more.
    Denied,
    /// The credentials do not permit it.
    Forbidden,
    /// The bucket does not exist.
    NoBucket,
}

impl Fault {
    /// Answers a request.
    async fn strike<T>(self) -> Result<T> {
        let source = Box::<dyn std::error::Error + Send + Sync>::from("made up");
        let path = "faulty".to_owned();
        Err(match self {
            Self::Hangs => {
                tokio::time::sleep(Duration::from_secs(3600)).await;
                unreachable!("nobody waits so long")
            }
            Self::Busy | Self::Lost => Error::Generic { store: "faulty", source },
            Self::Denied => Error::Unauthenticated { path, source },
            Self::Forbidden => Error::PermissionDenied { path, source },
            Self::NoBucket => Error::NotFound { path, source },
        })
    }
}

#[derive(Debug, Default)]
struct State {
    requests: usize,
    /// The fault, the request that it begins at, and how many it strikes.
    fault: Option<(Fault, Range<usize>)>,
    struck: bool,
    /// The operations that are not permitted: `list` and `delete`.
    forbidden: &'static [&'static str],
    /// The beginning of the keys that cannot be deleted, if there are any.
    retained: Option<&'static str>,
}

/// A store in memory that fails on command.
#[derive(Debug, Default)]
pub struct Faulty {
    pub memory: InMemory,
    state: Mutex<State>,
    pub puts: AtomicUsize,
    pub bytes: AtomicUsize,
    /// Whether the content of objects is not kept, only their lengths.
    pub discards: AtomicBool,
    lens: Mutex<BTreeMap<String, u64>>,
}

impl Faulty {
    /// Sets a fault for `count` requests from the `at`-th on; 0 is the next one.
    pub fn set(&self, fault: Fault, at: usize, count: usize) {
        let mut state = self.state.lock().unwrap();
        state.requests = 0;
        state.fault = Some((fault, at..at.saturating_add(count)));
        state.struck = false;
    }

    /// Removes the fault; returns whether it has struck.
    pub fn mend(&self) -> bool {
        let mut state = self.state.lock().unwrap();
        state.fault = None;
        state.struck
    }

    /// Returns the number of requests since the fault was set.
    pub fn requests(&self) -> usize {
        self.state.lock().unwrap().requests
    }

    /// Sets which operations are not permitted: `list` and `delete`.
    pub fn forbid(&self, operations: &'static [&'static str]) {
        self.state.lock().unwrap().forbidden = operations;
    }

    /// Sets the beginning of the keys that cannot be deleted.
    pub fn retain(&self, keys: &'static str) {
        self.state.lock().unwrap().retained = Some(keys);
    }

    fn check(&self, operation: &str) -> Result<()> {
        if !self.state.lock().unwrap().forbidden.contains(&operation) {
            return Ok(());
        }
        Err(Error::PermissionDenied { path: "faulty".to_owned(), source: "made up".into() })
    }

    /// Returns the answer to a request for a stream that fails.
    fn refusal<T: Send + 'static>(&self, operation: &str) -> Option<BoxStream<'static, Result<T>>> {
        let denied = self.check(operation);
        let fault = self.next();
        if denied.is_ok() && fault.is_none() {
            return None;
        }
        let answer = async move {
            denied?;
            fault.unwrap_or(Fault::Busy).strike().await
        };
        Some(futures_util::stream::once(answer).boxed())
    }

    fn next(&self) -> Option<Fault> {
        let mut state = self.state.lock().unwrap();
        let at = state.requests;
        state.requests += 1;
        let fault = state.fault.clone().filter(|(_, range)| range.contains(&at));
        state.struck |= fault.is_some();
        fault.map(|(fault, _)| fault)
    }

    async fn run<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let Some(fault) = self.next() else { return work.await };
        if fault == Fault::Lost {
            work.await?;
        }
        fault.strike().await
    }

    /// The keys and the lengths of all event files.
    pub fn event_files(&self) -> Vec<(String, u64)> {
        if self.discards.load(Relaxed) {
            return self.lens.lock().unwrap().clone().into_iter().collect();
        }
        let listed = self.memory.list(None).collect::<Vec<_>>();
        let listed = futures_util::FutureExt::now_or_never(listed).unwrap();
        let files = listed.into_iter().map(|object| object.unwrap());
        let mut files: Vec<_> =
            files.map(|object| (object.location.to_string(), object.size)).collect();
        files.retain(|(key, _)| key.contains("tfevents"));
        files.sort();
        files
    }
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("faulty://bucket")
    }
}

#[async_trait::async_trait]
impl ObjectStore for Faulty {
    async fn put_opts(
        &self,
        key: &Path,
        body: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        self.puts.fetch_add(1, Relaxed);
        self.bytes.fetch_add(body.content_length(), Relaxed);
        if self.discards.load(Relaxed) {
            let len = body.content_length() as u64;
            self.lens.lock().unwrap().insert(key.to_string(), len);
            return Ok(PutResult { e_tag: None, version: None, extensions: Default::default() });
        }
        self.run(self.memory.put_opts(key, body, options)).await
    }
    async fn put_multipart_opts(
        &self,
        key: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.run(self.memory.put_multipart_opts(key, options)).await
    }
    async fn get_opts(&self, key: &Path, options: GetOptions) -> Result<GetResult> {
        self.run(self.memory.get_opts(key, options)).await
    }
    fn delete_stream(
        &self,
        keys: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        match self.refusal("delete") {
            Some(refusal) => refusal,
            None => {
                let retained = self.state.lock().unwrap().retained;
                let keys = keys.map(move |key| {
                    let key = key?;
                    match retained {
                        Some(retained) if key.as_ref().starts_with(retained) => {
                            Err(Error::PermissionDenied { path: key.into(), source: "kept".into() })
                        }
                        _ => Ok(key),
                    }
                });
                self.memory.delete_stream(keys.boxed())
            }
        }
    }
    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        match self.refusal("list") {
            Some(refusal) => refusal,
            None => self.memory.list(prefix),
        }
    }
    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.check("list")?;
        self.run(self.memory.list_with_delimiter(prefix)).await
    }
    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.run(self.memory.copy_opts(from, to, options)).await
    }
}

/// Settings with short times.
pub fn quick() -> Settings {
    let (attempt, deadline) = (Duration::from_millis(300), Duration::from_secs(20));
    Settings::default().attempts(attempt, 3, deadline).quick()
}

pub fn storage(settings: Settings) -> (Arc<Faulty>, ObjectStorage) {
    let faulty = Arc::new(Faulty::default());
    let storage = ObjectStorage::new(faulty.clone(), "experiments").unwrap();
    (faulty, storage.with_settings(settings))
}

/// A logger that keeps messages, for tests that run one at a time.
struct Messages;

static MESSAGES: Mutex<Vec<(log::Level, String)>> = Mutex::new(Vec::new());

impl log::Log for Messages {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.target().starts_with("tfevents")
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            MESSAGES.lock().unwrap().push((record.level(), record.args().to_string()));
        }
    }

    fn flush(&self) {}
}

/// Lets one test log at a time.
pub fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    let guard = ALONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    // Another test may have set it.
    let _ = log::set_logger(&Messages);
    log::set_max_level(log::LevelFilter::Info);
    messages();
    guard
}

/// Returns what was logged since the last call.
pub fn messages() -> Vec<(log::Level, String)> {
    std::mem::take(&mut *MESSAGES.lock().unwrap())
}

/// Waits for something that happens on another thread.
#[track_caller]
pub fn wait_until(mut is_done: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_done() {
        assert!(Instant::now() < end, "it does not happen");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The steps of the scalar `loss`, in the order of the objects.
pub fn steps(storage: &ObjectStorage, run: &str) -> Vec<i64> {
    let run = storage.run(run).unwrap();
    let events = run.events().map(std::result::Result::unwrap);
    let is_loss =
        |event: &tfevents::read::Event| event.values().iter().any(|value| value.tag() == "loss");
    events.filter(is_loss).map(|event| event.step()).collect()
}
