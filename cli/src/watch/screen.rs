//! The whole screen as a grid of cells.

use super::app::{App, Focus};
use super::hits::{Hit, Hits};
use super::loader::Shared;
use super::model::{Model, Page};
use super::plots::Plots;
use super::{help, panels, sidebar, texts};
use crate::draw::{Area, Cell, Color, Grid, View, text};
use crate::output::escape::escape;
use std::sync::atomic::Ordering;

/// Draws everything.
pub(crate) fn draw(
    app: &mut App,
    model: &Model,
    shared: &Shared,
    plots: &mut Plots,
    (width, height): (usize, usize),
) -> (Grid, Hits) {
    let mut grid = Grid::new(width, height);
    let mut hits = Hits::default();
    if width < 12 || height < 4 {
        grid.text(0, 0, "too small", Cell::default());
        return (grid, hits);
    }
    draw_pages(&mut grid, app, model, &mut hits);
    let bottom = height - 1;
    let mut area = Area { x: 0, y: 1, width, height: bottom - 1 };
    // The table of hyperparameters lists runs itself.
    let has_space = app.page != Page::HParams || width >= 120;
    hits.has_sidebar = app.has_sidebar && has_space && !app.is_full && !app.has_help;
    // A chart needs 40 columns, a name of a run 20; where there is less, lists take all of it.
    let is_beside = hits.has_sidebar && width >= 64;
    let is_alone = hits.has_sidebar && !is_beside && app.focus != Focus::Cards;
    if is_beside {
        let side = sidebar::width(app, model).min((width / 3).min(48)).max(22);
        sidebar::draw(&mut grid, Area { width: side, ..area }, app, model, &mut hits);
        for y in area.y..area.y + area.height {
            let glyph = if app.glyphs.is_ascii() { '|' } else { '│' };
            grid.set(side, y, Cell { glyph, ..Cell::MUTED });
        }
        area = Area { x: side + 1, width: width - side - 1, ..area };
    } else if is_alone {
        sidebar::draw(&mut grid, area, app, model, &mut hits);
    } else if !app.has_help {
        app.focus = Focus::Cards;
    }
    if app.has_help {
        let hint = help::draw(&mut grid, area, app);
        grid.text(0, bottom, &text::shorten_end(&hint, width), Cell::MUTED);
        return (grid, hits);
    }
    if !is_alone {
        match app.page {
            Page::HParams => panels::draw_hparams(&mut grid, area, app, model),
            _ => draw_cards(&mut grid, area, app, model, plots, &mut hits),
        }
    }
    plots.images.retain_used();
    draw_status(&mut grid, app, model, shared, bottom);
    (grid, hits)
}

fn draw_pages(grid: &mut Grid, app: &App, model: &Model, hits: &mut Hits) {
    let mut x = 0;
    let is_narrow = grid.width < 70;
    for (number, page) in Page::ALL.into_iter().enumerate() {
        let count = model.tag_count(page);
        if count == 0 && page != app.page {
            continue;
        }
        let text = if is_narrow && page != app.page {
            format!("{}", number + 1)
        } else {
            format!("{} {} {count}", number + 1, page.name())
        };
        let is_on = page == app.page;
        let like = if is_on {
            Cell { is_bold: true, fg: Color::Warning, ..Cell::MUTED }
        } else {
            Cell::MUTED
        };
        let used = grid.text(x, 0, &text, like);
        hits.add(Area { x, y: 0, width: used, height: 1 }, Hit::Page(page));
        x += used + 2;
    }
    let live = model.live();
    let live = if live > 0 { format!("{live} live") } else { String::new() };
    if x + live.len() < grid.width {
        grid.text(grid.width - live.len(), 0, &live, Cell { fg: Color::Curve(2), ..Cell::MUTED });
    }
}

