//! Calls the recorded hooks on our callback.

use crate::dump::{Dump, Recorded, number};
use crate::expect::{Expected, Kind, Plan, Weight};
use crate::found;
use crate::settings::{Metadata, Settings};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use tfevents::Graph;
use tfevents::callbacks::{CallbackList, LogValue, Model, TensorBoard, Visit};
use tfevents::read::{Event, Payload};

/// The model that a recording is about.
struct Net {
    weights: Vec<Weight>,
    embeddings: Vec<String>,
    json: Option<String>,
    rate: Option<f64>,
    iterations: u64,
}

impl Model for Net {
    fn weights(&self, visit: &mut Visit<'_>) {
        for layer in &self.embeddings {
            visit(&format!("net/{layer}/embeddings"), &[2, 2], &[0.5, 1.0, 1.5, 2.0]);
        }
        for Weight { name, shape, values } in &self.weights {
            match values {
                Some(values) => visit(name, shape, values),
                None => visit(name, shape, &vec![0.5; shape.iter().product()]),
            }
        }
    }

    fn graph(&self) -> Option<Graph> {
        let mut graph = Graph::builder();
        graph.node("input", "Placeholder");
        Some(graph.build().unwrap())
    }

    fn keras_json(&self) -> Option<String> {
        self.json.clone()
    }

    fn learning_rate(&self) -> Option<f64> {
        self.rate
    }

    fn iterations(&self) -> Option<u64> {
        Some(self.iterations)
    }
}

/// Whether there was something to replay.
pub fn compare(name: &str, path: &Path, hooks: &Path) -> bool {
    let dump = Dump::read(path);
    let mut settings = Settings::new(&dump.meta);
    let mut hooks = if hooks.exists() {
        crate::dump::lines(hooks)
    } else if name.starts_with("k3x_") {
        settings.infer(&dump);
        epochs_of(&dump)
    } else {
        println!("{name}: there are no hooks beside it");
        return false;
    };
    undo_later_callbacks(&dump.meta, &mut hooks);
    correct_rates_of_schedules(&dump, &mut hooks);
    add_interrupted_batch(&dump, &mut hooks);
    if is_refused(name, &dump, &settings) {
        return true;
    }
    let plan = Plan::new(&dump, &hooks, &settings);
    let logdir = tempfile::tempdir().unwrap();
    run(logdir.path(), &settings, &hooks, &plan);
    let mut found = found::read(logdir.path());
    for dir in ["train", "validation"] {
        let ours = found.remove(dir).unwrap_or_default();
        let expected: Vec<&Expected> = plan.expected.iter().filter(|e| e.dir == dir).collect();
        let mut ours = ours.iter();
        for expected in expected {
            let event = ours.next();
            let event = event.unwrap_or_else(|| panic!("{name}/{dir}: {expected:?} is missing"));
            if let Some(why) = differs(event, expected) {
                panic!("{name}/{dir}: {why}");
            }
        }
        assert!(ours.as_slice().is_empty(), "{name}/{dir}: {:?} too much", ours.next());
    }
    assert!(found.is_empty(), "{name}: other directories: {:?}", found.keys());
    compare_embeddings(name, &dump, logdir.path());
    if !plan.fixes.is_empty() {
        println!("{name}: {:?}", plan.fixes);
    }
    true
}

fn differs(event: &Event, expected: &Expected) -> Option<String> {
    match (&expected.kind, &expected.recorded) {
        (Kind::Graph, _) => {
            let is_graph = matches!(event.payload(), Payload::Graph(_)) && event.step() == 0;
            (!is_graph).then(|| format!("{event:?} is no graph"))
        }
        // A wall time.
        (Kind::Scalar(None), Some(recorded)) => found::differs(event, recorded, false),
        (Kind::Scalar(Some(_)) | Kind::Users | Kind::Model, Some(recorded)) => {
            found::differs(event, recorded, true)
        }
        (Kind::Histogram(values), Some(recorded)) => {
            let wiped = crate::dump::numbers(&recorded.0["values"]).iter().any(|v| v.is_nan());
            let differs = found::differs(event, recorded, values.is_some() && !wiped);
            differs.or_else(|| counts_finite(event, values.as_deref()))
        }
        (Kind::Image { known }, Some(recorded)) => found::differs(event, recorded, *known),
        // Not recorded, by a fix: what it promises.
        (kind, None) => {
            let value = found::value(event);
            let same = event.step() == expected.step
                && value.tag() == expected.tag
                && match kind {
                    Kind::Scalar(Some(number)) => {
                        let number = *number as f32;
                        value.scalar().is_some_and(|v| v == number || v.is_nan() && number.is_nan())
                    }
                    Kind::Scalar(None) => value.scalar().is_some(),
                    Kind::Histogram(_) => value.plugin() == "histograms",
                    Kind::Image { .. } => value.plugin() == "images",
                    _ => false,
                };
            (!same).then(|| format!("{event:?} is not {expected:?}"))
        }
    }
}

