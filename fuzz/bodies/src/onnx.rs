//! ONNX models, of which a graph is made.

use tfevents::Graph;

/// Any bytes are a graph that holds together, or an error.
pub fn onnx(bytes: &[u8]) {
    if let Ok(graph) = Graph::from_onnx(bytes) {
        // As large as the limit says, at most.
        assert!(graph.to_bytes().len() < 80 << 20);
    }
}
