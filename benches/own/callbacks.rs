//! Time of callbacks per batch: both hooks of a batch that reports a loss and an accuracy.
//! `cargo bench -p benches --bench callbacks`

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher};
use tfevents::callbacks::{CallbackList, EarlyStopping, RunningMeans, TensorBoard, UpdateFreq};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const BATCHES: usize = 1000;

fn main() {
    divan::main();
}

/// An epoch of batches, begun and ended.
fn batches(bencher: Bencher<'_, '_>, mut callbacks: CallbackList) {
    callbacks.on_train_begin().unwrap();
    let mut epoch = || {
        for batch in 0..BATCHES {
            callbacks.on_train_batch_begin(batch).unwrap();
            let logs = [("loss", divan::black_box(0.5)), ("accuracy", 0.25)];
            callbacks.on_train_batch_end(batch, logs).unwrap();
        }
    };
    // The names are known from here on.
    epoch();
    bencher.counter(ItemsCount::new(BATCHES)).bench_local(epoch);
}

#[divan::bench]
fn no_callback(bencher: Bencher<'_, '_>) {
    batches(bencher, CallbackList::new());
}

/// The common setup: TensorBoard at every epoch, and early stopping.
#[divan::bench]
fn tensor_board_at_epochs(bencher: Bencher<'_, '_>) {
    let dir = tempfile::tempdir().unwrap();
    let board = TensorBoard::builder(dir.path()).build().unwrap();
    let stopping = EarlyStopping::new("val_loss");
    batches(bencher, CallbackList::new().with_callback(board).with_callback(stopping));
}

/// Two scalars are written per batch.
#[divan::bench]
fn tensor_board_at_every_batch(bencher: Bencher<'_, '_>) {
    let dir = tempfile::tempdir().unwrap();
    let board = TensorBoard::builder(dir.path()).update_freq(UpdateFreq::Batch).build().unwrap();
    batches(bencher, CallbackList::new().with_callback(board));
}

/// The running means that a loop computes to report as Keras does.
#[divan::bench]
fn running_means(bencher: Bencher<'_, '_>) {
    let mut means = RunningMeans::new();
    bencher.counter(ItemsCount::new(BATCHES)).bench_local(|| {
        for _ in 0..BATCHES {
            means.add("loss", divan::black_box(0.5), 32.0);
            means.add("accuracy", 0.25, 32.0);
        }
        means.iter().map(|(_, mean)| mean).sum::<f64>()
    });
}
