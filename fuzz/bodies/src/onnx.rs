//! ONNX models, converted into graphs.

use tfevents::Graph;

/// Any bytes are a consistent graph, or an error.
pub fn onnx(bytes: &[u8]) {
    if let Ok(graph) = Graph::from_onnx(bytes) {
        // As large as the limit says, at most.
        assert!(graph.to_bytes().len() < 80 << 20);
    }
}
