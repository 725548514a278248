//! Nodes: operations with inputs, shapes and attributes.

use crate::summary::{Element, Step};
use crate::wire::messages::{
    AttrValue, NodeDef, TensorShapeProto, attr_value, node_def::AttrEntry, tensor_shape_proto,
};

/// A node of a graph that is being built: see [`GraphBuilder::node`](super::GraphBuilder::node).
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
    /// Adds inputs, by the names of the nodes that they come from: `name`, or `name:1` for the
    /// second output.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("x", "Placeholder");
    /// graph.node("split", "Split").inputs(["x"]);
    /// graph.node("sum", "Add").inputs(["split", "split:1"]);
    /// assert!(graph.build().is_ok());
    /// ```
    pub fn inputs(self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.message.input.extend(names.into_iter().map(|name| name.as_ref().to_owned()));
        self
    }

    /// Adds a control input: a node that has to run before this one.
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

    /// Sets the shape of the output, shown at the edges; `None` is a size that is not fixed. A
    /// second call sets that of the second output.
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

    /// Sets the device, such as `/gpu:0`: TensorBoard can color by it.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("matmul", "MatMul").device("/gpu:0");
    /// ```
    pub fn device(self, device: &str) -> Self {
        device.clone_into(&mut self.message.device);
        self
    }

    /// Sets an attribute, shown when the node is selected: a text, a number or a bool. TensorBoard
    /// hides values longer than 1024 bytes.
    ///
    /// ```
    /// let mut graph = tfevents::Graph::builder();
    /// graph.node("dropout", "Dropout").attribute("rate", 0.5).attribute("seeded", true);
    /// graph.node("conv", "Conv2D").attribute("padding", "same").attribute("stride", 2);
    /// ```
    pub fn attribute(self, name: &str, value: impl Attribute) -> Self {
        self.attribute_value(name, value.to_value())
    }

    /// Sets the type of the node's values, as the attribute `dtype`.
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
    /// Returns the attribute of this name, which is added if there is none. They are sorted by name.
    pub(super) fn attribute(&mut self, name: &str) -> &mut AttrValue {
        let at = self.attr.partition_point(|entry| *entry.key < *name);
        if self.attr.get(at).is_none_or(|entry| entry.key != name) {
            self.attr.insert(at, AttrEntry { key: name.to_owned(), value: None });
        }
        self.attr[at].value.get_or_insert_default()
    }
}

/// A value of [`Node::attribute`].
///
/// Implemented for texts, integers up to 64 bits, floats (stored as `f32`), and `bool`; the trait
/// is sealed. A `u64` or `usize` beyond `i64::MAX` saturates.
///
/// ```
/// let units: usize = 64;
/// let activation = String::from("relu");
/// let mut graph = tfevents::Graph::builder();
/// graph.node("dense", "Dense").attribute("units", units).attribute("activation", &activation);
/// ```
pub trait Attribute: sealed::Attribute {}

pub(super) mod sealed {
    pub trait Attribute {
        fn to_value(self) -> super::attr_value::Value;
    }
}

macro_rules! attributes {
    ($($given:ty => |$value:ident| $kind:ident($made:expr)),* $(,)?) => {$(
        impl Attribute for $given {}
        impl sealed::Attribute for $given {
            fn to_value(self) -> attr_value::Value {
                let $value = self;
                attr_value::Value::$kind($made)
            }
        }
    )*};
}

attributes! {
    &str => |text| S(text.as_bytes().to_vec()),
    &String => |text| S(text.as_bytes().to_vec()),
    String => |text| S(text.into_bytes()),
    bool => |value| B(value),
    f32 => |number| F(number),
    f64 => |number| F(number as f32),
    i8 => |number| I(number.to_step()),
    i16 => |number| I(number.to_step()),
    i32 => |number| I(number.to_step()),
    i64 => |number| I(number),
    isize => |number| I(number.to_step()),
    u8 => |number| I(number.to_step()),
    u16 => |number| I(number.to_step()),
    u32 => |number| I(number.to_step()),
    u64 => |number| I(number.to_step()),
    usize => |number| I(number.to_step()),
}
