//! The gallery example, with less to train on: both of TensorBoard's readers serve what its formulas, repeated here, and
//! its networks compute.

// The example's files, which have more than is used here.
#![allow(dead_code, unreachable_pub)]

#[path = "../../../examples/gallery/architecture.rs"]
mod architecture;
#[path = "../../../examples/gallery/classifier.rs"]
mod classifier;
#[path = "../../../examples/gallery/curves.rs"]
mod curves;
#[path = "../../../examples/digits/data.rs"]
mod data;
#[path = "../../../examples/gallery/distributions.rs"]
mod distributions;
#[path = "../../../examples/gallery/fill.rs"]
mod fill;
#[path = "../../../examples/gallery/knot.rs"]
mod knot;
#[path = "../../../examples/digits/network.rs"]
mod network;
#[path = "../../../examples/gallery/notes.rs"]
mod notes;
#[path = "../../../examples/digits/optimizer.rs"]
mod optimizer;
#[path = "../../../examples/gallery/pictures.rs"]
mod pictures;
#[path = "../../../examples/digits/random.rs"]
mod random;
#[path = "../../../examples/gallery/sound.rs"]
mod sound;
#[path = "../../../examples/gallery/sweep.rs"]
mod sweep;
#[path = "../../../examples/digits/training.rs"]
mod training;

use fill::{Filled, STEPS};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::f64::consts::TAU;
use tensorboard_tests::{Blob, Board, show};
use tfevents::summary::ColorMap;

/// The last step of most series.
const LAST: i64 = STEPS - 1;

#[test]
fn thirteen_dashboards() {
    let logdir = tempfile::tempdir().unwrap();
    let filled = fill::fill(logdir.path(), 120, |_| ()).unwrap();
    show(logdir.path(), |board| {
        scalars(board);
        histograms(board);
        images(board);
        audio(board);
        meshes(board);
        graphs(board);
        learned(board, &filled);
        text(board, &filled);
        hparams(board, &filled);
        projector(board, &filled);
        let all = [
            "audio",
            "custom_scalars",
            "distributions",
            "graphs",
            "histograms",
            "hparams",
            "images",
            "mesh",
            "pr_curves",
            "projector",
            "scalars",
            "text",
            "timeseries",
        ];
        board.wait_until("thirteen active dashboards", || {
            let active = board.active_dashboards();
            let wanted = BTreeSet::from(all.map(str::to_owned));
            if active == wanted { Ok(()) } else { Err(format!("{active:?}")) }
        });
    });
}

fn near(found: f64, wanted: f64, within: f64, what: &str) {
    assert!((found - wanted).abs() <= within, "{what}: {found}, and not {wanted}");
}

fn scalars(board: &Board) {
    for damping in [10, 30, 90] {
        let served = board.scalars(&format!("curves/damping {damping}"), "swing/height", 99);
        assert_eq!(served.len(), 100);
        for (step, point) in served.iter().enumerate() {
            assert_eq!(point.step, step as i64);
            let x = step as f64;
            near(point.value, (-x / f64::from(damping)).exp() * (x / 5.0).cos(), 1e-5, "height");
        }
    }
    let sines = board.scalars("curves", "waves/sin", 99);
    near(sines[16].value, 1.6f64.sin(), 1e-6, "sin");
    let layout = board.wait_until("three charts", || {
        let layout = board.custom_scalars_layout();
        let found = layout["category"].as_array().map_or(0, Vec::len);
        if found == 3 { Ok(layout) } else { Err(layout.to_string()) }
    });
    let chart = |title: &str| {
        let categories = layout["category"].as_array().unwrap();
        let charts = categories.iter().flat_map(|category| category["chart"].as_array().unwrap());
        charts.into_iter().find(|chart| chart["title"] == title).unwrap().clone()
    };
    assert_eq!(
        chart("learning")["margin"]["series"],
        json!([{"value": "learning/mean", "lower": "learning/low", "upper": "learning/high"}])
    );
    assert_eq!(chart("losses")["multiline"]["tag"], json!([r"loss/train$", r"loss/validation$"]));
    for (tag, at_two) in [("mean", 0.632_120), ("low", 0.465_454), ("high", 0.798_787)] {
        let served = board.scalars("curves", &format!("learning/{tag}"), 99);
        near(served[20].value, at_two, 1e-5, tag);
    }
}

