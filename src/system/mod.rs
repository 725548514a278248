//! What the machine gives: its name, a counter that is cheap to read, locks.

mod host;
mod lock;
mod ticks;

pub(crate) use host::host;
pub(crate) use lock::{Condvar, Mutex};
pub(crate) use ticks::Ticks;
