//! A picture to draw squares and letters on.

pub type Color = [u8; 3];

pub const WHITE: Color = [255; 3];
pub const BLACK: Color = [0; 3];

/// Width of a letter and the gap behind it, before scaling.
const ADVANCE: usize = 6;
/// Height of a letter, before scaling.
const HEIGHT: usize = 7;

/// RGB pixels, row by row.
pub struct Canvas {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
}

impl Canvas {
    pub fn new(width: usize, height: usize, color: Color) -> Self {
        Self { width, height, pixels: color.repeat(width * height) }
    }

    /// A filled rectangle. What lies outside the canvas is left out.
    pub fn fill(&mut self, x: usize, y: usize, width: usize, height: usize, color: Color) {
        let right = (x + width).min(self.width);
        for y in y..(y + height).min(self.height) {
            for x in x..right {
                self.pixels[3 * (y * self.width + x)..][..3].copy_from_slice(&color);
            }
        }
    }

    /// Text around a point, each of a letter's dots a square of `scale` pixels.
    pub fn text(&mut self, center: (usize, usize), text: &str, scale: usize, color: Color) {
        let width = (text.chars().count() * ADVANCE).saturating_sub(1) * scale;
        let left = center.0.saturating_sub(width / 2);
        let top = center.1.saturating_sub(HEIGHT * scale / 2);
        for (index, letter) in text.chars().enumerate() {
            for (row, bits) in glyph(letter).into_iter().enumerate() {
                for column in (0..5).filter(|column| bits >> (4 - column) & 1 == 1) {
                    let x = left + (index * ADVANCE + column) * scale;
                    self.fill(x, top + row * scale, scale, scale, color);
                }
            }
        }
    }
}

/// A letter's rows from top to bottom, five dots each, the leftmost in the highest bit. Only the
/// letters that this program writes; others are a box.
#[rustfmt::skip]
fn glyph(letter: char) -> [u8; HEIGHT] {
    match letter {
        '0' => [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110],
        '1' => [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
        '2' => [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111],
        '3' => [0b11111, 0b00010, 0b00100, 0b00010, 0b00001, 0b10001, 0b01110],
        '4' => [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010],
        '5' => [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110],
        '6' => [0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110],
        '7' => [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000],
        '8' => [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110],
        '9' => [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100],
        'C' => [0b01110, 0b10001, 0b10000, 0b10000, 0b10000, 0b10001, 0b01110],
        'D' => [0b11100, 0b10010, 0b10001, 0b10001, 0b10001, 0b10010, 0b11100],
        'E' => [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111],
        'I' => [0b01110, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
        'P' => [0b11110, 0b10001, 0b10001, 0b11110, 0b10000, 0b10000, 0b10000],
        'R' => [0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001],
        'T' => [0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100],
        'U' => [0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110],
        _ => [0b11111, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b11111],
    }
}
