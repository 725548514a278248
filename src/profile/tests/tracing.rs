//! Spans and events of `tracing`.

use super::*;
use ::tracing::{Span, event, field, info, info_span, subscriber::with_default};
use std::fmt;
use std::thread;
use tracing_subscriber::prelude::*;

/// Runs `work` with a profiler that records its spans.
fn with_layer<R>(work: impl FnOnce(&Profiler) -> R) -> R {
    let profiler = Profiler::new();
    let subscriber = tracing_subscriber::registry().with(profiler.layer());
    with_default(subscriber, || work(&profiler))
}

#[test]
fn spans_have_their_fields() {
    let events = with_layer(|profiler| {
        traced(profiler, || {
            let span = info_span!("step", number = 3, late = field::Empty, on = true, rate = 0.5);
            let _entered = span.enter();
            info_span!("inner", what = ?Some("x"), text = "é").in_scope(|| ());
            span.record("late", -1);
        })
    });
    assert_eq!(names(&events), ["step", "inner"]);
    assert!(events[0].contains(&events[1]));
    let field = |event: &Event, key: &str| event.field(key).map(str::to_owned);
    for (key, value) in [("number", "3"), ("on", "true"), ("rate", "0.5"), ("late", "-1")] {
        assert_eq!(field(&events[0], key).as_deref(), Some(value), "{key}");
    }
    assert_eq!(field(&events[1], "what").as_deref(), Some("Some(\"x\")"));
    assert_eq!(field(&events[1], "text").as_deref(), Some("é"));
}

#[test]
fn events_are_instants_named_by_their_message() {
    let events = with_layer(|profiler| {
        info!("too early");
        traced(profiler, || {
            let _span = info_span!("span").entered();
            info!(loss = 0.5, "epoch {} is over", 3);
            event!(::tracing::Level::TRACE, silent = 1);
        })
    });
    assert_eq!(names(&events)[..2], ["span", "epoch 3 is over"]);
    assert!(names(&events)[2].starts_with("event "), "{events:?}");
    assert_eq!(events[1].fields, [("loss".to_owned(), "0.5".to_owned())]);
    assert!(
        events.iter().skip(1).all(|event| event.start == event.end && events[0].contains(event))
    );
}

#[test]
fn a_span_that_moves_is_drawn_where_it_ran() {
    let events = with_layer(|profiler| {
        traced(profiler, || {
            let task = info_span!("task", id = 7);
            task.in_scope(|| drop(profiler.span("here")));
            let there = || task.in_scope(|| drop(profiler.span("there")));
            // The thread `executor` runs it with the same subscriber.
            ::tracing::dispatcher::get_default(|dispatch| {
                thread::scope(|scope| {
                    let run = || ::tracing::dispatcher::with_default(dispatch, there);
                    let builder = thread::Builder::new().name("executor".to_owned());
                    builder.spawn_scoped(scope, run).unwrap().join().unwrap();
                });
            });
            task.in_scope(|| drop(profiler.span("here again")));
        })
    });
    assert_eq!(names(&events), ["task", "here", "task", "here again", "task", "there"]);
    for piece in events.chunks(2) {
        assert!(piece[0].contains(&piece[1]), "{piece:?}");
        assert_eq!(piece[0].field("id"), Some("7"));
    }
    assert!(events[0].end <= events[4].start && events[4].end <= events[2].start);
    assert_eq!(events[4].line, "executor");
}

#[test]
fn open_spans_are_cut_at_both_borders() {
    with_layer(|profiler| {
        let dir = tempfile::tempdir().unwrap();
        let across = info_span!("across").entered();
        let before = info_span!("before").entered();
        let trace = profiler.start(dir.path()).unwrap();
        drop(before);
        let after = info_span!("after").entered();
        // The thread that stops the trace has no subscriber.
        let path = thread::scope(|scope| scope.spawn(|| trace.stop()).join().unwrap()).unwrap();
        drop((after, across));

        let all = every_event(&path);
        let (whole, events) = all.split_first().unwrap();
        assert_eq!(names(events), ["across", "before", "after"]);
        let cuts: Vec<_> = events.iter().map(|event| event.field("cut").unwrap()).collect();
        assert_eq!(cuts, ["at both ends", "at the start", "at the end"]);
        assert_eq!((events[0].start, events[0].end), (0, whole.end));
        assert_eq!((events[1].start, events[2].end), (0, whole.end));
    });
}

/// The registry reuses ids: after some thousands of spans, the very same.
#[test]
fn fields_stay_with_their_span() {
    const SPANS: u64 = 30_000;
    let events = with_layer(|profiler| {
        traced(profiler, || {
            for number in 0..SPANS {
                info_span!("with", number).in_scope(|| ());
                info_span!("without").in_scope(|| ());
            }
        })
    });
    let (with, without): (Vec<_>, Vec<_>) = events.iter().partition(|event| event.name == "with");
    assert_eq!((with.len() as u64, without.len() as u64), (SPANS, SPANS));
    for (number, event) in with.iter().enumerate() {
        assert_eq!(event.fields, [("number".to_owned(), number.to_string())]);
    }
    assert!(without.iter().all(|event| event.fields.is_empty()));
}

#[test]
fn a_value_may_open_spans_itself() {
    struct Nosy<'p>(&'p Profiler);
    impl fmt::Debug for Nosy<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let _own = self.0.span("own").with_field("value", "inner");
            f.write_str("nosy")
        }
    }
    let events = with_layer(|profiler| {
        traced(profiler, || info_span!("span", value = ?Nosy(profiler)).in_scope(|| ()))
    });
    assert_eq!(names(&events), ["own", "span"]);
    assert_eq!(events[0].field("value"), Some("inner"));
    assert_eq!(events[1].field("value"), Some("nosy"));
}

#[test]
fn filtered_spans_are_not_recorded() {
    use tracing_subscriber::filter::LevelFilter;
    let profiler = Profiler::new();
    let layer = profiler.layer().with_filter(LevelFilter::INFO);
    let subscriber = tracing_subscriber::registry().with(layer);
    let events = with_default(subscriber, || {
        let across = info_span!("across").entered();
        let events = traced(&profiler, || {
            let span = ::tracing::debug_span!("debug", number = 1);
            span.in_scope(|| info_span!("info", number = 2).in_scope(|| ()));
            Span::none().in_scope(|| ());
        });
        drop(across);
        events
    });
    assert_eq!(names(&events), ["across", "info"]);
}
