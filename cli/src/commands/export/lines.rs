//! A line per point: CSV, TSV and JSON.

use super::batches::{self, Batch, Content, Format, Report, Row, Source};
use super::ordered::in_order;
use crate::output::csv::Dialect;
use crate::output::json::Json;
use crate::output::numbers::{Stamps, push_f32};
use std::io::Write;
use tfevents::read::{
    DataType, HParam, HParamsValue, Kind, LayoutValue, TensorValue, Value, ValueData,
};

/// Writes `run,tag,step,wall_time,value`.
pub(super) fn write_csv(
    out: &mut dyn Write,
    source: Source,
    dialect: Dialect,
) -> anyhow::Result<Report> {
    let mut header = Vec::new();
    dialect.push_line(&mut header, ["run", "tag", "step", "wall_time", "value"]);
    out.write_all(&header)?;
    let format = move |batch: Batch| {
        let delimiter = dialect.delimiter;
        let mut text = Vec::with_capacity(batch.rows.len() * 64);
        let mut stamps = Stamps::default();
        for row in batch.rows {
            let Row::Point { label, point } = row else { continue };
            text.extend_from_slice(&batch.labels[label as usize]);
            stamps.push_step(&mut text, point.step);
            text.push(delimiter);
            stamps.push_wall_time(&mut text, point.wall_time);
            text.push(delimiter);
            push_f32(&mut text, point.value);
            text.push(b'\n');
        }
        text
    };
    let read = move |send: &mut dyn FnMut(Batch)| batches::read(&source, &Csv(dialect), send);
    in_order(read, format, |text| Ok(out.write_all(&text)?))
}

struct Csv(Dialect);

impl Format for Csv {
    fn label(&self, run: &str, tag: &str) -> Vec<u8> {
        let mut label = Vec::new();
        for field in [run, tag] {
            self.0.push_text(&mut label, field);
            label.push(self.0.delimiter);
        }
        label
    }
}

/// Writes an object for each value.
pub(super) fn write_json(out: &mut dyn Write, source: Source) -> anyhow::Result<Report> {
    let format = |batch: Batch| {
        let mut text = Vec::with_capacity(batch.rows.len() * 96);
        let mut stamps = Stamps::default();
        for row in batch.rows {
            match row {
                Row::Point { label, point } => {
                    text.extend_from_slice(&batch.labels[label as usize]);
                    stamps.push_step(&mut text, point.step);
                    text.extend_from_slice(b",\"wall_time\":");
                    let quote = |text: &mut Vec<u8>, is_finite: bool| {
                        if !is_finite {
                            text.push(b'"');
                        }
                    };
                    quote(&mut text, point.wall_time.is_finite());
                    stamps.push_wall_time(&mut text, point.wall_time);
                    quote(&mut text, point.wall_time.is_finite());
                    text.extend_from_slice(b",\"value\":");
                    quote(&mut text, point.value.is_finite());
                    push_f32(&mut text, point.value);
                    quote(&mut text, point.value.is_finite());
                    text.extend_from_slice(b"}\n");
                }
                Row::Line(line) => text.extend_from_slice(&line),
            }
        }
        text
    };
    let read = move |send: &mut dyn FnMut(Batch)| batches::read(&source, &JsonLines, send);
    in_order(read, format, |text| Ok(out.write_all(&text)?))
}

struct JsonLines;

impl Format for JsonLines {
    fn label(&self, run: &str, tag: &str) -> Vec<u8> {
        let mut json = Json::default();
        json.open('{').key("run").string(run).key("tag").string(tag);
        json.key("kind").string("scalar").key("step");
        json.take()
    }

    fn line(
        &self,
        run: &str,
        tag: Option<&str>,
        kind: Kind,
        (step, wall_time): (i64, f64),
        content: Content<'_>,
    ) -> Option<Vec<u8>> {
        let mut json = Json::default();
        json.open('{').key("run").string(run).key("tag").optional(tag, Json::string);
        json.key("kind").string(kind.name());
        json.key("step").int(step).key("wall_time").f64(wall_time);
        match content {
            Content::Value(value) => push_value(&mut json, value),
            Content::Graph(graph) => push_media(&mut json, "pb", graph),
        }
        json.close('}').end_line();
        Some(json.take())
    }
}

fn push_value(json: &mut Json, value: &Value<'_>) {
    let data = match value.data() {
        Ok(data) => data,
        Err(error) => {
            json.key("error").string(&error.to_string());
            return;
        }
    };
    match data {
        ValueData::Scalar(number) => {
            json.key("value").f32(number);
        }
        ValueData::Histogram(histogram) => {
            json.key("buckets").open('[');
            for bucket in &histogram.buckets {
                let numbers = [bucket.lower, bucket.upper, bucket.count];
                json.open('[');
                for number in numbers {
                    json.f64(number);
                }
                json.close(']');
            }
            json.close(']');
        }
        ValueData::Images(images) => {
            json.key("width").int(images.width).key("height").int(images.height);
            push_batch(json, &images.encoded, image_type);
        }
        ValueData::Audio(audio) => push_batch(json, &audio.encoded, audio_type),
        ValueData::Text(text) => {
            if !text.shape.is_empty() {
                push_list(json, "shape", &text.shape, |json, size| json.int(*size));
                push_list(json, "texts", &text.strings, |json, text| json.string(text));
            }
            json.key("text").string(&text.strings.join("\n"));
        }
        ValueData::Tensor(tensor) => push_tensor(json, &tensor),
        ValueData::PrCurve(curve) => {
            let rows = [
                ("true_positives", &curve.true_positives),
                ("false_positives", &curve.false_positives),
                ("true_negatives", &curve.true_negatives),
                ("false_negatives", &curve.false_negatives),
                ("precision", &curve.precision),
                ("recall", &curve.recall),
            ];
            for (key, numbers) in rows {
                push_list(json, key, numbers, |json, number| json.f64(*number));
            }
        }
        ValueData::Mesh(part) => {
            json.key("mesh").string(&part.name);
            push_tensor(json, &part.tensor);
        }
        ValueData::HParams(hparams) => push_hparams(json, &hparams),
        ValueData::Graph(graph) => {
            let is_json = graph.format == tfevents::read::GraphFormat::KerasJson;
            push_media(json, if is_json { "json" } else { "pb" }, &graph.bytes);
        }
        ValueData::Layout(layout) => push_layout(json, &layout),
        _ => {}
    }
}

