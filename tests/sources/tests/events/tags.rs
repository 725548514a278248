//! Which fields are logged, and with which tags.

use crate::{Logged, logged};
use tfevents::read::Run;
use tfevents::{SummaryWriter, TagPrefix};
use tracing::{Level, debug, error, event, info, info_span, warn};
use tracing_subscriber::filter::LevelFilter;

#[test]
fn numbers_and_bools_are_scalars_under_their_names() {
    let logged = logged(|| {
        let loss = 0.1f32;
        info!(
            step = 1,
            loss,
            "train/accuracy" = 0.5f64,
            count = 7u64,
            back = -3i8,
            huge = u128::MAX / 4,
            stopped = true,
            absent = Option::<f32>::None,
            phase = "train",
            "epoch is over"
        );
    });
    let tags = ["back", "count", "huge", "loss", "stopped", "train/accuracy"];
    assert_eq!(logged.tags(), tags);
    assert_eq!(logged.points("loss"), [(1, 0.1)]);
    assert_eq!(logged.points("train/accuracy"), [(1, 0.5)]);
    assert_eq!(logged.points("back"), [(1, -3.0)]);
    assert_eq!(logged.points("stopped"), [(1, 1.0)]);
    assert_eq!(logged.points("huge"), [(1, (u128::MAX / 4) as f32)]);
}

#[test]
fn prefixes_are_targets_or_spans() {
    for (prefix, tags) in [
        (TagPrefix::None, ["loss", "loss", "loss"]),
        (TagPrefix::Target, ["events/tags/loss", "train/loss", "a/b/loss"]),
        (TagPrefix::SpanPath, ["fit/loss", "fit/validate/loss", "loss"]),
    ] {
        let logged = Logged::new();
        logged.with(logged.writer.events().prefix(prefix), || {
            let fit = info_span!("fit").entered();
            info!(step = 1, loss = 1);
            info_span!("validate").in_scope(|| info!(target: "train", step = 2, loss = 2));
            drop(fit);
            info!(target: "a::b", step = 3, loss = 3);
        });
        for (tag, step) in tags.into_iter().zip([1i64, 2, 3]) {
            let found = logged.points(tag).contains(&(step, step as f32));
            assert!(found, "{tag} in {:?}", logged.tags());
        }
    }
}

/// One callsite below more paths of spans than a layer keeps.
#[test]
fn each_path_of_spans_has_its_tags() {
    fn dive(depth: usize, step: &mut i64) {
        info!(step = *step, depth);
        *step += 1;
        if depth < 10 {
            info_span!("left").in_scope(|| dive(depth + 1, step));
            info_span!("right").in_scope(|| dive(depth + 1, step));
        }
    }
    let logged = Logged::new();
    logged.with(logged.writer.events().prefix(TagPrefix::SpanPath), || {
        for round in 0..2 {
            dive(0, &mut (10_000 * round));
        }
    });
    assert_eq!(logged.tags().len(), 2047);
    for path in ["left/left/left/left/left/left/left/left/left/left", "right/left/right"] {
        let depth = path.split('/').count() as f32;
        let points = logged.points(&format!("{path}/depth"));
        assert_eq!(points.iter().map(|(_, depth)| *depth).collect::<Vec<_>>(), [depth; 2]);
    }
    // The last paths are those that are not kept.
    let last = "right/".repeat(10);
    let points = logged.points(&format!("{last}depth"));
    assert_eq!(points, [(2046, 10.0), (12_046, 10.0)]);
}

#[test]
fn of_many_spans_the_innermost_name_the_tag() {
    fn dive(depth: i64) {
        let _span = info_span!("down").entered();
        info!(step = depth, depth);
        if depth < 40 {
            dive(depth + 1);
        }
    }
    let logged = Logged::new();
    logged.with(logged.writer.events().prefix(TagPrefix::SpanPath), || {
        let _outermost = info_span!("outermost").entered();
        dive(1);
    });
    let of = |path: &str| logged.points(&format!("{path}depth"));
    let names = |count| "down/".repeat(count);
    assert_eq!(of(&format!("outermost/{}", names(1))), [(1, 1.0)]);
    assert_eq!(of(&format!("outermost/{}", names(15))), [(15, 15.0)]);
    let rest: Vec<_> = (16..=40).map(|depth| (depth, depth as f32)).collect();
    assert_eq!(of(&names(16)), rest);
    assert_eq!(logged.tags().len(), 16);
}

