//! The arguments of the callback, as Python shows them.

use serde_json::Value;
use std::path::Path;
use tfevents::callbacks::{ConfigError, TensorBoard, TensorBoardBuilder, UpdateFreq};

#[derive(Debug)]
pub struct Settings {
    pub update_freq: String,
    pub histogram_freq: usize,
    pub write_graph: bool,
    pub write_images: bool,
    pub write_steps_per_second: bool,
    pub embeddings_freq: usize,
    pub embeddings_metadata: Metadata,
}

#[derive(Debug)]
pub enum Metadata {
    None,
    One(String),
    ByLayer(Vec<(String, String)>),
}

impl Settings {
    pub fn new(meta: &Value) -> Self {
        let mut settings = Self {
            update_freq: "epoch".to_owned(),
            histogram_freq: 0,
            write_graph: true,
            write_images: false,
            write_steps_per_second: false,
            embeddings_freq: 0,
            embeddings_metadata: Metadata::None,
        };
        for (name, value) in meta["tb_args"].as_object().into_iter().flatten() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let text = text.trim_matches('\'');
            let number = || text.parse().unwrap_or_else(|_| panic!("{name} is {text}"));
            let truth = || match text {
                "True" | "true" | "1" => true,
                "False" | "false" | "0" => false,
                _ => panic!("{name} is {text}"),
            };
            match name.as_str() {
                "update_freq" => text.clone_into(&mut settings.update_freq),
                "histogram_freq" => settings.histogram_freq = number(),
                "write_graph" => settings.write_graph = truth(),
                "write_images" => settings.write_images = truth(),
                "write_steps_per_second" => settings.write_steps_per_second = truth(),
                "embeddings_freq" => settings.embeddings_freq = number(),
                "embeddings_metadata" => settings.embeddings_metadata = metadata(text),
                // Traces are not written here; the range has its own tests.
                "profile_batch" | "log_dir" => {}
                _ => panic!("another argument of the callback: {name}={text}"),
            }
        }
        settings
    }

    /// Ours of the same settings; an error if they cannot work.
    pub fn builder(&self, logdir: &Path) -> Result<TensorBoardBuilder, ConfigError> {
        let builder = TensorBoard::builder(logdir)
            .update_freq(self.update_freq()?)
            .histogram_freq(self.histogram_freq)
            .write_graph(self.write_graph)
            .write_images(self.write_images)
            .write_steps_per_second(self.write_steps_per_second)
            .embeddings_freq(self.embeddings_freq);
        Ok(match &self.embeddings_metadata {
            Metadata::None => builder,
            Metadata::One(path) => builder.embeddings_metadata(path),
            Metadata::ByLayer(paths) => builder.embeddings_metadata_of(paths.iter().cloned()),
        })
    }

    pub fn update_freq(&self) -> Result<UpdateFreq, ConfigError> {
        self.update_freq.parse()
    }
}

/// `path`, or `{'layer': 'path', …}`.
fn metadata(text: &str) -> Metadata {
    let Some(inner) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) else {
        return if text == "None" { Metadata::None } else { Metadata::One(text.to_owned()) };
    };
    let unquoted = |text: &str| text.trim().trim_matches(['\'', '"']).to_owned();
    let pairs = inner.split(',').filter(|pair| !pair.trim().is_empty()).map(|pair| {
        let (layer, path) = pair.split_once(':').unwrap_or_else(|| panic!("{pair} is no pair"));
        (unquoted(layer), unquoted(path))
    });
    Metadata::ByLayer(pairs.collect())
}
