//! `show`: charts of scalars in the terminal, or as an SVG file.

pub(crate) mod charts;

use crate::draw::{Ansi, ColorSupport, Glyphs, Palette, ScaleKind, View, XAxis, chart, spark, svg};
use crate::outcome::{Outcome, Result};
use crate::output::escape::escape;
use crate::output::table::{Align, Cell, Table};
use crate::output::{self, numbers, terminal};
use crate::selection::{Dirs, Filter, Range};
use charts::{Chart, Legend, Loaded};
use regex::Regex;
use std::io::IsTerminal;
use std::path::PathBuf;

/// Draw scalars as charts, one per tag with all runs
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Smoothing is TensorBoard's, over all points. Clipped are values outside the 5th to 95th percentile.

Examples:
  tfevents show logs -t loss --smoothing 0.9      loss of all runs
  tfevents show logs -1                           a line per run and tag
  tfevents show logs -t '^train/loss$' --log-y -o loss.svg
  tfevents show logs --by '(.*)/seed\\d+'           mean ± standard deviation over seeds")]
pub(crate) struct Args {
    #[command(flatten)]
    dirs: Dirs,
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    range: Range,
    #[command(flatten)]
    look: Look,
    /// One line per run and tag
    #[arg(short = '1', long, conflicts_with = "output")]
    one_line: bool,
    /// Write an SVG file
    #[arg(short, long, value_name = "FILE.svg", value_parser = svg_path)]
    output: Option<PathBuf>,
}

/// How curves are drawn.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Look {
    /// TensorBoard's smoothing, from 0 to 0.999
    #[arg(long, value_name = "W", default_value_t = 0.0, value_parser = weight)]
    #[arg(hide_default_value = true)]
    pub(crate) smoothing: f64,
    /// The x axis: step, relative or wall
    #[arg(long, value_name = "X", default_value = "step", value_parser = axis)]
    #[arg(hide_default_value = true)]
    pub(crate) x: XAxis,
    /// Logarithmic x axis
    #[arg(long)]
    pub(crate) log_x: bool,
    /// Logarithmic y axis; symmetric where values are zero or negative
    #[arg(long)]
    pub(crate) log_y: bool,
    /// Do not clip outliers
    #[arg(long)]
    pub(crate) outliers: bool,
    /// Mean and standard deviation over the runs for which REGEX captures the same
    #[arg(long, value_name = "REGEX")]
    pub(crate) by: Option<Regex>,
    /// Colors of TensorBoard instead of Okabe and Ito's
    #[arg(long)]
    pub(crate) tensorboard_colors: bool,
    /// Draw with ASCII only
    #[arg(long)]
    pub(crate) ascii: bool,
}

fn weight(text: &str) -> std::result::Result<f64, String> {
    let weight = text.parse::<f64>().ok().filter(|weight| (0.0..1.0).contains(weight));
    weight.ok_or_else(|| "expected a number from 0 to less than 1".to_owned())
}

fn axis(text: &str) -> std::result::Result<XAxis, String> {
    let all = [XAxis::Step, XAxis::Relative, XAxis::Wall];
    let found = all.into_iter().find(|axis| axis.name() == text);
    found.ok_or_else(|| "expected step, relative or wall".to_owned())
}

impl Look {
    pub(crate) fn view(&self) -> View {
        let scale = |is_log| if is_log { ScaleKind::Log } else { ScaleKind::Linear };
        View {
            axis: self.x,
            x_scale: scale(self.log_x),
            y_scale: scale(self.log_y),
            smoothing: self.smoothing,
            clips_outliers: !self.outliers,
            utc_offset: utc_offset(),
            ..View::default()
        }
    }

    pub(crate) fn palette(&self) -> Palette {
        if self.tensorboard_colors { Palette::TensorBoard } else { Palette::OkabeIto }
    }

    /// Returns braille, unless asked otherwise or on the console of Linux, whose font has none.
    pub(crate) fn glyphs(&self) -> Glyphs {
        match std::env::var("TERM").as_deref() {
            _ if self.ascii => Glyphs::Ascii,
            Ok("linux") => Glyphs::HalfBlocks,
            Ok("dumb") => Glyphs::Ascii,
            _ => Glyphs::Braille,
        }
    }
}

/// Returns the offset of local time from UTC, in seconds.
pub(crate) fn utc_offset() -> i64 {
    i64::from(chrono::Local::now().offset().local_minus_utc())
}

/// Returns the colors of the standard output.
pub(crate) fn colors() -> ColorSupport {
    if !terminal::stdout_has_color() {
        return ColorSupport::None;
    }
    // Colors that were asked for are written, whatever the environment says.
    let support = ColorSupport::from_env(|name| std::env::var(name).ok());
    support.max(ColorSupport::Ansi16)
}

/// Returns the width of the standard output in cells; 80 if it is no terminal.
pub(crate) fn width() -> usize {
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
    let is_terminal = std::io::stdout().is_terminal();
    let size = is_terminal.then(terminal_size::terminal_size).flatten();
    size.map(|(width, _)| usize::from(width.0)).or_else(columns).unwrap_or(80).clamp(20, 500)
}

