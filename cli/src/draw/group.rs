//! Runs of a group as one curve: mean and standard deviation at the steps that all of them share.

use super::series::{Point, Series};
use super::smooth::Smoother;
use crate::stats::Op;
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
    let mut steps: BTreeMap<i64, Step> = BTreeMap::new();
    for (at, curve) in curves.iter().enumerate() {
        let mut smoother = Smoother::new(smoothing, curve);
        for point in curve.iter() {
            let value = smoother.push(point.value);
            let step = if at == 0 {
                Some(steps.entry(point.step).or_default())
            } else {
                steps.get_mut(&point.step)
            };
            // A step that a run before this one does not have is not shared.
            if let Some(step) = step.filter(|step| step.values.len() == at) {
                step.values.push(value);
                step.wall_time += point.wall_time;
            }
        }
    }
    let mut group = Group::default();
    for (step, mut found) in steps {
        if found.values.len() < curves.len() {
            continue;
        }
        found.values.sort_unstable_by(f64::total_cmp);
        let Some(mean) = Op::Mean.of(&found.values, 1) else { continue };
        // A single run has no spread.
        let deviation = Op::Std.of(&found.values, 1).unwrap_or(0.0);
        let wall_time = found.wall_time / curves.len() as f64;
        let push = |series: &mut Series, value: f64| {
            series.push(Point { step, wall_time, value: value as f32 });
        };
        push(&mut group.mean, mean);
        push(&mut group.lower, mean - deviation);
        push(&mut group.upper, mean + deviation);
    }
    group
}

/// The values of the runs at a step.
#[derive(Debug, Default)]
struct Step {
    values: Vec<f64>,
    wall_time: f64,
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
