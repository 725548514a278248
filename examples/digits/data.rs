//! The data: 1,797 handwritten digits; see `examples/data/README.md`.

use crate::random::Random;

const CSV: &str = include_str!("../data/digits.csv");

/// Width and height of an image.
pub const SIDE: usize = 8;
/// Pixels of an image.
pub const PIXELS: usize = SIDE * SIDE;
/// How many different digits there are.
pub const CLASSES: usize = 10;

/// Some of the digits.
#[derive(Clone)]
pub struct Digits {
    /// Image after image, row by row, from 0.0 (paper) to 1.0 (ink): `[len, PIXELS]`.
    pub images: Vec<f32>,
    /// The digit that each image shows: `[len]`.
    pub labels: Vec<u8>,
}

impl Digits {
    /// All rows of the file.
    pub fn load() -> Result<Self, String> {
        let mut digits = Self { images: Vec::new(), labels: Vec::new() };
        for (index, line) in CSV.lines().enumerate() {
            let bad = |what: &str| format!("digits.csv, line {}: {what}", index + 1);
            let fields: Result<Vec<u8>, _> = line.split(',').map(str::parse::<u8>).collect();
            let fields = fields.map_err(|error| bad(&error.to_string()))?;
            let Some((&label, pixels)) = fields.split_last() else {
                return Err(bad("empty"));
            };
            if pixels.len() != PIXELS || usize::from(label) >= CLASSES {
                return Err(bad("not 64 pixels and a digit"));
            }
            digits.images.extend(pixels.iter().map(|&ink| f32::from(ink) / 16.0));
            digits.labels.push(label);
        }
        Ok(digits)
    }

    /// In a random order, four fifths to train on and the rest to validate with.
    pub fn split(&self, random: &mut Random) -> (Self, Self) {
        let mut order: Vec<usize> = (0..self.len()).collect();
        random.shuffle(&mut order);
        let (train, validation) = order.split_at(self.len() * 4 / 5);
        (self.select(train), self.select(validation))
    }

    /// The digits with these indices, in this order: a batch, say.
    pub fn select(&self, indices: &[usize]) -> Self {
        Self {
            images: indices.iter().flat_map(|&index| self.image(index)).copied().collect(),
            labels: indices.iter().map(|&index| self.labels[index]).collect(),
        }
    }

    pub fn len(&self) -> usize {
        self.labels.len()
    }

    pub fn image(&self, index: usize) -> &[f32] {
        &self.images[index * PIXELS..][..PIXELS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_the_one_that_uci_describes() {
        let digits = Digits::load().unwrap();
        let count = |class| digits.labels.iter().filter(|&&label| label == class).count();
        let counts: Vec<usize> = (0..10).map(count).collect();
        assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
        assert_eq!(digits.images.len(), 1797 * PIXELS);
        assert!(digits.images.iter().all(|pixel| (0.0..=1.0).contains(pixel)));
    }

    #[test]
    fn a_split_has_each_digit_once() {
        let digits = Digits::load().unwrap();
        let (train, validation) = digits.split(&mut Random::new(3));
        assert_eq!((train.len(), validation.len()), (1437, 360));

        let sorted = |parts: &[&Digits]| {
            let mut rows: Vec<Vec<u32>> = Vec::new();
            for part in parts {
                for index in 0..part.len() {
                    let pixels = part.image(index).iter().map(|pixel| pixel.to_bits());
                    rows.push(pixels.chain([u32::from(part.labels[index])]).collect());
                }
            }
            rows.sort();
            rows
        };
        assert!(sorted(&[&train, &validation]) == sorted(&[&digits]));
        let (other, _) = digits.split(&mut Random::new(4));
        assert!(other.labels != train.labels);
    }
}
