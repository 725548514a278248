//! The cards: charts, heat maps, images, curves; and the table of hyperparameters.

use super::app::App;
use super::graphics::{Picture, Protocol};
use super::hits::Hits;
use super::model::{Model, RunRow};
use super::pixels;
use super::plots::{Plots, Reading, readings};
use crate::draw::thin::Spot;
use crate::draw::{Area, Cell, Color, Grid, Plot, Style, XAxis, chart, heat, scale, text, viridis};
use crate::output::escape::escape;
use crate::output::numbers;
use crate::store::{Content, Item, Kept};
use tfevents::read::{HParam, HistogramValue, Images};

/// A card: a tag, and the runs in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Card<'a> {
    pub(crate) at: usize,
    pub(crate) tag: &'a str,
    pub(crate) runs: &'a [usize],
    pub(crate) is_selected: bool,
}

/// Splits a card into a chart and, on a full screen that is wide enough, a legend beside it.
fn split(app: &App, model: &Model, card: &Card<'_>, area: Area) -> (Area, Option<Area>) {
    let width = legend_width(app, model, card, area.width);
    if !app.is_full || area.width < 40 + width {
        return (area, None);
    }
    let chart = Area { width: area.width - width, ..area };
    (chart, Some(Area { x: chart.x + chart.width + 1, width: width - 1, ..area }))
}

/// Returns the width of the legend of a full screen. It does not change with the values.
fn legend_width(app: &App, model: &Model, card: &Card<'_>, width: usize) -> usize {
    if app.filters.by.is_some() {
        return 36;
    }
    let runs = card.runs.iter().filter_map(|at| model.runs.get(*at));
    let name = runs.map(|run| text::width(&escape(&run.slot.name))).max().unwrap_or(0);
    // Two numbers where the curve is smoothed, the second in brackets.
    let values = if app.view.smoothing > 0.0 { 21 } else { 9 };
    (name + values + 4).clamp(20, (width / 3).max(36))
}

pub(crate) fn draw_scalars(
    grid: &mut Grid,
    area: Area,
    app: &App,
    model: &Model,
    plots: &mut Plots,
    hits: &mut Hits,
    card: &Card<'_>,
) {
    let (area, legend) = split(app, model, card, area);
    let layout = chart::Layout::new(area.width, area.height);
    let found = plots.get(app, model, card.tag, card.runs, layout.columns(app.glyphs));
    let mut title = escape(card.tag).into_owned();
    if found.left_out > 0 {
        title.push_str(&format!(" ({} steps not shared)", found.left_out));
    }
    if found.is_beyond_zoom {
        title.push_str(" (not zoomed)");
    }
    let frame = chart::Frame {
        title: &title,
        glyphs: app.glyphs,
        utc_offset: app.view.utc_offset,
        cursor: app.cursor,
        is_focused: card.is_selected,
        x_name: None,
    };
    let drawn = chart::draw(&found.plot, &frame, area.width, area.height);
    grid.place(&drawn, area.x, area.y);
    let plot = Area {
        x: area.x + layout.left,
        y: area.y + layout.top,
        width: layout.width,
        height: layout.height,
    };
    hits.add_plot(card.at, plot, found.plot.x, card.is_selected || app.is_full);
    if legend.is_none() && app.cursor.is_none() {
        return;
    }
    let readings = readings(app, model, &found, card.tag, card.runs);
    if let Some(legend) = legend {
        draw_values(grid, legend, app, &readings);
    } else if !readings.iter().all(|reading| reading.is_beyond) {
        draw_readings(grid, plot, app, &readings);
    }
}

/// Returns a place on the x axis as text.
fn x_text(app: &App, x: f64) -> String {
    match app.view.axis {
        XAxis::Step => format!("{x}"),
        XAxis::Relative => scale::duration(x),
        XAxis::Wall => scale::clock(x + app.view.utc_offset as f64, 1.0),
    }
}

/// Lists runs with their values under the cursor, or their last, beside a chart.
fn draw_values(grid: &mut Grid, area: Area, app: &App, readings: &[Reading]) {
    let head = match app.cursor {
        Some(x) => {
            // The values are those of the nearest points.
            let nearest = readings.iter().find(|reading| !reading.is_beyond);
            format!("at {}", x_text(app, nearest.map_or(x, |reading| reading.x)))
        }
        None => "last".to_owned(),
    };
    let rows = readings.iter().map(|reading| {
        let value = match reading.smoothed {
            Some(smoothed) => {
                format!("{} ({})", scale::short(smoothed), scale::short(reading.value))
            }
            None => scale::short(reading.value),
        };
        (reading.style, reading.name.as_str(), value, reading.is_beyond)
    });
    draw_legend(grid, area, app, &head, &rows.collect::<Vec<_>>());
}

