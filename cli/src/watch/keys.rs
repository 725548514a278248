//! The effects of keys and the mouse.

use super::app::{App, Focus, PromptKind};
use super::hits::{Hit, Hits};
use super::model::{Model, Page};
use crate::draw::Palette;
use ratatui::crossterm::event::{
    KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

/// The work to do beyond a change of the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Nothing,
    Quit,
    Suspend,
    /// Filters or what is shown have changed.
    Refilter,
    /// Runs are read anew, with or without replaced points.
    Reload,
    Save,
}

/// The keys, as the help shows them.
pub(crate) const HELP: [(&str, &str); 34] = [
    ("q Ctrl-C", "quit"),
    ("Esc", "close what is open: help, prompt, cursor, zoom, full screen"),
    ("?", "this help"),
    ("1 … 6", "scalars, histograms, images, text, PR curves, hparams"),
    ("Tab", "charts, runs, tags"),
    ("arrows hjkl", "move; with a cursor, move that"),
    ("PgUp PgDn Home End", "move far"),
    ("Enter", "full screen; in a list: go to the tag, show this run alone"),
    ("+ -", "more or fewer charts beside each other"),
    ("b", "side bar"),
    ("", ""),
    ("r", "filter runs: regex, or hp.rate<0.1"),
    ("t /", "filter tags: regex"),
    ("Space", "show or hide the selected run; fold a group of tags"),
    ("a", "show all runs, or none"),
    ("g", "group runs by regex: mean and standard deviation"),
    ("", ""),
    ("] [", "more or less smoothing (TensorBoard's)"),
    ("x", "x axis: step, relative, wall"),
    ("X", "x axis: linear, log"),
    ("y", "y axis: linear, log, symlog"),
    ("o", "clip outliers, as TensorBoard does"),
    ("c", "cursor: values in all charts"),
    ("z Z", "zoom in and out, around the cursor"),
    ("< >", "move the zoomed range"),
    ("0", "reset the zoom"),
    ("R", "raw: also points that a restart has replaced"),
    ("", ""),
    (", .", "earlier or later step of images, texts, curves"),
    ("m M", "hparams: sort by the next metric, in the other direction"),
    ("p", "colors: Okabe-Ito, TensorBoard"),
    ("s", "save SVG and CSV, and show the command"),
    ("mouse", "click, wheel, drag a range to zoom, double click"),
    ("Ctrl-Z", "suspend; fg comes back"),
];

/// Handles a key.
pub(crate) fn key(app: &mut App, model: &Model, hits: &Hits, event: KeyEvent) -> Action {
    app.message = None;
    let has_control = event.modifiers.contains(KeyModifiers::CONTROL);
    match event.code {
        KeyCode::Char('c') if has_control => return Action::Quit,
        KeyCode::Char('z') if has_control => return Action::Suspend,
        _ => {}
    }
    if app.prompt.is_some() {
        return prompt_key(app, event);
    }
    if app.has_help {
        match event.code {
            KeyCode::Down | KeyCode::Char('j') => app.help_top += 1,
            KeyCode::Up | KeyCode::Char('k') => app.help_top = app.help_top.saturating_sub(1),
            // More than there are lines is as many as there are.
            KeyCode::PageDown | KeyCode::End => app.help_top = HELP.len() * 4,
            KeyCode::PageUp | KeyCode::Home => app.help_top = 0,
            KeyCode::Char('q') => return Action::Quit,
            _ => (app.has_help, app.help_top) = (false, 0),
        }
        return Action::Nothing;
    }
    match event.code {
        KeyCode::Char(char) => char_key(app, model, hits, char),
        KeyCode::Esc => {
            app.escape();
            Action::Nothing
        }
        KeyCode::Tab | KeyCode::BackTab => {
            app.focus = match app.focus {
                Focus::Cards if hits.has_sidebar => Focus::Runs,
                Focus::Runs if app.page != Page::HParams => Focus::Tags,
                _ => Focus::Cards,
            };
            Action::Nothing
        }
        KeyCode::Enter => enter(app, model),
        code => {
            move_key(app, model, hits, code);
            Action::Nothing
        }
    }
}

fn prompt_key(app: &mut App, event: KeyEvent) -> Action {
    let Some(prompt) = &mut app.prompt else { return Action::Nothing };
    match event.code {
        KeyCode::Esc | KeyCode::Enter => {
            app.prompt = None;
            return Action::Nothing;
        }
        KeyCode::Backspace => drop(prompt.text.pop()),
        KeyCode::Char('u') if event.modifiers.contains(KeyModifiers::CONTROL) => {
            prompt.text.clear()
        }
        KeyCode::Char(char) if !char.is_control() => prompt.text.push(char),
        _ => return Action::Nothing,
    }
    app.apply_prompt();
    Action::Refilter
}

