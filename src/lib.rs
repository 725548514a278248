//! TensorBoard logging for Rust training loops: every dashboard, Keras's callbacks, and a training that
//! continues when the disk fails.
//!
//! ![Scalars, images and histograms of a training in TensorBoard](https://raw.githubusercontent.com/tfevents/tfevents/main/docs/digits.png)
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
//! Then `tensorboard --logdir runs` shows the curve, and so does `tfevents watch runs` in a terminal, which
//! needs no Python (`cargo install tfevents-cli`).
//!
//! # What to log, and how
//!
//! A [`SummaryWriter`] logs into one directory, which TensorBoard calls a run.
//!
//! | data | call | dashboard |
//! |---|---|---|
//! | a number per step | [`add_scalar`](SummaryWriter::add_scalar), [`scalar`](SummaryWriter::scalar) for loops that log often | Scalars, Time Series |
//! | several numbers in one chart | [`add_scalars`](SummaryWriter::add_scalars), [`add_custom_scalars`](SummaryWriter::add_custom_scalars) | Custom Scalars |
//! | many numbers, weights, gradients | [`add_histogram`](SummaryWriter::add_histogram) and [`Histogram`], [`add_parameters`](SummaryWriter::add_parameters) | Histograms, Distributions |
//! | images, grids, boxes, masks, figures, videos | [`add_image`](SummaryWriter::add_image) and [`Image`], [`add_images`](SummaryWriter::add_images) | Images |
//! | sound | [`add_audio`](SummaryWriter::add_audio) and [`Audio`] | Audio |
//! | text, tables, settings | [`add_text`](SummaryWriter::add_text), [`markdown`](summary::markdown) | Text |
//! | precision and recall | [`add_pr_curve`](SummaryWriter::add_pr_curve) and [`PrCurve`] | PR Curves |
//! | meshes, point clouds | [`add_mesh`](SummaryWriter::add_mesh) and [`Mesh`] | Mesh |
//! | hyperparameters, and how a training ended | [`trial`](SummaryWriter::trial) and [`HParams`] | HParams |
//! | vectors with labels and images | [`add_embedding`](SummaryWriter::add_embedding) and [`Embedding`] | Projector |
//! | graphs, layers, ONNX models | [`add_graph`](SummaryWriter::add_graph) and [`Graph`], [`KerasModel`](summary::KerasModel) | Graphs |
//! | where the time goes | [`Profiler`] | Profile |
//! | tensors, and kinds of your own | [`add`](SummaryWriter::add) and [`Tensor`], [`Summary`](summary::Summary) | |
//!
//! The [cookbook] has a recipe with a picture for each dashboard.
//!
//! # Tasks
//!
//! - **Compare training and validation**: [`child_run`](SummaryWriter::child_run) opens a run below another.
//! - **Keras's callbacks**: [`callbacks`] has [`TensorBoard`][board] with Keras's tags and directories,
//!   [`EarlyStopping`][early], checkpoints and more. Your loop or a [`TrainingLoop`][driver] calls them.
//! - **Port a script**: [from torch or tensorboardX][from_python], [from Keras][from_keras].
//! - **burn, candle, other frameworks**: the crates `tfevents-burn` and `tfevents-candle`;
//!   [`add_parameters`](SummaryWriter::add_parameters) [for others][other_frameworks].
//! - **Continue after a restart**: [`resume_at`](SummaryWriterBuilder::resume_at), see
//!   [below](#resuming-a-training).
//! - **Encode images in the background**: [`add_deferred`](SummaryWriter::add_deferred).
//! - **Log what `tracing` or `metrics` record**: [`SummaryWriter::events`][events] and the [guide][tracing];
//!   `tfevents-metrics`, and `tfevents-system` for CPU and GPUs, are in [another one][system_metrics].
//! - **Know where a run came from**: [`describe`](SummaryWriter::describe),
//!   [`add_provenance`](SummaryWriter::add_provenance), [`best_scalar`](SummaryWriter::best_scalar).
//! - **Log to S3, Google Cloud Storage or Azure, or from many ranks**: the crate `tfevents-object-store`, and the
//!   [guide][object_stores]. [`storage`] is the trait behind it.
//! - **Read runs back**: [`read`] and its [guide][reading]; the [command line][cli] has tables, charts and checks.
//! - **Find out why nothing is shown**: [troubleshooting].
//! - **Know what is guaranteed and what it costs**: [below](#guarantees), [guarantees], [performance], [platforms],
//!   and a [comparison] with other crates.
//!
//! # Warnings
//!
//! Errors and warnings that occur after a call are logged through the [`log`](https://docs.rs/log) facade.
//! A program without a logger does not see them: install one at the beginning of `main`, such as
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
//! | Feature | Adds | Crates |
//! |---|---|---|
//! | `callbacks` | Keras's [`callbacks`]; enables `profile` | none |
//! | `font` | a font for figures drawn with `plotters`; enables `plotters` | none |
//! | `half` | `f16` and `bf16` of the crate `half` 2 wherever numbers are logged | half |
//! | `image` | conversions from the types of the crate `image` 0.25 to [`Image`] | image, without its formats |
//! | `ndarray` | histograms, images, meshes and tensors from the arrays of `ndarray` 0.17 | ndarray |
//! | `onnx` | [`Graph`]s from models in the ONNX format | none |
//! | `plotters` | figures drawn with `plotters` 0.3 as [`Image`]s | plotters with `ab_glyph`, no C |
//! | `profile` | traces of where the time goes, recorded by a [`Profiler`] | none |
//! | `progress` | a progress bar among the [`callbacks`]; enables `callbacks` | indicatif |
//! | `serde` | hyperparameters from any config that implements `Serialize`; points, counters and reports as `Serialize` | serde |
//! | `tracing` | numbers in events of `tracing` as scalars, its spans in the traces of a [`Profiler`]; enables `profile` | tracing-core, tracing-subscriber |
//! | `video` | videos, as animated GIFs | gif |
//!
//! [cli]: guide::cli
//! [comparison]: guide::comparison
//! [cookbook]: guide::cookbook
//! [from_keras]: guide::from_keras
//! [from_python]: guide::from_python
//! [guarantees]: guide::guarantees
//! [object_stores]: guide::object_stores
//! [other_frameworks]: guide::other_frameworks
//! [performance]: guide::performance
//! [platforms]: guide::platforms
//! [reading]: guide::reading
//! [system_metrics]: guide::system_metrics
//! [tracing]: guide::tracing
//! [troubleshooting]: guide::troubleshooting
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
// Only for documentation; its examples need these features.
#[cfg(all(
    doc,
    any(
        not(doctest),
        all(
            feature = "callbacks",
            feature = "onnx",
            feature = "plotters",
            feature = "tracing",
            feature = "video",
        )
    )
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
