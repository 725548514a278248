//! Writes weights, gradients and activations: histograms, norms and images.

use super::settings::{KernelLayout, Settings, WeightImages};
use crate::callbacks::model::Model;
use crate::summary::{Histogram, Image, ImageError, ImageLayout};
use crate::system::WarnOnce;
use crate::writer::SummaryWriter;

/// Writes what is due of the model after an epoch; histograms and images only if `due`.
pub(super) fn write(
    writer: &SummaryWriter,
    model: &mut dyn Model,
    settings: &Settings,
    epoch: usize,
    due: bool,
    warned: &WarnOnce,
) {
    let mut non_finite = NonFinite::default();
    let mut any = false;
    if due || settings.write_norms || settings.write_non_finite {
        model.weights(&mut |name, shape, values| {
            any = true;
            if due {
                histogram(writer, &format!("{name}/histogram"), values, epoch, warned);
                if settings.write_images {
                    // A weight without an image is left out, as in Keras.
                    let pixels = settings.weight_images;
                    if let Some(image) = pixels.draw(shape, values, settings.kernel_layout) {
                        writer.add_image(&format!("{name}/image"), &image, epoch);
                    }
                }
            }
            if settings.write_norms {
                writer.add_scalar(&format!("{name}/norm"), norm(values), epoch);
            }
            if settings.write_non_finite {
                non_finite.count(name, values);
            }
        });
        if !any {
            warn_without(warned, &settings.of_weights().join(", "), "weights");
        }
    }
    any = false;
    if settings.write_gradients && due || settings.write_norms {
        model.gradients(&mut |name, _, values| {
            any = true;
            if settings.write_gradients && due {
                histogram(writer, &format!("{name}/gradient/histogram"), values, epoch, warned);
            }
            if settings.write_norms {
                writer.add_scalar(&format!("{name}/gradient/norm"), norm(values), epoch);
            }
        });
        if settings.write_gradients && !any {
            warn_without(warned, "write_gradients", "gradients");
        }
    }
    any = false;
    if settings.write_activations && due {
        model.activations(&mut |name, _, values| {
            any = true;
            histogram(writer, &format!("{name}/activation/histogram"), values, epoch, warned);
        });
        if !any {
            warn_without(warned, "write_activations", "activations");
        }
    }
    for (layer, count) in non_finite.0 {
        writer.add_scalar(&format!("{layer}/non_finite"), count, epoch);
    }
}

/// Warns once of settings that have no effect with this model.
fn warn_without(warned: &WarnOnce, settings: &str, what: &str) {
    warned.warn(settings, || {
        format!("no effect of {settings}: the model has no {what} (implement Model::{what})")
    });
}

fn histogram(writer: &SummaryWriter, tag: &str, values: &[f32], epoch: usize, warned: &WarnOnce) {
    let histogram = Histogram::new(values);
    let left_out = histogram.non_finite();
    if left_out > 0 {
        warned.warn(tag, || {
            let all = values.len();
            format!(
                "{left_out} of {all} values of {tag:?} are not finite in epoch {epoch} and left out"
            )
        });
    }
    writer.add_histogram(tag, histogram, epoch);
}

fn norm(values: &[f32]) -> f64 {
    values.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt()
}

/// The number of weights of each layer that are not finite, in the order of the layers.
#[derive(Default)]
struct NonFinite(Vec<(String, u64)>);

impl NonFinite {
    fn count(&mut self, name: &str, values: &[f32]) {
        let layer = name.rsplit_once('/').map_or(name, |(layer, _)| layer);
        let count = values.iter().filter(|value| !value.is_finite()).count() as u64;
        match self.0.iter_mut().find(|(old, _)| old == layer) {
            Some((_, sum)) => *sum += count,
            None => self.0.push((layer.to_owned(), count)),
        }
    }
}

/// The maximum number of planes that are drawn of one weight.
const MAX_PLANES: usize = 3;
/// The maximum number of filters and of input channels that are drawn of a kernel.
const MAX_FILTERS: usize = 16;

impl WeightImages {
    /// Draws a weight; `None` if it has no image, or if shape and values do not fit.
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
    let mut hwio = Vec::with_capacity(values.len());
    for at in 0..height * width {
        for input in 0..inputs {
            hwio.extend((0..outputs).map(|o| values[(o * inputs + input) * height * width + at]));
        }
    }
    hwio
}

/// Transposes a matrix in row-major order.
fn transposed(rows: usize, columns: usize, values: &[f32]) -> Vec<f32> {
    let column = |column| (0..rows).map(move |row| values[row * columns + column]);
    (0..columns).flat_map(column).collect()
}

fn keras(shape: &[usize], values: &[f32]) -> Option<Image> {
    let shape: Vec<usize> = shape.iter().copied().filter(|&size| size != 1).collect();
    let gray = |height, width, values: &[f32]| {
        Image::clamped(ImageLayout::Hwc, [height, width, 1], values)
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
            batch((0..planes.min(MAX_PLANES)).map(plane))
        }
        [_, height, width, channels @ (1 | 3 | 4)] => {
            let images = values.chunks(height * width * channels).take(MAX_PLANES);
            batch(
                images.map(|one| Image::clamped(ImageLayout::Hwc, [height, width, channels], one)),
            )
        }
        _ => return None,
    };
    // An empty weight has no image.
    image.ok()
}

fn batch(images: impl Iterator<Item = Result<Image, ImageError>>) -> Result<Image, ImageError> {
    Image::batch(&images.collect::<Result<Vec<_>, _>>()?)
}

fn signed(shape: &[usize], values: &[f32], layout: KernelLayout) -> Option<Image> {
    let largest = values.iter().filter(|v| v.is_finite()).fold(0f32, |max, v| max.max(v.abs()));
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
        let (rows, columns) = (inputs.min(MAX_FILTERS), outputs.min(MAX_FILTERS));
        // There is a gray line between them.
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
