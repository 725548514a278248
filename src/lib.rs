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
//! # Overview
//!
//! - [`SummaryWriter`] logs into one directory, which TensorBoard calls a run.
//!   [`SummaryWriter::child_run`] opens child runs, such as one for validation, and
//!   [`SummaryWriter::builder`] changes the settings.
//! - A writer logs [scalars](SummaryWriter::add_scalar), [`Histogram`]s, [`Image`]s with boxes and
//!   labels, videos, [`Audio`], [text](SummaryWriter::add_text), [`Tensor`]s, [`Graph`]s with
//!   [their costs](SummaryWriter::add_graph_costs), [Keras models](summary::KerasModel),
//!   [precision-recall curves](SummaryWriter::add_pr_curve), [meshes](SummaryWriter::add_mesh),
//!   [several scalars in one chart](SummaryWriter::add_scalars),
//!   [hyperparameters](SummaryWriter::add_hparams) and [embeddings](Embedding). Most of these
//!   implement [`Summary`](summary::Summary), a trait that you can implement for types of your own.
//! - [`SummaryWriter::scalar`] returns a [`ScalarHandle`], the cheapest way to log one tag often.
//!   [`SummaryWriter::add_deferred`] encodes on another thread, for example images.
//! - [`SummaryWriter::add_parameters`] logs the weights or gradients of any model. The crates
//!   `tfevents-burn` and `tfevents-candle` do so for burn and candle; `tfevents-system` logs CPU,
//!   memory and GPUs, and `tfevents-metrics` what a program records through the `metrics` facade.
//! - [`callbacks`] has Keras's callbacks for training loops in Rust: [`TensorBoard`][board] with
//!   Keras's tags and directories, [`EarlyStopping`][early] and more. Your loop or a
//!   [`TrainingLoop`][driver] calls them. They need the feature `callbacks`.
//! - [`SummaryWriter::events`][events] logs the numbers of `tracing`'s events, in programs that are
//!   instrumented already. It needs the feature `tracing`. A [`StepSource`] has the current step for
//!   what logs beside a loop.
//! - [`SummaryWriter::describe`] and [`SummaryWriter::add_provenance`] log what a run is and where it
//!   came from, [`SummaryWriter::best_scalar`] the best value of a series.
//! - [`profile`] records where the time of a training step goes: a [`Profiler`] writes traces for
//!   TensorBoard's Profile dashboard. It needs the feature `profile`.
//! - [`read`] reads event files, whichever program wrote them.
//! - [`storage`] is where files are: the local file system, memory for tests, or a type of your own.
//!   The crate `tfevents-object-store` logs into S3, Google Cloud Storage and Azure.
//!
//! # Warnings
//!
//! Errors and warnings that occur after a call are logged through the [`log`](https://docs.rs/log) facade.
//! A program without a logger does not see it: install one at the beginning of `main`, such as
//! `env_logger::init();` of the crate `env_logger`, which shows errors, and with `RUST_LOG=warn` in the
//! environment warnings too.
//!
//! # Guarantees
//!
//! - **Logging does not fail.** Constructors check the data and return typed errors; the `add_*`
//!   methods return nothing. Later errors, such as those of the disk, are returned by
//!   [`flush`](SummaryWriter::flush) and [`close`](SummaryWriter::close), logged once through the
//!   [`log`](https://docs.rs/log) facade, and counted in [`Stats`].
//! - **Order.** If one call happened before another, its event comes first in the file, whichever
//!   threads made the calls.
//! - **Delay.** An event is in the file at most one flush interval (1 s by default) after the call
//!   that logged it. After a `flush` that returns `Ok`, TensorBoard can read everything that was
//!   logged before.
//! - **Bounded memory.** Events that are not yet written use a bounded amount of memory (64 MiB by
//!   default). While the buffer is full, a call waits for a limited time (1 s by default); then
//!   its event is dropped and counted, and the run gets a note of it. [`Overflow`] sets the policy.
//! - **Whole files.** However the process ends, each file consists of whole records and at most one
//!   truncated record at its end. A panic that unwinds loses nothing. [`std::process::exit`], a
//!   panic with `panic = "abort"`, a signal, and the end of `main` while the writer is in a
//!   `static` run no destructor, so they lose the events since the last flush (at most one flush
//!   interval): call [`close`](SummaryWriter::close) before. [`Durability`] covers power cuts.
//!
//! # Resuming a training
//!
//! [`resume_at`](SummaryWriterBuilder::resume_at) continues a run at a step, and
//! [`resume`](SummaryWriterBuilder::resume) after its last step, so that TensorBoard shows one curve
//! for both sessions. [`compact()`] merges the files of a run into one, without the points that a
//! resumed session replaced.
//!
//! # Logging from a library, and in tests
//!
//! A library takes a `&SummaryWriter` from its caller, and does not create one:
//!
//! ```
//! use tfevents::SummaryWriter;
//!
//! fn fit(epochs: u64, writer: &SummaryWriter) {
//!     for epoch in 0..epochs {
//!         writer.add_scalar("fit/loss", 1.0 / (epoch + 1) as f32, epoch);
//!     }
//! }
//!
//! fit(3, &SummaryWriter::disabled()); // logs nothing
//! ```
//!
//! A caller without logs passes [`SummaryWriter::disabled`], as ranks other than 0 of a distributed
//! training do. A test passes a writer of a temporary directory, and reads back what was logged:
//!
//! ```
//! use tfevents::SummaryWriter;
//! use tfevents::read::Run;
//!
//! # fn fit(epochs: u64, writer: &SummaryWriter) {
//! #     for epoch in 0..epochs {
//! #         writer.add_scalar("fit/loss", 1.0 / (epoch + 1) as f32, epoch);
//! #     }
//! # }
//! let dir = tempfile::tempdir()?;
//! let writer = SummaryWriter::new(dir.path())?;
//! fit(3, &writer);
//! writer.close()?;
//! let losses = Run::open(dir.path())?.scalars("fit/loss")?;
//! assert_eq!(losses.values(), [1.0, 0.5, 1.0 / 3.0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Limits of TensorBoard
//!
//! - Scalars are stored as `f32`, because TensorBoard's data server drops doubles.
//! - TensorBoard shows a sample of each series, for example 1000 scalars and 10 images per tag. The
//!   file has all of them: `--samples_per_plugin scalars=100000,images=100` shows more.
//! - Where the steps of a tag go back, TensorBoard drops the earlier points from that step on.
//! - Within a run, a tag has one kind of summary: the kind of its first value.
//!
//! # Platforms and async
//!
//! Linux, macOS and Windows, on processors of either byte order. For `wasm32-unknown-unknown` the
//! default features compile, and kinds of summaries and [`read::EventReader`] on bytes in memory work;
//! a [`SummaryWriter`] does not, because it needs a file system, a clock and threads.
//!
//! In async code, `add_*` methods can be called as they are: they wait only while the buffer is full
//! and [`Overflow`] says so. [`SummaryWriter::new`], `flush` and `close` wait for the disk, so call them
//! through `spawn_blocking` or the like.
//!
//! # Features
//!
//! All features are off by default.
//!
//! | Feature | Adds |
//! |---|---|
//! | `callbacks` | Keras's [`callbacks`]; enables `profile` |
//! | `font` | a font for figures drawn with `plotters`; enables `plotters` |
//! | `half` | `f16` and `bf16` of the crate `half` 2 wherever numbers are logged |
//! | `image` | conversions from the types of the crate `image` 0.25 to [`Image`] |
//! | `ndarray` | histograms, images, meshes and tensors from the arrays of `ndarray` 0.17 |
//! | `onnx` | [`Graph`]s from models in the ONNX format |
//! | `plotters` | figures drawn with `plotters` 0.3 as [`Image`]s |
//! | `profile` | traces of where the time goes, recorded by a [`Profiler`] |
//! | `progress` | a progress bar among the [`callbacks`]; enables `callbacks` |
//! | `serde` | hyperparameters from any config that implements `Serialize`; points, counters and reports as `Serialize` |
//! | `tracing` | spans of `tracing` in the traces of a [`Profiler`]; enables `profile` |
//! | `video` | videos, as animated GIFs |
//!
//! [`callbacks`]: https://docs.rs/tfevents/latest/tfevents/callbacks/
//! [board]: https://docs.rs/tfevents/latest/tfevents/callbacks/struct.TensorBoard.html
//! [early]: https://docs.rs/tfevents/latest/tfevents/callbacks/struct.EarlyStopping.html
//! [events]: https://docs.rs/tfevents/latest/tfevents/struct.SummaryWriter.html#method.events
//! [driver]: https://docs.rs/tfevents/latest/tfevents/callbacks/struct.TrainingLoop.html
//! [`profile`]: https://docs.rs/tfevents/latest/tfevents/profile/
//! [`Profiler`]: https://docs.rs/tfevents/latest/tfevents/profile/struct.Profiler.html

