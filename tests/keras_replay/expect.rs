//! What is to be found: the rules of the callback, run over the recorded hooks, and matched with
//! what was recorded.

use crate::dump::{Dump, Recorded, number, numbers};
use crate::settings::Settings;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, VecDeque};
use tfevents::callbacks::UpdateFreq;

/// Deviations on purpose, by the numbers of what is fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fix {
    /// 1: `update_freq` thins out the values of batches alone; Keras 3 thins out all others too.
    GateCoversBatchesOnly,
    /// 2: a graph is written; Keras 3 writes none, and tf.keras not in every case.
    GraphIsWritten,
    /// 3: nothing is written twice, such as the model at every evaluation.
    NothingIsRewritten,
    /// 7: values that are not finite do not wipe a histogram.
    NonFiniteIsLeftOut,
    /// Of Keras 3, which ours follows: the learning rate is always written. tf.keras writes it
    /// for schedules only.
    LearningRateIsWritten,
    /// Of Keras 3, which ours follows: several batches in one execution are one step. tf.keras
    /// counts the batches.
    ExecutionsAreCounted,
    /// No deviation: traces come apart from the rest.
    TraceIsNotCompared,
}

/// An event that is to be found.
#[derive(Clone, Debug)]
pub struct Expected {
    pub dir: &'static str,
    pub step: i64,
    pub tag: String,
    pub kind: Kind,
    /// What was recorded, where it was.
    pub recorded: Option<Recorded>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// With the value that it has, unless that is a wall time.
    Scalar(Option<f64>),
    /// With the weights, where they are known.
    Histogram(Option<Vec<f32>>),
    Image {
        known: bool,
    },
    Graph,
    Model,
    /// Of the user's own code.
    Users,
}

/// A weight of the model, and its values where they were recorded.
#[derive(Clone, Debug)]
pub struct Weight {
    pub name: String,
    pub shape: Vec<usize>,
    pub values: Option<Vec<f32>>,
}

/// What is to be found, and what the replay needs beside the hooks.
pub struct Plan {
    pub expected: Vec<Expected>,
    /// What the user's code writes after each hook.
    pub users: HashMap<usize, Vec<Recorded>>,
    /// The weights at each epoch's end.
    pub weights: HashMap<usize, Vec<Weight>>,
    /// The model's JSON.
    pub json: Option<String>,
    /// How often each deviation came up.
    pub fixes: BTreeMap<Fix, usize>,
}

struct Planner<'a> {
    settings: &'a Settings,
    update_freq: UpdateFreq,
    is_keras_3: bool,
    rest: HashMap<String, VecDeque<Recorded>>,
    plan: Plan,
    model_written: bool,
    train_step: i64,
    /// Batches of the training, and of its epochs that are over.
    batches: i64,
    earlier_batches: i64,
    hook: usize,
}

impl Plan {
    pub fn new(dump: &Dump, hooks: &[Value], settings: &Settings) -> Self {
        let mut rest: HashMap<String, VecDeque<Recorded>> = HashMap::new();
        for event in &dump.events {
            rest.entry(event.dir().to_owned()).or_default().push_back(event.clone());
        }
        let json = dump.events.iter().find(|event| event.plugin() == "graph_keras_model");
        let json = json.map(|event| event.0["strings"][0].as_str().unwrap().to_owned());
        let plan = Self {
            expected: Vec::new(),
            users: HashMap::new(),
            weights: HashMap::new(),
            json,
            fixes: BTreeMap::new(),
        };
        let mut planner = Planner {
            settings,
            update_freq: settings.update_freq().unwrap(),
            is_keras_3: dump.meta["impl"] != "tfkeras",
            rest,
            plan,
            model_written: false,
            train_step: 0,
            batches: 0,
            earlier_batches: 0,
            hook: 0,
        };
        let weights = Weights::new(dump);
        for (at, hook) in hooks.iter().enumerate() {
            planner.hook = at;
            planner.hook(hook, &weights);
            planner.users();
        }
        planner.end();
        planner.plan
    }
}

