//! Calls the recorded hooks on our callback.

use crate::dump::{Dump, Recorded, number, numbers};
use crate::expect::{Expected, Kind, Plan};
use crate::settings::{Metadata, Settings};
use crate::weights::{Weight, is_embedding};
use crate::{embeddings, found, hooks};
use serde_json::Value;
use std::error::Error;
use std::path::Path;
use tfevents::Graph;
use tfevents::callbacks::{CallbackList, LogValue, Model, TensorBoard, Visit};
use tfevents::read::{Event, Payload};
use tfevents::summary::{DataClass, Metadata as Labels, Summary, SummaryEncoder, Tensor};

/// The model that a recording is about.
struct Net {
    weights: Vec<Weight>,
    json: Option<String>,
    rate: Option<f64>,
    iterations: u64,
}

impl Model for Net {
    fn weights(&self, visit: &mut Visit<'_>) {
        for Weight { name, shape, values, .. } in &self.weights {
            match values {
                Some(values) => visit(name, shape, values),
                None => visit(name, shape, &vec![0.5; shape.iter().product()]),
            }
        }
    }

    fn is_embedding(&self, name: &str) -> bool {
        is_embedding(name)
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
pub fn compare(name: &str, lines: Vec<Value>, path: &Path) -> bool {
    let dump = Dump::new(lines);
    let mut settings = Settings::new(&dump.meta);
    let Some(hooks) = hooks::of(&dump, path, &mut settings) else {
        println!("{name}: there are no hooks beside it");
        return false;
    };
    if is_refused(name, &dump, &settings) {
        return true;
    }
    let plan = Plan::new(&dump, &hooks, &settings);
    let logdir = tempfile::tempdir().unwrap();
    let weights = run(logdir.path(), &settings, &hooks, &plan, &dump);
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
    embeddings::compare(name, &dump, logdir.path(), &weights);
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
            let wiped = numbers(&recorded.0["values"]).iter().any(|v| v.is_nan());
            let differs = found::differs(event, recorded, values.is_some() && !wiped);
            differs.or_else(|| counts_finite(event, values.as_deref()))
        }
        (Kind::Image { known }, Some(recorded)) => found::differs(event, recorded, *known),
        // Not recorded, because of a fix: what it guarantees.
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
        let mut callbacks = CallbackList::new().with_callback(builder.build().unwrap());
        let mut net = Net::new(None, Vec::new());
        let error = callbacks.with_model(&mut net).on_train_begin().unwrap_err();
        let refused = error.source().unwrap().to_string();
        let Metadata::ByLayer(paths) = &settings.embeddings_metadata else { panic!("{error}") };
        assert!(paths.iter().all(|(layer, _)| refused.contains(layer.as_str())), "{refused}");
        return true;
    }
    if error.contains("Expected scalar shape") {
        let mut callbacks = CallbackList::new().with_callback(builder.build().unwrap());
        replay_vector(name, dump, logdir.path(), &mut callbacks);
        return true;
    }
    // The user's code failed; what was written until then is compared.
    println!("{name}: ended by {error}");
    false
}

/// Values that are not numbers are left out and the rest is written; Keras fails in the middle.
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
    fn new(json: Option<String>, weights: Vec<Weight>) -> Self {
        Self { weights, json, rate: None, iterations: 0 }
    }
}

/// Calls the hooks; returns the weights that the model had in the end.
fn run(
    logdir: &Path,
    settings: &Settings,
    hooks: &[Value],
    plan: &Plan,
    dump: &Dump,
) -> Vec<Weight> {
    let board = settings.builder(logdir).unwrap().build().unwrap();
    // A list that is dropped in the middle of a training must lose nothing either.
    let mut callbacks = CallbackList::new().with_callback(board);
    let mut weights = plan.first_weights.clone();
    if !weights.iter().any(|weight| is_embedding(&weight.name)) {
        weights.extend(embeddings::of(dump, settings));
    }
    let mut net = Net::new(plan.json.clone(), weights);
    for (at, hook) in hooks.iter().enumerate() {
        net.rate = number(&hook["lr"]);
        net.iterations = hook["iterations"].as_u64().unwrap_or(net.iterations);
        if let Some(weights) = plan.weights.get(&at) {
            net.weights.clone_from(weights);
        }
        call(&mut callbacks, &mut net, hook);
        for event in plan.users.get(&at).into_iter().flatten() {
            let board = callbacks.get::<TensorBoard>().unwrap();
            let validation = event.dir() == "validation";
            let writer = if validation { board.validation_writer() } else { board.train_writer() };
            writer.add(event.tag(), event, event.step());
        }
    }
    net.weights
}

/// An event that the user's code has written.
impl Summary for Recorded {
    fn encode(&self, tag: &str, values: &mut SummaryEncoder<'_>) {
        let content = self.text("plugin_content_hex").as_bytes().chunks(2);
        let byte = |hex: &[u8]| u8::from_str_radix(std::str::from_utf8(hex).unwrap(), 16).unwrap();
        let metadata = Labels::new(self.plugin().to_owned())
            .content(content.map(byte).collect::<Vec<u8>>())
            .data_class(match self.plugin() {
                "scalars" => DataClass::Scalar,
                "images" => DataClass::BlobSequence,
                _ => DataClass::Tensor,
            })
            .display_name(self.text("display_name"))
            .description(self.text("description"));
        let shape = self.shape();
        let tensor = match self.text("dtype") {
            "DT_FLOAT" => Tensor::scalar(number(&self.0["value"]).unwrap() as f32),
            "DT_DOUBLE" => Tensor::new(&shape, &numbers(&self.0["values"])).unwrap(),
            _ => {
                let strings = self.0["strings"].as_array().unwrap().iter();
                let strings: Vec<&str> = strings.map(|text| text.as_str().unwrap()).collect();
                let tensor = Tensor::strings(&shape, &strings).unwrap();
                return values.push(tag, &metadata, &tensor);
            }
        };
        values.push(tag, &metadata, &tensor);
    }
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
    let mut on = callbacks.with_model(net);
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
