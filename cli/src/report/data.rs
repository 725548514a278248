//! The data of a report as JSON, as much as fits into its size.

use super::budget::Budget;
use super::markdown;
use crate::draw::{Palette, Point, Series, Styles, heat, viridis};
use crate::output::escape::escape;
use crate::output::json::Json;
use crate::output::numbers::count;
use crate::store::{Content, Item, Kept, RunData};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::collections::{BTreeMap, BTreeSet};
use tfevents::read::{HParam, HistogramValue, Images, Kind, PrCurveValue, RunState, TextValue};

/// A run of a report.
#[derive(Debug)]
pub(crate) struct ReportRun {
    pub(crate) name: String,
    pub(crate) state: RunState,
    pub(crate) data: RunData,
}

/// The number of points that a curve keeps when not all of them fit.
const THINNED: [usize; 4] = [20_000, 5000, 2000, 500];

/// The number of points of a curve whose wall times are in the file; those between are interpolated.
const TIMES: usize = 48;

/// The number of images, and of texts, of a run and tag.
const IMAGES: usize = 6;
const TEXTS: usize = 10;

/// The size of a heat map in cells.
const HEAT: (usize, usize) = (200, 64);

/// The largest text that is rendered whole.
const TEXT: usize = 64 << 10;

/// Writes the data of all runs.
pub(crate) fn json(title: &str, made: f64, runs: &[ReportRun], budget: &mut Budget) -> String {
    let mut json = Json::default();
    json.open('{').key("title").string(title).key("made").f64(made);
    write_runs(&mut json, runs);
    write_scalars(&mut json, runs, budget);
    write_histograms(&mut json, runs, budget);
    write_pr_curves(&mut json, runs, budget);
    write_texts(&mut json, runs, budget);
    write_images(&mut json, runs, budget);
    note_other_kinds(runs, budget);
    json.key("left_out").open('[');
    for note in budget.notes() {
        json.string(note);
    }
    json.close(']').close('}');
    String::from_utf8(json.take()).unwrap_or_default()
}

fn write_runs(json: &mut Json, runs: &[ReportRun]) {
    let mut styles = Styles::default();
    json.key("runs").open('[');
    for run in runs {
        let style = styles.get(&run.name);
        json.open('{').key("name").string(&escape(&run.name));
        json.key("state").string(run.state.name());
        json.key("color").string(&Palette::OkabeIto.hex_on_white(style.color));
        json.key("mark").string(&style.mark(false).to_string());
        json.key("step").optional(run.data.last_step, Json::int).key("hparams").open('{');
        for (name, value) in &run.data.hparams {
            json.key(name);
            match value {
                HParam::Number(number) => json.f64(*number),
                HParam::Text(text) => json.string(text),
                HParam::Bool(value) => json.string(if *value { "true" } else { "false" }),
                _ => json.null(),
            };
        }
        json.close('}').close('}');
    }
    json.close(']');
}

/// Returns the tags of a kind, and the runs that have them.
fn by_tag(runs: &[ReportRun], has: impl Fn(&Content) -> bool) -> BTreeMap<&str, Vec<usize>> {
    let mut tags: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, run) in runs.iter().enumerate() {
        let selected = run.data.tags().iter().filter(|tag| !tag.content.is_empty());
        for tag in selected.filter(|tag| has(&tag.content)) {
            tags.entry(&tag.name).or_default().push(at);
        }
    }
    tags
}

fn content<'a>(run: &'a ReportRun, tag: &str) -> Option<&'a Content> {
    run.data.content(tag)
}

fn write_scalars(json: &mut Json, runs: &[ReportRun], budget: &mut Budget) {
    let tags = by_tag(runs, |content| matches!(content, Content::Scalars { .. }));
    let lengths: Vec<_> = tags
        .iter()
        .flat_map(|(tag, runs_of)| runs_of.iter().map(move |run| (*tag, *run)))
        .filter_map(|(tag, run)| match content(&runs[run], tag) {
            Some(Content::Scalars { series, .. }) => Some(series.len()),
            _ => None,
        })
        .collect();
    // Base64 of f32, and names.
    let size = |cap: usize| lengths.iter().map(|len| len.min(&cap) * 6 + 400).sum::<usize>();
    let cap = [usize::MAX].into_iter().chain(THINNED).find(|cap| size(*cap) <= budget.left());
    let cap = cap.unwrap_or(THINNED[3]);
    let thinned = lengths.iter().filter(|len| **len > cap).count();
    if thinned > 0 {
        budget.note(format!(
            "{} thinned to at most {cap} points each, with their extremes",
            count(thinned, "curve")
        ));
    }
    budget.spend(size(cap).min(budget.left()));
    json.key("scalars").open('[');
    for (tag, runs_of) in &tags {
        json.open('{').key("tag").string(&escape(tag)).key("curves").open('[');
        for &run in runs_of {
            let Some(Content::Scalars { series, .. }) = content(&runs[run], tag) else { continue };
            let kept = super::thin::pick(series, cap);
            write_curve(json, run, series, &kept);
        }
        json.close(']').close('}');
    }
    json.close(']');
}

