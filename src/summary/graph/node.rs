//! Nodes: operations with inputs, shapes and attributes.

use super::Attribute;
use crate::summary::Element;
use crate::wire::messages::{
    AttrValue, NodeDef, TensorShapeProto, attr_value, node_def::AttrEntry, tensor_shape_proto,
};

/// A node in the making: see [`GraphBuilder::node`](super::GraphBuilder::node).
///
/// ```
/// let mut graph = tfevents::Graph::builder();
/// let node = graph.node("input", "Placeholder");
/// node.shape(&[None, Some(64)]).dtype::<f32>();
/// ```
#[derive(Debug)]
pub struct Node<'a> {
    pub(super) message: &'a mut NodeDef,
}

impl Node<'_> {
    /// The nodes whose outputs it takes: `name`, or `name:1` for the second output. Called again
    /// it adds more.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("x", "Placeholder");
    /// graph.node("split", "Split").inputs(["x"]);
    /// graph.node("sum", "Add").inputs(["split", "split:1"]);
    /// assert!(graph.build().is_ok());
    /// ```
    pub fn inputs<I: IntoIterator<Item: Into<String>>>(self, names: I) -> Self {
        self.message.input.extend(names.into_iter().map(Into::into));
        self
    }

    /// A node that has to run before it without giving it anything.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("init", "NoOp");
    /// graph.node("step", "AssignAdd").control_input("init");
    /// assert!(graph.build().is_ok());
    /// ```
    pub fn control_input(self, name: &str) -> Self {
        self.message.input.push(format!("^{name}"));
        self
    }

    /// The shape of its output, drawn at the edges; `None` is a size that is not fixed. Called
    /// again it is the next output's.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("input", "Placeholder").shape(&[None, Some(64)]);
    /// ```
    pub fn shape(self, sizes: &[Option<usize>]) -> Self {
        let dim = |size: &Option<usize>| tensor_shape_proto::Dim {
            size: size.map_or(-1, |size| i64::try_from(size).unwrap_or(i64::MAX)),
            ..Default::default()
        };
        let shape = TensorShapeProto { dim: sizes.iter().map(dim).collect(), ..Default::default() };
        match &mut self.message.attribute("_output_shapes").value {
            Some(attr_value::Value::List(list)) => list.shape.push(shape),
            other => {
                let list = attr_value::ListValue { shape: vec![shape], ..Default::default() };
                *other = Some(attr_value::Value::List(list));
            }
        }
        self
    }

    /// The device that it runs on, such as `/gpu:0`: TensorBoard can color by it.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("matmul", "MatMul").device("/gpu:0");
    /// ```
    pub fn device(self, device: &str) -> Self {
        device.clone_into(&mut self.message.device);
        self
    }

    /// A named attribute, shown when the node is selected: a text, a number or a truth value.
    /// TensorBoard hides values longer than 1024 bytes.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("dropout", "Dropout").attribute("rate", 0.5).attribute("seeded", true);
    /// graph.node("conv", "Conv2D").attribute("padding", "same").attribute("stride", 2);
    /// ```
    pub fn attribute(self, name: &str, value: impl Attribute) -> Self {
        self.attribute_value(name, value.to_value())
    }

    /// The type of its values, as the attribute `dtype`.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("input", "Placeholder").dtype::<f32>();
    /// graph.node("labels", "Placeholder").dtype::<i64>();
    /// ```
    pub fn dtype<T: Element>(self) -> Self {
        self.attribute_value("dtype", attr_value::Value::Type(T::TYPE as i32))
    }

    fn attribute_value(self, name: &str, value: attr_value::Value) -> Self {
        self.message.attribute(name).value = Some(value);
        self
    }
}

impl NodeDef {
    /// Its attribute of this name, made if it has none. They lie in the order of their names.
    pub(super) fn attribute(&mut self, name: &str) -> &mut AttrValue {
        let at = self.attr.partition_point(|entry| *entry.key < *name);
        if self.attr.get(at).is_none_or(|entry| entry.key != name) {
            self.attr.insert(at, AttrEntry { key: name.to_owned(), value: None });
        }
        self.attr[at].value.get_or_insert_default()
    }
}
