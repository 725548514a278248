use serde_json::{Value as Json, json};
use tensorboard_tests::{Board, show};
use tfevents::summary::{Chart, ChartLayout};

use crate::writer;

/// Category, title and whether it is folded, of each chart, with what it draws.
fn charts(layout: &Json) -> Vec<(String, String, bool, Json)> {
    let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    let mut charts = Vec::new();
    for category in layout["category"].as_array().unwrap() {
        for chart in category["chart"].as_array().unwrap() {
            let draws = match &chart["multiline"]["tag"] {
                Json::Null => chart["margin"]["series"].clone(),
                tags => tags.clone(),
            };
            let closed = category["closed"].as_bool().unwrap_or_default();
            charts.push((text(&category["title"]), text(&chart["title"]), closed, draws));
        }
    }
    charts
}

/// The tags, and their last values, that the page gets for the tags of a chart in a run.
fn drawn(board: &Board, run: &str, patterns: &Json) -> Vec<(String, f64)> {
    // As the page joins them.
    let patterns: Vec<_> = patterns
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| format!("({})", tag.as_str().unwrap()))
        .collect();
    let query = [("run", run), ("tag", &*patterns.join("|"))];
    let answer = board.json("plugin/custom_scalars/scalars", &query);
    assert_eq!(answer["regex_valid"], true, "{answer}");
    let last = |points: &Json| points.as_array().unwrap().last().unwrap()[2].as_f64().unwrap();
    let tags = answer["tag_to_events"].as_object().unwrap().iter();
    tags.map(|(tag, points)| (tag.clone(), last(points))).collect()
}

#[test]
fn one_layout_of_several_sessions() {
    let logdir = tempfile::tempdir().unwrap();
    let (first, _) = writer(logdir.path());
    let band = [("reward (mean)", "reward (min)", "reward (max)")];
    let charts_of_the_user = ChartLayout::new()
        .category("Mine", [Chart::bands("reward", band).unwrap()])
        .closed_category("Loss", [Chart::lines("both", ["loss.a", "loss.b"]).unwrap()]);
    for step in 0..5 {
        first.add_scalars("waves", [("sin(x)", 0.5), ("cos(x)", step as f32)], step);
        for (tag, value) in [("reward (mean)", 1.0), ("reward (min)", 0.5), ("reward (max)", 2.0)] {
            first.add_scalar(tag, value, step);
        }
        // Not in the chart, though a regular expression would match them.
        for tag in ["loss.a", "loss.b", "lossxa", "loss.ab", "waves/sin(x)y"] {
            first.add_scalar(tag, step, step);
        }
        first.add_custom_scalars(&charts_of_the_user);
    }
    first.close().unwrap();
    // As a training that continues does.
    let (second, _) = writer(logdir.path());
    for step in 5..8 {
        second.add_scalars("waves", [("cos(x)", step as f32), ("tan(x)", 3.0)], step);
        second.add_scalars("train/acc", [("top1", 0.5)], step);
    }
    // A curve per run, as torch does it.
    second.add_scalars_as_runs("a/b", [("x", 1.0), ("y", 2.0)], 7);
    second.close().unwrap();

    show(logdir.path(), |board| {
        board.scalars(".", "train/acc/top1", 7);
        let layout = board.wait_until("four charts", || {
            let layout = board.custom_scalars_layout();
            let found = charts(&layout);
            if found.len() == 4 { Ok(found) } else { Err(format!("{layout}")) }
        });
        let chart = |category: &str, title: &str, closed: bool, draws: Json| {
            (category.to_owned(), title.to_owned(), closed, draws)
        };
        let waves = json!([r"waves/sin\(x\)$", r"waves/cos\(x\)$", r"waves/tan\(x\)$"]);
        let band =
            json!([{"value": "reward (mean)", "lower": "reward (min)", "upper": "reward (max)"}]);
        assert_eq!(
            layout,
            [
                chart("Scalars", "waves", false, waves.clone()),
                chart("Mine", "reward", false, band),
                chart("Loss", "both", true, json!([r"loss\.a$", r"loss\.b$"])),
                chart("train", "train/acc", false, json!(["train/acc/top1$"])),
            ]
        );
        let of = |tags: &[(&str, f64)]| -> Vec<_> {
            tags.iter().map(|&(tag, last)| (tag.to_owned(), last)).collect()
        };
        assert_eq!(
            drawn(board, ".", &waves),
            of(&[("waves/cos(x)", 7.0), ("waves/sin(x)", 0.5), ("waves/tan(x)", 3.0)])
        );
        assert_eq!(drawn(board, ".", &layout[2].3), of(&[("loss.a", 4.0), ("loss.b", 4.0)]));
        assert_eq!(board.scalars("a_b_x", "a/b", 7)[0].value, 1.0);
        assert_eq!(board.scalars("a_b_y", "a/b", 7)[0].value, 2.0);
        assert!(board.active_dashboards().contains("custom_scalars"));
    });
}
