//! What a run costs, simulated, and what a writer does with its objects.

mod common;

use common::{Faulty, quick, steps, storage};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tfevents::storage::{Storage, conformance};
use tfevents_object_store::{ObjectStorage, Settings};

/// Runs the scheme with a clock that jumps from one upload to the next. Returns the number of objects
/// and of uploads, and the bytes sent for each byte logged.
fn day(bytes_per_second: usize) -> (usize, usize, f64) {
    let faulty = Arc::new(Faulty::default());
    faulty.discards.store(true, Relaxed);
    let storage = ObjectStorage::new(faulty.clone(), "experiments").unwrap();
    // Only the waits of a real store are left out.
    let (min, max) = (Duration::from_secs(10), Duration::from_secs(300));
    let storage = storage.with_settings(Settings::default().quick().interval(min, max));
    let pace = storage.pace();
    assert!(300 * bytes_per_second < pace.wake_bytes, "an upload would be due before the interval");
    let (mut age, mut logged, mut number) = (Duration::ZERO, 0, 0);
    let mut file = None;
    let all = vec![7; 300 * bytes_per_second];
    while age < Duration::from_secs(24 * 3600) {
        let wait = pace.interval_at(age);
        age += wait;
        let new = &all[..wait.as_secs() as usize * bytes_per_second];
        logged += new.len();
        let open = file.get_or_insert_with(|| {
            number += 1;
            storage.create(Path::new(&format!("run/events.out.tfevents.{number:010}"))).unwrap()
        });
        open.append(&[new]).unwrap();
        if open.is_full() {
            file = None;
        }
    }
    let stored: u64 = faulty.event_files().iter().map(|(_, len)| len).sum();
    assert_eq!(stored, logged as u64);
    let sent = faulty.bytes.load(Relaxed) as f64 / logged as f64;
    (faulty.event_files().len(), faulty.puts.load(Relaxed), sent)
}

#[test]
fn a_day_costs_what_the_documentation_says() {
    let (objects, puts, sent) = day(1_000);
    println!("1 kB/s: {objects} objects, {puts} uploads, {sent:.2}x");
    assert!(objects <= 60 && sent <= 8.5, "{objects} objects, {puts} uploads, {sent}x");
    let (objects, puts, sent) = day(200_000);
    println!("200 kB/s: {objects} objects, {puts} uploads, {sent:.2}x");
    assert!(objects <= 600 && sent <= 1.2, "{objects} objects, {puts} uploads, {sent}x");
}

#[test]
fn it_conforms() {
    let (_, storage) = storage(quick());
    conformance::check(&storage, Path::new("checked")).unwrap();
}

#[test]
fn a_writer_works_inside_of_async_code() {
    for threads in [0, 2] {
        let mut builder = match threads {
            0 => tokio::runtime::Builder::new_current_thread(),
            _ => tokio::runtime::Builder::new_multi_thread(),
        };
        let (_, storage) = storage(quick());
        builder.enable_all().build().unwrap().block_on(async {
            let writer = storage.writer("mlp").build().unwrap();
            writer.add_scalar("loss", 0.5, 0);
            writer.flush().unwrap();
            writer.add_scalar("loss", 0.5, 1);
            drop(writer);
            assert_eq!(steps(&storage, "mlp"), [0, 1]);
        });
    }
}

#[test]
fn a_thousand_runs_share_their_limits() {
    let (faulty, storage) = storage(quick().tail_bytes(256 << 10).seal_after(1000));
    // Events logged before a flush are one upload of each run.
    let builder = storage.writer("sweep").flush_interval(Duration::from_secs(60));
    let writer = builder.build().unwrap();
    let runs: Vec<_> = (0..1000).map(|run| writer.child_run(&run.to_string()).unwrap()).collect();
    for step in 0..3 {
        for run in &runs {
            run.add_scalar("loss", 0.5, step);
            run.add_text("note", &"x".repeat(500), step);
        }
        writer.flush().unwrap();
        // 600 bytes a run and step: some objects are sealed to keep the limit.
        assert!(storage.tail_bytes() <= 256 << 10, "{} bytes", storage.tail_bytes());
    }
    writer.close().unwrap();
    for run in [0, 500, 999] {
        assert_eq!(steps(&storage, &format!("sweep/{run}")), [0, 1, 2]);
    }
    let objects = faulty.event_files().len();
    assert!((1001..=3000).contains(&objects), "{objects} objects");
}

#[test]
fn two_jobs_with_one_name_overwrite_nothing() {
    let (faulty, storage) = storage(quick());
    // In pods, host names and process IDs may be the same; here only the random bits differ too.
    let writers = [(); 2].map(|()| storage.writer("mlp").build().unwrap());
    for (step, writer) in writers.iter().enumerate() {
        writer.add_scalar("loss", 0.5, step as i64);
        writer.close().unwrap();
    }
    let files = faulty.event_files();
    assert_eq!(files.len(), 2);
    let random = |key: &str| key.rsplit('.').next().unwrap().to_owned();
    assert_ne!(random(&files[0].0), random(&files[1].0));
    assert!(files.iter().all(|(key, _)| random(key).len() == 16), "{files:?}");
    let mut found = steps(&storage, "mlp");
    found.sort_unstable();
    assert_eq!(found, [0, 1]);
}

