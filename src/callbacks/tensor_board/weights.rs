//! What is written of weights, gradients and activations.

use super::Told;
use super::builder::Settings;
use crate::callbacks::Model;
use crate::{Histogram, SummaryWriter};

/// All that is written of the model after an epoch; histograms and images only where they are due.
pub(super) fn write(
    writer: &SummaryWriter,
    model: &mut dyn Model,
    settings: &Settings,
    epoch: usize,
    due: bool,
    told: &mut Told,
) {
    let mut non_finite = NonFinite::default();
    if due || settings.write_norms || settings.write_non_finite {
        model.weights(&mut |name, shape, values| {
            if due {
                histogram(writer, &format!("{name}/histogram"), values, epoch, told);
                if settings.write_images {
                    // What is no picture is left out, as in Keras.
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
    }
    if settings.write_gradients && due || settings.write_norms {
        model.gradients(&mut |name, _, values| {
            if settings.write_gradients && due {
                histogram(writer, &format!("{name}/gradient/histogram"), values, epoch, told);
            }
            if settings.write_norms {
                writer.add_scalar(&format!("{name}/gradient/norm"), norm(values), epoch);
            }
        });
    }
    if settings.write_activations && due {
        model.activations(&mut |name, _, values| {
            histogram(writer, &format!("{name}/activation/histogram"), values, epoch, told);
        });
    }
    for (layer, count) in non_finite.0 {
        writer.add_scalar(&format!("{layer}/non_finite"), count, epoch);
    }
}

fn histogram(writer: &SummaryWriter, tag: &str, values: &[f32], epoch: usize, told: &mut Told) {
    let histogram = Histogram::new(values);
    let left_out = histogram.non_finite();
    if left_out > 0 {
        told.once(tag, || {
            let all = values.len();
            log::warn!("{tag:?}: {left_out} of {all} values are not finite and left out, at epoch {epoch}; told once");
        });
    }
    writer.add_histogram(tag, histogram, epoch);
}

fn norm(values: &[f32]) -> f64 {
    values.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt()
}

/// How many weights of each layer are not finite, in the order of the layers.
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
