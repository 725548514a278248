//! The encoding of event files: protobuf messages in records with checksums.
//!
//! This folder depends on neither the meaning of a summary nor the time at which it is written.

#[macro_use]
mod codec;
pub(crate) mod crc;
pub(crate) mod event;
pub(crate) mod fields;
pub(crate) mod json;
#[allow(dead_code, missing_docs, unreachable_pub, clippy::all)]
#[rustfmt::skip] // formatted by its generator
pub(crate) mod messages;
#[cfg(feature = "onnx")]
#[allow(dead_code, missing_docs, unreachable_pub, clippy::all)]
#[rustfmt::skip] // formatted by its generator
pub(crate) mod onnx;
pub(crate) mod protobuf;
pub(crate) mod record;
