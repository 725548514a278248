//! Cards of texts: markdown as it reads without a browser.

use super::app::App;
use super::model::Model;
use super::panels::{Card, draw_head, pick};
use crate::draw::{Area, Cell, Grid, text};
use crate::store::Content;
use tfevents::read::TextValue;

pub(crate) fn draw_text(grid: &mut Grid, area: Area, app: &App, model: &Model, card: &Card<'_>) {
    let Some(run) = card.runs.first().and_then(|at| model.runs.get(*at)) else { return };
    let data = run.slot.data();
    let Some(Content::Texts(kept)) = data.content(card.tag) else { return };
    let Some(item) = pick(kept, app) else { return };
    let area = draw_head(grid, area, app, card, run, &[format!("step {}", item.step)]);
    let lines = text::wrap(&plain_text(&item.value), area.width);
    let top = if app.is_full { app.cards.top.min(lines.len().saturating_sub(1)) } else { 0 };
    for (y, line) in lines.iter().skip(top).take(area.height).enumerate() {
        grid.text(area.x, area.y + y, line, Cell::default());
    }
}

/// Returns a text, or a table of texts with bars between the cells.
fn plain_text(value: &TextValue<'_>) -> String {
    align_tables(&unescape(&joined(value)))
}

/// Pads the cells of markdown's tables, and draws a line for the row of dashes.
fn align_tables(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    let is_row = |line: &&str| line.len() > 1 && line.starts_with('|') && line.ends_with('|');
    let mut plain = String::with_capacity(text.len());
    let mut rest = &lines[..];
    while let Some((first, others)) = rest.split_first() {
        let rows = rest.iter().take_while(|line| is_row(line)).count();
        if rows < 2 {
            plain.push_str(first);
            plain.push('\n');
            rest = others;
            continue;
        }
        let cells: Vec<Vec<&str>> = rest[..rows]
            .iter()
            .map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
            .collect();
        let columns = cells.iter().map(Vec::len).max().unwrap_or(0);
        let cell = |row: &[&str], column: usize| text::width(row.get(column).unwrap_or(&""));
        let widths: Vec<_> = (0..columns)
            .map(|at| cells.iter().map(|row| cell(row, at)).max().unwrap_or(0))
            .collect();
        let heading = |column: usize| cell(&cells[0], column);
        for row in &cells {
            let is_rule =
                row.iter().all(|cell| !cell.is_empty() && cell.chars().all(|c| "-:".contains(c)));
            let padded =
                row.iter().zip(&widths).enumerate().map(|(at, (cell, width))| match is_rule {
                    // Below the heading alone: a line of all the width would be broken.
                    true => "-".repeat(heading(at)) + &" ".repeat(width - heading(at)),
                    false => format!("{cell}{}", " ".repeat(width - text::width(cell))),
                });
            let padded: Vec<_> = padded.collect();
            plain.push_str(padded.join("  ").trim_end());
            plain.push('\n');
        }
        rest = &rest[rows..];
    }
    plain
}

/// Removes the backslashes of markdown before punctuation, except in blocks of code.
fn unescape(text: &str) -> String {
    let mut is_code = false;
    let mut plain = String::with_capacity(text.len());
    for line in text.lines() {
        is_code ^= line.trim_start().starts_with("```");
        let mut chars = line.chars().peekable();
        while let Some(char) = chars.next() {
            let next = chars.peek().copied();
            if is_code || char != '\\' || !next.is_some_and(|next| next.is_ascii_punctuation()) {
                plain.push(char);
            } else if let Some(next) = chars.next() {
                plain.push(next);
            }
        }
        plain.push('\n');
    }
    plain
}

fn joined(value: &TextValue<'_>) -> String {
    match value.shape[..] {
        [_, columns] if columns > 0 => {
            let rows = value.strings.chunks(columns as usize);
            rows.map(|row| row.join(" | ")).collect::<Vec<_>>().join("\n")
        }
        _ => value.strings.join("\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_markdown_are_removed_outside_of_code() {
        assert_eq!(unescape("0\\.5 \\* a\\b \\"), "0.5 * a\\b \\\n");
        assert_eq!(unescape("```\na\\.b\n```\na\\.b"), "```\na\\.b\n```\na.b\n");
    }

    #[test]
    fn the_columns_of_tables_are_aligned() {
        let table =
            "before\n| name | value |\n|:--|--:|\n| learning rate | 0.002 |\n|a|\nafter | that";
        assert_eq!(
            align_tables(table),
            "before\nname           value\n----           -----\nlearning rate  0.002\na\nafter | that\n"
        );
        assert_eq!(align_tables("| alone |\n\n"), "| alone |\n\n");
    }
}
