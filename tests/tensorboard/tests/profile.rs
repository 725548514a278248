//! A trace that the crate has written, read by xprof and drawn by its trace viewer.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use tensorboard_tests::{Span, xprof_trace};
use tfevents::Profiler;
use tracing_subscriber::prelude::*;

/// Works for long enough to distinguish the span from the ones around it.
const WORK: Duration = Duration::from_millis(2);

fn work() {
    let begun = Instant::now();
    while begun.elapsed() < WORK {
        std::hint::spin_loop();
    }
}

fn picos(nanos: f64) -> i64 {
    (nanos * 1000.0).round() as i64
}

#[test]
fn xprof_reads_recorded_spans() {
    let dir = tempfile::tempdir().unwrap();
    let profiler = Profiler::builder().chrome_json(true).build();
    let subscriber = tracing_subscriber::registry().with(profiler.layer());
    let _default = tracing::subscriber::set_default(subscriber);

    // When each span may have begun and must have ended, by another clock.
    let mut limits = Vec::new();
    let earliest = Instant::now();
    let trace = profiler.start(dir.path()).unwrap();
    let latest = Instant::now();
    for number in 0..3 {
        let before = Instant::now();
        {
            let _step = tracing::info_span!("train_step", number, rate = 0.5).entered();
            drop(profiler.span("load").with_field("from", "disk"));
            tracing::info_span!("forward").in_scope(work);
            tracing::info!("half of it");
        }
        limits.push((before - latest, before.elapsed() + (before - earliest)));
    }
    let loader = profiler.clone();
    let run = move || drop(loader.span("load"));
    thread::Builder::new().name("loader".to_owned()).spawn(run).unwrap().join().unwrap();
    let path = trace.stop().unwrap();
    let Some(trace) = xprof_trace(&path) else { return };

    let json = path.to_str().unwrap().replace(".xplane.pb", ".trace.json");
    let json: serde_json::Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
    let ours: Vec<_> =
        json["traceEvents"].as_array().unwrap().iter().filter(|event| event["ph"] != "M").collect();

    // Names and nesting, by what was called above.
    assert!(trace.spans.iter().all(|span| span.plane == "/host:CPU"));
    let names: Vec<&str> = trace.spans.iter().map(|span| &span.name[..]).collect();
    let step = ["train_step", "load", "forward", "half of it"];
    let wanted: Vec<&str> = ["trace"].into_iter().chain(step.repeat(3)).chain(["load"]).collect();
    assert_eq!(names, wanted);
    let main = thread::current().name().unwrap().to_owned();
    let lines: Vec<&str> = trace.spans.iter().map(|span| &span.line[..]).collect();
    assert_eq!(
        (lines[0], lines[1], lines[12], lines[13]),
        ("trace", &main[..], &main[..], "loader")
    );

    // Times: to the picosecond those of the JSON, and within what another clock says.
    assert_eq!(ours.len(), trace.spans.len());
    for (ours, span) in ours.iter().zip(&trace.spans) {
        let of = |key: &str| ours[key].as_f64().map_or(0, |micros| (micros * 1e6).round() as i64);
        assert_eq!(ours["name"], span.name);
        assert_eq!((picos(span.start_ns), picos(span.duration_ns)), (of("ts"), of("dur")));
    }
    let within = |outer: &Span, inner: &Span| {
        let (start, end) = (picos(outer.start_ns), picos(outer.start_ns + outer.duration_ns));
        (start..=end).contains(&picos(inner.start_ns))
            && picos(inner.start_ns + inner.duration_ns) <= end
    };
    for (number, (spans, (earliest, latest))) in
        trace.spans[1..13].chunks(4).zip(limits).enumerate()
    {
        let [step, load, forward, mark] = spans else { panic!("chunks of 4") };
        assert!(within(step, load) && within(step, forward) && within(step, mark));
        assert!(load.start_ns + load.duration_ns <= forward.start_ns);
        // A few microseconds for the two clocks.
        let slack = 10_000.0;
        assert!(step.start_ns + slack >= earliest.as_nanos() as f64, "{step:?}, {earliest:?}");
        let end = step.start_ns + step.duration_ns;
        assert!(end <= latest.as_nanos() as f64 + slack, "{step:?}, {latest:?}");
        assert!(forward.duration_ns + slack >= WORK.as_nanos() as f64, "{forward:?}");
        assert_eq!(mark.duration_ns, 0.0);
        for (key, value) in [("number", number as f64), ("rate", 0.5)] {
            let found = step.stats.iter().find(|(name, _)| name == key);
            let found = found.and_then(|(_, value)| value.parse::<f64>().ok());
            assert_eq!(found, Some(value), "{key} of {step:?}");
        }
        assert_eq!(load.stats, [("from".to_owned(), "disk".to_owned())]);
    }

    // The trace viewer draws each of them, on a thread of its name.
    let drawn = |name: &str| {
        trace.drawn.iter().filter(|event| event["ph"] == "X" && event["name"] == name).count()
    };
    assert_eq!([drawn("train_step"), drawn("load"), drawn("forward")], [3, 4, 3]);
    for thread in ["trace", &main[..], "loader"] {
        let named = |event: &&serde_json::Value| {
            event["name"] == "thread_name" && event["args"]["name"].as_str() == Some(thread)
        };
        assert_eq!(trace.drawn.iter().filter(named).count(), 1, "{thread}");
    }
}
