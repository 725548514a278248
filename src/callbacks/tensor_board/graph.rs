//! The model, for the Graphs dashboard.

use crate::callbacks::Model;
use crate::summary::KerasModel;
use crate::writer::SummaryWriter;

pub(super) fn write(writer: &SummaryWriter, model: &dyn Model) {
    if let Some(json) = model.keras_json() {
        writer.add("keras", &KerasModel::from_json(json), 0);
    }
    if let Some(graph) = model.graph() {
        writer.add_graph(&graph);
    }
}