fn histograms(board: &Board) {
    let served = board.histograms("distributions", "moving", 29);
    assert_eq!(served.len(), 30);
    for (step, point) in served.iter().enumerate() {
        let progress = step as f64 / 29.0;
        let (mean, scale) = (4.0 * progress, 1.0 - 0.8 * progress);
        // How many of the evenly spaced quantiles lie below: the logistic function.
        let below = |x: f64| 10_000.0 / (1.0 + (-(x - mean) / scale).exp());
        let mut sum = 0.0;
        for [left, right, count] in &point.value {
            sum += count;
            near(*count, below(*right) - below(*left), 3.0, "values of a bucket");
        }
        assert_eq!(sum, 10_000.0);
    }
    let lines = board.distributions("distributions", "moving", 29);
    let median = lines[29].value.iter().find(|line| line[0] == 5000.0).unwrap()[1];
    near(median, 4.0, 0.1, "median");

    // Each of 36 throws of two dice as often as any other.
    let dice = &board.histograms("distributions", "dice", 29)[29].value;
    for sum in 2..=12 {
        let middle = f64::from(sum);
        let bucket = dice.iter().find(|[left, right, _]| *left < middle && middle <= *right);
        let ways = 6.0 - (middle - 7.0).abs();
        assert_eq!(bucket.unwrap()[2], 30.0 * ways, "{sum} in {dice:?}");
    }
    let parting = board.histograms("distributions", "parting", 29);
    let middle = |step: usize| -> f64 {
        let near_zero = parting[step].value.iter().filter(|b| b[0] >= -0.7 && b[1] <= 0.7);
        near_zero.map(|bucket| bucket[2]).sum()
    };
    assert!(middle(0) > 4_000.0 && middle(29) < 100.0, "{} {}", middle(0), middle(29));
}

/// Width, and RGB pixels.
fn pixels(blob: &Blob) -> (usize, Vec<[u8; 3]>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(&blob.bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!(info.color_type, png::ColorType::Rgb);
    (info.width as usize, pixels.as_chunks().0.to_vec())
}

fn size(blob: &Blob) -> (u32, u32) {
    let reader = png::Decoder::new(std::io::Cursor::new(&blob.bytes)).read_info().unwrap();
    (reader.info().width, reader.info().height)
}

fn images(board: &Board) {
    let boxes = board.images("pictures", "ball/box", 0, LAST);
    let waves = board.images("pictures", "waves", 0, LAST);
    assert_eq!([boxes.len(), waves.len()], [STEPS as usize; 2]);
    for step in 0..STEPS as usize {
        let progress = step as f64 / 9.0;
        let height = (TAU * progress).sin().abs();
        let (x, y) = (12.0 + progress * 168.0, 108.0 - height * 72.0);
        let (width, picture) = pixels(&boxes[step].value);
        assert_eq!(width, 192);
        assert_eq!(picture[y as usize * 192 + x as usize], [215, 90, 40], "the ball at {step}");
        // The lower edge of its box.
        let below = (y + 11.0) as usize * 192 + x as usize;
        assert!(
            [below, below + 192].iter().any(|at| picture[*at] == [20, 90, 200]),
            "the box at {step}"
        );

        let (width, picture) = pixels(&waves[step].value);
        assert_eq!((width, picture.len()), (160, 160 * 120));
        for (x, y) in [(0, 0), (40, 60), (80, 30), (159, 119)] {
            let wave = |source: f64| {
                let distance = (f64::from(x) - source).hypot(f64::from(y) - 60.0);
                (distance / 4.0 - step as f64 * 0.6).cos()
            };
            let place = (wave(40.0) + wave(120.0) + 2.0) / 4.0;
            let wanted = ColorMap::Diverging.color(place as f32);
            let found = picture[y as usize * 160 + x as usize];
            let off = wanted.iter().zip(found).map(|(a, b)| a.abs_diff(b)).max();
            assert!(off <= Some(2), "{found:?}, and not {wanted:?}, at {x}, {y}");
        }
    }
    let (_, gradient) = pixels(&board.images("pictures", "gradient", 0, LAST)[9].value);
    assert_eq!((gradient[0], gradient[160 * 120 - 1]), ([0, 0, 252], [255, 255, 252]));
    let grid = &board.images("pictures", "digits/grid", 0, 0)[0].value;
    assert_eq!(size(grid), (342, 342));
    let samples = board.tag_info("images", "pictures", "digits/one by one")["samples"].clone();
    assert_eq!(samples, 3);

    let flight = board.images("pictures", "ball/flight", 0, 0).remove(0).value;
    assert_eq!(flight.mime, "image/gif");
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(&flight.bytes[..]).unwrap();
    let mut frames = 0;
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        let progress = f64::from(frames) / 29.0;
        let height = (TAU * progress).sin().abs();
        let at = (108.0 - height * 72.0) as usize * 192 + (12.0 + progress * 168.0) as usize;
        // Five colors need no rounding.
        assert_eq!(frame.buffer[4 * at..][..3], [215, 90, 40], "frame {frames}");
        frames += 1;
    }
    assert_eq!(frames, 30);
}

