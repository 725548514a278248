//! Values of every kind, written by this crate and read back by kind.

use std::path::Path;
use tfevents::read::{DataType, HParam, HParamsValue, Kind, MeshContent, Run, TrialStatus};
use tfevents::summary::{Chart, ChartLayout, HParams, Mesh, PrCurve};
use tfevents::{Audio, Graph, Histogram, Image, SummaryWriter, Tensor};

/// Writes with a closure, and opens the run.
fn run(dir: &Path, write: impl FnOnce(&SummaryWriter)) -> Run {
    let writer = SummaryWriter::new(dir).unwrap();
    write(&writer);
    writer.close().unwrap();
    Run::open(dir).unwrap()
}

#[test]
fn histograms_have_the_buckets_that_were_logged() {
    let dir = tempfile::tempdir().unwrap();
    let histogram = Histogram::uniform(&[0.0, 1.0, 1.0, 3.0], 3);
    let run = run(dir.path(), |writer| writer.add_histogram("weights", &histogram, 4));
    let series = run.histograms("weights").unwrap();
    let [item] = series.items() else { panic!("{series:?}") };
    let buckets = item.value.buckets.iter().map(|b| (b.lower, b.upper, b.count));
    assert_eq!(item.step, 4);
    assert_eq!(buckets.collect::<Vec<_>>(), [(0.0, 1.0, 1.0), (1.0, 2.0, 2.0), (2.0, 3.0, 1.0)]);
    assert_eq!((item.value.count(), series.metadata().plugin), (4.0, "histograms"));
    assert!(run.histograms("nothing").unwrap().is_empty());
    assert!(run.images("weights").unwrap().is_empty());
}

#[test]
fn images_come_as_the_encoded_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let png = |value| Image::gray8(2, 1, &[value, 255]).unwrap();
    let (first, second) = (png(1), png(2));
    let run = run(dir.path(), |writer| writer.add_images("input", [&first, &second], 3));
    let series = run.images("input").unwrap();
    let images = &series.last().unwrap().value;
    assert_eq!((images.width, images.height, images.encoded.len()), (2, 1, 2));
    for (encoded, value) in images.encoded.iter().zip([1, 2]) {
        let mut reader = png_reader(encoded);
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!(pixels, [value, 255]);
    }
}

fn png_reader(bytes: &[u8]) -> png::Reader<std::io::Cursor<&[u8]>> {
    png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap()
}

#[test]
fn sounds_come_as_the_encoded_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let audio = Audio::new(8000, 1, &[0.0f32, 0.5]).unwrap();
    let run = run(dir.path(), |writer| writer.add_audio("beep", &audio, 3));
    let series = run.audio("beep").unwrap();
    let clips = &series.items()[0].value;
    assert_eq!((&*clips.content_type, clips.encoded.len()), ("audio/wav", 1));
    let mut wav = hound::WavReader::new(&*clips.encoded[0]).unwrap();
    assert_eq!((wav.spec().sample_rate, wav.samples::<i16>().count()), (8000, 2));
}

#[test]
fn text_tensors_and_curves_have_their_values() {
    let dir = tempfile::tempdir().unwrap();
    let tensor = Tensor::new(&[1, 2], &[7u8, 255]).unwrap();
    let curve = PrCurve::builder().thresholds(3).build(&[true, true, false], &[0.9, 0.2, 0.6]);
    let curve = curve.unwrap();
    let run = run(dir.path(), |writer| {
        writer.add_text("note", "**hi** 中", 1);
        writer.add("counts", &tensor, 2);
        writer.add_pr_curve("cats", &curve, 3);
    });
    assert_eq!(run.texts("note").unwrap().items()[0].value.text(), "**hi** 中");
    let tensors = run.tensors("counts").unwrap();
    let tensor = &tensors.items()[0].value;
    assert_eq!((tensor.data_type(), tensor.shape()), (DataType::U8, &[1, 2][..]));
    assert_eq!(tensor.to_f64(), Some(vec![7.0, 255.0]));
    let curves = run.pr_curves("cats").unwrap();
    let curve = &curves.items()[0].value;
    assert_eq!(curve.thresholds(), [0.0, 0.5, 1.0]);
    assert_eq!(curve.true_positives, [2.0, 1.0, 0.0]);
    assert_eq!(curve.false_positives, [1.0, 1.0, 0.0]);
    assert_eq!(curve.recall, [1.0, 0.5, 0.0]);
}

#[test]
fn graphs_meshes_and_layouts_are_decoded() {
    let dir = tempfile::tempdir().unwrap();
    let mut graph = Graph::builder();
    graph.node("x", "Placeholder");
    let graph = graph.build().unwrap();
    let points = [[0.0f32, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
    let mesh = Mesh::builder(&points).faces(&[[0, 1, 2]]).build().unwrap();
    let layout =
        ChartLayout::new().category("Training", [Chart::lines("losses", ["loss"]).unwrap()]);
    let run = run(dir.path(), |writer| {
        writer.add_graph(&graph);
        writer.add_mesh("cube", &mesh, 1);
        writer.add_custom_scalars(&layout);
    });
    let graph = run.graph().unwrap().unwrap();
    assert!(graph.windows(11).any(|bytes| bytes == b"Placeholder"));
    let index = run.index().unwrap();
    let meshes = index.tags().iter().filter(|tag| tag.kind() == Kind::Mesh);
    let parts: Vec<_> = meshes
        .map(|tag| run.meshes(tag.name()).unwrap().items()[0].value.clone())
        .map(|part| (part.content, part.tensor.to_f64().unwrap().len(), part.name))
        .collect();
    let name = || "cube".to_owned();
    assert_eq!(parts, [(MeshContent::Vertices, 9, name()), (MeshContent::Faces, 3, name())]);
    let layout = run.layout().unwrap().unwrap();
    assert_eq!(layout.categories[0].title, "Training");
    assert_eq!(layout.categories[0].charts[0].title, "losses");
}

#[test]
fn hyperparameters_have_their_types_and_outcome() {
    let dir = tempfile::tempdir().unwrap();
    let hparams = HParams::builder().set("rate", 0.1).set("name", "adam").set("bias", true);
    let hparams = hparams.build().unwrap();
    let run = run(dir.path(), |writer| writer.add_hparams(&hparams));
    let found = run.hparams().unwrap();
    let [HParamsValue::SessionStart(start), HParamsValue::SessionEnd(end)] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!(start.hparams["rate"], HParam::Number(0.1));
    assert_eq!(start.hparams["name"], HParam::Text("adam".to_owned()));
    assert_eq!(start.hparams["bias"], HParam::Bool(true));
    assert_eq!(end.status, Some(TrialStatus::Success));
    assert_eq!(run.status().unwrap().state, tfevents::read::RunState::Ended);
}
