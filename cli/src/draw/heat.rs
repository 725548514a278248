//! Histograms over steps as a heat map.

use super::series::Extent;
use tfevents::read::HistogramValue;

/// The levels of a heat map, row by row from the top; 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Heat {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    pub(crate) levels: Vec<f64>,
    /// The values at the lower and the upper edge.
    pub(crate) values: Extent,
    /// The steps at the left and the right edge.
    pub(crate) steps: (i64, i64),
}

/// Draws histograms, sorted by step: each column has the last one up to its step.
///
/// A level is the square root of the density, so that tails are visible; the highest density of
/// all histograms is 1.
pub(crate) fn heat<'a>(
    histograms: impl IntoIterator<Item = (i64, &'a HistogramValue)>,
    columns: usize,
    rows: usize,
) -> Heat {
    let histograms: Vec<_> = histograms.into_iter().collect();
    let mut values = Extent::EMPTY;
    for bucket in histograms.iter().flat_map(|(_, value)| &value.buckets) {
        if bucket.count > 0.0 {
            values.add(bucket.lower);
            values.add(bucket.upper);
        }
    }
    let steps = match (histograms.first(), histograms.last()) {
        (Some((first, _)), Some((last, _))) => (*first, *last),
        _ => (0, 0),
    };
    let mut heat = Heat { columns, rows, levels: vec![0.0; columns * rows], values, steps };
    if values.is_empty() || columns == 0 || rows == 0 {
        return heat;
    }
    let mut at = 0;
    for column in 0..columns {
        let part = if columns > 1 { column as f64 / (columns - 1) as f64 } else { 1.0 };
        let step = steps.0 as f64 + (steps.1 as f64 - steps.0 as f64) * part;
        while histograms.get(at + 1).is_some_and(|(next, _)| *next as f64 <= step) {
            at += 1;
        }
        for (row, density) in densities(histograms[at].1, values, rows).into_iter().enumerate() {
            heat.levels[(rows - 1 - row) * columns + column] = density;
        }
    }
    let max = heat.levels.iter().copied().fold(0.0, f64::max);
    for level in &mut heat.levels {
        *level = if max > 0.0 { (*level / max).sqrt() } else { 0.0 };
    }
    heat
}

/// Spreads the counts of a histogram evenly over the rows that its buckets cover, from the lowest.
/// Counts are divided by the total: histograms of different sizes compare.
pub(crate) fn densities(histogram: &HistogramValue, values: Extent, rows: usize) -> Vec<f64> {
    let mut counts = vec![0.0; rows];
    let span = values.max - values.min;
    let total = histogram.count();
    let row_of = |value: f64| {
        let part = if span > 0.0 { (value - values.min) / span } else { 0.5 };
        part * rows as f64
    };
    for bucket in &histogram.buckets {
        let is_usable = bucket.count > 0.0 && bucket.lower.is_finite() && bucket.upper.is_finite();
        if !is_usable {
            continue;
        }
        let (low, high) = (row_of(bucket.lower), row_of(bucket.upper));
        let first = (low.max(0.0) as usize).min(rows - 1);
        let last = ((high.ceil() - 1.0).max(low) as usize).clamp(first, rows - 1);
        for (row, count) in counts.iter_mut().enumerate().take(last + 1).skip(first) {
            let overlap = high.min(row as f64 + 1.0) - low.max(row as f64);
            let part = if high > low { (overlap / (high - low)).clamp(0.0, 1.0) } else { 1.0 };
            *count += bucket.count * part / total.max(f64::MIN_POSITIVE);
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use tfevents::SummaryWriter;
    use tfevents::read::Run;

    fn histograms(batches: &[&[f32]]) -> Vec<(i64, HistogramValue)> {
        let dir = tempfile::tempdir().unwrap();
        let writer = SummaryWriter::new(dir.path()).unwrap();
        for (step, values) in batches.iter().enumerate() {
            writer.add_histogram("h", *values, step as i64);
        }
        writer.close().unwrap();
        let found = Run::open(dir.path()).unwrap().histograms("h").unwrap();
        found.into_iter().map(|item| (item.step, item.value)).collect()
    }

    #[test]
    fn counts_are_where_their_values_are() {
        let found = histograms(&[&[0.0, 0.0, 4.0, 4.0], &[0.0, 4.0, 4.0, 4.0]]);
        let heat = heat(found.iter().map(|(step, value)| (*step, value)), 2, 4);
        assert_eq!((heat.values.min, heat.values.max, heat.steps), (0.0, 4.0, (0, 1)));
        let level = |row: usize, column: usize| heat.levels[row * 2 + column];
        // Above: half of the values, then three quarters, which are the most.
        assert_eq!(level(0, 1), 1.0);
        assert!((level(0, 0) - (0.5f64 / 0.75).sqrt()).abs() < 1e-9);
        assert!((level(3, 1) - (0.25f64 / 0.75).sqrt()).abs() < 1e-9);
        assert_eq!((level(1, 0), level(2, 1)), (0.0, 0.0));
    }

    #[test]
    fn densities_add_up() {
        let found = histograms(&[&[1.0, 2.0, 2.5, 3.0, 9.0, -4.0]]);
        let values = Extent { min: -4.0, max: 9.0 };
        for rows in 1..40 {
            let sum: f64 = densities(&found[0].1, values, rows).iter().sum();
            assert!((sum - 1.0).abs() < 1e-9, "{rows}: {sum}");
        }
    }

    #[test]
    fn nothing_is_an_empty_map() {
        assert_eq!(heat([], 3, 2).levels, [0.0; 6]);
    }
}
