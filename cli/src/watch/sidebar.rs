//! The list of runs and the tree of tags.

use super::app::{App, Focus};
use super::hits::{Hit, Hits};
use super::model::{Model, RunRow};
use crate::draw::{Area, Cell, Color, Grid, text};
use crate::output::escape::escape;
use crate::output::numbers;
use std::time::SystemTime;
use tfevents::read::RunState;

/// A row of the tree of tags: a group, or a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TagRow {
    /// The part before the first slash, by which TensorBoard groups; empty for none.
    pub(crate) group: String,
    pub(crate) tag: Option<String>,
}

/// Returns the rows of the tree: each group, and its tags unless it is folded.
pub(crate) fn tag_rows(app: &App, model: &Model) -> Vec<TagRow> {
    let mut rows: Vec<TagRow> = Vec::new();
    let mut group = String::new();
    for tag in model.tags(app.page) {
        let found = group_of(tag);
        if found != group {
            found.clone_into(&mut group);
            if !group.is_empty() {
                rows.push(TagRow { group: group.clone(), tag: None });
            }
        }
        if !app.collapsed.contains(found) {
            rows.push(TagRow { group: group.clone(), tag: Some(tag.to_owned()) });
        }
    }
    rows
}

/// Returns the cards of the page, without those whose group of tags is folded.
pub(crate) fn cards<'a>(app: &App, model: &'a Model) -> Vec<(&'a str, Vec<usize>)> {
    let mut cards = model.cards(app.page);
    cards.retain(|(tag, runs)| !runs.is_empty() && !app.collapsed.contains(group_of(tag)));
    cards
}

/// Returns what comes before the first slash of a tag.
pub(crate) fn group_of(tag: &str) -> &str {
    tag.split_once('/').map_or("", |(group, _)| group)
}

/// Returns the width in which no name of a run or a tag is shortened.
pub(crate) fn width(app: &App, model: &Model) -> usize {
    // Beside a run there are its mark and its state, whose width does not change with the state.
    let runs = model.runs.iter().map(|run| text::width(&escape(&run.slot.name)) + 4 + STATE);
    let tags = model.tags(app.page).map(|tag| match group_of(tag) {
        "" => text::width(&escape(tag)) + 1,
        group => text::width(&escape(&tag[group.len() + 1..])) + 3,
    });
    runs.chain(tags).max().unwrap_or(0)
}

/// The width of most states, such as `failed` and `12m ago`.
const STATE: usize = 7;

/// Draws both lists into an area.
pub(crate) fn draw(grid: &mut Grid, area: Area, app: &mut App, model: &Model, hits: &mut Hits) {
    let rows = tag_rows(app, model);
    let tags = (rows.len() + 1).min(area.height / 2);
    let runs = Area { height: area.height - tags, ..area };
    draw_runs(grid, runs, app, model, hits);
    let area = Area { y: area.y + runs.height, height: tags, ..area };
    draw_tags(grid, area, app, &rows, hits);
}

fn head(grid: &mut Grid, area: Area, title: &str, is_focused: bool) {
    let fg = if is_focused { Color::Warning } else { Color::Default };
    let title = text::shorten(title, area.width, false);
    grid.text(area.x, area.y, &title, Cell { fg, is_bold: true, ..Cell::default() });
}

fn draw_runs(grid: &mut Grid, area: Area, app: &mut App, model: &Model, hits: &mut Hits) {
    let is_focused = app.focus == Focus::Runs;
    let count = match model.runs.len() == model.all_runs {
        true => format!("runs {}", model.all_runs),
        false => format!("runs {} of {}", model.runs.len(), model.all_runs),
    };
    head(grid, area, &count, is_focused);
    let height = area.height.saturating_sub(1);
    app.runs.selected = app.runs.selected.min(model.runs.len().saturating_sub(1));
    app.runs.show(app.runs.selected, height);
    for (line, (at, run)) in
        model.runs.iter().enumerate().skip(app.runs.top).take(height).enumerate()
    {
        let y = area.y + 1 + line;
        let is_selected = is_focused && at == app.runs.selected;
        draw_run(grid, Area { y, height: 1, ..area }, run, is_selected, app.glyphs.is_ascii());
        hits.add(Area { y, height: 1, ..area }, Hit::Run(at));
    }
}

