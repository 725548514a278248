//! The plots of cards: thinned once, and kept until data or view change.

use super::app::App;
use super::model::{Model, RunRow};
use super::pixels::Decoded;
use crate::commands::show::charts::group_of;
use crate::draw::{Curve, Plot, Series, Smoothed, Style, View, group};
use crate::store::Content;
use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

/// A plot with the names of its curves.
#[derive(Debug)]
pub(crate) struct CardPlot {
    pub(crate) plot: Plot,
    pub(crate) names: Vec<String>,
    /// How many steps at most a group leaves out because not all of its runs have them.
    pub(crate) left_out: usize,
    /// Whether no curve has points in the zoomed range, so that all of it is drawn.
    pub(crate) is_beyond_zoom: bool,
}

/// The last plot of each tag, and the images on the screen.
#[derive(Debug, Default)]
pub(crate) struct Plots {
    pub(crate) images: Decoded,
    by_tag: HashMap<String, (u64, Rc<CardPlot>)>,
}

impl Plots {
    /// Returns the plot of a tag, made anew if something about it has changed.
    pub(crate) fn get(
        &mut self,
        app: &App,
        model: &Model,
        tag: &str,
        runs: &[usize],
        columns: usize,
    ) -> Rc<CardPlot> {
        let key = key(app, model, runs, columns);
        let known = self.by_tag.get(tag).filter(|(found, _)| *found == key);
        if let Some((_, plot)) = known {
            return plot.clone();
        }
        let runs: Vec<_> = runs.iter().filter_map(|at| model.runs.get(*at)).collect();
        let plot = Rc::new(match &app.filters.by {
            None => of_runs(&app.view, tag, &runs, columns),
            Some(by) => {
                let mut groups: BTreeMap<String, Vec<&RunRow>> = BTreeMap::new();
                for run in runs {
                    if let Some(name) = group_of(&run.slot.name, by) {
                        groups.entry(name).or_default().push(run);
                    }
                }
                of_groups(&app.view, tag, &groups, columns)
            }
        });
        self.by_tag.insert(tag.to_owned(), (key, plot.clone()));
        plot
    }
}

fn key(app: &App, model: &Model, runs: &[usize], columns: usize) -> u64 {
    let mut hasher = DefaultHasher::new();
    let view = &app.view;
    (view.axis, view.x_scale, view.y_scale, view.smoothing.to_bits()).hash(&mut hasher);
    (view.clips_outliers, columns, &app.typed[2]).hash(&mut hasher);
    for range in [view.x_range, view.y_range].into_iter().flatten() {
        (range.min.to_bits(), range.max.to_bits()).hash(&mut hasher);
    }
    for run in runs.iter().filter_map(|at| model.runs.get(*at)) {
        (&run.slot.name, run.version).hash(&mut hasher);
    }
    hasher.finish()
}

fn of_runs(view: &View, tag: &str, runs: &[&RunRow], columns: usize) -> CardPlot {
    let mut data: Vec<_> = runs.iter().map(|run| run.slot.data()).collect();
    for data in &mut data {
        if let Some(Content::Scalars { series, smoothed }) = data.content_mut(tag) {
            smoothed.update(series, view.smoothing);
        }
    }
    let (mut curves, mut names) = (Vec::new(), Vec::new());
    for (run, data) in runs.iter().zip(&data) {
        if let Some(Content::Scalars { series, smoothed }) = data.content(tag) {
            curves.push(Curve { style: run.style, series, smoothed, band: None });
            names.push(run.slot.name.clone());
        }
    }
    let (view, is_beyond_zoom) = zoomed(view, &curves);
    CardPlot { plot: Plot::new(&curves, &view, columns), names, left_out: 0, is_beyond_zoom }
}

