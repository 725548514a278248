//! Writes the logs of batches, epochs and tests as scalars.

use super::TensorBoard;
use crate::callbacks::context::Context;
use crate::callbacks::logs::{LogValue, Logs};
use crate::summary::Mode;
use crate::system::WarnOnce;
use crate::writer::{BestScalar, ScalarHandle, SummaryWriter};
use std::sync::Arc;
use std::time::Instant;

/// Writes the logs of batches, with handles that are kept from batch to batch.
#[derive(Debug, Default)]
pub(super) struct BatchScalars {
    handles: Vec<(Arc<str>, ScalarHandle)>,
    begun: Option<Instant>,
}

impl BatchScalars {
    #[inline]
    pub(super) fn begin(&mut self, timed: bool) {
        if timed {
            self.begun = Some(Instant::now());
        }
    }

    pub(super) fn write(
        &mut self,
        writer: &SummaryWriter,
        logs: &Logs,
        step: u64,
        warned: &WarnOnce,
    ) {
        if let Some(begun) = self.begun {
            writer.add_scalar(
                "batch_steps_per_second",
                begun.elapsed().as_secs_f64().recip(),
                step,
            );
        }
        for (index, (name, value)) in logs.entries().iter().enumerate() {
            let Some(number) = number(name, value, warned) else { continue };
            let known = self.handles.get(index).is_some_and(|(old, _)| Arc::ptr_eq(old, name));
            if !known {
                // Names keep their indices, so this is rare.
                self.handles.truncate(index);
                let more = logs.entries()[self.handles.len()..].iter();
                self.handles.extend(
                    more.map(|(name, _)| (name.clone(), writer.scalar(&format!("batch_{name}")))),
                );
            }
            self.handles[index].1.add(number, step);
        }
    }
}

/// Writes the best values of epochs' logs.
#[derive(Debug)]
pub(super) struct BestScalars {
    names: Vec<(String, Mode)>,
    /// One for each name, once a training has begun.
    handles: Vec<BestScalar>,
}

impl BestScalars {
    pub(super) fn new(names: Vec<(String, Mode)>) -> Self {
        Self { names, handles: Vec::new() }
    }

    /// Forgets the values of an earlier training.
    pub(super) fn restart(&mut self) {
        self.handles.clear();
    }

    pub(super) fn write(
        &mut self,
        writer: &SummaryWriter,
        logs: &Logs,
        epoch: usize,
        warned: &WarnOnce,
    ) {
        if self.handles.is_empty() {
            let handle = |(name, mode): &(String, Mode)| writer.best_scalar(name, *mode);
            self.handles = self.names.iter().map(handle).collect();
        }
        for ((name, _), handle) in self.names.iter().zip(&self.handles) {
            match logs.get_f64(name) {
                Some(value) => {
                    handle.add(value, epoch);
                }
                None => warned.warn(("best", name), || {
                    format!("the best {name:?} is not logged: epoch {epoch} has no such value")
                }),
            }
        }
    }
}

/// Returns the value if it is a number, and logs a warning otherwise.
fn number(name: &str, value: &LogValue, warned: &WarnOnce) -> Option<f64> {
    let number = value.as_f64();
    if number.is_none() {
        warned.warn(name, || {
            format!("{name:?} is left out of TensorBoard: {value:?} is not a number")
        });
    }
    number
}

impl TensorBoard {
    /// Writes the logs of an epoch.
    pub(super) fn write_epoch(&mut self, context: &Context<'_>, epoch: usize) {
        let logs = context.logs();
        // Keras writes nothing for an epoch without logs.
        if logs.is_empty() {
            return;
        }
        for (name, value) in logs {
            if name.starts_with("val_") || name == "learning_rate" {
                continue;
            }
            if let Some(number) = number(name, value, &self.warned) {
                self.train.add_scalar(&format!("epoch_{name}"), number, epoch);
            }
        }
        if let Some(rate) = context.learning_rate().or_else(|| logs.get_f64("learning_rate")) {
            self.train.add_scalar("epoch_learning_rate", rate, epoch);
        }
        if let Some((begun, iterations)) = self.epoch_begun {
            let iterations = context.iterations().saturating_sub(iterations);
            let rate = iterations as f64 / begun.elapsed().as_secs_f64();
            self.train.add_scalar("epoch_steps_per_second", rate, epoch);
        }
        for (name, value) in logs {
            let Some(name) = name.strip_prefix("val_") else { continue };
            if let Some(number) = number(name, value, &self.warned) {
                self.validation.add_scalar(&format!("epoch_{name}"), number, epoch);
            }
        }
    }

    /// Writes the logs of a test.
    pub(super) fn write_test(&mut self, context: &Context<'_>) {
        let iterations = context.iterations();
        for (name, value) in context.logs() {
            if let Some(number) = number(name, value, &self.warned) {
                let tag = format!("evaluation_{name}_vs_iterations");
                self.validation.add_scalar(&tag, number, iterations);
            }
        }
    }
}
