//! Several images side by side in one, and images with larger pixels.

use super::canvas::{Canvas, Pixels, Rgb};
use super::{Image, ImageError};

/// The layout of images as tiles of one.
///
/// [`Image::grid`] is the short way. The images are laid out row by row, each in the middle of a
/// cell as large as the largest of them. Their pixels are copied.
///
/// ```
/// use tfevents::Image;
/// use tfevents::summary::Grid;
///
/// let tiles = vec![Image::gray8(8, 8, &[200; 64])?; 6];
/// let grid = Grid::new().columns(3).padding(1).background([255, 255, 255]).tile(&tiles)?;
/// assert_eq!((grid.width(), grid.height()), (3 * 9 + 1, 2 * 9 + 1));
/// # Ok::<(), tfevents::summary::ImageError>(())
/// ```
#[derive(Clone, Debug)]
#[doc(alias("make_grid"))]
pub struct Grid {
    columns: Option<usize>,
    padding: usize,
    background: Rgb,
}

impl Default for Grid {
    fn default() -> Self {
        Self::new()
    }
}

impl Grid {
    /// Creates a nearly square layout, with 2 black pixels between the images.
    ///
    /// ```
    /// let grid = tfevents::summary::Grid::new();
    /// ```
    pub fn new() -> Self {
        Self { columns: None, padding: 2, background: [0; 3] }
    }

    /// Sets how many images are in a row. Default: the square root of their number, rounded up.
    ///
    /// ```
    /// let grid = tfevents::summary::Grid::new().columns(8);
    /// ```
    #[must_use]
    pub fn columns(mut self, columns: usize) -> Self {
        self.columns = Some(columns);
        self
    }

    /// Sets how many pixels are between the images, and around all of them. Default: 2.
    ///
    /// ```
    /// let grid = tfevents::summary::Grid::new().padding(0);
    /// ```
    #[must_use]
    pub fn padding(mut self, pixels: usize) -> Self {
        self.padding = pixels;
        self
    }

    /// Sets the color between the images; if all are gray, its red is used. Default: black.
    ///
    /// ```
    /// let grid = tfevents::summary::Grid::new().background([255, 255, 255]);
    /// ```
    #[must_use]
    pub fn background(mut self, color: [u8; 3]) -> Self {
        self.background = color;
        self
    }

    /// Returns the images as one, those of a batch one by one. It has colors if one of the images
    /// has, and alpha if one has.
    ///
    /// ```
    /// use tfevents::Image;
    /// use tfevents::summary::Grid;
    ///
    /// let tiles = [Image::gray8(1, 1, &[200])?, Image::rgb8(1, 1, &[255, 0, 0])?];
    /// let row = Grid::new().padding(0).tile(&tiles)?;
    /// assert_eq!(row, Image::rgb8(2, 1, &[200, 200, 200, 255, 0, 0])?);
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// If there is no image, one of them is an encoded file, there are no columns, or the grid is
    /// too large.
    pub fn tile<'a>(
        &self,
        images: impl IntoIterator<Item = &'a Image>,
    ) -> Result<Image, ImageError> {
        let batch = Image::batch(images)?;
        let tiles = Pixels::of_all(&batch)?;
        let columns = match self.columns {
            Some(0) => return Err(ImageError::Columns),
            Some(columns) => columns.min(tiles.len()),
            None => (1..).find(|side| side * side >= tiles.len()).unwrap_or(tiles.len()),
        };
        let rows = tiles.len().div_ceil(columns);
        let largest = |side: fn(&Pixels<'_>) -> u32| tiles.iter().map(side).max().unwrap_or(0);
        let cell = [largest(|tile| tile.width) as usize, largest(|tile| tile.height) as usize];
        let step = cell.map(|side| side.saturating_add(self.padding));
        let total = |step: usize, count| step.saturating_mul(count).saturating_add(self.padding);
        let size = [total(step[0], columns), total(step[1], rows)];
        let colors = if tiles.iter().any(Pixels::has_color) { 3 } else { 1 };
        let alpha = u8::from(tiles.iter().any(Pixels::has_alpha));
        let mut canvas = Canvas::new(size, colors + alpha, self.background)?;
        for (index, tile) in tiles.into_iter().enumerate() {
            let left = self.padding + index % columns * step[0];
            let top = self.padding + index / columns * step[1];
            let middle = |cell: usize, side: u32| (cell - side as usize) / 2;
            canvas.paste(
                tile,
                left + middle(cell[0], tile.width),
                top + middle(cell[1], tile.height),
            );
        }
        Ok(canvas.into_image())
    }
}

