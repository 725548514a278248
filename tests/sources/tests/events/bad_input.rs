//! Events that cannot be logged: nothing panics, and the first of each is reported.

use crate::{Logged, logged};
use sources_tests::records;
use tracing::{info, info_span};
use tracing_subscriber::prelude::*;

#[test]
fn values_that_are_no_numbers_are_skipped_and_named_once() {
    let logged = logged(|| {
        for _ in 0..3 {
            info!(step = 1, displayed = %0.5, kept = 1);
            info!(step = 1, debugged = ?[0.5]);
            info!(step = 1, texted = "0.5");
            info!(step = 1, not_a_number = f32::NAN);
            info!(step = 1, infinite = f64::MAX);
            info!(unmeant = "0.5", "an ordinary event");
        }
    });
    assert_eq!(logged.tags(), ["kept"]);
    for name in ["displayed", "debugged", "texted"] {
        let expected = format!(
            "tracing event: {name:?} is not logged: the field {name:?} is text (expected a number, \
             without % or ?) (logged once)"
        );
        assert_eq!(records(&format!("{name:?}")), [expected]);
    }
    assert_eq!(
        records("\"not_a_number\""),
        [
            "tracing event: \"not_a_number\" is not logged: NaN (expected a finite f32) (logged once)"
        ]
    );
    assert_eq!(records("\"infinite\"").len(), 1);
    assert!(records("unmeant").is_empty());
}

#[test]
fn an_event_with_an_invalid_step_is_skipped_and_named_once() {
    let logged = Logged::new();
    logged.writer.step_source().set(7);
    logged.with(logged.writer.events(), || {
        for _ in 0..2 {
            info!(name: "negative", step = -1, loss = 0.5);
            info!(name: "text", step = "3", loss = 0.5);
            info!(name: "debug", step = ?3, loss = 0.5);
            info!(name: "float", step = 3.0, loss = 0.5);
            info!(name: "large", step = u64::MAX, loss = 0.5);
            // The span's step is meant, and wrong: not that of the source.
            info_span!("bad span", step = -2).in_scope(|| info!(loss = 0.5));
        }
    });
    assert_eq!(logged.tags(), [""; 0]);
    assert_eq!(logged.writer.stats().without_step, 12);
    for name in ["negative", "text", "debug", "float", "large", "bad span"] {
        let expected = format!(
            "tracing event: {name} is not logged: invalid step in the field \"step\" (expected an \
             integer from 0) (logged once)"
        );
        assert_eq!(records(&format!("event: {name} ")), [expected]);
    }
    logged.writer.step_source().set(-3);
    let negative = Logged::new();
    negative.writer.step_source().set(-3);
    negative.with(negative.writer.events(), || info!(loss = 0.5));
    assert_eq!(negative.tags(), [""; 0]);
    assert_eq!(negative.writer.stats().without_step, 1);
}

#[test]
fn events_without_a_step_are_counted_and_the_first_named() {
    let logged = logged(|| {
        for _ in 0..5 {
            info!(name: "stepless", loss = 0.5, accuracy = 1);
        }
        info!(name: "stepless too", loss = 0.5);
    });
    assert_eq!(logged.tags(), [""; 0]);
    assert_eq!(logged.writer.stats().without_step, 6);
    let records = records("stepless");
    assert_eq!(records.len(), 1, "{records:?}");
    assert!(records[0].contains("stepless is not logged: no step (expected a field \"step\""));
}

#[test]
fn of_two_layers_of_a_subscriber_one_logs() {
    let logged = Logged::new();
    let layers = || logged.writer.events();
    let subscriber = tracing_subscriber::registry().with(layers()).with(layers());
    tracing::subscriber::with_default(subscriber, || {
        for step in 0..3 {
            info!(step, twice = step);
        }
    });
    // Another subscriber's layer is not a second one, also at the same callsite.
    for step in [3, 4] {
        logged.with(layers(), || info!(step, again = step));
    }
    // Neither are layers that log different tags.
    let subscriber = tracing_subscriber::registry()
        .with(layers().with_target("a"))
        .with(layers().with_target("b"));
    tracing::subscriber::with_default(subscriber, || {
        info!(target: "a", step = 1, by_target = 1);
        info!(target: "b", step = 2, by_target = 2);
    });
    assert_eq!(logged.points("twice"), [(0, 0.0), (1, 1.0), (2, 2.0)]);
    assert_eq!(logged.points("again"), [(3, 3.0), (4, 4.0)]);
    assert_eq!(logged.points("by_target"), [(1, 1.0), (2, 2.0)]);
    let records = records("\"twice\"");
    assert_eq!(records.len(), 1, "{records:?}");
    assert!(records[0].contains("another layer of this subscriber logs it into"));
}

#[test]
fn a_subscriber_may_be_dropped_before_the_writer() {
    let logged = logged(|| info!(step = 1, loss = 0.5));
    logged.writer.add_scalar("loss", 0.25, 2);
    assert_eq!(logged.points("loss"), [(1, 0.5), (2, 0.25)]);
}

/// The subscriber does not keep the run open: what was logged before is in the file.
#[test]
fn a_subscriber_may_be_dropped_after_the_writer() {
    let Logged { dir, writer } = Logged::new();
    let child = writer.child_run("child").unwrap();
    let subscriber = tracing_subscriber::registry().with(writer.events()).with(child.events());
    tracing::subscriber::with_default(subscriber, || {
        info!(step = 1, loss = 0.5);
        drop(child);
        info!(step = 2, loss = 0.5);
        drop(writer);
        let run = tfevents::read::Run::open(dir.path()).unwrap();
        assert_eq!(run.scalars("loss").unwrap().steps(), [1, 2]);
        info!(step = 3, loss = 0.5);
        let run = tfevents::read::Run::open(dir.path()).unwrap();
        assert_eq!(run.scalars("loss").unwrap().steps(), [1, 2]);
    });
}

#[test]
fn a_closed_writer_counts_what_comes_later() {
    let logged = Logged::new();
    let layer = logged.writer.events();
    logged.writer.close().unwrap();
    logged.with(layer, || {
        info!(step = 1, loss = 0.5);
        info!(step = 1, histogram.x = 1);
    });
    assert!(logged.writer.stats().drops.after_close > 0);
    logged.with(logged.writer.events(), || info!(step = 1, loss = 0.5));
    let run = tfevents::read::Run::open(logged.path()).unwrap();
    assert_eq!(run.all_scalars().unwrap().iter().count(), 0);
}

/// A `Debug` that logs itself.
#[test]
fn an_event_within_an_event() {
    struct Nosy;
    impl std::fmt::Debug for Nosy {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            info!(step = 2, inner = 1);
            f.write_str("nosy")
        }
    }
    let logged = Logged::new();
    logged.with(logged.writer.events().text(tracing::Level::INFO), || {
        info!(step = 1, outer = 1, value = ?Nosy);
    });
    assert_eq!(logged.points("outer"), [(1, 1.0)]);
}
