//! TensorBoard's smoothing, over all points.

use super::series::{Extent, Series};

/// TensorBoard's debiased exponential moving average: `classicSmoothing` of its line charts.
///
/// A value that is NaN or infinite is passed through and not counted. W&B's averages differ.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Smoother {
    weight: f64,
    last: f64,
    /// `weight` to the power of the number of finite values.
    bias: f64,
    /// A constant series is left as it is.
    is_constant: bool,
}

impl Smoother {
    pub(crate) fn new(weight: f64, series: &Series) -> Self {
        let weight = weight.clamp(0.0, 1.0);
        Self { weight, last: 0.0, bias: 1.0, is_constant: series.is_constant() }
    }

    pub(crate) fn push(&mut self, value: f32) -> f64 {
        let value = f64::from(value);
        if self.is_constant || !value.is_finite() {
            return value;
        }
        self.last = self.last * self.weight + (1.0 - self.weight) * value;
        self.bias *= self.weight;
        if self.weight == 1.0 { self.last } else { self.last / (1.0 - self.bias) }
    }
}

/// The smoothed values of a series by chunks: the state before each, and its extent.
///
/// While a series grows only its last chunk is smoothed again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Smoothed {
    weight: f64,
    was_constant: bool,
    chunks: Vec<SmoothedChunk>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct SmoothedChunk {
    /// The state before the first point.
    pub(crate) before: Smoother,
    pub(crate) values: Extent,
    /// The last smoothed value that is finite; NaN if there is none.
    pub(crate) last: f64,
    /// The number of points that this stands for.
    len: usize,
}

impl Smoothed {
    /// Smooths what is new since the last call; everything after a cut or with another weight.
    pub(crate) fn update(&mut self, series: &Series, weight: f64) {
        let is_constant = series.is_constant();
        if self.weight != weight || self.was_constant != is_constant {
            self.chunks.clear();
        }
        (self.weight, self.was_constant) = (weight, is_constant);
        let chunks = series.chunks();
        let is_whole = |(known, chunk): (&SmoothedChunk, &super::series::Chunk)| {
            known.len == chunk.len() && known.len == super::series::CHUNK
        };
        let whole = self.chunks.iter().zip(chunks).take_while(|&pair| is_whole(pair)).count();
        let mut smoother = match self.chunks.get(whole) {
            Some(next) => next.before,
            None => match whole.checked_sub(1) {
                Some(last) => {
                    let mut smoother = self.chunks[last].before;
                    chunks[last].values().iter().for_each(|&value| {
                        smoother.push(value);
                    });
                    smoother
                }
                None => Smoother::new(weight, series),
            },
        };
        self.chunks.truncate(whole);
        for chunk in &chunks[whole..] {
            let before = smoother;
            let (mut values, mut last) = (Extent::EMPTY, f64::NAN);
            for &value in chunk.values() {
                let smoothed = smoother.push(value);
                values.add(smoothed);
                if smoothed.is_finite() {
                    last = smoothed;
                }
            }
            self.chunks.push(SmoothedChunk { before, values, last, len: chunk.len() });
        }
    }

    /// Forgets everything: the series has been cut.
    pub(crate) fn clear(&mut self) {
        self.chunks.clear();
    }

    pub(crate) fn chunks(&self) -> &[SmoothedChunk] {
        &self.chunks
    }

    /// Returns the smoothed value of a point.
    pub(crate) fn value(&self, series: &Series, at: usize) -> Option<f64> {
        let (chunk, within) = (at / super::series::CHUNK, at % super::series::CHUNK);
        let mut smoother = self.chunks.get(chunk)?.before;
        let values = series.chunks().get(chunk)?.values().get(..=within)?;
        let mut smoothed = f64::NAN;
        for &value in values {
            smoothed = smoother.push(value);
        }
        Some(smoothed)
    }
}

/// Smooths a whole series.
#[cfg(test)]
pub(crate) fn smooth(series: &Series, weight: f64) -> Vec<f64> {
    let mut smoother = Smoother::new(weight, series);
    series.iter().map(|point| smoother.push(point.value)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::series::{Point, series};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn smoothing_is_that_of_tensorboard() {
        // By hand, w = 0.5: 1; (0.25 + 1) / 0.75; (0.625 + 1.5) / 0.875.
        let found = smooth(&series([1.0, 2.0, 3.0]), 0.5);
        assert_eq!(found, [1.0, 1.25 / 0.75, 2.125 / 0.875]);
    }

    #[test]
    fn what_is_not_finite_passes_and_does_not_count() {
        let found = smooth(&series([1.0, f32::NAN, 2.0, f32::INFINITY, 3.0]), 0.5);
        assert_eq!((found[0], found[2], found[4]), (1.0, 1.25 / 0.75, 2.125 / 0.875));
        assert!(found[1].is_nan() && found[3] == f64::INFINITY);
    }

    #[test]
    fn a_constant_series_stays_as_it_is() {
        let value = 0.1f32;
        assert_eq!(smooth(&series([value; 9]), 0.97), [f64::from(value); 9]);
    }

    #[test]
    fn the_ends_of_the_weight() {
        assert_eq!(smooth(&series([1.0, 2.0, 4.0]), 0.0), [1.0, 2.0, 4.0]);
        // As in TensorBoard, whose slider ends at 0.999.
        assert_eq!(smooth(&series([1.0, 2.0]), 1.0), [0.0, 0.0]);
    }

    proptest! {
        #[test]
        fn what_grows_is_smoothed_like_a_whole(
            parts in proptest::collection::vec(proptest::collection::vec(-1e3f32..1e3, 0..400), 0..5),
            weight in 0.0f64..0.999,
            cut in 0i64..900,
        ) {
            let (mut grown, mut smoothed) = (Series::default(), Smoothed::default());
            for part in parts {
                for value in part {
                    let step = grown.len() as i64;
                    grown.push(Point { step, wall_time: 0.0, value });
                }
                smoothed.update(&grown, weight);
            }
            if grown.cut(cut) > 0 {
                smoothed.clear();
                smoothed.update(&grown, weight);
            }
            let whole = smooth(&grown, weight);
            for (at, expected) in whole.iter().enumerate() {
                prop_assert_eq!(smoothed.value(&grown, at), Some(*expected));
            }
            let mut extent = Extent::EMPTY;
            whole.iter().for_each(|&value| extent.add(value));
            let mut found = Extent::EMPTY;
            smoothed.chunks().iter().for_each(|chunk| found.join(chunk.values));
            prop_assert_eq!(found, extent);
        }
    }
}