#[test]
fn runs_are_resumed_and_compacted_over_a_store() {
    let (faulty, storage) = storage(quick().seal_after(2));
    for session in 0..3 {
        let writer = storage.writer("mlp").resume().build().unwrap();
        let first = writer.resumed_at().unwrap_or(0);
        assert_eq!(first, session * 10);
        for step in first..first + 10 {
            writer.add_scalar("loss", session as f32, step);
            writer.flush().unwrap();
        }
        writer.close().unwrap();
    }
    assert!(faulty.event_files().len() >= 15);
    let report = storage.compact("mlp").unwrap();
    assert_eq!((report.values, report.dropped), (30, 0));
    // The last old object stays for readers at its end.
    assert_eq!(faulty.event_files().len(), 2);
    let scalars = storage.run("mlp").unwrap().scalars("loss").unwrap();
    assert_eq!(scalars.steps(), (0..30).collect::<Vec<_>>());
    assert_eq!(storage.logdir().unwrap().runs()[0].name(), "mlp");
}

#[test]
fn without_the_permission_to_delete_nothing_is_compacted() {
    let (faulty, storage) = storage(quick());
    let session = || {
        let writer = storage.writer("mlp").build().unwrap();
        (0..10).for_each(|step| writer.add_scalar("loss", 0.5, step));
        writer.close().unwrap();
    };
    session();
    session();
    let before = faulty.event_files();
    faulty.forbid(&["delete"]);
    for _ in 0..2 {
        let error = storage.compact("mlp").unwrap_err();
        let (puts, bytes) = (faulty.puts.swap(0, Relaxed), faulty.bytes.swap(0, Relaxed));
        assert!(matches!(error, tfevents::Error::Storage { operation: "remove", .. }), "{error:?}");
        let source = std::error::Error::source(&error).unwrap().to_string();
        for part in [
            "DELETE faulty://bucket/experiments/mlp/.probe failed",
            "expected the permission to delete objects",
        ] {
            assert!(source.contains(part), "{source}");
        }
        assert_eq!(faulty.event_files(), before, "{puts} uploads of {bytes} bytes");
    }
    // The permission is missing for single objects, such as those under a retention policy.
    faulty.forbid(&[]);
    faulty.retain("experiments/mlp/events.out.");
    let error = storage.compact("mlp").unwrap_err();
    let tfevents::Error::NotRemoved { path, files, .. } = &error else { panic!("{error:?}") };
    assert_eq!(files.len(), 1);
    let expected = format!(
        "cannot remove 1 old event file beside {}: the new file has all points, and each is shown \
         once (expected the old files to be removable; compact the run again when they are)",
        path.display()
    );
    assert_eq!(error.to_string(), expected);
    assert_eq!(faulty.event_files().len(), 3);
    assert_eq!(storage.run("mlp").unwrap().scalars("loss").unwrap().len(), 10);
    faulty.retain("nothing");
    assert_eq!(storage.compact("mlp").unwrap().values, 10);
    assert_eq!(storage.run("mlp").unwrap().scalars("loss").unwrap().len(), 10);
}

/// The second session's clock is a day behind: its objects come after those of the first all the same.
#[test]
fn a_clock_that_is_wrong_changes_no_order() {
    let (_, storage) = storage(quick().seal_after(2));
    for (session, seconds) in [1_800_000_000.0, 1_799_913_600.0].into_iter().enumerate() {
        let clock = move || tfevents::summary::WallTime::try_from_secs_f64(seconds).unwrap();
        let writer = storage.writer("mlp").clock(clock).build().unwrap();
        for step in 0..5 {
            writer.add_scalar("loss", 0.5, (session * 5 + step) as i64);
            writer.flush().unwrap();
        }
        writer.close().unwrap();
    }
    assert_eq!(steps(&storage, "mlp"), (0..10).collect::<Vec<_>>());
}

#[test]
fn names_stay_as_they_are() {
    let (faulty, storage) = storage(quick());
    for name in ["é", "q[1]", "a%b", "x~y#z", "a b", "deep/er/three"] {
        let writer = storage.writer(name).build().unwrap();
        writer.add_scalar("loss", 0.5, 0);
        writer.close().unwrap();
        assert_eq!(steps(&storage, name), [0]);
        let prefix = format!("experiments/{name}/events.out.tfevents.");
        assert!(faulty.event_files().iter().any(|(key, _)| key.starts_with(&prefix)), "{name}");
    }
    assert_eq!(storage.logdir().unwrap().runs().len(), 6);
}

#[test]
fn timestamped_runs_have_a_prefix_each() {
    let (_, storage) = storage(quick());
    let writers = [(); 2].map(|()| storage.writer("mlp").timestamped("%Y").build().unwrap());
    let [first, second] = writers.map(|writer| writer.path().to_owned());
    assert_eq!(second.to_str().unwrap(), format!("{}-2", first.display()));
}
