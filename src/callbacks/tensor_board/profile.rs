//! Records a trace of some train steps.

use super::settings::ProfileBatch;
use crate::profile::{PendingTrace, ProfileError, Profiler, Trace};
use std::path::Path;

/// Starts and stops the trace.
#[derive(Debug)]
pub(super) struct Profile {
    steps: Option<ProfileBatch>,
    profiler: Option<Profiler>,
    trace: Option<Trace>,
    writing: Option<PendingTrace>,
    last_step: u64,
}

impl Profile {
    /// Uses the user's profiler, or one of its own if there is a trace to record.
    pub(super) fn new(steps: Option<ProfileBatch>, profiler: Option<Profiler>) -> Self {
        let profiler = profiler.or_else(|| steps.map(|_| Profiler::new()));
        Self { steps, profiler, trace: None, writing: None, last_step: 0 }
    }

    pub(super) fn profiler(&self) -> Option<&Profiler> {
        self.profiler.as_ref()
    }

    /// Starts the trace if a batch begins that is its first one.
    #[inline]
    pub(super) fn begin(&mut self, step: u64, run: &Path) -> Result<(), ProfileError> {
        self.last_step = step;
        if self.steps.is_some_and(|steps| steps.start == step) { self.start(run) } else { Ok(()) }
    }

    #[cold]
    fn start(&mut self, run: &Path) -> Result<(), ProfileError> {
        if let Some(profiler) = &self.profiler {
            self.trace = Some(profiler.start(run)?);
        }
        Ok(())
    }

    /// Stops the trace if a batch ends that is its last one.
    #[inline]
    pub(super) fn end(&mut self, step: u64) {
        if self.trace.is_some() && self.steps.is_some_and(|steps| steps.stop <= step) {
            self.stop();
        }
    }

    #[cold]
    fn stop(&mut self) {
        if let Some(mut trace) = self.trace.take() {
            trace.label(format!("batch_{}", self.last_step));
            self.writing = Some(trace.stop_in_background());
        }
    }

