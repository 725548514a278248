//! Images of files: decoded, and drawn as half blocks.

use crate::draw::{Area, Cell, Color, Grid};
use image::imageops::FilterType;
use image::{ImageReader, Limits, RgbaImage};
use std::collections::HashMap;
use std::io::Cursor;
use std::rc::Rc;

/// The images that are on the screen, decoded once.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    by_card: HashMap<(String, String), Entry>,
}

#[derive(Debug)]
struct Entry {
    /// The step and the wall time.
    logged: (i64, u64),
    image: Result<Rc<RgbaImage>, String>,
    is_used: bool,
}

impl Decoded {
    /// Returns the image of a run and tag, which is decoded anew when another one was logged.
    pub(crate) fn get(
        &mut self,
        run: &str,
        tag: &str,
        logged: (i64, f64),
        bytes: &[u8],
    ) -> &Result<Rc<RgbaImage>, String> {
        let logged = (logged.0, logged.1.to_bits());
        let key = (run.to_owned(), tag.to_owned());
        let new = || Entry { logged, image: decode(bytes).map(Rc::new), is_used: true };
        let entry = self.by_card.entry(key).or_insert_with(new);
        if entry.logged != logged {
            *entry = new();
        }
        entry.is_used = true;
        &entry.image
    }

    /// Drops the images that were not used since the last call.
    pub(crate) fn retain_used(&mut self) {
        self.by_card.retain(|_, entry| std::mem::take(&mut entry.is_used));
    }
}

/// Decodes an image of a file, which may be anything: not more than 64 MB, and no larger side than
/// 8192 pixels.
pub(crate) fn decode(bytes: &[u8]) -> Result<RgbaImage, String> {
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| error.to_string())?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(64 << 20);
    (limits.max_image_width, limits.max_image_height) = (Some(8192), Some(8192));
    reader.limits(limits);
    Ok(reader.decode().map_err(|error| error.to_string())?.into_rgba8())
}

/// Draws an image as large as fits: a cell has a pixel above another.
pub(crate) fn draw(grid: &mut Grid, area: Area, image: &RgbaImage, is_ascii: bool) {
    let (width, height) = (image.width().max(1), image.height().max(1));
    let scale =
        (area.width as f64 / f64::from(width)).min(2.0 * area.height as f64 / f64::from(height));
    let size = |side: u32| ((f64::from(side) * scale) as u32).max(1);
    let (columns, rows) = (size(width), size(height).max(2));
    let filter = if scale > 1.0 { FilterType::Nearest } else { FilterType::Triangle };
    let small = image::imageops::resize(image, columns, rows, filter);
    for y in 0..rows.div_ceil(2) {
        for x in 0..columns {
            let pixel = |y: u32| {
                let [r, g, b, alpha] = small.get_pixel(x, y.min(rows - 1)).0;
                // On black.
                [r, g, b].map(|level| (u16::from(level) * u16::from(alpha) / 255) as u8)
            };
            let (above, below) = (pixel(2 * y), pixel(2 * y + 1));
            let cell = if is_ascii {
                let light =
                    above.iter().chain(&below).map(|level| usize::from(*level)).sum::<usize>();
                let ramp = [' ', '.', ':', '-', '=', '+', '*', '#', '%', '@'];
                Cell { glyph: ramp[light * 9 / (6 * 255)], ..Cell::default() }
            } else {
                Cell {
                    glyph: '▀', fg: Color::Rgb(above), bg: Color::Rgb(below), ..Cell::default()
                }
            };
            let (x, y) = (area.x + x as usize, area.y + y as usize);
            if x < area.x + area.width && y < area.y + area.height {
                grid.set(x, y, cell);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_lie_above_each_other() {
        let image =
            RgbaImage::from_fn(2, 4, |x, y| image::Rgba([(x * 100) as u8, (y * 50) as u8, 0, 255]));
        let mut grid = Grid::new(2, 2);
        draw(&mut grid, Area { x: 0, y: 0, width: 2, height: 2 }, &image, false);
        let cell = grid.row(1)[1];
        assert_eq!(
            (cell.glyph, cell.fg, cell.bg),
            ('▀', Color::Rgb([100, 100, 0]), Color::Rgb([100, 150, 0]))
        );
    }

    #[test]
    fn what_is_no_image_is_an_error() {
        assert!(decode(b"no image").is_err());
        // A PNG that claims to have four billion pixels.
        let mut huge = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        huge.extend([0, 1, 0, 0, 0, 1, 0, 0, 8, 2, 0, 0, 0, 0, 0, 0, 0]);
        assert!(decode(&huge).is_err());
    }
}
