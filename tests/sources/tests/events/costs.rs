//! What an event costs.

use crate::Logged;
use sources_tests::allocations;
use tfevents::TagPrefix;
use tracing::{info, info_span};

const EVENTS: i64 = 2000;

/// Blocks of the buffer are allocated as for any other call that logs.
#[test]
fn an_event_allocates_no_more_than_a_handle() {
    for prefix in [TagPrefix::None, TagPrefix::Target, TagPrefix::SpanPath] {
        let logged = Logged::new();
        let (loss, accuracy) = (logged.writer.scalar("loss"), logged.writer.scalar("accuracy"));
        let by_handle = allocations(|| {
            for step in 0..EVENTS {
                loss.add(0.5, step);
                accuracy.add(0.5, step);
            }
        });
        logged.writer.flush().unwrap();
        logged.with(logged.writer.events().prefix(prefix), || {
            let _epoch = info_span!("epoch", step = 3).entered();
            let _forward = info_span!("forward").entered();
            let log = |step: i64| {
                info!(step, loss = 0.5, accuracy = 0.5, "batch is over");
                info!(monotonic_counter.batches = 1, "counted");
            };
            log(-1);
            log(0);
            let by_event = allocations(|| (0..EVENTS).for_each(log));
            // Three scalars instead of two, with longer tags.
            assert!(by_event <= 4 * by_handle + 16, "{by_event}, with handles {by_handle}");
            assert!(by_event < EVENTS as u64 / 20, "{by_event}");
        });
    }
}
