//! Text on a canvas.

use super::canvas::{Canvas, Rgb};
use font8x8::legacy::{BASIC_LEGACY, LATIN_LEGACY};

/// The side of a letter in dots.
pub(super) const LETTER: i64 = 8;

impl Canvas {
    /// Writes one line from a corner on, each dot of a letter as a square of `scale` pixels.
    pub(super) fn write(&mut self, [left, top]: [i64; 2], text: &str, scale: i64, color: Rgb) {
        for (place, letter) in (0..).zip(text.chars()) {
            for (row, dots) in (0..).zip(dots_of(letter)) {
                for column in (0..LETTER).filter(|column| dots >> column & 1 == 1) {
                    let x = left + (place * LETTER + column) * scale;
                    let y = top + row * scale;
                    self.fill([x, y], [x + scale, y + scale], color);
                }
            }
        }
    }
}

/// A letter's rows from the top, the leftmost dot in the lowest bit. What is neither ASCII nor
/// Latin-1 is a hollow box.
fn dots_of(letter: char) -> [u8; 8] {
    const UNKNOWN: [u8; 8] = [0x7f, 0x41, 0x41, 0x41, 0x41, 0x41, 0x7f, 0];
    let code = letter as usize;
    match code {
        0x20..0x7f => BASIC_LEGACY[code],
        0xa0..0x100 => LATIN_LEGACY[code - 0xa0],
        _ => UNKNOWN,
    }
}
