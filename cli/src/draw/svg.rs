//! Charts as an SVG file, for papers and pages.

use super::palette::{Palette, Style};
use super::plot::Plot;
use super::scale::{ScaleKind, x_ticks};
use super::series::XAxis;
use super::thin::{Gap, Segment, Spot};
use std::fmt::Write;

/// The size of a chart, and of the space around it.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 40.0;

/// The columns that a plot is thinned to: two per unit.
pub(crate) const COLUMNS: usize = 2 * (WIDTH - LEFT - RIGHT) as usize;

/// A chart of a file.
#[derive(Debug)]
pub(crate) struct Panel<'a> {
    pub(crate) title: &'a str,
    pub(crate) plot: Plot,
}

/// Writes charts one below the other, with a legend of all runs at the end.
pub(crate) fn draw(
    panels: &[Panel<'_>],
    legend: &[(String, Style)],
    palette: Palette,
    utc_offset: i64,
) -> String {
    let rows = legend.len().div_ceil(2);
    let height = HEIGHT * panels.len() as f64 + 20.0 * rows as f64 + 16.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" font-family=\"Helvetica, Arial, sans-serif\" \
         font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    for (at, panel) in panels.iter().enumerate() {
        let top = HEIGHT * at as f64;
        let _ = writeln!(svg, "<g transform=\"translate(0 {top})\">");
        Chart { svg: &mut svg, plot: &panel.plot, palette }.draw(panel.title, at, utc_offset);
        svg.push_str("</g>\n");
    }
    let top = HEIGHT * panels.len() as f64;
    for (at, (name, style)) in legend.iter().enumerate() {
        let x = LEFT + (at % 2) as f64 * (WIDTH - LEFT) / 2.0;
        let y = top + 20.0 * (at / 2) as f64 + 12.0;
        mark(&mut svg, *style, palette, x, y - 4.0);
        let name = escape(name);
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{y}\">{name}</text>", x + 12.0);
    }
    svg.push_str("</svg>\n");
    svg
}

struct Chart<'a> {
    svg: &'a mut String,
    plot: &'a Plot,
    palette: Palette,
}

impl Chart<'_> {
    // Writing to a string does not fail, so results are dropped.
    fn draw(&mut self, title: &str, number: usize, utc_offset: i64) {
        let mut notes = Vec::new();
        if self.plot.y.kind != ScaleKind::Linear {
            notes.push(self.plot.y.kind.name().to_owned());
        }
        if self.plot.outside > 0 {
            notes.push(self.plot.outliers());
        }
        let (title, notes) = (escape(title), notes.join(", "));
        let _ = writeln!(
            self.svg,
            "<text x=\"{LEFT}\" y=\"20\" font-weight=\"bold\">{title} \
             <tspan font-weight=\"normal\" fill=\"#666\">{notes}</tspan></text>"
        );
        self.axes(utc_offset);
        let (width, height) = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
        let _ = writeln!(
            self.svg,
            "<clipPath id=\"c{number}\"><rect x=\"{LEFT}\" y=\"{TOP}\" width=\"{width}\" \
             height=\"{height}\"/></clipPath>\n<g clip-path=\"url(#c{number})\" fill=\"none\">"
        );
        let plot = self.plot;
        for curve in &plot.curves {
            let color = self.palette.hex_on_white(curve.style.color);
            if !curve.lower.is_empty() {
                self.band(&curve.lower, &curve.upper, &color);
            }
            if curve.is_smoothed {
                let raw = self.path(&curve.thinned.raw);
                let _ = writeln!(
                    self.svg,
                    "<path d=\"{raw}\" stroke=\"{color}\" stroke-opacity=\".3\"/>"
                );
            }
        }
        for curve in &plot.curves {
            let color = self.palette.hex_on_white(curve.style.color);
            let line = if curve.is_smoothed { &curve.thinned.smoothed } else { &curve.thinned.raw };
            let path = self.path(line);
            let _ = writeln!(
                self.svg,
                "<path d=\"{path}\" stroke=\"{color}\" stroke-width=\"1.5\" \
                 stroke-linejoin=\"round\"/>"
            );
            if let Some(last) = line.last() {
                let (x, y) = self.at(last.last);
                mark(self.svg, curve.style, self.palette, x, y);
            }
        }
        self.svg.push_str("</g>\n");
        self.gaps();
    }

    fn at(&self, spot: Spot) -> (f64, f64) {
        let (x, y) = self.plot.place(spot);
        (LEFT + x * (WIDTH - LEFT - RIGHT), TOP + y * (HEIGHT - TOP - BOTTOM))
    }

    fn axes(&mut self, utc_offset: i64) {
        let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        let plot = self.plot;
        for tick in plot.y.ticks(6) {
            let y = TOP + (1.0 - plot.y.position(tick.value)) * (bottom - TOP);
            let _ = writeln!(
                self.svg,
                "<path d=\"M{LEFT} {y:.1}H{right}\" stroke=\"#ddd\"/><text x=\"{}\" y=\"{:.1}\" \
                 text-anchor=\"end\" fill=\"#444\">{}</text>",
                LEFT - 6.0,
                y + 4.0,
                tick.label
            );
        }
        for tick in x_ticks(&plot.x, plot.axis, 7, utc_offset) {
            let x = LEFT + plot.x.position(tick.value) * (right - LEFT);
            let _ = writeln!(
                self.svg,
                "<path d=\"M{x:.1} {bottom}v4\" stroke=\"#444\"/><text x=\"{x:.1}\" y=\"{}\" \
                 text-anchor=\"middle\" fill=\"#444\">{}</text>",
                bottom + 17.0,
                tick.label
            );
        }
        let name = match plot.axis {
            XAxis::Step => "step",
            XAxis::Relative => "relative time",
            XAxis::Wall => "time",
        };
        let _ = writeln!(
            self.svg,
            "<path d=\"M{LEFT} {TOP}V{bottom}H{right}\" fill=\"none\" stroke=\"#444\"/>\
             <text x=\"{right}\" y=\"{}\" text-anchor=\"end\" fill=\"#666\">{name}</text>",
            HEIGHT - 8.0
        );
    }

    fn path(&self, segments: &[Segment]) -> String {
        let mut path = String::new();
        for segment in segments {
            let first = self.at(segment.first);
            let verb = if segment.is_joined && !path.is_empty() { 'L' } else { 'M' };
            let _ = write!(path, "{verb}{:.1} {:.1}", first.0, first.1);
            if segment.min == segment.max && segment.first == segment.last {
                continue;
            }
            let last = self.at(segment.last);
            for y in [segment.min, segment.max] {
                let middle = Spot { x: segment.first.x, y };
                let _ = write!(path, "L{:.1} {:.1}", first.0, self.at(middle).1);
            }
            let _ = write!(path, "L{:.1} {:.1}", last.0, last.1);
        }
        path
    }

    fn band(&mut self, lower: &[Segment], upper: &[Segment], color: &str) {
        let mut path = String::new();
        let above = upper.iter().map(|s| Spot { x: s.first.x, y: s.max });
        let below = lower.iter().rev().map(|s| Spot { x: s.first.x, y: s.min });
        for spot in above.chain(below) {
            let (x, y) = self.at(spot);
            let verb = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{verb}{x:.1} {y:.1}");
        }
        let _ = writeln!(self.svg, "<path d=\"{path}Z\" fill=\"{color}\" fill-opacity=\".2\"/>");
    }

    /// Marks on the axis what is not finite.
    fn gaps(&mut self) {
        let width = WIDTH - LEFT - RIGHT;
        let plot = self.plot;
        for (column, gap) in plot.curves.iter().flat_map(|curve| &curve.thinned.gaps) {
            let x = LEFT + (f64::from(*column) + 0.5) / plot.columns as f64 * width;
            let (y, name) = match gap {
                Gap::Nan => (HEIGHT - BOTTOM, "NaN"),
                Gap::Infinite => (TOP, "inf"),
                Gap::NegativeInfinite => (HEIGHT - BOTTOM, "-inf"),
            };
            let _ = writeln!(
                self.svg,
                "<path d=\"M{:.1} {:.1}l8 8m0 -8l-8 8\" stroke=\"#c00\" stroke-width=\"2\">\
                 <title>{name}</title></path>",
                x - 4.0,
                y - 4.0
            );
        }
    }
}

