//! Colors and shapes of curves, which stay with a run's name.

use std::collections::HashMap;

/// The color of a cell, independent of what the terminal can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Color {
    #[default]
    Default,
    /// Axes and what is of little weight.
    Muted,
    /// Warnings and the cursor.
    Warning,
    /// A curve's, by its number in the palette.
    Curve(u8),
    /// A pixel's.
    Rgb([u8; 3]),
}

/// The colors that a terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ColorSupport {
    None,
    Ansi16,
    Ansi256,
    True,
}

impl ColorSupport {
    /// Returns what a terminal says of itself by `NO_COLOR`, `COLORTERM` and `TERM`.
    pub(crate) fn from_env(get: impl Fn(&str) -> Option<String>) -> Self {
        if get("NO_COLOR").is_some_and(|value| !value.is_empty()) {
            return Self::None;
        }
        let is_true = |value: String| value == "truecolor" || value == "24bit";
        if get("COLORTERM").is_some_and(is_true) || get("WT_SESSION").is_some() {
            return Self::True;
        }
        match get("TERM").as_deref() {
            Some("dumb") => Self::None,
            Some(term) if term.contains("256color") || term.contains("kitty") => Self::Ansi256,
            Some(term) if term.contains("direct") => Self::True,
            None if cfg!(windows) => Self::True,
            _ => Self::Ansi16,
        }
    }
}

/// The colors that curves take in turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Palette {
    /// The colors of Okabe and Ito, without black: they differ for people with any color vision.
    #[default]
    OkabeIto,
    /// TensorBoard's, for color blindness as well.
    TensorBoard,
}

const OKABE_ITO: [[u8; 3]; 8] = [
    [0xe6, 0x9f, 0x00],
    [0x56, 0xb4, 0xe9],
    [0x00, 0x9e, 0x73],
    [0xcc, 0x79, 0xa7],
    [0xd5, 0x5e, 0x00],
    [0x00, 0x72, 0xb2],
    [0xf0, 0xe4, 0x42],
    [0x99, 0x99, 0x99],
];

const TENSORBOARD: [[u8; 3]; 8] = [
    [0xff, 0x70, 0x43],
    [0x00, 0x77, 0xbb],
    [0xcc, 0x33, 0x11],
    [0x33, 0xbb, 0xee],
    [0xee, 0x33, 0x77],
    [0x00, 0x99, 0x88],
    [0xbb, 0xbb, 0xbb],
    [0x99, 0x77, 0x55],
];

/// Of the 16 colors, those that are near and seen on black and on white: yellow, cyan, green,
/// magenta, red, bright blue, bright magenta, gray.
const ANSI: [u8; 8] = [3, 6, 2, 5, 1, 12, 13, 8];

/// The number of colors of a palette.
pub(crate) const COLORS: usize = 8;

impl Palette {
    pub(crate) fn rgb(self, color: u8) -> [u8; 3] {
        let colors = if self == Self::OkabeIto { OKABE_ITO } else { TENSORBOARD };
        colors[usize::from(color) % COLORS]
    }

    /// Returns a color that is seen on white as well: Okabe and Ito's yellow is darker.
    fn rgb_on_white(self, color: u8) -> [u8; 3] {
        match self.rgb(color) {
            [0xf0, 0xe4, 0x42] => [0xa8, 0x95, 0x00],
            rgb => rgb,
        }
    }

    /// Returns that color as CSS and SVG write it.
    pub(crate) fn hex_on_white(self, color: u8) -> String {
        let [r, g, b] = self.rgb_on_white(color);
        format!("#{r:02x}{g:02x}{b:02x}")
    }

    /// Returns the number of the nearest color of a terminal that has 16.
    pub(crate) fn ansi(color: u8) -> u8 {
        ANSI[usize::from(color) % COLORS]
    }
}

