//! Sequences of a monitored value, and what EarlyStopping made of them.

use crate::dump::number;
use serde_json::{Map, Value};
use tfevents::callbacks::{BoxError, CallbackList, EarlyStopping, Mode, Model, Snapshot};

/// Epoch, wait, best value, its epoch, whether training stops.
#[derive(Clone, Debug)]
struct State(usize, usize, Option<f64>, usize, bool);

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        let bits = |best: Option<f64>| best.map(f64::to_bits);
        (self.0, self.1, bits(self.2), self.3, self.4)
            == (other.0, other.1, bits(other.2), other.3, other.4)
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Trace {
    states: Vec<State>,
    stopped_epoch: usize,
    /// The epoch that the weights are of when all is over.
    weights_of: usize,
}

pub fn compare(cases: &[Value]) -> usize {
    for case in cases {
        let recorded = recorded(case);
        assert_eq!(by_the_rules(case, true), recorded, "the rules of Keras: {case}");
        // Fix 10: NaN is never the best value. Without NaN the rules are the same.
        let expected = by_the_rules(case, false);
        let has_nan = values(case).iter().flatten().any(|value| value.is_nan());
        assert!(has_nan || expected == recorded, "{case}");
        assert_eq!(ours(case), expected, "{case}");
    }
    cases.len()
}

fn values(case: &Value) -> Vec<Option<f64>> {
    case["values"].as_array().unwrap().iter().map(number).collect()
}

fn recorded(case: &Value) -> Trace {
    let states = case["trace_epoch_wait_best_bestepoch_stop"].as_array().unwrap();
    let state = |state: &Value| {
        let at = |index: usize| state[index].as_u64().unwrap() as usize;
        State(at(0), at(1), number(&state[2]), at(3), state[4].as_bool().unwrap())
    };
    let at = |key: &str| case[key].as_u64().unwrap() as usize;
    Trace {
        states: states.iter().map(state).collect(),
        stopped_epoch: at("stopped_epoch"),
        weights_of: at("weights_from_epoch_after_train_end"),
    }
}

fn args(case: &Value) -> &Map<String, Value> {
    case["args"].as_object().unwrap()
}

/// The name that is monitored: the recordings leave it to what less is better of.
fn monitored(case: &Value) -> &str {
    args(case).get("monitor").and_then(Value::as_str).unwrap_or("val_loss")
}

/// Keras's rules; with `nan_is_best` as they are, else with fix 10.
fn by_the_rules(case: &Value, nan_is_best: bool) -> Trace {
    let args = args(case);
    let float = |key: &str| args.get(key).and_then(number);
    let whole = |key: &str| float(key).unwrap_or(0.0) as usize;
    let more = match args.get("mode").and_then(Value::as_str) {
        Some("max") => true,
        Some("min") => false,
        _ => ["acc", "accuracy", "auc"].iter().any(|end| monitored(case).ends_with(end)),
    };
    let delta = float("min_delta").unwrap_or(0.0).abs();
    let better = |value: f64, than: f64| {
        if more { value - delta > than } else { value + delta < than }
    };
    let (baseline, patience) = (float("baseline"), whole("patience"));
    let restore = args.get("restore_best_weights") == Some(&Value::Bool(true));
    let (mut wait, mut best, mut best_epoch, mut saved) = (0, None, None, None);
    let mut trace = Trace { states: Vec::new(), stopped_epoch: 0, weights_of: 0 };
    for (epoch, value) in values(case).into_iter().enumerate() {
        trace.weights_of = epoch;
        let mut stop = false;
        if let Some(value) = value.filter(|_| epoch >= whole("start_from_epoch")) {
            wait += 1;
            if saved.is_none() {
                saved = Some(epoch);
            }
            let improved = best.map_or(nan_is_best || !value.is_nan(), |best| better(value, best));
            if improved {
                (best, best_epoch, saved) = (Some(value), Some(epoch), Some(epoch));
                if baseline.is_none_or(|baseline| better(value, baseline)) {
                    wait = 0;
                }
            } else if wait >= patience && epoch > 0 {
                (stop, trace.stopped_epoch) = (true, epoch);
            }
        }
        // Without a best value, the epoch is that of the first weights that were kept.
        let of = best_epoch.or(saved).unwrap_or(0);
        trace.states.push(State(epoch, wait, best, of, stop));
        if stop {
            break;
        }
    }
    if restore {
        trace.weights_of = saved.unwrap_or(trace.weights_of);
    }
    trace
}

/// Its weights are the epoch.
struct Net(usize);

impl Model for Net {
    fn snapshot(&self) -> Option<Snapshot> {
        Some(Snapshot::new(self.0))
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), BoxError> {
        self.0 = *snapshot.get().ok_or("no epoch")?;
        Ok(())
    }
}

fn stopping(case: &Value) -> EarlyStopping {
    let mut stopping = EarlyStopping::new(monitored(case));
    for (name, value) in args(case) {
        let number = || number(value).unwrap_or_else(|| panic!("{name} is {value}"));
        stopping = match name.as_str() {
            "monitor" | "verbose" => stopping,
            "patience" => stopping.patience(number() as usize),
            "min_delta" => stopping.min_delta(number()),
            "baseline" if value.is_null() => stopping,
            "baseline" => stopping.baseline(number()),
            "start_from_epoch" => stopping.start_from_epoch(number() as usize),
            "restore_best_weights" => stopping.restore_best_weights(value.as_bool().unwrap()),
            "mode" => stopping.mode(match value.as_str() {
                Some("min") => Mode::Min,
                Some("max") => Mode::Max,
                _ => Mode::Auto,
            }),
            _ => panic!("another argument: {name}={value}"),
        };
    }
    stopping
}

fn ours(case: &Value) -> Trace {
    let mut callbacks = CallbackList::new().with_callback(stopping(case));
    let mut net = Net(0);
    let mut states = Vec::new();
    callbacks.with_model(&mut net).on_train_begin().unwrap();
    for (epoch, value) in values(case).into_iter().enumerate() {
        net.0 = epoch;
        let logs = value.map(|value| (monitored(case), value));
        callbacks.with_model(&mut net).on_epoch_end(epoch, logs).unwrap();
        let stopping = callbacks.get::<EarlyStopping>().unwrap();
        let stop = callbacks.should_stop();
        let of = stopping.best_epoch().unwrap_or(0);
        states.push(State(epoch, stopping.wait(), stopping.best(), of, stop));
        if stop {
            break;
        }
    }
    callbacks.with_model(&mut net).on_train_end().unwrap();
    let stopping = callbacks.get::<EarlyStopping>().unwrap();
    Trace { states, stopped_epoch: stopping.stopped_epoch().unwrap_or(0), weights_of: net.0 }
}
