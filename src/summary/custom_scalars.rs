//! The layout of the Custom Scalars dashboard: charts that draw several scalars each.

use super::{DataClass, Metadata, SummaryEncoder, Tensor};
use crate::wire::messages::chart::Content;
use crate::wire::messages::margin_chart_content::Series;
use crate::wire::messages::{self, Layout, MarginChartContent, MultilineChartContent};
use prost::Message;

/// The tag that a run's layout lies under.
pub(crate) const LAYOUT_TAG: &str = "custom_scalars__config__";

/// A chart of the Custom Scalars dashboard: which scalars it draws.
///
/// It is drawn for every run that has such scalars. TensorBoard's page takes a parenthesis in a tag
/// for the beginning of a run's name, and draws no such line here.
///
/// ```
/// use tfevents::summary::Chart;
///
/// let losses = Chart::lines("losses", ["loss/train", "loss/validation"])?;
/// let rewards = Chart::bands("reward", [("reward/mean", "reward/min", "reward/max")])?;
/// # Ok::<(), tfevents::summary::ChartError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    message: messages::Chart,
}

/// Why there is no such chart.
///
/// ```
/// let error = tfevents::summary::Chart::lines("losses", [""; 0]).unwrap_err();
/// assert_eq!(error.to_string(), "chart \"losses\" draws 0 tags; at least 1 is needed");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChartError {
    /// It would draw nothing.
    #[error("chart {title:?} draws 0 tags; at least 1 is needed")]
    #[non_exhaustive]
    NoTags {
        /// Its title.
        title: String,
    },
    /// A tag that no scalar has.
    #[error("chart {title:?} draws an empty tag; every tag has at least 1 character")]
    #[non_exhaustive]
    EmptyTag {
        /// Its title.
        title: String,
    },
}

/// Charts in categories, for [`SummaryWriter::add_custom_scalars`].
///
/// ```
/// use tfevents::summary::{Chart, ChartLayout};
///
/// let layout = ChartLayout::new()
///     .category("Losses", [Chart::lines("all", ["loss/train", "loss/validation"])?])
///     .closed_category("Timing", [Chart::matching("seconds", ["time/.*"])?]);
/// # Ok::<(), tfevents::summary::ChartError>(())
/// ```
///
/// [`SummaryWriter::add_custom_scalars`]: crate::SummaryWriter::add_custom_scalars
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct ChartLayout {
    message: Layout,
}

