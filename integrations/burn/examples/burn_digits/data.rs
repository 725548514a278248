//! The data: 1,797 handwritten digits; see `examples/data/README.md`.

use burn::data::dataloader::batcher::Batcher;
use burn::data::dataloader::{DataLoader, DataLoaderBuilder};
use burn::data::dataset::InMemDataset;
use burn::tensor::{Device, Int, Tensor};
use std::sync::Arc;

const CSV: &str = include_str!("../../../../examples/data/digits.csv");

/// Width and height of an image.
pub const SIDE: usize = 8;
/// Pixels of an image.
pub const PIXELS: usize = SIDE * SIDE;
/// The number of different digits.
pub const CLASSES: usize = 10;

/// A handwritten digit: its pixels, row by row, from 0.0 (paper) to 1.0 (ink), and its label.
#[derive(Clone, Debug)]
pub struct Digit {
    pub image: [f32; PIXELS],
    pub label: u8,
}

/// A batch of digits: images `[len, PIXELS]`, labels `[len]`.
#[derive(Clone, Debug)]
pub struct Digits {
    pub images: Tensor<2>,
    pub labels: Tensor<1, Int>,
}

/// The batcher of digits.
#[derive(Clone)]
pub struct DigitBatcher;

impl Batcher<Digit, Digits> for DigitBatcher {
    fn batch(&self, items: Vec<Digit>, device: &Device) -> Digits {
        let pixels: Vec<f32> = items.iter().flat_map(|digit| digit.image).collect();
        let labels: Vec<i32> = items.iter().map(|digit| digit.label.into()).collect();
        let images = Tensor::<1>::from_floats(pixels.as_slice(), device);
        Digits {
            images: images.reshape([items.len(), PIXELS]),
            labels: Tensor::from_ints(labels.as_slice(), device),
        }
    }
}

/// Loads four fifths for training, and the rest for validation.
pub fn load() -> (Vec<Digit>, Vec<Digit>) {
    let digit = |line: &str| {
        let mut digit = Digit { image: [0.0; PIXELS], label: 0 };
        let mut fields = line.split(',').map(|field| field.parse::<u8>().unwrap_or(0));
        digit.image.fill_with(|| f32::from(fields.next().unwrap_or(0)) / 16.0);
        digit.label = fields.next().unwrap_or(0);
        digit
    };
    let (validation, train): (Vec<_>, Vec<_>) =
        CSV.lines().map(digit).enumerate().partition(|(index, _)| index % 5 == 4);
    let digits = |items: Vec<(usize, Digit)>| items.into_iter().map(|(_, digit)| digit).collect();
    (digits(train), digits(validation))
}

/// Returns batches of 32, in another order for each epoch.
pub fn loader(digits: Vec<Digit>) -> Arc<dyn DataLoader<Digits>> {
    let builder = DataLoaderBuilder::new(DigitBatcher).batch_size(32).shuffle(42);
    builder.build(InMemDataset::new(digits))
}
