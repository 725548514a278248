//! The five tasks of docs/reading.md, beside what Python's tools read in the same files.

use std::path::Path;
use tensorboard_tests::python_tables;
use tfevents::SummaryWriter;
use tfevents::read::{LogDir, Run};

/// Copies the files of a run that torch wrote.
fn copy_of_torch(dir: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/foreign/torch");
    std::fs::create_dir_all(dir).unwrap();
    for entry in from.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_file() && name.contains("tfevents") {
            std::fs::copy(&path, dir.join(name)).unwrap();
        }
    }
}

#[test]
fn five_tasks_have_the_answers_of_python() {
    let dir = tempfile::tempdir().unwrap();
    let logs = dir.path();
    copy_of_torch(&logs.join("torch"));
    let losses = [0.5f32, 0.125, 0.25];
    let writers = ["a", "b"].map(|run| SummaryWriter::new(logs.join(run)).unwrap());
    for (writer, scale) in writers.iter().zip([1.0, 3.0]) {
        for (step, loss) in losses.into_iter().enumerate() {
            writer.add_scalar("loss", loss * scale, step);
        }
        writer.flush().unwrap();
    }
    let Some(python) = python_tables(logs) else { return };
    let of_python = |run: &str| -> Vec<(i64, f64)> {
        let rows = python.scalars.iter().filter(|(found, tag, ..)| found == run && tag == "loss");
        rows.map(|&(_, _, step, value)| (step, value)).collect()
    };

    // Last and best value.
    let loss = Run::open(logs.join("a")).unwrap().scalars("loss").unwrap();
    let expected = of_python("a");
    assert_eq!(expected.len(), 3);
    let last = loss.last().map(|point| (point.step, f64::from(point.value)));
    let best = loss.min().map(|point| (point.step, f64::from(point.value)));
    assert_eq!(last, expected.last().copied());
    assert_eq!(best, expected.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1)));

    // All points of a tag over several runs.
    let logdir = LogDir::open(logs).unwrap();
    for run in logdir.runs() {
        let loss = run.scalars("loss").unwrap();
        let points = loss.iter().map(|point| (point.step, point.value.into()));
        assert_eq!(points.collect::<Vec<_>>(), of_python(run.name()), "{}", run.name());
    }

    // Images to files.
    let torch = logdir.run("torch").unwrap();
    assert!(!python.images.is_empty());
    for (_, tag, step, hex) in &python.images {
        let images = torch.images(tag).unwrap();
        let image = images.iter().find(|image| image.step == *step).unwrap();
        let found: String =
            image.value.encoded[0].iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found, *hex, "{tag} at {step}");
    }

    // Histograms. tbparse has all buckets, we those without the empty ones at both ends.
    assert!(!python.histograms.is_empty());
    for (_, tag, step, counts) in &python.histograms {
        let histograms = torch.histograms(tag).unwrap();
        let histogram = histograms.iter().find(|histogram| histogram.step == *step).unwrap();
        let filled: Vec<f64> = counts.iter().copied().filter(|count| *count > 0.0).collect();
        let found = histogram.value.buckets.iter().map(|bucket| bucket.count);
        let found: Vec<f64> = found.filter(|count| *count > 0.0).collect();
        assert_eq!(found, filled, "{tag} at {step}");
    }

    // Following a run.
    let mut scalars = Run::open(logs.join("b")).unwrap().all_scalars().unwrap();
    writers[1].add_scalar("loss", 0.0625f32, 3);
    writers[1].flush().unwrap();
    scalars.refresh().unwrap();
    let Some(python) = python_tables(logs) else { return };
    let last = scalars["loss"].last().unwrap();
    let rows = python.scalars.iter().rev().find(|(run, ..)| run == "b").unwrap();
    assert_eq!((last.step, f64::from(last.value)), (rows.2, rows.3));
}
