//! Figures drawn with plotters.

use super::Image;
use super::canvas::Canvas;
use plotters::coord::Shift;
use plotters::prelude::{BitMapBackend, DrawingArea, IntoDrawingArea};
#[cfg(feature = "font")]
use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};
use std::error::Error;

/// More than a screen shows, and little enough to be allocated.
const MAX_SIDE: u32 = 1 << 14;

/// An error drawing a figure with [`Image::plot`]. Needs the feature `plotters`.
///
/// ```
/// use std::error::Error;
/// use tfevents::Image;
///
/// let error = Image::plot(100, 80, |_| Err("no data".into())).unwrap_err();
/// assert_eq!(error.to_string(), "cannot draw the figure");
/// assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("no data"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FigureError {
    /// A side is zero, or too long.
    #[error("invalid figure size: {width}x{height} pixels (expected 1 to {MAX_SIDE} on each side)")]
    #[non_exhaustive]
    Size {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The closure that draws the figure, or plotters, returned an error.
    ///
    /// plotters fails to draw text if it has no font: that needs the feature `font` of tfevents, or
    /// a font that was registered with `plotters::style::register_font`.
    #[error("cannot draw the figure")]
    Draw(#[source] Box<dyn Error + Send + Sync>),
}

impl Image {
    /// Creates an image that `draw` draws with [plotters](https://docs.rs/plotters), on a white
    /// area of `width` times `height` pixels. Needs the feature `plotters`.
    ///
    /// ```toml
    /// [dependencies]
    /// tfevents = { version = "0.1", features = ["font", "plotters"] }
    /// ```
    ///
    /// [`tfevents::plotters`](crate::plotters) is plotters in the right version, with the types of
    /// lines; for others add `plotters` to your dependencies, with `default-features = false` and
    /// the features that you need.
    ///
    /// No fonts of the system are used, so that no C library is needed. The feature `font` includes
    /// one for the names `sans-serif`, `serif` and `monospace`: the letters of Latin-1 and small
    /// Greek ones of DejaVu Sans, 30 KB under [its own license][font]. It does not replace a font
    /// that was registered with `plotters::style::register_font`, from a TTF or OTF file, before the
    /// first figure is drawn.
    ///
    /// [font]: https://github.com/tfevents/tfevents/blob/main/examples/data/DejaVuSans-Latin.LICENSE
    ///
    /// ```
    /// # #[cfg(feature = "font")] {
    /// use tfevents::Image;
    /// use tfevents::plotters::prelude::*;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let figure = Image::plot(320, 240, |area| {
    ///     let mut chart = ChartBuilder::on(area)
    ///         .margin(8)
    ///         .set_label_area_size(LabelAreaPosition::Left, 32)
    ///         .set_label_area_size(LabelAreaPosition::Bottom, 24)
    ///         .caption("Squares", ("sans-serif", 18))
    ///         .build_cartesian_2d(0..10, 0..100)?;
    ///     chart.configure_mesh().draw()?;
    ///     chart.draw_series(LineSeries::new((0..=10).map(|x| (x, x * x)), &RED))?;
    ///     Ok(())
    /// })?;
    /// writer.add_image("squares", &figure, 0);
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If a side is zero or longer than 16384, or `draw` fails.
    #[doc(alias("add_figure", "figure"))]
    pub fn plot(
        width: u32,
        height: u32,
        draw: impl FnOnce(
            &DrawingArea<BitMapBackend<'_>, Shift>,
        ) -> Result<(), Box<dyn Error + Send + Sync>>,
    ) -> Result<Self, FigureError> {
        if !((1..=MAX_SIDE).contains(&width) && (1..=MAX_SIDE).contains(&height)) {
            return Err(FigureError::Size { width, height });
        }
        #[cfg(feature = "font")]
        register_missing_fonts();
        let mut bytes = vec![255; width as usize * height as usize * 3];
        {
            let area = BitMapBackend::with_buffer(&mut bytes, (width, height)).into_drawing_area();
            draw(&area).map_err(FigureError::Draw)?;
            area.present().map_err(|error| FigureError::Draw(Box::new(error)))?;
        }
        Ok(Canvas::of_rgb(width, height, bytes).into_image())
    }
}

/// Registers the included font, once, for the families that have none.
#[cfg(feature = "font")]
fn register_missing_fonts() {
    static FONT: &[u8] = include_bytes!("../../../examples/data/DejaVuSans-Latin.ttf");
    static REGISTERED: std::sync::Once = std::sync::Once::new();
    REGISTERED.call_once(|| {
        for family in [FontFamily::SansSerif, FontFamily::Serif, FontFamily::Monospace] {
            let known = FontDesc::new(family, 10.0, FontStyle::Normal).layout_box("x").is_ok();
            // The file is a font, as a test shows: text would be drawn with an error otherwise.
            if !known && register_font(family.as_str(), FontStyle::Normal, FONT).is_err() {
                log::error!("the included font cannot be registered as {}", family.as_str());
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use plotters::prelude::*;

    #[test]
    fn drawn_pixels_are_in_the_image() {
        let figure = Image::plot(4, 3, |area| {
            area.draw_pixel((1, 0), &BLUE)?;
            area.draw_pixel((3, 2), &BLUE)?;
            Ok(())
        });
        let (w, b) = ([255; 3], [0, 0, 255]);
        let pixels = [w, b, w, w, w, w, w, w, w, w, w, b];
        assert_eq!(figure.unwrap(), Image::rgb8(4, 3, pixels.as_flattened()).unwrap());
    }

    #[test]
    #[cfg(feature = "font")]
    fn the_first_figure_has_a_font() {
        for family in ["sans-serif", "serif", "monospace"] {
            let figure = Image::plot(60, 20, |area| {
                area.draw_text("é", &TextStyle::from((family, 16)), (1, 1))?;
                Ok(())
            });
            let blank = Image::rgb8(60, 20, vec![255; 60 * 20 * 3]).unwrap();
            assert_ne!(figure.unwrap(), blank, "{family}");
        }
    }

    #[test]
    fn invalid_figures_are_refused() {
        for (width, height) in [(0, 5), (5, 0), (MAX_SIDE + 1, 5)] {
            let error = Image::plot(width, height, |_| Ok(())).unwrap_err();
            assert!(matches!(error, FigureError::Size { .. }), "{error}");
        }
        // No font of this name.
        let error = Image::plot(90, 40, |area| {
            let style = TextStyle::from(("never registered", 20));
            area.draw_text("text", &style, (1, 1))?;
            Ok(())
        });
        let error = error.unwrap_err();
        assert!(matches!(error, FigureError::Draw(_)), "{error}");
        fn check<T: Send + Sync + 'static>(_: &T) {}
        check(&error);
    }
}
