//! All public error types follow one policy: a message says what failed, on one line that stands
//! alone in a log; the cause is the source, which the message does not repeat; and errors can be
//! sent to other threads.
//!
//! The errors are real ones, from calls that fail. A public error type that no call here provokes
//! fails the test, also one that is added later.

#![cfg(all(
    feature = "callbacks",
    feature = "ndarray",
    feature = "onnx",
    feature = "plotters",
    feature = "serde",
    feature = "video"
))]

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Debug;
use std::path::Path;
use tfevents::callbacks::{
    BackupAndRestore, CallbackList, CsvLogger, CsvLoggerError, EarlyStopping, LambdaCallback,
    ModelCheckpoint, TensorBoard, TensorBoardError, TrainingLoop,
};
use tfevents::read::{EventReader, Run};
use tfevents::storage::{AppendError, Local, conformance};
use tfevents::summary::{
    BoundingBox, Camera, Chart, DataClass, Grid, HParamInfo, HParams, HeatMap, HistogramError,
    ImageLayout, KerasModel, Mesh, Metadata, PrCurve, Scene, Summary, SummaryEncoder, Video,
    markdown, triples,
};
use tfevents::{
    Audio, Embedding, Graph, Histogram, Image, Overflow, Profiler, SummaryWriter, Tensor, WallTime,
    compact,
};

/// Checks errors, and collects the names of their types.
#[derive(Default)]
struct Checked(BTreeSet<&'static str>);

/// Words that begin a message with a capital letter.
const PROPER_NOUNS: [&str; 3] = ["TensorBoard", "ONNX", "Keras"];

impl Checked {
    fn error<E: Error + Send + Sync + 'static>(&mut self, error: &E) {
        let name = std::any::type_name::<E>().rsplit("::").next().unwrap();
        let message = error.to_string();
        let say = format!("{name}: {message:?}");
        let first = message.split(' ').next().unwrap();
        assert!(!message.contains('\n'), "{say} has several lines");
        assert!(!message.ends_with(['.', ' ', ':']) && !message.is_empty(), "{say}: its end");
        let capital = first.starts_with(|c: char| c.is_uppercase());
        assert!(!capital || PROPER_NOUNS.contains(&first), "{say} begins with a capital letter");

        let mut chain = vec![message];
        let mut source = error.source();
        while let Some(error) = source {
            chain.push(error.to_string());
            source = error.source();
        }
        for (at, cause) in chain.iter().enumerate() {
            let earlier = chain[..at].iter().any(|text| text.contains(cause));
            assert!(!earlier, "{say}: repeated in {:?}", chain.join(": "));
        }
        self.0.insert(name);
    }

    /// Checks the error of a call that has to fail.
    fn fails<T: Debug, E: Error + Send + Sync + 'static>(&mut self, result: Result<T, E>) -> E {
        let error = result.unwrap_err();
        self.error(&error);
        error
    }
}

/// Returns the names of the public error types in the sources: by `thiserror`, or by hand.
fn declared() -> BTreeSet<String> {
    fn files(dir: &Path, texts: &mut Vec<String>) {
        for entry in dir.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, texts);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                texts.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut texts = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut texts);
    let name = |line: &str| {
        let name = line.strip_prefix("pub enum ").or_else(|| line.strip_prefix("pub struct "))?;
        Some(name.split(|c: char| !c.is_alphanumeric()).next()?.to_owned())
    };
    let mut names = BTreeSet::new();
    for text in &texts {
        let mut derived = false;
        for line in text.lines() {
            derived |= line.starts_with("#[derive(") && line.contains("thiserror::Error");
            // The item that the attributes belong to.
            if line.ends_with('{') || line.ends_with(';') {
                names.extend(name(line).filter(|_| derived));
                derived = false;
            }
            let by_hand = line.strip_prefix("impl ").and_then(|line| line.split_once("Error for "));
            if let Some((_, of)) = by_hand {
                let of = of.trim_end_matches(" {");
                let public = format!("\npub enum {of} ");
                let public = [&public[..], &format!("\npub struct {of}")];
                names.extend(public.iter().any(|item| text.contains(item)).then(|| of.to_owned()));
            }
        }
    }
    names
}

