//! The hooks of a recording, as the callback was called with them.
//!
//! They were recorded by a callback at the end of the list: what callbacks between did to an
//! epoch's logs and the learning rate, or an exception in one of them, the `TensorBoard` callback
//! did not see. What it wrote is what counts.

use crate::dump::{Dump, Keras, Recorded, lines, number};
use crate::settings::Settings;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// The hooks, or `None` if there is nothing to replay.
pub fn of(dump: &Dump, path: &Path, settings: &mut Settings) -> Option<Vec<Value>> {
    if !path.exists() {
        // A training was recorded with the arguments of its fit, a single case without.
        if dump.meta["fit"].is_object() {
            return None;
        }
        settings.infer(dump);
        return Some(epochs_of(dump));
    }
    let mut hooks = lines(path);
    undo_later_callbacks(dump, &mut hooks);
    if dump.keras() == Keras::Two {
        ask_schedules(dump, &mut hooks);
    }
    add_interrupted_batch(dump, &mut hooks);
    Some(hooks)
}

fn is_epoch_end(hook: &Value) -> bool {
    hook["hook"] == "on_epoch_end"
}

/// A callback behind has added the learning rate to the logs, and may have changed it since.
fn undo_later_callbacks(dump: &Dump, hooks: &mut [Value]) {
    // tf.keras calls it `lr` there. Keras 3 writes what it reads itself.
    let seen = dump.events.iter().any(|event| event.tag() == "epoch_lr");
    let single = |value: &Value| number(value).map(|value| value as f32);
    let later = hooks.iter().any(|hook| {
        let logged = single(&hook["logs"]["learning_rate"]);
        is_epoch_end(hook)
            && logged.is_some()
            && logged != single(&hook["lr"])
            && dump.events.iter().any(|event| {
                event.tag() == "epoch_learning_rate"
                    && event.0["step"] == hook["index"]
                    && single(&event.0["value"]) == logged
            })
    });
    for hook in hooks.iter_mut().filter(|hook| is_epoch_end(hook)) {
        let Some(logs) = hook["logs"].as_object_mut() else { continue };
        if !seen {
            logs.remove("lr");
        }
        if later {
            if let Some(rate) = logs.remove("learning_rate") {
                hook["lr"] = rate;
            }
        }
    }
}

/// With a schedule, the optimizer of tf.keras reports the rate of its last batch, and that was
/// recorded with the hooks. Its callback asks the schedule for the next one, and so does ours: it
/// is the rate after the iteration that follows, if one does.
fn ask_schedules(dump: &Dump, hooks: &mut [Value]) {
    let mut rates = dump.events.iter().filter(|event| event.tag() == "epoch_learning_rate");
    for at in 0..hooks.len() {
        if !is_epoch_end(&hooks[at]) {
            continue;
        }
        let Some(rate) = rates.next() else { return };
        let iterations = hooks[at]["iterations"].as_u64();
        let is_next = |hook: &&Value| {
            hook["hook"] == "on_train_batch_end"
                && hook["iterations"].as_u64() == iterations.map(|iterations| iterations + 1)
        };
        if let Some(next) = hooks[at..].iter().find(is_next) {
            // Recorded by the batch that used it, or before, when it was next.
            let recorded = [&next["lr"], &hooks[at]["lr"]].map(|rate| number(rate).unwrap());
            let rate = number(&rate.0["value"]).unwrap();
            let is_same = |recorded: &f64| (recorded - rate).abs() <= 1e-6 * rate.abs();
            assert!(recorded.iter().any(is_same), "{rate} is not among {recorded:?}");
        }
        hooks[at]["lr"] = rate.0["value"].clone();
    }
}

/// An exception in a callback behind keeps a batch's end from being recorded.
fn add_interrupted_batch(dump: &Dump, hooks: &mut Vec<Value>) {
    let Some(at) = hooks.iter().position(|hook| hook["hook"] == "AFTER_EXCEPTION") else { return };
    let Some(begin) = hooks[..at].last().filter(|hook| hook["hook"] == "on_train_batch_begin")
    else {
        return;
    };
    let begun = hooks[..at].iter().rev().take_while(|hook| hook["hook"] != "on_train_begin");
    let step = begun.filter(|hook| hook["hook"] == "on_train_batch_begin").count();
    let mut logs: Map<String, Value> = Map::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for event in &dump.events {
        let Some(name) = event.tag().strip_prefix("batch_") else { continue };
        let count = counts.entry(name).or_default();
        *count += 1;
        // Some versions leave all batches at step 0.
        if event.step() == step as i64 || event.step() == 0 && *count == step {
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
    /// Settings that were not recorded, as the events show them.
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

/// Returns the hooks of a recording that has none, derived from its events.
fn epochs_of(dump: &Dump) -> Vec<Value> {
    let mut epochs: BTreeMap<i64, (Map<String, Value>, Value)> = BTreeMap::new();
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
