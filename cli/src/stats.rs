//! Statistics of a few numbers, in `f64`, as numpy computes them.

/// A statistic over the runs of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Op {
    Mean,
    Std,
    /// The standard error of the mean.
    Sem,
    Min,
    Max,
    /// A quantile, from 0 to 1, interpolated linearly.
    Quantile(f64),
    /// The interquartile mean: without a quarter of the values at each end, rounded down.
    Iqm,
}

impl Op {
    /// Parses the name of a statistic: `mean`, `std`, `sem`, `min`, `max`, `median`, `iqm`, or `q`
    /// and a percentage.
    pub(crate) fn parse(name: &str) -> Result<(Self, String), String> {
        let op = match name {
            "mean" => Self::Mean,
            "std" => Self::Std,
            "sem" => Self::Sem,
            "min" => Self::Min,
            "max" => Self::Max,
            "median" => Self::Quantile(0.5),
            "iqm" => Self::Iqm,
            _ => {
                let percent = name.strip_prefix('q').and_then(|digits| digits.parse::<f64>().ok());
                let percent = percent.filter(|percent| (0.0..=100.0).contains(percent));
                let expected = "expected mean, std, sem, min, max, median, iqm or q0 to q100";
                Self::Quantile(percent.ok_or(expected)? / 100.0)
            }
        };
        Ok((op, name.to_owned()))
    }

    /// Computes the statistic of sorted values, as many as runs; `None` if there are too few. One
    /// run has no spread. NaN among the values makes it NaN.
    pub(crate) fn of(self, sorted: &[f64], ddof: u32) -> Option<f64> {
        let n = sorted.len();
        if n == 0 {
            return None;
        }
        // `total_cmp` sorts NaN to either end, by its sign.
        if sorted[0].is_nan() || sorted[n - 1].is_nan() {
            let has_spread = n > 1 && n > ddof as usize;
            return (has_spread || !matches!(self, Self::Std | Self::Sem)).then_some(f64::NAN);
        }
        match self {
            Self::Mean => Some(mean(sorted)),
            Self::Std => std(sorted, ddof),
            Self::Sem => Some(std(sorted, ddof)? / (n as f64).sqrt()),
            Self::Min => sorted.first().copied(),
            Self::Max => sorted.last().copied(),
            Self::Quantile(q) => Some(quantile(sorted, q)),
            Self::Iqm => Some(mean(&sorted[n / 4..n - n / 4])),
        }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn std(values: &[f64], ddof: u32) -> Option<f64> {
    let n = values.len();
    if n < 2 || n <= ddof as usize {
        return None;
    }
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((squares / (n - ddof as usize) as f64).sqrt())
}

fn quantile(sorted: &[f64], q: f64) -> f64 {
    let at = q * (sorted.len() - 1) as f64;
    let below = at.floor();
    let (a, t) = (sorted[below as usize], at - below);
    let Some(&b) = sorted.get(below as usize + 1).filter(|_| t > 0.0) else { return a };
    // As numpy, which is exact at both ends.
    if t >= 0.5 { b - (b - a) * (1.0 - t) } else { a + (b - a) * t }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, values: &[f64], ddof: u32) -> Option<f64> {
        Op::parse(name).unwrap().0.of(values, ddof)
    }

    #[test]
    fn statistics_are_numpys() {
        // By numpy 2.4.
        let values = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0];
        assert_eq!(of("mean", &values, 1), Some(10.5));
        assert_eq!(of("std", &values, 1), Some(11.861_703_081_766_969));
        assert_eq!(of("std", &values, 0), Some(10.828_203_913_853_857));
        assert_eq!(of("sem", &values, 1), Some(4.842_520_005_121_301));
        assert_eq!(of("min", &values, 1), Some(1.0));
        assert_eq!(of("max", &values, 1), Some(32.0));
        assert_eq!(of("median", &values, 1), Some(6.0));
        assert_eq!(of("q25", &values, 1), Some(2.5));
        assert_eq!(of("q75", &values, 1), Some(14.0));
        assert_eq!(of("q100", &values, 1), Some(32.0));
        assert_eq!(of("iqm", &values, 1), Some(7.5));
    }

    #[test]
    fn one_run_has_no_spread_and_nan_stays() {
        assert_eq!((of("std", &[1.0], 0), of("sem", &[1.0], 1)), (None, None));
        assert_eq!((of("std", &[f64::NAN], 0), of("mean", &[1.0], 1)), (None, Some(1.0)));
        for name in ["mean", "std", "min", "max", "median", "iqm", "q25"] {
            assert!(of(name, &[1.0, f64::NAN], 1).unwrap().is_nan(), "{name}");
            assert!(of(name, &[-f64::NAN, 1.0], 1).unwrap().is_nan(), "{name}");
        }
        for wrong in ["", "q", "q101", "q-1", "average"] {
            assert!(Op::parse(wrong).is_err(), "{wrong}");
        }
    }
}
