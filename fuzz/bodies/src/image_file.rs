//! Image files whose size is read from their first bytes.

use tfevents::Image;

/// Any bytes are an image with a size, or an error.
pub fn image_file(bytes: &[u8]) {
    if let Ok(image) = Image::from_encoded(bytes) {
        assert!(image.width() > 0 && image.height() > 0);
    }
}
