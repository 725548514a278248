//! Points of a curve that does not fit whole: its extremes.

use crate::draw::Series;

/// Picks at most `cap` points: all, or the first and last, and the smallest and largest of equal
/// parts. Returns their numbers, in order.
pub(super) fn pick(series: &Series, cap: usize) -> Vec<usize> {
    let len = series.len();
    if len <= cap {
        return (0..len).collect();
    }
    let parts = (cap.saturating_sub(2) / 2).max(1);
    let mut picked = vec![0];
    for part in 0..parts {
        let (from, to) = (part * len / parts, (part + 1) * len / parts);
        let value = |at: &usize| series.point(*at).map_or(f32::NAN, |point| point.value);
        // NaN is the largest, so that it is not lost.
        let min = (from..to).min_by(|a, b| value(a).total_cmp(&value(b)));
        let max = (from..to).max_by(|a, b| value(a).total_cmp(&value(b)));
        picked.extend(min.into_iter().chain(max));
    }
    picked.push(len - 1);
    picked.sort_unstable();
    picked.dedup();
    picked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Point;

    #[test]
    fn extremes_and_ends_stay() {
        let value = |at| match at {
            777 => 50.0,
            333 => -50.0,
            555 => f32::NAN,
            _ => (at % 7) as f32,
        };
        let point = |at| Point { step: at as i64, wall_time: 0.0, value: value(at) };
        let series: Series = (0..1000).map(point).collect();
        let picked = pick(&series, 40);
        assert!(picked.len() <= 40, "{}", picked.len());
        for wanted in [0, 333, 555, 777, 999] {
            assert!(picked.contains(&wanted), "{wanted}");
        }
        assert_eq!(pick(&series, 1000).len(), 1000);
    }
}