/// Writes the picked points: steps at equal distances as first and stride, values as base64 of
/// little-endian `f32`, some wall times.
fn write_curve(json: &mut Json, run: usize, series: &Series, kept: &[usize]) {
    let points: Vec<_> = kept.iter().filter_map(|at| series.point(*at)).collect();
    json.open('{').key("run").int(run).key("total").int(series.len());
    let stride = match points[..] {
        [first, second, ..] => second.step.wrapping_sub(first.step),
        _ => 1,
    };
    let is_regular =
        points.windows(2).all(|pair| pair[1].step.wrapping_sub(pair[0].step) == stride);
    json.key("steps").open('[');
    if is_regular {
        if let Some(first) = points.first() {
            json.int(first.step).int(stride);
        }
        json.close(']').key("regular").int(1);
    } else {
        let mut last = 0i64;
        for point in &points {
            // Differences are shorter.
            json.int(point.step.wrapping_sub(last));
            last = point.step;
        }
        json.close(']').key("regular").int(0);
    }
    let bytes: Vec<u8> = points.iter().flat_map(|point| point.value.to_le_bytes()).collect();
    json.key("values").string(&BASE64.encode(bytes));
    json.key("times").open('[');
    let start = points.first().map_or(0.0, |first| first.wall_time);
    for at in anchors(&points) {
        // Milliseconds after the first.
        let time = points[at].wall_time;
        json.int(at);
        if at == 0 {
            json.f64(time)
        } else {
            json.int(((time - start) * 1000.0).round() as i64)
        };
    }
    json.close(']').close('}');
}

/// Returns the points whose wall times are written: the first and the last, and those between that
/// interpolation would miss by more than a thousandth of the duration.
fn anchors(points: &[Point]) -> Vec<usize> {
    let last = points.len().saturating_sub(1);
    let parts = last.clamp(1, TIMES);
    let tolerance = points
        .first()
        .zip(points.last())
        .map_or(0.0, |(first, last)| ((last.wall_time - first.wall_time) / 1000.0).max(0.001));
    let candidates: Vec<_> = (0..=parts.min(last)).map(|part| part * last / parts).collect();
    let mut kept: Vec<usize> = Vec::new();
    for (nth, &at) in candidates.iter().enumerate() {
        let is_end = nth == 0 || nth + 1 == candidates.len();
        let is_needed = is_end || {
            let (before, after) = (kept[kept.len() - 1], candidates[nth + 1]);
            let part = (at - before) as f64 / (after - before) as f64;
            let [from, to] = [before, after].map(|at| points[at].wall_time);
            (from + (to - from) * part - points[at].wall_time).abs() > tolerance
        };
        if is_needed && !points.is_empty() {
            kept.push(at);
        }
    }
    kept
}

fn write_histograms(json: &mut Json, runs: &[ReportRun], budget: &mut Budget) {
    let tags = by_tag(runs, |content| matches!(content, Content::Histograms(_)));
    let mut left_out = 0;
    json.key("histograms").open('[');
    for (tag, runs_of) in tags {
        for run in runs_of {
            let Some(Content::Histograms(kept)) = content(&runs[run], tag) else { continue };
            if kept.items().is_empty() {
                continue;
            }
            let heat = heat_of(kept);
            let image = png(&heat);
            let Some(image) = image.filter(|image| budget.take(image.len() * 4 / 3 + 300)) else {
                left_out += 1;
                continue;
            };
            json.open('{').key("tag").string(&escape(tag)).key("run").int(run);
            json.key("count").int(kept.added());
            json.key("first").int(heat.steps.0).key("last").int(heat.steps.1);
            json.key("low").f64(heat.values.min).key("high").f64(heat.values.max);
            json.key("png").string(&BASE64.encode(image)).close('}');
        }
    }
    json.close(']');
    if left_out > 0 {
        budget.note(format!("{} left out", count(left_out, "heat map")));
    }
}

