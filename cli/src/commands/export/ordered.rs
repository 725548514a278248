//! Work on several threads whose results come in order.

use anyhow::Context;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Calls `produce` on a thread, `format` with each of its items on several others, and `consume`
/// with the results on this thread, in the order of the items. Few items exist at a time. Returns
/// what `produce` returns.
///
/// # Errors
/// The first of `consume`. The threads may then still run; they end with the process.
pub(super) fn in_order<T: Send + 'static, U: Send + 'static, R: Send + 'static>(
    produce: impl FnOnce(&mut dyn FnMut(T)) -> R + Send + 'static,
    format: impl Fn(T) -> U + Send + Sync + 'static,
    mut consume: impl FnMut(U) -> anyhow::Result<()>,
) -> anyhow::Result<R> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let (jobs, next_job) = sync_channel::<(T, SyncSender<U>)>(threads);
    let (results, next_result) = sync_channel::<Receiver<U>>(2 * threads);
    let (next_job, format) = (Arc::new(Mutex::new(next_job)), Arc::new(format));
    for _ in 0..threads {
        let (next_job, format) = (next_job.clone(), format.clone());
        thread::spawn(move || {
            loop {
                // In a statement of its own, so that the lock is released before the work.
                let job = next_job.lock().unwrap_or_else(PoisonError::into_inner).recv();
                let Ok((item, result)) = job else { return };
                // Nobody waits for it after an error.
                let _ = result.send(format(item));
            }
        });
    }
    let producer = thread::spawn(move || {
        produce(&mut |item| {
            let (result, receiver) = sync_channel(1);
            // These fail after an error of `consume` only: the process is about to end.
            let _ = results.send(receiver);
            let _ = jobs.send((item, result));
        })
    });
    for result in next_result {
        consume(result.recv().context("a thread ended early")?)?;
    }
    match producer.join() {
        Ok(returned) => Ok(returned),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_and_errors_end_it() {
        let produce = |send: &mut dyn FnMut(u64)| (0..1000).for_each(send);
        let mut found = Vec::new();
        let consume = |item| {
            found.push(item);
            Ok(())
        };
        in_order(produce, |item| item * 2, consume).unwrap();
        assert_eq!(found, (0..2000).step_by(2).collect::<Vec<_>>());
        let mut left = 3;
        let consume = |_| {
            left -= 1;
            anyhow::ensure!(left > 0, "full");
            Ok(())
        };
        assert_eq!(in_order(produce, |item| item, consume).unwrap_err().to_string(), "full");
    }
}