/// A histogram counts all values that are finite, and no edge of it is NaN.
fn counts_finite(event: &Event, values: Option<&[f32]>) -> Option<String> {
    let rows = found::value(event).tensor().unwrap().values::<f64>().unwrap();
    let nan = rows.iter().any(|number| number.is_nan());
    let count: f64 = rows.chunks(3).map(|row| row[2]).sum();
    let finite = values.map(|values| values.iter().filter(|v| v.is_finite()).count() as f64);
    let same = !nan && finite.is_none_or(|finite| finite == count);
    (!same).then(|| format!("{event:?} does not count what is finite"))
}

/// Settings that Keras fails on, some in mid-run, and that ours refuses.
fn is_refused(name: &str, dump: &Dump, settings: &Settings) -> bool {
    let error = dump.meta["error"].as_str();
    let logdir = tempfile::tempdir().unwrap();
    let builder = match settings.builder(logdir.path()) {
        // Keras takes -2 and 2.5; they are no numbers of batches.
        Err(refused) => {
            println!("{name}: fix 6: {refused}");
            return true;
        }
        Ok(builder) => builder,
    };
    let Some(error) = error else { return false };
    if error.contains("profile") {
        println!("{name}: fix 6: the range has tests of its own");
        return true;
    }
    if error.contains("embeddings_metadata") {
        let mut callbacks = CallbackList::new().with(builder.build().unwrap());
        let mut net = Net::new(None, vec!["embedding".to_owned()]);
        let refused = callbacks.with_model(&mut net).on_train_begin().unwrap_err().to_string();
        let Metadata::ByLayer(paths) = &settings.embeddings_metadata else { panic!("{error}") };
        assert!(paths.iter().all(|(layer, _)| refused.contains(layer.as_str())), "{refused}");
        return true;
    }
    if error.contains("Expected scalar shape") {
        let mut callbacks = CallbackList::new().with(builder.build().unwrap());
        replay_vector(name, dump, logdir.path(), &mut callbacks);
        return true;
    }
    panic!("{name}: no rule for {error}");
}

/// What is no number is left out, and the rest written; Keras fails in the middle.
fn replay_vector(name: &str, dump: &Dump, logdir: &Path, callbacks: &mut CallbackList) {
    let mut values: Vec<(String, LogValue)> = vec![("zz".into(), vec![1.0, 2.0].into())];
    for event in &dump.events {
        let name = event.tag().strip_prefix("epoch_").unwrap().to_owned();
        values.push((name, number(&event.0["value"]).unwrap().into()));
    }
    callbacks.on_train_begin().unwrap();
    let logs = values.iter().map(|(name, value)| (name.as_str(), value.clone()));
    callbacks.on_epoch_end(0, logs).unwrap();
    callbacks.on_train_end().unwrap();
    let found = found::read(logdir);
    assert_eq!(found["train"].len(), dump.events.len());
    for (event, recorded) in found["train"].iter().zip(&dump.events) {
        assert_eq!(found::differs(event, recorded, true), None, "{name}");
    }
}

impl Net {
    fn new(json: Option<String>, embeddings: Vec<String>) -> Self {
        Self { weights: Vec::new(), embeddings, json, rate: None, iterations: 0 }
    }
}

fn run(logdir: &Path, settings: &Settings, hooks: &[Value], plan: &Plan) {
    let board = settings.builder(logdir).unwrap().build().unwrap();
    // A list that is dropped in the middle of a training must lose nothing either.
    let mut callbacks = CallbackList::new().with(board);
    let embeddings = match &settings.embeddings_metadata {
        _ if settings.embeddings_freq == 0 => Vec::new(),
        Metadata::ByLayer(paths) => paths.iter().map(|(layer, _)| layer.clone()).collect(),
        _ => vec!["embedding".to_owned()],
    };
    let mut net = Net::new(plan.json.clone(), embeddings);
    for (at, hook) in hooks.iter().enumerate() {
        net.rate = number(&hook["lr"]);
        net.iterations = hook["iterations"].as_u64().unwrap_or(net.iterations);
        if let Some(weights) = plan.weights.get(&at) {
            net.weights.clone_from(weights);
        }
        call(&mut callbacks, &mut net, hook);
        for event in plan.users.get(&at).into_iter().flatten() {
            log_as_user(&callbacks, event);
        }
    }
}

