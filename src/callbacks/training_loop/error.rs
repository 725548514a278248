//! The error of a training loop.

use crate::callbacks::error::{BoxError, CallbackError};
use crate::callbacks::history::History;
use std::error::Error;
use std::fmt;

/// An error of a [`TrainingLoop`](super::TrainingLoop): of a callback or of a closure, which is its
/// [`source`](Error::source).
///
/// ```
/// use std::error::Error;
/// use tfevents::callbacks::{CallbackList, TrainingLoop};
///
/// let mut training =
///     TrainingLoop::new(()).train(|_epoch| 0..10, |_, _, _| Err("the data is broken".into()));
/// let error = training.run(&mut CallbackList::new()).unwrap_err();
/// assert_eq!((error.epoch(), error.batch()), (Some(0), Some(0)));
/// assert_eq!(error.source().unwrap().to_string(), "the data is broken");
/// assert!(error.callback_error().is_none());
/// ```
#[derive(Debug)]
pub struct TrainingLoopError(Box<Failed>);

#[derive(Debug)]
struct Failed {
    cause: Failure,
    position: Position,
    history: History,
}

/// The error of a callback or a closure.
#[derive(Debug)]
pub(super) enum Failure {
    Callback(CallbackError),
    Closure(BoxError),
}

impl From<CallbackError> for Failure {
    fn from(error: CallbackError) -> Self {
        Failure::Callback(error)
    }
}

/// The part of the training that an error happened in.
#[derive(Clone, Copy, Debug)]
pub(super) enum At {
    Begin,
    Training,
    Validation,
    EpochEnd,
    End,
}

/// Where the loop is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    pub(super) at: At,
    pub(super) epoch: Option<usize>,
    pub(super) batch: Option<usize>,
}

impl TrainingLoopError {
    pub(super) fn new(cause: Failure, position: Position, history: History) -> Self {
        Self(Box::new(Failed { cause, position, history }))
    }

    /// Returns the epoch of the error, counted from 0; `None` before the first epoch and after the
    /// last.
    pub fn epoch(&self) -> Option<usize> {
        self.0.position.epoch
    }

    /// Returns the batch of the error within the epoch or its validation, counted from 0; `None`
    /// if it happened in no batch.
    pub fn batch(&self) -> Option<usize> {
        self.0.position.batch
    }

    /// Returns the error of the callback that failed; `None` if a closure failed.
    pub fn callback_error(&self) -> Option<&CallbackError> {
        match &self.0.cause {
            Failure::Callback(error) => Some(error),
            Failure::Closure(_) => None,
        }
    }

    /// Returns the values of the epochs that ended before the error.
    pub fn history(&self) -> &History {
        &self.0.history
    }

    /// Returns the values of the epochs that ended before the error, by value.
    pub fn into_history(self) -> History {
        self.0.history
    }
}

impl fmt::Display for TrainingLoopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { at, epoch, batch } = self.0.position;
        f.write_str(match at {
            At::Begin => "training failed before the first epoch",
            At::Training => "training failed",
            At::Validation => "validation failed",
            At::EpochEnd => "training failed at the end",
            At::End => "training failed after the last epoch",
        })?;
        match (batch, epoch) {
            (Some(batch), Some(epoch)) => write!(f, " in batch {batch} of epoch {epoch}"),
            (None, Some(epoch)) if matches!(at, At::EpochEnd) => write!(f, " of epoch {epoch}"),
            (None, Some(epoch)) => write!(f, " in epoch {epoch}"),
            (_, None) => Ok(()),
        }
    }
}

impl Error for TrainingLoopError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0.cause {
            Failure::Callback(error) => Some(error),
            Failure::Closure(error) => Some(&**error),
        }
    }
}