impl Planner<'_> {
    fn hook(&mut self, hook: &Value, weights: &Weights) {
        let logs = logs(hook);
        match hook["hook"].as_str().unwrap() {
            "set_model" if self.settings.write_graph => self.model(),
            "on_train_begin" => {
                (self.train_step, self.batches, self.earlier_batches) = (0, 0, 0);
            }
            "on_epoch_begin" => self.earlier_batches = self.batches,
            "on_train_batch_begin" => self.train_step += 1,
            "on_train_batch_end" => {
                self.batches = self.earlier_batches + hook["index"].as_i64().unwrap() + 1;
                self.batch(&logs);
            }
            "on_test_end" => {
                let tagged =
                    logs.iter().map(|(name, v)| (format!("evaluation_{name}_vs_iterations"), *v));
                self.group("validation", hook["iterations"].as_i64().unwrap(), tagged);
            }
            "on_epoch_end" => self.epoch(hook, &logs, weights),
            _ => {}
        }
    }

    fn batch(&mut self, logs: &[(String, Option<f64>)]) {
        let is_due = |step: i64| match self.update_freq {
            UpdateFreq::Epoch => false,
            UpdateFreq::Batch => true,
            UpdateFreq::Batches(n) => step % n.get() as i64 == 0,
            other => panic!("{other:?}"),
        };
        let ours = self.train_step;
        let theirs = if self.is_keras_3 { ours } else { self.batches };
        let (our_turn, their_turn) = (is_due(ours), is_due(theirs));
        let rate = self.settings.write_steps_per_second;
        let rate = rate.then(|| ("batch_steps_per_second".to_owned(), None));
        let values = logs.iter().map(|(name, value)| (format!("batch_{name}"), *value));
        let tagged: Vec<_> = rate.into_iter().chain(values).collect();
        if ours != theirs {
            self.other_step(ours, theirs, tagged.len(), our_turn, their_turn);
        }
        if our_turn {
            self.scalars(ours, tagged);
        }
    }

    /// Brings what was recorded at another step to ours, or away where it is not our turn.
    fn other_step(&mut self, ours: i64, theirs: i64, len: usize, our_turn: bool, their_turn: bool) {
        *self.plan.fixes.entry(Fix::ExecutionsAreCounted).or_default() += 1;
        let rest = self.rest.entry("train".to_owned()).or_default();
        if !their_turn {
            return;
        }
        for event in rest.iter_mut().take(len) {
            assert!(event.tag().starts_with("batch_") && event.step() == theirs, "{event:?}");
            event.0["step"] = ours.into();
        }
        if !our_turn {
            rest.drain(..len);
        }
    }

    /// Before anything else, once.
    fn model(&mut self) {
        if std::mem::replace(&mut self.model_written, true) {
            return;
        }
        if self.plan.json.is_some() {
            self.expect("train", 0, "keras".into(), Kind::Model, None);
        }
        self.expect("train", 0, String::new(), Kind::Graph, Some(Fix::GraphIsWritten));
    }

    fn epoch(&mut self, hook: &Value, logs: &[(String, Option<f64>)], weights: &Weights) {
        let epoch = hook["index"].as_i64().unwrap();
        if !logs.is_empty() {
            let train = logs.iter().filter(|(name, _)| !name.starts_with("val_"));
            let train = train.filter(|(name, _)| name != "learning_rate");
            self.scalars(epoch, train.map(|(name, v)| (format!("epoch_{name}"), *v)));
            if let Some(rate) = number(&hook["lr"]) {
                let excuse =
                    self.excuse().or((!self.is_keras_3).then_some(Fix::LearningRateIsWritten));
                let tag = "epoch_learning_rate".to_owned();
                self.expect("train", epoch, tag, Kind::Scalar(Some(rate)), excuse);
            }
            if self.settings.write_steps_per_second {
                self.scalars(epoch, [("epoch_steps_per_second".into(), None)]);
            }
            let validation =
                logs.iter().filter_map(|(name, v)| Some((name.strip_prefix("val_")?, *v)));
            let tagged = validation.map(|(name, v)| (format!("epoch_{name}"), v));
            self.group("validation", epoch, tagged);
        }
        let freq = self.settings.histogram_freq as i64;
        if freq == 0 || epoch % freq != 0 {
            return;
        }
        let weights = weights.at(hook);
        for weight in &weights {
            let excuse = self.excuse();
            let (tag, kind) =
                (format!("{}/histogram", weight.name), Kind::Histogram(weight.values.clone()));
            self.expect("train", epoch, tag, kind, excuse);
            // A weight of which no image was ever recorded is none.
            let drawn = self.settings.write_images && weight.drawn;
            if drawn {
                let kind = Kind::Image { known: weight.values.is_some() };
                self.expect("train", epoch, format!("{}/image", weight.name), kind, excuse);
            }
        }
        let weights = weights.into_iter().map(|weight| weight.weight).collect();
        self.plan.weights.insert(self.hook, weights);
    }

    fn scalars(&mut self, step: i64, tagged: impl IntoIterator<Item = (String, Option<f64>)>) {
        self.group("train", step, tagged);
    }

    /// The scalars of one hook. tf.keras does not sort them.
    fn group(
        &mut self,
        dir: &'static str,
        step: i64,
        tagged: impl IntoIterator<Item = (String, Option<f64>)>,
    ) {
        let tagged: Vec<_> = tagged.into_iter().collect();
        if !self.is_keras_3 {
            if let Some(rest) = self.rest.get_mut(dir) {
                let len = tagged.len().min(rest.len());
                let known = |event: &Recorded| {
                    let tag = tagged.iter().position(|(tag, _)| tag == event.tag());
                    tag.unwrap_or(usize::MAX)
                };
                rest.make_contiguous()[..len].sort_by_key(known);
            }
        }
        for (tag, value) in tagged {
            let excuse = match tag.starts_with("batch_") {
                true if !self.is_keras_3 && self.batches != step => Some(Fix::ExecutionsAreCounted),
                true => None,
                false => self.excuse(),
            };
            self.expect(dir, step, tag, Kind::Scalar(value), excuse);
        }
    }

    /// Why something may be missing in the recording that is no batch's.
    fn excuse(&self) -> Option<Fix> {
        let gated = matches!(self.update_freq, UpdateFreq::Batches(n) if n.get() > 1);
        (gated && self.is_keras_3).then_some(Fix::GateCoversBatchesOnly)
    }

    /// Takes the next recorded event of the directory if it is this one; otherwise there must be
    /// an excuse.
    fn expect(
        &mut self,
        dir: &'static str,
        step: i64,
        tag: String,
        kind: Kind,
        excuse: Option<Fix>,
    ) {
        self.skip_rewritten();
        let rest = self.rest.entry(dir.to_owned()).or_default();
        let is_next = rest.front().is_some_and(|next| {
            next.step() == step && next.tag() == tag && next.is_graph() == (kind == Kind::Graph)
        });
        let recorded = if is_next { rest.pop_front() } else { None };
        if recorded.is_none() {
            let Some(fix) = excuse else {
                panic!("{dir}: {step} {tag} is to be written, but next is {:?}", rest.front());
            };
            *self.plan.fixes.entry(fix).or_default() += 1;
        }
        let is_wiped = |event: &Recorded| numbers(&event.0["values"]).iter().any(|v| v.is_nan());
        if matches!(kind, Kind::Histogram(_)) && recorded.as_ref().is_some_and(is_wiped) {
            *self.plan.fixes.entry(Fix::NonFiniteIsLeftOut).or_default() += 1;
        }
        self.plan.expected.push(Expected { dir, step, tag, kind, recorded });
    }

    /// What is recorded again, or only there.
    fn skip_rewritten(&mut self) {
        let first_model = self.plan.expected.iter().all(|event| event.kind != Kind::Model);
        let first_graph = self.plan.expected.iter().all(|event| event.kind != Kind::Graph);
        for rest in self.rest.values_mut() {
            while let Some(next) = rest.front() {
                let fix = match next.plugin() {
                    "graph_keras_model" if !first_model => Fix::NothingIsRewritten,
                    "graph_run_metadata_graph" | "graph_run_metadata" => Fix::TraceIsNotCompared,
                    _ if next.is_graph() && !first_graph => Fix::NothingIsRewritten,
                    _ => break,
                };
                *self.plan.fixes.entry(fix).or_default() += 1;
                rest.pop_front();
            }
        }
    }

    /// What the user's own code has written since.
    fn users(&mut self) {
        for dir in ["train", "validation"] {
            let Some(rest) = self.rest.get_mut(dir) else { continue };
            while rest.front().is_some_and(Recorded::is_users) {
                let Some(next) = rest.pop_front() else { break };
                self.plan.expected.push(Expected {
                    dir,
                    step: next.step(),
                    tag: next.tag().to_owned(),
                    kind: Kind::Users,
                    recorded: Some(next.clone()),
                });
                self.plan.users.entry(self.hook).or_default().push(next);
            }
        }
    }

    /// Nothing may be left of the recording.
    fn end(&mut self) {
        self.users();
        self.skip_rewritten();
        for (dir, rest) in &self.rest {
            // Elsewhere only the user's code writes: Keras lends its scalars to a writer of theirs.
            let ours = ["train", "validation"].contains(&dir.as_str());
            assert!(!ours || rest.is_empty(), "{dir}: {:?} is not to be written", rest.front());
        }
    }
}

