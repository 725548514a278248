//! The model, for the Graphs dashboard.

use crate::SummaryWriter;
use crate::callbacks::Model;
use crate::summary::{DataClass, Metadata, Summary, Tensor, Values};

/// The conceptual graph: the model in Keras's JSON.
struct KerasModel<'a>(&'a str);

impl Summary for KerasModel<'_> {
    fn encode(&self, tag: &str, values: &mut Values<'_>) {
        let metadata = Metadata::new("graph_keras_model")
            .content(&b"1"[..])
            .data_class(DataClass::BlobSequence);
        values.push(tag, &metadata, &Tensor::string(self.0.as_bytes()));
    }

    fn size_hint(&self) -> usize {
        self.0.len() + 64
    }
}

pub(super) fn write(writer: &SummaryWriter, model: &dyn Model) {
    if let Some(json) = model.keras_json() {
        writer.add("keras", &KerasModel(&json), 0);
    }
    if let Some(graph) = model.graph() {
        writer.add_graph(&graph);
    }
}
