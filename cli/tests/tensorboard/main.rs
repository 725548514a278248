//! Compares what the commands say with what independent programs say of the same files: TensorBoard's Python reader
//! and its data server, numpy, Pillow, Python's `wave`.
//!
//! The files are those of other writers below `tests/data`, a run of every kind of data, and trainings that restart at
//! random. `TFEVENTS_CLI_LOGS` names more log directories, such as the gallery's.

mod points;
mod trials;
mod verify;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tfevents::summary::{Chart, ChartLayout, Mesh, PrCurve, Tensor};
use tfevents::{Audio, Histogram, Image, SummaryWriter};

/// Runs the binary; it has to succeed.
fn tfevents(args: &[&OsStr]) -> String {
    let Output { status, stdout, stderr } = run(args);
    assert!(status.success(), "{args:?}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

fn run(args: &[&OsStr]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tfevents")).args(args).output().unwrap()
}

/// Returns the folder of the recorded files.
fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data")
}

/// Copies the event files of a folder, and of those below it.
fn copy_events(from: &Path, to: &Path) {
    for entry in from.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if path.is_dir() {
            copy_events(&path, &to.join(name));
        } else if name.to_string_lossy().contains("tfevents") {
            std::fs::create_dir_all(to).unwrap();
            std::fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

/// Writes a run with every kind of data.
fn write_kinds(dir: &Path) {
    let writer = SummaryWriter::new(dir).unwrap();
    for step in 0..5i64 {
        let value = step as f32;
        writer.add_scalar(
            "scalar",
            [0.1, f32::NAN, f32::INFINITY, -0.0, 1e-42][step as usize],
            step,
        );
        writer.add_histogram("histogram", Histogram::new(&[value, 0.5, 0.25 * value]), step);
        let pixels: Vec<u8> = (0..12).map(|at| at * 20 + step as u8).collect();
        let image = Image::rgb8(2, 2, &pixels).unwrap();
        writer.add_images("image", [&image, &image], step);
        writer.add_audio(
            "audio",
            &Audio::new(8000, 1, &[0.0f32, 0.5, -0.5, value / 8.0]).unwrap(),
            step,
        );
        writer.add_text("text", &format!("step {step}, \"quoted\"\nü"), step);
        let tensor = Tensor::new(&[2, 3], &[1i64 << 60, -1, 2, 3, 4, step]).unwrap();
        writer.add("tensor", &tensor, step);
        let curve = PrCurve::new(&[true, false, true], &[0.9, 0.2, 0.4f32]);
        writer.add_pr_curve("curve", &curve.unwrap(), step);
        let mesh =
            Mesh::builder(&[[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, value]]).build().unwrap();
        writer.add_mesh("mesh", &mesh, step);
    }
    let chart = Chart::lines("scalars", ["scalar"]).unwrap();
    writer.add_custom_scalars(&ChartLayout::new().category("all", [chart]));
    writer.close().unwrap();
}

/// Writes a run whose training goes back at random, in one session or several.
fn write_restarts(dir: &Path, seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut step = 0i64;
    for _ in 0..random.usize(1..4) {
        let writer = SummaryWriter::new(dir).unwrap();
        for _ in 0..random.usize(1..40) {
            for tag in ["loss", "accuracy", "lr"] {
                if random.u8(..) < 200 {
                    writer.add_scalar(tag, random.f32(), step);
                }
            }
            step = if random.u8(..) < 16 { random.i64(0..=step) } else { step + 1 };
        }
        writer.close().unwrap();
        step = random.i64(0..=step);
    }
}

/// Returns log directories with files of all writers.
fn corpora(dir: &Path) -> Vec<PathBuf> {
    copy_events(&data().join("foreign"), &dir.join("logs/foreign"));
    copy_events(&data().join("keras"), &dir.join("logs/keras"));
    write_kinds(&dir.join("logs/kinds"));
    for seed in 0..12 {
        write_restarts(&dir.join(format!("logs/restarts/{seed}")), seed);
    }
    let more = std::env::var_os("TFEVENTS_CLI_LOGS").unwrap_or_default();
    let more: Vec<_> = std::env::split_paths(&more).filter(|path| path.is_dir()).collect();
    [vec![dir.join("logs")], more].concat()
}
