//! Numbers as text, the shortest that reads back to the same number, and as varints.

use std::fmt::Write;

/// Appends an `f32`: `0.1`, `1`, `1e-10`, `NaN`, `inf`, `-inf`.
pub(crate) fn push_f32(out: &mut Vec<u8>, number: f32) {
    if number.is_finite() {
        out.extend_from_slice(trim(zmij::Buffer::new().format_finite(number)));
    } else {
        out.extend_from_slice(not_finite(f64::from(number)).as_bytes());
    }
}

/// Appends an `f64` in the same way.
pub(crate) fn push_f64(out: &mut Vec<u8>, number: f64) {
    if number.is_finite() {
        out.extend_from_slice(trim(zmij::Buffer::new().format_finite(number)));
    } else {
        out.extend_from_slice(not_finite(number).as_bytes());
    }
}

/// Appends an integer.
pub(crate) fn push_int(out: &mut Vec<u8>, number: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Returns a number with its noun: `1 run`, `2 runs`.
pub(crate) fn count(number: impl TryInto<u64>, noun: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Appends a number as Protocol Buffers and Parquet do: seven bits in each byte, the lowest first.
pub(crate) fn push_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// The steps and wall times of points in a row, of which most have the step, and nearly all the
/// second, of the point before.
#[derive(Default)]
pub(crate) struct Stamps {
    step: (i64, Text),
    second: (u64, Text),
}

/// A short text. As much is always copied, which takes no call.
#[derive(Clone, Copy, Default)]
struct Text {
    bytes: [u8; 24],
    len: usize,
}

impl Text {
    fn new(number: impl itoa::Integer) -> Self {
        let mut text = Self::default();
        let mut buffer = itoa::Buffer::new();
        let digits = buffer.format(number).as_bytes();
        // No number of 64 bits is longer.
        text.bytes[..digits.len()].copy_from_slice(digits);
        text.len = digits.len();
        text
    }

    fn push_to(&self, out: &mut Vec<u8>) {
        let end = out.len() + self.len;
        out.extend_from_slice(&self.bytes);
        out.truncate(end);
    }
}

impl Stamps {
    /// Appends a step.
    pub(crate) fn push_step(&mut self, out: &mut Vec<u8>, step: i64) {
        if self.step.0 != step || self.step.1.len == 0 {
            self.step = (step, Text::new(step));
        }
        self.step.1.push_to(out);
    }

    /// Appends a wall time as [`push_f64`] does.
    pub(crate) fn push_wall_time(&mut self, out: &mut Vec<u8>, time: f64) {
        let Some((second, fraction)) = split(time) else { return push_f64(out, time) };
        if self.second.0 != second {
            self.second = (second, Text::new(second));
        }
        self.second.1.push_to(out);
        let end = out.len();
        let mut text = *b".0000000";
        let mut rest = fraction;
        for digit in text[1..].iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        out.extend_from_slice(&text);
        let zeros = if fraction == 0 { text.len() } else { trailing_zeros(&text) };
        out.truncate(end + text.len() - zeros);
    }
}

fn trailing_zeros(digits: &[u8]) -> usize {
    digits.iter().rev().take_while(|digit| **digit == b'0').count()
}

/// Splits a time from 2004 to 2038 into seconds and the seven decimals of its shortest text. `None`
/// for other times, and where two texts are equally near.
fn split(time: f64) -> Option<(u64, u32)> {
    /// The number of steps of such times in a second.
    const UNITS: u64 = 1 << 22;
    if !(f64::from(1 << 30)..f64::from(1u32 << 31)).contains(&time) {
        return None;
    }
    let second = time as u64;
    let units = ((time - second as f64) * UNITS as f64) as u64;
    // A text is read back to the same time if it is less than half a unit off. Of texts with six
    // decimals there is at most one, of those with seven always one.
    let six = (units * 1_000_000 + UNITS / 2) / UNITS;
    if 2 * (six * UNITS).abs_diff(units * 1_000_000) < 1_000_000 {
        return Some((second, six as u32 * 10));
    }
    let scaled = units * 10_000_000;
    let is_tie = scaled % UNITS == UNITS / 2;
    (!is_tie).then_some((second, ((scaled + UNITS / 2) / UNITS) as u32))
}

/// Returns an `f32` as text.
pub(crate) fn f32_text(number: f32) -> String {
    let mut text = Vec::new();
    push_f32(&mut text, number);
    String::from_utf8(text).unwrap_or_default()
}

/// Removes the fraction of an integer.
fn trim(text: &str) -> &[u8] {
    text.strip_suffix(".0").unwrap_or(text).as_bytes()
}

/// Returns how a number that is not finite is written.
pub(crate) fn not_finite(number: f64) -> &'static str {
    match number {
        f64::INFINITY => "inf",
        f64::NEG_INFINITY => "-inf",
        _ => "NaN",
    }
}

/// Returns a size in bytes with a unit: `512 B`, `1.5 KiB`.
pub(crate) fn size(bytes: u64) -> String {
    let mut text = String::new();
    let (mut number, mut unit) = (bytes as f64, 0);
    while number >= 999.5 && unit < 5 {
        (number, unit) = (number / 1024.0, unit + 1);
    }
    let digits = usize::from(unit > 0 && number < 9.95);
    let unit = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"][unit];
    // Writing to a string does not fail.
    let _ = write!(text, "{number:.digits$} {unit}");
    text
}

/// Returns a duration in its largest unit: `12s`, `5m`, `3h`, `2d`.
pub(crate) fn age(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_shortest_that_read_back() {
        let cases = [
            (0.1, "0.1"),
            (1.0, "1"),
            (-0.0, "-0"),
            (16_777_216.0, "16777216"),
            (f32::MIN_POSITIVE, "1.1754944e-38"),
            (f32::MAX, "3.4028235e38"),
            (f32::NAN, "NaN"),
            (f32::INFINITY, "inf"),
            (f32::NEG_INFINITY, "-inf"),
        ];
        for (number, expected) in cases {
            let text = f32_text(number);
            assert_eq!(text.replace("e+", "e"), expected);
            let back: f32 = text.parse().unwrap();
            assert!(back.to_bits() == number.to_bits() || number.is_nan(), "{text}");
        }
        let mut text = Vec::new();
        push_f64(&mut text, 1_764_345_444.125);
        assert_eq!(text, b"1764345444.125");
    }

    #[test]
    fn stamps_are_written_as_single_numbers() {
        let mut stamps = Stamps::default();
        let mut is_same = |step: i64, time: f64| {
            let (mut quick, mut slow) = (Vec::new(), Vec::new());
            stamps.push_step(&mut quick, step);
            stamps.push_wall_time(&mut quick, time);
            push_int(&mut slow, step);
            push_f64(&mut slow, time);
            assert_eq!(String::from_utf8_lossy(&quick), String::from_utf8_lossy(&slow));
        };
        for step in [0, 0, 7, -7, i64::MIN, i64::MAX] {
            is_same(step, 1.7e9);
        }
        for power in 0..24 {
            // All lengths, and ties.
            is_same(0, 1_764_345_444.0 + f64::from(1u32 << power) / f64::from(1 << 22));
            is_same(0, 1_764_345_444.0 + 10f64.powi(-power));
            is_same(0, 1_764_345_444.0 - 10f64.powi(-power));
        }
        let edges = [0.0, -1.5, f64::NAN, f64::INFINITY, 1e300, 1_073_741_823.9, 2_147_483_647.9];
        edges.into_iter().for_each(|time| is_same(0, time));
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..100_000 {
            let second = random.u64(1 << 29..1 << 32) as f64;
            is_same(random.i64(..), second + random.f64());
            // A clock of microseconds, and one of milliseconds.
            is_same(0, second + f64::from(random.u32(..1_000_000)) / 1e6);
            is_same(0, second + f64::from(random.u32(..1000)) / 1e3);
        }
    }

    #[test]
    fn sizes_and_ages_have_units() {
        let sizes = [0, 999, 1000, 1536, 10 << 10, 1 << 20, 3 << 30].map(size);
        assert_eq!(sizes, ["0 B", "999 B", "1.0 KiB", "1.5 KiB", "10 KiB", "1.0 MiB", "3.0 GiB"]);
        assert_eq!(
            [0, 59, 60, 3599, 7200, 86_400 * 3].map(age),
            ["0s", "59s", "1m", "59m", "2h", "3d"]
        );
    }
}
