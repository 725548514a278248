//! `report`: one file, in a real browser where there is one.

use super::{tfevents, write_run};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use tfevents::summary::Image;
use tfevents::{HParams, SummaryWriter};

/// Values between 1 and 3 without a pattern.
fn value(run: usize, tag: usize, step: usize) -> f32 {
    let mixed = (step * 7919 + run * 104_729 + tag * 1299 + 17) % 10_007;
    1.0 + mixed as f32 / 5003.5
}

fn report(dir: &Path, args: &[&str]) -> String {
    let all: Vec<_> = ["report", "logs", "-o", "report.html"].iter().chain(args).copied().collect();
    let found = tfevents(dir, &all);
    assert_eq!(found.status, 0, "{}", found.stderr);
    std::fs::read_to_string(dir.join("report.html")).unwrap()
}

#[test]
fn twenty_curves_of_two_thousand_points_take_300_kb() {
    let dir = tempfile::tempdir().unwrap();
    for run in 0..5 {
        write_run(&dir.path().join(format!("logs/run{run}")), |writer| {
            for step in 0..2000 {
                for tag in 0..4 {
                    writer.add_scalar(&format!("tag{tag}"), value(run, tag, step), step);
                }
            }
        });
    }
    let html = report(dir.path(), &[]);
    assert!(html.len() <= 300_000, "{} bytes", html.len());
    assert!(!html.contains("http://") || html.matches("http").count() < 10);
}

#[test]
fn what_does_not_fit_is_listed() {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("logs"), |writer| {
        for step in 0..300_000 {
            writer.add_scalar("loss", 0.5, step);
        }
        let pixels: Vec<_> = (0..100 * 100 * 3u32).map(|at| (at * at % 251) as u8).collect();
        for step in 0..9 {
            writer.add_image("picture", &Image::rgb8(100, 100, &pixels).unwrap(), step);
        }
    });
    let found = tfevents(dir.path(), &["report", "logs", "-o", "r.html", "--max-mb", "1"]);
    assert_eq!(found.status, 0, "{}", found.stderr);
    assert!(found.stderr.contains("1 curve thinned to at most 20000 points"), "{}", found.stderr);
    assert!(found.stderr.contains("3 images left out"), "{}", found.stderr);
    let html = std::fs::read_to_string(dir.path().join("r.html")).unwrap();
    assert!(html.len() <= 1_000_000 && html.contains("1 curve thinned to at most 20000 points"));
    let names: Vec<_> =
        std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn tags_that_are_not_selected_are_not_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("logs"), |writer| {
        writer.add_scalar("other", 1.0, 0);
        writer.add_text("words", "text", 0);
        writer.add_scalar("loss", 1.0, 0);
    });
    let html = report(dir.path(), &["-t", "loss"]);
    let (_, data) = html.split_once("id=\"data\">").unwrap();
    let (data, _) = data.split_once("</script>").unwrap();
    let json: serde_json::Value = serde_json::from_str(data).unwrap();
    let tags = |kind: &str| {
        let all = json[kind].as_array().unwrap().iter();
        all.map(|item| item["tag"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(tags("scalars"), ["loss"]);
    assert!(tags("texts").is_empty());
}

/// A program that is killed at the end of a test.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_watched_report_is_written_anew_and_always_whole() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path().join("logs/a")).unwrap();
    writer.add_scalar("first", 1.0, 0);
    writer.flush().unwrap();
    let args = ["report", "logs", "-o", "report.html", "--watch"];
    let _running = Running(super::command(dir.path(), &args).spawn().unwrap());
    let path = dir.path().join("report.html");
    let wait_for = |text: &str| {
        let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
        loop {
            if let Ok(html) = std::fs::read_to_string(&path) {
                assert!(html.ends_with("</html>\n"), "{} bytes", html.len());
                if html.contains(text) {
                    return;
                }
            }
            assert!(std::time::Instant::now() < end, "{text} is not in the report");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    };
    wait_for("\"tag\":\"first\"");
    // A new run, and a run that grows.
    write_run(&dir.path().join("logs/b"), |writer| writer.add_scalar("second", 1.0, 0));
    wait_for("\"tag\":\"second\"");
    writer.add_scalar("third", 1.0, 1);
    writer.flush().unwrap();
    wait_for("\"tag\":\"third\"");
}

/// Names and texts that try to leave their place.
fn write_malicious(dir: &Path) {
    // Windows has no names with angle brackets.
    let name = if cfg!(windows) { "hacked=1" } else { "<script>hacked=1<" };
    let longest = "x".repeat(180);
    for run in [name, &longest] {
        write_run(&dir.join("logs").join(run), |writer| {
            for step in 0..5 {
                writer.add_scalar("</script><script>hacked=1</script>", step as f32, step);
                writer.add_scalar("<img src=x onerror=hacked=1>\u{2028}\x1b[2J", step as f32, step);
            }
            let text = "<script>hacked=1</script> <img src=x onerror=hacked=1> [a](javascript:hacked=1) \
                        </div><iframe src=http://example.com></iframe> ![i](http://example.com/i.png)";
            writer.add_text("\" onmouseover=\"hacked=1", text, 0);
            writer.add_histogram("<b>", &[0.0, 1.0][..], 0);
            let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='hacked=1'/>".to_vec();
            drop(Image::from_encoded(svg).map(|image| writer.add_image("svg", &image, 0)));
        });
    }
}

#[test]
fn names_and_texts_of_files_inject_nothing() {
    let dir = tempfile::tempdir().unwrap();
    write_malicious(dir.path());
    let html = report(dir.path(), &[]);
    let (_, data) = html.split_once("id=\"data\">").unwrap();
    let (data, rest) = data.split_once("</script>").unwrap();
    assert!(data.ends_with("}") && !data.contains('<') && data.contains("hacked"), "{data}");
    assert!(!rest.contains("hacked") && !data.contains('\x1b'));
}

/// Runs check.py on a report with what it has to show.
fn check(dir: &Path, expected: &str) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/check.py");
    std::fs::write(dir.join("expected.json"), expected).unwrap();
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "chromium".to_owned());
    let mut command = Command::new("python3");
    command.arg(script).args([&chromium, "report.html", "expected.json"]).current_dir(dir);
    if let Some(folder) = std::env::var_os("REPORT_SCREENSHOTS").map(PathBuf::from) {
        std::fs::create_dir_all(&folder).unwrap();
        command.arg(folder);
    }
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("passed"), "{text}");
}

