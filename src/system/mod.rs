//! What the machine provides: its name, processes, a counter that is cheap to read, locks, and the
//! `log` facade where it must not panic, or must not repeat itself.

mod host;
mod lock;
mod logging;
mod process;
mod ticks;
mod time;
mod warn_once;

pub(crate) use host::host;
pub(crate) use lock::{Condvar, Mutex};
pub(crate) use logging::log_guarded;
pub(crate) use process::{Process, is_running};
pub(crate) use ticks::Ticks;
pub(crate) use time::unix_seconds;
pub(crate) use warn_once::warn_once;
