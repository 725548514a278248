use tensorboard_tests::{Point, show};
use tfevents::summary::markdown;

use crate::writer;

#[test]
fn markdown() {
    let logdir = tempfile::tempdir().unwrap();
    let (writer, clock) = writer(logdir.path());
    let mut rng = fastrand::Rng::with_seed(7);
    let table = "| key | value |\n|---|---|\n| rate | 0.1 |\n";
    let texts = [
        ("plain **bold** é中", vec!["<p>plain <strong>bold</strong> é中</p>"]),
        (table, vec!["<table>", "<th>key</th>", "<td>rate</td>", "<td>0.1</td>"]),
        ("```\nlet x = 1 < 2;\n```", vec!["<code>", "let x = 1 &lt; 2;"]),
        ("<b>raw</b>", vec!["&lt;b&gt;raw&lt;/b&gt;"]),
    ];
    let mut expected = Vec::new();
    for (step, (text, parts)) in (0..).zip(&texts) {
        let wall_time = clock.tick(&mut rng);
        writer.add_text("notes/of the run", text, step);
        expected.push(Point { wall_time, step, value: parts });
    }
    writer.close().unwrap();

    show(logdir.path(), |board| {
        let served = board.text(".", "notes/of the run", 3);
        assert_eq!(served.len(), expected.len());
        for (served, expected) in served.iter().zip(&expected) {
            assert_eq!((served.wall_time, served.step), (expected.wall_time, expected.step));
            for part in expected.value {
                assert!(served.value.contains(part), "{part} is not in {}", served.value);
            }
        }
    });
}

/// Returns the text in the elements of this name, as a reader of the page sees it.
fn shown(html: &str, element: &str) -> Vec<String> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    let text = |part: &str| {
        let inner = part.split_once(&close).expect("it is closed").0;
        assert!(!inner.contains('<'), "an element inside {inner}");
        entities.iter().fold(inner.to_owned(), |text, (from, to)| text.replace(from, to))
    };
    html.split(&open).skip(1).map(text).collect()
}

/// Text that means something in markdown or HTML.
const NASTY: [&str; 22] = [
    "a|b",
    "\\",
    "`code`",
    "``",
    "`",
    "a`|`b",
    "**bold** _it_ __x__",
    "snake_case_name",
    "# no heading",
    "- no list",
    "1. no list",
    "> no quote",
    "[link](http://example.com)",
    "![image](x.png)",
    "<http://example.com>",
    "<b>tag</b> & <!-- no comment -->",
    "&amp; &lt; &#65;",
    "\\| \\` \\*",
    "|---|---|",
    "[ref]: http://example.com",
    "{x} = ~~3~~ +1e-3!",
    "é中 \"quoted\" 'so'",
];

#[test]
fn escaped_text_is_shown_literally() {
    let logdir = tempfile::tempdir().unwrap();
    let (writer, _) = writer(logdir.path());
    let rows = NASTY.iter().map(|text| ["x", text]);
    writer.add_text("table", &markdown::table(NASTY, [NASTY, NASTY]).unwrap(), 0);
    writer.add_text("config", &markdown::key_values(rows.clone().map(|[a, b]| (b, a))), 0);
    let code = "# a fence inside\n```rust\nlet x = &y < \"`\";\n```\n````\n\n| a |\n|---|\n**b**";
    writer.add_text("code", &markdown::code_block("", code), 0);
    writer.add_text("code in rust", &markdown::code_block("rust", "fn f() {}"), 0);
    let line = markdown::escape(&NASTY.join(" "));
    writer.add_text("line", &format!("before **{line}** behind"), 0);
    writer.close().unwrap();

    show(logdir.path(), |board| {
        let html = |tag: &str| board.text(".", tag, 0).remove(0).value;
        let table = html("table");
        assert_eq!(shown(&table, "th"), NASTY, "{table}");
        assert_eq!(shown(&table, "td"), [NASTY, NASTY].concat(), "{table}");
        let config = html("config");
        assert_eq!(shown(&config, "th"), ["key", "value"]);
        let cells: Vec<_> = rows.clone().flat_map(|[x, text]| [text, x]).collect();
        assert_eq!(shown(&config, "td"), cells, "{config}");
        assert_eq!(shown(&html("code"), "code"), [format!("{code}\n")]);
        let rust = html("code in rust");
        assert!(rust.contains("fn f() {}\n</code></pre>") && !rust.contains("```"), "{rust}");
        assert_eq!(shown(&html("line"), "strong"), [NASTY.join(" ")]);
    });
}
