//! The conceptual graph: the layers of a model, in the JSON that Keras writes.

use super::check;
use crate::summary::{Element, Summary, SummaryEncoder};
use crate::wire::json;
use crate::wire::messages::DataType;
use std::collections::HashSet;

/// The layers of a model, which the Graphs dashboard shows as the *conceptual graph* of its tag.
///
/// Layers in a row:
///
/// ```
/// use tfevents::summary::KerasModel;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let mut model = KerasModel::sequential("digits");
/// model.layer("hidden", "Dense").dtype::<f32>();
/// model.layer("relu", "ReLU");
/// model.layer("logits", "Dense").dtype::<f32>();
/// writer.add("keras", &model.build()?, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Layers that branch and merge:
///
/// ```
/// use tfevents::summary::KerasModel;
///
/// let mut model = KerasModel::functional("residual");
/// model.layer("image", "InputLayer");
/// model.layer("conv", "Conv2D").inputs(["image"]);
/// model.layer("sum", "Add").inputs(["image", "conv"]);
/// assert!(model.build().is_ok());
/// ```
///
/// The page shows each layer's name, class, type and inputs. A `/` in a layer's name creates a
/// group.
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(alias("conceptual_graph"))]
pub struct KerasModel {
    json: String,
}

/// A builder of [`KerasModel`]s.
///
/// ```
/// let mut model = tfevents::summary::KerasModel::sequential("mlp");
/// model.layer("dense", "Dense");
/// assert!(model.build().is_ok());
/// ```
#[derive(Clone, Debug)]
pub struct KerasModelBuilder {
    name: String,
    kind: Kind,
    layers: Vec<Layer>,
}

#[derive(Clone, Debug)]
struct Layer {
    name: String,
    class: String,
    dtype: Option<&'static str>,
    inputs: Vec<String>,
}

/// A layer of a model that is being built: see [`KerasModelBuilder::layer`].
///
/// ```
/// let mut model = tfevents::summary::KerasModel::functional("net");
/// model.layer("input", "InputLayer").dtype::<f32>();
/// model.layer("dense", "Dense").inputs(["input"]);
/// ```
#[derive(Debug)]
pub struct KerasLayer<'a> {
    layer: &'a mut Layer,
}

/// An error creating a [`KerasModel`].
///
/// ```
/// let mut model = tfevents::summary::KerasModel::functional("net");
/// model.layer("sum", "Add").inputs(["left", "right"]);
/// let error = model.build().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "unknown input of layer \"sum\": \"left\" (expected the name of a layer)"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KerasModelError {
    /// The model has no layers.
    #[error("invalid number of layers of model {name:?}: 0 (expected at least 1)")]
    #[non_exhaustive]
    NoLayers {
        /// The name of the model.
        name: String,
    },
    /// The name of the model, or of a layer, is invalid.
    #[error(
        "invalid name of a model or layer: {name:?} (expected a character or more between slashes, \
         no ^ at the start, and no : and digits at the end)"
    )]
    #[non_exhaustive]
    Name {
        /// The name.
        name: String,
    },
    /// TensorBoard cannot read the class of a layer.
    #[error("invalid class of layer {layer:?}: {class:?} (expected ASCII, a character or more)")]
    #[non_exhaustive]
    Class {
        /// The name of the layer.
        layer: String,
        /// The class.
        class: String,
    },
    /// Two layers have one name.
    #[error("duplicate name of a layer: {name:?} (expected unique names)")]
    #[non_exhaustive]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// An input is not the name of a layer.
    #[error("unknown input of layer {layer:?}: {input:?} (expected the name of a layer)")]
    #[non_exhaustive]
    UnknownInput {
        /// The name of the layer.
        layer: String,
        /// The input that was given.
        input: String,
    },
    /// A layer of a sequential model has inputs.
    #[error(
        "invalid inputs of layer {layer:?} in a sequential model (expected none: each layer takes \
         the output of the one before it)"
    )]
    #[non_exhaustive]
    SequentialInputs {
        /// The name of the layer.
        layer: String,
    },
}

/// How the layers of a model are connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Each layer takes the output of the one before it.
    Sequential,
    /// Each layer has inputs.
    Functional,
}

