//! Layouts of charts, and curves in their own runs.

use super::faults::PATIENCE;
use super::*;
use crate::read::Run;
use crate::storage::faulty::{Fault, Faulty};
use crate::summary::charts::LAYOUT_TAG;
use crate::summary::{Chart, ChartLayout};

/// Returns the layouts that were written, in file order.
fn layouts(dir: &Path) -> Vec<ChartLayout> {
    let mut layouts = Vec::new();
    for event in Run::open(dir).unwrap().events() {
        for value in event.unwrap().values() {
            if value.tag() == LAYOUT_TAG {
                let tensor = value.tensor().unwrap();
                layouts.push(ChartLayout::decode(tensor.strings()[0]).unwrap());
            }
        }
    }
    layouts
}

fn lines(title: &str, tags: &[&str]) -> Chart {
    Chart::lines(title, tags).unwrap()
}

#[test]
fn a_layout_is_written_when_it_changes() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    for step in 0..10 {
        writer.add_scalars("a", [("x", 1), ("y", 2)], step);
    }
    let mine = ChartLayout::new().category("Mine", [lines("b", &["c"])]);
    writer.add_custom_scalars(&mine);
    writer.add_custom_scalars(&mine);
    writer.add_scalars("a", [("z", 3)], 10);
    writer.close().unwrap();
    let scalars = ChartLayout::new();
    let first = scalars.clone().category("Scalars", [lines("a", &["a/x", "a/y"])]);
    let second = first.clone().category("Mine", [lines("b", &["c"])]);
    let third = scalars
        .category("Scalars", [lines("a", &["a/x", "a/y", "a/z"])])
        .category("Mine", [lines("b", &["c"])]);
    assert_eq!(layouts(dir.path()), [first, second, third]);
}

#[test]
fn a_later_session_goes_on_with_the_layout() {
    let dir = tempfile::tempdir().unwrap();
    let mine = ChartLayout::new().category("Mine", [lines("b", &["c"])]);
    let first = SummaryWriter::new(dir.path()).unwrap();
    first.add_custom_scalars(&mine);
    first.close().unwrap();
    let second = SummaryWriter::new(dir.path()).unwrap();
    second.add_scalars("a", [("x", 1)], 0);
    second.close().unwrap();
    let both = mine.category("Scalars", [lines("a", &["a/x"])]);
    assert_eq!(layouts(dir.path()).last(), Some(&both));
}

#[test]
fn a_child_that_is_reopened_keeps_its_charts() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    writer.child_run("child").unwrap().add_scalars("a", [("x", 1)], 0);
    // The first layout may not be in the file yet.
    writer.child_run("child").unwrap().add_scalars("a", [("y", 1)], 1);
    writer.close().unwrap();
    let both = ChartLayout::new().category("Scalars", [lines("a", &["a/x", "a/y"])]);
    assert_eq!(layouts(&dir.path().join("child")).last(), Some(&both));
}

/// A layout that was dropped is written by the next call, even if that call does not change it.
#[test]
fn a_layout_that_was_dropped_is_written_at_the_next_chance() {
    let dir = tempfile::tempdir().unwrap();
    let storage = Faulty::default();
    let builder = SummaryWriter::builder(dir.path()).buffer_bytes(1 << 20);
    let builder = builder.overflow(Overflow::Drop).flush_timeout(Duration::from_secs(60));
    let writer = builder.storage(storage.clone()).build().unwrap();
    storage.set(Fault::WriteStalls, 0);
    while writer.stats().dropped == 0 {
        writer.add_scalar("loss", 1, 0);
    }
    let dropped = writer.stats().dropped;
    let mine = ChartLayout::new().category("Mine", [lines("b", &["c"])]);
    writer.add_scalars("a", [("x", 1)], 0);
    writer.add_custom_scalars(&mine);
    // A scalar and two layouts.
    assert_eq!(writer.stats().dropped, dropped + 3);
    storage.mend();
    assert!(matches!(writer.flush(), Err(Error::Dropped { .. })));
    assert!(layouts(dir.path()).is_empty());
    for step in 1..4 {
        writer.add_scalars("a", [("x", 1)], step);
        writer.add_custom_scalars(&mine);
    }
    writer.close().unwrap();
    let both = ChartLayout::new().category("Scalars", [lines("a", &["a/x"])]);
    assert_eq!(layouts(dir.path()), [both.category("Mine", [lines("b", &["c"])])]);
}