/// Lists runs with a value of each; some are muted.
fn draw_legend(
    grid: &mut Grid,
    area: Area,
    app: &App,
    head: &str,
    rows: &[(Style, &str, String, bool)],
) {
    let is_ascii = app.glyphs.is_ascii();
    grid.text(area.x, area.y, head, Cell { is_bold: true, ..Cell::default() });
    let rows = rows.iter().take(area.height.saturating_sub(1)).enumerate();
    for (line, (style, name, value, is_muted)) in rows {
        let y = area.y + 1 + line;
        let fg = Color::Curve(style.color);
        let glyph = style.mark(is_ascii);
        grid.set(area.x, y, Cell { glyph, fg, ..Cell::default() });
        let space = area.width.saturating_sub(value.len() + 3);
        let name = text::shorten(&escape(name), space, is_ascii);
        let like = if *is_muted { Cell::MUTED } else { Cell::default() };
        grid.text(area.x + 2, y, &name, like);
        grid.text(area.x + area.width - value.len(), y, value, like);
    }
}

/// Lists values in the upper right corner of a small chart.
fn draw_readings(grid: &mut Grid, plot: Area, app: &App, readings: &[Reading]) {
    let is_ascii = app.glyphs.is_ascii();
    let space = plot.height.saturating_sub(1).max(1);
    let mut lines: Vec<(Option<&Reading>, String)> = Vec::new();
    let first = readings.iter().find(|reading| !reading.is_beyond).or(readings.first());
    if let (Some(first), true) = (first, plot.height > 3) {
        lines.push((None, x_text(app, first.x)));
    }
    for reading in readings.iter().take(space.saturating_sub(lines.len())) {
        let value = scale::short(reading.smoothed.unwrap_or(reading.value));
        lines.push((Some(reading), value));
    }
    for (line, (reading, value)) in lines.into_iter().enumerate() {
        let y = plot.y + line;
        let right = plot.x + plot.width;
        let at = right.saturating_sub(value.len());
        match reading {
            None => drop(grid.text(at, y, &value, Cell::MUTED)),
            Some(reading) => {
                let fg = Color::Curve(reading.style.color);
                let glyph = reading.style.mark(is_ascii);
                let like = Cell { fg, is_bold: true, ..Cell::default() };
                grid.text(at, y, &value, if reading.is_beyond { Cell::MUTED } else { like });
                grid.set(at.saturating_sub(2), y, Cell { glyph, fg, ..Cell::default() });
                grid.set(at.saturating_sub(1), y, Cell::default());
            }
        }
    }
}

/// Draws the title of a card that belongs to one run; returns the area below it. Beside the whole
/// name of the run there are as many of the notes as fit, and the first in any case.
pub(super) fn draw_head(
    grid: &mut Grid,
    area: Area,
    app: &App,
    card: &Card<'_>,
    run: &RunRow,
    notes: &[String],
) -> Area {
    let is_ascii = app.glyphs.is_ascii();
    let fg = if card.is_selected { Color::Warning } else { Color::Default };
    let tag = text::shorten_middle(&escape(card.tag), area.width, is_ascii);
    grid.text(area.x, area.y, &tag, Cell { fg, is_bold: true, ..Cell::default() });
    if area.height < 3 {
        return Area { y: area.y + 1, height: area.height - 1, ..area };
    }
    let glyph = run.style.mark(is_ascii);
    grid.set(
        area.x,
        area.y + 1,
        Cell { glyph, fg: Color::Curve(run.style.color), ..Cell::default() },
    );
    let name = escape(&run.slot.name);
    let fitting = text::join_fitting(notes, area.width.saturating_sub(text::width(&name) + 4));
    let note =
        if fitting.is_empty() { notes.first().cloned().unwrap_or_default() } else { fitting };
    let space = area.width.saturating_sub(note.len() + 4);
    let name = text::shorten(&name, space, is_ascii);
    let used = grid.text(area.x + 2, area.y + 1, &name, Cell::default());
    grid.text(area.x + used + 3, area.y + 1, &note, Cell::MUTED);
    Area { y: area.y + 2, height: area.height - 2, ..area }
}

