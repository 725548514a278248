//! Images, videos, sound, text, precision-recall curves and meshes.

use crate::summary::{Audio, Image, Mesh, PrCurve, Step, Text};
use crate::system::warn_once;
use crate::writer::SummaryWriter;

impl SummaryWriter {
    /// Logs an image for the Images dashboard.
    ///
    /// This call encodes the pixels as PNG. [`add_deferred`](Self::add_deferred) encodes them on
    /// another thread.
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
    #[doc(alias("add_figure", "add_image_with_boxes"))]
    pub fn add_image(&self, tag: &str, image: &Image, step: impl Step) {
        self.add(tag, image, step);
    }

    /// Logs several images with one tag and step. The Images dashboard shows one at a time, with a
    /// selector; [`Image::grid`] shows them side by side.
    ///
    /// Without any image nothing is written but a warning through the `log` facade, once for each
    /// tag.
    ///
    /// ```
    /// use tfevents::Image;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let inputs = [Image::gray8(2, 1, &[0, 255])?, Image::gray8(2, 1, &[255, 0])?];
    /// writer.add_images("inputs", &inputs, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_images<'a>(
        &self,
        tag: &str,
        images: impl IntoIterator<Item = &'a Image>,
        step: impl Step,
    ) {
        match Image::batch(images) {
            Ok(batch) => self.add(tag, &batch, step),
            Err(error) => warn_once((tag, "images"), || format!("{tag:?} is not logged: {error}")),
        }
    }

    /// Logs a short video for the Images dashboard, which plays it as an animated GIF. Needs the
    /// feature `video`.
    ///
    /// ```
    /// use tfevents::Image;
    /// use tfevents::summary::Video;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let frames = [0, 85, 170, 255].map(|gray| Image::gray8(2, 1, &[gray, 255 - gray]));
    /// let frames = frames.into_iter().collect::<Result<Vec<_>, _>>()?;
    /// writer.add_video("fading", &Video::new(10.0, &frames)?, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "video")]
    pub fn add_video(&self, tag: &str, video: &crate::summary::Video, step: impl Step) {
        self.add(tag, video, step);
    }

    /// Logs sound for the Audio dashboard.
    ///
    /// ```
    /// use tfevents::Audio;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let samples = [0.0f32, 0.5, 0.0, -0.5].repeat(1000); // a tone of 2 kHz
    /// writer.add_audio("voice", &Audio::new(8000, 1, &samples)?, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_audio(&self, tag: &str, audio: &Audio, step: impl Step) {
        self.add(tag, audio, step);
    }

    /// Logs Markdown for the Text dashboard.
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

    /// Logs a precision-recall curve for the PR Curves dashboard.
    ///
    /// ```
    /// use tfevents::summary::PrCurve;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let labels = [true, false, true, false];
    /// let predictions = [0.9f32, 0.6, 0.5, 0.1];
    /// writer.add_pr_curve("validation", &PrCurve::new(&labels, &predictions)?, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// To log the curves of several classes, pass the result of
    /// [`PrCurveBuilder::build_per_class`](crate::summary::PrCurveBuilder::build_per_class) to
    /// [`add`](Self::add).
    #[doc(alias = "add_pr_curve_raw")]
    pub fn add_pr_curve(&self, tag: &str, curve: &PrCurve, step: impl Step) {
        self.add(tag, curve, step);
    }

    /// Logs points in space, with faces and colors if it has them, for the Mesh dashboard.
    ///
    /// ```
    /// use tfevents::summary::Mesh;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let corners = [[0.0f32, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
    /// writer.add_mesh("triangle", &Mesh::builder(&corners).faces(&[[0, 1, 2]]).build()?, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_mesh(&self, tag: &str, mesh: &Mesh, step: impl Step) {
        self.add(tag, mesh, step);
    }
}
