//! GPUs through the real loader, with a library in place of NVIDIA's.

#![cfg(all(target_os = "linux", feature = "nvml"))]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tfevents::SummaryWriter;
use tfevents::read::{Points, Run};
use tfevents_system::SystemMonitor;

/// Where the library lies, for the process that loads it.
const DIR: &str = "FAKE_NVML";

/// How long the process is waited for.
const LIMIT: Duration = Duration::from_secs(300);

type Scalars = BTreeMap<String, Vec<f32>>;

/// Returns the values of each tag of GPUs.
fn gpus(dir: &Path) -> Scalars {
    let Ok(run) = Run::open(dir.join("system")) else { return Scalars::new() };
    let scalars = run.with_points(Points::Raw).all_scalars().unwrap();
    let gpus = scalars.iter().filter(|(tag, _)| tag.starts_with("gpu/"));
    gpus.map(|(tag, points)| (tag.to_owned(), points.values().to_vec())).collect()
}

static WARNINGS: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Logger;

impl log::Log for Logger {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        WARNINGS.lock().unwrap().push(record.args().to_string());
    }

    fn flush(&self) {}
}

#[test]
fn gpus_that_hide_values_and_disappear_while_the_program_runs() {
    if let Some(dir) = std::env::var_os(DIR) {
        return monitor(Path::new(&dir));
    }
    let dir = tempfile::tempdir().unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nvml/fake.rs");
    let library = dir.path().join("libnvidia-ml.so.1");
    let mut build = Command::new(rustc);
    build.args(["--edition", "2024", "-o"]).arg(&library).arg(source);
    assert!(build.status().unwrap().success());
    // The loader reads the variable when a process begins.
    let test = "gpus_that_hide_values_and_disappear_while_the_program_runs";
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", test, "--nocapture"]);
    child.env("LD_LIBRARY_PATH", dir.path()).env(DIR, dir.path());
    let output = child.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

/// The part of the test that runs in a process with the library.
fn monitor(dir: &Path) {
    log::set_logger(&Logger).unwrap();
    log::set_max_level(log::LevelFilter::Warn);
    let run = dir.join("run");
    let writer = SummaryWriter::new(&run).unwrap();
    let builder = SystemMonitor::builder().interval(Duration::from_secs(1));
    let monitor = builder.sample_interval(Duration::from_millis(50)).start(&writer).unwrap();
    let started = Instant::now();
    let wait_for = |condition: &dyn Fn(&Scalars) -> bool| {
        loop {
            writer.flush().unwrap();
            let found = gpus(&run);
            if condition(&found) {
                return found;
            }
            assert!(started.elapsed() < LIMIT, "{found:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    let points = |found: &Scalars| found.get("gpu/0/utilization").map_or(0, Vec::len);
    let found = wait_for(&|found| points(found) > 0);
    let first: Vec<_> = found.iter().map(|(tag, values)| (tag.as_str(), values[0])).collect();
    let expected = [
        ("gpu/0/memory_mib", 1000.0),
        ("gpu/0/power_w", 412.5),
        ("gpu/0/temperature", 51.0),
        ("gpu/0/utilization", 41.0),
        ("gpu/1/memory_mib", 2000.0),
        ("gpu/1/temperature", 52.0),
        ("gpu/1/utilization", 42.0),
    ];
    assert_eq!(first, expected);
    let warnings = || WARNINGS.lock().unwrap().clone();
    assert_eq!(warnings().len(), 1, "{:?}", warnings());
    assert!(warnings()[0].contains("skipping gpu/1/power_w: "), "{:?}", warnings());

    std::fs::write(dir.join("lost"), "").unwrap();
    while warnings().len() < 2 {
        assert!(started.elapsed() < LIMIT);
        std::thread::sleep(Duration::from_millis(20));
    }
    let lost = warnings()[1].clone();
    assert!(lost.starts_with("system metrics: skipping the GPUs: "), "{lost}");
    std::fs::remove_file(dir.join("lost")).unwrap();
    let before = points(&gpus(&run));
    // Two windows later, one of them is without the GPUs that were lost.
    let back = wait_for(&|found| points(found) > before + 1);
    assert!(back["gpu/0/utilization"].iter().all(|value| *value == 41.0), "{back:?}");
    assert_eq!(warnings().len(), 2, "{:?}", warnings());
    drop(monitor);
    writer.close().unwrap();
}