/// Picks the item that is `back` before the last.
pub(super) fn pick<'a, T>(kept: &'a Kept<T>, app: &App) -> Option<&'a Item<T>> {
    let items = kept.items();
    let last = items.len().checked_sub(1)?;
    items.get(last.saturating_sub(app.back))
}

pub(crate) fn draw_histograms(
    grid: &mut Grid,
    area: Area,
    app: &App,
    model: &Model,
    card: &Card<'_>,
) {
    let Some(run) = card.runs.first().and_then(|at| model.runs.get(*at)) else { return };
    let data = run.slot.data();
    let Some(Content::Histograms(kept)) = data.content(card.tag) else { return };
    let note = numbers::count(kept.added(), "histogram");
    let area = draw_head(grid, area, app, card, run, &[note]);
    let Some(last) = pick(kept, app) else { return };
    let layout =
        chart::Layout { left: 9.min(area.width / 4), top: 0, width: 0, height: area.height };
    let bars = (area.width / 4).min(24);
    let width = area.width.saturating_sub(layout.left + bars + 1);
    let height = area.height.saturating_sub(1).max(1);
    // Half blocks: two rows of the map in a cell.
    let per_cell = if app.has_letters_for_pixels() { 1 } else { 2 };
    let items = kept.items().iter().map(|item| (item.step, &item.value));
    let map = heat::heat(items, width, height * per_cell);
    for y in 0..height {
        for x in 0..width {
            let level = |row: usize| map.levels[row * map.columns + x];
            let cell = if per_cell == 1 {
                let ramp = [' ', '.', ':', '-', '=', '+', '*', '#', '%', '@'];
                Cell { glyph: ramp[(level(y) * 9.0).round() as usize], ..Cell::default() }
            } else {
                let (fg, bg) =
                    (Color::Rgb(viridis(level(2 * y))), Color::Rgb(viridis(level(2 * y + 1))));
                Cell { glyph: '▀', fg, bg, ..Cell::default() }
            };
            grid.set(area.x + layout.left + x, area.y + y, cell);
        }
    }
    draw_bars(
        grid,
        Area { x: area.x + layout.left + width + 1, width: bars, height, ..area },
        app,
        &last.value,
        &map,
    );
    let label =
        |value: f64| text::shorten(&scale::short(value), layout.left.saturating_sub(1), true);
    if !map.values.is_empty() {
        grid.text(area.x, area.y, &label(map.values.max), Cell::MUTED);
        grid.text(area.x, area.y + height - 1, &label(map.values.min), Cell::MUTED);
    }
    let steps = format!("steps {} to {}", map.steps.0, map.steps.1);
    grid.text(
        area.x + layout.left,
        area.y + height,
        &text::shorten(&steps, width, true),
        Cell::MUTED,
    );
    let step = format!("step {}", last.step);
    grid.text(
        area.x + layout.left + width + 1,
        area.y + height,
        &text::shorten(&step, bars, true),
        Cell::MUTED,
    );
}

/// Draws one histogram as horizontal bars beside the map, on the same axis.
fn draw_bars(grid: &mut Grid, area: Area, app: &App, value: &HistogramValue, map: &heat::Heat) {
    if map.values.is_empty() || area.width == 0 {
        return;
    }
    let densities = heat::densities(value, map.values, area.height);
    let max = densities.iter().copied().fold(0.0, f64::max);
    let blocks = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
    for (row, density) in densities.into_iter().rev().enumerate() {
        let eighths =
            if max > 0.0 { (density / max * (area.width * 8) as f64).round() as usize } else { 0 };
        for x in 0..area.width {
            let glyph = match eighths.saturating_sub(x * 8) {
                0 => continue,
                _ if app.glyphs.is_ascii() => '#',
                part => blocks[part.min(8) - 1],
            };
            grid.set(area.x + x, area.y + row, Cell { glyph, ..Cell::default() });
        }
    }
}

