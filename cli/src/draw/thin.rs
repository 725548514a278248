//! A curve thinned to the columns of a chart: the first, last, smallest and largest value of each,
//! so that a single spike among a million points is drawn.

use super::scale::Scale;
use super::series::{Chunk, Series, XAxis};
use super::smooth::{Smoothed, SmoothedChunk};

/// A point of a chart in the units of its axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spot {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

/// The points of a curve that fall into one column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Segment {
    /// The column; -1 for everything to the left of the chart, and one past the last for the rest.
    pub(crate) column: i32,
    pub(crate) first: Spot,
    pub(crate) last: Spot,
    pub(crate) min: f64,
    pub(crate) max: f64,
    /// Whether a line leads to it from the segment before: there is no NaN between them.
    pub(crate) is_joined: bool,
}

/// A value that is not finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Gap {
    Nan,
    Infinite,
    NegativeInfinite,
}

/// A curve thinned to columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Thinned {
    /// The values as they were logged.
    pub(crate) raw: Vec<Segment>,
    /// The smoothed values.
    pub(crate) smoothed: Vec<Segment>,
    /// The columns where values are not finite.
    pub(crate) gaps: Vec<(i32, Gap)>,
}

/// Collects segments.
#[derive(Default)]
struct Segments {
    list: Vec<Segment>,
    is_broken: bool,
}

impl Segments {
    fn add(&mut self, new: Segment) {
        match self.list.last_mut() {
            Some(last) if last.column == new.column && !self.is_broken => {
                last.last = new.last;
                last.min = last.min.min(new.min);
                last.max = last.max.max(new.max);
            }
            last => {
                let is_joined = last.is_some() && !self.is_broken;
                self.list.push(Segment { is_joined, ..new });
            }
        }
        self.is_broken = false;
    }

    fn add_spot(&mut self, column: i32, spot: Spot) {
        let (min, max) = (spot.y, spot.y);
        self.add(Segment { column, first: spot, last: spot, min, max, is_joined: false });
    }
}

/// Thins a curve to `columns` columns. `smoothed` is up to date.
pub(crate) fn thin(
    series: &Series,
    smoothed: &Smoothed,
    axis: XAxis,
    scale: &Scale,
    columns: usize,
) -> Thinned {
    let column = |x: f64| {
        let position = scale.position(x) * columns as f64;
        // The upper end of the range belongs to the last column.
        let is_end = position >= columns as f64 && x <= scale.max;
        if is_end {
            columns as i32 - 1
        } else {
            (position.floor() as i32).clamp(-1, columns as i32)
        }
    };
    let (mut raw, mut smooth) = (Segments::default(), Segments::default());
    let mut gaps: Vec<(i32, Gap)> = Vec::new();
    let start = series.start();
    for (chunk, smoothed) in series.chunks().iter().zip(smoothed.chunks()) {
        let extent = chunk.x_extent(axis, start);
        let one = column(extent.min);
        if one == column(extent.max) && !chunk.summary.has_gaps {
            let (a, b) = whole(chunk, smoothed, axis, start, one);
            raw.add(a);
            smooth.add(b);
            continue;
        }
        let mut smoother = smoothed.before;
        for (at, &value) in chunk.values().iter().enumerate() {
            let x = chunk.x(at, axis, start);
            let column = column(x);
            let smoothed = smoother.push(value);
            if value.is_finite() {
                raw.add_spot(column, Spot { x, y: f64::from(value) });
                smooth.add_spot(column, Spot { x, y: smoothed });
                continue;
            }
            (raw.is_broken, smooth.is_broken) = (true, true);
            let gap = match value {
                f32::INFINITY => Gap::Infinite,
                f32::NEG_INFINITY => Gap::NegativeInfinite,
                _ => Gap::Nan,
            };
            let is_seen = gaps.last() == Some(&(column, gap));
            if !is_seen && (0..columns as i32).contains(&column) {
                gaps.push((column, gap));
            }
        }
    }
    Thinned { raw: raw.list, smoothed: smooth.list, gaps }
}