impl KerasModel {
    /// Returns a builder for a model whose layers follow one another. The name becomes the group
    /// around them.
    ///
    /// ```
    /// let mut model = tfevents::summary::KerasModel::sequential("mlp");
    /// model.layer("dense", "Dense");
    /// model.layer("softmax", "Softmax"); // takes the output of `dense`
    /// ```
    pub fn sequential(name: &str) -> KerasModelBuilder {
        KerasModelBuilder { name: name.to_owned(), kind: Kind::Sequential, layers: Vec::new() }
    }

    /// Returns a builder for a model whose layers have named inputs.
    ///
    /// ```
    /// let mut model = tfevents::summary::KerasModel::functional("two towers");
    /// model.layer("user", "InputLayer");
    /// model.layer("item", "InputLayer");
    /// model.layer("score", "Dot").inputs(["user", "item"]);
    /// ```
    pub fn functional(name: &str) -> KerasModelBuilder {
        KerasModelBuilder { kind: Kind::Functional, ..Self::sequential(name) }
    }

    /// Creates a model from JSON that Keras, or [`to_json`](Self::to_json), wrote.
    #[cfg(feature = "callbacks")]
    pub(crate) fn from_json(json: String) -> Self {
        Self { json }
    }

    /// Returns the JSON, for [`callbacks::Model::keras_json`][model].
    ///
    /// [model]: https://docs.rs/tfevents/latest/tfevents/callbacks/trait.Model.html#method.keras_json
    ///
    /// ```
    /// let mut model = tfevents::summary::KerasModel::sequential("mlp");
    /// model.layer("dense", "Dense");
    /// assert!(model.build()?.to_json().contains("\"class_name\":\"Sequential\""));
    /// # Ok::<(), tfevents::summary::KerasModelError>(())
    /// ```
    pub fn to_json(&self) -> String {
        self.json.clone()
    }
}

impl Summary for KerasModel {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        super::push("graph_keras_model", tag, self.json.as_bytes(), encoder);
    }

    fn encoded_len_hint(&self) -> usize {
        self.json.len() + 64
    }
}

impl KerasModelBuilder {
    /// Adds a layer: its name and its class, such as `Dense`.
    ///
    /// ```
    /// let mut model = tfevents::summary::KerasModel::sequential("mlp");
    /// model.layer("encoder/dense", "Dense"); // in a group `encoder`
    /// ```
    pub fn layer(&mut self, name: &str, class: &str) -> KerasLayer<'_> {
        self.layers.push(Layer {
            name: name.to_owned(),
            class: class.to_owned(),
            dtype: None,
            inputs: Vec::new(),
        });
        let last = self.layers.len() - 1;
        KerasLayer { layer: &mut self.layers[last] }
    }

    /// Checks and builds the model.
    ///
    /// ```
    /// let mut model = tfevents::summary::KerasModel::sequential("mlp");
    /// model.layer("dense", "Dense");
    /// model.layer("dense", "Dense");
    /// assert!(model.build().is_err()); // the same name twice
    /// ```
    ///
    /// # Errors
    /// If there is no layer, a name is empty or used twice, a class is not ASCII, an input is not
    /// the name of a layer, or a layer of a sequential model has inputs. Layers may be added in any
    /// order.
    pub fn build(self) -> Result<KerasModel, KerasModelError> {
        self.check()?;
        let mut json = Json(String::new());
        self.write(&mut json);
        Ok(KerasModel { json: json.0 })
    }

    fn check(&self) -> Result<(), KerasModelError> {
        let names = || self.layers.iter().map(|layer| &layer.name);
        if self.layers.is_empty() {
            return Err(KerasModelError::NoLayers { name: self.name.clone() });
        }
        let mut seen = HashSet::new();
        for name in std::iter::once(&self.name).chain(names()) {
            if name.split('/').any(str::is_empty) || check::source(name) != name {
                return Err(KerasModelError::Name { name: name.clone() });
            }
        }
        if let Some(name) = names().find(|name| !seen.insert(name.as_str())) {
            return Err(KerasModelError::DuplicateName { name: name.clone() });
        }
        for Layer { name, class, inputs, .. } in &self.layers {
            let layer = name.clone();
            if class.is_empty() || !class.is_ascii() {
                return Err(KerasModelError::Class { layer, class: class.clone() });
            }
            if self.kind == Kind::Sequential && !inputs.is_empty() {
                return Err(KerasModelError::SequentialInputs { layer });
            }
            if let Some(input) = inputs.iter().find(|input| !seen.contains(input.as_str())) {
                return Err(KerasModelError::UnknownInput { layer, input: input.clone() });
            }
        }
        Ok(())
    }

    fn write(&self, json: &mut Json) {
        let class = match self.kind {
            Kind::Sequential => "Sequential",
            Kind::Functional => "Functional",
        };
        json.raw("{\"module\":\"keras\",\"class_name\":").text(class).raw(",\"config\":{\"name\":");
        json.name(&self.name).raw(",\"layers\":[");
        for (index, layer) in self.layers.iter().enumerate() {
            json.raw(if index == 0 { "" } else { "," });
            layer.write(self.kind, json);
        }
        json.raw("]");
        if self.kind == Kind::Functional {
            let inputs = self.layers.iter().flat_map(|layer| &layer.inputs);
            let taken: HashSet<&str> = inputs.map(String::as_str).collect();
            let inputs = self.layers.iter().filter(|layer| layer.inputs.is_empty());
            let outputs = self.layers.iter().filter(|layer| !taken.contains(&layer.name[..]));
            json.raw(",\"input_layers\":").histories(inputs);
            json.raw(",\"output_layers\":").histories(outputs);
        }
        json.raw("}}");
    }
}

