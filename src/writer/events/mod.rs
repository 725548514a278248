//! Events of `tracing` as scalars.
//!
//! - `callsites`: a map by callsite that is read without a lock; `plan`: what is logged of a
//!   callsite, decided once; `visit`: reads the fields of an event;
//! - `layer`: what happens at an event; `spans`: the steps and paths of spans; `paths`: the tags
//!   below each path of spans;
//! - `shared`: what the layers of one run share.

mod callsites;
mod layer;
mod paths;
mod plan;
mod shared;
mod spans;
mod visit;

use super::{StepSource, SummaryWriter};
use callsites::CallsiteMap;
use paths::SpanPaths;
use plan::Plan;
pub(super) use shared::SharedEvents;
use shared::Sink;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use tracing_core::{Level, LevelFilter, Metadata};
#[cfg(doc)]
use tracing_subscriber::Registry;

/// A layer of `tracing` that logs the numbers of events as scalars; returned by
/// [`SummaryWriter::events`]. Needs the feature `tracing`.
///
/// A program that is instrumented with `tracing` shows its curves with one line in `main`:
///
/// ```
/// use tfevents::SummaryWriter;
/// use tracing_subscriber::prelude::*;
///
/// # let dir = tempfile::tempdir()?;
/// # let logdir = dir.path();
/// let writer = SummaryWriter::new(logdir)?;
/// let subscriber = tracing_subscriber::registry().with(writer.events());
/// # tracing::subscriber::with_default(subscriber, || {
/// // subscriber.init();
///
/// for step in 0..100 {
///     let (loss, accuracy) = (1.0 / (step + 1) as f32, 0.5);
///     tracing::info!(step, loss, "train/accuracy" = accuracy);
/// }
/// # });
/// writer.close()?;
/// # use tfevents::read::Run;
/// # assert_eq!(Run::open(dir.path())?.scalars("train/accuracy")?.values().len(), 100);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Values
///
/// Each field with a number or a `bool` is a scalar whose tag is the name of the field; names in
/// quotes may have slashes. Options set more: a [prefix](Self::prefix), [targets](Self::with_target),
/// the [level](Self::max_level), and [text](Self::text) of warnings. Fields with the prefixes of
/// OpenTelemetry are logged without them:
///
/// | field | is logged as |
/// |---|---|
/// | `gauge.name` | the value |
/// | `counter.name`, `monotonic_counter.name` | the total of the values since the run was opened |
/// | `histogram.name` | a histogram of the values of one step |
///
/// Totals and histograms are logged once per step: when the next step begins, or when the run is
/// closed.
/// Other fields of such an event are attributes, and are not logged.
///
/// # Steps
///
/// The step of an event is, in this order:
///
/// 1. its own field `step`, or another [field](Self::step_fields);
/// 2. the field `step` of the nearest span around it that has one, also if it was recorded later;
/// 3. the step of the writer's [`StepSource`], or [another one](Self::step_source), which the
///    callback `TensorBoard` sets in every batch.
///
/// An event without a step is not logged, but counted in
/// [`Stats::without_step`](crate::Stats::without_step), and the first one is logged through the
/// `log` facade.
///
/// # What is skipped
///
/// Of a tag, the first value that cannot be logged is reported through the `log` facade: one that is
/// NaN or infinite, or negative for a `monotonic_counter`; and text in an event that has a step or a
/// prefix of its own, such as `loss = %loss`. An event is skipped if its step is negative or no
/// integer. Of two layers of one subscriber that log the same field with the same tag into the same
/// run, one does. Records of this crate are never logged.
///
/// # The writer
///
/// The layer does not keep the writer open: what is logged before the last clone of the writer is
/// dropped or closed is in the file, and what comes later is dropped and counted. So keep the writer
/// in a variable of `main`, also if the subscriber lives until the process ends.
///
/// # Cost
///
/// What is logged of a callsite is decided once. An event then costs little more than
/// [`ScalarHandle::add`](crate::ScalarHandle::add) for each of its numbers, and allocates nothing.
#[derive(Debug)]
pub struct EventLayer {
    settings: Settings,
    /// `None` if the writer is disabled or closed.
    sink: Option<Sink>,
    plans: CallsiteMap<Plan>,
    /// `None` if no tag needs them.
    paths: Option<SpanPaths>,
    /// The address of the subscriber, or 0 if it is not known.
    subscriber: AtomicUsize,
    /// Lives as long as the layer.
    alive: Arc<()>,
    warned_without_step: AtomicBool,
}

#[derive(Debug)]
struct Settings {
    targets: Vec<Box<str>>,
    prefix: TagPrefix,
    step_fields: Vec<Box<str>>,
    steps: StepSource,
    max_level: LevelFilter,
    text: Option<Level>,
}