#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(unsafe_code)]

#[cfg(feature = "callbacks")]
pub mod callbacks;
mod engine;
// Only for reading: users do not compile it.
#[cfg(all(
    any(doc, doctest),
    feature = "callbacks",
    feature = "image",
    feature = "onnx",
    feature = "plotters",
    feature = "serde",
    feature = "tracing",
    feature = "video",
))]
pub mod guide;
#[cfg(feature = "profile")]
pub mod profile;
pub mod read;
pub mod storage;
pub mod summary;
mod system;
mod wire;
mod writer;

#[cfg(feature = "callbacks")]
pub use callbacks::{Callback, CallbackList};
#[cfg(feature = "plotters")]
#[doc(no_inline)]
pub use plotters;
#[cfg(feature = "profile")]
pub use profile::Profiler;
#[cfg(feature = "video")]
pub use summary::Video;
pub use summary::{
    Audio, ChartLayout, Deferred, Embedding, Experiment, Graph, GraphCosts, HParams, Histogram,
    Image, Mesh, Mode, PrCurve, PrCurves, Provenance, Tensor, Text, TrialStatus, WallTime,
};
pub use writer::{
    BestScalar, CompactReport, DropCounts, Durability, Error, Overflow, Rank, RankDirs,
    ScalarHandle, Stats, StepSource, SummaryWriter, SummaryWriterBuilder, compact, compact_on,
};
#[cfg(feature = "tracing")]
pub use writer::{EventLayer, TagPrefix};

/// Compiles the example in the README.
#[cfg(all(doctest, feature = "callbacks"))]
#[doc = include_str!("../README.md")]
struct Readme;