fn log_as_user(callbacks: &CallbackList, event: &Recorded) {
    let board = callbacks.get::<TensorBoard>().unwrap();
    let writer =
        if event.dir() == "train" { board.train_writer() } else { board.validation_writer() };
    writer.add_scalar(event.tag(), number(&event.0["value"]).unwrap(), event.step());
}

fn call(callbacks: &mut CallbackList, net: &mut Net, hook: &Value) {
    let given: Vec<(&String, LogValue)> = hook["logs"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| {
            let number = number(value).map(LogValue::from);
            (name, number.unwrap_or_else(|| value.to_string().into()))
        })
        .collect();
    let logs = || given.iter().map(|(name, value)| (name.as_str(), value.clone()));
    let index = hook["index"].as_u64().unwrap_or_default() as usize;
    let on = callbacks.with_model(net);
    let result = match hook["hook"].as_str().unwrap() {
        "on_train_begin" => on.on_train_begin(),
        "on_train_end" => on.on_train_end(),
        "on_epoch_begin" => on.on_epoch_begin(index),
        "on_epoch_end" => on.on_epoch_end(index, logs()),
        "on_train_batch_begin" => on.on_train_batch_begin(index),
        "on_train_batch_end" => on.on_train_batch_end(index, logs()),
        "on_test_begin" => on.on_test_begin(),
        "on_test_end" => on.on_test_end(logs()),
        "on_test_batch_begin" => on.on_test_batch_begin(index),
        "on_test_batch_end" => on.on_test_batch_end(index, logs()),
        "on_predict_begin" => on.on_predict_begin(),
        "on_predict_end" => on.on_predict_end(),
        "on_predict_batch_begin" => on.on_predict_batch_begin(index),
        "on_predict_batch_end" => on.on_predict_batch_end(index, logs()),
        // No hooks of a callback: marks of the recorder, and the model, which each hook gets.
        "set_model" | "set_params" => Ok(()),
        mark if mark.chars().all(|c| c.is_ascii_uppercase() || c == '_') => Ok(()),
        other => panic!("another hook: {other}"),
    };
    result.unwrap();
}

/// Callbacks behind ours have changed an epoch's logs and the learning rate after ours saw them.
fn undo_later_callbacks(meta: &Value, hooks: &mut [Value]) {
    if !meta["extra"].as_str().is_some_and(|extra| extra.contains("after")) {
        return;
    }
    for hook in hooks.iter_mut().filter(|hook| hook["hook"] == "on_epoch_end") {
        for name in ["learning_rate", "lr"] {
            if let Some(rate) = hook["logs"].as_object_mut().unwrap().remove(name) {
                hook["lr"] = rate;
            }
        }
    }
}

/// With a schedule, the optimizer of tf.keras tells the rate of its last batch, and that was
/// recorded with the hooks. Its callback asks the schedule for the next one, and so does ours: it
/// is the rate after the batch that follows, if one does.
fn correct_rates_of_schedules(dump: &Dump, hooks: &mut [Value]) {
    if dump.meta["impl"] != "tfkeras" {
        return;
    }
    let mut rates = dump.events.iter().filter(|event| event.tag() == "epoch_learning_rate");
    for at in 0..hooks.len() {
        if hooks[at]["hook"] != "on_epoch_end" {
            continue;
        }
        let Some(rate) = rates.next() else { return };
        let next = hooks[at..].iter().find(|hook| hook["hook"] == "on_train_batch_end");
        if let Some(next) = next {
            assert_eq!(next["lr"], rate.0["value"]);
        }
        hooks[at]["lr"] = rate.0["value"].clone();
    }
}

/// An exception in a callback behind ours keeps a batch's end from being recorded; ours has seen
/// it, and so has Keras's.
fn add_interrupted_batch(dump: &Dump, hooks: &mut Vec<Value>) {
    let Some(at) = hooks.iter().position(|hook| hook["hook"] == "AFTER_EXCEPTION") else { return };
    let Some(begin) = hooks[..at].last().filter(|hook| hook["hook"] == "on_train_batch_begin")
    else {
        return;
    };
    let begun = hooks[..at].iter().rev().take_while(|hook| hook["hook"] != "on_train_begin");
    let step = begun.filter(|hook| hook["hook"] == "on_train_batch_begin").count() as i64;
    let mut logs = serde_json::Map::new();
    for event in dump.events.iter().filter(|event| event.step() == step) {
        if let Some(name) = event.tag().strip_prefix("batch_") {
            logs.insert(name.to_owned(), event.0["value"].clone());
        }
    }
    logs.remove("steps_per_second");
    if !logs.is_empty() {
        let (index, iterations) = (begin["index"].clone(), hooks[at]["iterations"].clone());
        let hook = json!({
            "hook": "on_train_batch_end", "index": index, "logs": logs, "iterations": iterations,
            "lr": hooks[at]["lr"],
        });
        hooks.insert(at, hook);
    }
}

