//! Errors of images.

/// An error creating an [`Image`](super::Image), or drawing on one.
///
/// ```
/// let error = tfevents::Image::rgb8(2, 2, &[0; 3]).unwrap_err();
/// assert!(error.to_string().starts_with("invalid number of image values: 3 (expected 12"));
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// A side is zero, or too long for a PNG.
    #[error("invalid image size: {width}x{height} pixels (expected 1 to 2147483647 on each side)")]
    #[non_exhaustive]
    Size {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
    },
    /// Images have no such number of channels.
    #[error(
        "invalid number of image channels: {given} (expected 1 for gray, 2 for gray with alpha, 3 \
         for RGB or 4 for RGBA)"
    )]
    #[non_exhaustive]
    Channels {
        /// The number of channels that was given.
        given: usize,
    },
    /// The number of values does not match the sizes.
    #[error("invalid number of image values: {given} (expected {}, for {}{width}x{height} pixels with {channels} {})",
        (*width as u128 * *height as u128).saturating_mul(*channels as u128 * *images as u128),
        if *images == 1 { String::new() } else { format!("{images} images of ") },
        if *channels == 1 { "channel" } else { "channels" })]
    #[non_exhaustive]
    Length {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
        /// The number of channels per pixel.
        channels: usize,
        /// The number of images.
        images: usize,
        /// The number of values that were given.
        given: usize,
    },
    /// There is not one value per pixel to draw over an image.
    #[error(
        "invalid number of {what} values: {given} (expected {}, for {width}x{height} pixels)",
        *width as u128 * *height as u128
    )]
    #[non_exhaustive]
    Overlay {
        /// The kind of the values: `mask`, `class` or `heat map`.
        what: &'static str,
        /// The width of the image in pixels.
        width: usize,
        /// The height of the image in pixels.
        height: usize,
        /// The number of values that were given.
        given: usize,
    },
    /// The bytes do not begin with the whole header of a PNG, JPEG or GIF file.
    #[error("invalid image file of {given} bytes (expected the header of a PNG, JPEG or GIF file)")]
    #[non_exhaustive]
    Format {
        /// The number of bytes that were given.
        given: usize,
    },
    /// A batch has no images.
    #[error("invalid batch of 0 images (expected at least 1)")]
    EmptyBatch,
    /// An array has neither two dimensions (gray), nor three, nor four (a batch).
    #[error(
        "invalid number of dimensions for an image: {given} (expected 2 for gray, 3, or 4 for a \
         batch)"
    )]
    #[non_exhaustive]
    Dimensions {
        /// The number of dimensions that was given.
        given: usize,
    },
    /// An image is an encoded file, whose pixels are not known.
    #[error(
        "image {index} is an encoded file (expected pixels, which can be tiled, upscaled and drawn \
         on)"
    )]
    #[non_exhaustive]
    Encoded {
        /// The index of the image.
        index: usize,
    },
    /// A batch was given to draw on.
    #[error("cannot draw on a batch of {given} images (expected 1 image)")]
    #[non_exhaustive]
    Batch {
        /// The number of images.
        given: usize,
    },
    /// A grid has no columns.
    #[error("invalid number of grid columns: 0 (expected at least 1)")]
    Columns,
    /// The factor of an upscaled image is zero.
    #[error("invalid upscaling factor: 0 (expected at least 1)")]
    Factor,
    /// The edges of a bounding box are not finite, or in the wrong order.
    #[error(
        "invalid bounding box from ({left}, {top}) to ({right}, {bottom}) (expected finite numbers, \
         left <= right and top <= bottom)"
    )]
    #[non_exhaustive]
    Corners {
        /// The left edge.
        left: f32,
        /// The upper edge.
        top: f32,
        /// The right edge.
        right: f32,
        /// The lower edge.
        bottom: f32,
    },
    /// An opacity is outside its range.
    #[error("invalid opacity: {given} (expected 0 for transparent to 1 for opaque)")]
    #[non_exhaustive]
    Opacity {
        /// The opacity that was given.
        given: f32,
    },
    /// The ends of a color range are not finite, or in the wrong order.
    #[error(
        "invalid color range from {low} to {high} (expected finite numbers, the first less than \
         the second)"
    )]
    #[non_exhaustive]
    Range {
        /// The value at which the colors begin.
        low: f64,
        /// The value at which they end.
        high: f64,
    },
}
