//! A file that the crate has written, decoded event by event with TensorBoard's own Python reader.

use std::fs;

use tensorboard_tests::{Payload, python_events};
use tfevents::{Graph, Image, SummaryWriter, WallTime};

#[test]
fn event_by_event() {
    let logdir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::builder(logdir.path())
        .clock(|| WallTime::try_from_secs_f64(1.7e9 + 0.123456).unwrap())
        .build()
        .unwrap();
    writer.add_scalar("loss", 0.1_f32, i64::MAX);
    writer.add_scalar("loss", f32::NAN, -1);
    writer.add_histogram("weights", &[0.0_f64, 30.0][..], 3);
    writer.add_image("red", &Image::rgb8(1, 1, &[255, 0, 0]).unwrap(), 4);
    writer.add_text("note", "é", 5);
    let mut graph = Graph::builder();
    graph.node("x", "Placeholder");
    graph.node("y", "Neg").inputs(["x"]);
    writer.add_graph(&graph.build().unwrap());
    writer.close().unwrap();

    let files: Vec<_> =
        fs::read_dir(logdir.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [file] = &files[..] else { panic!("one file, not {files:?}") };
    assert!(file.file_name().unwrap().to_str().unwrap().contains("tfevents"));
    let Some(events) = python_events(file) else {
        return;
    };

    let kinds: Vec<_> = events.iter().map(|event| (event.step, &event.kind[..])).collect();
    assert_eq!(
        kinds,
        [
            (0, "file_version"),
            (i64::MAX, "summary"),
            (-1, "summary"),
            (3, "summary"),
            (4, "summary"),
            (5, "summary"),
            (0, "graph_def"),
            (0, "session_log"),
        ]
    );
    assert_eq!(events[0].file_version, "brain.Event:2");
    assert!(events[0].writer.contains("tfevents"), "{}", events[0].writer);
    assert!(events.iter().all(|event| event.wall_time == 1.7e9 + 0.123456));

    // Tag, dashboard and data class. Simple values have no metadata.
    let about = [
        ("loss", "", 0),
        ("loss", "", 0),
        ("weights", "histograms", 2),
        ("red", "images", 3),
        ("note", "text", 2),
    ];
    for (event, (tag, plugin, class)) in events[1..6].iter().zip(about) {
        let [value] = &event.values[..] else { panic!("{event:?}") };
        let metadata = value.metadata.as_ref();
        let metadata =
            metadata.map_or(("", 0), |metadata| (&metadata.plugin[..], metadata.data_class));
        assert_eq!((&value.tag[..], metadata), (tag, (plugin, class)));
    }

    let scalar = |at: usize| match &events[at].values[0].payload {
        Payload::Simple(value) => *value,
        Payload::Tensor(tensor) if tensor.dtype == "DT_FLOAT" && tensor.shape.is_empty() => {
            tensor.numbers[0]
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(scalar(1), f64::from(0.1_f32));
    assert!(scalar(2).is_nan());

    let tensor = |at: usize| match &events[at].values[0].payload {
        Payload::Tensor(tensor) => tensor,
        other => panic!("{other:?}"),
    };
    let histogram = tensor(3);
    assert_eq!((&histogram.dtype[..], &histogram.shape[..]), ("DT_DOUBLE", &[30, 3][..]));
    for (i, row) in (0_u8..).zip(histogram.numbers.chunks(3)) {
        let count = if i == 0 || i == 29 { 1.0 } else { 0.0 };
        assert_eq!(row, [f64::from(i), f64::from(i + 1), count]);
    }

    let image = tensor(4);
    assert_eq!((&image.dtype[..], &image.shape[..]), ("DT_STRING", &[3][..]));
    assert_eq!(image.strings[..2], [b"1", b"1"]);
    assert!(image.strings[2].starts_with(b"\x89PNG\r\n"));

    let text = tensor(5);
    assert_eq!((&text.dtype[..], &text.shape[..]), ("DT_STRING", &[][..]));
    assert_eq!(text.strings, ["é".as_bytes()]);

    let node = |name: &str, op: &str, inputs: &[&str]| {
        (name.to_owned(), op.to_owned(), inputs.iter().map(|&input| input.to_owned()).collect())
    };
    assert_eq!(events[6].nodes, [node("x", "Placeholder", &[]), node("y", "Neg", &["x"])]);
}