    /// Stops a trace that is still being recorded at the end of the training. Waits until it is
    /// written, at most a minute.
    pub(super) fn finish(&mut self) -> Result<(), ProfileError> {
        self.stop();
        match self.writing.take() {
            Some(writing) => writing.wait_as_drop_does().map(drop),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callbacks::{CallbackList, OnError, TensorBoard, TensorBoardError, TrainingLoop};
    use crate::profile::tests::{Event, events, every_event, only_trace, traces};
    use proptest::prelude::*;
    use std::error::Error;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::path::PathBuf;
    use std::sync::mpsc;

    #[test]
    fn reversed_ranges_are_invalid() {
        for (start, stop) in [(4, 2), (0, 3)] {
            let board = TensorBoard::builder("logs").profile_batch(start..=stop).build();
            let Err(TensorBoardError::Config(error)) = board else { panic!("{board:?}") };
            let expected = format!("invalid profile_batch: {start} to {stop} (expected steps");
            assert!(error.to_string().starts_with(&expected), "{error}");
        }
        assert_eq!(ProfileBatch::from(0).check(), Ok(None));
        assert_eq!(ProfileBatch::from(1).check(), Ok(Some(ProfileBatch::from(1..=1))));
    }

    /// A training of so many epochs of so many steps, each with a span of the loop's own.
    fn train(
        callbacks: &mut CallbackList,
        profiler: &Profiler,
        (epochs, steps): (usize, usize),
        mut step: impl FnMut(u64) -> Result<(), &'static str>,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let mut number = 0;
        TrainingLoop::new(())
            .epochs(epochs)
            .train(
                |_| 0..steps,
                |_, _, _| {
                    number += 1;
                    let _span = profiler.span("work").with_field("number", number);
                    Ok(step(number)?)
                },
            )
            .validate(|_| 0..2, |_, _, _| Ok(()))
            .run(callbacks)?;
        Ok(())
    }

    fn board(
        dir: &tempfile::TempDir,
        steps: impl Into<ProfileBatch>,
    ) -> (CallbackList, Profiler, PathBuf) {
        let profiler = Profiler::new();
        let board = TensorBoard::builder(dir.path()).profile_batch(steps).profiler(&profiler);
        let callbacks = CallbackList::new().with_callback(board.build().unwrap());
        (callbacks, profiler, dir.path().join("train"))
    }

    fn numbers(events: &[Event], name: &str, key: &str) -> Vec<u64> {
        let number = |event: &Event| event.field(key).unwrap().parse().unwrap();
        events.iter().filter(|event| event.name == name).map(number).collect()
    }

    fn label(trace: &Path) -> String {
        every_event(trace)[0].name.clone()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Whatever the range and wherever epochs end, each step of it is there once, and whole.
        #[test]
        fn no_step_is_lost_or_doubled(
            epochs in 1usize..4,
            steps in 1usize..6,
            start in 1u64..20,
            more in 0u64..8,
        ) {
            let dir = tempfile::tempdir().unwrap();
            let (mut callbacks, profiler, run) = board(&dir, start..=start + more);
            train(&mut callbacks, &profiler, (epochs, steps), |_| Ok(())).unwrap();
            let last = (start + more).min((epochs * steps) as u64);
            if last < start {
                prop_assert!(traces(&run).is_empty());
                return Ok(());
            }
            let trace = only_trace(&run);
            let events = events(&trace);
            let wanted: Vec<u64> = (start..=last).collect();
            prop_assert_eq!(label(&trace), format!("batch_{last}"));
            prop_assert_eq!(numbers(&events, "train_step", "step"), wanted.clone());
            prop_assert_eq!(numbers(&events, "work", "number"), wanted);
            let named = |name| events.iter().filter(move |event: &&Event| event.name == name);
            for (step, work) in named("train_step").zip(named("work")) {
                prop_assert!(step.contains(work) && step.field("cut").is_none());
                prop_assert_eq!(named("epoch").filter(|epoch| epoch.contains(step)).count(), 1);
            }
            // A test for each epoch that ends meanwhile, with its steps.
            let ends = (start..=last).filter(|step| step % steps as u64 == 0);
            let ends = ends.filter(|step| *step < start + more).count();
            prop_assert_eq!(named("test").count(), ends);
            prop_assert_eq!(named("test_step").count(), 2 * ends);
        }
    }

    #[test]
    fn callbacks_and_writes_show_too() {
        let dir = tempfile::tempdir().unwrap();
        let (mut callbacks, profiler, run) = board(&dir, 2..=100);
        let writer = callbacks.get::<TensorBoard>().unwrap().train_writer().clone();
        train(&mut callbacks, &profiler, (2, 3), |step| {
            writer.add_scalar("mine", 1.0, step);
            writer.flush().map_err(|_| "the disk")
        })
        .unwrap();
        let events = events(&only_trace(&run));
        for hook in ["on_train_batch_begin", "on_train_batch_end", "on_epoch_end", "on_test_end"] {
            let name = format!("TensorBoard.{hook}");
            assert!(events.iter().any(|event| event.name == name), "{name}: {events:?}");
        }
        let writes = events.iter().filter(|event| event.name == "write events");
        let of_train = writes.filter(|event| event.field("run") == Some("train"));
        assert!(of_train.filter(|event| event.line == "tfevents").count() >= 5);
    }

    #[test]
    fn a_second_training_is_traced_too() {
        let dir = tempfile::tempdir().unwrap();
        let (mut callbacks, profiler, run) = board(&dir, 2);
        for _ in 0..2 {
            train(&mut callbacks, &profiler, (1, 3), |_| Ok(())).unwrap();
        }
        let steps = |path: &PathBuf| numbers(&events(path), "train_step", "step");
        let steps: Vec<_> = traces(&run).iter().map(steps).collect();
        assert_eq!(steps, [[2], [2]]);
    }

    #[test]
    fn an_error_or_a_panic_leaves_the_trace() {
        for panics in [false, true] {
            let fail = |step| match step {
                5 if panics => panic!("on purpose"),
                5 => Err("on purpose"),
                _ => Ok(()),
            };
            let dir = tempfile::tempdir().unwrap();
            let (mut callbacks, profiler, run) = board(&dir, 3..=100);
            let run_it = || train(&mut callbacks, &profiler, (2, 4), fail).is_ok();
            assert!(!catch_unwind(AssertUnwindSafe(run_it)).unwrap_or(false));
            let trace = only_trace(&run);
            let events = events(&trace);
            assert_eq!(label(&trace), "batch_5");
            assert_eq!(numbers(&events, "train_step", "step"), [3, 4, 5]);
            let cut: Vec<_> = events
                .iter()
                .filter(|event| event.field("cut") == Some("at the end"))
                .map(|event| &event.name[..])
                .collect();
            assert_eq!(cut, ["epoch", "train_step"]);
            assert!(!profiler.is_recording());
        }
    }

    #[test]
    fn a_trace_that_cannot_be_started_is_an_error_of_its_hook() {
        let dir = tempfile::tempdir().unwrap();
        let (callbacks, profiler, run) = board(&dir, 2..=3);
        let mut callbacks = callbacks.on_error(OnError::Continue);
        std::fs::write(run.join("plugins"), "in the way").unwrap();
        train(&mut callbacks, &profiler, (1, 4), |_| Ok(())).unwrap();
        let [error] = callbacks.errors() else { panic!("{:?}", callbacks.errors()) };
        assert_eq!((error.callback(), error.hook()), ("TensorBoard", "on_train_batch_begin"));
        assert!(error.source().unwrap().is::<ProfileError>(), "{error:?}");
    }

    /// A loop may call the hooks from several threads.
    #[test]
    fn a_list_that_moves_keeps_its_spans() {
        let dir = tempfile::tempdir().unwrap();
        let (callbacks, _, run) = board(&dir, 1..=100);
        let (send, receive) = mpsc::channel();
        let mut first = callbacks;
        first.on_train_begin().unwrap();
        first.on_epoch_begin(0).unwrap();
        first.on_train_batch_begin(0).unwrap();
        send.send(first).unwrap();
        let other = std::thread::spawn(move || {
            let mut callbacks = receive.recv().unwrap();
            callbacks.on_train_batch_end(0, [("loss", 0.5)]).unwrap();
            callbacks.on_epoch_end(0, [("loss", 0.5)]).unwrap();
            callbacks.on_train_end().unwrap();
        });
        other.join().unwrap();
        let events = events(&only_trace(&run));
        let step = events.iter().find(|event| event.name == "train_step").unwrap();
        let epoch = events.iter().find(|event| event.name == "epoch").unwrap();
        assert!(epoch.contains(step) && step.field("cut").is_none());
    }
}
