//! Writes embeddings for the Projector: a file of vectors for each, and the config that names
//! them.

use super::settings::TensorBoardError;
use crate::callbacks::error::BoxError;
use crate::callbacks::model::Model;
use crate::summary::embedding::config::Entry;
use crate::system::WarnOnce;
use crate::wire::crc;
use crate::writer::SummaryWriter;
use std::collections::BTreeMap;

/// The files with the labels of the embeddings' rows.
#[derive(Clone, Debug, Default)]
pub(super) enum Labels {
    #[default]
    None,
    /// One file for all embeddings.
    One(String),
    /// Files by the names of the layers.
    ByLayer(BTreeMap<String, String>),
}

#[derive(Debug)]
pub(super) struct Embeddings {
    writer: SummaryWriter,
    freq: usize,
    labels: Labels,
    /// The names of the embeddings by those of their weights; `None` before there was a model.
    names: Option<BTreeMap<String, String>>,
    warned: WarnOnce,
    /// Whether the temporary files of exited processes were removed.
    cleaned: bool,
}

impl Embeddings {
    pub(super) fn new(writer: SummaryWriter, freq: usize, labels: Labels) -> Self {
        Self { writer, freq, labels, names: None, warned: WarnOnce::default(), cleaned: false }
    }

    /// Looks for the embeddings of the model and checks the labels against their names, once.
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
            log::warn!("embeddings_freq has no effect, because the model has no embeddings");
        }
        let named = |weight: &String| {
            let one = weights.iter().filter(|other| layer(other) == layer(weight)).count() == 1;
            // Keras's layers have unique names; elsewhere only whole paths are unique.
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

    /// Writes the vectors of all embeddings, and the config that names them.
    pub(super) fn write(&mut self, model: &dyn Model, epoch: usize) -> Result<(), BoxError> {
        // A loop may pass its model to this hook alone.
        self.find(model)?;
        let Self { writer, labels, names, warned, .. } = self;
        let Some(files) = writer.projector_files() else { return Ok(()) };
        if !std::mem::replace(&mut self.cleaned, true) {
            files.remove_abandoned("train");
        }
        let mut entries = Vec::new();
        let mut result = Ok(());
        model.weights(&mut |weight, shape, values| {
            let Some(name) = names.as_ref().and_then(|names| names.get(weight)) else { return };
            if result.is_err() {
                return;
            }
            // The Projector does not show a table of one column or without rows.
            let table = match *shape {
                [rows, columns] if rows >= 1 && columns >= 2 => Some([rows, columns]),
                _ => None,
            };
            let Some([rows, columns]) = table else {
                warned.warn(weight, || {
                    format!("the embedding {weight:?} is left out of the Projector: its shape is {shape:?} (expected at least 1 row and 2 columns)")
                });
                return;
            };
            if values.iter().any(|value| !value.is_finite()) {
                warned.warn(weight, || {
                    format!("the embedding {weight:?} is left out of the Projector while it has values that are not finite")
                });
                return;
            }
            let path = format!("train/keras_embedding.ckpt-{epoch}.{}.tsv", file_name(name));
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

/// Returns the part of a file name for an embedding. A changed name gets a checksum, so that two
/// embeddings do not share a file. So does a name with upper case, because some file systems ignore
/// case.
fn file_name(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    if plain == name && !name.bytes().any(|b| b.is_ascii_uppercase()) {
        plain
    } else {
        format!("{plain}-{:08x}", crc::masked(name.as_bytes()))
    }
}

/// Returns the layer of a weight: the last part of the path before the weight itself.
fn layer(name: &str) -> &str {
    let path = name.rsplit_once('/').map_or(name, |(path, _)| path);
    path.rsplit('/').next().unwrap_or(path)
}
