//! TensorBoard's HTTP API, as its page uses it.
//!
//! The methods for a series take the last step that was written and wait until it is served: TensorBoard reads files
//! in the background and serves what it has so far.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::{Board, Message};

/// One step of a series.
#[derive(Clone, Debug, PartialEq)]
pub struct Point<T> {
    /// Seconds since 1970.
    pub wall_time: f64,
    /// The step.
    pub step: i64,
    /// The logged value.
    pub value: T,
}

/// A file that TensorBoard serves, such as an image.
#[derive(Clone, Debug, PartialEq)]
pub struct Blob {
    /// Its media type.
    pub mime: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Further fields of the listing, such as an image's width.
    pub about: Json,
}

/// Names and values of a request.
type Query<'a> = &'a [(&'a str, &'a str)];

impl Board {
    /// Returns the response to `GET /data/{path}`: its media type and content.
    ///
    /// # Errors
    ///
    /// The status and message, if TensorBoard refuses.
    pub fn try_get(&self, path: &str, query: Query) -> Result<(String, Vec<u8>), String> {
        let mut request = self.agent.get(format!("{}/data/{path}", self.url));
        for (name, value) in query {
            request = request.query(name, value);
        }
        answer(path, request.call())
    }

    /// Returns the JSON response to `GET /data/{path}`.
    ///
    /// # Errors
    ///
    /// As for [`try_get`](Self::try_get).
    pub fn try_json(&self, path: &str, query: Query) -> Result<Json, String> {
        parse(path, &self.try_get(path, query)?.1)
    }

    /// Returns the JSON response to `GET /data/{path}`.
    ///
    /// # Panics
    ///
    /// If TensorBoard refuses.
    pub fn json(&self, path: &str, query: Query) -> Json {
        self.try_json(path, query).unwrap_or_else(|why| panic!("{why}"))
    }

    /// Returns the JSON response to `POST /data/{path}` with a JSON body, as the hparams dashboard asks.
    ///
    /// # Errors
    ///
    /// The status and message, if TensorBoard refuses.
    pub fn try_post(&self, path: &str, body: &Json) -> Result<Json, String> {
        let request = self
            .agent
            .post(format!("{}/data/{path}", self.url))
            .header("Content-Type", "application/json");
        parse(path, &answer(path, request.send(body.to_string()))?.1)
    }

    /// The runs, in the order that TensorBoard lists them in.
    pub fn runs(&self) -> Vec<String> {
        serde_json::from_value(self.json("runs", &[])).expect("runs are a list of names")
    }

    /// The tags of a dashboard by run. Ask after waiting for the last series, or it may be incomplete.
    pub fn tags(&self, plugin: &str) -> BTreeMap<String, BTreeSet<String>> {
        let listed = self.json(&format!("plugin/{plugin}/tags"), &[]);
        let names = |tags: &Json| match tags {
            Json::Array(names) => names.iter().map(|name| text(name).to_owned()).collect(),
            tags => object(tags).map(|(name, _)| name.clone()).collect(),
        };
        object(&listed).map(|(run, tags)| (run.clone(), names(tags))).collect()
    }

    /// Returns the entry of a tag in the tags listing, such as its `displayName` and `description`.
    pub fn tag_info(&self, plugin: &str, run: &str, tag: &str) -> Json {
        self.json(&format!("plugin/{plugin}/tags"), &[])[run][tag].clone()
    }