#[test]
fn curves_may_have_a_run_each() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    for step in 0..3 {
        writer.add_scalars_as_runs("a/b", [("x", step), ("..\0:", 2 * step)], step);
        // No directory can have this name; that is logged once.
        writer.add_scalars_as_runs("a", [("y".repeat(300), 1)], step);
    }
    writer.close().unwrap();
    for (run, last) in [("a_b_x", 2.0), ("a_b_..__", 4.0)] {
        let series = Run::open(dir.path().join(run)).unwrap().all_scalars().unwrap();
        assert_eq!(series["a/b"].len(), 3);
        assert_eq!(series["a/b"].values()[2], last);
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn a_new_curve_on_a_stuck_disk_delays_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let storage = Faulty::default();
    let writer = SummaryWriter::builder(dir.path()).storage(storage.clone()).build().unwrap();
    writer.add_scalars_as_runs("loss", [("known", 0)], 0);
    writer.flush().unwrap();
    storage.set(Fault::Stalls, 0);
    let log = |name| {
        let (writer, (done, logged)) = (writer.clone(), mpsc::channel());
        std::thread::spawn(move || {
            writer.add_scalars_as_runs("loss", [(name, 1)], 1);
            done.send(())
        });
        logged
    };
    let new = log("new");
    while !storage.struck() {
        std::thread::yield_now();
    }
    let known = log("known").recv_timeout(PATIENCE);
    let waits = new.try_recv().is_err();
    storage.mend();
    assert_eq!((known, waits), (Ok(()), true));
    new.recv_timeout(PATIENCE).unwrap();
    writer.close().unwrap();
    assert_eq!(steps(&dir.path().join("loss_known")), [0, 1]);
    assert_eq!(steps(&dir.path().join("loss_new")), [1]);
}

#[test]
fn a_spread_is_three_scalars_and_a_band() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    for step in 0..3 {
        writer.add_spread("time/step", &[1.5, 4.0, 0.5, 2.0], step);
    }
    writer.add_spread("time/step", &[f32::NAN, 4.0], 3);
    writer.add_spread("time/step", &[] as &[f32], 4);
    writer.add_spread("loss", &[3], 0);
    writer.close().unwrap();
    let scalars = Run::open(dir.path()).unwrap().all_scalars().unwrap();
    let last = |tag: &str| scalars[tag].values()[2];
    assert_eq!(["time/step/mean", "time/step/min", "time/step/max"].map(last), [2.0, 0.5, 4.0]);
    assert_eq!(scalars["time/step/mean"].len(), 4);
    assert!(scalars["time/step/mean"].values()[3].is_nan());
    assert_eq!(
        (scalars["time/step/min"].values()[3], scalars["time/step/max"].values()[3]),
        (4.0, 4.0)
    );
    let band = |tag: &str| {
        Chart::bands(tag, [(format!("{tag}/mean"), format!("{tag}/min"), format!("{tag}/max"))])
    };
    let first = ChartLayout::new().category("time", [band("time/step").unwrap()]);
    let second = first.clone().category("Scalars", [band("loss").unwrap()]);
    assert_eq!(layouts(dir.path()), [first, second]);
}

#[test]
fn ranks_log_into_a_directory_each_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    for rank in 0..3 {
        let builder = SummaryWriter::builder(dir.path());
        let writer = builder.rank(Rank::new(rank), RankDirs::First).build().unwrap();
        assert_eq!(writer.is_disabled(), rank > 0);
        let builder = SummaryWriter::builder(dir.path().join("each"));
        let writer = builder.rank(Rank::new(rank), RankDirs::Each).build().unwrap();
        writer.add_scalar("loss", rank, 0);
        writer.close().unwrap();
    }
    let runs = crate::read::LogDir::open(dir.path().join("each")).unwrap();
    let names: Vec<_> = runs.runs().iter().map(|run| run.name().to_owned()).collect();
    assert_eq!(names, ["rank-000", "rank-001", "rank-002"]);
}