impl Layer {
    fn write(&self, kind: Kind, json: &mut Json) {
        json.raw("{\"module\":\"keras.layers\",\"class_name\":").name(&self.class);
        json.raw(",\"config\":{\"name\":").name(&self.name);
        if let Some(dtype) = self.dtype {
            json.raw(",\"dtype\":").text(dtype);
        }
        json.raw("},\"name\":").name(&self.name);
        if kind == Kind::Functional {
            // Also without inputs: if the list is missing, TensorBoard takes the layer before.
            json.raw(",\"inbound_nodes\":[");
            if !self.inputs.is_empty() {
                json.raw("{\"args\":[[");
                for (index, input) in self.inputs.iter().enumerate() {
                    json.raw(if index == 0 { "" } else { "," });
                    json.raw("{\"class_name\":\"__keras_tensor__\",\"config\":{\"keras_history\":");
                    json.history(input).raw("}}");
                }
                json.raw("]],\"kwargs\":{}}");
            }
            json.raw("]");
        }
        json.raw("}");
    }
}

impl KerasLayer<'_> {
    /// Adds inputs in a functional model, by the names of the layers that they come from.
    ///
    /// ```
    /// let mut model = tfevents::summary::KerasModel::functional("net");
    /// model.layer("x", "InputLayer");
    /// model.layer("double", "Add").inputs(["x", "x"]);
    /// ```
    pub fn inputs(self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.layer.inputs.extend(names.into_iter().map(|name| name.as_ref().to_owned()));
        self
    }

    /// Sets the type that the layer computes in.
    ///
    /// ```
    /// let mut model = tfevents::summary::KerasModel::sequential("mlp");
    /// model.layer("dense", "Dense").dtype::<f32>();
    /// ```
    pub fn dtype<T: Element>(self) -> Self {
        self.layer.dtype = Some(match T::TYPE {
            DataType::DtFloat => "float32",
            DataType::DtDouble => "float64",
            DataType::DtInt8 => "int8",
            DataType::DtInt16 => "int16",
            DataType::DtInt32 => "int32",
            DataType::DtInt64 => "int64",
            DataType::DtUint8 => "uint8",
            DataType::DtUint16 => "uint16",
            DataType::DtUint32 => "uint32",
            DataType::DtUint64 => "uint64",
            DataType::DtBool => "bool",
            DataType::DtHalf => "float16",
            DataType::DtBfloat16 => "bfloat16",
            // No element has another type.
            _ => return self,
        });
        self
    }
}

/// JSON that is being written.
struct Json(String);

impl Json {
    fn raw(&mut self, json: &str) -> &mut Self {
        self.0.push_str(json);
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        json::put_str(&mut self.0, text);
        self
    }

    /// Appends a name that does not break TensorBoard's page.
    fn name(&mut self, name: &str) -> &mut Self {
        self.text(&check::harmless(name))
    }

    /// Appends the origin of a tensor: the first output of a layer's first call.
    fn history(&mut self, layer: &str) -> &mut Self {
        self.raw("[").name(layer).raw(",0,0]")
    }

