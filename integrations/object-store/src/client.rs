//! Requests: their thread, their limits, and how they are repeated.

use crate::Settings;
use crate::error::RequestError;
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
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

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
pub(crate) struct Answer<T>(Receiver<Result<T, RequestError>>);

impl<T> Answer<T> {
    /// Waits for the result.
    pub(crate) fn wait(self) -> Result<T, RequestError> {
        // The thread ends only when its client does, and each request within its deadline.
        self.0.recv().unwrap_or_else(|_| {
            let source = io::Error::other("the thread for requests has ended").into();
            Err(RequestError::new("request", String::new(), generic(source)))
        })
    }
}

fn generic(source: Box<dyn std::error::Error + Send + Sync>) -> StoreError {
    StoreError::Generic { store: "tfevents", source }
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
    pub(crate) fn start<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, RequestError>> + Send + 'static,
    ) -> Answer<T> {
        let (sender, answer) = mpsc::channel();
        let job: Job = Box::pin(async move {
            // Nobody may wait for it any more.
            let _ = sender.send(work.await);
        });
        // If the thread could not be started, the channel is closed, and `wait` returns an error.
        let _ = self.jobs.get_or_init(spawn).send(job);
        Answer(answer)
    }

    /// Makes a request, and repeats it while that may help.
    pub(crate) fn ask<T, F>(
        self: &Arc<Self>,
        operation: &'static str,
        key: &Key,
        request: impl Fn(Arc<dyn ObjectStore>, Key) -> F + Send + Sync + 'static,
    ) -> io::Result<T>
    where
        T: Send + 'static,
        F: Future<Output = object_store::Result<T>> + Send + 'static,
    {
        let (client, key) = (self.clone(), key.clone());
        let work = async move {
            let deadline = Instant::now() + client.settings.deadline;
            let once = || request(client.store.clone(), key.clone());
            client.repeat(operation, &key, deadline, once).await
        };
        Ok(self.start(work).wait()?)
    }

    /// Puts an object, not before an instant.
    pub(crate) fn put(self: &Arc<Self>, key: &Key, body: Bytes, not_before: Instant) -> Answer<()> {
        let (client, key) = (self.clone(), key.clone());
        self.start(async move {
            let deadline = Instant::now() + client.settings.deadline;
            sleep_until(not_before.min(deadline)).await;
            let _slot = timeout_at(deadline, client.uploads.acquire()).await;
            let once = || client.put_once(&key, body.clone(), PutMode::Overwrite);
            client.repeat("PUT", &key, deadline, once).await
        })
    }

    /// Puts an empty object that must not exist yet.
    pub(crate) fn claim(self: &Arc<Self>, key: &Key) -> io::Result<()> {
        let (client, key) = (self.clone(), key.clone());
        let work = async move {
            let deadline = Instant::now() + client.settings.deadline;
            let once = || client.put_once(&key, Bytes::new(), PutMode::Create);
            client.repeat("PUT", &key, deadline, once).await
        };
        Ok(self.start(work).wait()?)
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
                self.is_plain.store(true, Ordering::Relaxed);
                options.attributes = Attributes::new();
                self.store.put_opts(key, body.into(), options).await.map(drop)
            }
            result => result.map(drop),
        }
    }

    async fn repeat<T, F>(
        &self,
        operation: &'static str,
        key: &Key,
        deadline: Instant,
        request: impl Fn() -> F,
    ) -> Result<T, RequestError>
    where
        F: Future<Output = object_store::Result<T>>,
    {
        let mut backoff = self.settings.backoff;
        let mut left = self.settings.retries;
        loop {
            let end = deadline.min(Instant::now() + self.settings.attempt);
            let result = match timeout_at(end, request()).await {
                Ok(result) => result,
                Err(_) => Err(generic("no answer in time".into())),
            };
            let error = match result {
                Ok(found) => return Ok(found),
                Err(error) => RequestError::new(operation, self.url(key), error),
            };
            let wait = with_jitter(backoff);
            if left == 0 || !error.is_transient() || Instant::now() + wait >= deadline {
                return Err(error);
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
