//! A small subset of Markdown as HTML that is safe whatever the text is.
//!
//! Headings, paragraphs, lists, quotes, code, tables, rules, emphasis. Everything is escaped
//! first; links and images stay as they are written, so that nothing leads out of the file.

use crate::draw::svg::escape;

/// Renders a text.
pub(crate) fn render(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    let mut html = String::new();
    let mut at = 0;
    while at < lines.len() {
        at += block(&lines[at..], &mut html);
    }
    html
}

/// Renders the first block; returns how many lines it has.
fn block(lines: &[&str], html: &mut String) -> usize {
    let line = lines[0];
    let trimmed = line.trim_start();
    if trimmed.is_empty() {
        return 1;
    }
    if let Some(fence) = trimmed.get(..3).filter(|fence| *fence == "```" || *fence == "~~~") {
        let end = lines[1..].iter().position(|line| line.trim_start().starts_with(fence));
        let code = &lines[1..end.map_or(lines.len(), |end| end + 1)];
        html.push_str(&format!("<pre><code>{}</code></pre>", escape(&code.join("\n"))));
        return end.map_or(lines.len(), |end| end + 2);
    }
    let level = trimmed.bytes().take_while(|byte| *byte == b'#').count();
    if (1..=6).contains(&level) && trimmed[level..].starts_with(' ') {
        // The page has headings of its own above.
        let (tag, text) =
            ((level + 3).min(6), inline(trimmed[level..].trim().trim_end_matches('#')));
        html.push_str(&format!("<h{tag}>{text}</h{tag}>"));
        return 1;
    }
    let is_rule = |mark: char| {
        trimmed.chars().filter(|c| *c == mark).count() >= 3
            && trimmed.chars().all(|c| c == mark || c == ' ')
    };
    if is_rule('-') || is_rule('*') || is_rule('_') {
        html.push_str("<hr>");
        return 1;
    }
    if line.starts_with("    ") || line.starts_with('\t') {
        let is_code = |line: &&&str| line.starts_with("    ") || line.starts_with('\t');
        let code: Vec<_> = lines.iter().take_while(is_code).map(|line| line.trim_start()).collect();
        html.push_str(&format!("<pre><code>{}</code></pre>", escape(&code.join("\n"))));
        return code.len();
    }
    if trimmed.starts_with('>') {
        let quoted: Vec<_> =
            lines.iter().map_while(|line| line.trim_start().strip_prefix('>')).collect();
        let text: Vec<_> = quoted.iter().map(|line| inline(line.trim())).collect();
        html.push_str(&format!("<blockquote><p>{}</p></blockquote>", text.join("<br>")));
        return quoted.len();
    }
    let is_rule_of_table = |rule: &&str| {
        rule.contains('-') && rule.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '))
    };
    if trimmed.contains('|') && lines.get(1).is_some_and(is_rule_of_table) {
        return table(lines, html);
    }
    if let Some((ordered, _)) = item(line) {
        return list(lines, ordered, html);
    }
    let is_plain = |line: &&&str| {
        let line = line.trim_start();
        !line.is_empty()
            && !line.starts_with(['#', '>'])
            && !line.starts_with("```")
            && item(line).is_none()
    };
    let rest = lines[1..].iter().take_while(is_plain).count();
    let text: Vec<_> = lines[..=rest].iter().map(|line| inline(line.trim())).collect();
    html.push_str(&format!("<p>{}</p>", text.join("\n")));
    rest + 1
}

/// Returns whether a line is an item of a numbered list, and its text.
fn item(line: &str) -> Option<(bool, &str)> {
    let line = line.trim_start();
    let bullet = ["- ", "* ", "+ "].into_iter().find_map(|mark| line.strip_prefix(mark));
    if let Some(text) = bullet {
        return Some((false, text));
    }
    let (number, text) = line.split_once(". ")?;
    let is_number = (1..=9).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    is_number.then_some((true, text))
}

fn list(lines: &[&str], ordered: bool, html: &mut String) -> usize {
    let tag = if ordered { "ol" } else { "ul" };
    html.push_str(&format!("<{tag}>"));
    let mut used = 0;
    for line in lines {
        match item(line) {
            Some((found, text)) if found == ordered => {
                if used > 0 {
                    html.push_str("</li>");
                }
                html.push_str(&format!("<li>{}", inline(text.trim())));
            }
            None if line.starts_with(' ') && !line.trim().is_empty() => {
                html.push_str(&format!(" {}", inline(line.trim())));
            }
            _ => break,
        }
        used += 1;
    }
    html.push_str(&format!("</li></{tag}>"));
    used
}

