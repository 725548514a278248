use std::collections::BTreeMap;

use tensorboard_tests::{Point, show};

use crate::writer;

/// Points as comparable as they are exact: NaN equals NaN.
fn bits(points: &[Point<f64>]) -> Vec<(u64, i64, u64)> {
    let bits = |point: &Point<f64>| {
        let value = if point.value.is_nan() { f64::NAN } else { point.value };
        (point.wall_time.to_bits(), point.step, value.to_bits())
    };
    points.iter().map(bits).collect()
}

fn random_tag(rng: &mut fastrand::Rng) -> String {
    let alphabet =
        ['a', 'Z', '7', '_', '.', '-', '/', ' ', ':', '?', '#', '&', '%', '+', 'é', '中'];
    let middle: String = (0..rng.usize(1..12)).map(|_| rng.choice(alphabet).unwrap()).collect();
    // Letters at both ends, so that no two tags differ in a space or slash at the rim only.
    format!("x{middle}y")
}

fn random_value(rng: &mut fastrand::Rng) -> f32 {
    match rng.u8(..) {
        0..10 => f32::NAN,
        10..20 => f32::INFINITY,
        20..30 => f32::NEG_INFINITY,
        30..40 => 0.0,
        // Any finite number of any size.
        _ => Some(f32::from_bits(rng.u32(..))).filter(|v| v.is_finite()).unwrap_or(-1.5),
    }
}

#[test]
fn random_series_in_three_child_runs() {
    let logdir = tempfile::tempdir().unwrap();
    let (writer, clock) = writer(logdir.path());
    let mut rng = fastrand::Rng::with_seed(1);
    let mut expected: BTreeMap<(&str, String), Vec<Point<f64>>> = BTreeMap::new();
    let tags: Vec<String> = (0..6).map(|_| random_tag(&mut rng)).collect();
    let runs = ["train", "validation", "test"];
    let writers = runs.map(|run| writer.child_run(run).unwrap());
    for _ in 0..1000 {
        let run = rng.usize(..runs.len());
        let tag = rng.choice(&tags).unwrap();
        let series = expected.entry((runs[run], tag.clone())).or_default();
        let step = series.last().map_or(rng.i64(-5..5), |last| last.step + rng.i64(1..1 << 40));
        let value = random_value(&mut rng);
        let wall_time = clock.tick(&mut rng);
        writers[run].add_scalar(tag, value, step);
        series.push(Point { wall_time, step, value: value.into() });
    }
    writer.close().unwrap();

    show(logdir.path(), |board| {
        for ((run, tag), points) in &expected {
            let served = board.scalars(run, tag, points.last().unwrap().step);
            assert_eq!(bits(&served), bits(points), "{run} {tag}");
        }
        let mut listed = board.runs();
        listed.sort();
        // The parent has logged nothing, so it is no run.
        assert_eq!(listed, ["test", "train", "validation"]);
        let tags = board.tags("scalars");
        for run in runs {
            let expected = expected.keys().filter(|key| key.0 == run).map(|key| key.1.clone());
            assert_eq!(tags[run], expected.collect(), "{run}");
        }
    });
}

#[test]
fn a_thousand_points() {
    let logdir = tempfile::tempdir().unwrap();
    let (writer, clock) = writer(logdir.path());
    let mut rng = fastrand::Rng::with_seed(2);
    let mut expected = Vec::new();
    for step in 0..1000 {
        let value = rng.f32();
        let wall_time = clock.tick(&mut rng);
        writer.add_scalar("loss", value, step);
        expected.push(Point { wall_time, step, value: value.into() });
    }
    // The directory is read while the writer is still open.
    writer.flush().unwrap();
    show(logdir.path(), |board| {
        assert_eq!(board.scalars(".", "loss", 999), expected);
    });
    writer.close().unwrap();
}
