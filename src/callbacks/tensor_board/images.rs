//! Weights as pictures.

use crate::summary::Image;
use crate::summary::{ImageError, ImageLayout};

/// How weights become pixels.
///
/// ```
/// use tfevents::callbacks::{TensorBoard, WeightImages};
///
/// # let dir = tempfile::tempdir()?;
/// let board = TensorBoard::builder(dir.path())
///     .histogram_freq(1)
///     .write_images(true)
///     .weight_images(WeightImages::Signed)
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WeightImages {
    /// As in Keras: 0 is black, 1 and more white, and so is less than 0 black. A kernel of a
    /// convolution is shown if it has one input channel or one filter, its first three planes.
    #[default]
    Keras,
    /// Zero is white, the largest magnitude a full color: red above zero, blue below. Kernels of
    /// convolutions are shown as a grid: a row per input channel, a column per filter, the first
    /// 16 of each.
    Signed,
}

/// In which order the sizes of a convolution's kernel come.
///
/// ```
/// # let dir = tempfile::tempdir().unwrap();
/// # let logdir = dir.path();
/// use tfevents::callbacks::{KernelLayout, TensorBoard};
///
/// let builder = TensorBoard::builder(logdir).kernel_layout(KernelLayout::Oihw);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum KernelLayout {
    /// Height, width, inputs, outputs: Keras and TensorFlow.
    #[default]
    Hwio,
    /// Outputs, inputs, height, width: PyTorch, burn and candle.
    Oihw,
}

/// So many planes are shown of one weight.
const MOST_PLANES: usize = 3;
/// So many filters and input channels are shown of a kernel.
const MOST_FILTERS: usize = 16;

impl WeightImages {
    /// The picture of a weight; `None` if it is none, or if shape and values do not fit.
    pub(super) fn draw(
        self,
        shape: &[usize],
        values: &[f32],
        layout: KernelLayout,
    ) -> Option<Image> {
        if shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size))
            != Some(values.len())
        {
            return None;
        }
        match self {
            WeightImages::Keras => {
                let (shape, values) = match (layout, shape) {
                    (KernelLayout::Oihw, &[o, i, h, w]) => {
                        (vec![h, w, i, o], to_hwio([o, i, h, w], values))
                    }
                    _ => (shape.to_vec(), values.to_vec()),
                };
                keras(&shape, &values)
            }
            WeightImages::Signed => signed(shape, values, layout),
        }
    }
}

fn to_hwio([outputs, inputs, height, width]: [usize; 4], values: &[f32]) -> Vec<f32> {
    let mut turned = Vec::with_capacity(values.len());
    for at in 0..height * width {
        for input in 0..inputs {
            turned.extend((0..outputs).map(|o| values[(o * inputs + input) * height * width + at]));
        }
    }
    turned
}

/// The values of rows as those of columns.
fn transposed(rows: usize, columns: usize, values: &[f32]) -> Vec<f32> {
    let column = |column| (0..rows).map(move |row| values[row * columns + column]);
    (0..columns).flat_map(column).collect()
}

fn keras(shape: &[usize], values: &[f32]) -> Option<Image> {
    let shape: Vec<usize> = shape.iter().copied().filter(|&size| size != 1).collect();
    let gray = |height, width, values: &[f32]| {
        Image::from_array(ImageLayout::Hwc, [height, width, 1], values)
    };
    let image = match *shape {
        [n] => gray(n, 1, values),
        [rows, columns] if rows > columns => {
            gray(columns, rows, &transposed(rows, columns, values))
        }
        [rows, columns] => gray(rows, columns, values),
        [height, width, planes] => {
            let plane = |plane: usize| {
                let values: Vec<f32> = values.iter().skip(plane).step_by(planes).copied().collect();
                gray(height, width, &values)
            };
            batch((0..planes.min(MOST_PLANES)).map(plane))
        }
        [_, height, width, channels @ (1 | 3 | 4)] => {
            let images = values.chunks(height * width * channels).take(MOST_PLANES);
            batch(
                images
                    .map(|one| Image::from_array(ImageLayout::Hwc, [height, width, channels], one)),
            )
        }
        _ => return None,
    };
    // An empty weight is no picture.
    image.ok()
}

fn batch(images: impl Iterator<Item = Result<Image, ImageError>>) -> Result<Image, ImageError> {
    Image::batch(&images.collect::<Result<Vec<_>, _>>()?)
}

fn signed(shape: &[usize], values: &[f32], layout: KernelLayout) -> Option<Image> {
    let largest = values.iter().filter(|v| v.is_finite()).fold(0f32, |most, v| most.max(v.abs()));
    let color = |value: f32| -> [u8; 3] {
        if value.is_nan() {
            return [0; 3];
        }
        let part = if largest > 0.0 { (value / largest).clamp(-1.0, 1.0) } else { 0.0 };
        let faded = ((1.0 - part.abs()) * 255.0) as u8;
        if part > 0.0 { [255, faded, faded] } else { [faded, faded, 255] }
    };
    if let &[a, b, c, d] = shape {
        let (height, width, inputs, outputs) = match layout {
            KernelLayout::Hwio => (a, b, c, d),
            KernelLayout::Oihw => (c, d, b, a),
        };
        let at = |y: usize, x: usize, input: usize, output: usize| match layout {
            KernelLayout::Hwio => values[((y * width + x) * inputs + input) * outputs + output],
            KernelLayout::Oihw => values[((output * inputs + input) * height + y) * width + x],
        };
        let (rows, columns) = (inputs.min(MOST_FILTERS), outputs.min(MOST_FILTERS));
        // A gray line between them.
        let grid_height = (rows * (height + 1)).checked_sub(1)?;
        let grid_width = (columns * (width + 1)).checked_sub(1)?;
        let mut pixels = Vec::with_capacity(grid_height * grid_width * 3);
        for y in 0..grid_height {
            for x in 0..grid_width {
                let (row, y) = (y / (height + 1), y % (height + 1));
                let (column, x) = (x / (width + 1), x % (width + 1));
                let inside = y < height && x < width;
                pixels.extend(if inside { color(at(y, x, row, column)) } else { [128; 3] });
            }
        }
        return Image::rgb8(grid_width, grid_height, &pixels).ok();
    }
    let shape: Vec<usize> = shape.iter().copied().filter(|&size| size != 1).collect();
    let draw = |height, width, values: &[f32]| {
        let pixels: Vec<u8> = values.iter().flat_map(|&value| color(value)).collect();
        Image::rgb8(width, height, &pixels).ok()
    };
    match *shape {
        [n] => draw(n, 1, values),
        [rows, columns] if rows > columns => {
            draw(columns, rows, &transposed(rows, columns, values))
        }
        [rows, columns] => draw(rows, columns, values),
        _ => None,
    }
}
