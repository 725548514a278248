//! The points of a curve in chunks, each with a summary: 8 bytes per point where steps are regular.

/// The number of points of a chunk.
pub(crate) const CHUNK: usize = 256;

/// The x axis of a curve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum XAxis {
    #[default]
    Step,
    /// Seconds since the first point of the curve.
    Relative,
    /// Seconds since 1970.
    Wall,
}

impl XAxis {
    /// Returns the name, as the option `--x` takes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Relative => "relative",
            Self::Wall => "wall",
        }
    }
}

/// A range of numbers, empty until the first is added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Extent {
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Extent {
    pub(crate) const EMPTY: Self = Self { min: f64::INFINITY, max: f64::NEG_INFINITY };

    /// Adds a number; NaN and infinities are left out.
    pub(crate) fn add(&mut self, value: f64) {
        if value.is_finite() {
            self.min = self.min.min(value);
            self.max = self.max.max(value);
        }
    }

    pub(crate) fn join(&mut self, other: Self) {
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.min > self.max
    }
}

/// A point of a [`Series`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) step: i64,
    pub(crate) wall_time: f64,
    pub(crate) value: f32,
}

/// The points of a curve, in the order of the file.
///
/// Chunks have the extents of their steps, wall times and values, so that a chunk that falls into
/// one column of a chart is drawn without a look at its points.
#[derive(Clone, Debug, Default)]
pub(crate) struct Series {
    chunks: Vec<Chunk>,
}

#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    steps: Steps,
    /// The wall time of the first point; those of the others are offsets from it. A chunk spans
    /// minutes, so that `f32` gives them to the millisecond.
    wall_time: f64,
    offsets: Vec<f32>,
    values: Vec<f32>,
    pub(crate) summary: Summary,
}

/// The extents of a chunk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Summary {
    pub(crate) steps: Extent,
    pub(crate) wall_times: Extent,
    pub(crate) values: Extent,
    /// Whether a value is NaN or infinite.
    pub(crate) has_gaps: bool,
}

/// Steps: almost always at equal distances.
#[derive(Clone, Debug)]
enum Steps {
    Regular { first: i64, stride: i64 },
    List(Vec<i64>),
}

impl Chunk {
    fn new(point: Point) -> Self {
        let extents = [point.step as f64, point.wall_time].map(|first| {
            let mut extent = Extent::EMPTY;
            extent.add(first);
            extent
        });
        let mut chunk = Self {
            steps: Steps::Regular { first: point.step, stride: 0 },
            wall_time: point.wall_time,
            offsets: Vec::new(),
            values: Vec::new(),
            summary: Summary {
                steps: extents[0],
                wall_times: extents[1],
                values: Extent::EMPTY,
                has_gaps: false,
            },
        };
        chunk.push(point);
        chunk
    }

    fn push(&mut self, point: Point) {
        let len = self.values.len();
        match &mut self.steps {
            Steps::Regular { first, stride } => match len {
                0 => *first = point.step,
                1 => *stride = point.step.wrapping_sub(*first),
                _ if first.wrapping_add(stride.wrapping_mul(len as i64)) == point.step => {}
                _ => {
                    let mut list: Vec<_> = (0..len).map(|at| self.steps.get(at)).collect();
                    list.push(point.step);
                    self.steps = Steps::List(list);
                }
            },
            Steps::List(list) => list.push(point.step),
        }
        self.offsets.push((point.wall_time - self.wall_time) as f32);
        self.values.push(point.value);
        self.summary.steps.add(point.step as f64);
        self.summary.wall_times.add(point.wall_time);
        self.summary.values.add(f64::from(point.value));
        self.summary.has_gaps |= !point.value.is_finite();
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    pub(crate) fn values(&self) -> &[f32] {
        &self.values
    }

    fn point(&self, at: usize) -> Point {
        let wall_time = self.wall_time + f64::from(self.offsets[at]);
        Point { step: self.steps.get(at), wall_time, value: self.values[at] }
    }

    /// Returns where a point is on an axis.
    pub(crate) fn x(&self, at: usize, axis: XAxis, start: f64) -> f64 {
        match axis {
            XAxis::Step => self.steps.get(at) as f64,
            XAxis::Relative => self.wall_time - start + f64::from(self.offsets[at]),
            XAxis::Wall => self.wall_time + f64::from(self.offsets[at]),
        }
    }

    /// Returns the range on an axis.
    pub(crate) fn x_extent(&self, axis: XAxis, start: f64) -> Extent {
        match axis {
            XAxis::Step => self.summary.steps,
            XAxis::Wall => self.summary.wall_times,
            XAxis::Relative => {
                let Extent { min, max } = self.summary.wall_times;
                Extent { min: min - start, max: max - start }
            }
        }
    }
}

impl Steps {
    fn get(&self, at: usize) -> i64 {
        match self {
            Self::Regular { first, stride } => first.wrapping_add(stride.wrapping_mul(at as i64)),
            Self::List(list) => list[at],
        }
    }
}

impl Series {
    pub(crate) fn push(&mut self, point: Point) {
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => chunk.push(point),
            last => {
                if let Some(full) = last {
                    full.offsets.shrink_to_fit();
                    full.values.shrink_to_fit();
                }
                self.chunks.push(Chunk::new(point));
            }
        }
    }

    /// Drops the points at the end that are at a step or later; returns how many.
    pub(crate) fn cut(&mut self, step: i64) -> usize {
        let before = self.len();
        while let Some(chunk) = self.chunks.pop() {
            let kept = (0..chunk.len()).rposition(|at| chunk.steps.get(at) < step);
            if let Some(last) = kept {
                for at in 0..=last {
                    self.push(chunk.point(at));
                }
                break;
            }
        }
        before - self.len()
    }