fn table(lines: &[&str], html: &mut String) -> usize {
    let cells = |line: &str| {
        let line = line.trim();
        let line = line.strip_prefix('|').unwrap_or(line);
        let line = line.strip_suffix('|').unwrap_or(line);
        line.split('|').map(|cell| inline(cell.trim())).collect::<Vec<_>>()
    };
    let row = |html: &mut String, line: &str, tag: &str| {
        html.push_str("<tr>");
        for cell in cells(line) {
            html.push_str(&format!("<{tag}>{cell}</{tag}>"));
        }
        html.push_str("</tr>");
    };
    html.push_str("<div class=\"scroll\"><table><thead>");
    row(html, lines[0], "th");
    html.push_str("</thead><tbody>");
    let rows = lines[2..].iter().take_while(|line| line.contains('|'));
    let mut used = 2;
    for line in rows {
        row(html, line, "td");
        used += 1;
    }
    html.push_str("</tbody></table></div>");
    used
}

/// Renders code, strong and emphasized text within a line; everything else is escaped.
fn inline(text: &str) -> String {
    let mut html = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['`', '*', '_', '\\']) {
        html.push_str(&escape(&rest[..at]));
        let before = rest[..at].chars().next_back();
        rest = &rest[at..];
        if let Some(escaped) = rest.strip_prefix('\\') {
            let literal = escaped.chars().next().filter(char::is_ascii_punctuation);
            html.push_str(&escape(&literal.unwrap_or('\\').to_string()));
            rest = literal.map_or(escaped, |literal| &escaped[literal.len_utf8()..]);
            continue;
        }
        match span(rest, before) {
            Some((tag, inside, after)) => {
                let inside = if tag == "code" { escape(inside) } else { inline(inside) };
                html.push_str(&format!("<{tag}>{inside}</{tag}>"));
                rest = after;
            }
            None => {
                html.push_str(&rest[..1]);
                rest = &rest[1..];
            }
        }
    }
    html.push_str(&escape(rest));
    html
}

/// Returns the tag, the inside and the rest of what begins with a mark and is closed.
fn span(text: &str, before: Option<char>) -> Option<(&'static str, &str, &str)> {
    for (mark, tag) in [("`", "code"), ("**", "strong"), ("__", "strong"), ("*", "em"), ("_", "em")]
    {
        let Some(inside) = text.strip_prefix(mark) else { continue };
        // `snake_case` is no emphasis.
        if mark.starts_with('_') && before.is_some_and(char::is_alphanumeric) {
            return None;
        }
        let end = inside.find(mark).filter(|end| *end > 0 && !inside.starts_with(' '));
        return end.map(|end| (tag, &inside[..end], &inside[end + mark.len()..]));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_usual_is_rendered() {
        let cases = [
            (
                "# Title\ntext **bold** *it* `a<b`",
                "<h4>Title</h4><p>text <strong>bold</strong> <em>it</em> <code>a&lt;b</code></p>",
            ),
            ("- a\n- b\n\n1. c", "<ul><li>a</li><li>b</li></ul><ol><li>c</li></ol>"),
            (
                "|a|b|\n|-|-|\n|1|2|",
                "<div class=\"scroll\"><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table></div>",
            ),
            (
                "```rust\nlet a = \"<\";\n```\nend",
                "<pre><code>let a = &quot;&lt;&quot;;</code></pre><p>end</p>",
            ),
            ("> quoted\n> more", "<blockquote><p>quoted<br>more</p></blockquote>"),
            ("snake_case_name and 2 * 3 * 4", "<p>snake_case_name and 2 * 3 * 4</p>"),
            ("---", "<hr>"),
            ("a \\* b", "<p>a * b</p>"),
        ];
        for (text, expected) in cases {
            assert_eq!(render(text), expected, "{text}");
        }
    }

    #[test]
    fn html_links_and_images_are_text() {
        let text = "<script>alert(1)</script> [a](javascript:alert(1)) ![x](http://a/b.png) <img src=x onerror=y>";
        let html = render(text);
        assert!(
            !html.contains("<script") && !html.contains("<img") && !html.contains("<a"),
            "{html}"
        );
        assert!(html.contains("&lt;script&gt;"));
    }

    proptest! {
        #[test]
        fn only_known_tags_come_out(
            text in "[-#>|`*_~+. \\n<a&\"'\\[\\]()1!=:/\\\\]{0,120}",
        ) {
            let html = render(&text);
            let mut open = Vec::new();
            let mut rest = &*html;
            while let Some(at) = rest.find('<') {
                rest = &rest[at + 1..];
                let end = rest.find('>').unwrap();
                let tag = &rest[..end];
                match tag.strip_prefix('/') {
                    Some(name) => prop_assert_eq!(open.pop(), Some(name)),
                    None if tag == "hr" || tag == "br" => {}
                    None => open.push(tag.split(' ').next().unwrap()),
                }
                let name = tag.trim_start_matches('/').split(' ').next().unwrap();
                let known = ["p", "h4", "h5", "h6", "pre", "code", "strong", "em", "ul", "ol", "li", "blockquote", "hr", "br", "div", "table", "thead", "tbody", "tr", "th", "td"];
                prop_assert!(known.contains(&name), "{}", html);
            }
            prop_assert!(open.is_empty());
        }
    }
}