fn writer_and_reader(checked: &mut Checked, dir: &Path) {
    let file = dir.join("file");
    std::fs::write(&file, "not a directory").unwrap();
    checked.fails(SummaryWriter::new(file.join("run")));
    checked.fails(SummaryWriter::builder(dir).timestamped("%Q").build());
    checked.fails(SummaryWriter::builder(dir).file_suffix("a/b").build());

    // An event larger than the buffer is dropped.
    let run = dir.join("run");
    let builder = SummaryWriter::builder(&run).buffer_bytes(1 << 20).overflow(Overflow::Drop);
    let writer = builder.build().unwrap();
    checked.fails(writer.child_run("../outside"));
    writer.add_text("large", &"x".repeat(2 << 20), 0);
    checked.fails(writer.flush());
    // No event file can be created where a file is.
    std::fs::remove_dir_all(&run).unwrap();
    std::fs::write(&run, "not a directory").unwrap();
    writer.add_scalar("loss", 0.5, 0);
    checked.fails(writer.flush());
    let _ = writer.close();
    checked.fails(writer.child_run("closed"));

    let damaged = dir.join("damaged");
    let writer = SummaryWriter::new(&damaged).unwrap();
    for step in 0..2 {
        writer.add_scalar("loss", 0.5, step);
    }
    writer.close().unwrap();
    let path = damaged.read_dir().unwrap().next().unwrap().unwrap().path();
    let bytes = std::fs::read(&path).unwrap();
    // The checksum of the length, the data, and its checksum.
    for at in [8, 12, bytes.len() - 1] {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        let error = EventReader::new(&bytes[..]).find_map(Result::err).unwrap();
        checked.error(&error);
        checked.error(error.kind());
        std::fs::write(&path, bytes).unwrap();
        checked.fails(compact(&damaged));
    }
    checked.fails(EventReader::open(dir.join("nothing")));

    // Text under a tag of histograms.
    let mixed = dir.join("mixed");
    let writer = SummaryWriter::new(&mixed).unwrap();
    writer.add("mixed", &Mixed, 0);
    writer.close().unwrap();
    let run = Run::open(&mixed).unwrap();
    let event = run.events().map(Result::unwrap).find(|event| !event.values().is_empty()).unwrap();
    checked.fails(event.values()[0].data());
}

/// A tensor of text with the metadata of a histogram.
struct Mixed;

impl Summary for Mixed {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        let metadata = Metadata::new("histograms").data_class(DataClass::Tensor);
        encoder.push(tag, &metadata, &Tensor::string(b"no histogram"));
    }
}

fn images(checked: &mut Checked) {
    let image = Image::rgb8(2, 2, &[0; 12]).unwrap();
    let encoded = Image::from_encoded(&b"GIF89a\x02\0\x02\0\0\0\0"[..]).unwrap();
    let batch = Image::batch([&image, &image]).unwrap();
    checked.fails(Image::rgb8(0, 2, &[0; 12]));
    checked.fails(Image::rgb8(2, 2, &[0; 11]));
    checked.fails(Image::from_encoded(&b"no image"[..]));
    checked.fails(Image::batch([]));
    checked.fails(Image::from_array(ImageLayout::Hwc, [1, 1, 5], &[0u8; 5]));
    checked.fails(Image::from_ndarray(ImageLayout::Hwc, &ndarray_of_one_dimension()));
    checked.fails(Image::grid([&encoded]));
    checked.fails(batch.with_mask(&[true; 8], [255, 0, 0], 0.5));
    checked.fails(image.with_mask(&[true; 4], [255, 0, 0], 2.0));
    checked.fails(Grid::new().columns(0).tile([&image]));
    checked.fails(image.upscaled(0));
    checked.fails(BoundingBox::new(1.0, 0.0, 0.0, 1.0));
    checked.fails(HeatMap::with_range(1, 1, &[0.5], 1.0, 0.0));

    checked.fails(Image::plot(0, 10, |_| Ok(())));
    checked.fails(Image::plot(10, 10, |_| Err("no such series".into())));

    let other = Image::rgb8(1, 1, &[0; 3]).unwrap();
    checked.fails(Video::new(0.0, [&image]));
    checked.fails(Video::new(10.0, []));
    checked.fails(Video::new(10.0, [&image, &other]));
    checked.fails(Video::new(10.0, [&encoded]));
}