/// Parses the path of a file that is SVG by its name, or has no extension, such as `/dev/stdout`.
fn svg_path(text: &str) -> std::result::Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension() {
        Some(extension) if !extension.eq_ignore_ascii_case("svg") => {
            Err("expected a name that ends in .svg".to_owned())
        }
        _ => Ok(path),
    }
}

pub(crate) fn run(args: &Args) -> Result {
    let loaded = Loaded::read(&args.dirs, &args.filter, &args.range)?;
    let charts = loaded.charts(args.look.by.as_ref(), args.look.smoothing);
    if charts.is_empty() {
        terminal::note("no scalars are selected");
    }
    if let Some(path) = &args.output {
        write_svg(args, &charts, path)?;
        return Ok(Outcome::Success);
    }
    let text = if args.one_line { lines(args, &charts)? } else { plots(args, &charts) };
    output::to_stdout(|out| out.write_all(text.as_bytes()))?;
    Ok(Outcome::Success)
}

/// Draws a chart per tag, and a legend.
fn plots(args: &Args, charts: &[Chart]) -> String {
    draw_all(charts, &args.look, width())
}

/// Draws charts one below the other; as many beside each other as are wide enough to be read.
pub(crate) fn draw_all(charts: &[Chart], look: &Look, width: usize) -> String {
    let (view, glyphs) = (look.view(), look.glyphs());
    let ansi = Ansi { colors: colors(), palette: look.palette() };
    let columns = (width / 70).clamp(1, 3).min(charts.len().max(1));
    let chart_width = width.min(columns * 120) / columns;
    let height = if columns > 1 { 16 } else { 14 };
    let mut text = String::new();
    for row in charts.chunks(columns) {
        let mut grid = crate::draw::Grid::new(chart_width * columns, height + 1);
        for (at, chart) in row.iter().enumerate() {
            let layout = chart::Layout::new(chart_width - 1, height);
            let plot = chart.plot(&view, layout.columns(glyphs));
            let title = escape(&chart.tag);
            let frame = chart::Frame {
                title: &title,
                glyphs,
                utc_offset: view.utc_offset,
                ..chart::Frame::default()
            };
            let drawn = chart::draw(&plot, &frame, chart_width - 1, height);
            grid.place(&drawn, at * chart_width, 0);
        }
        text.push_str(&ansi.write(&grid));
    }
    let legend = Legend::of(charts);
    text.push_str(&ansi.write(&legend.draw(chart_width * columns, glyphs)));
    text
}

/// Draws a line per run and tag.
fn lines(args: &Args, charts: &[Chart]) -> anyhow::Result<String> {
    use Align::{Left, Right};
    let glyphs = args.look.glyphs();
    let mut table = Table::new([
        ("RUN", Left),
        ("TAG", Left),
        ("CURVE", Left),
        ("LAST", Right),
        ("MIN", Right),
        ("MAX", Right),
        ("STEP", Right),
    ]);
    let longest = |name: &str| escape(name).chars().count();
    let curves = || charts.iter().flat_map(|chart| chart.curves.iter().map(move |c| (chart, c)));
    let used = curves().map(|(chart, curve)| longest(&curve.name) + longest(&chart.tag)).max();
    let cells = width().saturating_sub(used.unwrap_or(0) + 50).clamp(16, 60);
    for (chart, curve) in curves() {
        let spark = spark::draw(&curve.series, &curve.smoothed, cells, glyphs);
        let last = curve.series.last();
        let finite =
            || curve.series.iter().map(|point| point.value).filter(|value| !value.is_nan());
        let (min, max) = (finite().reduce(f32::min), finite().reduce(f32::max));
        table.row([
            Cell::new(&curve.name),
            Cell::new(&chart.tag),
            Cell::new(spark),
            Cell::optional(last.map(|point| numbers::f32_text(point.value))),
            Cell::optional(min.map(numbers::f32_text)),
            Cell::optional(max.map(numbers::f32_text)),
            Cell::optional(last.map(|point| point.step)),
        ]);
    }
    let mut text = Vec::new();
    table.write(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn write_svg(args: &Args, charts: &[Chart], path: &std::path::Path) -> anyhow::Result<()> {
    let svg = to_svg_with(charts, &args.look.view(), args.look.palette());
    output::write_to(Some(path), |out| Ok(out.write_all(svg.as_bytes())?))
}

/// Draws charts as an SVG file.
pub(crate) fn to_svg_with(charts: &[Chart], view: &View, palette: Palette) -> String {
    let panel = |chart: &'_ Chart| chart.plot(view, svg::COLUMNS);
    let panels: Vec<_> =
        charts.iter().map(|chart| svg::Panel { title: &chart.tag, plot: panel(chart) }).collect();
    svg::draw(&panels, &Legend::of(charts).entries, palette, view.utc_offset)
}
