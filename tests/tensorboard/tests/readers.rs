//! The points of restarted runs, as our reader and each of TensorBoard's reads them.

use std::collections::BTreeMap;
use std::path::Path;

use tensorboard_tests::{python_scalars, show_fast_with};
use tfevents::SummaryWriter;
use tfevents::read::{Points, Run};

const TAGS: [&str; 3] = ["a", "b/c", "d"];

/// Writes sessions that go back to earlier steps, some of them with the starts that `resume_at` writes.
fn write(dir: &Path, rng: &mut fastrand::Rng) {
    let mut step: i64 = 0;
    for _ in 0..rng.usize(1..5) {
        let mut builder = SummaryWriter::builder(dir);
        step -= rng.i64(0..20).min(step);
        if rng.bool() {
            builder = builder.resume_at(step);
        }
        let writer = builder.build().unwrap();
        for _ in 0..rng.usize(1..40) {
            let tag = rng.choice(TAGS).unwrap();
            writer.add_scalar(tag, rng.f32(), step);
            step += rng.i64(0..3);
            if rng.u8(..) < 10 {
                step -= rng.i64(0..8).min(step);
            }
        }
        writer.close().unwrap();
    }
}

/// Step and value by tag.
fn read(dir: &Path, points: Points) -> BTreeMap<String, Vec<(i64, f64)>> {
    let scalars = Run::open(dir).unwrap().with_points(points).all_scalars().unwrap();
    let series = scalars.iter().map(|(tag, points)| {
        let points = points.iter().map(|point| (point.step, point.value.into()));
        (tag.to_owned(), points.collect())
    });
    series.collect()
}

#[test]
fn restarted_runs_have_the_points_that_each_reader_keeps() {
    let logdir = tempfile::tempdir().unwrap();
    let mut rng = fastrand::Rng::with_seed(7);
    let runs: Vec<String> = (0..12).map(|run| format!("run{run}")).collect();
    let (mut superseded, mut differ) = (0, 0);
    for run in &runs {
        let dir = logdir.path().join(run);
        write(&dir, &mut rng);
        let Some(expected) = python_scalars(&dir) else { return };
        assert_eq!(read(&dir, Points::PythonReader), expected, "{run}");
        let kept = Run::open(&dir).unwrap().all_scalars().unwrap();
        superseded += kept.iter().map(|(_, points)| points.superseded()).sum::<u64>();
        differ += usize::from(expected != read(&dir, Points::DataServer));

        // The second pass of a visitor keeps what the one pass of columns keeps, and so does the index.
        for points in [Points::Raw, Points::DataServer, Points::PythonReader] {
            let run = Run::open(&dir).unwrap().with_points(points);
            let columns = run.all_scalars().unwrap();
            let mut visited: BTreeMap<String, Vec<(i64, f64)>> = BTreeMap::new();
            run.scan_points()
                .unwrap()
                .for_each(|tags, entry| {
                    if let tfevents::read::Entry::Scalar { tag, point } = entry {
                        let series = visited.entry(tags.name(tag).to_owned()).or_default();
                        series.push((point.step, point.value.into()));
                    }
                })
                .unwrap();
            visited.retain(|_, series| !series.is_empty());
            let mut expected = read(&dir, points);
            expected.retain(|_, series| !series.is_empty());
            assert_eq!(visited, expected, "{points:?}");
            let index = run.index().unwrap();
            for tag in index.tags() {
                let points = columns.get(tag.name()).unwrap();
                assert_eq!(tag.points, points.len() as u64);
                assert_eq!(tag.superseded, points.superseded());
                assert_eq!(tag.last, points.last());
            }
        }
    }
    // The runs test something.
    assert!(superseded > 50 && differ > 5, "{superseded} {differ}");

    show_fast_with(logdir.path(), &["--samples_per_plugin=scalars=100000"], |board| {
        for run in &runs {
            for (tag, points) in read(&logdir.path().join(run), Points::DataServer) {
                let served = board.scalars(run, &tag, points.last().unwrap().0);
                let served: Vec<_> = served.iter().map(|point| (point.step, point.value)).collect();
                assert_eq!(served, points, "{run} {tag}");
            }
        }
    });
}