    pub(crate) fn len(&self) -> usize {
        self.chunks.last().map_or(0, |last| (self.chunks.len() - 1) * CHUNK + last.len())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    pub(crate) fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    pub(crate) fn point(&self, at: usize) -> Option<Point> {
        let chunk = self.chunks.get(at / CHUNK)?;
        (at % CHUNK < chunk.len()).then(|| chunk.point(at % CHUNK))
    }

    pub(crate) fn last(&self) -> Option<Point> {
        self.point(self.len().checked_sub(1)?)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Point> + '_ {
        self.chunks.iter().flat_map(|chunk| (0..chunk.len()).map(|at| chunk.point(at)))
    }

    /// Returns the wall time of the first point, where relative time begins.
    pub(crate) fn start(&self) -> f64 {
        self.chunks.first().map_or(0.0, |chunk| chunk.wall_time)
    }

    /// Returns where a point is on an axis.
    pub(crate) fn x(&self, at: usize, axis: XAxis) -> f64 {
        self.chunks[at / CHUNK].x(at % CHUNK, axis, self.start())
    }

    /// Returns the range on an axis.
    pub(crate) fn x_extent(&self, axis: XAxis) -> Extent {
        let mut extent = Extent::EMPTY;
        for chunk in &self.chunks {
            extent.join(chunk.x_extent(axis, self.start()));
        }
        extent
    }

    /// Returns the range of the finite values.
    pub(crate) fn y_extent(&self) -> Extent {
        let mut extent = Extent::EMPTY;
        self.chunks.iter().for_each(|chunk| extent.join(chunk.summary.values));
        extent
    }

    /// Returns whether all values are one number. TensorBoard does not smooth such a series.
    pub(crate) fn is_constant(&self) -> bool {
        let Some(first) = self.chunks.first() else { return true };
        let value = f64::from(first.values[0]);
        self.chunks.iter().all(|chunk| {
            let Summary { values, has_gaps, .. } = chunk.summary;
            !has_gaps && values.min == value && values.max == value
        })
    }

    /// Returns the point that is nearest on an axis, where the points ascend on it.
    pub(crate) fn nearest(&self, x: f64, axis: XAxis) -> Option<usize> {
        let last = self.len().checked_sub(1)?;
        let (mut low, mut high) = (0, last);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.x(middle, axis) < x { low = middle + 1 } else { high = middle }
        }
        let is_before_nearer =
            low > 0 && (x - self.x(low - 1, axis)).abs() <= (self.x(low, axis) - x).abs();
        Some(if is_before_nearer { low - 1 } else { low })
    }
}

impl FromIterator<Point> for Series {
    fn from_iter<I: IntoIterator<Item = Point>>(points: I) -> Self {
        let mut series = Self::default();
        points.into_iter().for_each(|point| series.push(point));
        series
    }
}

#[cfg(test)]
pub(crate) fn series(values: impl IntoIterator<Item = f32>) -> Series {
    let point = |(step, value)| Point { step: step as i64, wall_time: 1e9 + step as f64, value };
    values.into_iter().enumerate().map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn points_come_back_as_they_went_in(
            steps in proptest::collection::vec(any::<i64>(), 0..700),
        ) {
            let points: Vec<_> = steps
                .iter()
                .enumerate()
                .map(|(at, &step)| Point { step, wall_time: at as f64, value: at as f32 })
                .collect();
            let series: Series = points.iter().copied().collect();
            prop_assert_eq!(series.len(), points.len());
            prop_assert_eq!(series.iter().collect::<Vec<_>>(), points);
        }

        #[test]
        fn a_cut_drops_the_end(len in 0usize..600, step in -2i64..700) {
            let mut series = series((0..len).map(|at| at as f32));
            let kept = (step.max(0) as usize).min(len);
            prop_assert_eq!(series.cut(step), len - kept);
            prop_assert_eq!(series.len(), kept);
            prop_assert_eq!(series.last().map(|point| point.step), (kept > 0).then(|| kept as i64 - 1));
        }
    }

    #[test]
    fn the_nearest_point_is_found() {
        let point = |step| Point { step, wall_time: step as f64, value: 0.0 };
        let series: Series = [0, 10, 20].map(point).into_iter().collect();
        for (x, expected) in [(-5.0, 0), (4.9, 0), (5.1, 1), (14.0, 1), (16.0, 2), (99.0, 2)] {
            assert_eq!(series.nearest(x, XAxis::Step), Some(expected), "{x}");
        }
        assert_eq!(Series::default().nearest(0.0, XAxis::Step), None);
    }

    #[test]
    fn regular_steps_take_no_memory_and_points_little() {
        let series = series((0..256_000).map(|at| at as f32));
        let is_regular = |chunk: &Chunk| matches!(chunk.steps, Steps::Regular { .. });
        assert!(series.chunks.iter().all(is_regular));
        // 50 million points are to take less than 1.5 GiB, with the smoothed curve: 32 bytes each.
        let values = |chunk: &Chunk| chunk.values.capacity() + chunk.offsets.capacity();
        let bytes =
            series.chunks.iter().map(|chunk| size_of::<Chunk>() + 4 * values(chunk)).sum::<usize>();
        let smoothed = size_of::<super::super::smooth::SmoothedChunk>() * series.chunks.len();
        assert!(bytes + smoothed <= 10 * series.len(), "{bytes} + {smoothed}");
        assert!(!series.is_constant());
    }
}
