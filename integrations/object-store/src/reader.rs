//! Reading objects, a range at a time.

use crate::client::Client;
use crate::error::Operation;
use bytes::{Buf, Bytes};
use object_store::path::Path as Key;
use object_store::{ObjectMeta, ObjectStoreExt};
use std::io::{self, Read};
use std::sync::Arc;

/// How many bytes are read at a time.
const RANGE: u64 = 4 << 20;

/// Reads an object. At its end it asks whether the object has grown.
#[derive(Debug)]
pub(crate) struct Reader {
    client: Arc<Client>,
    key: Key,
    /// The length of the object when it was last asked for: reading behind the end is an error.
    len: u64,
    at: u64,
    range: Bytes,
}

impl Reader {
    pub(crate) fn open(client: Arc<Client>, key: Key, from: u64) -> io::Result<Self> {
        let len = head(&client, &key)?.size;
        Ok(Self { client, key, len, at: from, range: Bytes::new() })
    }
}

/// Returns the metadata of an object.
pub(crate) fn head(client: &Arc<Client>, key: &Key) -> io::Result<ObjectMeta> {
    client.request(Operation::Head, key, |store, key| async move { store.head(&key).await })
}

impl Read for Reader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.range.is_empty() {
            if self.at >= self.len {
                self.len = head(&self.client, &self.key)?.size;
            }
            if self.at >= self.len || out.is_empty() {
                return Ok(0);
            }
            let range = self.at..self.len.min(self.at + RANGE);
            self.range = self.client.request(Operation::Get, &self.key, move |store, key| {
                let range = range.clone();
                async move { store.get_range(&key, range).await }
            })?;
            self.at += self.range.len() as u64;
        }
        let len = out.len().min(self.range.len());
        self.range.copy_to_slice(&mut out[..len]);
        Ok(len)
    }
}
