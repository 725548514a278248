//! A logger that panics: it is called on the writer's threads too.

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;
use tfevents::summary::{Scalar, Summary, SummaryEncoder};
use tfevents::{Deferred, Error, SummaryWriter};

/// Keeps each message, and then panics, on any thread but those of the tests.
struct Panics;

static MESSAGES: Mutex<Vec<String>> = Mutex::new(Vec::new());

impl log::Log for Panics {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        MESSAGES.lock().unwrap().push(record.args().to_string());
        let thread = std::thread::current();
        if thread.name().is_some_and(|name| name.starts_with("tfevents")) {
            panic!("the logger panics");
        }
    }

    fn flush(&self) {}
}

fn was_logged(text: &str) -> bool {
    MESSAGES.lock().unwrap().iter().any(|message| message.contains(text))
}

/// Writes nothing, which is logged on the thread that encodes it.
struct Nothing;

impl Summary for Nothing {
    fn encode(&self, _: &str, _: &mut SummaryEncoder<'_>) {}
}

/// Reports that there is nothing to write.
struct Skipped;

impl Summary for Skipped {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        encoder.skip(tag, "no gradient");
    }
}

fn count(dir: &Path) -> usize {
    tfevents::read::Run::open(dir)
        .unwrap()
        .events()
        .flatten()
        .flat_map(|e| e.values().to_vec())
        .count()
}

#[test]
fn a_logger_that_panics_ends_no_thread() {
    log::set_logger(&Panics).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let dir = tempfile::tempdir().unwrap();
    let patience = Duration::from_secs(60);
    let writer = SummaryWriter::builder(dir.path()).flush_timeout(patience).build().unwrap();
    let child = writer.child_run("child").unwrap();
    let path = child.path().to_owned();
    // No directory can be made where a file is.
    std::fs::remove_dir(&path).unwrap();
    std::fs::write(&path, "").unwrap();
    child.add_scalar("loss", 0.5, 0);
    assert!(matches!(child.flush(), Err(Error::Storage { .. })));
    assert!(was_logged(path.to_str().unwrap()));
    std::fs::remove_file(&path).unwrap();
    writer.flush().unwrap();
    assert!(was_logged("written again"));
    writer.add_deferred("failing", Deferred::try_new(0, || Err::<Scalar, _>("no values")), 0);
    writer.add_deferred("skipped", Skipped, 0);
    for step in 0..8 {
        writer.add_deferred("nothing", Nothing, step);
        writer.add_deferred("scalar", Scalar::new(0.5), step);
    }
    assert!(matches!(writer.flush(), Err(Error::Dropped { events: 10, .. })));
    // A reason that a summary reports itself is logged once.
    assert!(was_logged("\"failing\" cannot be encoded and is dropped: no values"));
    assert!(was_logged("\"skipped\" is not logged: no gradient"));
    assert!(!was_logged("deferred event \"failing\"") && !was_logged("deferred event \"skipped\""));
    assert!(was_logged("deferred event \"nothing\" dropped: it has nothing to write"));
    writer.close().unwrap();
    assert_eq!(writer.stats().written, 9);
    assert_eq!((count(&path), count(dir.path())), (1, 8 + 1));
}
