//! Logs in the mode of its first argument, into the directory of its second, and reports on its
//! output which events are in the file.

use durability_tests::Usage;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::exit;
use std::sync::OnceLock;
use std::time::Duration;
use tfevents::{Overflow, SummaryWriter};

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let mode = arguments.next().expect("a mode").into_string().expect("a plain word");
    let dir = PathBuf::from(arguments.next().expect("a directory"));
    match &mode[..] {
        "busy" => busy(&dir),
        "unflushed" => unflushed(&dir),
        "lone" => lone(&dir),
        "exit" => {
            let _writer = ten_flushed_ten_not(&dir);
            exit(3);
        }
        "panic" => {
            let _writer = ten_flushed_ten_not(&dir);
            panic!("on purpose");
        }
        "wait" => {
            let _writer = ten_flushed_ten_not(&dir);
            report("ready");
            wait_for_the_end();
        }
        "static" => {
            static WRITER: OnceLock<SummaryWriter> = OnceLock::new();
            WRITER.get_or_init(|| ten_flushed_ten_not(&dir));
        }
        "limited" => limited(&dir),
        "together" => together(&dir),
        "flood" => flood(&dir),
        "children" => children(&dir),
        other => panic!("no mode {other}"),
    }
}

fn report(line: &str) {
    // Without a parent there is nothing left to do.
    if writeln!(std::io::stdout(), "{line}").is_err() {
        exit(1);
    }
}

/// Waits until the parent kills this process, or has exited.
fn wait_for_the_end() -> ! {
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    exit(1);
}

/// Logs without pause: some scalars, now and then a long text, a flush, a report.
fn busy(dir: &Path) {
    let writer = SummaryWriter::new(dir).expect("a directory");
    let long = "x".repeat(100_000);
    for step in 0.. {
        writer.add_scalar("loss", 0.5, step);
        if step % 400 == 0 {
            writer.add_text("long", &long, step);
        }
        if step % 20 == 19 {
            writer.flush().expect("a disk that works");
            report(&format!("flushed {step}"));
        }
    }
}

/// Logs at the pace of a training, and without a flush, so that the flush interval is tested.
fn unflushed(dir: &Path) {
    let interval = Duration::from_millis(100);
    let writer = SummaryWriter::builder(dir).flush_interval(interval).build().expect("a directory");
    for step in 0.. {
        writer.add_scalar("loss", 0.5, step);
        report(&format!("logged {step}"));
        std::thread::sleep(Duration::from_micros(50));
    }
}

/// Logs one event, and nothing more.
fn lone(dir: &Path) {
    let interval = Duration::from_millis(100);
    let writer = SummaryWriter::builder(dir).flush_interval(interval).build().expect("a directory");
    writer.add_scalar("loss", 0.5, 0);
    report("logged 0");
    wait_for_the_end();
}

fn ten_flushed_ten_not(dir: &Path) -> SummaryWriter {
    let interval = Duration::from_secs(3600);
    let writer = SummaryWriter::builder(dir).flush_interval(interval).build().expect("a directory");
    for step in 0..20 {
        writer.add_scalar("loss", 0.5, step);
        if step == 9 {
            writer.flush().expect("a disk that works");
        }
    }
    writer
}

/// Logs under a limit of the size of each file, and reports what `flush` returned.
fn limited(dir: &Path) {
    let writer = SummaryWriter::new(dir).expect("a directory");
    for step in 0..20_000 {
        writer.add_scalar("loss", 0.5, step);
        if step % 100 == 99 {
            match writer.flush() {
                Ok(()) => report(&format!("flushed {step}")),
                Err(error) => report(&format!("error {error}")),
            }
        }
    }
    if let Err(error) = writer.close() {
        report(&format!("error {error}"));
    }
    let stats = writer.stats();
    report(&format!("written {}", stats.written));
    report(&format!("dropped {}", stats.dropped));
}

/// Logs beside other processes in the same directory, in small files.
fn together(dir: &Path) {
    let writer = SummaryWriter::builder(dir).max_file_bytes(256 << 10).build();
    let writer = writer.expect("a directory");
    for step in 0..20_000 {
        writer.add_scalar("loss", 0.5, step);
    }
    writer.close().expect("a disk that works");
    report(&format!("written {}", writer.stats().written));
}

/// Logs far more than the buffer takes, on several threads, while nothing can be written.
fn flood(dir: &Path) {
    let run = dir.join("run");
    let writer = SummaryWriter::builder(&run)
        .buffer_bytes(16 << 20)
        .overflow(Overflow::Drop)
        .build()
        .expect("a directory");
    // A file where the directory was: no event file can be made.
    std::fs::remove_dir(&run).expect("it is empty");
    std::fs::write(&run, "").expect("it is gone");
    let long = "x".repeat(100_000);
    let before = Usage::now();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for step in 0..200_000 {
                    writer.add_scalar("loss", 0.5, step);
                    if step % 200 == 0 {
                        writer.add_text("long", &long, step);
                    }
                }
            });
        }
    });
    let stats = writer.stats();
    report(&format!("sent {}", stats.logged));
    report(&format!("dropped {}", stats.drops.buffer_full));
    report(&format!("pending {}", stats.pending));
    report(&format!("bytes {}", stats.bytes_pending));
    if let (Some(before), Some(after)) = (before, Usage::now()) {
        report(&format!("grown {}", after.peak.saturating_sub(before.resident)));
    }
}

/// Logs into ten thousand child runs, one after the other.
fn children(dir: &Path) {
    let writer = SummaryWriter::new(dir).expect("a directory");
    for number in 0..10_000 {
        let child =
            writer.child_run(&format!("{:03}/{number}", number / 100)).expect("a directory");
        child.add_scalar("loss", 0.5, 0);
        if number % 2 == 0 {
            child.close().expect("a disk that works");
        }
        drop(child);
        if number % 1000 == 999 {
            writer.flush().expect("a disk that works");
            if let Some(usage) = Usage::now() {
                report(&format!("files {}", usage.files));
                report(&format!("threads {}", usage.threads));
                report(&format!("resident {}", usage.resident));
            }
        }
    }
    writer.close().expect("a disk that works");
    report(&format!("written {}", writer.stats().written));
}