/// Returns the number of the nearest of 256 colors.
pub(crate) fn ansi256([r, g, b]: [u8; 3]) -> u8 {
    let (spread, level) =
        (r.max(g).max(b) - r.min(g).min(b), u16::from(r) + u16::from(g) + u16::from(b));
    if spread < 12 {
        return match level / 3 {
            0..8 => 16,
            239.. => 231,
            gray => 232 + ((gray - 8) / 10).min(23) as u8,
        };
    }
    let cube = |level: u8| match level {
        0..48 => 0,
        48..115 => 1,
        _ => (level - 35) / 40,
    };
    16 + 36 * cube(r) + 6 * cube(g) + cube(b)
}

/// Returns the nearest of the 16 colors.
pub(crate) fn ansi16([r, g, b]: [u8; 3]) -> u8 {
    let largest = r.max(g).max(b);
    if largest < 48 {
        return 0;
    }
    if r.abs_diff(g) < 32 && g.abs_diff(b) < 32 {
        return match largest {
            0..112 => 8,
            112..208 => 7,
            _ => 15,
        };
    }
    let bit = |level: u8, bit: u8| if level > largest / 2 { 1u8 << bit } else { 0 };
    let bright = if largest > 200 { 8 } else { 0 };
    (bit(r, 0) | bit(g, 1) | bit(b, 2)) + bright
}

/// The color and the shape of a curve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Style {
    pub(crate) color: u8,
    pub(crate) shape: u8,
}

const SHAPES: [(char, char); 8] = [
    ('●', 'o'),
    ('▲', '^'),
    ('■', '#'),
    ('◆', '%'),
    ('✚', '+'),
    ('★', '*'),
    ('▼', 'v'),
    ('○', '@'),
];

impl Style {
    /// Returns the mark at the end of the curve and in the legend.
    pub(crate) fn mark(self, is_ascii: bool) -> char {
        let (mark, ascii) = SHAPES[usize::from(self.shape) % SHAPES.len()];
        if is_ascii { ascii } else { mark }
    }
}

/// Which style each run has. A name keeps its style, whatever is filtered out or appears later.
#[derive(Clone, Debug, Default)]
pub(crate) struct Styles {
    by_name: HashMap<String, Style>,
    used: [usize; COLORS],
}

impl Styles {
    /// Returns the style of a name: that of its hash if it is free, else the next one with the fewest
    /// runs.
    pub(crate) fn get(&mut self, name: &str) -> Style {
        if let Some(style) = self.by_name.get(name) {
            return *style;
        }
        let wanted = fnv(name) as usize % COLORS;
        let fewest = self.used.iter().min().copied().unwrap_or(0);
        let free = (0..COLORS).map(|at| (wanted + at) % COLORS).find(|&at| self.used[at] == fewest);
        let color = free.unwrap_or(wanted);
        // The second run of a color gets another shape.
        let shape = (color + self.used[color]) % SHAPES.len();
        self.used[color] += 1;
        let style = Style { color: color as u8, shape: shape as u8 };
        self.by_name.insert(name.to_owned(), style);
        style
    }
}