/// Draws the cards that are seen, and scrolls to the one that is selected.
fn draw_cards(
    grid: &mut Grid,
    area: Area,
    app: &mut App,
    model: &Model,
    plots: &mut Plots,
    hits: &mut Hits,
) {
    let cards = sidebar::cards(app, model);
    hits.cards = cards.len();
    app.cards.selected = app.cards.selected.min(cards.len().saturating_sub(1));
    if cards.is_empty() {
        let text = match (model.all_runs, model.runs.len()) {
            (0, _) => "no event files yet",
            (_, 0) => "no run matches the filter (r)",
            _ if !model.runs.iter().any(|run| run.is_shown) => "all runs are hidden (a shows them)",
            _ => "nothing here: other kinds 1-6, filters r and t",
        };
        let text = text::shorten(text, area.width.saturating_sub(2), true);
        grid.text(area.x + 1, area.y + area.height / 2, &text, Cell::MUTED);
        hits.columns = 1;
        return;
    }
    if app.is_full {
        (hits.columns, hits.rows) = (1, 1);
        draw_card(grid, area, app, model, plots, hits, app.cards.selected, &cards);
        return;
    }
    let fitting = match app.page {
        // As high as wide: two columns of cells are as wide as a row is high.
        Page::Images => (area.width / 30).clamp(1, 6),
        _ => (area.width / 44).clamp(1, 4),
    };
    let columns = app.columns.unwrap_or(fitting).min(area.width / 20).clamp(1, cards.len());
    let rows = (area.height / 11).clamp(1, cards.len().div_ceil(columns));
    (hits.columns, hits.rows) = (columns, rows);
    app.cards.show(app.cards.selected / columns, rows);
    let (card_width, card_height) = (area.width / columns, area.height / rows);
    for row in 0..rows {
        for column in 0..columns {
            let at = (app.cards.top + row) * columns + column;
            if at >= cards.len() {
                return;
            }
            let card = Area {
                x: area.x + column * card_width,
                y: area.y + row * card_height,
                width: card_width - usize::from(columns > 1),
                height: card_height,
            };
            draw_card(grid, card, app, model, plots, hits, at, &cards);
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "all of it is what a card consists of")]
fn draw_card(
    grid: &mut Grid,
    area: Area,
    app: &App,
    model: &Model,
    plots: &mut Plots,
    hits: &mut Hits,
    at: usize,
    cards: &[(&str, Vec<usize>)],
) {
    let Some((tag, runs)) = cards.get(at) else { return };
    let is_selected = at == app.cards.selected && !app.is_full && app.focus == Focus::Cards;
    let card = panels::Card { at, tag, runs, is_selected };
    hits.add(area, Hit::Card(at));
    match app.page {
        Page::Scalars => panels::draw_scalars(grid, area, app, model, plots, hits, &card),
        Page::PrCurves => panels::draw_pr_curves(grid, area, app, model, &card),
        Page::Histograms => panels::draw_histograms(grid, area, app, model, &card),
        Page::Images => panels::draw_images(grid, area, app, model, plots, hits, &card),
        Page::Text => texts::draw_text(grid, area, app, model, &card),
        Page::HParams => {}
    }
}

/// Draws the last line: what is typed, what a key did, what is wrong, or how things are shown.
fn draw_status(grid: &mut Grid, app: &App, model: &Model, shared: &Shared, y: usize) {
    if let Some(prompt) = &app.prompt {
        let label = format!("{}: {}", prompt.kind.label(), prompt.text);
        let label = text::shorten(&label, grid.width.saturating_sub(2), true);
        let used = grid.text(0, y, &label, Cell { is_bold: true, ..Cell::default() });
        grid.set(used, y, Cell { glyph: '_', ..Cell::default() });
        if let Some(error) = &prompt.error {
            grid.text(used + 2, y, error, Cell { fg: Color::Warning, ..Cell::default() });
        }
        return;
    }
    let warning = Cell { fg: Color::Warning, ..Cell::default() };
    if let Some(message) = &app.message {
        grid.text(0, y, &escape(message), Cell::default());
        return;
    }
    if let Some(error) = shared.error() {
        grid.text(0, y, &escape(&error), warning);
        return;
    }
    let mut parts = Vec::new();
    if shared.is_loading.load(Ordering::Relaxed) {
        parts.push("loading".to_owned());
    }
    parts.extend(match app.page {
        Page::Scalars => view_parts(&app.view),
        Page::HParams => vec!["m M sort".to_owned()],
        _ if app.back == 0 => vec!["last step, earlier ones: ,".to_owned()],
        _ => vec![format!("{} before the last step: , .", app.back)],
    });
    if app.keeps_all {
        parts.push("raw".to_owned());
    } else if model.superseded > 0 {
        parts.push(format!("{} replaced by restarts (R)", model.superseded));
    }
    for (name, typed) in [("r", &app.typed[0]), ("t", &app.typed[1]), ("g", &app.typed[2])] {
        if !typed.is_empty() {
            parts.push(format!("{name}:{}", escape(typed)));
        }
    }
    let mut used = grid.text(0, y, "? help", Cell { is_bold: true, ..Cell::default() });
    for (at, part) in parts.iter().enumerate() {
        let part = format!("{}{part}", if at == 0 { " " } else { "  " });
        if used + text::width(&part) > grid.width {
            break;
        }
        used += grid.text(used, y, &part, Cell::MUTED);
    }
    if let Some(text) = damage(model) {
        grid.text(used, y, &escape(&text), warning);
    }
}

/// Describes how curves are drawn.
fn view_parts(view: &View) -> Vec<String> {
    let zoom = view.x_range.map(|_| "zoomed (0 resets)".to_owned());
    let clip = view.clips_outliers.then(|| "clip".to_owned());
    let parts = [
        format!("smoothing {}", view.smoothing),
        format!("x {}", view.axis.name()),
        format!("y {}", view.y_scale.name()),
    ];
    parts.into_iter().chain(zoom).chain(clip).collect()
}

/// Describes the first damaged run: bad records, or a file that ends in the middle of one.
fn damage(model: &Model) -> Option<String> {
    let mut damaged = model.runs.iter().filter(|run| run.is_damaged());
    let run = damaged.next()?;
    let others = match damaged.count() {
        0 => String::new(),
        others => format!(" and {others} more"),
    };
    let (name, health) = (&run.slot.name, &run.health);
    Some(match &health.first_damage {
        Some(first) => format!("  {} damaged in {name}{others}: {first}", health.damage),
        None => format!("  truncated record at the end of {name}{others}"),
    })
}
