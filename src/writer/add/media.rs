//! Images and text.

use crate::SummaryWriter;
use crate::summary::{Image, Step, Text};

impl SummaryWriter {
    /// Logs an image: the Images dashboard.
    ///
    /// Pixels are encoded as PNG in this call; [`hand_over`](Self::hand_over) does it behind it.
    ///
    /// ```
    /// use tfevents::Image;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let pixels = [255, 0, 0, 0, 0, 255]; // a red and a blue one
    /// writer.add_image("input", &Image::rgb8(2, 1, &pixels)?, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_image(&self, tag: &str, image: &Image, step: impl Step) {
        self.add(tag, image, step);
    }

    /// Logs markdown: the Text dashboard.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// writer.add_text("config", "| key | value |\n|---|---|\n| epochs | 10 |", 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_text(&self, tag: &str, markdown: &str, step: impl Step) {
        self.add(tag, &Text::new(markdown), step);
    }
}
