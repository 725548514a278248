//! The expected events: the rules of the callback, run over the recorded hooks, and matched with
//! what was recorded.

use crate::dump::{Dump, Keras, Recorded, number, numbers};
use crate::settings::Settings;
use crate::weights::{Weight, Weights};
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
    /// Of Keras 3.15, which ours follows: `update_freq` thins out the values of batches. Before,
    /// all are written.
    BatchesAreThinnedOut,
    /// Of later Keras 3, which ours follows: batches are counted. Keras 3.6 leaves them at step 0.
    BatchesAreCounted,
    /// Of Keras 3.14, which ours follows: tags of weights name the layer. Before, layers share
    /// tags.
    LayersAreNamed,
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
    /// The recorded event, if it was recorded.
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

/// The expected events, and what the replay needs beside the hooks.
pub struct Plan {
    pub expected: Vec<Expected>,
    /// The events that the user's code writes after each hook.
    pub users: HashMap<usize, Vec<Recorded>>,
    /// The weights at each epoch's end, and before it.
    pub weights: HashMap<usize, Vec<Weight>>,
    pub first_weights: Vec<Weight>,
    /// The model's JSON.
    pub json: Option<String>,
    /// How often each deviation came up.
    pub fixes: BTreeMap<Fix, usize>,
}

struct Planner<'a> {
    settings: &'a Settings,
    update_freq: UpdateFreq,
    keras: Keras,
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
            first_weights: Vec::new(),
            json,
            fixes: BTreeMap::new(),
        };
        let mut planner = Planner {
            settings,
            update_freq: settings.update_freq().unwrap(),
            keras: dump.keras(),
            rest,
            plan,
            model_written: false,
            train_step: 0,
            batches: 0,
            earlier_batches: 0,
            hook: 0,
        };
        let weights = Weights::new(dump, settings);
        if settings.histogram_freq > 0 {
            let first = hooks.iter().find(|hook| hook["weights"].is_array());
            planner.plan.first_weights = weights.at(first.unwrap_or(&Value::Null));
        }
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
                self.group("validation", hook["iterations"].as_i64().unwrap_or_default(), tagged);
            }
            "on_epoch_end" => self.epoch(hook, &logs, weights),
            _ => {}
        }
    }

    fn batch(&mut self, logs: &[(String, Option<f64>)]) {
        let is_due = |step: i64| match self.update_freq {
            UpdateFreq::Epoch => false,
            UpdateFreq::Batch => true,
            UpdateFreq::Batches(n) => step % n as i64 == 0,
            other => panic!("{other:?}"),
        };
        let ours = self.train_step;
        let theirs = if self.keras == Keras::Two { self.batches } else { ours };
        let our_turn = is_due(ours);
        let thinned_out = !self.keras.writes_every_batch() || self.update_freq == UpdateFreq::Epoch;
        let their_turn = is_due(theirs) || !thinned_out;
        let rate = self.settings.write_steps_per_second;
        let rate = rate.then(|| ("batch_steps_per_second".to_owned(), None));
        let values = logs.iter().map(|(name, value)| (format!("batch_{name}"), *value));
        let tagged: Vec<_> = rate.into_iter().chain(values).collect();
        if ours != theirs {
            *self.plan.fixes.entry(Fix::ExecutionsAreCounted).or_default() += 1;
        }
        if their_turn {
            self.theirs(ours, theirs, tagged.len(), our_turn);
        }
        if our_turn {
            self.scalars(ours, tagged);
        }
    }

    /// Brings what was recorded of a batch to our step, or away where it is not our turn.
    fn theirs(&mut self, ours: i64, theirs: i64, len: usize, our_turn: bool) {
        self.skip_rewritten();
        let rest = self.rest.entry("train".to_owned()).or_default();
        let mut frozen = false;
        for event in rest.iter_mut().take(len) {
            frozen |= event.step() == 0;
            let same = event.tag().starts_with("batch_") && [theirs, 0].contains(&event.step());
            assert!(same, "{event:?} is not of batch {theirs}");
            event.0["step"] = ours.into();
        }
        if frozen {
            *self.plan.fixes.entry(Fix::BatchesAreCounted).or_default() += 1;
        }
        if !our_turn {
            rest.drain(..len.min(rest.len()));
            if ours == theirs {
                *self.plan.fixes.entry(Fix::BatchesAreThinnedOut).or_default() += 1;
            }
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
                let excuse = self
                    .excuse()
                    .or((self.keras == Keras::Two).then_some(Fix::LearningRateIsWritten));
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
            let kind = Kind::Histogram(weight.values.clone());
            self.weight(epoch, format!("{}/histogram", weight.name), kind);
            // Of a weight whose values are not known, no image is expected that was never there.
            if self.settings.write_images && weight.drawn {
                let kind = Kind::Image { known: weight.values.is_some() };
                self.weight(epoch, format!("{}/image", weight.name), kind);
            }
        }
        self.plan.weights.insert(self.hook, weights);
    }

    fn weight(&mut self, epoch: i64, tag: String, kind: Kind) {
        if self.keras.leaves_layers_out() {
            let mut parts = tag.rsplitn(3, '/');
            let (what, name, layer) = (parts.next(), parts.next(), parts.next());
            let rest = self.rest.entry("train".to_owned()).or_default();
            if let (Some(next), Some(what), Some(name), Some(_)) =
                (rest.front_mut(), what, name, layer)
            {
                if next.tag() == format!("{name}/{what}") {
                    next.0["tag"] = tag.as_str().into();
                    *self.plan.fixes.entry(Fix::LayersAreNamed).or_default() += 1;
                }
            }
        }
        let excuse = self.excuse();
        self.expect("train", epoch, tag, kind, excuse);
    }

    fn scalars(&mut self, step: i64, tagged: impl IntoIterator<Item = (String, Option<f64>)>) {
        self.group("train", step, tagged);
    }

    /// The scalars of one hook, which not all versions sort.
    fn group(
        &mut self,
        dir: &'static str,
        step: i64,
        tagged: impl IntoIterator<Item = (String, Option<f64>)>,
    ) {
        let tagged: Vec<_> = tagged.into_iter().collect();
        if self.keras.leaves_logs_unsorted() {
            if let Some(rest) = self.rest.get_mut(dir) {
                let same = |event: &&Recorded| event.step() == step;
                let len = rest.iter().take(tagged.len()).take_while(same).count();
                let known = |event: &Recorded| {
                    let tag = tagged.iter().position(|(tag, _)| tag == event.tag());
                    tag.unwrap_or(usize::MAX)
                };
                rest.make_contiguous()[..len].sort_by_key(known);
            }
        }
        for (tag, value) in tagged {
            let excuse = match tag.starts_with("batch_") {
                true if self.keras == Keras::Two && self.batches != step => {
                    Some(Fix::ExecutionsAreCounted)
                }
                true => None,
                false => self.excuse(),
            };
            self.expect(dir, step, tag, Kind::Scalar(value), excuse);
        }
    }

    /// Why something may be missing in the recording that is no batch's.
    fn excuse(&self) -> Option<Fix> {
        let gated = matches!(self.update_freq, UpdateFreq::Batches(n) if n > 1);
        (gated && self.keras.is_3()).then_some(Fix::GateCoversBatchesOnly)
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

    /// Events that are recorded again, or only there.
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

    /// The events that the user's own code has written since.
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
