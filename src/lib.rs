//! TensorBoard logging for Rust training loops.

pub mod summary;
mod wire;
mod writer;

pub use summary::{Graph, Histogram, Image, Tensor, Text, WallTime};
pub use writer::{Error, ScalarHandle, Stats, SummaryWriter, SummaryWriterBuilder, WhenFull};