fn draw_run(grid: &mut Grid, area: Area, run: &RunRow, is_selected: bool, is_ascii: bool) {
    let fg = if run.is_shown { Color::Curve(run.style.color) } else { Color::Muted };
    let glyph = match (run.is_shown, is_ascii) {
        (true, _) => run.style.mark(is_ascii),
        (false, true) => '.',
        (false, false) => '·',
    };
    grid.set(area.x, area.y, Cell { glyph, fg, ..Cell::default() });
    let (state, like) = state(run);
    let width = area.width.saturating_sub(text::width(&state) + 4);
    let name = text::shorten(&escape(&run.slot.name), width, is_ascii);
    let plain = if run.is_shown { Cell::default() } else { Cell::MUTED };
    let bg = if is_selected { Color::Muted } else { Color::Default };
    grid.text(area.x + 2, area.y, &name, Cell { bg, is_bold: is_selected, ..plain });
    let at = (area.x + area.width).saturating_sub(text::width(&state) + 1);
    grid.text(at, area.y, &state, like);
}

/// Returns how a run is: live, or since when it is silent, or how it ended.
pub(crate) fn state(run: &RunRow) -> (String, Cell) {
    let health = &run.health;
    let age = health.modified.and_then(|modified| SystemTime::now().duration_since(modified).ok());
    let mut text = match health.state {
        RunState::Live => "live".to_owned(),
        RunState::Ended => "ended".to_owned(),
        RunState::Failed => "failed".to_owned(),
        // A run without an end mark may still go on.
        _ => age.map_or_else(String::new, |age| format!("{} ago", numbers::age(age.as_secs()))),
    };
    if run.is_damaged() {
        text.push_str(" !");
    }
    let fg = match health.state {
        RunState::Live => Color::Curve(2),
        RunState::Failed => Color::Warning,
        _ => Color::Muted,
    };
    (text, Cell { fg, ..Cell::default() })
}

fn draw_tags(grid: &mut Grid, area: Area, app: &mut App, rows: &[TagRow], hits: &mut Hits) {
    if area.height == 0 {
        return;
    }
    let is_focused = app.focus == Focus::Tags;
    let tags = rows.iter().filter(|row| row.tag.is_some()).count();
    head(grid, area, &format!("tags {tags}"), is_focused);
    let height = area.height - 1;
    app.tags.selected = app.tags.selected.min(rows.len().saturating_sub(1));
    app.tags.show(app.tags.selected, height);
    for (line, (at, row)) in rows.iter().enumerate().skip(app.tags.top).take(height).enumerate() {
        let y = area.y + 1 + line;
        let fold = if app.collapsed.contains(&row.group) { '+' } else { '-' };
        let (indent, name) = match &row.tag {
            Some(tag) if row.group.is_empty() => (0, tag.clone()),
            Some(tag) => (2, tag[row.group.len() + 1..].to_owned()),
            None => (2, format!("{}/", row.group)),
        };
        if row.tag.is_none() {
            grid.set(area.x, y, Cell { glyph: fold, ..Cell::MUTED });
        }
        let width = area.width.saturating_sub(indent + 1);
        let name = text::shorten_middle(&escape(&name), width, app.glyphs.is_ascii());
        let is_selected = is_focused && at == app.tags.selected;
        let bg = if is_selected { Color::Muted } else { Color::Default };
        let plain = if row.tag.is_some() { Cell::default() } else { Cell::MUTED };
        grid.text(area.x + indent, y, &name, Cell { bg, is_bold: is_selected, ..plain });
        hits.add(Area { y, height: 1, ..area }, Hit::Tag(at));
    }
}
