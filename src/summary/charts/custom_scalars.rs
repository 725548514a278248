//! The layout of the Custom Scalars dashboard: charts that draw several scalars each.

use crate::summary::{DataClass, Metadata, SummaryEncoder, Tensor};
use crate::wire::messages::chart::Content;
use crate::wire::messages::margin_chart_content::Series;
use crate::wire::messages::{self, Layout, MarginChartContent, MultilineChartContent};
use prost::Message;

/// The tag that a run's layout lies under.
pub(crate) const LAYOUT_TAG: &str = "custom_scalars__config__";

/// A chart of the Custom Scalars dashboard, and the scalars that it draws.
///
/// It is drawn for every run that has such scalars. TensorBoard's page takes a parenthesis in a tag
/// for the beginning of a run's name, and does not draw lines of such tags here.
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

/// An error creating a [`Chart`].
///
/// ```
/// let error = tfevents::summary::Chart::lines("losses", [""; 0]).unwrap_err();
/// assert_eq!(error.to_string(), "invalid number of tags in chart \"losses\": 0 (expected at least 1)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChartError {
    /// The chart has no tags.
    #[error("invalid number of tags in chart {title:?}: 0 (expected at least 1)")]
    #[non_exhaustive]
    NoTags {
        /// The title of the chart.
        title: String,
    },
    /// A tag of the chart is empty.
    #[error("invalid tag in chart {title:?}: \"\" (expected at least 1 character)")]
    #[non_exhaustive]
    EmptyTag {
        /// The title of the chart.
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
#[doc(alias("layout", "CustomScalars", "add_custom_scalars"))]
pub struct ChartLayout {
    message: Layout,
}

impl Chart {
    /// Creates a chart with a line for each of these tags. Characters that have a meaning in
    /// regular expressions are escaped.
    ///
    /// ```
    /// let chart = tfevents::summary::Chart::lines("losses", ["loss.train", "loss.test"])?;
    /// # Ok::<(), tfevents::summary::ChartError>(())
    /// ```
    ///
    /// # Errors
    /// If there is no tag, or one is empty.
    #[doc(alias("multiline", "add_custom_scalars_multilinechart"))]
    pub fn lines(
        title: impl Into<String>,
        tags: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, ChartError> {
        Self::of_patterns(title.into(), tags.into_iter().map(|tag| tag.as_ref().to_owned()), exact)
    }

    /// Creates a chart with a line for each tag that matches one of these regular expressions of
    /// Python. They match at the start of a tag: `loss` matches `loss/train` too, `loss$` does not.
    ///
    /// ```
    /// let chart = tfevents::summary::Chart::matching("losses", ["loss/.*", "penalty$"])?;
    /// # Ok::<(), tfevents::summary::ChartError>(())
    /// ```
    ///
    /// # Errors
    /// If there is no pattern, or one is empty. TensorBoard's page reports patterns that it cannot
    /// read.
    pub fn matching(
        title: impl Into<String>,
        patterns: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, ChartError> {
        let patterns = patterns.into_iter().map(|pattern| pattern.as_ref().to_owned());
        Self::of_patterns(title.into(), patterns, str::to_owned)
    }

    /// Creates a chart of lines with a band around each, from the tags of the line, of the band's
    /// lower edge, and of its upper edge. TensorBoard draws them if all three have the same steps.
    ///
    /// ```
    /// let chart = tfevents::summary::Chart::bands("reward", [("reward/mean", "reward/min", "reward/max")])?;
    /// # Ok::<(), tfevents::summary::ChartError>(())
    /// ```
    ///
    /// # Errors
    /// If there is no line, or a tag is empty.
    #[doc(alias("margin", "add_custom_scalars_marginchart"))]
    pub fn bands<T: AsRef<str>>(
        title: impl Into<String>,
        tags: impl IntoIterator<Item = (T, T, T)>,
    ) -> Result<Self, ChartError> {
        let title = title.into();
        let series: Vec<Series> = tags
            .into_iter()
            // Not escaped: TensorBoard's page does that.
            .map(|(value, lower, upper)| Series {
                value: value.as_ref().to_owned(),
                lower: lower.as_ref().to_owned(),
                upper: upper.as_ref().to_owned(),
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

/// Returns the title of a chart of these tags, if they are valid.
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

/// Returns the regular expression that matches this tag and no other.
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
    /// Creates a layout without charts.
    ///
    /// ```
    /// let none = tfevents::summary::ChartLayout::new();
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a category of charts, which is shown expanded.
    ///
    /// A chart replaces one that has the same title in the same category.
    ///
    /// ```
    /// use tfevents::summary::{Chart, ChartLayout};
    ///
    /// let layout = ChartLayout::new().category("Losses", [Chart::matching("all", ["loss/"])?]);
    /// # Ok::<(), tfevents::summary::ChartError>(())
    /// ```
    pub fn category(
        self,
        title: impl Into<String>,
        charts: impl IntoIterator<Item = Chart>,
    ) -> Self {
        self.with(title.into(), charts, Closed(false))
    }

    /// Adds a category of charts, which is shown collapsed until it is clicked.
    ///
    /// ```
    /// use tfevents::summary::{Chart, ChartLayout};
    ///
    /// let layout = ChartLayout::new().closed_category("Timing", [Chart::matching("all", ["time/"])?]);
    /// # Ok::<(), tfevents::summary::ChartError>(())
    /// ```
    pub fn closed_category(
        self,
        title: impl Into<String>,
        charts: impl IntoIterator<Item = Chart>,
    ) -> Self {
        self.with(title.into(), charts, Closed(true))
    }

    fn with(
        mut self,
        title: String,
        charts: impl IntoIterator<Item = Chart>,
        Closed(closed): Closed,
    ) -> Self {
        let category = category(&mut self.message, &title);
        category.closed = closed;
        for chart in charts {
            put(category, chart.message);
        }
        self
    }

    /// Adds the charts of another layout; those of the same category and title are replaced.
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
        // A chart of another kind was defined by the user.
        if let Some(Content::Multiline(lines)) = &mut category.chart[at].content {
            for tag in tags.map(exact) {
                if !lines.tag.contains(&tag) {
                    lines.tag.push(tag);
                }
            }
        }
    }

    /// Decodes a layout from a file.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, prost::DecodeError> {
        Ok(Self { message: Layout::decode(bytes)? })
    }

    /// Encodes the layout under the tag at which TensorBoard looks for it.
    pub(crate) fn encode(&self, encoder: &mut SummaryEncoder<'_>) {
        let metadata = Metadata::new("custom_scalars").data_class(DataClass::Tensor);
        encoder.push(LAYOUT_TAG, &metadata, &Tensor::string(&self.message.encode_to_vec()));
    }
}

/// Whether a category is collapsed.
struct Closed(bool);

/// Returns the category of this title, which is added if there is none.
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

/// Adds a chart, or replaces the one with the same title.
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
    fn patterns_match_their_tag_alone() {
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
    fn charts_without_tags_are_refused() {
        let none = Vec::<(&str, &str, &str)>::new();
        assert!(matches!(Chart::bands("a", none), Err(ChartError::NoTags { .. })));
        assert!(matches!(Chart::matching("a", [""; 0]), Err(ChartError::NoTags { .. })));
        assert!(matches!(Chart::lines("a", ["b", ""]), Err(ChartError::EmptyTag { .. })));
        let missing = Chart::bands("a", [("b", "", "c")]);
        assert!(matches!(missing, Err(ChartError::EmptyTag { .. })));
    }
}
