//! Images as pixels, on terminals that can: the protocols of Kitty and iTerm2, and sixel.
//!
//! The protocol is an option. A terminal is not asked: tmux and ssh may swallow the question or the
//! answer, which would then be read as keys.

use crate::draw::Area;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use image::codecs::png::PngEncoder;
use image::imageops::{self, ColorMap, FilterType};
use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage, Rgba, RgbaImage};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::rc::Rc;

/// How images are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Protocol {
    /// Two pixels per character, on any terminal
    #[default]
    Blocks,
    /// Kitty, Ghostty, Konsole, WezTerm
    Kitty,
    /// iTerm2, WezTerm, VS Code
    Iterm2,
    /// foot, Windows Terminal, xterm -ti vt340, tmux 3.4
    Sixel,
}

/// The size of a character in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CellSize {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Default for CellSize {
    fn default() -> Self {
        Self { width: 10, height: 20 }
    }
}

/// An image, and the characters that it covers.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) area: Area,
    pub(crate) image: Rc<RgbaImage>,
}

impl PartialEq for Picture {
    fn eq(&self, other: &Self) -> bool {
        self.area == other.area && Rc::ptr_eq(&self.image, &other.image)
    }
}

impl Picture {
    /// Places an image in the upper left corner of an area, as large as fits.
    pub(crate) fn new(area: Area, image: Rc<RgbaImage>, cell: CellSize) -> Self {
        let (width, height) = size(area, &image, cell);
        let cells = |pixels: u32, cell: u32| pixels.div_ceil(cell) as usize;
        let (width, height) = (cells(width, cell.width), cells(height, cell.height));
        Self { area: Area { width, height, ..area }, image }
    }

    /// Returns what draws the image at the position of the cursor.
    pub(crate) fn sequence(&self, protocol: Protocol, cell: CellSize) -> String {
        let Area { width, height, .. } = self.area;
        let pixels = scaled(self, cell);
        match protocol {
            Protocol::Blocks => String::new(),
            Protocol::Kitty => kitty(&png(&pixels), width, height),
            Protocol::Iterm2 => iterm2(&png(&pixels), width, height),
            Protocol::Sixel => sixel(&pixels),
        }
    }
}

/// Removes all images that Kitty's protocol has drawn, and frees their memory.
pub(crate) const KITTY_CLEAR: &str = "\x1b_Ga=d,d=A,q=2\x1b\\";

/// Returns the size in pixels: the largest one in an area.
fn size(area: Area, image: &RgbaImage, cell: CellSize) -> (u32, u32) {
    let (width, height) = (f64::from(image.width().max(1)), f64::from(image.height().max(1)));
    let available = |cells: usize, cell: u32| cells as f64 * f64::from(cell);
    let scale = (available(area.width, cell.width) / width)
        .min(available(area.height, cell.height) / height);
    (((width * scale) as u32).max(1), ((height * scale) as u32).max(1))
}

/// Scales a picture to whole characters; what it does not cover of them is transparent.
fn scaled(picture: &Picture, cell: CellSize) -> RgbaImage {
    let Picture { area, image } = picture;
    let (width, height) = size(*area, image, cell);
    let filter = if width > image.width() { FilterType::Nearest } else { FilterType::Triangle };
    let scaled = imageops::resize(&**image, width, height, filter);
    let mut whole =
        RgbaImage::new(area.width as u32 * cell.width, area.height as u32 * cell.height);
    imageops::replace(&mut whole, &scaled, 0, 0);
    whole
}

fn png(image: &RgbaImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new(&mut bytes);
    // Writing to memory does not fail, and the size is that of the image.
    let _ = encoder.write_image(
        image.as_raw(),
        image.width(),
        image.height(),
        ExtendedColorType::Rgba8,
    );
    bytes
}

/// The largest part of an image in one sequence of Kitty's protocol.
const KITTY_PART: usize = 4096;

fn kitty(png: &[u8], columns: usize, rows: usize) -> String {
    let text = BASE64.encode(png);
    let mut sequence = String::with_capacity(text.len() + 100);
    let parts = text.len().div_ceil(KITTY_PART);
    for (at, part) in text.as_bytes().chunks(KITTY_PART).enumerate() {
        let more = u8::from(at + 1 < parts);
        // No answers (q=2), which would be read as keys; the cursor stays (C=1).
        let _ = match at {
            0 => write!(sequence, "\x1b_Ga=T,f=100,q=2,C=1,c={columns},r={rows},m={more};"),
            _ => write!(sequence, "\x1b_Gm={more},q=2;"),
        };
        sequence.push_str(&String::from_utf8_lossy(part));
        sequence.push_str("\x1b\\");
    }
    sequence
}

