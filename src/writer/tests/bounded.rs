//! Memory and waits stay within the bounds of the settings.

use super::*;
use crate::storage::faulty::{Fault, Faulty};
use crate::summary::{DataClass, Metadata, Summary, SummaryEncoder, Tensor};

const BUFFER: usize = 1 << 20;

/// A text of so many bytes.
pub(super) struct Long(pub(super) usize);

impl Summary for Long {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        let metadata = Metadata::new("text").data_class(DataClass::Tensor);
        encoder.push(tag, &metadata, &Tensor::string(&vec![b'x'; self.0]));
    }

    fn encoded_len_hint(&self) -> usize {
        self.0 + 100
    }
}

fn stalled(overflow: Overflow) -> (tempfile::TempDir, Faulty, SummaryWriter) {
    let dir = tempfile::tempdir().unwrap();
    let storage = Faulty::default();
    let writer = SummaryWriter::builder(dir.path())
        .flush_timeout(Duration::from_millis(50))
        .buffer_bytes(BUFFER)
        .overflow(overflow)
        .storage(storage.clone())
        .build()
        .unwrap();
    storage.set(Fault::Stalls, 0);
    (dir, storage, writer)
}

/// Events of all sizes, from several threads into several runs.
fn log(writer: &SummaryWriter, child: &SummaryWriter, seed: i64) {
    let sizes = [10, 3_000, 15_000, 20_000, 300_000, 2_000_000];
    for step in 0..3000 {
        writer.add_scalar("a", 1, step);
        if step % 50 == 0 {
            let size = sizes[(step + seed) as usize / 50 % sizes.len()];
            let text = "x".repeat(size);
            child.add_text("text", &text, step);
            writer.add_deferred("text", Long(size), step);
        }
    }
}

/// The storage never answers, so a call that waited for it would never return.
#[test]
fn the_dropping_policy_never_waits() {
    let (_dir, storage, writer) = stalled(Overflow::Drop);
    storage.mend();
    let child = writer.child_run("child").unwrap();
    storage.set(Fault::Stalls, 0);
    for step in 0..50_000 {
        writer.add_scalar("a", 1, step);
        child.add_text("a", "a text", step);
        if step % 100 == 0 {
            child.add_text("large", &"x".repeat(50_000), step);
            writer.add_deferred("large", Long(50_000), step);
        }
    }
    let stats = writer.stats();
    assert!(stats.drops.buffer_full > 50_000, "{stats:?}");
    assert_eq!(stats.logged, 101_000);
    storage.mend();
}

#[test]
fn the_buffer_never_passes_its_bound() {
    for overflow in [Overflow::Drop, Overflow::Block(Duration::from_millis(1))] {
        let (_dir, storage, writer) = stalled(overflow);
        // The storage works for a while, and stalls again.
        storage.mend();
        // Opening a run waits for the storage.
        let children = [0, 1].map(|n| writer.child_run(&format!("child{n}")).unwrap());
        let (done, watched) = (AtomicBool::new(false), &writer.run.as_ref().unwrap().shared.buffer);
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|seed| {
                    let (writer, child) = (&writer, &children[seed as usize % 2]);
                    scope.spawn(move || log(writer, child, seed))
                })
                .collect();
            let done = &done;
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    assert!(watched.usage() <= BUFFER, "{} bytes", watched.usage());
                    std::thread::yield_now();
                }
            });
            storage.set(Fault::Stalls, 20);
            for thread in threads {
                thread.join().unwrap();
            }
            done.store(true, Ordering::Relaxed);
        });
        storage.mend();
        while writer.stats().pending > 0 {
            std::thread::yield_now();
        }
        let stats = writer.stats();
        assert_eq!(stats.logged, 4 * 3000 + 4 * 2 * 60, "{overflow:?}");
        assert_eq!(stats.logged, stats.written + stats.dropped);
        // The events of 2 MB.
        assert!(stats.drops.too_large >= 40, "{stats:?}");
        assert!(stats.drops.buffer_full > 0, "{stats:?}");
    }
}

/// The storage is slow but works: with the waiting policy nothing is lost.
#[test]
fn the_waiting_policy_loses_nothing_while_the_storage_moves() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::builder(dir.path())
        .buffer_bytes(64 << 10)
        .overflow(Overflow::Block(Duration::from_secs(60)))
        .storage(Faulty::default())
        .build()
        .unwrap();
    let tensor: Vec<f32> = vec![0.5; 3000];
    let tensor = Tensor::new(&[3000], &tensor).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for step in 0..5000 {
                    writer.add_scalar("a", 1, step);
                    if step % 10 == 0 {
                        writer.add("b", &tensor, step);
                    }
                }
            });
        }
    });
    writer.close().unwrap();
    let stats = writer.stats();
    assert_eq!((stats.written, stats.dropped), (4 * 5500, 0));
}