/// Names and numbers of a hook's logs, sorted; `None` for what is no number.
pub fn logs(hook: &Value) -> Vec<(String, Option<f64>)> {
    let logs = hook["logs"].as_object().into_iter().flatten();
    let mut logs: Vec<_> =
        logs.filter_map(|(name, value)| Some((name.clone(), Some(number(value)?)))).collect();
    logs.sort_by(|a, b| a.0.cmp(&b.0));
    logs
}

/// The weights of a recording: with their values where those were recorded, else by the tags.
pub struct Weights {
    by_tags: Vec<Drawn>,
}

pub struct Drawn {
    pub weight: Weight,
    pub drawn: bool,
}

impl std::ops::Deref for Drawn {
    type Target = Weight;

    fn deref(&self) -> &Weight {
        &self.weight
    }
}

impl Weights {
    fn new(dump: &Dump) -> Self {
        let mut by_tags: Vec<Drawn> = Vec::new();
        for event in &dump.events {
            let Some(name) = event.tag().strip_suffix("/histogram") else { continue };
            if event.plugin() != "histograms" || by_tags.iter().any(|weight| weight.name == name) {
                continue;
            }
            let image = format!("{name}/image");
            let image = dump.events.iter().find(|event| event.tag() == image);
            let shape = image.map_or(vec![2], shape_of_image);
            let weight = Weight { name: name.to_owned(), shape, values: None };
            by_tags.push(Drawn { weight, drawn: image.is_some() });
        }
        Self { by_tags }
    }

