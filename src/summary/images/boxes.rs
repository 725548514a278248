//! Boxes with labels on an image.

use super::canvas::{Canvas, LETTER, Pixels, Rgb};
use super::{Image, ImageError};

/// A box around an object on an image, such as one that a detector found.
///
/// Coordinates are in pixels from the upper left corner of the image: the first pixel covers 0 to
/// 1. They need not be whole numbers.
///
/// ```
/// use tfevents::Image;
/// use tfevents::summary::{BoundingBox, class_color};
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let photo = Image::rgb8(64, 48, &[90; 64 * 48 * 3])?;
/// let found = [
///     BoundingBox::new(8.0, 14.0, 30.0, 40.0)?.label("cat 0.93").color(class_color(0)),
///     BoundingBox::new(35.5, 20.0, 60.0, 44.0)?.label("dog 0.71").color(class_color(1)),
/// ];
/// writer.add_image("found", &photo.with_boxes(&found)?, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[doc(alias("add_image_with_boxes"))]
pub struct BoundingBox {
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
    label: String,
    color: Rgb,
}

/// A red that stands out on most pictures.
const RED: Rgb = [255, 40, 40];

impl BoundingBox {
    /// Creates a red box from its edges.
    ///
    /// ```
    /// use tfevents::summary::BoundingBox;
    ///
    /// let found = BoundingBox::new(8.0, 10.5, 30.0, 40.0)?;
    /// assert!(BoundingBox::new(30.0, 10.5, 8.0, 40.0).is_err());
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// If a coordinate is not finite, `left` lies beyond `right`, or `top` below `bottom`.
    pub fn new(left: f32, top: f32, right: f32, bottom: f32) -> Result<Self, ImageError> {
        let finite = [left, top, right, bottom].iter().all(|edge| edge.is_finite());
        if finite && left <= right && top <= bottom {
            Ok(Self { left, top, right, bottom, label: String::new(), color: RED })
        } else {
            Err(ImageError::Corners { left, top, right, bottom })
        }
    }

    /// Sets a text in the box's color above it, or inside if it does not fit above. Default: none.
    ///
    /// ASCII and Latin-1 can be shown; other letters are drawn as hollow boxes.
    ///
    /// ```
    /// use tfevents::summary::BoundingBox;
    ///
    /// let found = BoundingBox::new(8.0, 10.0, 30.0, 40.0)?.label("cat 0.93");
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Sets red, green and blue of the lines. Default: red.
    ///
    /// ```
    /// use tfevents::summary::BoundingBox;
    ///
    /// let truth = BoundingBox::new(8.0, 10.0, 30.0, 40.0)?.color([0, 200, 0]);
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    #[must_use]
    pub fn color(mut self, color: [u8; 3]) -> Self {
        self.color = color;
        self
    }

    fn draw_lines(&self, canvas: &mut Canvas) {
        let line = 1 + shorter_side(canvas) / 200;
        // A cast from a float saturates. The pixels that an edge goes through are drawn on.
        let [left, top] = [self.left, self.top].map(|edge| edge.floor() as i64);
        let end = |edge: f32, start: i64| (edge.ceil() as i64).max(start.saturating_add(1));
        let [right, bottom] = [end(self.right, left), end(self.bottom, top)];
        let [inner_left, inner_top] = [left, top].map(|edge| edge.saturating_add(line));
        let [inner_right, inner_bottom] = [right, bottom].map(|edge| edge.saturating_sub(line));
        for (from, to) in [
            ([left, top], [right, inner_top.min(bottom)]),
            ([left, inner_bottom.max(top)], [right, bottom]),
            ([left, top], [inner_left.min(right), bottom]),
            ([inner_right.max(left), top], [right, bottom]),
        ] {
            canvas.fill(from, to, self.color);
        }
    }

    fn draw_label(&self, canvas: &mut Canvas) {
        if self.label.is_empty() {
            return;
        }
        let scale = 1 + shorter_side(canvas) / 400;
        let letters = self.label.chars().count() as i64;
        let [width, height] = [(letters * LETTER + 2) * scale, (LETTER + 2) * scale];
        let [canvas_width, canvas_height] = [canvas.width(), canvas.height()].map(i64::from);
        let [x, y] = [self.left, self.top].map(|edge| edge.floor() as i64);
        let above = y.saturating_sub(height);
        // Wholly on the image, if possible.
        let left = x.min(canvas_width - width).max(0);
        let top = if above >= 0 { above } else { y }.min(canvas_height - height).max(0);
        canvas.fill([left, top], [left + width, top + height], self.color);
        let ink = if is_bright(self.color) { [0; 3] } else { [255; 3] };
        canvas.write([left + scale, top + scale], &self.label, scale, ink);
    }

    /// Whether a part of the box lies on an image of this size.
    fn touches(&self, canvas: &Canvas) -> bool {
        let [width, height] = [canvas.width(), canvas.height()].map(|side| side as f32);
        self.left < width && self.top < height && self.right >= 0.0 && self.bottom >= 0.0
    }
}

fn shorter_side(canvas: &Canvas) -> i64 {
    canvas.width().min(canvas.height()).into()
}

