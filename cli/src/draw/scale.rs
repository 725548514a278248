//! Linear, logarithmic and symmetric logarithmic scales, and their ticks.

use super::series::{Extent, XAxis};

/// How an axis maps numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum ScaleKind {
    #[default]
    Linear,
    /// Logarithmic; symmetric logarithmic where numbers are zero or negative.
    Log,
    /// Symmetric logarithmic: linear around zero, for numbers of both signs.
    Symlog,
}

impl ScaleKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Log => "log",
            Self::Symlog => "symlog",
        }
    }
}

/// Maps a range of numbers to 0..1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    pub(crate) kind: ScaleKind,
    pub(crate) min: f64,
    pub(crate) max: f64,
    /// Where a symmetric logarithmic scale turns from linear to logarithmic.
    threshold: f64,
}

/// A number on an axis, and how it is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    pub(crate) value: f64,
    pub(crate) label: String,
}

impl Scale {
    /// A scale over exactly this range. A logarithmic scale that would have to show zero or less
    /// becomes a symmetric one.
    pub(crate) fn new(kind: ScaleKind, extent: Extent) -> Self {
        let Extent { mut min, mut max } = extent;
        if extent.is_empty() {
            (min, max) = (0.0, 1.0);
        }
        let kind = if kind == ScaleKind::Log && min <= 0.0 { ScaleKind::Symlog } else { kind };
        if min == max {
            let pad = if min == 0.0 { 1.0 } else { min.abs() * 0.1 };
            (min, max) = match kind {
                ScaleKind::Log => (min / 2.0, max * 2.0),
                _ => (min - pad, max + pad),
            };
        }
        let largest = min.abs().max(max.abs());
        let threshold = 10f64.powf(largest.log10().floor() - 3.0).max(f64::MIN_POSITIVE);
        Self { kind, min, max, threshold }
    }

    /// A scale for values: 5 % wider than the range at both ends, as in TensorBoard.
    pub(crate) fn padded(kind: ScaleKind, extent: Extent) -> Self {
        let scale = Self::new(kind, extent);
        if extent.is_empty() || extent.min == extent.max {
            return scale;
        }
        let (min, max) = (scale.invert(-0.05), scale.invert(1.05));
        let has_logarithm = scale.kind != ScaleKind::Log || min > 0.0;
        let is_usable = min.is_finite() && max.is_finite() && has_logarithm;
        if is_usable { Self { min, max, ..scale } } else { scale }
    }

    /// A scale for steps: zero stays on a logarithmic axis, one unit long.
    pub(crate) fn steps(kind: ScaleKind, extent: Extent) -> Self {
        Self { threshold: 1.0, ..Self::new(kind, extent) }
    }

    fn forward(&self, value: f64) -> f64 {
        match self.kind {
            ScaleKind::Linear => value,
            ScaleKind::Log => value.log10(),
            ScaleKind::Symlog => (value / self.threshold).asinh(),
        }
    }

    fn backward(&self, value: f64) -> f64 {
        match self.kind {
            ScaleKind::Linear => value,
            ScaleKind::Log => 10f64.powf(value),
            ScaleKind::Symlog => value.sinh() * self.threshold,
        }
    }

    /// Returns where a number is: 0 at the lower end, 1 at the upper; not finite where the scale
    /// has no place for it.
    pub(crate) fn position(&self, value: f64) -> f64 {
        let (min, max) = (self.forward(self.min), self.forward(self.max));
        // Halves, so that a range of all numbers does not overflow.
        (self.forward(value) / 2.0 - min / 2.0) / (max / 2.0 - min / 2.0)
    }

    /// Returns the number at a position.
    pub(crate) fn invert(&self, position: f64) -> f64 {
        let (min, max) = (self.forward(self.min), self.forward(self.max));
        self.backward(min * (1.0 - position) + max * position)
    }

    /// Returns about `count` ticks within the range, each with its label.
    pub(crate) fn ticks(&self, count: usize) -> Vec<Tick> {
        let count = count.max(2);
        match self.kind {
            ScaleKind::Linear => self.linear_ticks(count),
            ScaleKind::Log | ScaleKind::Symlog => {
                let ticks = self.decades(count);
                // Less than two decades: as many digits as make the ticks differ.
                if ticks.len() >= 2 { ticks } else { self.linear_ticks(count) }
            }
        }
    }

