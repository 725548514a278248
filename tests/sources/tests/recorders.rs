//! The recorder of `metrics` beside others, and in a training loop.

use metrics::{counter, with_local_recorder};
use metrics_util::layers::FanoutBuilder;
use std::time::Duration;
use tfevents::SummaryWriter;
use tfevents::callbacks::{CallbackList, TensorBoard, TrainingLoop};
use tfevents::read::Run;
use tfevents_metrics::MetricsRecorder;

#[test]
fn several_recorders_have_the_same_metrics() {
    let dir = tempfile::tempdir().unwrap();
    let runs = ["a", "b"].map(|name| {
        let writer = SummaryWriter::new(dir.path().join(name)).unwrap();
        (MetricsRecorder::new(&writer), writer)
    });
    let fanout = FanoutBuilder::default()
        .add_recorder(runs[0].0.clone())
        .add_recorder(runs[1].0.clone())
        .build();
    with_local_recorder(&fanout, || {
        for _ in 0..10 {
            counter!("samples", "path" => "a/b").increment(32);
        }
    });
    for (step, (recorder, writer)) in runs.iter().enumerate() {
        recorder.log(step);
        writer.close().unwrap();
    }
    for (step, name) in [(0, "a"), (1, "b")] {
        let run = Run::open(dir.path().join(name)).unwrap();
        let samples = run.scalars("samples/path=a%2Fb").unwrap();
        assert_eq!((samples.steps(), samples.values()), (&[step][..], &[320.0][..]));
    }
}

/// The callback `TensorBoard` sets the step that the recorder reads, without a word of either.
#[test]
fn a_training_loop_sets_the_step_of_an_interval() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let recorder = MetricsRecorder::new(&writer);
    let log = recorder.log_every(Duration::from_secs(3600)).unwrap();
    let mut callbacks =
        CallbackList::new().with_callback(TensorBoard::builder(&writer).build().unwrap());
    with_local_recorder(&recorder, || {
        TrainingLoop::new(())
            .epochs(2)
            .train(
                |_epoch| [1, 2, 3],
                |_, batch, step| {
                    counter!("samples").increment(batch);
                    step.log("loss", 0.5);
                    Ok(())
                },
            )
            .run(&mut callbacks)
            .unwrap();
    });
    drop(log);
    writer.close().unwrap();
    let run = Run::open(dir.path()).unwrap();
    let samples = run.scalars("samples").unwrap();
    assert_eq!((samples.steps(), samples.values()), (&[6][..], &[12.0][..]));
}
