//! Events as they are found in a file.

use crate::wire::messages::{self, DataType, event::What, summary};

/// One event: when, at which step, and what.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    wall_time: f64,
    step: i64,
    payload: Payload,
}

/// What an event carries.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Payload {
    /// The first event of a file: `brain.Event:2`.
    FileVersion(String),
    /// Values under their tags.
    Summary(Vec<Value>),
    /// A graph, as a serialised `GraphDef`.
    Graph(Vec<u8>),
    /// Something that this reader does not interpret, or nothing.
    Other,
}

/// A value under a tag.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    message: summary::Value,
}

/// A tensor as it lies in a file.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// writer.add_text("note", "hello", 0);
/// writer.close()?;
/// let mut found = Vec::new();
/// for event in tfevents::read::RunReader::open(dir.path())? {
///     for value in event?.values() {
///         found.extend(value.tensor().map(|tensor| tensor.strings().to_vec()));
///     }
/// }
/// assert_eq!(found, [[b"hello"]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TensorValue<'a> {
    message: &'a messages::TensorProto,
}

impl Event {
    pub(super) fn new(message: messages::Event) -> Self {
        let payload = match message.what {
            Some(What::FileVersion(version)) => Payload::FileVersion(version),
            Some(What::Summary(summary)) => Payload::Summary(
                summary.value.into_iter().map(|message| Value { message }).collect(),
            ),
            Some(What::GraphDef(graph)) => Payload::Graph(graph),
            _ => Payload::Other,
        };
        Self { wall_time: message.wall_time, step: message.step, payload }
    }

    /// Seconds since 1970, as the file says: not always finite in files of others.
    pub fn wall_time(&self) -> f64 {
        self.wall_time
    }

    /// The step.
    pub fn step(&self) -> i64 {
        self.step
    }

    /// What it carries.
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// Its values; none if it is no summary.
    pub fn values(&self) -> &[Value] {
        match &self.payload {
            Payload::Summary(values) => values,
            _ => &[],
        }
    }
}

impl Value {
    /// The tag.
    pub fn tag(&self) -> &str {
        &self.message.tag
    }

    /// The plugin that shows it, such as `scalars`; empty where the file does not say.
    pub fn plugin(&self) -> &str {
        let metadata = self.message.metadata.as_ref();
        let plugin = metadata.and_then(|metadata| metadata.plugin_data.as_ref());
        plugin.map_or("", |plugin| &plugin.plugin_name)
    }

    /// The name shown instead of the tag; empty where there is none.
    pub fn display_name(&self) -> &str {
        self.message.metadata.as_ref().map_or("", |metadata| &metadata.display_name)
    }

    /// The description; empty where there is none.
    pub fn description(&self) -> &str {
        self.message.metadata.as_ref().map_or("", |metadata| &metadata.summary_description)
    }

    /// The number, if it is a scalar: a `simple_value`, or a rank-0 tensor of floats.
    pub fn scalar(&self) -> Option<f32> {
        match self.message.value.as_ref()? {
            summary::value::Value::SimpleValue(value) => Some(*value),
            summary::value::Value::Tensor(message) => {
                let tensor = TensorValue { message };
                let is_scalar = tensor.message.dtype == DataType::DtFloat as i32
                    && tensor
                        .message
                        .tensor_shape
                        .as_ref()
                        .is_none_or(|shape| shape.dim.is_empty());
                let content = <[u8; 4]>::try_from(&message.tensor_content[..]).ok();
                let value = content.map(f32::from_le_bytes).or(message.float_val.first().copied());
                value.filter(|_| is_scalar)
            }
            _ => None,
        }
    }

    /// The tensor, if it is one.
    pub fn tensor(&self) -> Option<TensorValue<'_>> {
        match self.message.value.as_ref()? {
            summary::value::Value::Tensor(message) => Some(TensorValue { message }),
            _ => None,
        }
    }
}

impl<'a> TensorValue<'a> {
    /// The size of each dimension; none for a single element.
    pub fn shape(self) -> Vec<i64> {
        let dims = self.message.tensor_shape.iter().flat_map(|shape| &shape.dim);
        dims.map(|dim| dim.size).collect()
    }

    /// The number of its element type in TensorFlow's `DataType`: 1 float, 2 double, 7 string.
    pub fn data_type(self) -> i32 {
        self.message.dtype
    }

    /// Its numbers, little endian, where they are stored so.
    pub fn bytes(self) -> &'a [u8] {
        &self.message.tensor_content
    }

    /// Its byte strings.
    pub fn strings(self) -> &'a [Vec<u8>] {
        &self.message.string_val
    }
}
