//! Event files as objects: the last one is put again, longer.

use crate::client::{Answer, Client};
use bytes::{Bytes, BytesMut};
use object_store::path::Path as Key;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tfevents::storage::{AppendError, EventFile};
use tokio::time::Instant;

/// The content of an object that may be put again.
#[derive(Debug, Default)]
struct Tail {
    /// The bytes that the store has acknowledged.
    bytes: Bytes,
    puts: u32,
    /// Whether an append is in doubt or under way: its bytes come behind these.
    is_busy: bool,
    /// Whether it is not put again.
    is_sealed: bool,
}

fn lock(tail: &Mutex<Tail>) -> MutexGuard<'_, Tail> {
    // Nothing panics while a tail is locked.
    tail.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The tails of all runs, which share a bound.
#[derive(Debug, Default)]
pub(crate) struct Tails(Mutex<Vec<Weak<Mutex<Tail>>>>);

impl Tails {
    fn add(&self, tail: &Arc<Mutex<Tail>>) {
        let mut tails = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tails.retain(|tail| tail.strong_count() > 0);
        tails.push(Arc::downgrade(tail));
    }

    /// Seals the largest tails until all of them have at most `limit` bytes.
    fn bound(&self, limit: usize) {
        let tails = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let tails: Vec<_> = tails.iter().filter_map(Weak::upgrade).collect();
        let mut sizes: Vec<_> = tails.iter().map(|tail| (lock(tail).bytes.len(), tail)).collect();
        let mut all: usize = sizes.iter().map(|(size, _)| size).sum();
        sizes.sort_by_key(|(size, _)| *size);
        while let (true, Some((size, tail))) = (all > limit, sizes.pop()) {
            let mut tail = lock(tail);
            if !tail.is_busy {
                tail.seal();
                all -= size;
            }
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        let tails = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tails.iter().filter_map(Weak::upgrade).map(|tail| lock(&tail).bytes.len()).sum()
    }
}

impl Tail {
    fn seal(&mut self) {
        self.is_sealed = true;
        self.bytes = Bytes::new();
    }
}

/// An object of a run.
#[derive(Debug)]
pub(crate) struct ObjectFile {
    client: Arc<Client>,
    tails: Arc<Tails>,
    key: Key,
    tail: Arc<Mutex<Tail>>,
    /// The length and the checksum of an append whose outcome is unknown.
    doubt: Option<(usize, u32)>,
    pending: Option<Pending>,
    /// When the object may be put again.
    next_put: Instant,
}

#[derive(Debug)]
struct Pending {
    body: Bytes,
    /// The new part of the body.
    new: Bytes,
    answer: Answer<()>,
}

impl ObjectFile {
    pub(crate) fn new(client: Arc<Client>, tails: Arc<Tails>, key: Key) -> Self {
        let tail = Arc::default();
        tails.add(&tail);
        let next_put = Instant::now();
        Self { client, tails, key, tail, doubt: None, pending: None, next_put }
    }

    /// Starts to put the object with new bytes at its end. Returns `None` if they do not begin with
    /// those in doubt.
    fn start(&mut self, parts: &[&[u8]]) -> Option<Pending> {
        let mut tail = lock(&self.tail);
        let mut body = BytesMut::with_capacity(
            tail.bytes.len() + parts.iter().map(|part| part.len()).sum::<usize>(),
        );
        body.extend_from_slice(&tail.bytes);
        parts.iter().for_each(|part| body.extend_from_slice(part));
        let body = body.freeze();
        let new = body.slice(tail.bytes.len()..);
        if let Some((len, checksum)) = self.doubt {
            if new.get(..len).map(crc32c::crc32c) != Some(checksum) {
                return None;
            }
        }
        tail.is_busy = true;
        let answer = self.client.put(&self.key, body.clone(), self.next_put);
        Some(Pending { body, new, answer })
    }
}

impl EventFile for ObjectFile {
    fn begin_append(&mut self, parts: &[&[u8]]) {
        self.pending = self.start(parts);
    }

    fn append(&mut self, parts: &[&[u8]]) -> Result<(), AppendError> {
        let pending = self.pending.take().or_else(|| self.start(parts));
        let Some(Pending { body, new, answer }) = pending else {
            let reason = "the bytes differ from those of an upload without an answer";
            let source = io::Error::other(format!("{reason}: {}", self.client.url(&self.key)));
            return Err(AppendError::Broken { written: 0, source });
        };
        let result = answer.wait();
        let settings = &self.client.settings;
        self.next_put = Instant::now() + settings.put_gap;
        let mut tail = lock(&self.tail);
        match result {
            Ok(()) => {
                self.doubt = None;
                tail.is_busy = false;
                tail.puts += 1;
                if tail.puts >= settings.seal_after || body.len() >= settings.seal_bytes {
                    tail.seal();
                } else {
                    tail.bytes = body;
                }
                drop(tail);
                self.tails.bound(settings.tail_bytes);
                Ok(())
            }
            Err(error) if error.is_in_doubt() => {
                self.doubt = Some((new.len(), crc32c::crc32c(&new)));
                Err(AppendError::InDoubt { source: error.into() })
            }
            Err(error) => Err(AppendError::Broken { written: 0, source: error.into() }),
        }
    }

    fn is_full(&self) -> bool {
        lock(&self.tail).is_sealed
    }
}
