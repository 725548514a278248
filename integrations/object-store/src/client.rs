//! Requests: their thread, their limits, and how they are repeated.

use crate::Settings;
use crate::error::{Cause, Operation, RequestError};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use object_store::path::Path as Key;
use object_store::{Attribute, Attributes, Error as StoreError, ObjectStore, PutMode, PutOptions};
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};

type Job = BoxFuture<'static, ()>;

/// Makes requests on a thread of its own: a caller may be on a thread of an async runtime, where it
/// must not wait for one.
pub(crate) struct Client {
    pub(crate) store: Arc<dyn ObjectStore>,
    /// The beginning of all URLs, for messages.
    url: String,
    pub(crate) settings: Settings,
    /// The thread, once there was a request.
    jobs: OnceLock<UnboundedSender<Job>>,
    uploads: Semaphore,
    /// Whether the store takes no attributes of objects.
    is_plain: AtomicBool,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("url", &self.url).finish_non_exhaustive()
    }
}

/// The result of a request that will arrive.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    operation: Operation,
    url: String,
    result: Receiver<object_store::Result<T>>,
}

impl<T> Answer<T> {
    /// Waits for the result, at most until the request's deadline.
    pub(crate) fn wait(self) -> Result<T, RequestError> {
        let result = self.result.recv();
        // The thread ends only with its client, unless it could not be started.
        let result = result.unwrap_or_else(|_| Err(generic("the thread for requests has ended")));
        result.map_err(|error| RequestError::new(self.operation, self.url, &error))
    }
}

fn generic(reason: &str) -> StoreError {
    StoreError::Generic { store: "tfevents", source: reason.into() }
}

fn late() -> StoreError {
    generic("no answer in time")
}

impl Client {
    pub(crate) fn new(store: Arc<dyn ObjectStore>, url: String, settings: Settings) -> Self {
        let uploads = Semaphore::new(settings.concurrency);
        let (jobs, is_plain) = (OnceLock::new(), AtomicBool::new(false));
        Self { store, url, settings, jobs, uploads, is_plain }
    }

    pub(crate) fn url(&self, key: &Key) -> String {
        format!("{}/{key}", self.url)
    }

