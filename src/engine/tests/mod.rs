//! Tests of the buffer without its thread: they take batches and decide the outcomes.

#[cfg(tfevents_loom)]
pub(super) mod loom;

use super::batch::{Batch, Outcome, SPARE_BLOCKS, Task};
use super::block::Block;
use super::buffer::{BLOCK, LARGE};
use super::event_file::Written;
use super::*;
use crate::storage::{Failed, Local};
use crate::wire::event::Payload;
use std::io;
use std::path::Path;
use std::time::Duration;

fn buffer(small: usize) -> Buffer {
    let limits = Limits {
        flush_interval: Duration::ZERO,
        small,
        large: 1 << 20,
        overflow: Overflow::Drop,
        durability: Durability::Os,
    };
    Buffer::new(limits, Clock::default())
}

fn run(buffer: &Buffer, name: &str) -> RunHandle {
    buffer.open_run(Path::new(name).into()).unwrap()
}

/// Returns a batch to the buffer as written, or as failed with `error`.
fn complete(buffer: &Buffer, batch: Batch, error: Option<&str>) {
    let outcome = |mut task: Task| match error {
        Some(error) => {
            let error = Failed::new("write", &task.dir, io::Error::other(error));
            Outcome {
                task,
                wrote: false,
                written: Written::default(),
                error: Some(error),
                in_doubt: false,
            }
        }
        None => {
            for block in std::mem::take(&mut task.blocks) {
                let (events, bytes) = (block.events(), block.unwritten() as u64);
                buffer.release_written(task.run, block, Written { events, bytes });
            }
            Outcome { task, wrote: true, written: Written::default(), error: None, in_doubt: false }
        }
    };
    buffer.complete(batch.tasks.into_iter().map(outcome).collect(), None);
}

fn push(buffer: &Buffer, run: RunHandle, size: usize) {
    buffer.push(run, None, 0, Payload::Summary, &vec![0; size]);
}

/// A filled reservation must not block its run any more, or closing would never end.
#[test]
fn a_reservation_filled_while_earlier_events_failed_blocks_nothing() {
    let buffer = buffer(1 << 20);
    let run = run(&buffer, "run");
    push(&buffer, run, 10);
    let reservation = buffer.reserve(run, 0, 100).unwrap();
    let batch = buffer.next_batch().unwrap();
    assert!(buffer.state.lock().schedule.blocked.contains(run.slot));
    complete(&buffer, batch, Some("fails"));
    buffer.fill_with(reservation, 10);
    let batch = buffer.next_batch().unwrap();
    assert_eq!(batch.tasks[0].blocks.len(), 2);
    complete(&buffer, batch, None);
    assert_eq!(buffer.stats().written, 2);
    assert!(buffer.state.lock().schedule.blocked.is_empty());
}

/// Spare blocks count against the bound also when blocks grow.
#[test]
fn spare_blocks_make_way_for_blocks_that_grow() {
    let small = 16 * BLOCK;
    let buffer = buffer(small);
    let busy = run(&buffer, "busy");
    while buffer.state.lock().runs[busy.slot.0].blocks.len() < 10 {
        push(&buffer, busy, LARGE);
    }
    let batch = buffer.next_batch().unwrap();
    complete(&buffer, batch, None);
    while buffer.state.lock().memory.usage.small > 0 {
        let batch = buffer.next_batch().unwrap();
        complete(&buffer, batch, None);
    }
    assert!(buffer.state.lock().memory.spare.len() > 1);
    let quiet: Vec<_> = (0..40).map(|at| run(&buffer, &format!("quiet{at}"))).collect();
    for run in &quiet {
        // After a large event, blocks begin small.
        push(&buffer, *run, LARGE + 1);
        push(&buffer, *run, 10);
    }
    for run in quiet {
        for _ in 0..3 {
            push(&buffer, run, LARGE);
        }
        let state = buffer.state.lock();
        let usage = state.memory.usage.small + state.memory.spare.len() * BLOCK;
        assert!(usage <= small, "{usage} bytes");
    }
}

/// Returns the steps of the events of a batch, each in its own block.
fn logged(batch: &Batch) -> Vec<u8> {
    let blocks = batch.tasks.iter().flat_map(|task| &task.blocks);
    blocks.map(|block| block.last_step() as u8).collect()
}

