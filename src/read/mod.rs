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

mod event;
mod file;
mod run;

pub use event::{Event, Payload, TensorValue, Value};
pub use file::{EventReader, ReadError};
pub use run::{Point, RunReader};
