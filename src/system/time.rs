//! Times as TensorBoard has them.

use std::time::{SystemTime, UNIX_EPOCH};

/// Returns a time as seconds since 1970, negative before.
pub(crate) fn unix_seconds(time: SystemTime) -> f64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_secs_f64(),
        Err(before) => -before.duration().as_secs_f64(),
    }
}
