//! The values of a training's metrics by batch and epoch, for logging and for burn's queries.

use burn_train::metric::store::{MetricsUpdate, Split};
use burn_train::metric::{
    MetricAttributes, MetricDefinition, MetricEntry, MetricId, NumericEntry, SerializedEntry,
};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// The definitions and values of metrics.
#[derive(Default)]
pub(crate) struct Record {
    metrics: HashMap<MetricId, MetricDefinition>,
    /// The values by name, epoch and split. An epoch that has ended has only its final value.
    values: HashMap<(String, usize, Split), Vec<NumericEntry>>,
    /// The names of metrics about which a warning was logged.
    warned: HashSet<String>,
}

/// The values of one call of a logger.
pub(crate) struct Update<'r> {
    /// Whether it ends an epoch instead of a batch.
    pub(crate) is_final: bool,
    pub(crate) items: Vec<Item<'r>>,
}

/// The value of one metric.
pub(crate) struct Item<'r> {
    pub(crate) metric: &'r MetricDefinition,
    pub(crate) value: Reported,
    /// The mean since the epoch began, if burn computes it.
    pub(crate) running: Option<f64>,
}

pub(crate) enum Reported {
    Number(f64),
    Text(SerializedEntry),
}

impl Record {
    pub(crate) fn define(&mut self, definition: MetricDefinition) {
        self.metrics.insert(definition.metric_id.clone(), definition);
    }

    /// Records the numbers, and returns all values in the order of the metrics. A metric without a
    /// name, or with that of another, is skipped with one warning.
    pub(crate) fn take(
        &mut self,
        update: MetricsUpdate,
        epoch: usize,
        split: &Split,
    ) -> Update<'_> {
        let mut is_final = false;
        let mut items = Vec::with_capacity(update.entries.len() + update.entries_numeric.len());
        let texts = update.entries.into_iter().map(|entry| (entry, None, None));
        let numbers = update.entries_numeric.into_iter();
        let numbers = numbers.map(|item| (item.entry, item.numeric_entry, item.running_entry));
        for (entry, number, running) in texts.chain(numbers) {
            // burn defines every metric before its first value.
            let Some(metric) = self.metrics.get(&entry.metric_id) else { continue };
            let number = number.or_else(|| parse(metric, &entry));
            let problem = problem(metric, &items);
            if let Some(problem) = problem.filter(|_| self.warned.insert(metric.name.to_string())) {
                log::warn!("skipping {:?}: {problem} (logged once)", metric.name);
            }
            if let Some(number) = number {
                is_final |= matches!(number, NumericEntry::Final(_));
                if problem.is_none() {
                    let value = Reported::Number(number.current());
                    let running = running.map(|running| running.current());
                    items.push(Item { metric, value, running });
                }
                let name = metric.name.as_ref().clone();
                push(self.values.entry((name, epoch, split.clone())), number);
            } else if problem.is_none() && !entry.serialized_entry.is_not_available() {
                let value = Reported::Text(entry.serialized_entry);
                items.push(Item { metric, value, running: None });
            }
        }
        Update { is_final, items }
    }

    /// Records the value of an epoch before this training.
    pub(crate) fn remember(&mut self, name: &str, epoch: usize, split: &Split, value: f64) {
        let key = (name.to_owned(), epoch, split.clone());
        self.values.insert(key, vec![NumericEntry::Final(value)]);
    }

    /// Returns the values of an epoch, or only its final one once it has ended, for burn's early
    /// stopping and checkpoints.
    pub(crate) fn values(&self, name: &str, epoch: usize, split: &Split) -> Vec<NumericEntry> {
        self.values.get(&(name.to_owned(), epoch, split.clone())).cloned().unwrap_or_default()
    }
}

fn problem(metric: &MetricDefinition, items: &[Item<'_>]) -> Option<&'static str> {
    if metric.name.trim().is_empty() {
        Some("a metric without a name")
    } else if items.iter().any(|other| other.metric.name == metric.name) {
        Some("a second metric of this name")
    } else {
        None
    }
}

/// Returns the number of a metric that was registered as text.
fn parse(metric: &MetricDefinition, entry: &MetricEntry) -> Option<NumericEntry> {
    match metric.attributes {
        MetricAttributes::Numeric(_) => {
            NumericEntry::deserialize(&entry.serialized_entry.serialized).ok()
        }
        MetricAttributes::None => None,
    }
}

fn push(values: Entry<'_, (String, usize, Split), Vec<NumericEntry>>, number: NumericEntry) {
    let values = values.or_default();
    if matches!(number, NumericEntry::Final(_)) {
        values.clear();
    }
    values.push(number);
}