    fn at(&self, hook: &Value) -> Vec<Drawn> {
        let Some(weights) = hook["weights"].as_array() else {
            let copy = |weight: &Drawn| Drawn { weight: weight.weight.clone(), ..*weight };
            return self.by_tags.iter().map(copy).collect();
        };
        let read = |weight: &Value| {
            let name = weight["path"].as_str().or(weight["name"].as_str()).unwrap();
            let name = name.replace(':', "_");
            let numbers = |key: &str| numbers(&weight[key]);
            let shape = numbers("shape").into_iter().map(|size| size as usize).collect();
            let values = numbers("values").into_iter().map(|value| value as f32).collect();
            let drawn = self.by_tags.iter().find(|known| known.name == name);
            let drawn = drawn.is_some_and(|known| known.drawn);
            Drawn { weight: Weight { name, shape, values: Some(values) }, drawn }
        };
        weights.iter().map(read).collect()
    }
}

/// A shape of weights that would be drawn as this image was.
fn shape_of_image(image: &Recorded) -> Vec<usize> {
    let strings = image.0["strings"].as_array().unwrap();
    let size = |index: usize| strings[index].as_str().unwrap().parse().unwrap();
    let (width, height, planes): (usize, usize, usize) = (size(0), size(1), strings.len() - 2);
    match (width, planes) {
        (1, 1) => vec![height],
        (_, 1) => vec![height, width],
        _ => vec![height, width, planes],
    }
}