/// Whether black is easier to read on a color than white.
fn is_bright([red, green, blue]: Rgb) -> bool {
    299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue) > 140_000
}

impl Image {
    /// Returns the image with boxes drawn on it, in their order, and their labels above all of
    /// them. Gray images become RGB.
    ///
    /// Lines and letters are wider on larger images; on small ones a label of 8 pixels' height
    /// covers much, so [upscale](Self::upscaled) them before. Parts outside the image are not
    /// drawn.
    ///
    /// ```
    /// use tfevents::Image;
    /// use tfevents::summary::BoundingBox;
    ///
    /// let image = Image::gray8(3, 3, &[0; 9])?;
    /// let framed = image.with_boxes([&BoundingBox::new(0.0, 0.0, 3.0, 3.0)?.color([9; 3])])?;
    /// let [o, i] = [[9; 3], [0; 3]]; // the frame, and the pixel inside
    /// let expected = [o, o, o, o, i, o, o, o, o];
    /// assert_eq!(framed, Image::rgb8(3, 3, expected.as_flattened())?);
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// If the image is a batch or an encoded file.
    pub fn with_boxes<'a>(
        &self,
        boxes: impl IntoIterator<Item = &'a BoundingBox>,
    ) -> Result<Self, ImageError> {
        let mut canvas = Canvas::colored(Pixels::of_one(self)?);
        let seen: Vec<_> = boxes.into_iter().filter(|each| each.touches(&canvas)).collect();
        seen.iter().for_each(|each| each.draw_lines(&mut canvas));
        seen.iter().for_each(|each| each.draw_label(&mut canvas));
        Ok(canvas.into_image())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the rows of an image with a box, `#` where that is drawn.
    fn drawn(width: usize, height: usize, found: BoundingBox) -> Vec<String> {
        let image = Image::gray8(width, height, vec![0; width * height]).unwrap();
        let image = image.with_boxes([&found.color([255, 255, 255])]).unwrap();
        let pixels = Pixels::of_one(&image).unwrap();
        assert_eq!(pixels.channels, 3);
        let row = |row: &[u8]| {
            row.chunks_exact(3).map(|pixel| if pixel[0] == 255 { '#' } else { '.' }).collect()
        };
        pixels.bytes.chunks_exact(width * 3).map(row).collect()
    }

    #[test]
    fn frames_are_clipped_to_the_image() {
        let of = |l, t, r, b| drawn(5, 4, BoundingBox::new(l, t, r, b).unwrap());
        assert_eq!(of(1.0, 1.0, 4.0, 4.0), [".....", ".###.", ".#.#.", ".###."]);
        assert_eq!(of(1.9, 0.5, 3.1, 2.0), [".###.", ".###.", ".....", "....."]);
        assert_eq!(of(-7.0, 2.0, 2.0, 90.0), [".....", ".....", "##...", ".#..."]);
        // A point is a pixel; outside, nothing is drawn.
        assert_eq!(of(2.0, 2.0, 2.0, 2.0), [".....", ".....", "..#..", "....."]);
        assert_eq!(of(5.0, 0.0, 9.0, 4.0), [".....", ".....", ".....", "....."]);
        assert_eq!(of(f32::MIN, f32::MIN, f32::MAX, f32::MAX), ["....."; 4]);
    }

    #[test]
    fn a_label_lies_above_its_box_and_on_the_image() {
        let label =
            |left, top| drawn(24, 16, BoundingBox::new(left, top, 23.0, 15.0).unwrap().label("T"));
        // Black on white above the box, which is open below its upper line.
        let above = label(2.0, 11.0);
        assert_eq!(
            above[..13],
            [
                "........................",
                "..##########............",
                "..#......###............",
                "..#.#..#.###............",
                "..###..#####............",
                "..###..#####............",
                "..###..#####............",
                "..###..#####............",
                "..##....####............",
                "..##########............",
                "..##########............",
                "..#####################.",
                "..#...................#.",
            ]
        );
        // If it does not fit above it lies inside, and if it does not fit to the right, further left.
        let moved = label(20.0, 3.0);
        let of_label = |row: &String, from: usize| row[from..][..10].to_owned();
        assert!(
            moved[3..13]
                .iter()
                .map(|row| of_label(row, 14))
                .eq(above[1..11].iter().map(|row| of_label(row, 2)))
        );
    }

    #[test]
    fn invalid_corners_are_refused() {
        for [left, top, right, bottom] in [
            [1.0, 0.0, 0.0, 1.0],
            [0.0, 1.0, 1.0, 0.0],
            [f32::NAN, 0.0, 1.0, 1.0],
            [0.0, 0.0, f32::INFINITY, 1.0],
        ] {
            let error = BoundingBox::new(left, top, right, bottom).unwrap_err();
            assert!(matches!(error, ImageError::Corners { .. }), "{error}");
        }
        let pixel = Image::gray8(1, 1, &[0]).unwrap();
        let batch = Image::batch([&pixel, &pixel]).unwrap();
        assert_eq!(batch.with_boxes([]), Err(ImageError::Batch { given: 2 }));
    }
}
