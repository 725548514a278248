//! Colors for numbers and for classes.

use super::canvas::Rgb;

/// Colors for a range of numbers.
///
/// ```
/// use tfevents::summary::ColorMap;
///
/// assert_eq!(ColorMap::Gray.color(0.5), [128; 3]);
/// assert_eq!(ColorMap::Gray.color(f32::NAN), ColorMap::NAN);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[doc(alias("colormap", "cmap"))]
pub enum ColorMap {
    /// Dark blue over green to yellow, with rising brightness: close to Matplotlib's colors of that
    /// name, which are in the public domain.
    #[default]
    Viridis,
    /// Blue over white to red, for signed numbers: white is the middle.
    Diverging,
    /// Black to white.
    Gray,
}

/// The colors at every sixteenth.
const VIRIDIS: [Rgb; 17] = [
    [68, 1, 84],
    [72, 24, 106],
    [71, 45, 123],
    [66, 64, 134],
    [59, 82, 139],
    [51, 99, 141],
    [44, 114, 142],
    [38, 129, 142],
    [33, 144, 140],
    [31, 159, 136],
    [40, 174, 128],
    [62, 188, 116],
    [93, 201, 99],
    [130, 211, 76],
    [171, 220, 50],
    [213, 226, 26],
    [253, 231, 37],
];
/// The colors at every quarter.
const DIVERGING: [Rgb; 5] =
    [[20, 50, 140], [90, 150, 220], [250, 250, 250], [235, 120, 90], [150, 10, 30]];
const GRAY: [Rgb; 2] = [[0; 3], [255; 3]];

impl ColorMap {
    /// The color for NaN: magenta, which is in none of the maps.
    ///
    /// ```
    /// assert_eq!(tfevents::summary::ColorMap::NAN, [255, 0, 255]);
    /// ```
    pub const NAN: [u8; 3] = [255, 0, 255];

    /// Returns red, green and blue for a position between 0 and 1. Positions outside have the color
    /// of the nearer end; NaN has [its own](Self::NAN).
    ///
    /// ```
    /// use tfevents::summary::ColorMap;
    ///
    /// assert_eq!(ColorMap::Viridis.color(0.0), [68, 1, 84]);
    /// assert_eq!(ColorMap::Viridis.color(7.0), [253, 231, 37]);
    /// assert_eq!(ColorMap::Diverging.color(0.5), [250, 250, 250]);
    /// ```
    pub fn color(self, position: f32) -> [u8; 3] {
        if position.is_nan() {
            return Self::NAN;
        }
        let colors: &[Rgb] = match self {
            Self::Viridis => &VIRIDIS,
            Self::Diverging => &DIVERGING,
            Self::Gray => &GRAY,
        };
        let position = position.clamp(0.0, 1.0) * (colors.len() - 1) as f32;
        let below = (position as usize).min(colors.len() - 2);
        let fraction = position - below as f32;
        [0, 1, 2].map(|channel| {
            let from = f32::from(colors[below][channel]);
            let to = f32::from(colors[below + 1][channel]);
            (from + (to - from) * fraction).round() as u8
        })
    }
}

/// Returns a color for each of many classes: red, green and blue. Neighbors differ clearly.
///
/// ```
/// use tfevents::summary::class_color;
///
/// assert_ne!(class_color(0), class_color(1));
/// ```
#[doc(alias("palette"))]
pub fn class_color(class: usize) -> [u8; 3] {
    /// The golden section of a full turn, in 1024ths: it takes long until a hue comes near an
    /// earlier one.
    const TURN: usize = 633;
    let hue = class % 1024 * TURN % 1024 * 6;
    let (sextant, within) = (hue / 1024, hue % 1024);
    // Groups of eight classes are darker or paler.
    let [low, high] = [[40, 235], [20, 160], [120, 255]][class / 8 % 3];
    let rising = (low + (high - low) * within / 1024) as u8;
    let falling = (high - (high - low) * within / 1024) as u8;
    let [low, high] = [low as u8, high as u8];
    match sextant {
        0 => [high, rising, low],
        1 => [falling, high, low],
        2 => [low, high, rising],
        3 => [low, falling, high],
        4 => [rising, low, high],
        _ => [high, low, falling],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brightness(color: Rgb) -> f32 {
        let [red, green, blue] = color.map(f32::from);
        0.299 * red + 0.587 * green + 0.114 * blue
    }

    #[test]
    fn maps_are_in_order() {
        let positions = || (0..=1000u16).map(|i| f32::from(i) / 1000.0);
        for map in [ColorMap::Viridis, ColorMap::Gray] {
            let all: Vec<f32> = positions().map(|at| brightness(map.color(at))).collect();
            // Rounding makes steps of less than one.
            assert!(all.windows(2).all(|pair| pair[0] <= pair[1] + 1.0), "{map:?}");
        }
        for position in positions() {
            let [red, _, blue] = ColorMap::Diverging.color(position);
            assert!(if position < 0.5 { red <= blue } else { red >= blue }, "{position}");
            for map in [ColorMap::Viridis, ColorMap::Diverging, ColorMap::Gray] {
                assert_ne!(map.color(position), ColorMap::NAN);
            }
        }
        assert_eq!(ColorMap::Diverging.color(f32::NEG_INFINITY), [20, 50, 140]);
    }

    #[test]
    fn colors_of_classes_are_distinct() {
        let colors: Vec<Rgb> = (0..24).map(class_color).collect();
        for (i, a) in colors.iter().enumerate() {
            for (j, b) in colors.iter().enumerate().skip(i + 1) {
                let distance: u32 = (0..3).map(|c| u32::from(a[c].abs_diff(b[c]))).sum();
                assert!(distance > 40, "{i} {a:?} and {j} {b:?}");
            }
        }
        class_color(usize::MAX);
    }
}