fn ndarray_of_one_dimension() -> ndarray::Array1<u8> {
    ndarray::Array1::zeros(3)
}

fn numbers(checked: &mut Checked) {
    checked.fails(Audio::new(0, 1, &[0.0]));
    checked.fails(Audio::new(8000, 0, &[0.0]));
    checked.fails(Audio::new(8000, 2, &[0.0]));
    checked.fails(Audio::from_wav(&b"no sound"[..]));
    checked.fails(Audio::batch([]));

    checked.fails(Chart::lines("losses", [""; 0]));
    checked.fails(Chart::lines("losses", [""]));

    checked.fails(Embedding::new([1, 1], vec![0.0]));
    checked.fails(Embedding::new([2, 2], vec![0.0]));
    checked.fails(Embedding::new([1, 2], vec![0.0, f32::NAN]));
    let two = || Embedding::builder([2, 2], vec![0.0; 4]);
    checked.fails(two().labels(["one"]).build());
    checked.fails(two().labels(["one", "t\two"]).build());
    checked.fails(two().labels([" ", "two"]).build());
    checked.fails(two().columns([("a", ["1", "2"]), ("a", ["3", "4"])]).build());
    let images = [1, 2].map(|side| Image::gray8(side, side, &[0; 4][..side * side]).unwrap());
    checked.fails(two().images(&images).build());

    checked.fails(Histogram::from_counts(&[0.0, 1.0], &[1.0, 2.0]));
    checked.fails(Histogram::from_counts(&[0.0], &[]));
    checked.fails(Histogram::from_counts(&[1.0, 0.0], &[1.0]));
    let error = checked.fails(Histogram::from_counts(&[0.0, 1.0], &[-1.0]));
    assert!(matches!(error, HistogramError::Count { .. }));

    checked.fails(HParams::builder().build());
    checked.fails(HParams::builder().set("", 1).build());
    checked.fails(HParams::builder().set("rate", 1).set("rate", 2).build());
    checked.fails(HParams::from_config(&0.5));
    checked.fails(HParamInfo::range("rate", 1.0, 0.0));
    checked.fails(HParamInfo::choice("optimizer", [""; 0]));

    let vertices = [[0.0; 3]; 3];
    checked.fails(Mesh::builder(&[]).build());
    checked.fails(Mesh::builder(&[[f32::NAN; 3]]).build());
    checked.fails(Mesh::builder(&vertices).faces(&[[0, 1, 3]]).build());
    checked.fails(Mesh::builder(&vertices).colors(&[[0; 3]]).build());
    checked.fails(Mesh::batch([]));
    let scene = Scene::new().camera(Camera::new().fov(f64::NAN));
    checked.fails(Mesh::builder(&vertices).scene(scene).build());
    let two = Mesh::builder(&vertices[..2]).build().unwrap();
    checked.fails(Mesh::batch([&two, &Mesh::builder(&vertices).build().unwrap()]));
    checked.fails(triples(&ndarray::array![[1.0, 2.0]]));

    checked.fails(PrCurve::new(&[true; 0], &[0.5; 0]));
    checked.fails(PrCurve::new(&[true], &[0.5, 0.5]));
    checked.fails(PrCurve::new(&[2], &[0.5]));
    checked.fails(PrCurve::new(&[true], &[1.5]));
    checked.fails(PrCurve::builder().weights(&[-1.0]).build(&[true], &[0.5]));
    checked.fails(PrCurve::builder().thresholds(1).build(&[true], &[0.5]));
    checked.fails(PrCurve::from_counts(&[-1, 0], &[0, 0], &[0, 0], &[0, 0]));

    checked.fails(Tensor::new(&[2, 3], &[0.0; 5]));
    checked.fails(WallTime::try_from_secs_f64(f64::NAN));
    checked.fails(markdown::table(["epoch", "loss"], [["1"]]));
}

