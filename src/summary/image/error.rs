//! What can be wrong with an image.

/// Sizes or bytes that make no image.
///
/// ```
/// let error = tfevents::Image::rgb8(2, 2, &[0; 3]).unwrap_err();
/// assert!(error.to_string().starts_with("3 values for 2x2 pixels of 3 channels"));
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// A side is zero, or too long for a PNG.
    #[error("an image of {width}x{height} pixels; each side has to be 1 to 2147483647")]
    #[non_exhaustive]
    Size {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
    },
    /// A number of channels that has no meaning.
    #[error("{given} channels; allowed are 1 (gray), 2 (gray, alpha), 3 (RGB) and 4 (RGBA)")]
    #[non_exhaustive]
    Channels {
        /// How many channels were given.
        given: usize,
    },
    /// There are not as many values as the sizes say.
    #[error("{given} values for {}{width}x{height} pixels of {channels} channels; {} are needed",
        times(*images),
        (*width as u128 * *height as u128).saturating_mul(*channels as u128 * *images as u128))]
    #[non_exhaustive]
    Length {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
        /// Channels per pixel.
        channels: usize,
        /// How many images.
        images: usize,
        /// How many values were given.
        given: usize,
    },
    /// Bytes that do not begin like a PNG, JPEG or GIF file.
    #[error("{given} bytes that do not begin like a whole PNG, JPEG or GIF header")]
    #[non_exhaustive]
    Format {
        /// How many bytes were given.
        given: usize,
    },
    /// A batch without images.
    #[error("a batch of 0 images; at least 1 is needed")]
    EmptyBatch,
    /// An array that has neither two dimensions (gray), nor three, nor four (a batch).
    #[error("an array of {given} dimensions; allowed are 2 (gray), 3 and 4 (a batch)")]
    #[non_exhaustive]
    Dimensions {
        /// How many dimensions.
        given: usize,
    },
    /// A file, of which only the header is known here.
    #[error("image {index} is a file; only pixels can be tiled, enlarged or drawn on")]
    #[non_exhaustive]
    Encoded {
        /// Which of the images.
        index: usize,
    },
    /// A batch where one image is needed.
    #[error("a batch of {given} images; only on one at a time can be drawn")]
    #[non_exhaustive]
    Batch {
        /// How many images.
        given: usize,
    },
    /// A grid without columns.
    #[error("0 columns; at least 1 is needed")]
    Columns,
    /// A factor that leaves nothing.
    #[error("enlarged 0 times; at least 1 is needed")]
    Factor,
    /// Corners of a box that are none.
    #[error(
        "a box from ({left}, {top}) to ({right}, {bottom}); these have to be finite, left not \
         beyond right, and top not below bottom"
    )]
    #[non_exhaustive]
    Corners {
        /// Of the left edge.
        left: f32,
        /// Of the upper edge.
        top: f32,
        /// Of the right edge.
        right: f32,
        /// Of the lower edge.
        bottom: f32,
    },
    /// An opacity outside its range.
    #[error("an opacity of {given}; allowed are 0 (clear) to 1 (opaque)")]
    #[non_exhaustive]
    Opacity {
        /// What was given.
        given: f32,
    },
    /// A range that holds no values.
    #[error("a range from {low} to {high}; both have to be finite, the first less than the second")]
    #[non_exhaustive]
    Range {
        /// The end at which the colors begin.
        low: f64,
        /// The other end.
        high: f64,
    },
}

/// What several images are called in a message.
fn times(images: usize) -> String {
    if images == 1 { String::new() } else { format!("{images} times ") }
}