    fn histories<'a>(&mut self, layers: impl Iterator<Item = &'a Layer>) {
        self.raw("[");
        for (index, layer) in layers.enumerate() {
            self.raw(if index == 0 { "" } else { "," }).history(&layer.name);
        }
        self.raw("]");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn a_functional_model_is_written_as_keras_does() {
        let mut model = KerasModel::functional("net");
        model.layer("a \"b\"\n", "InputLayer").dtype::<u8>();
        model.layer("dense", "Dense").inputs(["a \"b\"\n"]);
        model.layer("sum", "Add").inputs(["a \"b\"\n", "dense"]);
        let json: Value = serde_json::from_str(&model.build().unwrap().to_json()).unwrap();
        assert_eq!((&json["class_name"], &json["module"]), (&json!("Functional"), &json!("keras")));
        let config = &json["config"];
        assert_eq!(config["name"], "net");
        assert_eq!(config["input_layers"], json!([["a \"b\"\n", 0, 0]]));
        assert_eq!(config["output_layers"], json!([["sum", 0, 0]]));
        let [input, _, sum] = &config["layers"].as_array().unwrap()[..] else { panic!("{config}") };
        assert_eq!(input["config"], json!({"name": "a \"b\"\n", "dtype": "uint8"}));
        assert_eq!(input["inbound_nodes"], json!([]));
        assert_eq!(sum["class_name"], "Add");
        let sources = &sum["inbound_nodes"][0]["args"][0];
        assert_eq!(sources[0]["config"]["keras_history"], json!(["a \"b\"\n", 0, 0]));
        assert_eq!(sources[1]["config"]["keras_history"], json!(["dense", 0, 0]));
    }

    #[test]
    fn a_sequential_model_leaves_the_edges_to_the_order() {
        let mut model = KerasModel::sequential("mlp");
        model.layer("one", "Dense");
        model.layer("two", "Dense");
        let json: Value = serde_json::from_str(&model.build().unwrap().to_json()).unwrap();
        assert_eq!(json["class_name"], "Sequential");
        let layers = json["config"]["layers"].as_array().unwrap();
        assert!(layers.iter().all(|layer| layer.get("inbound_nodes").is_none()));
        assert_eq!(layers.len(), 2);
    }

    #[test]
    fn names_that_break_the_page_are_changed_wherever_they_are() {
        let mut model = KerasModel::functional("toString");
        model.layer("constructor", "valueOf");
        model.layer("a", "Add").inputs(["constructor"]);
        let json: Value = serde_json::from_str(&model.build().unwrap().to_json()).unwrap();
        let config = &json["config"];
        assert_eq!(config["name"], "toString_");
        assert_eq!(config["input_layers"], json!([["constructor_", 0, 0]]));
        let layers = config["layers"].as_array().unwrap();
        assert_eq!(
            (&layers[0]["name"], &layers[0]["class_name"]),
            (&json!("constructor_"), &json!("valueOf_"))
        );
        let source = &layers[1]["inbound_nodes"][0]["args"][0][0]["config"]["keras_history"];
        assert_eq!(*source, json!(["constructor_", 0, 0]));
    }

    #[test]
    fn invalid_models_are_refused() {
        type Given<'a> = &'a [(&'a str, &'a str, &'a [&'a str])];
        let error = |mut model: KerasModelBuilder, layers: Given<'_>| {
            for (name, class, inputs) in layers {
                model.layer(name, class).inputs(inputs.iter().copied());
            }
            model.build().unwrap_err()
        };
        let net = || KerasModel::functional("net");
        assert!(matches!(error(net(), &[]), KerasModelError::NoLayers { .. }));
        for name in ["", "a//b", "^a", "a:0"] {
            let given = [("x", "Dense", &[][..]), (name, "Dense", &[])];
            assert!(matches!(error(net(), &given), KerasModelError::Name { .. }), "{name}");
        }
        let unnamed = KerasModel::sequential("");
        assert!(matches!(error(unnamed, &[("a", "Dense", &[])]), KerasModelError::Name { .. }));
        assert!(matches!(error(net(), &[("a", "Dénse", &[])]), KerasModelError::Class { .. }));
        let twice = [("a", "Dense", &[][..]), ("a", "Add", &[])];
        assert!(matches!(error(net(), &twice), KerasModelError::DuplicateName { .. }));
        assert_eq!(
            error(net(), &[("a", "Add", &["b"])]).to_string(),
            "unknown input of layer \"a\": \"b\" (expected the name of a layer)"
        );
        let sequential = KerasModel::sequential("net");
        let chained = [("a", "Dense", &[][..]), ("b", "Dense", &["a"])];
        let error = error(sequential, &chained);
        assert!(matches!(error, KerasModelError::SequentialInputs { .. }));
    }
}
