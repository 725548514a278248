//! Uploads of whole files, in parts if they are large.

use crate::client::Client;
use crate::error::Operation;
use bytes::Bytes;
use object_store::path::Path as Key;
use object_store::{MultipartUpload, ObjectStoreExt};
use std::io::{self, Write};
use std::sync::Arc;
use tfevents::storage::Output;
use tokio::time::Instant;

/// The size from which a file is uploaded in parts, and the size of these.
const PART: usize = 8 << 20;

/// A file that appears in the store when it is complete.
#[derive(Debug)]
pub(crate) struct Upload {
    client: Arc<Client>,
    key: Key,
    buffer: Vec<u8>,
    parts: Option<Box<dyn MultipartUpload>>,
}

impl Upload {
    pub(crate) fn new(client: Arc<Client>, key: Key) -> Self {
        Self { client, key, buffer: Vec::new(), parts: None }
    }

    fn put_part(&mut self) -> io::Result<()> {
        let mut parts = match self.parts.take() {
            Some(parts) => parts,
            None => self.client.request(Operation::Post, &self.key, |store, key| async move {
                store.put_multipart(&key).await
            })?,
        };
        let part = parts.put_part(Bytes::from(std::mem::take(&mut self.buffer)).into());
        self.parts = Some(parts);
        // Putting it again would add another part; the client below repeats the request.
        self.client.request_once(Operation::Put, &self.key, part)
    }

    /// Completes the file.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        if self.parts.is_none() {
            let body = Bytes::from(std::mem::take(&mut self.buffer));
            return Ok(self.client.put(&self.key, body, Instant::now()).wait()?);
        }
        if !self.buffer.is_empty() {
            self.put_part()?;
        }
        let Some(mut parts) = self.parts.take() else { return Ok(()) };
        let work = async move { parts.complete().await.map(drop) };
        self.client.request_once(Operation::Post, &self.key, work)
    }
}

impl Write for Upload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PART {
            self.put_part()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output for Upload {}

impl Drop for Upload {
    fn drop(&mut self) {
        if let Some(mut parts) = self.parts.take() {
            // The store removes parts of its own accord if this fails, where that is set up.
            let work = async move { parts.abort().await };
            let _ = self.client.request_once(Operation::Delete, &self.key, work);
        }
    }
}
