//! Reads event files back: those of this crate, of TensorFlow, torch and others.
//!
//! ```
//! use tfevents::SummaryWriter;
//! use tfevents::read::Run;
//!
//! # let dir = tempfile::tempdir()?;
//! let writer = SummaryWriter::new(dir.path())?;
//! for step in 0..3 {
//!     writer.add_scalar("loss", 0.5, step);
//! }
//! writer.close()?;
//!
//! for event in Run::open(dir.path())?.events() {
//!     let event = event?;
//!     for value in event.values() {
//!         if let Some(scalar) = value.scalar() {
//!             println!("{} at step {}: {scalar}", value.tag(), event.step());
//!         }
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
mod plugins;
mod points;
mod records;
mod run;
mod scalars;
mod scan;
mod series;
mod status;
mod tags;
mod tensor;
#[cfg(test)]
mod tests;
mod value;

pub use error::{ReadError, ReadErrorKind, ValueError};
pub use event::{Event, LogMessage, Payload, RunMetadata, SessionEvent, SessionLog};
pub use file::EventReader;
pub use index::{RunIndex, TagIndex};
pub use kind::Kind;
pub use logdir::{Changes, LogDir};
pub use media::{AudioClips, Images, TextValue};
pub use metadata::Metadata;
pub use numbers::{HistogramBucket, HistogramValue, PrCurveValue};
pub use plugins::{
    ExperimentValue, GraphFormat, GraphValue, HParam, HParamsValue, LayoutCategory, LayoutChart,
    LayoutValue, MeshContent, MeshPart, MetricValue, SessionEnd, SessionOutcome, SessionStart,
};
pub use points::Points;
pub use records::TruncatedRecord;
pub(crate) use records::event_files;
pub use run::{Events, Run};
pub use scalars::RunScalars;
pub use scan::{Entry, Scan};
pub use series::{Item, Point, Scalars, Series};
pub use status::{RunState, RunStatus};
pub use tags::{TagId, Tags};
pub use tensor::{DataType, TensorElement, TensorValue};
pub use value::{Value, ValueData};
