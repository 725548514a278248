//! The tags of a run with what is under them.

use super::kept::Kept;
use crate::draw::{Point, Series, Smoothed};
use std::collections::HashMap;
use tfevents::read::{
    Entry, HParam, HParamsValue, HistogramValue, Images, Kind, Payload, PrCurveValue, TagId, Tags,
    TextValue, ValueData,
};

/// How many values of a tag are kept at most.
const HISTOGRAMS: usize = 400;
const IMAGES: usize = 40;
const TEXTS: usize = 100;
const PR_CURVES: usize = 200;

/// Everything that is known of a run.
#[derive(Debug, Default)]
pub(crate) struct RunData {
    /// By the number of the tag in its scan.
    tags: Vec<Tag>,
    by_name: HashMap<String, usize>,
    pub(crate) hparams: Vec<(String, HParam)>,
    /// Whether points of an earlier session are kept.
    keeps_all: bool,
    /// How many points a restarted training has replaced.
    pub(crate) superseded: usize,
    /// Grows with each change, and is never that of other data of the run.
    pub(crate) version: u64,
    /// The last step of its scalars.
    pub(crate) last_step: Option<i64>,
    /// Whether the run has a graph outside of its tags.
    pub(crate) has_graph: bool,
}

/// A tag of a run and its values.
#[derive(Debug)]
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) content: Content,
    last_step: Option<i64>,
}

/// The values of a tag.
#[derive(Debug)]
pub(crate) enum Content {
    Scalars {
        series: Series,
        smoothed: Smoothed,
    },
    Histograms(Kept<HistogramValue>),
    Images(Kept<Images<'static>>),
    Texts(Kept<TextValue<'static>>),
    PrCurves(Kept<PrCurveValue>),
    /// Something that is not drawn, and how often.
    Other(usize),
}

impl Content {
    /// Returns whether there is no value: the tag is known, but its values were not selected.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Scalars { series, .. } => series.is_empty(),
            Self::Histograms(kept) => kept.items().is_empty(),
            Self::Images(kept) => kept.items().is_empty(),
            Self::Texts(kept) => kept.items().is_empty(),
            Self::PrCurves(kept) => kept.items().is_empty(),
            Self::Other(count) => *count == 0,
        }
    }
}

impl RunData {
    /// Makes a run without tags. With `keeps_all` it keeps what a restarted training replaces.
    pub(crate) fn new(keeps_all: bool) -> Self {
        // The same events give other data: what is drawn of them is not the same.
        let version = if keeps_all { 1 << 63 } else { 0 };
        Self { keeps_all, version, ..Self::default() }
    }

    pub(crate) fn tags(&self) -> &[Tag] {
        &self.tags
    }

    pub(crate) fn tag(&self, name: &str) -> Option<&Tag> {
        self.by_name.get(name).map(|at| &self.tags[*at])
    }

    /// Returns the values of a tag.
    pub(crate) fn content(&self, name: &str) -> Option<&Content> {
        self.tag(name).map(|tag| &tag.content)
    }

    pub(crate) fn content_mut(&mut self, name: &str) -> Option<&mut Content> {
        self.by_name.get(name).map(|at| &mut self.tags[*at].content)
    }

    /// Adds what a scan has met.
    pub(crate) fn add(&mut self, tags: &Tags, entry: Entry<'_>) {
        match entry {
            Entry::Scalar { tag, point } => {
                let point =
                    Point { step: point.step, wall_time: point.wall_time, value: point.value };
                self.add_scalar(tags, tag, point);
            }
            Entry::Value { tag, wall_time, step, value } => {
                let at = self.begin(tags, tag, step);
                let Ok(data) = value.data() else { return };
                if let ValueData::HParams(HParamsValue::SessionStart(start)) = data {
                    self.hparams = start.hparams.into_iter().collect();
                    return;
                }
                self.tags[at].add(step, wall_time, data);
            }
            Entry::Event(event) => self.has_graph |= matches!(event.payload(), Payload::Graph(_)),
            _ => {}
        }
    }

    /// Adds a point of a scalar.
    pub(crate) fn add_scalar(&mut self, tags: &Tags, tag: TagId, point: Point) {
        let at = self.begin(tags, tag, point.step);
        if let Content::Scalars { series, .. } = &mut self.tags[at].content {
            series.push(point);
        }
    }