/// The FNV-1a hash, which is the same everywhere and always.
fn fnv(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Returns a color of the map "viridis" for 0..1, with which heat maps are drawn.
pub(crate) fn viridis(level: f64) -> [u8; 3] {
    const STOPS: [[f64; 3]; 6] = [
        [68.0, 1.0, 84.0],
        [65.0, 68.0, 135.0],
        [42.0, 120.0, 142.0],
        [34.0, 168.0, 132.0],
        [122.0, 209.0, 81.0],
        [253.0, 231.0, 37.0],
    ];
    let at = level.clamp(0.0, 1.0) * 5.0;
    let low = (at.floor() as usize).min(4);
    let part = at - low as f64;
    [0, 1, 2].map(|c| (STOPS[low][c] * (1.0 - part) + STOPS[low + 1][c] * part).round() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The relative luminance of WCAG 2, from which the contrast of two colors follows.
    fn luminance(rgb: [u8; 3]) -> f64 {
        let linear = rgb.map(|level| {
            let level = f64::from(level) / 255.0;
            if level <= 0.04045 { level / 12.92 } else { ((level + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    #[test]
    fn sixteen_colors_are_seen_on_black_and_on_white() {
        // Those of xterm.
        let rgb = |color| match color {
            1 => [0xcd, 0, 0],
            2 => [0, 0xcd, 0],
            3 => [0xcd, 0xcd, 0],
            5 => [0xcd, 0, 0xcd],
            6 => [0, 0xcd, 0xcd],
            8 => [0x7f, 0x7f, 0x7f],
            12 => [0x5c, 0x5c, 0xff],
            13 => [0xff, 0, 0xff],
            other => panic!("{other}"),
        };
        let mut found: Vec<_> = (0..COLORS as u8).map(Palette::ansi).collect();
        for color in &found {
            let luminance = luminance(rgb(*color));
            let (on_white, on_black) = (1.05 / (luminance + 0.05), (luminance + 0.05) / 0.05);
            assert!(on_white > 1.5 && on_black > 1.5, "{color}: {on_white}, {on_black}");
        }
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), COLORS);
    }

    #[test]
    fn colors_on_white_have_contrast() {
        for color in 0..COLORS as u8 {
            let contrast = 1.05 / (luminance(Palette::OkabeIto.rgb_on_white(color)) + 0.05);
            assert!(contrast >= 2.0, "{color}: {contrast:.2}");
        }
        assert_eq!(Palette::OkabeIto.rgb_on_white(0), Palette::OkabeIto.rgb(0));
    }

    #[test]
    fn a_name_keeps_its_style() {
        let mut styles = Styles::default();
        let first: Vec<_> = (0..8).map(|at| styles.get(&format!("run{at}"))).collect();
        let again: Vec<_> = (0..8).map(|at| styles.get(&format!("run{at}"))).collect();
        assert_eq!(first, again);
        // Eight runs have eight colors and shapes, in whatever order they come.
        let mut colors: Vec<_> = first.iter().map(|style| style.color).collect();
        colors.sort_unstable();
        assert_eq!(colors, [0, 1, 2, 3, 4, 5, 6, 7]);
        // A lone run has the color of its hash: the same in another session.
        assert_eq!(Styles::default().get("run0").color, first[0].color);
    }

    #[test]
    fn sixty_four_runs_differ() {
        let mut styles = Styles::default();
        let all: std::collections::HashSet<_> =
            (0..64).map(|at| styles.get(&format!("lr={at}"))).collect();
        assert_eq!(all.len(), 64);
    }

    #[test]
    fn a_terminal_says_what_it_can() {
        let support = |pairs: &[(&str, &str)]| {
            ColorSupport::from_env(|name| {
                pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(support(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")]), ColorSupport::None);
        assert_eq!(support(&[("TERM", "xterm-256color"), ("NO_COLOR", "")]), ColorSupport::Ansi256);
        assert_eq!(support(&[("TERM", "xterm"), ("COLORTERM", "truecolor")]), ColorSupport::True);
        assert_eq!(support(&[("TERM", "xterm")]), ColorSupport::Ansi16);
        assert_eq!(support(&[("TERM", "dumb")]), ColorSupport::None);
    }

    #[test]
    fn the_nearest_colors_are_found() {
        assert_eq!(ansi256([255, 0, 0]), 196);
        assert_eq!(ansi256([0, 0, 0]), 16);
        assert_eq!(ansi256([128, 128, 128]), 244);
        assert_eq!(ansi16([255, 0, 0]), 9);
        assert_eq!(ansi16([0, 120, 0]), 2);
        assert_eq!(viridis(0.0), [68, 1, 84]);
        assert_eq!(viridis(1.0), [253, 231, 37]);
    }
}