/// The prefix of the tags of an [`EventLayer`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TagPrefix {
    /// The tag is the name of the field, such as `loss`.
    #[default]
    None,
    /// The target of the event comes first, such as `my_crate/train/loss` for `my_crate::train`.
    Target,
    /// The names of the spans around the event come first, such as `epoch/validation/loss`. Of more
    /// than 16 spans, the innermost 16.
    SpanPath,
}

impl SummaryWriter {
    /// Returns a layer of `tracing` that logs the numbers of events into this run. Needs the feature
    /// `tracing`.
    ///
    /// The subscriber must store spans, as [`Registry`] does. The layer of a
    /// [disabled](Self::disabled) writer logs nothing.
    ///
    /// ```
    /// use tracing_subscriber::prelude::*;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    ///
    /// let subscriber = tracing_subscriber::registry().with(writer.events());
    /// # tracing::subscriber::with_default(subscriber, || {
    /// // subscriber.init();
    /// tracing::info!(step = 7, loss = 0.5);
    /// # });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn events(&self) -> EventLayer {
        EventLayer {
            settings: Settings {
                targets: Vec::new(),
                prefix: TagPrefix::None,
                step_fields: vec!["step".into()],
                steps: self.step_source(),
                max_level: LevelFilter::INFO,
                text: None,
            },
            sink: Sink::new(self),
            plans: CallsiteMap::new(),
            paths: None,
            subscriber: AtomicUsize::new(0),
            alive: Arc::new(()),
            warned_without_step: AtomicBool::new(false),
        }
    }
}

impl EventLayer {
    /// Logs only events of this target, such as `train` or `my_crate::train`, and of targets below
    /// it, such as `train::validation`. Can be called for several targets. Default: all.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let layer = writer.events().with_target("train").with_target("evaluate");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_target(mut self, target: impl Into<String>) -> Self {
        self.settings.targets.push(target.into().into());
        self
    }

    /// Sets what comes before the name of a field in its tag. Default: [`TagPrefix::None`].
    ///
    /// ```
    /// use tfevents::TagPrefix;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let layer = writer.events().prefix(TagPrefix::Target);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn prefix(mut self, prefix: TagPrefix) -> Self {
        self.settings.prefix = prefix;
        self.paths = (prefix == TagPrefix::SpanPath).then(SpanPaths::new);
        self
    }

    /// Sets the names of the fields that have the step, of events and of spans: the first that a
    /// callsite has counts. Default: `step`.
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let layer = writer.events().step_fields(["step", "epoch"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn step_fields(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.settings.step_fields = names.into_iter().map(|name| name.into().into()).collect();
        self
    }

    /// Sets the source of the step of events that have none, and no span around them that has one.
    /// Default: the writer's [own](SummaryWriter::step_source).
    ///
    /// ```
    /// use tfevents::StepSource;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let steps = StepSource::new();
    /// let layer = writer.events().step_source(&steps);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn step_source(mut self, steps: &StepSource) -> Self {
        self.settings.steps = steps.clone();
        self
    }

    /// Sets the most verbose level whose numbers are logged. Default: `INFO`, because libraries have
    /// many numbers in events of the levels below.
    ///
    /// ```
    /// use tracing_subscriber::filter::LevelFilter;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let layer = writer.events().with_target("train").max_level(LevelFilter::TRACE);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn max_level(mut self, level: impl Into<LevelFilter>) -> Self {
        self.settings.max_level = level.into();
        self
    }

    /// Logs the text of events of this level and of more severe ones, with the tag `log`. Default:
    /// no text.
    ///
    /// TensorBoard shows 10 texts of a tag, so use it for warnings and errors. A text has at most
    /// 4 KiB of the message and of the fields each, and is allocated. Records of the `log` crate are
    /// included where `tracing-log` forwards them.
    ///
    /// ```
    /// use tracing::Level;
    /// # let dir = tempfile::tempdir()?;
    /// # let writer = tfevents::SummaryWriter::new(dir.path())?;
    /// let layer = writer.events().text(Level::WARN);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn text(mut self, level: Level) -> Self {
        self.settings.text = Some(level);
        self
    }

    #[inline]
    fn plan(&self, metadata: &Metadata<'_>, sink: &Sink) -> &Plan {
        self.plans.get_or_make(&metadata.callsite(), || Plan::new(metadata, self, sink))
    }
}

impl Settings {
    fn accepts_target(&self, metadata: &Metadata<'_>) -> bool {
        let below = |target: &str, above: &str| {
            target.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        let given = metadata.target();
        self.targets.is_empty() || self.targets.iter().any(|target| below(given, target))
    }
}