#[test]
#[ignore = "needs chromium; .ci/run runs it"]
fn a_browser_shows_what_was_logged() {
    let dir = tempfile::tempdir().unwrap();
    for run in 0..3 {
        write_run(&dir.path().join(format!("logs/adam/seed{run}")), |writer| {
            let rate = 0.1 * f64::from(run as u32 + 1);
            writer.add_hparams(&HParams::builder().set("rate", rate).build().unwrap());
            for step in 0..2000 {
                writer.add_scalar("loss", value(run, 0, step), step);
                writer.add_scalar("accuracy", value(run, 1, step) - 2.0, step);
                if step % 100 == 0 {
                    let values: Vec<_> = (0..100).map(|at| value(run, at, step)).collect();
                    writer.add_histogram("weights", &values[..], step);
                }
            }
            for (step, value) in [1.0, f32::NAN, 2.0, f32::INFINITY, 3.0].into_iter().enumerate() {
                writer.add_scalar("broken", value, step);
            }
            writer.add_text("note", "# Title\n\n|a|b|\n|-|-|\n|1|2|", 0);
            writer.add_image("red", &Image::rgb8(2, 2, &[255; 12]).unwrap(), 0);
        });
    }
    report(dir.path(), &[]);
    let list = |values: Vec<f64>| {
        let texts: Vec<_> = values.iter().map(f64::to_string).collect();
        format!("[{}]", texts.join(","))
    };
    let logged = |run, tag: usize| {
        let value = |step| f64::from(value(run, tag, step) - 2.0 * tag as f32);
        (0..2000).map(value).collect::<Vec<_>>()
    };
    let mut json = "{\"runs\":3,\"series\":[".to_owned();
    for (run, tag) in [(0, 0), (1, 0), (2, 1), (1, 1)] {
        let (name, values) = (["loss", "accuracy"][tag], list(logged(run, tag)));
        let comma = if json.ends_with('[') { "" } else { "," };
        let _ =
            write!(json, "{comma}{{\"tag\":\"{name}\",\"run\":\"seed{run}\",\"values\":{values}}}");
    }
    let runs = [0, 1, 2].map(|run| logged(run, 0));
    let (means, deviations) = (0..2000)
        .map(|step| {
            let values = runs.each_ref().map(|run| run[step]);
            let mean = values.iter().sum::<f64>() / 3.0;
            (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 2.0).sqrt())
        })
        .unzip();
    let (means, deviations) = (list(means), list(deviations));
    let _ = write!(
        json,
        "],\"group\":{{\"tag\":\"loss\",\"by\":\"(.*)/seed\",\"name\":\"adam (3)\",\
         \"means\":{means},\"deviations\":{deviations}}}}}"
    );
    check(dir.path(), &json);
}

#[test]
#[ignore = "needs chromium; .ci/run runs it"]
fn a_browser_runs_nothing_of_a_malicious_directory() {
    let dir = tempfile::tempdir().unwrap();
    write_malicious(dir.path());
    report(dir.path(), &[]);
    let tag = "</script><script>hacked=1</script>";
    let json = format!(
        "{{\"runs\":2,\"series\":[{{\"tag\":{tag:?},\"run\":\"<script>hacked=1<\",\"values\":[0,1,2,3,4]}}]}}"
    );
    check(dir.path(), &json);
}