fn heat_of(kept: &Kept<HistogramValue>) -> heat::Heat {
    let items = kept.items();
    let histograms = items.iter().map(|item| (item.step, &item.value));
    heat::heat(histograms, items.len().clamp(1, HEAT.0), HEAT.1)
}

/// Encodes a heat map; one that has no values is none.
fn png(heat: &heat::Heat) -> Option<Vec<u8>> {
    if heat.values.is_empty() {
        return None;
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, heat.columns as u32, heat.rows as u32);
    // A palette: a byte per cell.
    encoder.set_color(png::ColorType::Indexed);
    encoder
        .set_palette((0..=255).flat_map(|at| viridis(f64::from(at) / 255.0)).collect::<Vec<_>>());
    let mut writer = encoder.write_header().ok()?;
    let levels: Vec<_> = heat.levels.iter().map(|level| (level * 255.0).round() as u8).collect();
    writer.write_image_data(&levels).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}

fn write_pr_curves(json: &mut Json, runs: &[ReportRun], budget: &mut Budget) {
    let tags = by_tag(runs, |content| matches!(content, Content::PrCurves(_)));
    let mut left_out = 0;
    json.key("pr_curves").open('[');
    for (tag, runs_of) in tags {
        json.open('{').key("tag").string(&escape(tag)).key("curves").open('[');
        for run in runs_of {
            let Some(Content::PrCurves(kept)) = content(&runs[run], tag) else { continue };
            let Some(item) = kept.items().last() else { continue };
            if !budget.take(item.value.recall.len() * 20 + 100) {
                left_out += 1;
                continue;
            }
            json.open('{').key("run").int(run).key("step").int(item.step);
            write_pr_curve(json, item);
            json.close('}');
        }
        json.close(']').close('}');
    }
    json.close(']');
    if left_out > 0 {
        budget.note(format!("{} left out", count(left_out, "precision-recall curve")));
    }
}

/// Writes a curve by ascending recall.
fn write_pr_curve(json: &mut Json, item: &Item<PrCurveValue>) {
    let PrCurveValue { recall, precision, .. } = &item.value;
    let mut spots: Vec<_> = recall.iter().copied().zip(precision.iter().copied()).collect();
    spots.retain(|(recall, precision)| recall.is_finite() && precision.is_finite());
    spots.sort_by(|a, b| a.0.total_cmp(&b.0));
    let rounded = |value: f64| (value * 1e6).round() / 1e6;
    json.key("recall").open('[');
    for (recall, _) in &spots {
        json.f64(rounded(*recall));
    }
    json.close(']').key("precision").open('[');
    for (_, precision) in &spots {
        json.f64(rounded(*precision));
    }
    json.close(']');
}

fn write_texts(json: &mut Json, runs: &[ReportRun], budget: &mut Budget) {
    let tags = by_tag(runs, |content| matches!(content, Content::Texts(_)));
    let mut left_out = 0;
    json.key("texts").open('[');
    for (tag, runs_of) in tags {
        for run in runs_of {
            let Some(Content::Texts(kept)) = content(&runs[run], tag) else { continue };
            left_out += kept.added().saturating_sub(TEXTS);
            for item in last(kept.items(), TEXTS) {
                let html = text_html(&item.value);
                if !budget.take(html.len() + 100) {
                    left_out += 1;
                    continue;
                }
                json.open('{').key("tag").string(&escape(tag)).key("run").int(run);
                json.key("step").int(item.step).key("html").string(&html).close('}');
            }
        }
    }
    json.close(']');
    if left_out > 0 {
        budget.note(format!("{} left out", count(left_out, "text")));
    }
}

/// Renders a text, or a table of texts.
fn text_html(value: &TextValue<'_>) -> String {
    let cut = |text: &str| match text.char_indices().nth(TEXT) {
        Some((end, _)) => format!("{}\n\n… (cut)", &text[..end]),
        None => text.to_owned(),
    };
    let columns = match value.shape[..] {
        [] | [1] => return markdown::render(&cut(value.text())),
        [_, columns] => usize::try_from(columns).unwrap_or(1).max(1),
        _ => 1,
    };
    let mut html = "<div class=\"scroll\"><table>".to_owned();
    for row in value.strings.chunks(columns).take(500) {
        html.push_str("<tr>");
        for cell in row {
            html.push_str(&format!("<td>{}</td>", markdown::render(&cut(cell))));
        }
        html.push_str("</tr>");
    }
    html.push_str("</table></div>");
    html
}