fn audio(board: &Board) {
    let served = board.audio("sound", "chord", 0, LAST);
    assert_eq!(served.len(), STEPS as usize);
    for (step, point) in served.iter().enumerate() {
        let reader = hound::WavReader::new(&point.value.bytes[..]).unwrap();
        assert_eq!((reader.spec().channels, reader.spec().sample_rate), (2, 22_050));
        let samples: Vec<i16> = reader.into_samples().map(Result::unwrap).collect();
        assert_eq!(samples.len(), 2 * 33_075);
        // C, E and G, each step a semitone higher: 440 Hz is the A nine above the middle C.
        let hertz = |above: i32| 440.0 * 2.0f64.powf(f64::from(step as i32 + above - 9) / 12.0);
        for at in [100, 1000, 5000, 20_000] {
            let t = f64::from(at) / 22_050.0;
            let envelope = (t / 0.01).min(1.0) * (-3.0 * t).exp();
            let [c, e, g] = [0, 4, 7].map(|above| envelope * (TAU * hertz(above) * t).sin());
            for (channel, wanted) in [0.5 * c + 0.3 * e, 0.3 * e + 0.5 * g].iter().enumerate() {
                let found = f64::from(samples[2 * at as usize + channel]) / 32_768.0;
                near(found, *wanted, 1e-3, "sample");
            }
        }
    }
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

fn meshes(board: &Board) {
    let parts = board.meshes("meshes", "knot", 0, LAST);
    assert_eq!(parts.len(), 3 * STEPS as usize);
    for part in &parts {
        match part.value.about["content_type"].as_u64() {
            Some(1) => {
                let vertices = floats(&part.value.bytes);
                assert_eq!(vertices.len(), 3 * 240 * 16);
                // Sixteen around each point of the knot's middle, all as far from it as the tube is thick.
                for (at, vertex) in vertices.chunks(3).enumerate() {
                    let turn = TAU * (at / 16) as f64 / 240.0;
                    let radius = 2.0 + (3.0 * turn).cos();
                    let middle = [
                        radius * (2.0 * turn).cos(),
                        radius * (2.0 * turn).sin(),
                        (3.0 * turn).sin(),
                    ];
                    let squares =
                        vertex.iter().zip(middle).map(|(a, b)| (f64::from(*a) - b).powi(2));
                    let distance = squares.sum::<f64>().sqrt();
                    near(distance, 0.15 + 0.04 * part.step as f64, 1e-3, "thickness");
                }
            }
            Some(2) => {
                // A closed surface with one hole: each edge once in each direction, and as many edges as corners
                // and faces together.
                let indices: &[[u8; 4]] = part.value.bytes.as_chunks().0;
                let indices: Vec<i32> =
                    indices.iter().map(|bytes| i32::from_le_bytes(*bytes)).collect();
                let edges: BTreeSet<_> = indices
                    .chunks(3)
                    .flat_map(|face| [(face[0], face[1]), (face[1], face[2]), (face[2], face[0])])
                    .collect();
                assert_eq!(edges.len(), indices.len());
                assert!(edges.iter().all(|&(a, b)| edges.contains(&(b, a))));
                assert_eq!(edges.len() / 2, 240 * 16 + indices.len() / 3);
            }
            Some(3) => {
                assert_eq!(part.value.bytes[..3], [255, 64, 64]);
                // A third of the way along.
                assert_eq!(part.value.bytes[3 * 80 * 16..][..3], [64, 64, 255]);
            }
            other => panic!("a part {other:?}"),
        }
    }
    let sphere = board.meshes("meshes", "sphere", 0, LAST);
    let is_last = |part: &&tensorboard_tests::Point<Blob>| {
        part.step == LAST && part.value.about["content_type"] == 1
    };
    let last = floats(&sphere.iter().find(is_last).unwrap().value.bytes);
    assert_eq!(last.len(), 3 * 8 * 512);
    for at in last.chunks(3) {
        near(at.iter().map(|x| f64::from(x * x)).sum(), 1.0, 1e-5, "the square of the radius");
    }
}

fn graphs(board: &Board) {
    let operations = |run: &str, operation: &str| {
        let graph = board.graph(run);
        graph.all("node").filter(|node| node.plain("op") == operation).count()
    };
    assert_eq!(operations("graphs/digits", "MatMul"), 3);
    assert_eq!(operations("graphs/onnx", "Gemm"), 3);
    assert_eq!(operations("graphs/onnx", "Softmax"), 1);
    assert_eq!(operations("graphs/functions", "encoder"), 2);
    assert_eq!(board.graph("graphs/functions").one("library").all("function").count(), 1);
    let query = [("run", "graphs/keras"), ("tag", "keras"), ("conceptual", "true")];
    assert_eq!(board.graph_by(&query).all("node").count(), 2 + 3 * 5 + 2);

    let query = [("run", "graphs/digits"), ("tag", "a step")];
    let answer =
        board.wait_until("the costs", || board.try_get("plugin/graphs/run_metadata", &query));
    let costs = tensorboard_tests::Message::parse(&String::from_utf8(answer.1).unwrap());
    let stats = costs.one("step_stats").one("dev_stats");
    let first = stats.all("node_stats").next().unwrap();
    assert_eq!(first.plain("node_name"), "dense_1/MatMul");
    assert_eq!(first.plain("all_end_rel_nanos"), "524288"); // 32 x 64 x 256
    assert_eq!(first.one("memory").plain("total_bytes"), "32768");
}

fn learned(board: &Board, filled: &Filled) {
    let trained = &filled.classifier;
    let losses = board.scalars("classifier/validation", "loss", LAST);
    let accuracies = board.scalars("classifier/validation", "accuracy", LAST);
    let found: Vec<_> = losses.iter().zip(&accuracies).map(|(a, b)| (a.value, b.value)).collect();
    let wanted: Vec<_> =
        trained.history.iter().map(|&(a, b)| (f64::from(a), f64::from(b))).collect();
    assert_eq!(found, wanted);
    // Of so few it learns less than of all, but it does.
    assert!(wanted[LAST as usize].1 > 0.5, "{wanted:?}");

    let probabilities = trained.network.forward(&trained.validation.images).probabilities;
    for class in 0..10 {
        let served = board.pr_curves("classifier/validation", &format!("digit/{class}"), LAST);
        assert_eq!(served.len(), STEPS as usize);
        let curve = &served[LAST as usize].value;
        for (at, threshold) in curve["thresholds"].as_array().unwrap().iter().enumerate() {
            near(threshold.as_f64().unwrap(), at as f64 / 100.0, 1e-6, "threshold");
            let positive = |is: bool| {
                let samples = trained.validation.labels.iter().zip(probabilities.chunks(10));
                let counted = samples.filter(|(label, row)| {
                    let bucket = (row[class].clamp(0.0, 1.0) * 100.0).floor() as usize;
                    (usize::from(**label) == class) == is && bucket >= at
                });
                counted.count() as f64
            };
            assert_eq!(curve["true_positives"][at], positive(true), "{class} at {at}");
            assert_eq!(curve["false_positives"][at], positive(false), "{class} at {at}");
        }
    }
    for parameter in trained.network.parameters() {
        let served = board.histograms("classifier/train", &parameter.name, LAST);
        assert_eq!(served.len(), STEPS as usize);
        let counted: f64 = served[LAST as usize].value.iter().map(|bucket| bucket[2]).sum();
        assert_eq!(counted, parameter.values.len() as f64);
    }
    let figures = board.images("classifier/validation", "confusion", 0, LAST);
    assert_eq!(figures.len(), STEPS as usize);
    assert_eq!(size(&figures[0].value), (480, 440));
    assert_eq!(board.images("classifier/train", "kernels/dense_1", 0, LAST).len(), STEPS as usize);
}

fn text(board: &Board, filled: &Filled) {
    let epochs = board.text("notes", "epochs", LAST);
    assert_eq!(epochs.len(), STEPS as usize);
    let last = filled.classifier.history[LAST as usize];
    assert!(epochs[LAST as usize].value.contains(&format!("{:.4}", last.0)));
    assert_eq!(epochs[LAST as usize].value.matches("<tr>").count(), 1 + STEPS as usize);
    let settings = &board.text("notes", "settings", 0)[0].value;
    // 64 x 256 + 256 + 256 x 128 + 128 + 128 x 10 + 10
    assert!(settings.contains("50826") && settings.contains("360"), "{settings}");
    assert!(board.text("notes", "example", 0)[0].value.contains("<code"));
}

fn hparams(board: &Board, filled: &Filled) {
    let (experiment, groups) = board.wait_until("nine sessions that have ended", || {
        let experiment = board.try_hparams_experiment()?;
        let groups = board.try_hparams_groups(&experiment)?;
        let ended =
            groups.iter().filter(|group| group["sessions"][0]["status"] == "STATUS_SUCCESS");
        if ended.count() == 9 { Ok((experiment, groups)) } else { Err(format!("{groups:?}")) }
    });
    assert_eq!(experiment["description"], "Which step is too large?");
    for trial in &filled.trials {
        let of_trial = |group: &&Json| {
            group["hparams"]["learning_rate"] == trial.learning_rate
                && group["hparams"]["batch_size"] == trial.batch_size as f64
        };
        let group = groups.iter().find(of_trial).unwrap();
        assert!(group["sessions"][0]["name"].as_str().unwrap().ends_with(&trial.name));
        let metrics = group["metricValues"].as_array().unwrap();
        let is_it = |metric: &&Json| metric["name"]["tag"] == "validation/accuracy";
        let accuracy = metrics.iter().find(is_it).unwrap();
        assert_eq!(accuracy["value"], f64::from(trial.accuracy), "{}", trial.name);
        assert_eq!(accuracy["trainingStep"], LAST);
    }
}

fn projector(board: &Board, filled: &Filled) {
    let trained = &filled.classifier;
    let run = "classifier/validation";
    let info = board.projector(run);
    let names: Vec<_> = info["embeddings"].as_array().unwrap().iter().collect();
    assert_eq!(names.len(), 2);
    let last = "digits:00009";
    assert_eq!(names[1]["tensorName"], last);
    assert_eq!(names[1]["tensorShape"], json!([360, 128]));
    assert_eq!(names[1]["sprite"]["singleImageDim"], json!([8, 8]));
    let part = |part: &str| {
        let query = [("run", run), ("name", last)];
        board.try_get(&format!("plugin/projector/{part}"), &query).unwrap().1
    };
    let activations = trained.network.forward(&trained.validation.images);
    assert_eq!(floats(&part("tensor")), *activations.inputs.last().unwrap());
    let rows = String::from_utf8(part("metadata")).unwrap();
    let predictions = activations.predictions();
    let wanted = trained.validation.labels.iter().zip(&predictions);
    let wanted = wanted.map(|(label, prediction)| format!("{label}\t{prediction}"));
    assert!(rows.lines().eq(["digit\ttaken for".to_owned()].into_iter().chain(wanted)));
    // 360 pictures of 8x8 in rows of 19.
    let sprite = part("sprite_image");
    let reader = png::Decoder::new(std::io::Cursor::new(sprite)).read_info().unwrap();
    assert_eq!(reader.info().width, 8 * 19);
}
