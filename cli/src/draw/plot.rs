//! A chart before it is drawn: ranges, and curves thinned to columns.

use super::palette::Style;
use super::scale::{Scale, ScaleKind};
use super::series::{CHUNK, Extent, Series, XAxis};
use super::smooth::Smoothed;
use super::thin::{Segment, Spot, Thinned, thin};
use crate::output::numbers::count;

/// A curve to draw.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Curve<'a> {
    pub(crate) style: Style,
    pub(crate) series: &'a Series,
    /// Of the series, up to date.
    pub(crate) smoothed: &'a Smoothed,
    /// The lower and the upper edge of a band, such as mean ± standard deviation of a group.
    pub(crate) band: Option<(&'a Series, &'a Series)>,
}

/// How curves are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct View {
    pub(crate) axis: XAxis,
    pub(crate) x_scale: ScaleKind,
    pub(crate) y_scale: ScaleKind,
    /// TensorBoard's weight, 0 to 1; 0 does not smooth.
    pub(crate) smoothing: f64,
    /// Leaves out of the y range what lies below the 5th or above the 95th percentile.
    pub(crate) clips_outliers: bool,
    pub(crate) x_range: Option<Extent>,
    pub(crate) y_range: Option<Extent>,
    /// The offset of local time from UTC, in seconds.
    pub(crate) utc_offset: i64,
}

/// A chart that is ready to be drawn.
#[derive(Clone, Debug)]
pub(crate) struct Plot {
    pub(crate) x: Scale,
    pub(crate) y: Scale,
    pub(crate) axis: XAxis,
    pub(crate) columns: usize,
    pub(crate) curves: Vec<Drawn>,
    /// How many points lie outside the y range.
    pub(crate) outside: usize,
    pub(crate) has_points: bool,
}

/// A curve of a [`Plot`].
#[derive(Clone, Debug)]
pub(crate) struct Drawn {
    pub(crate) style: Style,
    pub(crate) thinned: Thinned,
    pub(crate) lower: Vec<Segment>,
    pub(crate) upper: Vec<Segment>,
    /// Whether the raw values are a band behind the smoothed line.
    pub(crate) is_smoothed: bool,
}

/// Beyond so many points the percentiles are those of every 256th.
const EXACT: usize = 1 << 17;

