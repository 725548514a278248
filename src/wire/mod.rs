//! The bytes of an event file: protobuf messages in records with checksums.
//!
//! Nothing here knows what a summary means or when it is written.

pub(crate) mod crc;
pub(crate) mod event;
pub(crate) mod json;
#[allow(dead_code, missing_docs, unreachable_pub, clippy::all)]
#[rustfmt::skip] // laid out by its generator
pub(crate) mod messages;
#[cfg(feature = "onnx")]
#[allow(dead_code, missing_docs, unreachable_pub, clippy::all)]
#[rustfmt::skip] // laid out by its generator
pub(crate) mod onnx;
pub(crate) mod protobuf;
pub(crate) mod record;