/// Leaves out a zoom to a range without points: a range of steps says nothing about a chart over
/// epochs. Returns whether it is left out.
fn zoomed(view: &View, curves: &[Curve<'_>]) -> (View, bool) {
    let Some(range) = view.x_range else { return (*view, false) };
    let has_points = curves.iter().any(|curve| {
        let extent = curve.series.x_extent(view.axis);
        extent.min <= range.max && range.min <= extent.max
    });
    if has_points { (*view, false) } else { (View { x_range: None, ..*view }, true) }
}

fn of_groups(
    view: &View,
    tag: &str,
    groups: &BTreeMap<String, Vec<&RunRow>>,
    columns: usize,
) -> CardPlot {
    let mut reduced: Vec<(Style, group::Group, Smoothed)> = Vec::new();
    let mut names = Vec::new();
    let mut left_out = 0;
    for (name, runs) in groups {
        let data: Vec<_> = runs.iter().map(|run| run.slot.data()).collect();
        let series: Vec<&Series> = data
            .iter()
            .filter_map(|data| match data.content(tag) {
                Some(Content::Scalars { series, .. }) => Some(series),
                _ => None,
            })
            .collect();
        let group = group::reduce(&series, view.smoothing);
        let longest = series.iter().map(|series| series.len()).max().unwrap_or(0);
        left_out = left_out.max(longest.saturating_sub(group.mean.len()));
        if group.mean.is_empty() {
            continue;
        }
        let mut smoothed = Smoothed::default();
        smoothed.update(&group.mean, 0.0);
        names.push(format!("{name} ({})", series.len()));
        reduced.push((runs[0].style, group, smoothed));
    }
    let curves: Vec<_> = reduced
        .iter()
        .map(|(style, group, smoothed)| Curve {
            style: *style,
            series: &group.mean,
            smoothed,
            band: Some((&group.lower, &group.upper)),
        })
        .collect();
    // Runs are smoothed before their mean.
    let (view, is_beyond_zoom) = zoomed(&View { smoothing: 0.0, ..*view }, &curves);
    CardPlot { plot: Plot::new(&curves, &view, columns), names, left_out, is_beyond_zoom }
}

/// A value under the cursor.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub(crate) style: Style,
    pub(crate) name: String,
    pub(crate) x: f64,
    pub(crate) value: f64,
    /// The smoothed curve, if it is drawn.
    pub(crate) smoothed: Option<f64>,
    /// Whether the cursor is before the first point of the curve or after its last.
    pub(crate) is_beyond: bool,
}

/// Reads the values nearest to a place on the x axis; without one, the last.
pub(crate) fn readings(
    app: &App,
    model: &Model,
    card: &CardPlot,
    tag: &str,
    runs: &[usize],
) -> Vec<Reading> {
    if app.filters.by.is_some() {
        let curves = card.plot.curves.iter().zip(&card.names);
        let reading = |(curve, name): (&crate::draw::Drawn, &String)| {
            let spots = curve.thinned.raw.iter().map(|segment| segment.last);
            let spot = match app.cursor {
                None => { spots }.next_back(),
                Some(x) => spots.min_by(|a, b| (a.x - x).abs().total_cmp(&(b.x - x).abs())),
            }?;
            let (style, name) = (curve.style, name.clone());
            Some(Reading {
                style,
                name,
                x: spot.x,
                value: spot.y,
                smoothed: None,
                is_beyond: false,
            })
        };
        return curves.filter_map(reading).collect();
    }
    let mut readings = Vec::new();
    for run in runs.iter().filter_map(|at| model.runs.get(*at)) {
        let data = run.slot.data();
        let Some(Content::Scalars { series, smoothed }) = data.content(tag) else { continue };
        let at = match app.cursor {
            Some(x) => series.nearest(x, app.view.axis),
            None => series.len().checked_sub(1),
        };
        let Some((at, point)) = at.and_then(|at| Some((at, series.point(at)?))) else { continue };
        let x = series.x(at, app.view.axis);
        let ends = series.x_extent(app.view.axis);
        let column = (card.plot.x.max - card.plot.x.min) / card.plot.columns.max(1) as f64;
        let is_outside = |x: f64| x < ends.min - column || x > ends.max + column;
        let is_smoothed = app.view.smoothing > 0.0;
        readings.push(Reading {
            style: run.style,
            name: run.slot.name.clone(),
            x,
            value: f64::from(point.value),
            smoothed: if is_smoothed { smoothed.value(series, at) } else { None },
            is_beyond: app.cursor.is_some_and(is_outside),
        });
    }
    readings
}