    fn linear_ticks(&self, count: usize) -> Vec<Tick> {
        let mut step = nice_step((self.max / count as f64) - (self.min / count as f64));
        let (mut first, mut last) = ((self.min / step).ceil(), (self.max / step).floor());
        if last - first < 1.0 {
            // A single tick says nothing of the scale.
            step = nice_step(step / 2.5);
            (first, last) = ((self.min / step).ceil(), (self.max / step).floor());
        }
        let ticks = (0..=(last - first).clamp(0.0, 100.0) as usize).map(|at| {
            let value = (first + at as f64) * step;
            Tick { value, label: label(value, step) }
        });
        ticks.collect()
    }

    /// Powers of ten, both signs and zero on a symmetric scale, so many apart that they fit.
    fn decades(&self, count: usize) -> Vec<Tick> {
        let decade = |value: f64| value.abs().max(self.threshold).log10();
        let mut values = Vec::new();
        if self.kind == ScaleKind::Log {
            let (low, high) = (self.min.log10().ceil() as i32, self.max.log10().floor() as i32);
            values.extend((low..=high).map(|power| 10f64.powi(power)));
        } else {
            let low = self.threshold.log10().round() as i32;
            if self.min < 0.0 {
                let high = decade(self.min).floor() as i32;
                values.extend((low..=high).rev().map(|power| -(10f64.powi(power))));
            }
            values.push(0.0);
            let high = decade(self.max).floor() as i32;
            values.extend((low..=high).map(|power| 10f64.powi(power)));
            values.retain(|value| (self.min..=self.max).contains(value));
        }
        let every = values.len().div_ceil(count).max(1);
        // Zero keeps its tick.
        let zero = values.iter().position(|value| *value == 0.0).unwrap_or(0);
        let kept = values.iter().enumerate().filter(|(at, _)| at.abs_diff(zero) % every == 0);
        kept.map(|(_, &value)| Tick { value, label: short(value) }).collect()
    }
}

/// Returns the smallest of 1, 2 and 5 times a power of ten that is not below a number.
fn nice_step(step: f64) -> f64 {
    if !step.is_finite() || step <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(step.log10().floor());
    let factor =
        [1.0, 2.0, 5.0, 10.0].into_iter().find(|factor| factor * power >= step * 0.999_999);
    factor.unwrap_or(10.0) * power
}

/// Writes a tick with as many digits as the distance of the ticks asks for.
fn label(value: f64, step: f64) -> String {
    let value = if value.abs() < step / 1e6 { 0.0 } else { value };
    let digits = (-step.log10().floor()).max(0.0) as usize;
    if value == 0.0 {
        return "0".to_owned();
    }
    for (unit, suffix) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] {
        if value.abs() >= unit && value.abs() < 1e12 && step >= unit / 100.0 && value.abs() >= 1e4 {
            let digits = (-(step / unit).log10().floor()).max(0.0) as usize;
            return format!("{:.digits$}{suffix}", value / unit);
        }
    }
    if value.abs() >= 1e7 || step < 1e-5 {
        let digits = (value.abs().log10().floor() - step.log10().floor()).clamp(0.0, 15.0) as usize;
        return format!("{value:.digits$e}");
    }
    format!("{value:.digits$}")
}

