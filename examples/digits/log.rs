//! Text and images that are logged besides the scalars of the callback.

use crate::canvas::Canvas;
use crate::data::Digits;
use crate::plots;
use crate::training::Training;
use tfevents::callbacks::{BoxError, Callback, CallbackResult, Context};
use tfevents::{Image, SummaryWriter};

/// Logs the settings of the training as a table.
pub fn settings(writer: &SummaryWriter, settings: &[(&str, String)]) {
    let mut table = String::from("| setting | value |\n|---|---|\n");
    for (name, value) in settings {
        table += &format!("| {name} | {value} |\n");
    }
    writer.add_text("settings", &table, 0);
}

/// Logs images after each epoch: wrongly classified digits, and the confusion matrix.
pub struct Pictures {
    writer: SummaryWriter,
    digits: Digits,
}

impl Pictures {
    pub fn new(writer: &SummaryWriter, digits: &Digits) -> Self {
        Self { writer: writer.clone(), digits: digits.clone() }
    }
}

impl Callback for Pictures {
    fn on_epoch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        let epoch = context.epoch();
        let training: &mut Training = context.model_as().ok_or("this is no training of digits")?;
        let mistakes = plots::mistakes(&self.digits, &training.predictions);
        let matrix = plots::confusion_matrix(&self.digits.labels, &training.predictions);
        self.writer.add_image("mistakes", &image(&mistakes)?, epoch);
        self.writer.add_image("confusion_matrix", &image(&matrix)?, epoch);
        Ok(())
    }
}

fn image(canvas: &Canvas) -> Result<Image, BoxError> {
    Ok(Image::rgb8(canvas.width, canvas.height, &canvas.pixels)?)
}
