//! Runs of a group as one curve: mean and standard deviation at the steps that all of them share.

use super::series::{Point, Series};
use super::smooth::Smoother;
use std::collections::BTreeMap;

/// The mean of several curves, and the mean minus and plus a standard deviation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    pub(crate) mean: Series,
    pub(crate) lower: Series,
    pub(crate) upper: Series,
}

/// Reduces curves at the steps that all of them have, as `reduce` does by default.
///
/// Each curve is smoothed first: on unequal steps that differs from smoothing the mean.
pub(crate) fn reduce(curves: &[&Series], smoothing: f64) -> Group {
    let mut steps: BTreeMap<i64, Sums> = BTreeMap::new();
    for (at, curve) in curves.iter().enumerate() {
        let mut smoother = Smoother::new(smoothing, curve);
        for point in curve.iter() {
            let value = smoother.push(point.value);
            let sums = if at == 0 {
                Some(steps.entry(point.step).or_default())
            } else {
                steps.get_mut(&point.step).filter(|sums| sums.count > 0)
            };
            if let Some(sums) = sums.filter(|sums| sums.count == at) {
                sums.add(value, point.wall_time);
            }
        }
    }
    let mut group = Group::default();
    for (step, sums) in steps.into_iter().filter(|(_, sums)| sums.count == curves.len()) {
        let deviation = sums.deviation();
        let wall_time = sums.wall_time / sums.count as f64;
        let push = |series: &mut Series, value: f64| {
            series.push(Point { step, wall_time, value: value as f32 });
        };
        push(&mut group.mean, sums.mean);
        push(&mut group.lower, sums.mean - deviation);
        push(&mut group.upper, sums.mean + deviation);
    }
    group
}

/// Mean and sum of squared deviations, by Welford.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    count: usize,
    mean: f64,
    squares: f64,
    wall_time: f64,
}

impl Sums {
    fn add(&mut self, value: f64, wall_time: f64) {
        self.count += 1;
        let delta = value - self.mean;
        self.mean += delta / self.count as f64;
        self.squares += delta * (value - self.mean);
        self.wall_time += wall_time;
    }

    /// Returns the standard deviation of the sample; 0 for a single run.
    fn deviation(&self) -> f64 {
        if self.count < 2 { 0.0 } else { (self.squares / (self.count - 1) as f64).sqrt() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::series::series;
    use super::*;

    #[test]
    fn shared_steps_have_mean_and_deviation() {
        let (a, b) = (series([1.0, 2.0, 3.0]), series([3.0, 6.0]));
        let group = reduce(&[&a, &b], 0.0);
        let values = |series: &Series| series.iter().map(|p| (p.step, p.value)).collect::<Vec<_>>();
        assert_eq!(values(&group.mean), [(0, 2.0), (1, 4.0)]);
        // Of 1 and 3: sqrt(2); of 2 and 6: sqrt(8).
        assert_eq!(values(&group.upper), [(0, 2.0 + 2f32.sqrt()), (1, 4.0 + 8f32.sqrt())]);
        assert_eq!(
            values(&group.lower),
            [(0, (2.0 - 2f64.sqrt()) as f32), (1, (4.0 - 8f64.sqrt()) as f32)]
        );
    }

    #[test]
    fn one_run_is_its_own_mean() {
        let a = series([1.0, 2.0]);
        let group = reduce(&[&a], 0.0);
        assert_eq!(group.mean.iter().collect::<Vec<_>>(), a.iter().collect::<Vec<_>>());
        assert_eq!(group.upper.last(), a.last());
    }
}