impl Chart {
    /// A line for each of these tags. They are taken as they are: what has a meaning in regular
    /// expressions is escaped.
    ///
    /// ```
    /// let chart = tfevents::summary::Chart::lines("losses", ["loss.train", "loss.test"])?;
    /// # Ok::<(), tfevents::summary::ChartError>(())
    /// ```
    ///
    /// # Errors
    /// If there is no tag, or an empty one.
    pub fn lines(
        title: impl Into<String>,
        tags: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, ChartError> {
        Self::of_patterns(title.into(), tags.into_iter().map(|tag| tag.as_ref().to_owned()), exact)
    }

    /// A line for each tag that matches one of these regular expressions of Python. They match at
    /// the start of a tag: `loss` matches `loss/train` too, `loss$` does not.
    ///
    /// ```
    /// let chart = tfevents::summary::Chart::matching("losses", ["loss/.*", "penalty$"])?;
    /// # Ok::<(), tfevents::summary::ChartError>(())
    /// ```
    ///
    /// # Errors
    /// If there is none, or an empty one. TensorBoard tells of one that it cannot read.
    pub fn matching(
        title: impl Into<String>,
        patterns: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Self, ChartError> {
        Self::of_patterns(title.into(), patterns.into_iter().map(Into::into), |pattern| {
            pattern.to_owned()
        })
    }

    /// Lines with a band around each: the tags of the line, of the band's lower edge, and of its
    /// upper edge. TensorBoard draws them if all three have the same steps.
    ///
    /// ```
    /// let chart = tfevents::summary::Chart::bands("reward", [("reward/mean", "reward/min", "reward/max")])?;
    /// # Ok::<(), tfevents::summary::ChartError>(())
    /// ```
    ///
    /// # Errors
    /// If there is none, or an empty tag.
    pub fn bands<T: Into<String>>(
        title: impl Into<String>,
        tags: impl IntoIterator<Item = (T, T, T)>,
    ) -> Result<Self, ChartError> {
        let title = title.into();
        let series: Vec<Series> = tags
            .into_iter()
            // Verbatim: TensorBoard's page escapes these.
            .map(|(value, lower, upper)| Series {
                value: value.into(),
                lower: lower.into(),
                upper: upper.into(),
            })
            .collect();
        let tags = series.iter().flat_map(|series| [&series.value, &series.lower, &series.upper]);
        let title = check(title, tags)?;
        let content = Some(Content::Margin(MarginChartContent { series }));
        Ok(Self { message: messages::Chart { title, content } })
    }

    fn of_patterns(
        title: String,
        given: impl Iterator<Item = String>,
        pattern: fn(&str) -> String,
    ) -> Result<Self, ChartError> {
        let given: Vec<String> = given.collect();
        let title = check(title, &given)?;
        let tag = given.iter().map(|given| pattern(given)).collect();
        let content = Some(Content::Multiline(MultilineChartContent { tag }));
        Ok(Self { message: messages::Chart { title, content } })
    }
}

/// The title of a chart of these tags, if there is such a chart.
fn check<'a>(
    title: String,
    tags: impl IntoIterator<Item = &'a String>,
) -> Result<String, ChartError> {
    let mut tags = tags.into_iter().peekable();
    if tags.peek().is_none() {
        return Err(ChartError::NoTags { title });
    }
    if tags.any(String::is_empty) {
        return Err(ChartError::EmptyTag { title });
    }
    Ok(title)
}

/// The regular expression that matches this tag and no other.
fn exact(tag: &str) -> String {
    let mut pattern = String::with_capacity(tag.len() + 8);
    for c in tag.chars() {
        if r"\^$.|?*+()[]{}".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('$');
    pattern
}

impl ChartLayout {
    /// A layout without charts.
    ///
    /// ```
    /// let none = tfevents::summary::ChartLayout::new();
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a category of charts, which is shown unfolded.
    ///
    /// A chart takes the place of one that has the same title in the same category.
    ///
    /// ```
    /// # use tfevents::summary::{Chart, ChartLayout};
    /// let layout = ChartLayout::new().category("Losses", [Chart::matching("all", ["loss/"])?]);
    /// # Ok::<(), tfevents::summary::ChartError>(())
    /// ```
    pub fn category(
        self,
        title: impl Into<String>,
        charts: impl IntoIterator<Item = Chart>,
    ) -> Self {
        self.with(title.into(), charts, false)
    }

    /// The same, shown folded until it is clicked.
    ///
    /// ```
    /// # use tfevents::summary::{Chart, ChartLayout};
    /// let layout = ChartLayout::new().closed_category("Timing", [Chart::matching("all", ["time/"])?]);
    /// # Ok::<(), tfevents::summary::ChartError>(())
    /// ```
    pub fn closed_category(
        self,
        title: impl Into<String>,
        charts: impl IntoIterator<Item = Chart>,
    ) -> Self {
        self.with(title.into(), charts, true)
    }

    fn with(
        mut self,
        title: String,
        charts: impl IntoIterator<Item = Chart>,
        closed: bool,
    ) -> Self {
        let category = category(&mut self.message, &title);
        category.closed = closed;
        for chart in charts {
            put(category, chart.message);
        }
        self
    }

    /// Takes over the charts of another layout; those of the same category and title are
    /// replaced.
    pub(crate) fn merge(&mut self, other: &Self) {
        for theirs in &other.message.category {
            let ours = category(&mut self.message, &theirs.title);
            ours.closed = theirs.closed;
            for chart in &theirs.chart {
                put(ours, chart.clone());
            }
        }
    }

    /// Makes sure that these tags are lines of the chart of this title.
    pub(crate) fn extend_lines<'a>(
        &mut self,
        category_title: &str,
        title: &str,
        tags: impl Iterator<Item = &'a str>,
    ) {
        let category = category(&mut self.message, category_title);
        let at = match category.chart.iter().position(|chart| chart.title == title) {
            Some(at) => at,
            None => {
                let content = Some(Content::Multiline(MultilineChartContent::default()));
                category.chart.push(messages::Chart { title: title.to_owned(), content });
                category.chart.len() - 1
            }
        };
        // One of another kind is the user's wish.
        if let Some(Content::Multiline(lines)) = &mut category.chart[at].content {
            for tag in tags.map(exact) {
                if !lines.tag.contains(&tag) {
                    lines.tag.push(tag);
                }
            }
        }
    }

    /// As it lies in a file.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, prost::DecodeError> {
        Ok(Self { message: Layout::decode(bytes)? })
    }

