//! The best value of a series.

use super::{ScalarHandle, SummaryWriter};
use crate::summary::{Mode, Number, Step};
use crate::system::{Mutex, warn_once};
use std::sync::Arc;

/// A handle for logging the best value of a series, created by [`SummaryWriter::best_scalar`].
///
/// It logs a value only if it is better than all before it, with `best/` in front of the tag. So the
/// last point is the best one, which the HParams dashboard shows in its table. Clones share the best
/// value.
///
/// ```
/// use tfevents::Mode;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let best = writer.best_scalar("val_loss", Mode::Min);
/// for (epoch, loss) in [0.5, 0.3, 0.4].into_iter().enumerate() {
///     writer.add_scalar("val_loss", loss, epoch);
///     if best.add(loss, epoch) {
///         // save the model
///     }
/// }
/// assert_eq!(best.best(), Some(0.3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct BestScalar {
    handle: ScalarHandle,
    /// `None` if neither the mode nor the tag says which values are better.
    higher_is_better: Option<bool>,
    best: Arc<Mutex<Option<f64>>>,
}

impl SummaryWriter {
    /// Returns a handle that logs the best value of a series with the tag `best/{tag}`.
    ///
    /// [`Mode::Auto`] decides by the tag. If that does not say which values are better, a warning is
    /// logged once through the `log` facade, and the handle logs nothing.
    ///
    /// ```
    /// use tfevents::Mode;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let best = writer.best_scalar("accuracy", Mode::Auto);
    /// assert!(best.add(0.5, 0));
    /// assert!(!best.add(0.25, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn best_scalar(&self, tag: &str, mode: Mode) -> BestScalar {
        let higher_is_better = mode.higher_is_better(tag);
        if higher_is_better.is_none() {
            warn_once(("best", tag), || {
                format!(
                    "the best {tag:?} is not logged: Mode::Auto (expected Mode::Min or Mode::Max, as \
                     the tag does not say which is better)"
                )
            });
        }
        let handle = self.scalar(&format!("best/{tag}"));
        BestScalar { handle, higher_is_better, best: Arc::default() }
    }
}

impl BestScalar {
    /// Sets the best value so far, for a training that continues an earlier one. Default: none.
    ///
    /// ```
    /// use tfevents::Mode;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let best = writer.best_scalar("val_loss", Mode::Min).initial(0.3);
    /// assert!(!best.add(0.4, 10));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn initial(self, best: impl Number) -> Self {
        *self.best.lock() = Some(best.to_f64()).filter(|best| !best.is_nan());
        self
    }

    /// Logs the value if it is better than all before it, and returns whether it is. NaN never is.
    ///
    /// A [disabled](SummaryWriter::disabled) writer's handle compares the values too.
    pub fn add(&self, value: impl Number, step: impl Step) -> bool {
        let new = value.to_f64();
        let mut best = self.best.lock();
        let better = match (self.higher_is_better, *best) {
            (Some(true), Some(best)) => new > best,
            (Some(false), Some(best)) => new < best,
            (Some(_), None) => !new.is_nan(),
            (None, _) => false,
        };
        if better {
            *best = Some(new);
            // Locked meanwhile, so that the last point is the best.
            self.handle.add(value, step);
        }
        better
    }

    /// Returns the best value so far.
    pub fn best(&self) -> Option<f64> {
        *self.best.lock()
    }
}
