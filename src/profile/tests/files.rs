//! Where traces are written.

use super::*;
use crate::profile::ProfileError;
use crate::storage::Local;
use crate::storage::faulty::{Fault, Faulty};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

fn noon() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 1, 31).unwrap().and_hms_opt(23, 59, 59).unwrap()
}

#[test]
fn traces_of_one_second_have_folders_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    let profiler = Profiler::new();
    for number in 0..3u64 {
        let trace = Trace::start_in(Arc::new(Local), &profiler, dir.path(), noon()).unwrap();
        drop(profiler.span("span").with_field("number", number));
        trace.stop().unwrap();
    }
    let traces = traces(dir.path());
    let folder = |path: &PathBuf| path.parent().unwrap().file_name().unwrap().to_owned();
    let folders: Vec<_> = traces.iter().map(folder).collect();
    assert_eq!(folders, ["2026_01_31_23_59_59", "2026_02_01_00_00_00", "2026_02_01_00_00_01"]);
    for (number, path) in traces.iter().enumerate() {
        assert_eq!(events(path)[0].field("number").unwrap(), number.to_string());
    }
}

/// Only the name comes from the system's clock, which here goes back between two traces; it is not
/// read in the middle of one.
#[test]
fn a_step_of_the_clock_does_not_change_durations() {
    let dir = tempfile::tempdir().unwrap();
    let profiler = Profiler::new();
    for time in [noon(), noon() - TimeDelta::hours(1)] {
        let trace = Trace::start_in(Arc::new(Local), &profiler, dir.path(), time).unwrap();
        let earliest = Instant::now();
        let span = profiler.span("span");
        let begun = Instant::now();
        while begun.elapsed().as_millis() < 3 {
            std::hint::spin_loop();
        }
        drop(span);
        let max = earliest.elapsed().as_nanos() as i64;
        let [span] = &finish(trace)[..] else { panic!("one span") };
        let nanos = (span.end - span.start) / 1000;
        assert!((2_990_000..max + 10_000).contains(&nanos), "{nanos} ns of {max}");
    }
    assert_eq!(traces(dir.path()).len(), 2);
}

#[test]
fn a_dropped_trace_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let profiler = Profiler::new();
    let lost = catch_unwind(AssertUnwindSafe(|| {
        let _trace = profiler.start(dir.path()).unwrap();
        let _span = profiler.span("span");
        panic!("on purpose");
    }));
    assert!(lost.is_err());
    assert_eq!(names(&events(&only_trace(dir.path()))), ["span"]);
    assert!(!profiler.is_recording());
}

#[test]
fn one_trace_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let profiler = Profiler::new();
    let trace = profiler.start(dir.path()).unwrap();
    assert!(matches!(profiler.clone().start(dir.path()), Err(ProfileError::AlreadyRecording)));
    trace.stop().unwrap();
    profiler.start(dir.path()).unwrap().stop().unwrap();
}

#[test]
fn directory_that_cannot_be_created_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let profiler = Profiler::new();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let error = profiler.start(&file).unwrap_err();
    assert!(error.to_string().starts_with("cannot create the trace directory "), "{error}");
    assert!(error.to_string().contains("file"), "{error}");
    assert!(!profiler.is_recording());

    // The directory is removed while the trace is recorded.
    let run = dir.path().join("run");
    let trace = profiler.start(&run).unwrap();
    fs::remove_dir_all(&run).unwrap();
    let error = trace.stop().unwrap_err();
    assert!(matches!(error, ProfileError::Directory { .. }), "{error}");
    profiler.start(&run).unwrap().stop().unwrap();
}

#[test]
fn chrome_json_has_the_same_events() {
    let dir = tempfile::tempdir().unwrap();
    let profiler = Profiler::builder().chrome_json(true).build();
    let trace = profiler.start(dir.path()).unwrap();
    {
        let _span =
            profiler.span("a \"quoted\"\n\\ é").with_field("nan", f64::NAN).with_field("half", 0.5);
        profiler.instant("instant");
    }
    let path = trace.stop().unwrap();
    let json = path.to_str().unwrap().replace(".xplane.pb", ".trace.json");
    let json: serde_json::Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
    let found: Vec<_> =
        json["traceEvents"].as_array().unwrap().iter().filter(|event| event["ph"] != "M").collect();
    let all = every_event(&path);
    assert_eq!((found.len(), all.len()), (3, 3));
    for (found, event) in found.iter().zip(&all) {
        assert_eq!(found["name"], event.name);
        assert_eq!(found["tid"], event.line_id);
        let picos = |key: &str| (found[key].as_f64().unwrap() * 1e6).round() as i64;
        assert_eq!(picos("ts"), event.start);
        let is_instant = event.name == "instant";
        assert_eq!(found["ph"], if is_instant { "i" } else { "X" });
        assert!(is_instant || picos("dur") == event.end - event.start);
    }
    assert_eq!(found[1]["args"], serde_json::json!({"nan": "NaN", "half": 0.5}));
    let line = json["traceEvents"].as_array().unwrap().iter().find(|event| event["tid"] != 0);
    let name = std::thread::current().name().unwrap().to_owned();
    assert_eq!(line.unwrap()["args"]["name"], name);
}

#[test]
fn a_failed_write_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let storage = Faulty::default();
    let profiler = Profiler::builder().chrome_json(true).build();
    let sessions = || fs::read_dir(dir.path().join("plugins/profile")).unwrap().count();
    let mut errors = 0;
    for at in 0.. {
        let trace =
            Trace::start_in(Arc::new(storage.clone()), &profiler, dir.path(), noon()).unwrap();
        drop(profiler.span("span"));
        storage.set(Fault::Fails, at);
        let result = trace.stop();
        if !storage.mend() {
            result.unwrap();
            break;
        }
        // A directory that cannot be listed is not cleaned up, which is no error.
        if let Err(error) = &result {
            assert!(std::error::Error::source(error).is_some(), "{error}");
            assert_eq!(sessions(), 0, "operation {at}");
            errors += 1;
        } else {
            fs::remove_dir_all(dir.path().join("plugins/profile")).unwrap();
        }
    }
    // The directory and, for each of the two files: creating, writing, renaming.
    assert!(errors >= 7, "{errors}");
    assert_eq!(sessions(), 1);
}