    /// Starts work on the thread for requests.
    fn start<T: Send + 'static>(
        &self,
        operation: Operation,
        key: &Key,
        work: impl Future<Output = object_store::Result<T>> + Send + 'static,
    ) -> Answer<T> {
        let (sender, result) = mpsc::channel();
        let job: Job = Box::pin(async move {
            // Nobody may wait for it any more.
            let _ = sender.send(work.await);
        });
        // If the thread could not be started, the channel is closed, and `wait` returns an error.
        let _ = self.jobs.get_or_init(spawn).send(job);
        Answer { operation, url: self.url(key), result }
    }

    fn deadline(&self) -> Instant {
        Instant::now() + self.settings.deadline
    }

    /// Makes a request, and repeats it while that may help.
    pub(crate) fn request<T, F>(
        self: &Arc<Self>,
        operation: Operation,
        key: &Key,
        request: impl Fn(Arc<dyn ObjectStore>, Key) -> F + Send + Sync + 'static,
    ) -> io::Result<T>
    where
        T: Send + 'static,
        F: Future<Output = object_store::Result<T>> + Send + 'static,
    {
        let (client, object) = (self.clone(), key.clone());
        let work = async move {
            let once = || request(client.store.clone(), object.clone());
            client.repeat(operation, client.deadline(), once).await
        };
        Ok(self.start(operation, key, work).wait()?)
    }

    /// Makes a request that cannot be repeated.
    pub(crate) fn request_once<T: Send + 'static>(
        &self,
        operation: Operation,
        key: &Key,
        request: impl Future<Output = object_store::Result<T>> + Send + 'static,
    ) -> io::Result<T> {
        let within = self.settings.deadline;
        let work = async move { timeout(within, request).await.unwrap_or_else(|_| Err(late())) };
        Ok(self.start(operation, key, work).wait()?)
    }

    /// Puts an object, not before an instant.
    pub(crate) fn put(self: &Arc<Self>, key: &Key, body: Bytes, not_before: Instant) -> Answer<()> {
        let (client, object) = (self.clone(), key.clone());
        self.start(Operation::Put, key, async move {
            let deadline = client.deadline();
            sleep_until(not_before.min(deadline)).await;
            let Ok(_slot) = timeout_at(deadline, client.uploads.acquire()).await else {
                return Err(late());
            };
            let once = || client.put_once(&object, body.clone(), PutMode::Overwrite);
            client.repeat(Operation::Put, deadline, once).await
        })
    }

    /// Puts an empty object that must not exist yet.
    pub(crate) fn claim(self: &Arc<Self>, key: &Key) -> io::Result<()> {
        let (client, object) = (self.clone(), key.clone());
        let work = async move {
            let once = || client.put_once(&object, Bytes::new(), PutMode::Create);
            client.repeat(Operation::Put, client.deadline(), once).await
        };
        Ok(self.start(Operation::Put, key, work).wait()?)
    }

    async fn put_once(&self, key: &Key, body: Bytes, mode: PutMode) -> object_store::Result<()> {
        let mut options = PutOptions::from(mode);
        if !self.is_plain.load(Ordering::Relaxed) {
            // Google's public objects are cached for an hour otherwise.
            options.attributes = Attributes::from_iter([(Attribute::CacheControl, "no-store")]);
        }
        match self.store.put_opts(key, body.clone().into(), options.clone()).await {
            Err(StoreError::NotImplemented { .. } | StoreError::NotSupported { .. })
                if !options.attributes.is_empty() =>
            {
                options.attributes = Attributes::new();
                let result = self.store.put_opts(key, body.into(), options).await;
                // Otherwise it was something else that the store does not support.
                self.is_plain.fetch_or(result.is_ok(), Ordering::Relaxed);
                result.map(drop)
            }
            result => result.map(drop),
        }
    }

    async fn repeat<T, F>(
        &self,
        operation: Operation,
        deadline: Instant,
        request: impl Fn() -> F,
    ) -> object_store::Result<T>
    where
        F: Future<Output = object_store::Result<T>>,
    {
        let mut backoff = self.settings.backoff;
        let mut left = self.settings.retries;
        loop {
            let end = deadline.min(Instant::now() + self.settings.attempt);
            let result = timeout_at(end, request()).await.unwrap_or_else(|_| Err(late()));
            let Err(error) = &result else { return result };
            let wait = with_jitter(backoff);
            let helps = Cause::new(operation, error).is_transient();
            if left == 0 || !helps || Instant::now() + wait >= deadline {
                return result;
            }
            left -= 1;
            backoff *= 2;
            sleep(wait).await;
        }
    }
}

/// Returns 50 to 150 % of a duration, so that the writers of many processes do not come back together.
fn with_jitter(duration: Duration) -> Duration {
    let random = RandomState::new().hash_one(()) >> 32;
    duration.mul_f64(0.5 + random as f64 / f64::from(u32::MAX))
}

/// Starts the thread for requests. If that fails, the channel is closed.
fn spawn() -> UnboundedSender<Job> {
    let (sender, mut jobs) = tokio::sync::mpsc::unbounded_channel::<Job>();
    let run = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        match runtime {
            Ok(runtime) => runtime.block_on(async {
                while let Some(job) = jobs.recv().await {
                    tokio::spawn(job);
                }
            }),
            Err(error) => log::error!("cannot start the runtime for requests: {error}"),
        }
    };
    if let Err(error) = std::thread::Builder::new().name("tfevents-requests".into()).spawn(run) {
        log::error!("cannot start the thread for requests: {error}");
    }
    sender
}