/// A layer that is added while spans are open has not seen them begin.
#[test]
fn spans_from_before_the_layer_name_tags_too() {
    use tracing_subscriber::{prelude::*, reload};
    let logged = Logged::new();
    let (layer, handle) = reload::Layer::new(SummaryWriter::disabled().events());
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        let _fit = info_span!("fit").entered();
        handle.reload(logged.writer.events().prefix(TagPrefix::SpanPath)).unwrap();
        info!(step = 1, loss = 1);
        info_span!("batch", step = 2).in_scope(|| info!(loss = 2));
    });
    assert_eq!(logged.points("fit/loss"), [(1, 1.0)]);
    assert_eq!(logged.points("fit/batch/loss"), [(2, 2.0)]);
}

#[test]
fn targets_narrow() {
    let logged = Logged::new();
    logged.with(logged.writer.events().with_target("train").with_target("a::b"), || {
        info!(target: "train", step = 1, a = 1);
        info!(target: "train::inner", step = 1, b = 1);
        info!(target: "a::b", step = 1, c = 1);
        info!(target: "training", step = 1, d = 1);
        info!(target: "a", step = 1, e = 1);
        info!(step = 1, f = 1);
    });
    assert_eq!(logged.tags(), ["a", "b", "c"]);
}

#[test]
fn levels_narrow() {
    let work = || {
        debug!(step = 1, quiet = 1);
        info!(step = 1, usual = 1);
    };
    let default = logged(work);
    assert_eq!(default.tags(), ["usual"]);
    let all = Logged::new();
    all.with(all.writer.events().max_level(LevelFilter::TRACE), work);
    assert_eq!(all.tags(), ["quiet", "usual"]);
}

/// A filter of `tracing-subscriber` around the layer works, for spans too.
#[test]
fn filters_of_the_layer_work() {
    use tracing_subscriber::prelude::*;
    let logged = Logged::new();
    let layer = logged.writer.events().with_filter(LevelFilter::WARN);
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        info_span!("unseen", step = 1).in_scope(|| {
            info!(step = 1, a = 1);
            warn!(step = 1, b = 1);
            warn!(c = 1);
        });
    });
    assert_eq!(logged.tags(), ["b"]);
    assert_eq!(logged.writer.stats().without_step, 1);
}

#[test]
fn warnings_are_text_on_request() {
    let logged = Logged::new();
    logged.with(logged.writer.events().text(Level::WARN), || {
        info!(step = 1, "quiet");
        warn!(step = 2, left = "a`b", "the disk is {} % full", 93);
        error!(step = 3, loss = 0.5, "over");
        warn!(step = 4, "{}", "é".repeat(5000));
        warn!("without a step");
        event!(target: "tfevents::engine", Level::ERROR, step = 5, "its own");
    });
    logged.writer.close().unwrap();
    let texts = Run::open(logged.path()).unwrap().texts("log").unwrap();
    let texts: Vec<_> =
        texts.iter().map(|point| (point.step, point.value.text().to_owned())).collect();
    assert_eq!(texts.len(), 3, "{texts:?}");
    let line = "```\nWARN events::tags: the disk is 93 % full left=a`b\n```\n";
    assert_eq!(texts[0], (2, line.to_owned()));
    assert_eq!(texts[1], (3, "```\nERROR events::tags: over loss=0.5\n```\n".to_owned()));
    assert!(texts[2].1.len() < 4200 && texts[2].1.contains("éé"));
    assert_eq!(logged.points("loss"), [(3, 0.5)]);
    assert_eq!(logged.writer.stats().without_step, 1);
}

#[test]
fn a_disabled_writer_logs_nothing() {
    let logged = Logged::new();
    logged.with(SummaryWriter::disabled().events().text(Level::INFO), || {
        info!(step = 1, loss = 0.5, "text");
    });
    assert_eq!(logged.tags(), [""; 0]);
}
