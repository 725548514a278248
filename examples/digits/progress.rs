//! A progress bar, or a line per epoch where the output is no terminal: a user-defined callback.
//! The crate has one too, behind its feature `progress`.

use indicatif::{ProgressBar, ProgressStyle};
use tfevents::callbacks::{Callback, CallbackResult, Context};

#[derive(Default)]
pub struct Progress {
    bar: Option<ProgressBar>,
}

impl Callback for Progress {
    fn on_train_batch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        let all = context.epochs().unwrap_or(0) * context.batches().unwrap_or(0);
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::new(all as u64);
            let template = "{elapsed:>4} {wide_bar} {percent:>3} %  {msg}";
            ProgressStyle::with_template(template)
                .map_or(bar.clone(), |style| bar.with_style(style))
        });
        bar.inc(1);
        Ok(())
    }

    fn on_epoch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        let value = |name| context.logs().get_f64(name).unwrap_or(f64::NAN);
        let line = format!(
            "epoch {}/{}, validation: loss {:.4}, accuracy {:.2} %",
            context.epoch() + 1,
            context.epochs().unwrap_or(0),
            value("val_loss"),
            100.0 * value("val_accuracy"),
        );
        match &self.bar {
            Some(bar) if !bar.is_hidden() => bar.set_message(line),
            _ => println!("{line}"),
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
