//! A progress bar, or a line per epoch where the output is no terminal.

use indicatif::{ProgressBar, ProgressStyle};

pub struct Progress {
    bar: ProgressBar,
    epochs: usize,
}

impl Progress {
    pub fn new(epochs: usize, batches: usize) -> Self {
        let bar = ProgressBar::new((epochs * batches) as u64);
        let template = "{elapsed:>4} {wide_bar} {percent:>3} %  {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar, epochs }
    }

    pub fn batch(&self) {
        self.bar.inc(1);
    }

    pub fn epoch(&self, epoch: usize, loss: f32, accuracy: f32) {
        let line = format!(
            "epoch {}/{}, validation: loss {loss:.4}, accuracy {:.2} %",
            epoch + 1,
            self.epochs,
            100.0 * accuracy
        );
        if self.bar.is_hidden() {
            println!("{line}");
        } else {
            self.bar.set_message(line);
        }
    }

    pub fn finish(self) {
        self.bar.finish();
    }
}