fn char_key(app: &mut App, model: &Model, hits: &Hits, char: char) -> Action {
    match char {
        'q' => return Action::Quit,
        '?' => app.has_help = true,
        '1'..='6' => app.set_page(Page::ALL[char as usize - '1' as usize]),
        'h' => move_key(app, model, hits, KeyCode::Left),
        'j' => move_key(app, model, hits, KeyCode::Down),
        'k' => move_key(app, model, hits, KeyCode::Up),
        'l' => move_key(app, model, hits, KeyCode::Right),
        '+' | '=' => app.columns = Some((hits.columns + 1).min(6)),
        '-' => app.columns = Some(hits.columns.saturating_sub(1).max(1)),
        'b' => app.has_sidebar = !app.has_sidebar,
        'r' => app.open_prompt(PromptKind::Runs),
        't' | '/' => app.open_prompt(PromptKind::Tags),
        'g' => app.open_prompt(PromptKind::Group),
        ' ' if app.focus == Focus::Tags => {
            if let Some(row) = super::sidebar::tag_rows(app, model).get(app.tags.selected) {
                let group = row.group.clone();
                if !app.collapsed.remove(&group) {
                    app.collapsed.insert(group);
                }
            }
        }
        ' ' => {
            if let Some(run) = model.runs.get(app.runs.selected) {
                toggle(app, &run.slot.name.clone());
            }
            return Action::Refilter;
        }
        'a' => {
            let all_shown = model.runs.iter().all(|run| run.is_shown);
            app.filters.hidden.clear();
            if all_shown {
                let names = model.runs.iter().map(|run| run.slot.name.clone());
                app.filters.hidden.extend(names);
            }
            return Action::Refilter;
        }
        ']' => app.smooth_by(1),
        '[' => app.smooth_by(-1),
        'x' => app.next_axis(),
        'X' => app.next_x_scale(),
        'y' => app.next_y_scale(),
        'o' => app.toggle_clipping(),
        'c' => {
            app.cursor = match app.cursor {
                Some(_) => None,
                None => hits.x_shown.map(|shown| (shown.min + shown.max) / 2.0),
            };
        }
        'z' | 'Z' => {
            if let Some(shown) = hits.x_shown {
                app.zoom(if char == 'z' { 0.5 } else { 2.0 }, shown);
            }
        }
        '<' => app.pan(-0.25),
        '>' => app.pan(0.25),
        '0' => app.view.x_range = None,
        'R' => {
            app.keeps_all = !app.keeps_all;
            let fate = if app.keeps_all { "shown (raw)" } else { "left out" };
            app.message = Some(format!("points replaced by a restart are {fate}"));
            return Action::Reload;
        }
        ',' => app.back += 1,
        '.' => app.back = app.back.saturating_sub(1),
        'm' => (app.sort, app.column) = (app.sort + 1, 0),
        'M' => app.sort_is_reversed = !app.sort_is_reversed,
        'p' => {
            app.palette = match app.palette {
                Palette::OkabeIto => Palette::TensorBoard,
                Palette::TensorBoard => Palette::OkabeIto,
            };
        }
        's' => return Action::Save,
        _ => {}
    }
    Action::Nothing
}

fn toggle(app: &mut App, run: &str) {
    if !app.filters.hidden.remove(run) {
        app.filters.hidden.insert(run.to_owned());
    }
}

fn enter(app: &mut App, model: &Model) -> Action {
    match app.focus {
        Focus::Cards => {
            app.is_full = !app.is_full;
            Action::Nothing
        }
        Focus::Runs => {
            let Some(run) = model.runs.get(app.runs.selected) else { return Action::Nothing };
            let others = model.runs.iter().map(|run| run.slot.name.clone());
            app.filters.hidden = others.filter(|name| *name != run.slot.name).collect();
            Action::Refilter
        }
        Focus::Tags => {
            let rows = super::sidebar::tag_rows(app, model);
            let tag = rows.get(app.tags.selected).and_then(|row| row.tag.as_deref());
            if let Some(tag) = tag {
                let cards = super::sidebar::cards(app, model);
                app.cards.selected = cards.iter().position(|card| card.0 == tag).unwrap_or(0);
                app.focus = Focus::Cards;
            }
            Action::Nothing
        }
    }
}