impl Image {
    /// Returns several images side by side in one, in a nearly square [`Grid`].
    ///
    /// A [`batch`](Self::batch) shows one at a time, with a selector; this shows all at once.
    ///
    /// ```
    /// use tfevents::Image;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let digits = vec![Image::gray8(8, 8, &[200; 64])?; 25];
    /// writer.add_image("samples", &Image::grid(&digits)?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If there is no image, one of them is an encoded file, or the grid is too large.
    #[doc(alias("make_grid", "tile"))]
    pub fn grid<'a>(images: impl IntoIterator<Item = &'a Image>) -> Result<Self, ImageError> {
        Grid::new().tile(images)
    }

    /// Returns the image with each pixel as a square of `factor` times `factor`: small images are
    /// easier to see that way, and labels cover less of them.
    ///
    /// ```
    /// use tfevents::Image;
    ///
    /// let pixel = Image::gray8(1, 1, &[7])?;
    /// assert_eq!(pixel.upscaled(2)?, Image::gray8(2, 2, &[7; 4])?);
    /// # Ok::<(), tfevents::summary::ImageError>(())
    /// ```
    ///
    /// # Errors
    /// If `factor` is 0, the images become too large, or one of them is an encoded file.
    #[doc(alias("resize", "enlarge"))]
    pub fn upscaled(&self, factor: usize) -> Result<Self, ImageError> {
        if factor == 0 {
            return Err(ImageError::Factor);
        }
        let upscale = |pixels: Pixels<'_>| {
            let channels = usize::from(pixels.channels);
            let width = (pixels.width as usize).saturating_mul(factor);
            let height = (pixels.height as usize).saturating_mul(factor);
            // Fails if there is no memory for it, before it is filled.
            let mut canvas = Canvas::new([width, height], pixels.channels, [0; 3])?;
            let rows = pixels.bytes.chunks_exact(pixels.width as usize * channels);
            let wide = rows.flat_map(|row| {
                let row: Vec<u8> =
                    row.chunks_exact(channels).flat_map(|pixel| pixel.repeat(factor)).collect();
                std::iter::repeat_n(row, factor)
            });
            canvas.rows_mut().zip(wide).for_each(|(row, wide)| row.copy_from_slice(&wide));
            Ok(canvas.into_image())
        };
        let images: Vec<_> =
            Pixels::of_all(self)?.into_iter().map(upscale).collect::<Result<_, _>>()?;
        Self::batch(&images)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_are_nearly_square() {
        for (count, columns, rows) in
            [(1, 1, 1), (2, 2, 1), (3, 2, 2), (4, 2, 2), (5, 3, 2), (9, 3, 3), (10, 4, 3)]
        {
            let tiles = vec![Image::gray8(4, 6, &[9; 24]).unwrap(); count];
            let grid = Image::grid(&tiles).unwrap();
            assert_eq!((grid.width(), grid.height()), (6 * columns + 2, 8 * rows + 2), "{count}");
        }
    }

    #[test]
    fn tiles_of_many_kinds() {
        let gray = Image::gray8(1, 1, &[10]).unwrap();
        let clear = Image::gray_alpha8(1, 3, &[20, 0, 21, 1, 22, 2]).unwrap();
        let color = Image::rgb8(3, 1, &[1, 2, 3, 4, 5, 6, 7, 8, 9]).unwrap();
        let layout = Grid::new().columns(2).padding(1).background([50, 60, 70]);
        let grid = layout.tile([&Image::batch([&gray, &clear]).unwrap(), &color]).unwrap();
        let b = [50, 60, 70, 255];
        let pixels = [
            [b; 9],
            [b, b, b, b, b, b, [20, 20, 20, 0], b, b],
            [b, b, [10, 10, 10, 255], b, b, b, [21, 21, 21, 1], b, b],
            [b, b, b, b, b, b, [22, 22, 22, 2], b, b],
            [b; 9],
            [b; 9],
            [b, [1, 2, 3, 255], [4, 5, 6, 255], [7, 8, 9, 255], b, b, b, b, b],
            [b; 9],
            [b; 9],
        ];
        let wanted = Image::rgba8(9, 9, pixels.as_flattened().as_flattened()).unwrap();
        assert_eq!(grid, wanted);
        let both = Grid::new().padding(0).tile([&gray, &gray]).unwrap();
        assert_eq!(both, Image::gray8(2, 1, &[10, 10]).unwrap());
    }

    #[test]
    fn invalid_tiles_are_refused() {
        use ImageError::*;
        let pixel = Image::gray8(1, 1, &[0]).unwrap();
        assert_eq!(Image::grid([]), Err(EmptyBatch));
        assert_eq!(Grid::new().columns(0).tile([&pixel]), Err(Columns));
        let gif = Image::from_encoded(b"GIF89a\x01\0\x01\0".to_vec()).unwrap();
        assert_eq!(Image::grid([&pixel, &gif]), Err(Encoded { index: 1 }));
        let huge = Grid::new().padding(usize::MAX).tile([&pixel]);
        assert_eq!(huge, Err(Size { width: usize::MAX, height: usize::MAX }));
        assert_eq!(pixel.upscaled(0), Err(Factor));
        assert!(matches!(pixel.upscaled(usize::MAX), Err(Size { .. })));
        assert!(matches!(gif.upscaled(2), Err(Encoded { index: 0 })));
    }

    #[test]
    fn larger_pixels() {
        let image = Image::rgb8(2, 1, &[1, 2, 3, 4, 5, 6]).unwrap();
        let row = [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6];
        let wanted = Image::rgb8(4, 2, [row, row].concat()).unwrap();
        assert_eq!(image.upscaled(2).unwrap(), wanted);
        let batch = Image::batch([&image, &image]).unwrap().upscaled(2).unwrap();
        assert_eq!(batch, Image::batch([&wanted, &wanted]).unwrap());
    }
}
