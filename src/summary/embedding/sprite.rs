//! The sprite of an embedding: all images side by side in one.

use super::EmbeddingError;
use crate::summary::{Grid, Image};

/// The longest side that TensorBoard's page takes.
const MAX_SIDE: u64 = 8192;

/// Returns all images of a batch in one, row by row, and the size of each.
///
/// There are as many rows as columns, as the projector expects; those at the end may be empty.
pub(super) fn tiled(batch: &Image) -> Result<(Image, [u32; 2]), EmbeddingError> {
    let sizes = batch.sizes()?;
    let count = sizes.len();
    let first = [batch.width(), batch.height()];
    if let Some(index) = sizes.iter().position(|&size| size != first) {
        return Err(EmbeddingError::ImageSize { index, given: sizes[index], first });
    }
    let side = side(count);
    let all = first.map(|pixels| u64::from(pixels) * side as u64);
    if all.iter().any(|&pixels| pixels > MAX_SIDE) {
        return Err(EmbeddingError::SpriteSize { count, each: first, all });
    }
    let [width, height] = first.map(|pixels| pixels as usize);
    let empty = Image::gray8(width, height, vec![0; width * height])?;
    let images = std::iter::once(batch).chain(std::iter::repeat_n(&empty, side * side - count));
    Ok((Grid::new().columns(side).padding(0).tile(images)?, first))
}

/// Returns the side of the smallest square for `count` images.
fn side(count: usize) -> usize {
    let root = count.isqrt();
    if root * root < count { root + 1 } else { root }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_tiled_row_by_row() {
        let images = [
            Image::gray8(2, 1, &[1, 2]).unwrap(),
            Image::gray8(2, 1, &[3, 4]).unwrap(),
            Image::rgb8(2, 1, &[7, 8, 9, 10, 11, 12]).unwrap(),
        ];
        let (sprite, each) = tiled(&Image::batch(&images).unwrap()).unwrap();
        assert_eq!(each, [2, 1]);
        let expected =
            [[1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4], [7, 8, 9, 10, 11, 12, 0, 0, 0, 0, 0, 0]];
        assert_eq!(sprite, Image::rgb8(4, 2, expected.as_flattened()).unwrap());
        // The second row is empty.
        let two = Image::batch(&images[..2]).unwrap();
        assert_eq!(tiled(&two).unwrap().0.height(), 2);
        assert_eq!([1, 4, 5, 9, 10, 85_264].map(side), [1, 2, 3, 3, 4, 292]);
    }

    #[test]
    fn sprites_that_the_projector_cannot_draw_are_refused() {
        let gray = |width, height| Image::gray8(width, height, vec![0; width * height]).unwrap();
        let message =
            |images: &[Image]| tiled(&Image::batch(images).unwrap()).unwrap_err().to_string();
        assert_eq!(
            message(&[gray(2, 1), gray(1, 2)]),
            "invalid size of embedding image 1: 1x2 pixels (expected 2x1, as the first)"
        );
        assert_eq!(
            message(&[gray(4097, 1), gray(4097, 1)]),
            "invalid size of 2 embedding images of 4097x1 pixels: 8194x2 together (expected up to \
             8192x8192)"
        );
        let file = Image::from_encoded(*b"GIF89a\x01\x00\x01\x00").unwrap();
        assert!(message(&[gray(1, 1), file]).contains("image 1"));
    }
}
