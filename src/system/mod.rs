//! The operating system and the processor: the host's name, processes, clocks, locks, and the `log`
//! facade where it must not panic, or must not repeat itself.

mod clock;
mod lock;
mod logging;
mod process;
mod ticks;

#[cfg(feature = "profile")]
pub(crate) use clock::{Reading, Scale, TickClock};
pub(crate) use clock::{WallClock, unix_seconds};
pub(crate) use lock::{Condvar, Mutex};
#[cfg(feature = "callbacks")]
pub(crate) use logging::WarnOnce;
pub(crate) use logging::{Causes, log_guarded, warn_once};
pub(crate) use process::{Process, host, is_running};
pub(crate) use ticks::Ticks;
