//! Shows the progress of the training on the terminal.

use super::callback::Callback;
use super::context::Context;
use super::error::CallbackResult;
use super::logs::Logs;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// The minimum time between two redraws.
const REDRAW_INTERVAL: Duration = Duration::from_millis(50);

/// Shows a progress bar per epoch on standard error, or a line per epoch if that is no terminal,
/// as Keras's `ProgbarLogger`.
///
/// It is drawn at most 20 times a second. As in Keras, validations have no bar of their own.
///
/// The length of an epoch comes from [`CallbackList::set_params`](super::CallbackList::set_params)
/// or the [`TrainingLoop`](super::TrainingLoop).
///
/// ```
/// use tfevents::callbacks::{CallbackList, ProgressBar};
///
/// let mut callbacks = CallbackList::new().with_callback(ProgressBar::new());
/// callbacks.set_params(10, Some(100));
/// ```
#[derive(Debug, Default)]
#[doc(alias = "ProgbarLogger")]
pub struct ProgressBar {
    bar: Option<indicatif::ProgressBar>,
    drawn: Option<Instant>,
}

impl ProgressBar {
    /// Creates a progress bar, which is drawn from the first batch on.
    pub fn new() -> Self {
        Self::default()
    }

    fn epoch(context: &Context<'_>) -> String {
        let epoch = context.epoch().saturating_add(1);
        match context.epochs() {
            Some(epochs) => format!("epoch {epoch}/{epochs}"),
            None => format!("epoch {epoch}"),
        }
    }

    /// Returns whether it is time to draw again.
    fn is_due(&mut self) -> bool {
        let due = self.drawn.is_none_or(|drawn| drawn.elapsed() >= REDRAW_INTERVAL);
        if due {
            self.drawn = Some(Instant::now());
        }
        due
    }
}

/// Formats a number with 4 decimal places, or in scientific notation if these would hide it.
fn number_text(number: f64) -> String {
    if number == 0.0 || !number.is_finite() || number.abs() >= 1e-3 {
        return format!("{number:.4}");
    }
    let scientific = format!("{number:.4e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    // Such a number has a negative exponent, which Python writes with two digits.
    format!("{digits}e-{:0>2}", exponent.trim_start_matches('-'))
}

/// Formats the numbers of the logs.
fn values(logs: &Logs) -> String {
    let mut text = String::new();
    for (name, value) in logs {
        if let Some(number) = value.as_f64() {
            // Writing to a string does not fail.
            let _ = write!(text, "  {name} {}", number_text(number));
        }
    }
    text
}

impl Callback for ProgressBar {
    fn name(&self) -> &str {
        "ProgressBar"
    }

    fn on_train_batch_begin(&mut self, context: &mut Context<'_>) -> CallbackResult {
        if self.bar.is_some() {
            return Ok(());
        }
        let bar = match context.batches() {
            Some(batches) => indicatif::ProgressBar::new(batches as u64),
            None => indicatif::ProgressBar::new_spinner(),
        };
        let template = match context.batches() {
            Some(_) => "{prefix} {bar:24} {pos}/{len} {eta:>3} {msg}",
            None => "{prefix} {spinner} {pos} {elapsed:>3} {msg}",
        };
        bar.set_style(indicatif::ProgressStyle::with_template(template)?);
        bar.set_prefix(Self::epoch(context));
        self.drawn = None;
        self.bar = Some(bar);
        Ok(())
    }

    fn on_train_batch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        let due = self.is_due();
        if let Some(bar) = self.bar.as_ref().filter(|bar| due && !bar.is_hidden()) {
            bar.set_message(values(context.logs()));
            bar.set_position((context.batch() as u64).saturating_add(1));
        }
        Ok(())
    }

    fn on_epoch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        let values = values(context.logs());
        match self.bar.take().filter(|bar| !bar.is_hidden()) {
            Some(bar) => {
                bar.set_position(bar.length().unwrap_or(bar.position()));
                bar.finish_with_message(values);
            }
            // There is nowhere else to report that standard error is closed.
            None => drop(writeln!(std::io::stderr(), "{}{values}", Self::epoch(context))),
        }
        Ok(())
    }

    fn on_train_end(&mut self, _: &mut Context<'_>) -> CallbackResult {
        if let Some(bar) = self.bar.take() {
            bar.abandon();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_are_not_shown_as_zero() {
        for (number, text) in [
            (0.5, "0.5000"),
            (0.001, "0.0010"),
            (0.0, "0.0000"),
            (1.8e-5, "1.8e-05"),
            (-1.23456e-4, "-1.2346e-04"),
            (1e-7, "1e-07"),
            (9.99999e-4, "1e-03"),
            (3e-120, "3e-120"),
            (12345.678, "12345.6780"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(number_text(number), text);
        }
        assert_eq!(values(&Logs::from_iter([("lr", 1.8e-5)])), "  lr 1.8e-05");
    }
}
