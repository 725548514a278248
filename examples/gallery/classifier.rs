//! A classifier of digits while it learns: curves, precision and recall of each class, histograms
//! and pictures of its weights, a figure of what it confuses, and how it arranges the digits.

use crate::data::{CLASSES, Digits, SIDE};
use crate::fill::STEPS;
use crate::network::{Activations, Dense, Network};
use crate::random::Random;
use crate::training::Training;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::error::Error;
use tfevents::summary::Embedding;
use tfevents::summary::{ColorMap, FigureError, Grid, HeatMap, ImageError, PrCurve};
use tfevents::{Image, SummaryWriter};

const BATCH: usize = 32;
const RATE: f32 = 1e-3;
/// Thresholds of the curves of precision and recall.
pub const THRESHOLDS: usize = 101;

pub struct Trained {
    pub network: Network,
    pub validation: Digits,
    /// The mean loss and the accuracy of each epoch, on digits it has not trained on.
    pub history: Vec<(f32, f32)>,
}

pub fn log(writer: &SummaryWriter, images: usize) -> Result<Trained, Box<dyn Error>> {
    let (train, validation) = (writer.child_run("train")?, writer.child_run("validation")?);
    let mut random = Random::new(0);
    let (all, unseen) = Digits::load()?.split(&mut random);
    let mut order: Vec<usize> = (0..images.min(all.len())).collect();
    let steps = STEPS as usize * order.len().div_ceil(BATCH);
    let mut training = Training::new(&mut random, RATE, steps);
    let names: Vec<String> = (0..CLASSES).map(|class| class.to_string()).collect();
    let classes: Vec<usize> = unseen.labels.iter().map(|&label| label.into()).collect();
    let mut history = Vec::new();
    for epoch in 0..STEPS {
        random.shuffle(&mut order);
        let mut sum = 0.0;
        for batch in order.chunks(BATCH) {
            sum += training.step(&all.select(batch)).loss * batch.len() as f32;
        }
        train.add_scalar("loss", sum / order.len() as f32, epoch);
        for parameter in training.network.parameters() {
            train.add_histogram(&parameter.name, &parameter.values, epoch);
            train.add_histogram(
                &format!("{}/gradient", parameter.name),
                &parameter.gradient,
                epoch,
            );
        }
        train.add_image("kernels/dense_1", &kernels(&training.network.layers[0])?, epoch);

        let activations = training.network.forward(&unseen.images);
        let result = activations.evaluate(&unseen.labels);
        validation.add_scalar("loss", result.loss, epoch);
        validation.add_scalar("accuracy", result.accuracy, epoch);
        let figure = confusion(&unseen.labels, &result.predictions)?;
        validation.add_image("confusion", &figure, epoch);
        let probabilities: Vec<f32> =
            activations.probabilities.iter().map(|p| p.clamp(0.0, 1.0)).collect();
        let curves = PrCurve::builder().thresholds(THRESHOLDS);
        validation.add("digit", &curves.build_per_class(&names, &classes, &probabilities)?, epoch);
        if epoch == 0 || epoch == STEPS - 1 {
            validation.add_embedding("digits", &embedding(&activations, &unseen)?, epoch);
        }
        history.push((result.loss, result.accuracy));
    }
    Ok(Trained { network: training.network, validation: unseen, history })
}

/// Returns the last layer's input for each digit, with its picture, its true class and the predicted
/// one.
fn embedding(activations: &Activations, digits: &Digits) -> Result<Embedding, Box<dyn Error>> {
    let seen = activations.inputs.last().ok_or("a network without layers")?;
    let width = seen.len() / digits.len();
    let text = |labels: &[u8]| labels.iter().map(u8::to_string).collect::<Vec<_>>();
    let pictures = (0..digits.len()).map(|index| {
        let ink: Vec<u8> =
            digits.image(index).iter().map(|ink| 255 - (ink * 255.0) as u8).collect();
        Image::gray8(SIDE, SIDE, &ink)
    });
    let pictures = pictures.collect::<Result<Vec<_>, _>>()?;
    Ok(Embedding::builder([digits.len(), width], seen.clone())
        .columns([("digit", text(&digits.labels)), ("taken for", text(&activations.predictions()))])
        .images(&pictures)
        .build()?)
}

/// Draws the weights of the first 64 units of a layer: red for positive, blue for negative.
fn kernels(layer: &Dense) -> Result<Image, ImageError> {
    let weights = &layer.kernel.values;
    let unit = |unit: usize| {
        let column: Vec<f32> =
            weights.iter().skip(unit).step_by(layer.outputs()).copied().collect();
        let map = HeatMap::with_range(SIDE, SIDE, &column, -0.5, 0.5)?;
        map.colors(ColorMap::Diverging).to_image().upscaled(3)
    };
    let units = (0..64).map(unit).collect::<Result<Vec<_>, _>>()?;
    Grid::new().columns(8).padding(2).background([255; 3]).tile(&units)
}

/// Draws the confusion matrix.
fn confusion(labels: &[u8], predictions: &[u8]) -> Result<Image, FigureError> {
    let mut counts = [[0u32; CLASSES]; CLASSES];
    for (&label, &prediction) in labels.iter().zip(predictions) {
        counts[usize::from(label)][usize::from(prediction)] += 1;
    }
    Image::plot(480, 440, |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(12)
            .caption("What is taken for what", ("sans-serif", 20))
            .set_label_area_size(LabelAreaPosition::Left, 44)
            .set_label_area_size(LabelAreaPosition::Bottom, 40)
            .build_cartesian_2d((0..9i32).into_segmented(), (0..9i32).into_segmented())?;
        chart
            .configure_mesh()
            .disable_mesh()
            .x_labels(CLASSES)
            .y_labels(CLASSES)
            .x_desc("taken for")
            .y_desc("is")
            .label_style(("sans-serif", 14))
            .draw()?;
        for (row, counts) in counts.iter().enumerate() {
            let of_row = counts.iter().sum::<u32>().max(1);
            for (column, &count) in counts.iter().enumerate() {
                let (x, y) = (column as i32, row as i32);
                let part = f64::from(count) / f64::from(of_row);
                let corners = [
                    (SegmentValue::Exact(x), SegmentValue::Exact(y)),
                    (SegmentValue::Exact(x + 1), SegmentValue::Exact(y + 1)),
                ];
                let color = if row == column { GREEN } else { RED };
                let filled = Rectangle::new(corners, color.mix(part.sqrt() * 0.6).filled());
                chart.draw_series([filled])?;
                if count > 0 {
                    let middle = (SegmentValue::CenterOf(x), SegmentValue::CenterOf(y));
                    let style = ("sans-serif", 14).into_text_style(area);
                    let style = style.pos(Pos::new(HPos::Center, VPos::Center));
                    chart.draw_series([Text::new(count.to_string(), middle, style)])?;
                }
            }
        }
        Ok(())
    })
}
