//! The queue without its thread: the tests take what is to be written, and say what became of it.

use super::turn::Turn;
use super::*;
use crate::wire::event::Payload;
use crate::writer::file::Written;
use std::io;

fn queue(small: usize) -> Queue {
    let limits = Limits {
        flush_interval: Duration::ZERO,
        small,
        large: 1 << 20,
        overflow: Overflow::Drop,
        durability: Durability::Os,
    };
    Queue::new(limits, Clock::default())
}

fn run(queue: &Queue, name: &str) -> RunKey {
    queue.open_run(Path::new(name).into()).unwrap()
}

/// Gives back a turn of which nothing, or all, was written.
fn give_back(queue: &Queue, turn: Turn, error: Option<&str>) {
    let outcome = |mut task: Task| match error {
        Some(error) => {
            let path = task.dir.to_path_buf();
            let error = Error::Storage { operation: "write", path, error: io::Error::other(error) };
            Outcome { task, done: Vec::new(), written: Written::default(), error: Some(error) }
        }
        None => {
            let done: Vec<_> = std::mem::take(&mut task.blocks).into();
            let events = done.iter().map(Block::events).sum();
            let bytes = done.iter().map(|block| block.unwritten() as u64).sum();
            Outcome { task, done, written: Written { events, bytes }, error: None }
        }
    };
    queue.give_back(turn.tasks.into_iter().map(outcome).collect(), None);
}

fn push(queue: &Queue, run: RunKey, size: usize) {
    queue.push(run, None, 0, Payload::Summary, &vec![0; size]);
}

/// It is no longer waited for when the rest is written, or closing would never end.
#[test]
fn what_was_made_while_the_events_before_failed_holds_nothing_up() {
    let queue = queue(1 << 20);
    let run = run(&queue, "run");
    push(&queue, run, 10);
    let slot = queue.reserve(run, 0, 100).unwrap();
    let turn = queue.take().unwrap();
    assert!(queue.state.lock().held_up.contains(run.run));
    give_back(&queue, turn, Some("fails"));
    queue.fill(slot, "tag", Ok(Block::large(10, 0, |_| 10)));
    let turn = queue.take().unwrap();
    assert_eq!(turn.tasks[0].blocks.len(), 2);
    give_back(&queue, turn, None);
    assert_eq!(queue.stats().written, 2);
    assert!(queue.state.lock().held_up.is_empty());
}

/// Room that is kept for reuse counts against the bound where blocks grow, too.
#[test]
fn spare_blocks_make_way_for_blocks_that_grow() {
    let small = 16 * BLOCK;
    let queue = queue(small);
    let busy = run(&queue, "busy");
    while queue.state.lock().runs[busy.run.0].blocks.len() < 10 {
        push(&queue, busy, LARGE);
    }
    let turn = queue.take().unwrap();
    give_back(&queue, turn, None);
    while queue.state.lock().held.small > 0 {
        let turn = queue.take().unwrap();
        give_back(&queue, turn, None);
    }
    assert!(queue.state.lock().spare.len() > 1);
    let quiet: Vec<_> = (0..40).map(|at| run(&queue, &format!("quiet{at}"))).collect();
    for run in &quiet {
        // Behind a large event, blocks begin small.
        push(&queue, *run, LARGE + 1);
        push(&queue, *run, 10);
    }
    for run in quiet {
        for _ in 0..3 {
            push(&queue, run, LARGE);
        }
        let state = queue.state.lock();
        let held = state.held.small + state.spare.len() * BLOCK;
        assert!(held <= small, "{held} bytes");
    }
}

/// The steps of the events of a turn, each in a block of its own.
fn logged(turn: &Turn) -> Vec<u8> {
    let blocks = turn.tasks.iter().flat_map(|task| &task.blocks);
    blocks.map(|block| block.last_step() as u8).collect()
}

/// Who drops a run and who asks for it may meet: one is counted before the other.
#[test]
fn a_run_that_is_asked_for_while_it_is_let_go_stays() {
    let queue = queue(1 << 20);
    let first = run(&queue, "run");
    push_at(&queue, first, 1);
    let second = run(&queue, "run");
    queue.forget_run(first);
    push_at(&queue, second, 2);
    let turn = queue.take().unwrap();
    assert_eq!((turn.tasks.len(), logged(&turn)), (1, vec![1, 2]));
    assert!(!turn.tasks[0].close);
    give_back(&queue, turn, None);
    queue.forget_run(second);
    let turn = queue.take().unwrap();
    assert!(turn.tasks[0].close);
    give_back(&queue, turn, None);
    // Nobody refers to it: its place is there for another.
    assert_eq!(queue.state.lock().free.len(), 1);
}