fn iterm2(png: &[u8], columns: usize, rows: usize) -> String {
    let (size, text) = (png.len(), BASE64.encode(png));
    format!(
        "\x1b]1337;File=inline=1;size={size};width={columns};height={rows};\
         preserveAspectRatio=0;doNotMoveCursor=1:{text}\x07"
    )
}

/// The number of colors that all terminals with sixels have.
const SIXEL_COLORS: usize = 256;

/// Encodes an image: its colors if they are few, otherwise those of a cube of 6 × 6 × 6, dithered.
fn sixel(image: &RgbaImage) -> String {
    let (width, height) = image.dimensions();
    let mut flat = RgbImage::from_fn(width, height, |x, y| Rgb(on_black(image.get_pixel(x, y))));
    let mut colors: BTreeMap<[u8; 3], usize> = BTreeMap::new();
    let is_drawn = |(_, pixel): &(_, &Rgba<u8>)| pixel.0[3] > 0;
    for (pixel, _) in flat.pixels().zip(image.pixels()).filter(is_drawn) {
        colors.entry(pixel.0).or_default();
        if colors.len() > SIXEL_COLORS {
            imageops::dither(&mut flat, &Cube);
            colors = flat.pixels().map(|pixel| (pixel.0, 0)).collect();
            break;
        }
    }
    // Pixels that are not drawn stay transparent (1), one pixel is as wide as it is high.
    let mut text = format!("\x1bP0;1;0q\"1;1;{width};{height}");
    for (number, (color, at)) in colors.iter_mut().enumerate() {
        *at = number;
        let [r, g, b] = color.map(|level| (u32::from(level) * 100 + 127) / 255);
        let _ = write!(text, "#{number};2;{r};{g};{b}");
    }
    for top in (0..height).step_by(6) {
        text.push_str(if top > 0 { "-" } else { "" });
        let rows = top..height.min(top + 6);
        // By color, the sixels of this band: a bit per row.
        let mut bands: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
        for y in rows {
            for x in 0..width {
                if image.get_pixel(x, y).0[3] > 0 {
                    let color = colors.get(&flat.get_pixel(x, y).0).copied().unwrap_or_default();
                    let band = bands.entry(color).or_insert_with(|| vec![0; width as usize]);
                    band[x as usize] |= 1 << (y - top);
                }
            }
        }
        for (color, band) in bands {
            let _ = write!(text, "#{color}");
            for run in band.chunk_by(|a, b| a == b) {
                let sixel = char::from(63 + run[0]);
                let _ = match run.len() {
                    len @ 4.. => write!(text, "!{len}{sixel}"),
                    len => write!(text, "{}", sixel.to_string().repeat(len)),
                };
            }
            text.push('$');
        }
    }
    text.push_str("\x1b\\");
    text
}

fn on_black(pixel: &Rgba<u8>) -> [u8; 3] {
    let [r, g, b, alpha] = pixel.0;
    [r, g, b].map(|level| (u16::from(level) * u16::from(alpha) / 255) as u8)
}

/// The colors whose levels are multiples of 51.
struct Cube;

impl ColorMap for Cube {
    type Color = Rgb<u8>;

    fn index_of(&self, color: &Rgb<u8>) -> usize {
        let [r, g, b] = color.0.map(|level| (usize::from(level) + 25) / 51);
        (r * 6 + g) * 6 + b
    }

