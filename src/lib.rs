//! TensorBoard logging for Rust training loops.

pub mod summary;
mod wire;

pub use summary::{Tensor, Text, WallTime};
