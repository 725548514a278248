//! Logs like a long training, and checks that memory, open files and threads do not grow.
//!
//! `soak SECONDS DIRECTORY`: prints a line every twentieth of the time, and fails if something has
//! grown since the first tenth.

use durability_tests::{Usage, announce};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tfevents::{Histogram, Image, SummaryWriter};

/// How much memory may vary, by a further block or by the allocator.
const SLACK: u64 = 4 << 20;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let seconds = arguments.next().and_then(|text| text.to_str()?.parse().ok());
    let (Some(seconds), Some(dir)) = (seconds, arguments.next()) else {
        announce("usage: soak SECONDS DIRECTORY");
        return ExitCode::FAILURE;
    };
    let (time, dir) = (Duration::from_secs_f64(seconds), PathBuf::from(dir));
    if Usage::now().is_none() {
        announce("SKIPPED: this system does not report the usage of a process");
        return ExitCode::SUCCESS;
    }
    let writer = SummaryWriter::builder(&dir)
        .flush_interval(Duration::from_millis(200))
        .max_file_bytes(8 << 20)
        .build()
        .expect("a directory");
    let (end, begun) = (AtomicBool::new(false), Instant::now());
    let flat = std::thread::scope(|scope| {
        for thread in 0..3 {
            let (writer, end) = (&writer, &end);
            scope.spawn(move || train(writer, thread, end));
        }
        let flat = watch(&writer, &dir, begun, time);
        end.store(true, Ordering::Relaxed);
        flat
    });
    if let Err(error) = writer.close() {
        announce(&format!("{error}"));
        return ExitCode::FAILURE;
    }
    if flat { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Logs what trainings log, about a thousand times a second.
fn train(writer: &SummaryWriter, thread: usize, end: &AtomicBool) {
    let weights: Vec<f32> = (0..1000).map(|i| (i as f32).sin()).collect();
    let pixels = vec![127; 64 * 64 * 3];
    let loss = writer.scalar(&format!("{thread}/loss"));
    for step in 0.. {
        if end.load(Ordering::Relaxed) {
            return;
        }
        loss.add(0.5, step);
        writer.add_scalar(&format!("{thread}/accuracy"), 0.5, step);
        if step % 100 == 0 {
            let histogram = Histogram::new(&weights[..]);
            writer.add_histogram(&format!("{thread}/weights"), &histogram, step);
            let image = Image::rgb8(64, 64, &pixels).expect("as many pixels as said");
            writer.add_image(&format!("{thread}/input"), &image, step);
            writer.add_text(&format!("{thread}/note"), "**as** before", step);
        }
        if step % 500 == 0 {
            let child =
                writer.child_run(&format!("{thread}/{}", step / 500 % 50)).expect("a directory");
            child.add_scalar("loss", 0.5, step);
            child.close().expect("a disk that works");
        }
        // The pace of a training.
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Prints the usage of the process until the time is over; returns whether it stayed flat.
fn watch(writer: &SummaryWriter, dir: &Path, begun: Instant, time: Duration) -> bool {
    let mut first: Option<Usage> = None;
    let mut flat = true;
    println!("seconds  events written  resident KiB  files  threads");
    while begun.elapsed() < time {
        std::thread::sleep(time / 20);
        remove_old(dir);
        let Some(now) = Usage::now() else { continue };
        let written = writer.stats().written;
        println!(
            "{:7.0}  {written:14}  {:12}  {:5}  {:7}",
            begun.elapsed().as_secs_f64(),
            now.resident >> 10,
            now.files,
            now.threads
        );
        if begun.elapsed() < time / 10 {
            continue;
        }
        let first = *first.get_or_insert(now);
        // Each of the three loops may have a child open.
        let grown = now.resident > first.resident + SLACK
            || now.files > first.files + 3
            || now.threads > first.threads;
        if grown {
            println!("grown: {first:?} then, {now:?} now");
        }
        flat &= !grown;
    }
    let stats = writer.stats();
    println!("{stats:?}");
    flat && stats.dropped == 0
}

/// Removes all files of the run but the last two, so that the disk does not fill up; the small
/// ones of the children stay for a while.
fn remove_old(dir: &Path) {
    let Ok(entries) = dir.read_dir() else { return };
    let mut files = Vec::new();
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.is_dir() {
            remove_old(&path);
        } else if path.to_string_lossy().contains("tfevents") {
            files.push(path);
        }
    }
    files.sort();
    files.truncate(files.len().saturating_sub(2));
    for file in files {
        // It may have been removed.
        let _ = std::fs::remove_file(file);
    }
}