    /// The names of the dashboards that have something to show. Ask after waiting for a series of each.
    pub fn active_dashboards(&self) -> BTreeSet<String> {
        let listing = self.json("plugins_listing", &[]);
        object(&listing)
            .filter(|(_, about)| about["enabled"] == true)
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// A scalar series up to `last_step`.
    pub fn scalars(&self, run: &str, tag: &str, last_step: i64) -> Vec<Point<f64>> {
        self.triples("scalars", run, tag, last_step, number)
    }

    /// A histogram series up to `last_step`: left edge, right edge and count of each bucket.
    pub fn histograms(&self, run: &str, tag: &str, last_step: i64) -> Vec<Point<Vec<[f64; 3]>>> {
        self.triples("histograms", run, tag, last_step, rows)
    }

    /// A series of the distributions dashboard up to `last_step`: basis point (0 to 10000) and value of each line.
    pub fn distributions(&self, run: &str, tag: &str, last_step: i64) -> Vec<Point<Vec<[f64; 2]>>> {
        self.triples("distributions", run, tag, last_step, rows)
    }

    /// A text series up to `last_step`, as the HTML that is shown.
    pub fn text(&self, run: &str, tag: &str, last_step: i64) -> Vec<Point<String>> {
        let points = self.series("text", run, tag, None, last_step, |point| point["step"].as_i64());
        points.iter().map(|point| at(point, text(&point["text"]).to_owned())).collect()
    }

    /// The images of one sample (0 unless several were logged at a step) up to `last_step`.
    pub fn images(&self, run: &str, tag: &str, sample: usize, last_step: i64) -> Vec<Point<Blob>> {
        self.blobs("images", "individualImage", run, tag, sample, last_step)
    }

    /// The audio clips of one sample up to `last_step`.
    pub fn audio(&self, run: &str, tag: &str, sample: usize, last_step: i64) -> Vec<Point<Blob>> {
        self.blobs("audio", "individualAudio", run, tag, sample, last_step)
    }

    /// The precision-recall curves up to `last_step`: each value has `thresholds`, `precision`, `recall` and the counts.
    pub fn pr_curves(&self, run: &str, tag: &str, last_step: i64) -> Vec<Point<Json>> {
        let (path, query) = ("plugin/pr_curves/pr_curves", [("run", run), ("tag", tag)]);
        let curves = self.wait_until(&format!("{path} {run} {tag} up to step {last_step}"), || {
            let curves = self.try_json(path, &query)?[run].clone();
            up_to(array(&curves), last_step, |curve| curve["step"].as_i64())
        });
        curves.into_iter().map(|curve| at(&curve, curve.clone())).collect()
    }

    /// The meshes of one sample up to `last_step`: three entries a step at most, of which `about` says which
    /// `content_type` they have (1 vertices, 2 faces, 3 colors), within a step in no certain order.
    /// The numbers are little endian: f32, i32, u8.
    pub fn meshes(&self, run: &str, tag: &str, sample: usize, last_step: i64) -> Vec<Point<Blob>> {
        let id = sample.to_string();
        let (path, query) = ("plugin/mesh/meshes", [("run", run), ("tag", tag), ("sample", &id)]);
        let what = format!("{path} {query:?} up to step {last_step}");
        let parts = self.wait_until(&what, || {
            let listed = self.try_json(path, &query)?;
            let mut complete = 0;
            for entry in array(&listed).iter().filter(|e| e["step"] == last_step) {
                complete |= 1 << entry["content_type"].as_u64().expect("a content type");
                if entry["components"] == complete {
                    return Ok(array(&listed).to_vec());
                }
            }
            Err(format!("parts {complete:#b} of that step"))
        });
        let fetch = |entry: &Json| {
            let step = entry["step"].to_string();
            let kind = ["VERTEX", "FACE", "COLOR"]
                [entry["content_type"].as_u64().expect("a content type") as usize - 1];
            let query = [
                ("run", run),
                ("tag", tag),
                ("sample", &id),
                ("step", &step),
                ("content_type", kind),
            ];
            let (mime, bytes) =
                self.try_get("plugin/mesh/data", &query).unwrap_or_else(|why| panic!("{why}"));
            at(entry, Blob { mime, bytes, about: entry.clone() })
        };
        parts.iter().map(fetch).collect()
    }

    /// The graph of a run.
    pub fn graph(&self, run: &str) -> Message {
        self.graph_by(&[("run", run)])
    }

    /// The graph that `query` asks for: `run`, for a tagged graph also `tag`, for a model also `conceptual=true`.
    pub fn graph_by(&self, query: Query) -> Message {
        let pbtxt = self.wait_until(&format!("a graph for {query:?}"), || {
            self.try_get("plugin/graphs/graph", query)
        });
        Message::parse(&String::from_utf8(pbtxt.1).expect("a graph is text"))
    }

    /// The layout of the custom scalars dashboard, once there is one.
    pub fn custom_scalars_layout(&self) -> Json {
        self.wait_until("a layout", || {
            match self.try_json("plugin/custom_scalars/layout", &[])? {
                layout if layout["category"].is_array() => Ok(layout),
                none => Err(none.to_string()),
            }
        })
    }

    /// Returns the experiment as the hparams dashboard has it: `hparamInfos`, `metricInfos` and more.
    ///
    /// # Errors
    ///
    /// As long as there is no experiment. Use with [`wait_until`](Self::wait_until): sessions appear one by one.
    pub fn try_hparams_experiment(&self) -> Result<Json, String> {
        self.try_post("plugin/hparams/experiment", &serde_json::json!({"experimentName": ""}))
    }

    /// The session groups of the hparams dashboard, with the columns of `experiment`.
    ///
    /// # Errors
    ///
    /// As for [`try_hparams_experiment`](Self::try_hparams_experiment).
    pub fn try_hparams_groups(&self, experiment: &Json) -> Result<Vec<Json>, String> {
        let infos = |kind: &str| experiment[kind].as_array().cloned().unwrap_or_default();
        let hparams = infos("hparamInfos")
            .into_iter()
            .map(|info| serde_json::json!({"hparam": info["name"]}));
        let metrics = infos("metricInfos")
            .into_iter()
            .map(|info| serde_json::json!({"metric": info["name"]}));
        let body = serde_json::json!({
            "experimentName": "",
            "allowedStatuses": ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"],
            "colParams": hparams.chain(metrics).collect::<Vec<_>>(),
            "startIndex": 0,
            "sliceSize": 1000,
        });
        let answer = self.try_post("plugin/hparams/session_groups", &body)?;
        Ok(answer["sessionGroups"].as_array().cloned().unwrap_or_default())
    }

    /// Returns the projector config of a run, once the projector has listed it: `embeddings`.
    pub fn projector(&self, run: &str) -> Json {
        self.wait_until(&format!("projector run {run}"), || {
            let runs = self.try_json("plugin/projector/runs", &[])?;
            if !array(&runs).iter().any(|listed| listed == run) {
                return Err(runs.to_string());
            }
            self.try_json("plugin/projector/info", &[("run", run)])
        })
    }

    /// A series whose points are lists of wall time, step and value.
    fn triples<T>(
        &self,
        plugin: &str,
        run: &str,
        tag: &str,
        last_step: i64,
        value: fn(&Json) -> T,
    ) -> Vec<Point<T>> {
        let points = self.series(plugin, run, tag, None, last_step, |point| point[1].as_i64());
        let convert = |point: &Json| Point {
            wall_time: number(&point[0]),
            step: point[1].as_i64().expect("a step is an integer"),
            value: value(&point[2]),
        };
        points.iter().map(convert).collect()
    }

    fn blobs(
        &self,
        plugin: &str,
        each: &str,
        run: &str,
        tag: &str,
        sample: usize,
        last_step: i64,
    ) -> Vec<Point<Blob>> {
        let entries =
            self.series(plugin, run, tag, Some(sample), last_step, |entry| entry["step"].as_i64());
        let fetch = |entry: &Json| {
            let path = format!("plugin/{plugin}/{each}?{}", text(&entry["query"]));
            let (mime, bytes) = self.try_get(&path, &[]).unwrap_or_else(|why| panic!("{why}"));
            at(entry, Blob { mime, bytes, about: entry.clone() })
        };
        entries.iter().map(fetch).collect()
    }

    /// The listed points of a series, once the last of them has `last_step`.
    fn series(
        &self,
        plugin: &str,
        run: &str,
        tag: &str,
        sample: Option<usize>,
        last_step: i64,
        step: fn(&Json) -> Option<i64>,
    ) -> Vec<Json> {
        let path = format!("plugin/{plugin}/{plugin}");
        let sample = sample.map(|sample| sample.to_string());
        let mut query = vec![("run", run), ("tag", tag)];
        query.extend(sample.as_deref().map(|sample| ("sample", sample)));
        self.wait_until(&format!("{path} {query:?} up to step {last_step}"), || {
            up_to(array(&self.try_json(&path, &query)?), last_step, step)
        })
    }
}

fn answer(
    path: &str,
    response: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<(String, Vec<u8>), String> {
    let mut response = response.map_err(|e| format!("{path}: {e}"))?;
    let mime = response.body().mime_type().unwrap_or_default().to_owned();
    let limit = 1 << 30;
    let bytes = response
        .body_mut()
        .with_config()
        .limit(limit)
        .read_to_vec()
        .map_err(|e| format!("{path}: {e}"))?;
    if response.status().is_success() {
        return Ok((mime, bytes));
    }
    Err(format!("{path}: {}: {}", response.status(), String::from_utf8_lossy(&bytes)))
}

fn parse(path: &str, bytes: &[u8]) -> Result<Json, String> {
    serde_json::from_slice(bytes)
        .map_err(|e| format!("{path}: {e}: {}", String::from_utf8_lossy(bytes)))
}

/// The points, if the last of them has `last_step`.
fn up_to(
    points: &[Json],
    last_step: i64,
    step: fn(&Json) -> Option<i64>,
) -> Result<Vec<Json>, String> {
    let last = points.last().and_then(step);
    if last == Some(last_step) {
        Ok(points.to_vec())
    } else {
        Err(format!("{} points, last step {last:?}", points.len()))
    }
}

fn at<T>(entry: &Json, value: T) -> Point<T> {
    Point {
        wall_time: number(&entry["wall_time"]),
        step: entry["step"].as_i64().expect("a step is an integer"),
        value,
    }
}

/// Returns a number; JSON has none that is not finite, so those are text.
fn number(json: &Json) -> f64 {
    match json.as_str() {
        Some("NaN") => f64::NAN,
        Some("Infinity") => f64::INFINITY,
        Some("-Infinity") => f64::NEG_INFINITY,
        _ => json.as_f64().unwrap_or_else(|| panic!("{json} is not a number")),
    }
}

fn rows<const N: usize>(json: &Json) -> Vec<[f64; N]> {
    let row = |row: &Json| -> [f64; N] {
        let row: Vec<f64> = array(row).iter().map(number).collect();
        row.try_into().unwrap_or_else(|row| panic!("{row:?} has not {N} numbers"))
    };
    array(json).iter().map(row).collect()
}

fn array(json: &Json) -> &[Json] {
    json.as_array().unwrap_or_else(|| panic!("{json} is not a list"))
}

fn object(json: &Json) -> impl Iterator<Item = (&String, &Json)> {
    json.as_object().unwrap_or_else(|| panic!("{json} is not an object")).iter()
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap_or_else(|| panic!("{json} is not text"))
}
