//! Saves what is seen: an SVG file, a CSV file, and the command that draws it again.

use super::app::App;
use super::model::{Model, Page};
use super::sidebar;
use crate::commands::show::charts::{Chart, Loaded};
use crate::commands::show::to_svg_with;
use crate::draw::{ScaleKind, Series, XAxis};
use crate::output::csv::Dialect;
use crate::output::{self, numbers};
use crate::store::Content;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The saved files.
#[derive(Clone, Debug)]
pub(crate) struct Saved {
    pub(crate) svg: PathBuf,
    pub(crate) command: String,
}

/// Saves the selected chart on a full screen, otherwise all charts that match the filters.
pub(crate) fn save(app: &App, model: &Model, dir: &Path) -> anyhow::Result<Saved> {
    if app.page != Page::Scalars {
        anyhow::bail!("only scalars can be saved (page 1)");
    }
    let mut cards = sidebar::cards(app, model);
    if app.is_full {
        cards = cards.into_iter().skip(app.cards.selected).take(1).collect();
    }
    if cards.is_empty() {
        anyhow::bail!("there is no chart to save");
    }
    let now = chrono::Local::now().format("%Y%m%d-%H%M%S");
    let svg = PathBuf::from(format!("tfevents-{now}.svg"));
    let table = svg.with_extension("csv");
    let mut runs: Vec<(String, Vec<(String, Series)>)> = Vec::new();
    for run in model.runs.iter().filter(|run| run.is_shown) {
        let data = run.slot.data();
        let tags = cards.iter().filter_map(|(tag, _)| match data.content(tag) {
            Some(Content::Scalars { series, .. }) => Some(((*tag).to_owned(), series.clone())),
            _ => None,
        });
        runs.push((run.slot.name.clone(), tags.collect()));
    }
    let csv = Dialect { delimiter: b',', escaped: false, guarded: false };
    output::write_to(Some(&table), |out| {
        let mut text = b"run,tag,step,wall_time,value\n".to_vec();
        for (run, tags) in &runs {
            for (tag, series) in tags {
                for point in series.iter() {
                    csv.push_text(&mut text, run);
                    text.push(b',');
                    csv.push_text(&mut text, tag);
                    let wall_time = point.wall_time;
                    text.extend_from_slice(format!(",{},{wall_time},", point.step).as_bytes());
                    numbers::push_f32(&mut text, point.value);
                    text.push(b'\n');
                }
                out.write_all(&text)?;
                text.clear();
            }
        }
        Ok(())
    })?;
    let charts: Vec<Chart> =
        Loaded::from_runs(runs).charts(app.filters.by.as_ref(), app.view.smoothing);
    let text = to_svg_with(&charts, &app.view, app.palette);
    output::write_to(Some(&svg), |out| Ok(out.write_all(text.as_bytes())?))?;
    let tags: Vec<_> = cards.iter().map(|(tag, _)| *tag).collect();
    Ok(Saved { command: command(app, model, dir, &tags), svg })
}

/// Returns the command that draws the same charts.
fn command(app: &App, model: &Model, dir: &Path, tags: &[&str]) -> String {
    let mut command = format!("tfevents show {}", quote(&dir.to_string_lossy()));
    let _ = write!(command, " -t {}", quote(&any_of(tags)));
    let shown: Vec<_> =
        model.runs.iter().filter(|run| run.is_shown).map(|run| &*run.slot.name).collect();
    if shown.len() < model.all_runs {
        let _ = write!(command, " -r {}", quote(&any_of(&shown)));
    }
    let view = &app.view;
    if view.smoothing > 0.0 {
        let _ = write!(command, " --smoothing {}", view.smoothing);
    }
    if view.axis != XAxis::Step {
        let _ = write!(command, " --x {}", view.axis.name());
    }
    for (is_on, option) in [
        (view.x_scale != ScaleKind::Linear, " --log-x"),
        (view.y_scale != ScaleKind::Linear, " --log-y"),
        (!view.clips_outliers, " --outliers"),
        (app.keeps_all, " --raw"),
        (app.palette == crate::draw::Palette::TensorBoard, " --tensorboard-colors"),
    ] {
        command.push_str(if is_on { option } else { "" });
    }
    if let (Some(range), XAxis::Step) = (view.x_range, view.axis) {
        let _ = write!(command, " --steps {}..={}", range.min.ceil(), range.max.floor());
    }
    if app.filters.by.is_some() {
        let _ = write!(command, " --by {}", quote(&app.typed[2]));
    }
    command
}

/// Returns a regular expression that matches these names alone.
fn any_of(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| regex::escape(name)).collect();
    match &names[..] {
        [name] => format!("^{name}$"),
        names => format!("^({})$", names.join("|")),
    }
}

/// Quotes an argument for a shell.
fn quote(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,@%".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_quoted() {
        assert_eq!(quote("logs/a-1"), "logs/a-1");
        assert_eq!(quote("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(any_of(&["a.b", "c"]), r"^(a\.b|c)$");
        assert_eq!(any_of(&["loss"]), "^loss$");
    }
}
