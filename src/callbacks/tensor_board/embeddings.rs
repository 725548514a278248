//! Embeddings, for the projector: a file of the vectors, and one that names it.

use super::TensorBoardError;
use crate::callbacks::{BoxError, Model};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

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
    dir: PathBuf,
    freq: usize,
    labels: Labels,
    found: bool,
}

/// A table of embeddings.
struct Table {
    layer: String,
    rows: usize,
    columns: usize,
    /// The file of its vectors, below the log directory.
    path: String,
}

impl Embeddings {
    pub(super) fn new(dir: &Path, freq: usize, labels: Labels) -> Self {
        Self { dir: dir.to_owned(), freq, labels, found: false }
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
        let mut tables = Vec::new();
        let mut result: Result<(), BoxError> = Ok(());
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
            let written = write_vectors(&self.dir.join(&path), columns, values);
            result = written.map_err(|error| format!("cannot write {path}: {error}").into());
            tables.push(Table { layer, rows, columns, path });
        });
        result?;
        if tables.is_empty() {
            return Ok(());
        }
        let path = self.dir.join("projector_config.pbtxt");
        let temporary = self.dir.join(".projector_config.pbtxt");
        std::fs::write(&temporary, self.config(&tables))
            .and_then(|()| std::fs::rename(&temporary, &path))
            .map_err(|error| format!("cannot write {}: {error}", path.display()).into())
    }

    fn config(&self, tables: &[Table]) -> String {
        let mut text = String::new();
        for Table { layer, rows, columns, path } in tables {
            // A string takes all that is written to it.
            let _ = writeln!(text, "embeddings {{\n  tensor_name: {}", quoted(layer));
            let _ = writeln!(text, "  tensor_shape: {rows}\n  tensor_shape: {columns}");
            let _ = writeln!(text, "  tensor_path: {}", quoted(path));
            let labels = match &self.labels {
                Labels::None => None,
                Labels::One(labels) => Some(labels),
                Labels::ByLayer(labels) => labels.get(layer),
            };
            if let Some(labels) = labels {
                let _ = writeln!(text, "  metadata_path: {}", quoted(labels));
            }
            text += "}\n";
        }
        text
    }
}

/// The layer of a weight: the last part of the path before the weight itself.
fn layer(name: &str) -> &str {
    let path = name.rsplit_once('/').map_or(name, |(path, _)| path);
    path.rsplit('/').next().unwrap_or(path)
}

fn write_vectors(path: &Path, columns: usize, values: &[f32]) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    for row in values.chunks(columns.max(1)) {
        for (index, value) in row.iter().enumerate() {
            let tab = if index > 0 { "\t" } else { "" };
            write!(file, "{tab}{value}")?;
        }
        writeln!(file)?;
    }
    file.flush()
}

/// Text in the form of a text proto.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted += "\\n",
            c => quoted.push(c),
        }
    }
    quoted + "\""
}
