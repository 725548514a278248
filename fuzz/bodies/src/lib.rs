//! The bodies of the fuzz targets: each function takes the bytes of a fuzzer, and panics if the
//! library breaks a guarantee on them.
//!
//! `cargo fuzz run -s none TARGET` in the repository's root runs them. The corpora, and inputs that
//! failed once, lie in `fuzz/corpus` and `fuzz/regressions`, and `cargo test` replays both.

mod embedding;
mod files;
mod image_file;
mod onnx;
mod projector_config;
mod reader;
mod record;
mod round_trip;
mod scalar;
mod sessions;
mod side_by_side;

// Not public in the library: the same files, compiled here.
#[allow(dead_code, clippy::all)]
#[path = "../../../src/wire/mod.rs"]
mod wire;

#[allow(dead_code)]
#[path = "../../../src/summary/embedding/config.rs"]
mod projector;

pub use embedding::embedding;
pub use image_file::image_file;
pub use onnx::onnx;
pub use projector_config::projector_config;
pub use reader::reader;
pub use round_trip::round_trip;
pub use scalar::scalar;
pub use sessions::sessions;

/// A body, by the name of its target.
pub type Body = fn(&[u8]);

/// Every target.
pub const TARGETS: &[(&str, Body)] = &[
    ("embedding", embedding),
    ("image_file", image_file),
    ("onnx", onnx),
    ("projector_config", projector_config),
    ("reader", reader),
    ("round_trip", round_trip),
    ("scalar", scalar),
    ("sessions", sessions),
];
