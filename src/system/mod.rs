//! What the machine says of itself: its name, and a counter that is cheap to read.

mod host;
mod ticks;

pub(crate) use host::host;
pub(crate) use ticks::Ticks;
