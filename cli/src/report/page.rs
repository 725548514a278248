//! The page: a template with styles, scripts and data inside, and nothing outside.

use crate::draw::svg::escape;

/// uPlot 1.6.32, as npm has it.
const UPLOT: &str = include_str!("../../assets/uPlot.iife.min.js");
const UPLOT_CSS: &str = include_str!("../../assets/uPlot.min.css");
const UPLOT_LICENSE: &str = include_str!("../../assets/uPlot.LICENSE");
const SCRIPT: &str = include_str!("../../assets/report.js");
const STYLE: &str = include_str!("../../assets/report.css");

/// The size of a page without data.
pub(crate) const OVERHEAD: usize =
    UPLOT.len() + UPLOT_CSS.len() + UPLOT_LICENSE.len() + SCRIPT.len() + STYLE.len() + 2048;

/// Puts data into the page.
pub(crate) fn html(title: &str, json: &str) -> String {
    let title = escape(title);
    // Within a script nothing but `<` ends the data; in JSON it is only within strings.
    let json = json.replace('<', "\\u003c");
    let (style, script) = (compact(STYLE), compact(SCRIPT));
    // The policy refuses every request, whatever the data say.
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
         form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <style>{UPLOT_CSS}\n{style}</style>\n</head>\n<body>\n\
         <noscript>This report needs JavaScript. It loads nothing from anywhere.</noscript>\n\
         <div id=\"app\"></div>\n\
         <script type=\"application/json\" id=\"data\">{json}</script>\n\
         <!-- uPlot 1.6.32\n{UPLOT_LICENSE}-->\n\
         <script>{UPLOT}</script>\n<script>{script}</script>\n</body>\n</html>\n"
    )
}

/// Removes indentation, and lines that are comments.
fn compact(source: &str) -> String {
    let lines = source.lines().map(str::trim_start).filter(|line| !line.starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the SHA-256 of a text, by FIPS 180-4: the tests need no crate for it.
    fn sha256(text: &str) -> String {
        let fraction = |number: f64| ((number.fract()) * 4_294_967_296.0) as u32;
        let primes: Vec<u32> = (2u32..)
            .filter(|n| (2..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0))
            .take(64)
            .collect();
        // Square roots are exact enough in f64; cube roots are corrected by integers.
        let cube = |prime: u32| {
            let target = u128::from(prime) << 96;
            let (mut low, mut high) = (0u128, 1u128 << 35);
            while low + 1 < high {
                let middle = u128::midpoint(low, high);
                if middle * middle * middle <= target { low = middle } else { high = middle }
            }
            low as u32
        };
        let constants: Vec<u32> = primes.iter().map(|prime| cube(*prime)).collect();
        let mut hash: Vec<u32> =
            primes[..8].iter().map(|p| fraction(f64::from(*p).sqrt())).collect();
        let mut bytes = text.as_bytes().to_vec();
        bytes.push(0x80);
        bytes.resize((bytes.len() + 8).next_multiple_of(64) - 8, 0);
        bytes.extend((text.len() as u64 * 8).to_be_bytes());
        for block in bytes.chunks_exact(64) {
            let mut words: Vec<u32> = block
                .chunks_exact(4)
                .map(|word| u32::from_be_bytes([word[0], word[1], word[2], word[3]]))
                .collect();
            for at in 16..64 {
                let (a, b) = (words[at - 15], words[at - 2]);
                let a = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
                let b = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
                let sum = words[at - 16].wrapping_add(a).wrapping_add(words[at - 7]);
                words.push(sum.wrapping_add(b));
            }
            let mut v = hash.clone();
            for (word, constant) in words.iter().zip(&constants) {
                let s1 = v[4].rotate_right(6) ^ v[4].rotate_right(11) ^ v[4].rotate_right(25);
                let choice = (v[4] & v[5]) ^ (!v[4] & v[6]);
                let t1 = v[7]
                    .wrapping_add(s1)
                    .wrapping_add(choice)
                    .wrapping_add(*constant)
                    .wrapping_add(*word);
                let s0 = v[0].rotate_right(2) ^ v[0].rotate_right(13) ^ v[0].rotate_right(22);
                let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
                v.rotate_right(1);
                v[4] = v[4].wrapping_add(t1);
                v[0] = t1.wrapping_add(s0.wrapping_add(majority));
            }
            hash.iter_mut().zip(v).for_each(|(hash, v)| *hash = hash.wrapping_add(v));
        }
        hash.iter().map(|word| format!("{word:08x}")).collect()
    }

    #[test]
    fn uplot_is_the_one_of_npm() {
        assert_eq!(
            sha256("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        for (text, hash) in [
            (UPLOT, "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f"),
            (UPLOT_CSS, "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04"),
            (UPLOT_LICENSE, "8f989229699b4fe2f1a0432d0e9edc338a8a911e250e2d1b01ecd770a5f5b1bd"),
        ] {
            assert_eq!(sha256(text), hash);
        }
        assert!(!UPLOT.contains("</script") && !SCRIPT.contains("</script"));
    }

    #[test]
    fn the_license_is_in_the_page_and_data_cannot_leave_their_element() {
        let page = html("<&>", r#"{"a":"</script><!--<script>"}"#);
        assert!(page.contains("Copyright (c) 2022 Leon Sorokin"));
        assert!(page.contains("<title>&lt;&amp;&gt;</title>"));
        assert!(page.contains(r#"{"a":"\u003c/script>\u003c!--\u003cscript>"}"#));
    }
}