/// Takes a chunk that falls into one column, by its summary.
fn whole(
    chunk: &Chunk,
    smoothed: &SmoothedChunk,
    axis: XAxis,
    start: f64,
    column: i32,
) -> (Segment, Segment) {
    let values = chunk.values();
    let last = values.len() - 1;
    let (first_x, last_x) = (chunk.x(0, axis, start), chunk.x(last, axis, start));
    let spot = |x, y| Spot { x, y };
    let raw = Segment {
        column,
        first: spot(first_x, f64::from(values[0])),
        last: spot(last_x, f64::from(values[last])),
        min: chunk.summary.values.min,
        max: chunk.summary.values.max,
        is_joined: false,
    };
    let mut before = smoothed.before;
    let smooth = Segment {
        first: spot(first_x, before.push(values[0])),
        last: spot(last_x, smoothed.last),
        min: smoothed.values.min,
        max: smoothed.values.max,
        ..raw
    };
    (raw, smooth)
}

#[cfg(test)]
mod tests {
    use super::super::scale::ScaleKind;
    use super::super::series::{Extent, series};
    use super::*;
    use proptest::prelude::*;

    fn thinned(series: &Series, weight: f64, range: Option<Extent>, columns: usize) -> Thinned {
        let mut smoothed = Smoothed::default();
        smoothed.update(series, weight);
        let extent = range.unwrap_or_else(|| series.x_extent(XAxis::Step));
        let scale = Scale::steps(ScaleKind::Linear, extent);
        thin(series, &smoothed, XAxis::Step, &scale, columns)
    }

    #[test]
    fn a_single_spike_among_a_million_points_survives() {
        let mut values = vec![0.0; 1_000_000];
        values[654_321] = 9.0;
        let found = thinned(&series(values), 0.0, None, 100);
        let spikes: Vec<_> = found.raw.iter().filter(|s| s.max == 9.0).map(|s| s.column).collect();
        assert_eq!(spikes, [65]);
        assert_eq!(found.raw.len(), 100);
    }

    #[test]
    fn a_gap_breaks_the_line() {
        let found = thinned(&series([0.0, 1.0, f32::NAN, 3.0, f32::INFINITY]), 0.0, None, 5);
        let joined: Vec<_> = found.raw.iter().map(|s| (s.column, s.is_joined)).collect();
        assert_eq!(joined, [(0, false), (1, true), (3, false)]);
        assert_eq!(found.gaps, [(2, Gap::Nan), (4, Gap::Infinite)]);
    }

    #[test]
    fn what_lies_beside_a_zoomed_range_only_leads_into_it() {
        let range = Extent { min: 400.0, max: 500.0 };
        let found = thinned(&series((0..1000).map(|at| at as f32)), 0.0, Some(range), 10);
        let (first, last) = (found.raw[0], found.raw[found.raw.len() - 1]);
        assert_eq!((first.column, first.last.x), (-1, 399.0));
        assert_eq!((last.column, last.first.x), (10, 501.0));
        assert_eq!(found.raw.len(), 12);
    }

    proptest! {
        #[test]
        fn columns_have_the_extremes_of_their_points(
            values in proptest::collection::vec(-1e3f32..1e3, 1..2000),
            columns in 1usize..60,
            weight in 0.0f64..0.99,
        ) {
            let series = series(values.iter().copied());
            let found = thinned(&series, weight, None, columns);
            let smooth = super::super::smooth::smooth(&series, weight);
            let end = (values.len() - 1).max(1) as f64;
            let scale = Scale::steps(ScaleKind::Linear, series.x_extent(XAxis::Step));
            for (segments, all) in [
                (&found.raw, values.iter().map(|v| f64::from(*v)).collect::<Vec<_>>()),
                (&found.smoothed, smooth),
            ] {
                for segment in segments {
                    let mut extent = Extent::EMPTY;
                    for (at, value) in all.iter().enumerate() {
                        let position = scale.position(at as f64) * columns as f64;
                        let column = (position as i32).min(columns as i32 - 1);
                        if column == segment.column {
                            extent.add(*value);
                        }
                    }
                    prop_assert_eq!((segment.min, segment.max), (extent.min, extent.max));
                }
                let columns_in_order = segments.windows(2).all(|pair| pair[0].column < pair[1].column);
                prop_assert!(columns_in_order && end >= 1.0);
            }
        }
    }
}
