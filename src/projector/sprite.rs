//! Images side by side in one, as the projector takes them.

use super::EmbeddingError;
use crate::Image;

/// TensorBoard's page takes no larger side.
const MOST: u64 = 8192;

/// Width, height, channels and bytes of an image; none of one that is an encoded file.
pub(super) type Tile<'a> = Option<(u32, u32, u8, &'a [u8])>;

/// All images in one, row by row, and the size of each.
///
/// There are as many rows as columns, which is what the projector expects; those at the end may
/// be empty.
pub(super) fn tiled(tiles: &[Tile<'_>]) -> Result<(Image, [u32; 2]), EmbeddingError> {
    let mut first = None;
    for (index, tile) in tiles.iter().enumerate() {
        let &Some((width, height, _, _)) = tile else {
            return Err(EmbeddingError::Encoded { index });
        };
        let (given, first) = ([width, height], *first.get_or_insert([width, height]));
        if given != first {
            return Err(EmbeddingError::ImageSize { index, given, first });
        }
    }
    let each = first.unwrap_or_default();
    let side = side(tiles.len());
    let all = each.map(|pixels| u64::from(pixels) * side as u64);
    if all.iter().any(|&pixels| pixels > MOST) {
        return Err(EmbeddingError::SpriteSize { count: tiles.len(), each, all });
    }
    let [width, height] = each.map(|pixels| pixels as usize);
    let mut pixels = vec![0; width * height * side * side * 4];
    for (index, tile) in tiles.iter().enumerate() {
        let Some((_, _, channels, bytes)) = tile else { continue };
        let (left, top) = (index % side * width, index / side * height);
        for (y, row) in bytes.chunks_exact(width * usize::from(*channels)).enumerate() {
            let start = ((top + y) * width * side + left) * 4;
            let places = pixels[start..start + width * 4].chunks_exact_mut(4);
            for (place, pixel) in places.zip(row.chunks_exact(usize::from(*channels))) {
                place.copy_from_slice(&match *pixel {
                    [grey] => [grey, grey, grey, 255],
                    [grey, alpha] => [grey, grey, grey, alpha],
                    [red, green, blue] => [red, green, blue, 255],
                    [red, green, blue, alpha, ..] => [red, green, blue, alpha],
                    [] => [0; 4],
                });
            }
        }
    }
    match Image::rgba8(width * side, height * side, &pixels) {
        Ok(image) => Ok((image, each)),
        // Only if there is no pixel at all.
        Err(_) => Err(EmbeddingError::SpriteSize { count: tiles.len(), each, all }),
    }
}

/// The least square that so many fit into.
fn side(count: usize) -> usize {
    let root = count.isqrt();
    if root * root < count { root + 1 } else { root }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiles(images: &[Image]) -> Result<(Image, [u32; 2]), EmbeddingError> {
        tiled(&images.iter().flat_map(Image::pixels).collect::<Vec<_>>())
    }

    #[test]
    fn images_lie_row_by_row() {
        let images = [
            Image::grey8(2, 1, &[1, 2]).unwrap(),
            Image::grey_alpha8(2, 1, &[3, 4, 5, 6]).unwrap(),
            Image::rgb8(2, 1, &[7, 8, 9, 10, 11, 12]).unwrap(),
        ];
        let (sprite, each) = tiles(&images).unwrap();
        assert_eq!(each, [2, 1]);
        let expected = [
            [1, 1, 1, 255, 2, 2, 2, 255, 3, 3, 3, 4, 5, 5, 5, 6],
            [7, 8, 9, 255, 10, 11, 12, 255, 0, 0, 0, 0, 0, 0, 0, 0],
        ];
        assert_eq!(sprite, Image::rgba8(4, 2, expected.as_flattened()).unwrap());
        assert_eq!([1, 4, 5, 9, 10, 85_264].map(side), [1, 2, 3, 3, 4, 292]);
    }

    #[test]
    fn what_the_projector_cannot_draw_is_refused() {
        let grey = |width, height| Image::grey8(width, height, &vec![0; width * height]).unwrap();
        assert_eq!(
            tiles(&[grey(2, 1), grey(1, 2)]).unwrap_err().to_string(),
            "image 1 is of 1x2 pixels, the first of 2x1; they have to be alike"
        );
        assert_eq!(
            tiles(&[grey(4097, 1), grey(4097, 1)]).unwrap_err().to_string(),
            "2 images of 4097x1 pixels make one of 8194x2; allowed are 8192x8192"
        );
        let file = Image::encoded(*b"GIF89a\x01\x00\x01\x00").unwrap();
        assert_eq!(tiles(&[file]), Err(EmbeddingError::Encoded { index: 0 }));
    }
}