/// A run may be opened just before its last other handle is released.
#[test]
fn a_run_that_is_opened_while_it_is_released_stays() {
    let buffer = buffer(1 << 20);
    let first = run(&buffer, "run");
    push_at(&buffer, first, 1);
    let second = run(&buffer, "run");
    buffer.release_run(first);
    push_at(&buffer, second, 2);
    let batch = buffer.next_batch().unwrap();
    assert_eq!((batch.tasks.len(), logged(&batch)), (1, vec![1, 2]));
    assert!(!batch.tasks[0].close);
    complete(&buffer, batch, None);
    buffer.release_run(second);
    let batch = buffer.next_batch().unwrap();
    assert!(batch.tasks[0].close);
    complete(&buffer, batch, None);
    // It has no handles: its slot is free.
    assert_eq!(buffer.state.lock().slots.free.len(), 1);
}

/// Events that are logged after a run was closed and opened again do not overtake earlier events
/// whose write failed.
#[test]
fn a_run_that_is_opened_again_continues_behind_what_it_logged_before() {
    let buffer = buffer(1 << 20);
    let old = run(&buffer, "run");
    push_at(&buffer, old, 1);
    buffer.close_run(old);
    let batch = buffer.next_batch().unwrap();
    complete(&buffer, batch, Some("fails"));
    let new = run(&buffer, "run");
    push_at(&buffer, old, 2);
    push_at(&buffer, new, 3);
    assert_eq!(buffer.stats().drops.after_close, 1);
    let batch = buffer.next_batch().unwrap();
    assert_eq!((batch.tasks.len(), logged(&batch)), (1, vec![1, 3]));
    assert!(!batch.tasks[0].close);
    complete(&buffer, batch, None);
    // A handle of an earlier generation keeps no file open, but the slot.
    for (handle, free) in [(new, 0), (old, 1)] {
        buffer.release_run(handle);
        let batch = buffer.next_batch().unwrap();
        assert!(batch.tasks[0].close);
        complete(&buffer, batch, None);
        assert_eq!(buffer.state.lock().slots.free.len(), free);
    }
}

/// Logs an event that gets its own block.
fn push_at(buffer: &Buffer, run: RunHandle, step: i64) {
    buffer.push(run, None, step, Payload::Summary, &vec![0; LARGE + 1]);
}

/// A loop that logs without pause reuses the blocks that it filled; one that does not needs few.
#[test]
fn spare_blocks_are_freed_when_it_is_quiet() {
    let buffer = buffer(64 * BLOCK);
    let run = run(&buffer, "run");
    while buffer.state.lock().runs[run.slot.0].blocks.len() < 40 {
        push(&buffer, run, LARGE);
    }
    while buffer.state.lock().memory.usage.small > 0 {
        let batch = buffer.next_batch().unwrap();
        complete(&buffer, batch, None);
    }
    let spare = || buffer.state.lock().memory.spare.len();
    assert!(spare() > 30, "{}", spare());
    push(&buffer, run, 10);
    let batch = buffer.next_batch().unwrap();
    assert_eq!(spare(), SPARE_BLOCKS);
    complete(&buffer, batch, None);
    assert_eq!(spare(), SPARE_BLOCKS + 1);
}

/// A batch that began before `close` is not the last one: the last batch syncs and closes the files,
/// and the writer is closed only after it.
#[test]
fn closing_during_a_batch_ends_with_a_batch_of_its_own() {
    let mut buffer = buffer(1 << 20);
    buffer.limits.durability = Durability::SyncOnFlush;
    let run = run(&buffer, "run");
    push(&buffer, run, 10);
    let batch = buffer.next_batch().unwrap();
    assert!(!batch.sync && !batch.last);
    let closed = buffer.close(Duration::ZERO);
    assert!(matches!(closed, Err(EngineError::Timeout { .. })), "{closed:?}");
    complete(&buffer, batch, None);
    let batch = buffer.next_batch().unwrap();
    assert!(batch.sync && batch.last);
    // Only the file is left to close.
    assert!(batch.tasks.iter().all(|task| task.close && task.blocks.is_empty()));
    complete(&buffer, batch, None);
    assert!(buffer.next_batch().is_none());
}

/// A stuck reservation fills its part of the buffer; progress in the other part releases none of it.
#[test]
fn a_wait_that_timed_out_counts_until_its_part_has_capacity() {
    let mut buffer = buffer(1 << 20);
    buffer.limits.overflow = Overflow::Block(Duration::ZERO);
    let stalled = |buffer: &Buffer| {
        let stalled = buffer.state.lock().memory.stalled;
        (stalled.small, stalled.large)
    };
    let (stuck, other) = (run(&buffer, "stuck"), run(&buffer, "other"));
    let reservation = buffer.reserve(stuck, 0, 1 << 20).unwrap();
    assert!(buffer.reserve(stuck, 1, 1000).is_none());
    assert_eq!(stalled(&buffer), (false, true));
    push(&buffer, other, 10);
    let batch = buffer.next_batch().unwrap();
    complete(&buffer, batch, None);
    assert_eq!(stalled(&buffer), (false, true));
    buffer.fill_with(reservation, 10);
    assert_eq!(stalled(&buffer), (false, false));
}