pub(crate) fn draw_images(
    grid: &mut Grid,
    area: Area,
    app: &App,
    model: &Model,
    plots: &mut Plots,
    hits: &mut Hits,
    card: &Card<'_>,
) {
    let Some(run) = card.runs.first().and_then(|at| model.runs.get(*at)) else { return };
    let data = run.slot.data();
    let Some(Content::Images(kept)) = data.content(card.tag) else { return };
    let Some(item) = pick(kept, app) else { return };
    let Images { width, height, encoded, .. } = &item.value;
    let mut notes = vec![format!("step {}", item.step)];
    if encoded.len() > 1 {
        notes.push(format!("first of {}", encoded.len()));
    }
    notes.push(format!("{width}x{height}"));
    let area = draw_head(grid, area, app, card, run, &notes);
    let Some(bytes) = encoded.first() else { return };
    match plots.images.get(&run.slot.name, card.tag, (item.step, item.wall_time), bytes) {
        Ok(image) if app.images == Protocol::Blocks => {
            pixels::draw(grid, area, image, app.has_letters_for_pixels());
        }
        Ok(image) => hits.pictures.push(Picture::new(area, image.clone(), app.cell_size)),
        Err(error) => {
            let error = text::shorten(&escape(error), area.width, true);
            grid.text(area.x, area.y, &error, Cell::MUTED);
        }
    }
}

pub(crate) fn draw_pr_curves(
    grid: &mut Grid,
    area: Area,
    app: &App,
    model: &Model,
    card: &Card<'_>,
) {
    let (area, legend) = split(app, model, card, area);
    let layout = chart::Layout::new(area.width, area.height);
    let (mut lines, mut rows, mut steps) = (Vec::new(), Vec::new(), Vec::new());
    for run in card.runs.iter().filter_map(|at| model.runs.get(*at)) {
        let data = run.slot.data();
        let Some(Content::PrCurves(kept)) = data.content(card.tag) else { continue };
        let Some(item) = pick(kept, app) else { continue };
        steps.push(item.step);
        rows.push((run.style, run.slot.name.as_str(), format!("step {}", item.step), false));
        let curve = item.value.recall.iter().zip(&item.value.precision);
        let spots: Vec<_> =
            curve.map(|(recall, precision)| Spot { x: *recall, y: *precision }).collect();
        lines.push((run.style, spots));
    }
    let plot = Plot::of_lines(&lines, layout.columns(app.glyphs));
    let title = match (steps.iter().min(), steps.iter().max()) {
        (Some(first), Some(last)) if first < last => {
            format!("{} steps {first} to {last}", escape(card.tag))
        }
        (Some(step), _) => format!("{} step {step}", escape(card.tag)),
        _ => escape(card.tag).into_owned(),
    };
    let frame = chart::Frame {
        title: &title,
        glyphs: app.glyphs,
        is_focused: card.is_selected,
        x_name: Some("recall"),
        ..chart::Frame::default()
    };
    grid.place(&chart::draw(&plot, &frame, area.width, area.height), area.x, area.y);
    if let Some(legend) = legend {
        draw_legend(grid, legend, app, "", &rows);
    }
}

/// A metric of the table: a scalar tag, and which end is best.
struct Metric {
    tag: String,
    is_max_best: bool,
}