/// Writes a number in at most eight characters.
pub(crate) fn short(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let exponent = value.abs().log10().floor() as i32;
    if !(-4..6).contains(&exponent) {
        let text = format!("{value:.2e}");
        let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
        let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
        return format!("{mantissa}e{power}");
    }
    let digits = (3 - exponent).clamp(0, 7) as usize;
    let text = format!("{value:.digits$}");
    if digits == 0 {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Writes a duration in seconds: `1h 30m`, `12m`, `3.5s`.
pub(crate) fn duration(seconds: f64) -> String {
    let whole = seconds.abs().round() as u64;
    let sign = if seconds < 0.0 { "-" } else { "" };
    let (days, hours, minutes) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60);
    match whole {
        86_400.. if hours == 0 => format!("{sign}{days}d"),
        86_400.. => format!("{sign}{days}d{hours}h"),
        3600.. if minutes == 0 => format!("{sign}{hours}h"),
        3600.. => format!("{sign}{hours}h{minutes:02}"),
        60.. if whole.is_multiple_of(60) => format!("{sign}{minutes}m"),
        60.. => format!("{sign}{minutes}m{:02}", whole % 60),
        _ if seconds.abs() >= 9.95 || seconds.fract() == 0.0 => format!("{sign}{whole}s"),
        _ => format!("{}s", short((seconds * 1000.0).round() / 1000.0)),
    }
}

/// The distances of ticks on an axis of time, in seconds.
const TIMES: [f64; 21] = [
    1.0,
    2.0,
    5.0,
    10.0,
    15.0,
    30.0,
    60.0,
    120.0,
    300.0,
    600.0,
    900.0,
    1800.0,
    3600.0,
    7200.0,
    10_800.0,
    21_600.0,
    43_200.0,
    86_400.0,
    172_800.0,
    604_800.0,
    2_592_000.0,
];

/// Returns the ticks of an x axis. `utc_offset` is the offset of local time from UTC, in seconds.
pub(crate) fn x_ticks(scale: &Scale, axis: XAxis, count: usize, utc_offset: i64) -> Vec<Tick> {
    let span = scale.max - scale.min;
    if axis == XAxis::Step || (axis == XAxis::Relative && scale.kind != ScaleKind::Linear) {
        let mut ticks = scale.ticks(count);
        if axis == XAxis::Step {
            ticks.retain(|tick| tick.value.fract() == 0.0);
        } else {
            ticks.iter_mut().for_each(|tick| tick.label = duration(tick.value));
        }
        return ticks;
    }
    let wanted = span / count.max(2) as f64;
    let step = match TIMES.into_iter().find(|time| *time >= wanted) {
        Some(_) if wanted < 0.5 => nice_step(wanted),
        Some(time) => time,
        None => nice_step(wanted / 86_400.0) * 86_400.0,
    };
    let shift = if axis == XAxis::Wall { utc_offset as f64 } else { 0.0 };
    let (first, last) = (((scale.min + shift) / step).ceil(), ((scale.max + shift) / step).floor());
    let ticks = (0..=(last - first).clamp(-1.0, 100.0) as i64).map(|at| {
        let local = (first + at as f64) * step;
        let label = if axis == XAxis::Relative { duration(local) } else { clock(local, step) };
        Tick { value: local - shift, label }
    });
    ticks.collect()
}

/// Writes a local time, as exactly as the distance of the ticks asks for.
pub(crate) fn clock(local: f64, step: f64) -> String {
    let time = chrono::DateTime::from_timestamp(local.floor() as i64, 0).unwrap_or_default();
    let is_midnight = local.rem_euclid(86_400.0) < 1.0;
    let format = match step {
        _ if is_midnight || step >= 86_400.0 => "%b %d",
        60.0.. => "%H:%M",
        _ => "%H:%M:%S",
    };
    time.format(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(scale: Scale, count: usize) -> Vec<String> {
        scale.ticks(count).into_iter().map(|tick| tick.label).collect()
    }

    fn extent(min: f64, max: f64) -> Extent {
        Extent { min, max }
    }

    #[test]
    fn linear_ticks_are_round() {
        let cases: [(f64, f64, usize, &[&str]); 6] = [
            (0.0, 1.0, 5, &["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
            (-3.0, 7.0, 5, &["-2", "0", "2", "4", "6"]),
            (0.0, 10_000.0, 4, &["0", "5000", "10k"]),
            (0.0, 3e6, 3, &["0", "1M", "2M", "3M"]),
            (0.001, 0.0034, 3, &["0.001", "0.002", "0.003"]),
            (1e-9, 4e-9, 3, &["1e-9", "2e-9", "3e-9", "4e-9"]),
        ];
        for (min, max, count, expected) in cases {
            assert_eq!(labels(Scale::new(ScaleKind::Linear, extent(min, max)), count), expected);
        }
    }

    #[test]
    fn logarithmic_ticks_are_decades() {
        let scale = Scale::new(ScaleKind::Log, extent(1e-4, 2.0));
        assert_eq!(labels(scale, 6), ["0.0001", "0.001", "0.01", "0.1", "1"]);
        let scale = Scale::new(ScaleKind::Log, extent(1e-9, 1e9));
        assert_eq!(labels(scale, 5), ["1e-9", "1e-5", "0.1", "1000", "1e7"]);
        // Within a decade.
        for kind in [ScaleKind::Log, ScaleKind::Symlog] {
            let scale = Scale::new(kind, extent(2.0, 8.0));
            assert_eq!(labels(scale, 4), ["2", "4", "6", "8"]);
        }
    }

    #[test]
    fn zero_and_both_signs_make_a_logarithmic_scale_symmetric() {
        let scale = Scale::new(ScaleKind::Log, extent(-100.0, 1000.0));
        assert_eq!(scale.kind, ScaleKind::Symlog);
        let found = labels(scale, 20);
        assert_eq!(found, ["-100", "-10", "-1", "0", "1", "10", "100", "1000"]);
        let scale = Scale::steps(ScaleKind::Log, extent(0.0, 1000.0));
        assert_eq!(labels(scale, 9), ["0", "1", "10", "100", "1000"]);
        assert_eq!((scale.position(0.0), scale.position(1000.0)), (0.0, 1.0));
    }

    #[test]
    fn times_are_round_in_local_time() {
        // 2023-11-14 22:13:20 UTC, shown an hour ahead.
        let scale = Scale::new(ScaleKind::Linear, extent(1.7e9, 1.7e9 + 7200.0));
        let ticks = x_ticks(&scale, XAxis::Wall, 4, 3600);
        let labels: Vec<_> = ticks.iter().map(|tick| &*tick.label).collect();
        assert_eq!(labels, ["23:30", "Nov 15", "00:30", "01:00"]);
        assert_eq!(ticks[0].value, 1.7e9 + 1000.0);
        let scale = Scale::new(ScaleKind::Linear, extent(0.0, 5400.0));
        let ticks = x_ticks(&scale, XAxis::Relative, 3, 0);
        let labels: Vec<_> = ticks.iter().map(|tick| &*tick.label).collect();
        assert_eq!(labels, ["0s", "30m", "1h", "1h30"]);
    }

    #[test]
    fn steps_have_no_fractions() {
        let scale = Scale::steps(ScaleKind::Linear, extent(0.0, 3.0));
        let ticks = x_ticks(&scale, XAxis::Step, 10, 0);
        assert_eq!(ticks.iter().map(|tick| tick.value).collect::<Vec<_>>(), [0.0, 1.0, 2.0, 3.0]);
    }

    #[test]
    fn numbers_are_short() {
        let cases = [
            (0.0, "0"),
            (1.0, "1"),
            (0.123_456, "0.1235"),
            (123_456.0, "123456"),
            (-0.5, "-0.5"),
            (1.5e9, "1.5e9"),
            (3e-7, "3e-7"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-inf"),
            (99.995, "100"),
            (12.345, "12.35"),
        ];
        for (value, expected) in cases {
            assert_eq!(short(value), expected);
        }
        assert_eq!(duration(0.25), "0.25s");
        assert_eq!(duration(90_000.0), "1d1h");
        assert_eq!(duration(75.0), "1m15");
    }

    proptest! {
        #[test]
        fn ticks_lie_within_and_positions_invert(
            a in -1e12f64..1e12, b in -1e12f64..1e12, count in 0usize..20,
            kind in prop_oneof![Just(ScaleKind::Linear), Just(ScaleKind::Log), Just(ScaleKind::Symlog)],
        ) {
            let scale = Scale::padded(kind, extent(a.min(b), a.max(b)));
            let ticks = scale.ticks(count);
            prop_assert!(ticks.len() <= 2 * count + 12);
            for pair in ticks.windows(2) {
                prop_assert!(pair[0].value < pair[1].value);
                prop_assert!(pair[0].label != pair[1].label, "{pair:?}");
            }
            for tick in ticks {
                let position = scale.position(tick.value);
                prop_assert!((-1e-9..=1.0 + 1e-9).contains(&position), "{tick:?} {position}");
                let error = (scale.invert(position) - tick.value).abs();
                prop_assert!(error <= 1e-6 * scale.max.abs().max(scale.min.abs()));
            }
        }

        #[test]
        fn any_range_has_a_scale(a in any::<f64>(), b in any::<f64>()) {
            let mut found = Extent::EMPTY;
            found.add(a);
            found.add(b);
            for kind in [ScaleKind::Linear, ScaleKind::Log, ScaleKind::Symlog] {
                let scale = Scale::padded(kind, found);
                prop_assert!(scale.min < scale.max || scale.max.is_infinite(), "{scale:?}");
                prop_assert!(scale.ticks(5).len() < 30);
            }
        }
    }
}