    /// Notes a new value, and applies TensorBoard's rule: one at the step of an earlier value, or
    /// before, replaces what came from there on.
    fn begin(&mut self, tags: &Tags, id: TagId, step: i64) -> usize {
        while self.tags.len() <= id.index() {
            let Some(next) = tags.iter().nth(self.tags.len()) else { break };
            let name = tags.name(next).to_owned();
            self.by_name.insert(name.clone(), self.tags.len());
            self.tags.push(Tag::new(name, tags.kind(next)));
        }
        self.version += 1;
        let at = id.index();
        let tag = &mut self.tags[at];
        let is_back = tag.last_step.replace(step).is_some_and(|last| step <= last);
        if is_back && !self.keeps_all {
            self.superseded += tag.cut(step);
        }
        if tag.kind == Kind::Scalar {
            self.last_step = self.last_step.max(Some(step));
        }
        at
    }
}

impl Tag {
    fn new(name: String, kind: Kind) -> Self {
        let content = match kind {
            Kind::Scalar => {
                Content::Scalars { series: Series::default(), smoothed: Smoothed::default() }
            }
            Kind::Histogram => Content::Histograms(Kept::new(HISTOGRAMS)),
            Kind::Image => Content::Images(Kept::new(IMAGES)),
            Kind::Text => Content::Texts(Kept::new(TEXTS)),
            Kind::PrCurve => Content::PrCurves(Kept::new(PR_CURVES)),
            _ => Content::Other(0),
        };
        Self { name, kind, content, last_step: None }
    }

    fn add(&mut self, step: i64, wall_time: f64, data: ValueData<'_>) {
        match (&mut self.content, data) {
            (Content::Histograms(kept), ValueData::Histogram(value)) => {
                kept.push(step, wall_time, value);
            }
            (Content::Images(kept), ValueData::Images(value)) => {
                kept.push(step, wall_time, value.into_owned());
            }
            (Content::Texts(kept), ValueData::Text(value)) => {
                kept.push(step, wall_time, value.into_owned());
            }
            (Content::PrCurves(kept), ValueData::PrCurve(value)) => {
                kept.push(step, wall_time, value);
            }
            (Content::Other(count), _) => *count += 1,
            _ => {}
        }
    }

    fn cut(&mut self, step: i64) -> usize {
        match &mut self.content {
            Content::Scalars { series, smoothed } => {
                smoothed.clear();
                return series.cut(step);
            }
            Content::Histograms(kept) => kept.cut(step),
            Content::Images(kept) => kept.cut(step),
            Content::Texts(kept) => kept.cut(step),
            Content::PrCurves(kept) => kept.cut(step),
            Content::Other(_) => {}
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tfevents::SummaryWriter;
    use tfevents::read::Run;

    fn read(dir: &std::path::Path, keeps_all: bool) -> RunData {
        let mut data = RunData::new(keeps_all);
        let mut scan = Run::open(dir).unwrap().scan();
        scan.for_each(|tags, entry| data.add(tags, entry)).unwrap();
        data
    }

    #[test]
    fn a_restart_replaces_points_as_the_library_says() {
        let dir = tempfile::tempdir().unwrap();
        for (steps, value) in [(0..10, 1.0), (6..12, 2.0)] {
            let writer = SummaryWriter::new(dir.path()).unwrap();
            for step in steps {
                writer.add_scalar("loss", value, step);
                writer.add_text("note", &format!("{value}"), step);
            }
            writer.close().unwrap();
        }
        let data = read(dir.path(), false);
        let Content::Scalars { series, .. } = &data.tag("loss").unwrap().content else { panic!() };
        let found: Vec<_> = series.iter().map(|point| (point.step, point.value)).collect();
        let scalars = Run::open(dir.path()).unwrap().scalars("loss").unwrap();
        let expected: Vec<_> = scalars.iter().map(|point| (point.step, point.value)).collect();
        assert_eq!(found, expected);
        assert_eq!((found.len(), data.superseded), (12, 4));
        let Content::Texts(texts) = &data.tag("note").unwrap().content else { panic!() };
        assert_eq!(texts.items().len(), 12);
        let raw = read(dir.path(), true);
        let Content::Scalars { series, .. } = &raw.tag("loss").unwrap().content else { panic!() };
        assert_eq!(series.len(), 16);
    }
}
