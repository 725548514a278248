//! Embeddings, for the projector: a file of the vectors, and one that names it.

use super::{TensorBoardError, Told};
use crate::callbacks::{BoxError, Model};
use crate::summary::embedding::config::Entry;
use crate::writer::SummaryWriter;
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
    /// What the embeddings are called, by the names of their weights; none before it was asked.
    names: Option<BTreeMap<String, String>>,
    told: Told,
}

impl Embeddings {
    pub(super) fn new(writer: SummaryWriter, freq: usize, labels: Labels) -> Self {
        Self { writer, freq, labels, names: None, told: Told::default() }
    }

    /// Looks for the embeddings, and checks the labels against their names, once.
    pub(super) fn find(&mut self, model: &dyn Model) -> Result<(), BoxError> {
        if self.freq == 0 || self.names.is_some() {
            return Ok(());
        }
        let mut weights = Vec::new();
        model.weights(&mut |name, _, _| {
            if model.is_embedding(name) {
                weights.push(name.to_owned());
            }
        });
        if weights.is_empty() {
            log::warn!("embeddings are asked for, but the model has none");
        }
        let named = |weight: &String| {
            let one = weights.iter().filter(|other| layer(other) == layer(weight)).count() == 1;
            // Keras's layers have names of their own; elsewhere only whole paths need to differ.
            (weight.clone(), if one { layer(weight) } else { weight }.to_owned())
        };
        let names: BTreeMap<_, _> = weights.iter().map(named).collect();
        let layers: Vec<String> = names.values().cloned().collect();
        self.names = Some(names);
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
    pub(super) fn write(&mut self, model: &dyn Model, epoch: usize) -> Result<(), BoxError> {
        // A loop may give its model to this hook alone.
        self.find(model)?;
        let Self { writer, labels, names, told, .. } = self;
        let Some(files) = writer.projector_files() else { return Ok(()) };
        let mut entries = Vec::new();
        let mut result = Ok(());
        model.weights(&mut |weight, shape, values| {
            let Some(name) = names.as_ref().and_then(|names| names.get(weight)) else { return };
            if result.is_err() {
                return;
            }
            let &[rows, columns] = shape else {
                told.once(weight, || {
                    log::warn!("{weight:?} of shape {shape:?} is no table of vectors")
                });
                return;
            };
            if values.iter().any(|value| !value.is_finite()) {
                told.once(weight, || {
                    log::warn!("{weight:?} is left out of the projector while not all is finite")
                });
                return;
            }
            let plain: String = name
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '_' })
                .collect();
            let path = format!("train/keras_embedding.ckpt-{epoch}.{plain}.tsv");
            result = files.write_vectors(&path, columns, values);
            entries.push(Entry {
                shape: [rows, columns],
                tensor_path: path,
                metadata_path: labels.of(name),
                sprite: None,
                tensor_name: name.clone(),
            });
        });
        result?;
        if !entries.is_empty() {
            files.write_config(&entries)?;
        }
        Ok(())
    }
}

impl Labels {
    fn of(&self, layer: &str) -> Option<String> {
        match self {
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
