//! The time that events are stamped with.

use crate::summary::WallTime;
use std::fmt;
use std::sync::Arc;

/// Where wall times come from.
#[derive(Clone, Default)]
pub(super) enum Clock {
    #[default]
    System,
    Custom(Arc<dyn Fn() -> WallTime + Send + Sync>),
}

impl Clock {
    #[inline]
    pub(super) fn now(&self) -> WallTime {
        match self {
            Clock::System => WallTime::now(),
            Clock::Custom(now) => now(),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Clock::System => "System",
            Clock::Custom(_) => "Custom",
        })
    }
}
