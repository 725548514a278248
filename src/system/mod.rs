//! The operating system and the processor: the host's name, processes, clocks, locks, and the `log` facade where it must not panic, or must not repeat itself.

mod clock;
mod host;
mod lock;
mod logging;
mod process;
mod ticks;
mod warn_once;

#[cfg(feature = "profile")]
pub(crate) use clock::{Reading, Scale, TickClock};
pub(crate) use clock::{WallClock, unix_seconds};
pub(crate) use host::host;
pub(crate) use lock::{Condvar, Mutex};
pub(crate) use logging::log_guarded;
pub(crate) use process::{Process, is_running};
pub(crate) use ticks::Ticks;
pub(crate) use warn_once::warn_once;