impl Settings {
    /// What the events tell of settings that were not recorded.
    fn infer(&mut self, dump: &Dump) {
        let any = |is: &dyn Fn(&Recorded) -> bool| {
            dump.events.iter().any(|event| event.dir() == "train" && is(event))
        };
        self.histogram_freq = usize::from(any(&|event| event.plugin() == "histograms"));
        self.write_images = any(&|event| event.plugin() == "images");
        self.write_graph = any(&|event| event.plugin() == "graph_keras_model");
        self.write_steps_per_second = any(&|event| event.tag() == "epoch_steps_per_second");
    }
}

/// The hooks of a recording without them, as far as its events tell.
fn epochs_of(dump: &Dump) -> Vec<Value> {
    let mut epochs: BTreeMap<i64, (serde_json::Map<String, Value>, Value)> = BTreeMap::new();
    for event in &dump.events {
        let Some(name) = event.tag().strip_prefix("epoch_") else { continue };
        let (logs, rate) = epochs.entry(event.step()).or_default();
        let value = event.0["value"].clone();
        match (event.dir(), name) {
            ("train", "learning_rate") => *rate = value,
            ("train", "steps_per_second") => {}
            ("train", name) => drop(logs.insert(name.to_owned(), value)),
            (_, name) => drop(logs.insert(format!("val_{name}"), value)),
        }
    }
    let mut hooks = vec![json!({"hook": "on_train_begin"})];
    for (epoch, (logs, rate)) in epochs {
        hooks.push(json!({"hook": "on_epoch_begin", "index": epoch, "lr": rate}));
        hooks.push(json!({"hook": "on_epoch_end", "index": epoch, "logs": logs, "lr": rate}));
    }
    hooks.push(json!({"hook": "on_train_end"}));
    hooks
}

/// Fix 9: the projector can load what is written. Keras names a tensor in a checkpoint, which the
/// projector cannot read; ours writes the vectors as text. The rest is where Keras has it.
fn compare_embeddings(name: &str, dump: &Dump, logdir: &Path) {
    let files = |part: &str| {
        let files = dump.files.iter().filter_map(|file| file["file"].as_str());
        files.filter(|file| file.contains(part)).map(str::to_owned).collect::<Vec<_>>()
    };
    let config = dump.files.iter().find(|file| file["file"] == "projector_config.pbtxt");
    let ours = std::fs::read_to_string(logdir.join("projector_config.pbtxt"));
    let Some(config) = config else {
        assert!(ours.is_err(), "{name}: {ours:?}");
        return;
    };
    let fields = |text: &str, field: &str| -> Vec<String> {
        let lines = text.lines().filter_map(|line| line.trim().strip_prefix(field));
        lines
            .map(|value| value.trim_start_matches(':').trim().trim_matches('"').to_owned())
            .collect()
    };
    let (ours, theirs) = (ours.unwrap(), config["text"].as_str().unwrap());
    assert_eq!(fields(&ours, "metadata_path"), fields(theirs, "metadata_path"), "{name}");
    let tables = fields(&ours, "tensor_path");
    assert_eq!(tables.len(), fields(theirs, "tensor_name").len(), "{name}");
    for table in tables {
        let vectors = std::fs::read_to_string(logdir.join(table)).unwrap();
        assert_eq!(vectors, "0.5\t1\n1.5\t2\n", "{name}");
    }
    // A file for the same epochs: `train/keras_embedding.ckpt-EPOCH.…`.
    let epoch =
        |file: &str| file.split_once("ckpt-").unwrap().1.split('.').next().unwrap().to_owned();
    let mut theirs: Vec<String> = files("keras_embedding.ckpt-").iter().map(|f| epoch(f)).collect();
    let ours = std::fs::read_dir(logdir.join("train")).unwrap();
    let ours = ours.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let ours = ours.filter(|file| file.ends_with(".tsv"));
    let mut ours: Vec<String> = ours.map(|file| epoch(&file)).collect();
    for epochs in [&mut theirs, &mut ours] {
        epochs.sort();
        epochs.dedup();
    }
    assert_eq!(ours, theirs, "{name}");
}
