//! The crate's own records do not come back through `tracing-log`.

use tfevents::SummaryWriter;
use tfevents::read::{Points, Run};
use tracing::{Level, info};
use tracing_subscriber::prelude::*;

#[test]
fn own_records_are_not_logged_and_those_of_others_are() {
    tracing_log::LogTracer::init().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    writer.step_source().set(7);
    let layer = writer.events().text(Level::TRACE);
    // `init` would set the logger a second time where other crates enable `tracing-log`.
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer)).unwrap();

    log::warn!(target: "other", "from {}", "log");
    log::warn!(target: "tfevents::engine", "own");
    // These warn: while the event is visited, while the writer's scalar is added, and once it is closed.
    for _ in 0..3 {
        info!(step = -1, loss = 0.5);
        info!(step = 1, loss = f32::NAN);
        info!(step = 2, loss = %0.5);
        writer.add_scalar("loss", f32::NAN, 3);
    }
    writer.close().unwrap();
    writer.add_scalar("loss", 0.5, 4);
    info!(step = 5, loss = 0.5);

    let run = Run::open(dir.path()).unwrap().with_points(Points::Raw);
    let texts: Vec<_> =
        run.texts("log").unwrap().iter().map(|point| point.value.text().to_owned()).collect();
    assert_eq!(texts[0], "```\nWARN other: from log\n```\n");
    assert!(texts.iter().all(|text| !text.contains("tfevents")), "{texts:?}");
    // The program's own events are text too, at this level.
    assert_eq!(texts.len(), 1 + 3 * 2, "{texts:?}");
    let tags: Vec<_> = run.all_scalars().unwrap().iter().map(|(tag, _)| tag.to_owned()).collect();
    assert_eq!(tags, ["loss"]);
}
