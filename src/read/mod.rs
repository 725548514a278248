//! Reads event files back: those of this crate, of TensorFlow, torch and others.
//!
//! ```
//! use tfevents::SummaryWriter;
//! use tfevents::read::RunReader;
//!
//! # let dir = tempfile::tempdir()?;
//! let writer = SummaryWriter::new(dir.path())?;
//! for step in 0..3 {
//!     writer.add_scalar("loss", 0.5, step);
//! }
//! writer.close()?;
//!
//! for event in RunReader::open(dir.path())? {
//!     let event = event?;
//!     for value in event.values() {
//!         if let Some(scalar) = value.scalar() {
//!             println!("{} at step {}: {scalar}", value.tag(), event.step());
//!         }
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod event;
mod file;
mod older;
mod run;
mod scalar;
mod tensor;
mod value;

pub use error::{ReadError, ReadErrorKind};
pub use event::{Event, LogMessage, Payload, RunMetadata, SessionEvent, SessionLog};
pub use file::EventReader;
pub use older::{AudioValue, HistogramValue, ImageValue};
pub(crate) use run::event_files;
pub use run::{Point, RunReader, TruncatedRecord};
pub use tensor::{DataType, TensorElement, TensorValue};
pub use value::{Value, ValueData};