fn push_list<T>(
    json: &mut Json,
    key: &str,
    items: &[T],
    mut push: impl for<'a> FnMut(&'a mut Json, &T) -> &'a mut Json,
) {
    json.key(key).open('[');
    for item in items {
        push(json, item);
    }
    json.close(']');
}

fn push_media(json: &mut Json, media: &str, bytes: &[u8]) {
    json.key("media").string(media).key("bytes").int(bytes.len());
}

/// One object has the media type and size of the first, and `count` if there are several.
fn push_batch<B: AsRef<[u8]>>(json: &mut Json, batch: &[B], media: impl Fn(&[u8]) -> &'static str) {
    let first = batch.first().map_or(&[][..], AsRef::as_ref);
    let bytes: usize = batch.iter().map(|bytes| bytes.as_ref().len()).sum();
    json.key("media").string(media(first)).key("bytes").int(bytes);
    if batch.len() != 1 {
        json.key("count").int(batch.len());
    }
}

fn push_tensor(json: &mut Json, tensor: &TensorValue<'_>) {
    push_list(json, "shape", tensor.shape(), |json, size| json.int(*size));
    // Integers over 2^53 would be rounded as floats.
    if let Some(numbers) = tensor.values::<i64>() {
        push_list(json, "values", &numbers, |json, number| json.int(*number));
    } else if let Some(numbers) = tensor.values::<u64>() {
        push_list(json, "values", &numbers, |json, number| json.int(*number));
    } else if let Some(numbers) = tensor.values::<f32>() {
        push_list(json, "values", &numbers, |json, number| json.f32(*number));
    } else if let Some(numbers) = tensor.to_f64() {
        push_list(json, "values", &numbers, |json, number| json.f64(*number));
    } else if tensor.data_type() == DataType::String {
        push_list(json, "values", &tensor.strings(), |json, bytes| {
            json.string(&String::from_utf8_lossy(bytes))
        });
    } else {
        json.key("values").null();
    }
}

fn push_hparams(json: &mut Json, value: &HParamsValue) {
    json.key("hparams").open('{');
    match value {
        HParamsValue::Experiment(experiment) => {
            push_list(json, "names", &experiment.hparams, |json, name| json.string(name));
            push_list(json, "metrics", &experiment.metrics, |json, metric| {
                json.string(&metric.tag)
            });
        }
        HParamsValue::SessionStart(start) => {
            json.key("start").open('{');
            for (name, value) in &start.hparams {
                json.key(name);
                push_hparam(json, value);
            }
            json.close('}');
        }
        HParamsValue::SessionEnd(end) => {
            let status = end.status.map(|status| format!("{status:?}").to_lowercase());
            json.key("end").optional(status.as_deref(), Json::string);
        }
        _ => {}
    }
    json.close('}');
}

/// Adds the value of a hyperparameter.
pub(in crate::commands) fn push_hparam(json: &mut Json, value: &HParam) {
    match value {
        HParam::Number(number) => json.f64(*number),
        HParam::Text(text) => json.string(text),
        HParam::Bool(value) => json.bool(*value),
        _ => json.null(),
    };
}

fn push_layout(json: &mut Json, layout: &LayoutValue) {
    push_list(json, "categories", &layout.categories, |json, category| {
        json.open('{').key("title").string(&category.title);
        push_list(json, "charts", &category.charts, |json, chart| {
            json.open('{').key("title").string(&chart.title);
            push_list(json, "lines", &chart.lines, |json, line| json.string(line));
            push_list(json, "bands", &chart.bands, |json, band| {
                json.open('[');
                for tag in band {
                    json.string(tag);
                }
                json.close(']')
            });
            json.close('}')
        });
        json.close('}')
    });
}

/// Returns the usual extension of an image's file.
pub(in crate::commands) fn image_type(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => "png",
        [0xff, 0xd8, 0xff, ..] => "jpg",
        [b'G', b'I', b'F', b'8', ..] => "gif",
        [b'B', b'M', ..] => "bmp",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "webp",
        _ => "bin",
    }
}

/// Returns the usual extension of a sound's file.
pub(in crate::commands) fn audio_type(bytes: &[u8]) -> &'static str {
    match bytes {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => "wav",
        [b'O', b'g', b'g', b'S', ..] => "ogg",
        [b'f', b'L', b'a', b'C', ..] => "flac",
        [b'I', b'D', b'3', ..] | [0xff, 0xe0..=0xff, ..] => "mp3",
        _ => "bin",
    }
}