impl Plot {
    /// Thins curves to `columns` columns.
    pub(crate) fn new(curves: &[Curve<'_>], view: &View, columns: usize) -> Self {
        let mut extent = Extent::EMPTY;
        for curve in curves {
            extent.join(curve.series.x_extent(view.axis));
        }
        let x_extent = view.x_range.unwrap_or(extent);
        let x = match view.axis {
            XAxis::Step => Scale::steps(view.x_scale, x_extent),
            XAxis::Relative => Scale::steps(view.x_scale, x_extent),
            XAxis::Wall => Scale::new(ScaleKind::Linear, x_extent),
        };
        let within = view.x_range.unwrap_or(Extent { min: f64::NEG_INFINITY, max: f64::INFINITY });
        let y = match view.y_range {
            Some(range) => Scale::new(view.y_scale, range),
            None => Scale::padded(view.y_scale, y_extent(curves, view, within)),
        };
        let thin_series = |series: &Series| {
            let mut smoothed = Smoothed::default();
            smoothed.update(series, 0.0);
            thin(series, &smoothed, view.axis, &x, columns).raw
        };
        let drawn = curves.iter().map(|curve| Drawn {
            style: curve.style,
            thinned: thin(curve.series, curve.smoothed, view.axis, &x, columns),
            lower: curve.band.map(|(lower, _)| thin_series(lower)).unwrap_or_default(),
            upper: curve.band.map(|(_, upper)| thin_series(upper)).unwrap_or_default(),
            is_smoothed: view.smoothing > 0.0,
        });
        let drawn = drawn.collect();
        let outside = curves.iter().map(|curve| count_outside(curve, view, within, &y)).sum();
        let (axis, has_points) = (view.axis, !extent.is_empty());
        Self { x, y, axis, columns, curves: drawn, outside, has_points }
    }

    /// A chart of lines through places, such as precision over recall.
    pub(crate) fn of_lines(lines: &[(Style, Vec<Spot>)], columns: usize) -> Self {
        let unit = Extent { min: 0.0, max: 1.0 };
        let (mut x_extent, mut y_extent) = (unit, unit);
        for spot in lines.iter().flat_map(|(_, spots)| spots) {
            x_extent.add(spot.x);
            y_extent.add(spot.y);
        }
        let (x, y) =
            (Scale::new(ScaleKind::Linear, x_extent), Scale::padded(ScaleKind::Linear, y_extent));
        let segment = |spot: &Spot| Segment {
            column: (x.position(spot.x) * columns as f64) as i32,
            first: *spot,
            last: *spot,
            min: spot.y,
            max: spot.y,
            is_joined: true,
        };
        let curves = lines.iter().map(|(style, spots)| {
            let finite = |spot: &&Spot| spot.x.is_finite() && spot.y.is_finite();
            let segments: Vec<_> = spots.iter().filter(finite).map(segment).collect();
            Drawn {
                style: *style,
                thinned: Thinned { smoothed: segments.clone(), raw: segments, gaps: Vec::new() },
                lower: Vec::new(),
                upper: Vec::new(),
                is_smoothed: false,
            }
        });
        let curves: Vec<_> = curves.collect();
        let has_points = curves.iter().any(|curve| !curve.thinned.raw.is_empty());
        Self { x, y, axis: XAxis::Step, columns, curves, outside: 0, has_points }
    }

    /// Describes how many points lie outside the y range.
    pub(crate) fn outliers(&self) -> String {
        count(self.outside, "outlier")
    }

    /// Returns a place in units of the chart: 0 to 1 from the left and from the top.
    pub(crate) fn place(&self, spot: Spot) -> (f64, f64) {
        (self.x.position(spot.x), 1.0 - self.y.position(spot.y))
    }
}

/// Returns the range of the values within a range of x.
///
/// As TensorBoard does without outliers: from the value at the 5th percentile to that at the 95th
/// of what is drawn, smoothed. With them everything is within, unsmoothed spikes as well.
fn y_extent(curves: &[Curve<'_>], view: &View, within: Extent) -> Extent {
    let total: usize = curves.iter().map(|curve| curve.series.len()).sum();
    let mut values = Vec::new();
    let mut extent = Extent::EMPTY;
    let may_be_logarithmic = |value: f64| view.y_scale != ScaleKind::Log || value > 0.0;
    for curve in curves {
        let start = curve.series.start();
        for (chunk, smoothed) in curve.series.chunks().iter().zip(curve.smoothed.chunks()) {
            let found = chunk.x_extent(view.axis, start);
            if found.max < within.min || found.min > within.max {
                continue;
            }
            let is_whole = within.min <= found.min && found.max <= within.max;
            if view.clips_outliers && total > EXACT {
                values.push(smoothed.last);
                continue;
            }
            if !view.clips_outliers && is_whole {
                extent.join(chunk.summary.values);
                continue;
            }
            let mut smoother = smoothed.before;
            for (at, &value) in chunk.values().iter().enumerate() {
                let y = smoother.push(value);
                let x = chunk.x(at, view.axis, start);
                if (within.min..=within.max).contains(&x) {
                    values.push(if view.clips_outliers { y } else { f64::from(value) });
                }
            }
        }
        if let Some((lower, upper)) = curve.band {
            for chunk in lower.chunks().iter().chain(upper.chunks()) {
                extent.join(chunk.summary.values);
            }
        }
    }
    values.retain(|value| value.is_finite());
    // A scale that starts at zero because one of a million values is zero would help nobody.
    if values.iter().any(|value| may_be_logarithmic(*value)) && view.clips_outliers {
        let is_mostly_positive =
            values.iter().filter(|value| **value > 0.0).count() * 20 >= values.len() * 19;
        if view.y_scale == ScaleKind::Log && is_mostly_positive {
            values.retain(|value| *value > 0.0);
        }
    }
    if view.clips_outliers && values.len() > 2 {
        values.sort_unstable_by(f64::total_cmp);
        let last = (values.len() - 1) as f64;
        let at = |part: f64| values[part as usize];
        extent.add(at((last * 0.05).ceil()));
        extent.add(at((last * 0.95).floor()));
    } else {
        values.into_iter().for_each(|value| extent.add(value));
    }
    extent
}

/// Counts the points that lie within the x range and outside the y range.
fn count_outside(curve: &Curve<'_>, view: &View, within: Extent, y: &Scale) -> usize {
    let start = curve.series.start();
    let range = y.min..=y.max;
    let mut count = 0;
    for chunk in curve.series.chunks() {
        let (found, values) = (chunk.x_extent(view.axis, start), chunk.summary.values);
        let is_inside = range.contains(&values.min) && range.contains(&values.max);
        if is_inside || values.is_empty() || found.max < within.min || found.min > within.max {
            continue;
        }
        let is_whole = within.min <= found.min && found.max <= within.max;
        let all_outside = values.max < y.min || values.min > y.max;
        if is_whole && all_outside && !chunk.summary.has_gaps && chunk.len() == CHUNK {
            count += CHUNK;
            continue;
        }
        for (at, &value) in chunk.values().iter().enumerate() {
            let x = chunk.x(at, view.axis, start);
            let is_in_view = (within.min..=within.max).contains(&x);
            count +=
                usize::from(is_in_view && value.is_finite() && !range.contains(&f64::from(value)));
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::super::series::series;
    use super::*;

    fn plot(series: &Series, view: View) -> Plot {
        let mut smoothed = Smoothed::default();
        smoothed.update(series, view.smoothing);
        let curve = Curve { style: Style::default(), series, smoothed: &smoothed, band: None };
        Plot::new(&[curve], &view, 40)
    }

    #[test]
    fn outliers_are_clipped_as_in_tensorboard() {
        // 100 values 0..=99, the first replaced by a spike: sorted 1..=99, 1000.
        let series = series((0..100).map(|at| if at == 0 { 1000.0 } else { at as f32 }));
        let clipped = plot(&series, View { clips_outliers: true, ..View::default() });
        // ceil(99 × 0.05) = 5 and floor(99 × 0.95) = 94: the values 6 and 95, and 5 % on both sides.
        assert!((clipped.y.min - (6.0 - 4.45)).abs() < 1e-9, "{:?}", clipped.y);
        assert!((clipped.y.max - (95.0 + 4.45)).abs() < 1e-9, "{:?}", clipped.y);
        assert_eq!(clipped.outside, 2);
        let whole = plot(&series, View::default());
        assert_eq!((whole.y.min, whole.outside), (1.0 - 49.95, 0));
    }

    #[test]
    fn two_points_are_not_clipped() {
        let plot = plot(&series([1.0, 3.0]), View { clips_outliers: true, ..View::default() });
        assert!((plot.y.min - 0.9).abs() < 1e-9 && (plot.y.max - 3.1).abs() < 1e-9);
    }

    #[test]
    fn a_zoomed_range_sets_the_values() {
        let range = Some(Extent { min: 10.0, max: 20.0 });
        let plot = plot(
            &series((0..1000).map(|at| at as f32)),
            View { x_range: range, ..View::default() },
        );
        assert_eq!((plot.x.min, plot.x.max), (10.0, 20.0));
        assert_eq!((plot.y.min, plot.y.max), (9.5, 20.5));
    }

    #[test]
    fn the_clipped_range_is_that_of_smoothed_values() {
        let zigzag = series((0..1000).map(|at| if at % 2 == 0 { -1.0 } else { 1.0 }));
        let view = View { clips_outliers: true, smoothing: 0.9, ..View::default() };
        let plot = plot(&zigzag, view);
        assert!(plot.y.max < 0.2, "{:?}", plot.y);
        assert_eq!(plot.outside, 1000);
    }

    #[test]
    fn nothing_and_nan_alone_have_a_chart() {
        for series in [Series::default(), series([f32::NAN, f32::NAN])] {
            let plot = plot(&series, View { clips_outliers: true, ..View::default() });
            assert!(plot.y.min < plot.y.max);
            assert!(plot.x.min < plot.x.max);
        }
    }
}
