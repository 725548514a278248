//! `export`, `extract` and `reduce`.

use super::{corpora, run, tfevents, write_restarts};
use std::collections::BTreeMap;
use std::path::Path;
use tensorboard_tests::{run_python, show_fast_with};

/// The numbers of values compared, by kind.
fn counts(json: &str) -> BTreeMap<String, u64> {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{error} in {json}"))
}

#[test]
fn all_points_of_all_kinds_are_those_of_tensorboards_reader() {
    let dir = tempfile::tempdir().unwrap();
    for logs in corpora(dir.path()) {
        let lines = dir.path().join("all.jsonl");
        let args = ["export".as_ref(), logs.as_os_str(), "--raw".as_ref(), "-o".as_ref()];
        tfevents(&[&args[..], &[lines.as_os_str()]].concat());
        let args = [logs.as_os_str(), lines.as_os_str()];
        let Some(out) = run_python(include_str!("compare_export.py"), &args) else { return };
        let counts = counts(&out);
        eprintln!("{}: {counts:?}", logs.display());
        if logs.starts_with(dir.path()) {
            for kind in [
                "scalar",
                "histogram",
                "image",
                "audio",
                "text",
                "tensor",
                "pr_curve",
                "mesh",
                "hparams",
                "layout",
                "graph",
            ] {
                assert!(counts.get(kind) > Some(&0), "{kind}: {counts:?}");
            }
        }
    }
}

#[test]
fn the_points_that_count_are_those_of_the_data_server() {
    let dir = tempfile::tempdir().unwrap();
    for logs in corpora(dir.path()) {
        let csv =
            tfevents(&["export".as_ref(), logs.as_os_str(), "--format".as_ref(), "tsv".as_ref()]);
        let mut series: BTreeMap<(String, String), Vec<(i64, f64)>> = BTreeMap::new();
        for line in csv.lines().skip(1) {
            let fields: Vec<_> = line.split('\t').collect();
            let [run, tag, step, _, value] = fields[..] else { panic!("{line}") };
            let key = (run.to_owned(), tag.trim_matches('"').replace("\"\"", "\""));
            let value = f64::from(value.parse::<f32>().unwrap());
            series.entry(key).or_default().push((step.parse().unwrap(), value));
        }
        assert!(series.len() > 20);
        show_fast_with(&logs, &["--samples_per_plugin=scalars=1000000"], |board| {
            let mut points = 0;
            let tags = board.tags("scalars");
            for ((run, tag), expected) in &series {
                if !tags.get(run).is_some_and(|tags| tags.contains(tag)) {
                    // TensorFlow 1 wrote scalars as tensors that do not say so; the server leaves them out.
                    assert!(
                        run == "foreign/tensorflow" && tag.starts_with("tensor/"),
                        "{run}, {tag}"
                    );
                    continue;
                }
                let last = expected.last().unwrap().0;
                let found = board.scalars(run, tag, last);
                let found: Vec<_> = found.iter().map(|point| (point.step, point.value)).collect();
                let text = |points: &[(i64, f64)]| format!("{points:?}");
                assert_eq!(text(&found), text(expected), "{run}, {tag}");
                points += found.len();
            }
            assert!(points > 300, "{points} points");
            eprintln!("{}: {} series, {points} points", logs.display(), series.len());
        });
    }
}

#[test]
fn media_and_arrays_are_read_by_pillow_wave_and_numpy() {
    let dir = tempfile::tempdir().unwrap();
    for (number, logs) in corpora(dir.path()).iter().enumerate() {
        let out = dir.path().join(format!("out{number}"));
        let args = ["extract".as_ref(), logs.as_os_str(), "--raw".as_ref(), "-o".as_ref()];
        tfevents(&[&args[..], &[out.as_os_str()]].concat());
        let args = [logs.as_os_str(), out.as_os_str()];
        let Some(found) = run_python(include_str!("compare_extract.py"), &args) else { return };
        let counts = counts(&found);
        eprintln!("{}: {counts:?}", logs.display());
        if logs.starts_with(dir.path()) {
            for kind in ["image", "audio", "text", "tensor", "mesh"] {
                assert!(counts.get(kind) > Some(&0), "{kind}: {counts:?}");
            }
        }
    }
}

#[test]
fn statistics_are_numpys_to_one_ulp() {
    let dir = tempfile::tempdir().unwrap();
    let logs = dir.path().join("logs");
    for group in 0..3u64 {
        for seed in 0..7 {
            write_restarts(&logs.join(format!("g{group}/s{seed}")), 100 + group * 10 + seed);
        }
    }
    for (ddof, min_runs) in [("0", "1"), ("1", "3"), ("1", "7")] {
        let csv = dir.path().join("reduced.csv");
        let ops = "mean,std,sem,min,max,median,q25,q75,q10,iqm";
        let args =
            ["reduce", "--by", "^(g.)/", "--ops", ops, "--ddof", ddof, "--min-runs", min_runs];
        let mut args: Vec<_> = args.iter().map(AsRef::as_ref).collect();
        args.extend([
            logs.as_os_str(),
            "--format".as_ref(),
            "csv".as_ref(),
            "-o".as_ref(),
            csv.as_os_str(),
        ]);
        tfevents(&args);
        let args = [logs.as_os_str(), csv.as_os_str(), ddof.as_ref(), min_runs.as_ref()];
        let Some(out) = run_python(include_str!("compare_reduce.py"), &args) else { return };
        let counts = counts(&out);
        eprintln!("ddof {ddof}, at least {min_runs} runs: {counts:?}");
        assert!(counts["statistics"] >= 20, "{counts:?}");
    }
}

/// Reduced runs are runs for TensorBoard, which shows the band.
#[test]
fn reduced_runs_are_shown_with_their_band() {
    let dir = tempfile::tempdir().unwrap();
    let (logs, out) = (dir.path().join("logs"), dir.path().join("out"));
    for seed in 0..3 {
        let writer = tfevents::SummaryWriter::new(logs.join(format!("s{seed}"))).unwrap();
        for step in 0..5i64 {
            writer.add_scalar("loss", (seed + step) as f32, step);
        }
        writer.close().unwrap();
    }
    let ran = run(&["reduce".as_ref(), logs.as_os_str(), "-o".as_ref(), out.as_os_str()]);
    assert!(ran.status.success(), "{ran:?}");
    show(&out);
}

fn show(out: &Path) {
    tensorboard_tests::show(out, |board| {
        let values = |tag: &str| -> Vec<f64> {
            board.scalars("all", tag, 4).iter().map(|point| point.value).collect()
        };
        assert_eq!(values("loss"), [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(values("loss/mean-std"), [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(values("loss/mean+std"), [2.0, 3.0, 4.0, 5.0, 6.0]);
        let layout = board.custom_scalars_layout();
        let series = &layout["category"][0]["chart"][0]["margin"]["series"][0];
        assert_eq!(series["value"], "loss");
        assert_eq!(series["lower"], "loss/mean-std");
    });
}
