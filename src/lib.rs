//! TensorBoard logging for Rust training loops.
//!
//! ```
//! use tfevents::SummaryWriter;
//!
//! # let dir = tempfile::tempdir()?;
//! # let logdir = dir.path();
//! let writer = SummaryWriter::new(logdir)?; // such as "runs/mlp"
//! for step in 0..100 {
//!     let loss = 1.0 / (step + 1) as f32;
//!     writer.add_scalar("train/loss", loss, step);
//! }
//! writer.close()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Then `tensorboard --logdir runs` shows the curve.
//!
//! # A tour
//!
//! - [`SummaryWriter`] logs into one directory, which TensorBoard calls a run.
//!   [`SummaryWriter::child_run`] opens child runs, such as one for validation.
//!   [`SummaryWriter::builder`] has the settings.
//! - What can be logged: [scalars](SummaryWriter::add_scalar), [`Histogram`]s, [`Image`]s and
//!   what is drawn on them, videos, [`Audio`], [text](SummaryWriter::add_text), [`Graph`]s with
//!   [their costs](SummaryWriter::add_graph_costs) and [layers](summary::KerasModel), [`Tensor`]s,
//!   [precision-recall curves](SummaryWriter::add_pr_curve), [meshes](SummaryWriter::add_mesh),
//!   [several scalars in one chart](SummaryWriter::add_scalars),
//!   [hyperparameters](SummaryWriter::add_hparams), [embeddings](Embedding). Most are
//!   kinds of [`Summary`](summary::Summary), a trait that you can implement for kinds of your own.
//! - A tag that is logged often can be had as a [handle](SummaryWriter::scalar). What takes long
//!   to encode can be [handed over](SummaryWriter::add_deferred) to another thread.
//! - [`SummaryWriter::add_parameters`] logs the weights or gradients of any model. For burn and
//!   candle there are crates: `tfevents-burn`, `tfevents-candle`.
//! - [`callbacks`] are Keras's callbacks for loops in Rust: [`TensorBoard`][board]
//!   with the same tags and directories, [`EarlyStopping`][early] and more,
//!   called by your loop or by a [`TrainingLoop`][driver]. They need the feature `callbacks`.
//! - [`profile`] shows where the time of a training step goes: a [`Profiler`]'s traces are for the
//!   Profile dashboard. It needs the feature `profile`.
//! - [`read`] reads event files back, also those that others wrote.
//!
//! # What it promises
//!
//! - **Logging does not fail.** The constructors of what is logged check it and return typed
//!   errors; the `add_*` methods return nothing. What goes wrong later, with the disk say, is
//!   returned by [`flush`](SummaryWriter::flush) and [`close`](SummaryWriter::close), told once
//!   through the [`log`](https://docs.rs/log) facade, and counted: see [`Stats`].
//! - **Order.** Two calls of which one happened before the other lie in the file in that order,
//!   whatever threads made them.
//! - **In time.** An event is in the file at most one flush interval (1 s by default) after the
//!   call that logged it. After a `flush` that returns `Ok`, TensorBoard can read all that was
//!   logged before.
//! - **Bounded.** What waits to be written takes a bounded amount of memory (64 MiB by default).
//!   When it is full, a call waits for a stated time at most; then events are dropped and
//!   counted, and the run carries a note of it.
//! - **Whole files.** Whatever ends the process, each file is whole records and at most one truncated
//!   one at its end. A panic that unwinds loses nothing; [`std::process::exit`], a panic with
//!   `panic = "abort"`, a signal, and the end of `main` while the writer is in a `static` lose
//!   what was logged since the last flush, one interval at most: no destructor runs there, so
//!   [`close`](SummaryWriter::close) the writer before. [`Durability`] is about power cuts.
//!
//! # A training that goes on
//!
//! [`resume_at`](SummaryWriterBuilder::resume_at) a step, or [`resume`](SummaryWriterBuilder::resume)
//! behind the last, and the curves of both sessions are one. [`compact()`] makes one file of a run,
//! without the points that no longer count.
//!
//! # What TensorBoard does with it
//!
//! - Values of scalars are `f32`: its data server drops doubles.
//! - It keeps a sample of each series: 1000 scalars, 10 images. `--samples_per_plugin
//!   scalars=100000,images=100` shows more. Nothing is missing in the file.
//! - Where steps of a tag go back, it drops the points in between.
//! - Within a run a tag holds one kind of summary, that of its first value.
//!
//! # Features
//!
//! All are off by default.
//!
//! | feature | what it adds |
//! |---|---|
//! | `callbacks` | Keras's [`callbacks`]; brings `profile` along |
//! | `half` | `f16` and `bf16` wherever numbers are logged |
//! | `image` | pictures of the `image` crate as [`Image`]s |
//! | `ndarray` | arrays as histograms, images, meshes and tensors |
//! | `onnx` | graphs of models in the ONNX format |
//! | `plotters` | figures drawn with plotters as [`Image`]s |
//! | `profile` | traces of where the time goes, by a [`Profiler`] |
//! | `progress` | a progress bar among the [`callbacks`] |
//! | `serde` | hyperparameters from any config that can be serialized |
//! | `tracing` | spans of `tracing` in the [`profile`]r's traces |
//! | `video` | frames as an animated GIF |
//!
//! [`callbacks`]: https://docs.rs/tfevents/latest/tfevents/callbacks/
//! [board]: https://docs.rs/tfevents/latest/tfevents/callbacks/struct.TensorBoard.html
//! [early]: https://docs.rs/tfevents/latest/tfevents/callbacks/struct.EarlyStopping.html
//! [driver]: https://docs.rs/tfevents/latest/tfevents/callbacks/struct.TrainingLoop.html
//! [`profile`]: https://docs.rs/tfevents/latest/tfevents/profile/
//! [`Profiler`]: https://docs.rs/tfevents/latest/tfevents/profile/struct.Profiler.html

#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(unsafe_code)]

#[cfg(feature = "callbacks")]
pub mod callbacks;
mod engine;
#[cfg(feature = "profile")]
pub mod profile;
pub mod read;
mod storage;
pub mod summary;
mod system;
mod wire;
mod writer;

#[cfg(feature = "callbacks")]
pub use callbacks::{Callback, CallbackList};
#[cfg(feature = "profile")]
pub use profile::Profiler;
pub use summary::{Audio, Embedding, Graph, Histogram, Image, Tensor, Text, WallTime};
pub use writer::{
    CompactReport, DropCounts, Durability, Error, Overflow, ScalarHandle, Stats, SummaryWriter,
    SummaryWriterBuilder, compact,
};

/// The README's example compiles.
#[cfg(all(doctest, feature = "callbacks"))]
#[doc = include_str!("../README.md")]
struct Readme;

/// So do those of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../docs/other-frameworks.md")]
struct OtherFrameworks;

/// And those for users of Python's writers.
#[cfg(all(doctest, feature = "onnx", feature = "plotters", feature = "video"))]
#[doc = include_str!("../docs/migrating.md")]
struct Migrating;