fn move_key(app: &mut App, model: &Model, hits: &Hits, code: KeyCode) {
    let page = hits.rows.max(1) as isize;
    let far = isize::MAX / 2;
    let (by_x, by_y) = match code {
        KeyCode::Left => (-1, 0),
        KeyCode::Right => (1, 0),
        KeyCode::Up => (0, -1),
        KeyCode::Down => (0, 1),
        KeyCode::PageUp => (0, -page),
        KeyCode::PageDown => (0, page),
        KeyCode::Home => (0, -far),
        KeyCode::End => (0, far),
        _ => return,
    };
    match app.focus {
        Focus::Cards => {
            if let (Some(cursor), Some(shown), true) = (app.cursor, hits.x_shown, by_x != 0) {
                let step = (shown.max - shown.min) / hits.card_width.max(10) as f64;
                app.cursor = Some((cursor + by_x as f64 * step).clamp(shown.min, shown.max));
                return;
            }
            if app.page == Page::HParams {
                app.column = app.column.saturating_add_signed(by_x);
            }
            if app.page == Page::HParams || app.is_full && app.page == Page::Text && by_x == 0 {
                app.cards.top = app.cards.top.saturating_add_signed(by_y);
                return;
            }
            let columns = if app.is_full { 1 } else { hits.columns as isize };
            app.cards.move_by(by_x + by_y.saturating_mul(columns), hits.cards);
        }
        Focus::Runs => app.runs.move_by(by_y, model.runs.len()),
        Focus::Tags => {
            app.tags.move_by(by_y, super::sidebar::tag_rows(app, model).len());
        }
    }
}

/// Where the left button went down.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Drag {
    start: Option<(usize, f64)>,
    last_click: Option<(std::time::Instant, u16, u16)>,
}

/// Handles the mouse.
pub(crate) fn mouse(
    app: &mut App,
    model: &Model,
    hits: &Hits,
    drag: &mut Drag,
    event: MouseEvent,
) -> Action {
    let (x, y) = (usize::from(event.column), usize::from(event.row));
    let hit = hits.at(x, y);
    match (event.kind, hit) {
        (MouseEventKind::ScrollDown, _) => move_key(app, model, hits, KeyCode::Down),
        (MouseEventKind::ScrollUp, _) => move_key(app, model, hits, KeyCode::Up),
        (MouseEventKind::Moved, Some(Hit::Card(at))) => {
            if let Some(place) = hits.x_at(at, x) {
                app.cursor = Some(place);
            }
        }
        (MouseEventKind::Down(MouseButton::Left), Some(Hit::Card(at))) => {
            let is_double = drag.last_click.is_some_and(|(when, column, row)| {
                when.elapsed().as_millis() < 400 && (column, row) == (event.column, event.row)
            });
            drag.last_click = Some((std::time::Instant::now(), event.column, event.row));
            app.focus = Focus::Cards;
            if !app.is_full {
                app.cards.selected = at;
            }
            if is_double {
                app.is_full = !app.is_full;
                drag.last_click = None;
            }
            drag.start = hits.x_at(at, x).map(|place| (at, place));
        }
        (MouseEventKind::Drag(MouseButton::Left), Some(Hit::Card(at))) => {
            app.cursor = hits.x_at(at, x).or(app.cursor);
        }
        (MouseEventKind::Up(MouseButton::Left), Some(Hit::Card(at))) => {
            if let (Some((from, start)), Some(end)) = (drag.start.take(), hits.x_at(at, x)) {
                let (min, max) = (start.min(end), start.max(end));
                // A click moves the mouse by a cell at most.
                if from == at
                    && hits.x_shown.is_some_and(|shown| max - min > (shown.max - shown.min) / 20.0)
                {
                    app.view.x_range = Some(crate::draw::Extent { min, max });
                }
            }
        }
        (MouseEventKind::Down(MouseButton::Left), Some(Hit::Run(at))) => {
            (app.focus, app.runs.selected) = (Focus::Runs, at);
            if let Some(run) = model.runs.get(at) {
                toggle(app, &run.slot.name.clone());
            }
            return Action::Refilter;
        }
        (MouseEventKind::Down(MouseButton::Left), Some(Hit::Tag(at))) => {
            (app.focus, app.tags.selected) = (Focus::Tags, at);
            return enter(app, model);
        }
        (MouseEventKind::Down(MouseButton::Left), Some(Hit::Page(page))) => app.set_page(page),
        _ => {}
    }
    Action::Nothing
}