/// Draws the table of hyperparameters, sorted by the best value of a metric.
pub(crate) fn draw_hparams(grid: &mut Grid, area: Area, app: &mut App, model: &Model) {
    let runs: Vec<_> =
        model.runs.iter().filter(|run| !run.hparams.is_empty() && run.is_shown).collect();
    let mut names: Vec<&str> = Vec::new();
    let mut metrics: Vec<Metric> = Vec::new();
    for run in &runs {
        for (name, _) in &run.hparams {
            if !names.contains(&&**name) {
                names.push(name);
            }
        }
        for tag in run.slot.data().tags() {
            let is_new = !metrics.iter().any(|metric| metric.tag == tag.name);
            if is_new && matches!(tag.content, Content::Scalars { .. }) {
                let lower = tag.name.to_lowercase();
                let is_max_best =
                    !["loss", "error", "perplexity"].iter().any(|word| lower.contains(word));
                metrics.push(Metric { tag: tag.name.clone(), is_max_best });
            }
        }
    }
    if runs.is_empty() {
        grid.text(area.x + 1, area.y + area.height / 2, "no run has hyperparameters", Cell::MUTED);
        return;
    }
    // The metric to sort by is the first column.
    let sort = app.sort.checked_rem(metrics.len()).unwrap_or(0);
    metrics.rotate_left(sort);
    if let Some(metric) = metrics.first_mut() {
        metric.is_max_best ^= app.sort_is_reversed;
    }
    let best = |run: &RunRow, metric: &Metric| -> Option<f64> {
        let data = run.slot.data();
        let Some(Content::Scalars { series, .. }) = data.content(&metric.tag) else { return None };
        let extent = series.y_extent();
        let best = if metric.is_max_best { extent.max } else { extent.min };
        (!extent.is_empty()).then_some(best)
    };
    let mut rows: Vec<_> = runs
        .iter()
        .map(|run| (*run, metrics.iter().map(|metric| best(run, metric)).collect::<Vec<_>>()))
        .collect();
    if let Some(metric) = metrics.first() {
        rows.sort_by(|a, b| match (a.1[0], b.1[0]) {
            (Some(a), Some(b)) if metric.is_max_best => b.total_cmp(&a),
            (Some(a), Some(b)) => a.total_cmp(&b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        });
    }
    let mut table: Vec<Vec<String>> = vec![
        std::iter::once("run".to_owned())
            .chain(metrics.iter().enumerate().map(|(at, metric)| {
                let end = if metric.is_max_best { "max" } else { "min" };
                format!("{}{} {end}", if at == 0 { "*" } else { "" }, escape(&metric.tag))
            }))
            .chain(names.iter().map(|name| escape(name).into_owned()))
            .collect(),
    ];
    for (run, values) in &rows {
        let values = values.iter().map(|value| value.map_or("-".to_owned(), scale::short));
        let hparam = |name: &&str| {
            let found = run.hparams.iter().find(|(found, _)| found == name);
            found.map_or("-".to_owned(), |(_, value)| hparam_text(value))
        };
        let name = escape(&run.slot.name).into_owned();
        table.push(std::iter::once(name).chain(values).chain(names.iter().map(hparam)).collect());
    }
    draw_table(grid, area, app, &table, &rows.iter().map(|(run, _)| *run).collect::<Vec<_>>());
}

/// Writes a hyperparameter. A number that was an `f32` has no digits beyond that; one with many
/// digits is rounded, since the first are those that matter.
fn hparam_text(value: &HParam) -> String {
    let HParam::Number(number) = value else { return escape(&value.to_string()).into_owned() };
    let single = *number as f32;
    let text = if f64::from(single) == *number { single.to_string() } else { number.to_string() };
    if text.len() > 12 { scale::short(*number) } else { text }
}

fn draw_table(grid: &mut Grid, area: Area, app: &mut App, table: &[Vec<String>], runs: &[&RunRow]) {
    let columns = table[0].len();
    let width =
        |column: usize| table.iter().map(|row| text::width(&row[column])).max().unwrap_or(0);
    let mut widths: Vec<_> = (0..columns).map(width).collect();
    if widths.iter().map(|width| width + 2).sum::<usize>() > area.width {
        for (column, width) in widths.iter_mut().enumerate() {
            *width = (*width).min(if column == 0 { (area.width / 3).max(12) } else { 18 });
        }
    }
    app.cards.top = app.cards.top.min(runs.len().saturating_sub(1));
    app.column = app.column.min(columns.saturating_sub(2));
    let rows = std::iter::once((None, &table[0]))
        .chain(runs.iter().map(Some).zip(&table[1..]).skip(app.cards.top));
    for (line, (run, row)) in rows.take(area.height).enumerate() {
        let (y, mut x) = (area.y + line, area.x + 2);
        if let Some(run) = run {
            let fg = Color::Curve(run.style.color);
            let glyph = run.style.mark(app.glyphs.is_ascii());
            grid.set(area.x, y, Cell { glyph, fg, ..Cell::default() });
        }
        // The name of the run stays.
        for column in std::iter::once(0).chain(1 + app.column..columns) {
            let end = area.x + area.width;
            if x + widths[column] > end {
                let more = if app.glyphs.is_ascii() { '>' } else { '›' };
                grid.set(end - 1, area.y, Cell { glyph: more, ..Cell::MUTED });
                break;
            }
            let shorten = if column == 0 { text::shorten } else { text::shorten_middle };
            let cell = shorten(&row[column], widths[column], app.glyphs.is_ascii());
            let pad = if column == 0 { 0 } else { widths[column] - text::width(&cell) };
            let like = Cell { is_bold: line == 0, ..Cell::default() };
            grid.text(x + pad, y, &cell, like);
            x += widths[column] + 2;
        }
    }
}
