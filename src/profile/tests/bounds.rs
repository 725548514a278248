//! A trace whose memory is used up.

use super::*;
use crate::profile::SpanOverflow;
use std::thread;

/// More spans than fit into the smallest buffer.
const SPANS: u64 = 100_000;

fn numbers(events: &[Event]) -> Vec<u64> {
    let number = |event: &Event| event.field("number").unwrap().parse().unwrap();
    events.iter().filter(|event| event.name == "span").map(number).collect()
}

/// Records too many spans, and returns the numbers of those in the trace and the reported number of
/// dropped ones.
fn record_too_many(overflow: SpanOverflow) -> (Vec<u64>, u64) {
    let profiler = Profiler::builder().buffer_bytes(0).overflow(overflow).build();
    let dir = tempfile::tempdir().unwrap();
    let trace = profiler.start(dir.path()).unwrap();
    (0..SPANS).for_each(|number| drop(profiler.span("span").with_field("number", number)));
    let path = trace.stop().unwrap();
    let [_, report] = &every_event(&path)[..2] else { panic!("chunks of 2") };
    let dropped = report.field("dropped").unwrap().parse().unwrap();
    assert!(report.name.starts_with(&format!("{dropped} spans are missing")), "{}", report.name);
    assert_eq!(decode(&path).warnings.len(), 1);
    (numbers(&events(&path)), dropped)
}

#[test]
fn drop_newest_keeps_the_first_spans() {
    let (kept, dropped) = record_too_many(SpanOverflow::DropNewest);
    assert!(kept.len() > 1000);
    assert_eq!(kept, (0..kept.len() as u64).collect::<Vec<_>>());
    assert_eq!(dropped, SPANS - kept.len() as u64);
}

#[test]
fn drop_oldest_keeps_the_last_spans() {
    let (kept, dropped) = record_too_many(SpanOverflow::DropOldest);
    assert!(kept.len() > 1000);
    assert_eq!(kept, (SPANS - kept.len() as u64..SPANS).collect::<Vec<_>>());
    assert_eq!(dropped, SPANS - kept.len() as u64);
}

#[test]
fn a_late_thread_gets_memory_from_the_others() {
    let profiler = Profiler::builder().buffer_bytes(0).overflow(SpanOverflow::DropOldest).build();
    let events = traced(&profiler, || {
        (0..SPANS).for_each(|number| drop(profiler.span("span").with_field("number", number)));
        thread::scope(|scope| scope.spawn(|| drop(profiler.span("late"))).join().unwrap());
    });
    assert_eq!(events.iter().filter(|event| event.name == "late").count(), 1);
}

#[test]
fn many_short_threads_share_the_memory() {
    // If each had its first chunk reserved for ever, the memory would do for five.
    let profiler = Profiler::builder().buffer_bytes(0).build();
    let events = traced(&profiler, || {
        for number in 0..100u64 {
            let run = || drop(profiler.span("span").with_field("number", number));
            thread::scope(|scope| scope.spawn(run).join().unwrap());
        }
    });
    assert_eq!(numbers(&events), (0..100).collect::<Vec<_>>());
}

#[test]
fn forgotten_spans_are_limited() {
    let profiler = Profiler::new();
    (0..10_000).for_each(|_| std::mem::forget(profiler.span("forgotten")));
    let events = traced(&profiler, || ());
    assert_eq!(events.len(), 1024);
}
