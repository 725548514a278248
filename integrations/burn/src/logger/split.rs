//! What is logged of one split of the data.

use crate::earlier::EPOCH;
use crate::record::{Said, Update};
use burn_train::metric::{MetricAttributes, MetricDefinition, MetricId};
use std::collections::HashMap;
use tfevents::{ScalarHandle, SummaryWriter};

/// A run, and how far it has come.
pub(super) struct SplitLog {
    run: Option<SummaryWriter>,
    batches: u64,
    /// Whether there was a batch since the last epoch's end.
    measured: bool,
    /// The last call may have been the end of an epoch that nothing told from a batch.
    in_doubt: bool,
    scalars: HashMap<MetricId, Scalars>,
}

/// The series of a metric.
struct Scalars {
    batch: ScalarHandle,
    epoch: ScalarHandle,
}

impl SplitLog {
    pub(super) fn new(run: Option<SummaryWriter>, batches: u64) -> Self {
        Self { run, batches, measured: false, in_doubt: false, scalars: HashMap::new() }
    }

    /// Logs what the metrics said of a batch, or of the epoch at its end.
    pub(super) fn log(&mut self, update: &Update<'_>, epoch: usize) {
        self.in_doubt = !update.is_final;
        if !update.is_final {
            self.batches += 1;
            self.measured = true;
        }
        // Without any batch, an epoch's values are none.
        let Some(run) = self.run.as_ref().filter(|_| self.measured) else { return };
        for item in &update.items {
            let metric = item.metric;
            match &item.value {
                Said::Number(value) => {
                    let id = metric.metric_id.clone();
                    let new = || Scalars::new(run, metric);
                    let scalars = self.scalars.entry(id).or_insert_with(new);
                    if update.is_final {
                        scalars.epoch.add(*value, epoch);
                    } else {
                        scalars.batch.add(*value, self.batches);
                    }
                }
                Said::Text(entry) => run.add_text(&metric.name, &entry.formatted, self.batches),
            }
        }
    }

    /// The call before was the end of the epoch, whatever it looked like.
    pub(super) fn end_epoch(&mut self) {
        self.measured = false;
        if std::mem::take(&mut self.in_doubt) {
            self.batches = self.batches.saturating_sub(1);
        }
    }
}

impl Scalars {
    fn new(run: &SummaryWriter, metric: &MetricDefinition) -> Self {
        let description = describe(metric);
        let scalar = |tag: &str| run.scalar(tag).description(description.clone());
        let epoch = scalar(&format!("{EPOCH}{}", metric.name));
        Self { batch: scalar(&metric.name), epoch }
    }
}

/// What the metric says of itself, its unit and direction, in markdown.
fn describe(metric: &MetricDefinition) -> String {
    let mut parts: Vec<String> = metric.description.iter().cloned().collect();
    if let MetricAttributes::Numeric(numeric) = &metric.attributes {
        parts.extend(numeric.unit.iter().map(|unit| format!("Unit: {unit}.")));
        let better = if numeric.higher_is_better { "Higher" } else { "Lower" };
        parts.push(format!("{better} is better."));
    }
    parts.join("\n\n")
}