/// Nor does what is logged after it was closed and opened anew overtake what could not be written.
#[test]
fn a_run_that_is_opened_anew_goes_on_behind_what_it_logged_before() {
    let queue = queue(1 << 20);
    let old = run(&queue, "run");
    push_at(&queue, old, 1);
    queue.close_run(old);
    let turn = queue.take().unwrap();
    give_back(&queue, turn, Some("fails"));
    let new = run(&queue, "run");
    push_at(&queue, old, 2);
    push_at(&queue, new, 3);
    assert_eq!(queue.stats().drops.after_close, 1);
    let turn = queue.take().unwrap();
    assert_eq!((turn.tasks.len(), logged(&turn)), (1, vec![1, 3]));
    assert!(!turn.tasks[0].close);
    give_back(&queue, turn, None);
    // A key that is useless keeps no file open, but the place.
    for (key, free) in [(new, 0), (old, 1)] {
        queue.forget_run(key);
        let turn = queue.take().unwrap();
        assert!(turn.tasks[0].close);
        give_back(&queue, turn, None);
        assert_eq!(queue.state.lock().free.len(), free);
    }
}

/// In a block of its own.
fn push_at(queue: &Queue, run: RunKey, step: i64) {
    queue.push(run, None, step, Payload::Summary, &vec![0; LARGE + 1]);
}

/// A loop that logs without pause is given the blocks that it filled; one that does not needs few.
#[test]
fn spare_blocks_are_freed_when_it_is_quiet() {
    let queue = queue(64 * BLOCK);
    let run = run(&queue, "run");
    while queue.state.lock().runs[run.run.0].blocks.len() < 40 {
        push(&queue, run, LARGE);
    }
    while queue.state.lock().held.small > 0 {
        let turn = queue.take().unwrap();
        give_back(&queue, turn, None);
    }
    let spare = || queue.state.lock().spare.len();
    assert!(spare() > 30, "{}", spare());
    push(&queue, run, 10);
    let turn = queue.take().unwrap();
    assert_eq!(spare(), SPARE);
    give_back(&queue, turn, None);
    assert_eq!(spare(), SPARE + 1);
}

/// One that began before is not the last, whatever it finds: the last one syncs and closes the
/// files, and only then is it told that the writer is closed.
#[test]
fn closing_during_a_turn_ends_with_a_turn_of_its_own() {
    let mut queue = queue(1 << 20);
    queue.limits.durability = Durability::SyncOnFlush;
    let run = run(&queue, "run");
    push(&queue, run, 10);
    let turn = queue.take().unwrap();
    assert!(!turn.sync && !turn.last);
    let closed = queue.close(Duration::ZERO);
    assert!(matches!(closed, Err(Error::Timeout { .. })), "{closed:?}");
    give_back(&queue, turn, None);
    let turn = queue.take().unwrap();
    assert!(turn.sync && turn.last);
    assert!(turn.tasks.is_empty());
    queue.give_back(Vec::new(), Some(Ok(())));
    assert!(queue.take().is_none());
}

/// What is stuck takes its part of the buffer; the other moves on, and says nothing about it.
#[test]
fn a_wait_that_ran_out_counts_until_its_part_has_room() {
    let mut queue = queue(1 << 20);
    queue.limits.overflow = Overflow::Block(Duration::ZERO);
    let stalled = |queue: &Queue| {
        let stalled = queue.state.lock().stalled;
        (stalled.small, stalled.large)
    };
    let (stuck, other) = (run(&queue, "stuck"), run(&queue, "other"));
    let slot = queue.reserve(stuck, 0, 1 << 20).unwrap();
    assert!(queue.reserve(stuck, 1, 1000).is_none());
    assert_eq!(stalled(&queue), (false, true));
    push(&queue, other, 10);
    let turn = queue.take().unwrap();
    give_back(&queue, turn, None);
    assert_eq!(stalled(&queue), (false, true));
    queue.fill(slot, "tag", Ok(Block::large(10, 0, |_| 10)));
    assert_eq!(stalled(&queue), (false, false));
}
