//! What the metrics of a training said: sorted into batches and epochs, and kept for burn to ask.

use burn_train::metric::store::{MetricsUpdate, Split};
use burn_train::metric::{
    MetricAttributes, MetricDefinition, MetricEntry, MetricId, NumericEntry, SerializedEntry,
};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// The definitions of metrics and the values that they had.
#[derive(Default)]
pub(crate) struct Record {
    metrics: HashMap<MetricId, MetricDefinition>,
    /// By name, epoch and split. An epoch that has ended is its final value alone.
    values: HashMap<(String, usize, Split), Vec<NumericEntry>>,
    /// Names that something was told about.
    told: HashSet<String>,
}

/// What came in one call.
pub(crate) struct Update<'r> {
    /// Whether it ends an epoch, instead of a batch.
    pub(crate) is_final: bool,
    pub(crate) items: Vec<Item<'r>>,
}

/// What one metric said.
pub(crate) struct Item<'r> {
    pub(crate) metric: &'r MetricDefinition,
    pub(crate) value: Said,
    /// The mean since the epoch began, where burn computes it.
    pub(crate) running: Option<f64>,
}

pub(crate) enum Said {
    Number(f64),
    Text(SerializedEntry),
}

impl Record {
    pub(crate) fn define(&mut self, definition: MetricDefinition) {
        self.metrics.insert(definition.metric_id.clone(), definition);
    }

    /// Keeps the numbers, and gives all that was said, in the order of the metrics. A metric without
    /// a name, or with that of another, is told once and left out.
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
            // burn defines every metric before it says anything.
            let Some(metric) = self.metrics.get(&entry.metric_id) else { continue };
            let number = number.or_else(|| parse(metric, &entry));
            let wrong = wrong(metric, &items);
            if let Some(wrong) = wrong.filter(|_| self.told.insert(metric.name.to_string())) {
                log::warn!("{:?} is skipped: {wrong}; told once", metric.name);
            }
            if let Some(number) = number {
                is_final |= matches!(number, NumericEntry::Final(_));
                if wrong.is_none() {
                    let value = Said::Number(number.current());
                    let running = running.map(|running| running.current());
                    items.push(Item { metric, value, running });
                }
                let name = metric.name.as_ref().clone();
                keep(self.values.entry((name, epoch, split.clone())), number);
            } else if wrong.is_none() && !entry.serialized_entry.is_not_available() {
                let value = Said::Text(entry.serialized_entry);
                items.push(Item { metric, value, running: None });
            }
        }
        Update { is_final, items }
    }

    /// The values of an epoch that ended before this training began.
    pub(crate) fn remember(&mut self, name: &str, epoch: usize, split: &Split, value: f64) {
        let key = (name.to_owned(), epoch, split.clone());
        self.values.insert(key, vec![NumericEntry::Final(value)]);
    }

    /// What burn's early stopping and checkpoints ask for: the values of an epoch, or its final
    /// one alone once it has ended.
    pub(crate) fn values(&self, name: &str, epoch: usize, split: &Split) -> Vec<NumericEntry> {
        self.values.get(&(name.to_owned(), epoch, split.clone())).cloned().unwrap_or_default()
    }
}

fn wrong(metric: &MetricDefinition, items: &[Item<'_>]) -> Option<&'static str> {
    if metric.name.trim().is_empty() {
        Some("a metric without a name")
    } else if items.iter().any(|other| other.metric.name == metric.name) {
        Some("a second metric of this name")
    } else {
        None
    }
}

/// The number of a metric that was registered as text.
fn parse(metric: &MetricDefinition, entry: &MetricEntry) -> Option<NumericEntry> {
    match metric.attributes {
        MetricAttributes::Numeric(_) => {
            NumericEntry::deserialize(&entry.serialized_entry.serialized).ok()
        }
        MetricAttributes::None => None,
    }
}

fn keep(values: Entry<'_, (String, usize, Split), Vec<NumericEntry>>, number: NumericEntry) {
    let values = values.or_default();
    if matches!(number, NumericEntry::Final(_)) {
        values.clear();
    }
    values.push(number);
}