/// A note whose append has no outcome stays in front of the events that were logged since.
#[test]
fn a_note_in_doubt_is_not_taken_for_the_reservation_behind_it() {
    let buffer = buffer(1 << 20);
    let run = run(&buffer, "run");
    // Larger than the buffer.
    push(&buffer, run, 2 << 20);
    let mut batch = buffer.next_batch().unwrap();
    let mut task = batch.tasks.remove(0);
    assert_eq!(task.dropped, 1);
    let note = block::Block::large(10, 0, |_| 10).into_note().numbered(0);
    (task.dropped, task.blocks) = (0, [note].into());
    let reservation = buffer.reserve(run, 0, 100).unwrap();
    let error = Failed::new("write", &task.dir, io::Error::other("no answer"));
    let written = Written::default();
    let outcome = Outcome { task, wrote: false, written, error: Some(error), in_doubt: true };
    buffer.complete(vec![outcome], None);
    buffer.fill_with(reservation, 10);
    let batch = buffer.next_batch().unwrap();
    let blocks = &batch.tasks[0].blocks;
    assert_eq!(blocks.iter().map(block::Block::is_note).collect::<Vec<_>>(), [true, false]);
    assert_eq!((blocks[1].events(), blocks[1].is_reserved()), (1, false));
}

/// A call that waits for capacity must not wait for the interval too, which may be minutes.
#[test]
fn a_call_that_waits_for_capacity_makes_a_whole_batch_due() {
    let mut buffer = buffer(1 << 20);
    buffer.limits.overflow = Overflow::Block(Duration::ZERO);
    buffer.pace.whole_batches = true;
    buffer.pace.interval = Duration::from_secs(3600);
    let run = run(&buffer, "run");
    // Less than a quarter of its part of the buffer.
    push(&buffer, run, 200 << 10);
    let is_due = |buffer: &Buffer| buffer.is_full(&buffer.state.lock());
    assert!(!is_due(&buffer));
    push(&buffer, run, 900 << 10);
    assert!(is_due(&buffer));
}

/// `Error::Dropped` means that everything else is written, so it must not hide that a flush failed.
#[test]
fn a_flush_that_failed_reports_the_failure_before_drops() {
    let buffer = buffer(1 << 20);
    let run = run(&buffer, "run");
    // Larger than the buffer.
    push(&buffer, run, 2 << 20);
    push(&buffer, run, 10);
    let mut state = buffer.state.lock();
    // An attempt in doubt that the next one has made good.
    let failed = Failed::new("write", Path::new("run"), io::Error::other("no answer"));
    state.failures.last = Some(failed);
    assert!(matches!(state.report_flush(true, &Local), Err(EngineError::Storage(_))));
    assert!(matches!(state.report_flush(false, &Local), Err(EngineError::Dropped { .. })));
    assert!(state.report_flush(false, &Local).is_ok());
}

/// The ticks may be ahead of the system's clock, so no event takes its time from that one.
#[test]
fn times_of_one_thread_do_not_go_back() {
    const AHEAD: f64 = 1e6;
    let buffer = buffer(BLOCK);
    if buffer.ticks.read().is_none() {
        println!("this processor has no even tick: the system's clock is read each time");
        return;
    }
    let run = run(&buffer, "run");
    let begun = buffer.clock.now();
    buffer.state.lock().wall_clock.put_ahead(AHEAD);
    for size in [10, LARGE + 1, 10] {
        push(&buffer, run, size);
        buffer.push_exempt(run, 0, Payload::Summary, b"");
    }
    let batch = buffer.next_batch().unwrap();
    let records = batch.tasks.iter().flat_map(|task| &task.blocks).flat_map(Block::records);
    // The first field of an event.
    let time = |record: &[u8]| f64::from_le_bytes(record[1..9].try_into().unwrap());
    let times: Vec<f64> = records.map(time).collect();
    assert_eq!(times.len(), 6);
    assert!(times.iter().all(|time| *time >= begun + AHEAD), "{times:?} from {begun} on");
    assert!(times.is_sorted(), "{times:?}");
}