fn write_images(json: &mut Json, runs: &[ReportRun], budget: &mut Budget) {
    let tags = by_tag(runs, |content| matches!(content, Content::Images(_)));
    let (mut thinned, mut left_out) = (0, 0);
    json.key("images").open('[');
    for (tag, runs_of) in tags {
        for run in runs_of {
            let Some(Content::Images(kept)) = content(&runs[run], tag) else { continue };
            let picked = even(kept.items(), IMAGES);
            thinned += kept.added() - picked.len();
            json.open('{').key("tag").string(&escape(tag)).key("run").int(run);
            json.key("items").open('[');
            for item in picked {
                left_out += usize::from(!write_image(json, item, budget));
            }
            json.close(']').close('}');
        }
    }
    json.close(']');
    if thinned > 0 {
        let thinned = count(thinned, "image");
        budget.note(format!("{thinned} left out, to keep at most {IMAGES} of a tag in a run"));
    }
    if left_out > 0 {
        let left_out = count(left_out, "image");
        budget.note(format!("{left_out} left out, too large or of another format"));
    }
}

/// Writes the first image of a batch; returns whether it is of a kind that is shown, and fits.
fn write_image(json: &mut Json, item: &Item<Images<'static>>, budget: &mut Budget) -> bool {
    let Some(bytes) = item.value.encoded.first() else { return false };
    let Some(kind) = image_type(bytes) else { return false };
    if !budget.take(bytes.len() * 4 / 3 + 120) {
        return false;
    }
    json.open('{').key("step").int(item.step);
    json.key("width").int(item.value.width).key("height").int(item.value.height);
    json.key("batch").int(item.value.encoded.len());
    json.key("src").string(&format!("data:{kind};base64,{}", BASE64.encode(bytes))).close('}');
    true
}

/// Returns the type by the first bytes. SVG, which may have scripts, is none of them.
fn image_type(bytes: &[u8]) -> Option<&'static str> {
    let types: [(&[u8], &str); 4] = [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF8", "image/gif"),
        (b"BM", "image/bmp"),
    ];
    types.into_iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, name)| name)
}

fn note_other_kinds(runs: &[ReportRun], budget: &mut Budget) {
    let mut kinds = BTreeSet::new();
    let tags = runs.iter().flat_map(|run| run.data.tags());
    for tag in tags.filter(|tag| !tag.content.is_empty()) {
        let name = match tag.kind {
            Kind::Audio => "audio",
            Kind::Mesh => "meshes",
            Kind::Graph => "graphs",
            Kind::Tensor => "tensors",
            _ => continue,
        };
        kinds.insert(name);
    }
    if runs.iter().any(|run| run.data.has_graph) {
        kinds.insert("graphs");
    }
    if !kinds.is_empty() {
        let kinds: Vec<_> = kinds.into_iter().collect();
        budget.note(format!("{}: open the log directory with TensorBoard", kinds.join(", ")));
    }
}

fn last<T>(items: &[T], count: usize) -> &[T] {
    &items[items.len().saturating_sub(count)..]
}

/// Picks items evenly, with the first and the last.
fn even<T>(items: &[T], count: usize) -> Vec<&T> {
    if items.len() <= count {
        return items.iter().collect();
    }
    (0..count).map(|at| &items[at * (items.len() - 1) / (count - 1)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn svg_is_no_image() {
        assert_eq!(image_type(b"<svg onload=alert(1)>"), None);
        assert_eq!(image_type(b"\x89PNG\r\n\x1a\nabc"), Some("image/png"));
    }

    #[test]
    fn few_times_are_written_where_the_rate_is_even() {
        let point = |(at, wall_time)| Point { step: at as i64, wall_time, value: 0.0 };
        let even: Vec<_> = (0..1000).map(|at| (at, at as f64)).map(point).collect();
        assert_eq!(anchors(&even), [0, 999]);
        // A break of 500 s in the middle.
        let pause = |at| if at < 500 { at as f64 } else { at as f64 + 500.0 };
        let broken: Vec<_> = (0..1000).map(|at| (at, pause(at))).map(point).collect();
        let kept = anchors(&broken);
        assert!(kept.len() < 8 && kept.iter().any(|at| (470..530).contains(at)), "{kept:?}");
        assert!(anchors(&[]).is_empty());
    }

    #[test]
    fn picks_are_even_and_have_both_ends() {
        let items: Vec<_> = (0..100).collect();
        assert_eq!(even(&items, 4), [&0, &33, &66, &99]);
        assert_eq!(even(&items[..2], 4), [&0, &1]);
    }
}
