//! The store fails, loses answers or hangs at every request in turn: each point is there once and in
//! order, and the counters add up.

mod common;

use common::{Fault, quick, steps, storage, wait_until};
use std::time::Duration;
use tfevents::{Error, Overflow};

/// Logs 60 points in two runs, flushes after each 10, and closes. Returns the errors.
fn training(writer: &tfevents::SummaryWriter) -> Vec<Error> {
    let child = writer.child_run("validation").unwrap();
    let mut errors = Vec::new();
    for step in 0..60 {
        writer.add_scalar("loss", 0.5, step);
        child.add_scalar("loss", 0.25, step);
        if step % 10 == 9 {
            errors.extend(writer.flush().err());
        }
        let stats = writer.stats();
        assert_eq!(stats.logged, stats.written + stats.dropped + stats.pending, "{stats:?}");
    }
    errors
}

#[test]
fn every_request_may_fail() {
    for (fault, count) in
        [(Fault::Busy, 1), (Fault::Lost, 1), (Fault::Hangs, 1), (Fault::Denied, 1)]
    {
        for at in 0.. {
            let (faulty, storage) = storage(quick().seal_after(3));
            let writer = storage.writer("mlp/7").build().unwrap();
            faulty.set(fault, at, count);
            let errors = training(&writer);
            writer.close().unwrap();
            let struck = faulty.mend();
            let all: Vec<i64> = (0..60).collect();
            assert_eq!(steps(&storage, "mlp/7"), all, "{fault:?} {at}");
            assert_eq!(steps(&storage, "mlp/7/validation"), all, "{fault:?} {at}");
            let stats = writer.stats();
            assert_eq!((stats.written, stats.dropped, stats.error), (120, 0, None));
            // A request that is repeated at once is no error.
            let expected = usize::from(fault == Fault::Denied && struck);
            assert!(errors.len() <= expected, "{fault:?} {at}: {errors:?}");
            for error in errors {
                let source = std::error::Error::source(&error).unwrap().to_string();
                assert!(source.contains("faulty://bucket/experiments/mlp/7"), "{source}");
                assert!(source.contains("expected valid credentials"), "{source}");
            }
            if !struck {
                assert!(at > 10, "only {at} requests");
                break;
            }
        }
    }
}

/// A store that is away for a while: flushes report it, training goes on, and all of it arrives.
#[test]
fn a_store_that_is_away_gets_all_in_the_end() {
    for fault in [Fault::Busy, Fault::Lost, Fault::Denied] {
        let (faulty, storage) = storage(quick().seal_after(4));
        let writer = storage.writer("mlp").overflow(Overflow::Drop).build().unwrap();
        for step in 0..300 {
            match step {
                50 => faulty.set(fault, 0, usize::MAX),
                200 => _ = faulty.mend(),
                _ => {}
            }
            writer.add_scalar("loss", 0.5, step);
            // Some are uploaded by themselves.
            std::thread::sleep(Duration::from_millis(1));
            if step == 120 {
                let error = writer.flush().unwrap_err();
                assert!(matches!(error, Error::Storage { .. }), "{error:?}");
                assert!(writer.stats().error.is_some());
            }
        }
        writer.flush().or_else(|_| writer.flush()).unwrap();
        assert_eq!(steps(&storage, "mlp"), (0..300).collect::<Vec<_>>(), "{fault:?}");
        writer.close().unwrap();
        assert_eq!(writer.stats().dropped, 0);
    }
}

#[test]
fn a_store_that_hangs_for_good_stops_nothing_for_long() {
    let hour = Duration::from_secs(3600);
    let (faulty, storage) = storage(quick().attempts(hour, 3, hour));
    let builder = storage.writer("mlp").overflow(Overflow::Drop);
    let writer = builder.flush_timeout(Duration::from_millis(100)).build().unwrap();
    faulty.set(Fault::Hangs, 0, usize::MAX);
    // A call that waited for the store would not come back.
    for step in 0..1000 {
        writer.add_scalar("loss", 0.5, step);
    }
    wait_until(|| faulty.requests() > 0);
    let error = writer.flush().unwrap_err();
    assert!(matches!(error, Error::Timeout { pending: 1000, .. }), "{error:?}");
    let error = writer.close().unwrap_err();
    assert!(matches!(error, Error::Timeout { pending: 1000.., .. }), "{error:?}");
}

#[test]
fn a_bucket_that_is_removed_and_restored_gets_all() {
    let (faulty, storage) = storage(quick().seal_after(4));
    let writer = storage.writer("mlp").build().unwrap();
    for step in 0..100 {
        if step == 20 {
            faulty.set(Fault::NoBucket, 0, usize::MAX);
        }
        writer.add_scalar("loss", 0.5, step);
        if step % 10 == 9 {
            let result = writer.flush();
            assert_eq!(result.is_err(), step > 20, "step {step}: {result:?}");
        }
    }
    faulty.mend();
    writer.flush().or_else(|_| writer.flush()).unwrap();
    assert_eq!(steps(&storage, "mlp"), (0..100).collect::<Vec<_>>());
    writer.close().unwrap();
    assert_eq!((writer.stats().dropped, writer.stats().written), (0, 100));
}

#[test]
fn without_the_permissions_to_list_and_delete_it_logs_all_the_same() {
    for forbidden in [&["list"][..], &["delete"], &["list", "delete"]] {
        let (faulty, storage) = storage(quick().seal_after(2));
        faulty.forbid(forbidden);
        for session in 0..2 {
            let writer = storage.writer("mlp").build().unwrap();
            for step in 0..10 {
                writer.add_scalar("loss", 0.5, session * 10 + step);
                writer.flush().unwrap();
            }
            writer.close().unwrap();
        }
        faulty.forbid(&[]);
        let mut found = steps(&storage, "mlp");
        if forbidden.contains(&"list") {
            // Without a listing, names go by the clock, and two sessions began within one second.
            found.sort_unstable();
        }
        assert_eq!(found, (0..20).collect::<Vec<_>>(), "{forbidden:?}");
    }
    let (faulty, storage) = storage(quick());
    faulty.forbid(&["list"]);
    let error = storage.run("mlp").and_then(|run| run.files()).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("expected the permission to list and read objects"), "{source}");
}

/// Events logged while a retry waits for its turn come behind the bytes in doubt.
#[test]
fn a_hidden_success_doubles_nothing() {
    let (faulty, storage) =
        storage(quick().attempts(Duration::from_secs(1), 0, Duration::from_secs(2)));
    let writer = storage.writer("mlp").flush_interval(Duration::from_secs(60)).build().unwrap();
    for step in 0..20 {
        writer.add_scalar("loss", 0.5, step);
        // Before the first upload there is a listing, which may fail.
        if step % 2 == 1 {
            // Of all attempts until the flush has returned: it is no error if the next one is made good.
            faulty.set(Fault::Lost, 0, usize::MAX);
            writer.flush().unwrap_err();
            faulty.mend();
        } else {
            // An attempt may have been under way.
            writer.flush().or_else(|_| writer.flush()).unwrap();
        }
    }
    writer.close().unwrap();
    assert_eq!(steps(&storage, "mlp"), (0..20).collect::<Vec<_>>());
}
