//! The list of all keys.

use super::app::App;
use super::keys::HELP;
use crate::draw::{Area, Cell, Grid, text};

/// The width of the longest keys, and of a column that holds keys and effects.
const KEYS: usize = 20;
const COLUMN: usize = 66;

/// Lists all keys, in two columns where there is space. Returns a line about closing and scrolling.
pub(crate) fn draw(grid: &mut Grid, area: Area, app: &mut App) -> String {
    let columns = if area.width >= 2 * COLUMN { 2 } else { 1 };
    let width = area.width / columns;
    let lines = lines(width - 2);
    let rows = lines.len().div_ceil(columns);
    app.help_top = app.help_top.min(rows.saturating_sub(area.height));
    let bottom = app.help_top + area.height;
    for (at, (key, effect)) in lines.iter().enumerate() {
        let (column, row) = (at / rows, at % rows);
        if !(app.help_top..bottom).contains(&row) {
            continue;
        }
        let (x, y) = (area.x + 1 + column * width, area.y + row - app.help_top);
        grid.text(x, y, key, Cell { is_bold: true, ..Cell::default() });
        grid.text(x + keys_width(width - 2), y, effect, Cell::default());
    }
    if area.height >= rows {
        return "Esc closes the help".to_owned();
    }
    format!("{} to {bottom} of {rows}; j k scroll, Esc closes", app.help_top + 1)
}

fn keys_width(width: usize) -> usize {
    KEYS.min(width / 3)
}

/// Breaks keys and effects into lines of a width.
fn lines(width: usize) -> Vec<(String, String)> {
    let keys_width = keys_width(width);
    let mut lines = Vec::new();
    for (keys, effect) in HELP {
        let keys = text::wrap(keys, keys_width - 1);
        let effects = text::wrap(effect, width - keys_width);
        let line = |lines: &[String], at: usize| lines.get(at).cloned().unwrap_or_default();
        for at in 0..keys.len().max(effects.len()).max(1) {
            lines.push((line(&keys, at), line(&effects, at)));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::{Glyphs, Palette, View};

    /// Returns all words of the help, as far as it is scrolled through.
    fn words(width: usize, height: usize) -> Vec<String> {
        let mut app = App::new(View::default(), Palette::OkabeIto, Glyphs::Braille);
        let mut words = Vec::new();
        for top in 0..200 {
            app.help_top = top;
            let mut grid = Grid::new(width, height);
            draw(&mut grid, Area { x: 0, y: 0, width, height }, &mut app);
            words.extend(grid.plain().split_whitespace().map(str::to_owned));
        }
        words
    }

    #[test]
    fn every_key_is_listed_whole_at_any_width() {
        for (width, height) in [(200, 58), (80, 22), (40, 8), (24, 4)] {
            let found = words(width, height);
            for (keys, effect) in HELP {
                // A word that is wider than its column is broken.
                let narrow = keys_width(width - 2) - 1;
                for word in keys.split(' ').filter(|word| word.len() <= narrow) {
                    assert!(
                        found.iter().any(|found| found == word) || word.is_empty(),
                        "{width}: {word}"
                    );
                }
                for word in effect.split(' ').filter(|word| word.len() <= 12) {
                    assert!(
                        found.iter().any(|found| found == word) || word.is_empty(),
                        "{width}: {word}"
                    );
                }
            }
        }
    }
}