fn graphs(checked: &mut Checked, dir: &Path) {
    for names in [["", "b"], ["^a", "b"], ["a", "a"]] {
        let mut graph = Graph::builder();
        for name in names {
            graph.node(name, "Relu");
        }
        checked.fails(graph.build());
    }
    let mut graph = Graph::builder();
    graph.node("a", "Relu").inputs(["missing"]);
    checked.fails(graph.build());
    let mut graph = Graph::builder();
    graph.function("f", |function| {
        function.node("a", "Relu").inputs(["missing"]);
    });
    let error = checked.fails(graph.build());
    assert!(error.source().is_some(), "{error}");

    checked.fails(Graph::from_onnx(b"no model"));
    checked.fails(Graph::from_onnx(b""));
    checked.fails(Graph::from_onnx_file(dir.join("missing.onnx")));
    std::fs::write(dir.join("other.onnx"), b"something else").unwrap();
    checked.fails(Graph::from_onnx_file(dir.join("other.onnx")));

    checked.fails(KerasModel::sequential("empty").build());
    let mut model = KerasModel::sequential("model");
    model.layer("dense", "");
    checked.fails(model.build());
    let mut model = KerasModel::functional("model");
    model.layer("dense", "Dense").inputs(["missing"]);
    checked.fails(model.build());
}

fn callbacks(checked: &mut Checked, dir: &Path) {
    let file = dir.join("a file");
    std::fs::write(&file, "not a directory").unwrap();

    let mut list =
        CallbackList::new().with_callback(EarlyStopping::new("loss").min_delta(f64::NAN));
    checked.fails(list.on_train_begin());
    let failing = LambdaCallback::new("mine").on_epoch_end(|_| Err("no space left".into()));
    let mut list = CallbackList::new().with_callback(failing);
    checked.fails(list.on_epoch_end(0, [("loss", 0.5)]));

    checked.fails(CsvLogger::create(dir.join("missing/history.csv")));
    let error = checked.fails(CsvLogger::builder(dir.join("a.csv")).separator('"').open());
    match error {
        CsvLoggerError::Config(error) => checked.error(&error),
        other => panic!("{other:?}"),
    }
    checked.fails(ModelCheckpoint::new("net-{epoch", |_, _| Ok(())));
    checked.fails(BackupAndRestore::new(file.join("backup"), |_, _| Ok(()), |_, _| Ok(())));

    checked.fails(TensorBoard::builder(file.join("logs")).build());
    let board = TensorBoard::builder(dir.join("logs")).write_gradients(true);
    let error = checked.fails(board.build());
    assert!(matches!(error, TensorBoardError::NeedsHistograms { .. }));

    let mut training = TrainingLoop::new(()).train(|_| 0..1, |(), _, _| Err("broken".into()));
    checked.fails(training.run(&mut CallbackList::new()));

    let profiler = Profiler::new();
    let trace = profiler.start(dir.join("traced")).unwrap();
    checked.fails(profiler.start(dir.join("traced")));
    drop(trace);
    checked.fails(profiler.start(file.join("traced")));
}

fn storages(checked: &mut Checked, dir: &Path) {
    let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
    checked.error(&AppendError::Broken { written: 7, source: full() });
    checked.error(&AppendError::InDoubt { source: full() });
    // A file stands where its directory should go.
    std::fs::write(dir.join("a file"), "").unwrap();
    checked.fails(conformance::check(&Local, &dir.join("a file")));
}

#[test]
fn every_error_type_keeps_the_policy() {
    let dir = tempfile::tempdir().unwrap();
    let mut checked = Checked::default();
    writer_and_reader(&mut checked, dir.path());
    images(&mut checked);
    numbers(&mut checked);
    graphs(&mut checked, dir.path());
    callbacks(&mut checked, dir.path());
    storages(&mut checked, dir.path());

    let checked: BTreeSet<String> = checked.0.into_iter().map(str::to_owned).collect();
    let missing: Vec<_> = declared().difference(&checked).cloned().collect();
    assert!(missing.is_empty(), "no call above returns {missing:?}");
    assert!(declared().len() > 20, "{:?}", declared());
}
