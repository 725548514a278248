//! What is done with the bytes that a fuzzer makes up: each function panics if the library breaks a
//! promise on them.
//!
//! `cargo fuzz run -s none TARGET` in the repository's root feeds them. The corpus and whatever
//! once failed lie in `fuzz/corpus` and `fuzz/found`, and `cargo test` replays both.

mod image_file;
mod onnx;
mod reader;
mod round_trip;
mod scalar;

// Not public in the library: the same files, compiled here.
#[allow(dead_code, clippy::all)]
#[path = "../../../src/wire/mod.rs"]
mod wire;

pub use image_file::image_file;
pub use onnx::onnx;
pub use reader::reader;
pub use round_trip::round_trip;
pub use scalar::scalar;

/// A body, by the name of its target.
pub type Body = fn(&[u8]);

/// Every target.
pub const TARGETS: &[(&str, Body)] = &[
    ("image_file", image_file),
    ("onnx", onnx),
    ("reader", reader),
    ("round_trip", round_trip),
    ("scalar", scalar),
];
