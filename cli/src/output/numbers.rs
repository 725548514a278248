//! Numbers as text: the shortest that reads back to the same number.

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
    fn sizes_and_ages_have_units() {
        let sizes = [0, 999, 1000, 1536, 10 << 10, 1 << 20, 3 << 30].map(size);
        assert_eq!(sizes, ["0 B", "999 B", "1.0 KiB", "1.5 KiB", "10 KiB", "1.0 MiB", "3.0 GiB"]);
        assert_eq!(
            [0, 59, 60, 3599, 7200, 86_400 * 3].map(age),
            ["0s", "59s", "1m", "59m", "2h", "3d"]
        );
    }
}