/// Draws the shape of a run.
fn mark(svg: &mut String, style: Style, palette: Palette, x: f64, y: f64) {
    let shape = match style.shape {
        0 => "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z",
        1 => "M0 -5L5 4H-5Z",
        2 => "M-4 -4H4V4H-4Z",
        3 => "M0 -5L5 0L0 5L-5 0Z",
        4 => "M-1.5 -5H1.5V-1.5H5V1.5H1.5V5H-1.5V1.5H-5V-1.5H-1.5Z",
        5 => "M0 -6L1.5 -2H6L2.5 1L4 5L0 2.5L-4 5L-2.5 1L-6 -2H-1.5Z",
        6 => "M0 5L5 -4H-5Z",
        _ => "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0ZM-2 0a2 2 0 1 1 4 0a2 2 0 1 1 -4 0Z",
    };
    let color = palette.hex_on_white(style.color);
    let _ = writeln!(
        svg,
        "<path transform=\"translate({x:.1} {y:.1})\" d=\"{shape}\" fill=\"{color}\" \
         fill-rule=\"evenodd\"/>"
    );
}

/// Escapes text for SVG and HTML, with what XML does not allow replaced.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for glyph in text.chars() {
        match glyph {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(glyph),
            _ if glyph.is_control() || matches!(glyph, '\u{fffe}' | '\u{ffff}') => {
                escaped.push('\u{fffd}');
            }
            _ => escaped.push(glyph),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::plot::{Curve, View};
    use super::super::series::series;
    use super::super::smooth::Smoothed;
    use super::*;

    #[test]
    fn a_curve_is_a_path_between_its_axes() {
        let series = series([0.0, 1.0, f32::NAN, 1.0]);
        let mut smoothed = Smoothed::default();
        smoothed.update(&series, 0.0);
        let style = Style::default();
        let curve = Curve { style, series: &series, smoothed: &smoothed, band: None };
        let plot = Plot::new(&[curve], &View::default(), COLUMNS);
        let panels = [Panel { title: "<loss>", plot }];
        let legend = [("a & b".to_owned(), style)];
        let svg = draw(&panels, &legend, Palette::OkabeIto, 0);
        // 0 lies 1/22 above the lower end of 226 units, which begin at 34: 249.7; 1 at 44.3.
        assert!(svg.contains("d=\"M64.0 249.7L277.3 44.3M704.0 44.3\""), "{svg}");
        assert!(
            svg.contains("&lt;loss&gt;") && svg.contains("a &amp; b") && svg.contains("<title>NaN")
        );
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        assert_eq!(svg.matches("<g ").count(), svg.matches("</g>").count());
    }
}
