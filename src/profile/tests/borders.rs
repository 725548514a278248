//! Spans at the start and the end of a trace.

use super::*;
#[cfg(feature = "callbacks")]
use crate::profile::OpenSpan;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;

#[test]
fn open_spans_are_cut_at_both_borders() {
    let profiler = Profiler::new();
    let dir = tempfile::tempdir().unwrap();
    drop(profiler.span("too early"));
    let across = profiler.span("across");
    let before = profiler.span("before");
    let trace = profiler.start(dir.path()).unwrap();
    drop(before);
    let after = profiler.span("after");
    let path = trace.stop().unwrap();
    drop(profiler.span("too late"));
    let between = profiler.span("between");

    let cut = |events: &[Event]| -> Vec<(String, String)> {
        let field = |event: &Event| event.field("cut").unwrap_or_default().to_owned();
        events.iter().map(|event| (event.name.clone(), field(event))).collect()
    };
    let all = every_event(&path);
    let (whole, first) = all.split_first().unwrap();
    let pair = |name: &str, cut: &str| (name.to_owned(), cut.to_owned());
    assert_eq!(
        cut(first),
        [
            pair("across", "at both ends"),
            pair("before", "at the start"),
            pair("after", "at the end")
        ]
    );
    assert_eq!((first[0].start, first[1].start, first[2].end), (0, 0, whole.end));
    assert_eq!((whole.start, &whole.name[..], &whole.line[..]), (0, "trace", "trace"));
    assert!(whole.end > 0 && first[0].end == whole.end && first[1].end < first[2].start);

    // A second trace contains them too.
    let second = traced(&profiler, || {
        drop(after);
        drop(across);
    });
    drop(between);
    assert_eq!(
        cut(&second),
        [
            pair("between", "at both ends"),
            pair("across", "at the start"),
            pair("after", "at the start")
        ]
    );
}

#[cfg(feature = "callbacks")]
#[test]
fn an_open_span_may_end_on_another_thread() {
    let profiler = Profiler::new();
    let events = traced(&profiler, || {
        let here = OpenSpan::new(&profiler, "step").unwrap().with_field("step", 3);
        drop(profiler.span("within"));
        thread::scope(|scope| scope.spawn(move || drop(here)).join().unwrap());
    });
    assert_eq!(names(&events), ["step", "within"]);
    assert!(events[0].contains(&events[1]));
    assert_eq!(events[0].field("step"), Some("3"));
}

/// Threads number their spans, without a pause, while traces begin and stop. The numbers of a thread
/// in a trace must be consecutive; only spans that were open at its start or its end may have none.
#[test]
fn no_span_is_lost_or_recorded_twice() {
    let profiler = Profiler::new();
    let done = AtomicBool::new(false);
    let counts: [AtomicU64; 3] = Default::default();
    // The threads run for a while around each start and stop, and then wait: a slow machine would get
    // more spans than it can read back.
    let limit = AtomicU64::new(0);
    thread::scope(|scope| {
        for count in &counts {
            let (profiler, done, limit) = (&profiler, &done, &limit);
            scope.spawn(move || {
                while !done.load(Relaxed) {
                    let number = count.load(Relaxed);
                    if number >= limit.load(Relaxed) {
                        thread::yield_now();
                        continue;
                    }
                    let _outer = profiler.span("outer").with_field("number", number);
                    drop(profiler.span("inner").with_field("number", number));
                    count.store(number + 1, Relaxed);
                }
            });
        }
        let check = || {
            for _ in 0..10 {
                limit.fetch_add(500, Relaxed);
                let events = traced(&profiler, || {
                    limit.fetch_add(500, Relaxed);
                    let begun = counts.each_ref().map(|count| count.load(Relaxed));
                    while counts.iter().zip(begun).any(|(now, then)| now.load(Relaxed) < then + 5) {
                        thread::yield_now();
                    }
                });
                for name in ["outer", "inner"] {
                    let traced = check_numbers(&events, name);
                    assert!(traced >= 3 * 4, "only {traced} spans");
                }
            }
        };
        // The threads must end even if this fails.
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(check));
        done.store(true, Relaxed);
        result.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
}

fn check_numbers(events: &[Event], name: &str) -> usize {
    let mut lines: Vec<i64> = events.iter().map(|event| event.line_id).collect();
    lines.dedup();
    let mut count = 0;
    for line in lines {
        let of_line = events.iter().filter(|event| event.line_id == line && event.name == name);
        let of_line: Vec<&Event> = of_line.collect();
        let mut last: Option<u64> = None;
        for (index, event) in of_line.iter().enumerate() {
            let Some(number) = event.field("number") else {
                // The trace began while the span was open, or stopped before it got its number.
                let cut = event.field("cut").unwrap_or_default();
                let last = index + 1 == of_line.len();
                assert!((index == 0 && !cut.is_empty()) || (last && cut == "at the end"));
                continue;
            };
            let number = number.parse().unwrap();
            assert!(last.is_none_or(|last| number == last + 1), "{last:?}, then {event:?}");
            last = Some(number);
            count += 1;
        }
    }
    count
}