    /// As it is written: under its own tag, as TensorBoard looks for it.
    pub(crate) fn encode(&self, values: &mut SummaryEncoder<'_>) {
        let metadata = Metadata::new("custom_scalars").data_class(DataClass::Tensor);
        values.push(LAYOUT_TAG, &metadata, &Tensor::string(&self.message.encode_to_vec()));
    }
}

/// The category of this title, which is added if there is none.
fn category<'a>(layout: &'a mut Layout, title: &str) -> &'a mut messages::Category {
    let at = match layout.category.iter().position(|category| category.title == title) {
        Some(at) => at,
        None => {
            let title = title.to_owned();
            layout.category.push(messages::Category { title, ..Default::default() });
            layout.category.len() - 1
        }
    };
    &mut layout.category[at]
}

/// Adds a chart, in the place of one with the same title.
fn put(category: &mut messages::Category, chart: messages::Chart) {
    match category.chart.iter_mut().find(|known| known.title == chart.title) {
        Some(known) => *known = chart,
        None => category.chart.push(chart),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(title: &str, tags: &[&str]) -> Chart {
        Chart::lines(title, tags).unwrap()
    }

    #[test]
    fn tags_match_themselves_alone() {
        assert_eq!(exact("loss/train"), "loss/train$");
        assert_eq!(exact("a.b (c) [d]{e}+*?|^$\\"), r"a\.b \(c\) \[d\]\{e\}\+\*\?\|\^\$\\$");
    }

    #[test]
    fn charts_of_one_title_replace_each_other() {
        let mut layout = ChartLayout::new()
            .category("a", [lines("x", &["1"]), lines("y", &["2"])])
            .category("a", [lines("x", &["3"])]);
        layout.merge(&ChartLayout::new().closed_category("a", [lines("y", &["4"])]));
        layout.merge(&ChartLayout::new().category("b", [lines("x", &["5"])]));
        let expected = ChartLayout::new()
            .closed_category("a", [lines("x", &["3"]), lines("y", &["4"])])
            .category("b", [lines("x", &["5"])]);
        assert_eq!(layout, expected);
        let bytes = layout.message.encode_to_vec();
        assert_eq!(ChartLayout::decode(&bytes), Ok(layout));
    }

    #[test]
    fn lines_are_added_to_a_chart() {
        let bands = || Chart::bands("bands", [("a", "b", "c")]).unwrap();
        let mut layout = ChartLayout::new().category("a", [lines("x", &["1"]), bands()]);
        layout.extend_lines("a", "x", ["1", "2"].into_iter());
        layout.extend_lines("a", "bands", ["1"].into_iter());
        layout.extend_lines("a", "z", ["3"].into_iter());
        let expected = [lines("x", &["1", "2"]), bands(), lines("z", &["3"])];
        assert_eq!(layout, ChartLayout::new().category("a", expected));
    }

    #[test]
    fn charts_of_nothing_are_refused() {
        let none = Vec::<(&str, &str, &str)>::new();
        assert!(matches!(Chart::bands("a", none), Err(ChartError::NoTags { .. })));
        assert!(matches!(Chart::matching("a", [""; 0]), Err(ChartError::NoTags { .. })));
        assert!(matches!(Chart::lines("a", ["b", ""]), Err(ChartError::EmptyTag { .. })));
        let missing = Chart::bands("a", [("b", "", "c")]);
        assert!(matches!(missing, Err(ChartError::EmptyTag { .. })));
    }
}
