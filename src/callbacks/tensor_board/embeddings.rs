//! Embeddings, for the projector: a file of the vectors, and one that names it.

use super::TensorBoardError;
use crate::SummaryWriter;
use crate::callbacks::{BoxError, Model};
use crate::projector::config::Entry;
use std::collections::BTreeMap;

/// Where the labels of the embeddings' rows are.
#[derive(Clone, Debug, Default)]
pub(super) enum Labels {
    #[default]
    None,
    /// For the only layer there is.
    One(String),
    /// By the name of the layer.
    ByLayer(BTreeMap<String, String>),
}

#[derive(Debug)]
pub(super) struct Embeddings {
    writer: SummaryWriter,
    freq: usize,
    labels: Labels,
    found: bool,
}

impl Embeddings {
    pub(super) fn new(writer: SummaryWriter, freq: usize, labels: Labels) -> Self {
        Self { writer, freq, labels, found: false }
    }

    /// Checks the labels against the model's layers, once.
    pub(super) fn find(&mut self, model: &dyn Model) -> Result<(), BoxError> {
        if self.freq == 0 || std::mem::replace(&mut self.found, true) {
            return Ok(());
        }
        let mut layers = Vec::new();
        model.weights(&mut |name, _, _| {
            if model.is_embedding(name) {
                layers.push(layer(name).to_owned());
            }
        });
        if layers.is_empty() {
            log::warn!("embeddings are asked for, but the model has none");
        }
        let unknown = match &self.labels {
            Labels::ByLayer(labels) => {
                labels.keys().filter(|name| !layers.contains(name)).cloned().collect()
            }
            _ => Vec::new(),
        };
        if !unknown.is_empty() {
            return Err(TensorBoardError::UnknownLayer { unknown, layers }.into());
        }
        Ok(())
    }

    /// Writes the vectors of all embeddings, and the file that names them.
    pub(super) fn write(&self, model: &dyn Model, epoch: usize) -> Result<(), BoxError> {
        let files = self.writer.projector_files();
        let mut entries = Vec::new();
        let mut result = Ok(());
        model.weights(&mut |name, shape, values| {
            let &[rows, columns] = shape else { return };
            if result.is_err() || !model.is_embedding(name) {
                return;
            }
            let layer = layer(name).to_owned();
            let plain: String = layer
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '_' })
                .collect();
            let path = format!("train/keras_embedding.ckpt-{epoch}.{plain}.tsv");
            result = files.write_vectors(&path, columns, values);
            entries.push(Entry {
                shape: [rows, columns],
                tensor_path: path,
                metadata_path: self.labels_of(&layer),
                sprite: None,
                tensor_name: layer,
            });
        });
        result?;
        if !entries.is_empty() {
            files.write_config(&entries)?;
        }
        Ok(())
    }

    fn labels_of(&self, layer: &str) -> Option<String> {
        match &self.labels {
            Labels::None => None,
            Labels::One(labels) => Some(labels.clone()),
            Labels::ByLayer(labels) => labels.get(layer).cloned(),
        }
    }
}

/// The layer of a weight: the last part of the path before the weight itself.
fn layer(name: &str) -> &str {
    let path = name.rsplit_once('/').map_or(name, |(path, _)| path);
    path.rsplit('/').next().unwrap_or(path)
}
