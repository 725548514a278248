//! The charts of a log directory: a chart per tag, a curve per run or group.

use crate::draw::{
    Cell, Color, Curve, Glyphs, Grid, Plot, Point, Series, Smoothed, Style, Styles, View, group,
    text,
};
use crate::output::escape::escape;
use crate::selection::{Dirs, Filter, Range, map_parallel};
use crate::source::{Damage, visit};
use regex::Regex;
use std::collections::BTreeMap;
use tfevents::read::Entry;

/// The selected scalars of all runs.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// By run, in TensorBoard's order: tags in the order of their first values.
    runs: Vec<(String, Vec<(String, Series)>)>,
}

/// A chart.
#[derive(Debug)]
pub(crate) struct Chart {
    pub(crate) tag: String,
    pub(crate) curves: Vec<OwnedCurve>,
}

/// A curve of a run, or of a group of runs.
#[derive(Debug)]
pub(crate) struct OwnedCurve {
    pub(crate) name: String,
    pub(crate) style: Style,
    pub(crate) series: Series,
    pub(crate) smoothed: Smoothed,
    pub(crate) band: Option<(Series, Series)>,
}

impl Loaded {
    /// Reads the selected points of all runs. What is damaged is reported, and the rest is used.
    pub(crate) fn read(dirs: &Dirs, filter: &Filter, range: &Range) -> anyhow::Result<Self> {
        let found = dirs.find(filter, range.points())?;
        let read = map_parallel(&found, |found| {
            let mut damage = Damage::new(found);
            let mut tags: Vec<Option<(String, Series)>> = Vec::new();
            visit(&found.run, filter, range, &mut damage, |names, entry| {
                let Entry::Scalar { tag, point } = entry else { return };
                if tags.len() <= tag.index() {
                    tags.resize(tag.index() + 1, None);
                }
                let (_, series) = tags[tag.index()]
                    .get_or_insert_with(|| (names.name(tag).to_owned(), Series::default()));
                let (step, wall_time, value) = (point.step, point.wall_time, point.value);
                series.push(Point { step, wall_time, value });
            });
            (tags.into_iter().flatten().collect::<Vec<_>>(), damage)
        });
        let mut runs = Vec::new();
        for (found, (tags, damage)) in found.into_iter().zip(read) {
            damage.report();
            runs.push((found.name, tags));
        }
        Ok(Self { runs })
    }

    /// Takes curves that have been read.
    pub(crate) fn from_runs(runs: Vec<(String, Vec<(String, Series)>)>) -> Self {
        Self { runs }
    }

    /// Sorts curves into charts, tags by name.
    pub(crate) fn charts(self, by: Option<&Regex>, smoothing: f64) -> Vec<Chart> {
        let mut styles = Styles::default();
        let mut charts: BTreeMap<String, Vec<(String, Series)>> = BTreeMap::new();
        for (run, tags) in self.runs {
            for (tag, series) in tags {
                charts.entry(tag).or_default().push((run.clone(), series));
            }
        }
        let charts = charts.into_iter().map(|(tag, runs)| {
            let curves = match by {
                None => runs.into_iter().map(|(name, series)| (name, series, None)).collect(),
                Some(by) => grouped(runs, by, smoothing),
            };
            // A group is smoothed already: each run before the mean.
            let weight = if by.is_some() { 0.0 } else { smoothing };
            let curves = curves.into_iter().map(|(name, series, band)| {
                let mut smoothed = Smoothed::default();
                smoothed.update(&series, weight);
                OwnedCurve { style: styles.get(&name), name, series, smoothed, band }
            });
            Chart { tag, curves: curves.collect() }
        });
        charts.collect()
    }
}

type Grouped = Vec<(String, Series, Option<(Series, Series)>)>;

/// Reduces the runs of each group. A run that the pattern does not match is left out.
fn grouped(runs: Vec<(String, Series)>, by: &Regex, smoothing: f64) -> Grouped {
    let mut groups: BTreeMap<String, Vec<Series>> = BTreeMap::new();
    for (run, series) in runs {
        if let Some(name) = group_of(&run, by) {
            groups.entry(name).or_default().push(series);
        }
    }
    let reduced = groups.into_iter().map(|(name, runs)| {
        let runs: Vec<_> = runs.iter().collect();
        let group = group::reduce(&runs, smoothing);
        (format!("{name} ({})", runs.len()), group.mean, Some((group.lower, group.upper)))
    });
    reduced.filter(|(_, mean, _)| !mean.is_empty()).collect()
}

/// Returns the group of a run: what the first group of the pattern captures, or the whole match.
pub(crate) fn group_of(run: &str, by: &Regex) -> Option<String> {
    let found = by.captures(run)?;
    let part = found.iter().skip(1).flatten().next().or_else(|| found.get(0))?;
    Some(part.as_str().to_owned())
}

impl Chart {
    pub(crate) fn plot(&self, view: &View, columns: usize) -> Plot {
        let curves: Vec<_> = self
            .curves
            .iter()
            .map(|curve| Curve {
                style: curve.style,
                series: &curve.series,
                smoothed: &curve.smoothed,
                band: curve.band.as_ref().map(|(lower, upper)| (lower, upper)),
            })
            .collect();
        // The raw values of a group's mean are smoothed ones.
        let is_group = self.curves.iter().any(|curve| curve.band.is_some());
        let smoothing = if is_group { 0.0 } else { view.smoothing };
        Plot::new(&curves, &View { smoothing, ..*view }, columns)
    }
}

/// The runs of all charts, each once.
#[derive(Debug)]
pub(crate) struct Legend {
    pub(crate) entries: Vec<(String, Style)>,
}

impl Legend {
    pub(crate) fn of(charts: &[Chart]) -> Self {
        let mut entries: Vec<(String, Style)> = Vec::new();
        for curve in charts.iter().flat_map(|chart| &chart.curves) {
            if !entries.iter().any(|(name, _)| *name == curve.name) {
                entries.push((curve.name.clone(), curve.style));
            }
        }
        Self { entries }
    }

    /// Draws the legend in as many columns as fit.
    pub(crate) fn draw(&self, width: usize, glyphs: Glyphs) -> Grid {
        let names: Vec<_> = self.entries.iter().map(|(name, _)| escape(name)).collect();
        let longest = names.iter().map(|name| text::width(name)).max().unwrap_or(0);
        let cell = (longest + 4).clamp(1, width.max(1));
        let columns = (width / cell).max(1);
        let mut grid = Grid::new(width, self.entries.len().div_ceil(columns));
        for (at, ((_, style), name)) in self.entries.iter().zip(names).enumerate() {
            let (x, y) = (at % columns * cell, at / columns);
            let fg = Color::Curve(style.color);
            let mark = Cell { glyph: style.mark(glyphs.is_ascii()), fg, ..Cell::default() };
            grid.set(x, y, mark);
            let name = text::shorten(&name, cell.saturating_sub(3), glyphs.is_ascii());
            grid.text(x + 2, y, &name, Cell::default());
        }
        grid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_what_the_pattern_captures() {
        let by = Regex::new(r"(.*)/seed\d+").unwrap();
        assert_eq!(group_of("adam/seed3", &by).as_deref(), Some("adam"));
        assert_eq!(group_of("adam", &by), None);
        let whole = Regex::new("^[a-z]+").unwrap();
        assert_eq!(group_of("sgd_1", &whole).as_deref(), Some("sgd"));
    }
}
