//! Reads event files of every writer: this crate, torch, tensorboardX, TensorFlow and Keras.
//!
//! ```
//! use tfevents::SummaryWriter;
//! use tfevents::read::LogDir;
//!
//! # let dir = tempfile::tempdir()?;
//! let writer = SummaryWriter::new(dir.path().join("train"))?;
//! for step in 0..3 {
//!     writer.add_scalar("loss", 0.5, step);
//! }
//! writer.close()?;
//!
//! for run in LogDir::open(dir.path())?.runs() {
//!     for point in run.scalars("loss")?.iter() {
//!         println!("{} at step {}: {}", run.name(), point.step, point.value);
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | task | type |
//! |---|---|
//! | find the runs of a log directory, and what changes | [`LogDir`] |
//! | read scalars, images, histograms, … of a run by tag | [`Run`] |
//! | list tags with counts, steps and last values | [`RunIndex`] |
//! | find out whether a run is live, and how it ended | [`RunStatus`] |
//! | keep the scalars of a growing run | [`RunScalars`] |
//! | visit everything in constant memory | [`Scan`] |
//! | choose which points of a restarted training count | [`Points`] |
//! | read raw events of a run, or of any stream of bytes | [`Events`], [`EventReader`] |

// Where is …
//
// - a record found and its checksums verified: `frame`; the next file of a run: `records`;
// - an event decoded in place: `decode`; the comparison with the last event of its tag: `template`;
// - a tag numbered: `tags`; its kind derived from its first value: `kind`;
// - a point superseded: `points`; columns cut: `scalars`, `series`;
// - a value decoded by its kind: `value`, then `media`, `numbers`, `plugins`, `tensor`;
// - the files of a run, and runs, read side by side: `parallel`;
// - a run found, sorted, followed: `logdir`; its end mark: `status`.

mod cuts;
mod decode;
mod error;
mod event;
mod file;
mod frame;
mod index;
mod kind;
mod logdir;
mod media;
mod metadata;
mod numbers;
mod parallel;
mod plugins;
mod points;
mod records;
mod run;
mod scalars;
mod scan;
mod series;
mod status;
mod tags;
mod template;
mod tensor;
#[cfg(test)]
mod tests;
mod value;

pub(crate) use decode::{RawEvent, RawValue};
pub use error::{ReadError, ReadErrorKind, ValueError};
pub use event::{Event, LogLevel, LogMessage, Payload, RunMetadata, SessionEvent, SessionLog};
pub use file::EventReader;
pub(crate) use file::Record;
pub use index::{RunIndex, TagIndex};
pub use kind::Kind;
pub use logdir::{Changes, LogDir};
pub use media::{AudioClips, Images, TextValue};
pub use metadata::Metadata;
pub use numbers::{HistogramBucket, HistogramValue, PrCurveValue};
pub use plugins::{
    ExperimentValue, GraphFormat, GraphValue, HParam, HParamsValue, LayoutCategory, LayoutChart,
    LayoutValue, MeshContent, MeshPart, MetricValue, SessionEnd, SessionStart, TrialStatus,
};
pub use points::Points;
pub use records::TruncatedRecord;
pub(crate) use records::event_files;
pub use run::{Events, Run};
pub use scalars::RunScalars;
pub use scan::{Entry, Scan};
pub use series::{Item, Point, Scalars, ScalarsIter, Series};
pub use status::{RunState, RunStatus};
pub use tags::{TagId, Tags};
pub use tensor::{DataType, TensorElement, TensorValue};
pub use value::{Value, ValueData};