    fn map_color(&self, color: &mut Rgb<u8>) {
        color.0 = color.0.map(|level| ((u16::from(level) + 25) / 51 * 51) as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELL: CellSize = CellSize { width: 10, height: 20 };

    /// A picture of 3 × 2 pixels, which takes 60 × 40 of the 60 × 60 pixels of its area.
    fn picture() -> Picture {
        let image = RgbaImage::from_fn(3, 2, |x, y| Rgba([x as u8 * 51, y as u8 * 102, 0, 255]));
        Picture::new(Area { x: 4, y: 5, width: 6, height: 3 }, Rc::new(image), CELL)
    }

    /// Returns the image that a picture is drawn as.
    fn expected(x: u32, y: u32) -> [u8; 4] {
        [(x / 20) as u8 * 51, (y / 20) as u8 * 102, 0, 255]
    }

    fn assert_png(text: &str) {
        let png = BASE64.decode(text).unwrap();
        let image = image::load_from_memory(&png).unwrap().into_rgba8();
        assert_eq!(image.dimensions(), (60, 40));
        assert!(image.enumerate_pixels().all(|(x, y, pixel)| pixel.0 == expected(x, y)));
    }

    #[test]
    fn a_picture_covers_whole_characters() {
        assert_eq!(picture().area, Area { x: 4, y: 5, width: 6, height: 2 });
        let image = Rc::new(RgbaImage::new(100, 10));
        let area = Area { x: 0, y: 0, width: 6, height: 3 };
        assert_eq!(Picture::new(area, image, CELL).area, Area { height: 1, ..area });
    }

    #[test]
    fn kitty_gets_a_png_in_parts() {
        let text = picture().sequence(Protocol::Kitty, CELL);
        let text = text.strip_prefix("\x1b_Ga=T,f=100,q=2,C=1,c=6,r=2,m=0;").unwrap();
        assert_png(text.strip_suffix("\x1b\\").unwrap());
        // Three parts, of which all but the last announce another one.
        let bytes: Vec<_> = (0..9000u32).map(|at| at as u8).collect();
        let text = kitty(&bytes, 1, 1);
        let parts: Vec<_> = text.split_terminator("\x1b\\").collect();
        assert_eq!(parts.len(), 3);
        let more = |part: &&&str| part.split(';').next().unwrap().contains("m=1");
        assert_eq!(parts.iter().filter(more).count(), 2);
        let all: String = parts.iter().map(|part| part.split_once(';').unwrap().1).collect();
        assert_eq!(BASE64.decode(all).unwrap(), bytes);
    }

    #[test]
    fn iterm2_gets_a_png() {
        let text = picture().sequence(Protocol::Iterm2, CELL);
        let (head, png) = text.split_once(':').unwrap();
        assert!(head.starts_with("\x1b]1337;File=inline=1;"), "{head:?}");
        assert!(head.contains(";width=6;height=2;"), "{head:?}");
        assert_png(png.strip_suffix('\x07').unwrap());
    }

    /// Decodes sixels: the color of each pixel in percent.
    fn decode(text: &str) -> BTreeMap<(u32, u32), [u32; 3]> {
        let text = text.strip_prefix("\x1bP0;1;0q").unwrap().strip_suffix("\x1b\\").unwrap();
        let mut numbers_end = text.find('#').unwrap();
        let mut colors = BTreeMap::new();
        let mut pixels = BTreeMap::new();
        let (mut x, mut y, mut color, mut count) = (0, 0, 0, 1);
        while numbers_end < text.len() {
            let command = text.as_bytes()[numbers_end];
            let rest = &text[numbers_end + 1..];
            let len = rest.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(rest.len());
            let numbers: Vec<u32> = rest[..len].split(';').filter_map(|n| n.parse().ok()).collect();
            numbers_end += 1 + len;
            match (command, &numbers[..]) {
                (b'#', [number, 2, r, g, b]) => drop(colors.insert(*number, [*r, *g, *b])),
                (b'#', [number]) => color = *number,
                (b'!', [repeat]) => count = *repeat,
                (b'$', []) => x = 0,
                (b'-', []) => (x, y) = (0, y + 6),
                (sixel @ 63..=126, []) => {
                    for _ in 0..count {
                        for bit in (0..6).filter(|bit| (sixel - 63) >> bit & 1 == 1) {
                            pixels.insert((x, y + bit), colors[&color]);
                        }
                        x += 1;
                    }
                    count = 1;
                }
                other => panic!("{other:?}"),
            }
        }
        pixels
    }

    #[test]
    fn sixels_have_the_colors_of_the_image() {
        let pixels = decode(&picture().sequence(Protocol::Sixel, CELL));
        assert_eq!(pixels.len(), 60 * 40);
        for ((x, y), color) in pixels {
            let [r, g, ..] = expected(x, y).map(|level| u32::from(level) * 100 / 255);
            assert_eq!(color, [r, g, 0], "{x}, {y}");
        }
    }

    #[test]
    fn an_image_of_many_colors_is_dithered_to_few() {
        let image = RgbaImage::from_fn(90, 90, |x, y| Rgba([x as u8, y as u8, 100, 255]));
        let text = sixel(&image);
        let pixels = decode(&text);
        let colors: std::collections::BTreeSet<_> = pixels.values().collect();
        assert!((9..=SIXEL_COLORS).contains(&colors.len()), "{}", colors.len());
        let sum: u32 = pixels.values().map(|color| color[0]).sum();
        let expected: f64 = (0..90).map(|x| 90.0 * f64::from(x) * 100.0 / 255.0).sum();
        assert!((f64::from(sum) - expected).abs() < expected / 50.0, "{sum} {expected}");
    }

    #[test]
    fn what_is_transparent_is_not_drawn() {
        let image = RgbaImage::from_fn(2, 1, |x, _| Rgba([255, 0, 0, x as u8 * 255]));
        assert_eq!(decode(&sixel(&image)).into_keys().collect::<Vec<_>>(), [(1, 0)]);
    }
}
