//! The operations of a forward pass as a graph, by burn's capture.
//!
//! burn's operations do not contain the module that called them. They are named by the module whose
//! parameters they read.

use burn_core::backend::Capture;
use burn_core::backend::ir::{OperationIr, TensorId, TensorIr};
use burn_core::module::{Module, ModuleVisitor, Param};
use burn_core::tensor::{Bool, CaptureError, Device, Float, Int, Tensor};
use std::collections::{HashMap, HashSet};
use std::fmt::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use tfevents::Graph;
use tfevents::summary::{GraphBuilder, GraphError};

/// An error tracing the graph of a forward pass.
///
/// ```
/// use burn::nn::{Linear, LinearConfig};
/// use burn::tensor::{Device, Tensor};
///
/// let model: Linear = LinearConfig::new(2, 1).init(&Device::flex());
/// let batch = Tensor::<2>::zeros([8, 2], &Device::flex());
/// let decides = |model: &Linear, x| {
///     let y = model.forward(x);
///     if y.clone().sum().into_scalar::<f32>() > 0.0 { y } else { -y }
/// };
/// let error = tfevents_burn::trace_graph(&model, batch, decides).unwrap_err();
/// assert!(matches!(error, tfevents_burn::TraceError::Panic(_)));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// The forward pass panicked, with this message. Nothing is computed during a capture, so values
    /// cannot be read, and quantized tensors cannot be captured.
    #[error("the forward pass panicked during its capture: {0}")]
    Panic(String),
    /// burn could not capture the operations. No known version fails here.
    #[error("burn cannot capture the forward pass: {0}")]
    Capture(CaptureError),
    /// The names of modules and parameters are not those of a graph.
    #[error("cannot build the graph of the forward pass")]
    Graph(#[from] GraphError),
}

/// The inputs and outputs of a forward pass: tensors of any kind, or tuples of them. Sealed.
///
/// ```
/// use burn::tensor::{Int, Tensor};
///
/// fn accepts(_: impl tfevents_burn::Traceable) {}
/// fn tokens_and_mask(tokens: Tensor<2, Int>, mask: Tensor<2>) {
///     accepts((tokens, mask));
/// }
/// ```
pub trait Traceable: sealed::Traceable {}

mod sealed {
    use super::{Device, TensorId};

    pub trait Traceable: Sized {
        fn to_capture(self, device: &Device) -> Self;
        fn ids(&self, ids: &mut Vec<TensorId>);
    }
}

macro_rules! traceable_kinds {
    ($($kind:ty)*) => {$(
        impl<const D: usize> Traceable for Tensor<D, $kind> {}

        impl<const D: usize> sealed::Traceable for Tensor<D, $kind> {
            fn to_capture(self, device: &Device) -> Self {
                self.without_autodiff().to_device(device)
            }

            fn ids(&self, ids: &mut Vec<TensorId>) {
                // Tensors of other devices are not part of the graph.
                ids.extend(self.clone().try_into_primitive::<Capture>().map(|tensor| tensor.id()));
            }
        }
    )*};
}

traceable_kinds!(Float Int Bool);

macro_rules! traceable_tuple {
    ($($name:ident)*) => {
        impl<$($name: Traceable),*> Traceable for ($($name,)*) {}

        #[allow(non_snake_case)] // values have the names of their types
        impl<$($name: Traceable),*> sealed::Traceable for ($($name,)*) {
            fn to_capture(self, device: &Device) -> Self {
                let ($($name,)*) = self;
                ($($name.to_capture(device),)*)
            }

            fn ids(&self, ids: &mut Vec<TensorId>) {
                let ($($name,)*) = self;
                $($name.ids(ids);)*
            }
        }
    };
}

traceable_tuple!(A B);
traceable_tuple!(A B C);
traceable_tuple!(A B C D);

/// Returns the graph of a forward pass: each operation with the shapes and the type of its outputs,
/// for the Graphs dashboard. Needs the feature `capture`.
///
/// burn records the operations instead of executing them. Nodes are named by the module whose
/// parameters they read and by the operation, such as `fc/Matmul`. An operation that reads no
/// parameters is named by the operation alone, because burn does not record its caller. Nodes of the
/// kinds `Parameter`, `Input`, `Output` and `Constant` are the parameters, the input and output tensors,
/// and all other tensors that the pass reads.
///
/// The model is the one for validation: dropout has no effect, for example. It is copied to the host's
/// memory, so this waits for its device: call it once, before the training. burn allows 65,536 captures
/// in one process.
///
/// ```
/// use burn::nn::{Linear, LinearConfig};
/// use burn::tensor::{Device, Tensor, activation::relu};
///
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
/// let model: Linear = LinearConfig::new(2, 1).init(&Device::flex());
/// let batch = Tensor::<2>::zeros([8, 2], &Device::flex());
/// let graph = tfevents_burn::trace_graph(&model, batch, |model, x| relu(model.forward(x)))?;
/// writer.add_graph(&graph); // Input, Matmul, Reshape, Add, Relu, Output, weight, bias
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Returns an error if the forward pass panics, because it reads values or a tensor is quantized, or
/// if the names are not those of a graph. If panics abort, a panic ends the process.
#[doc(alias = "add_graph")]
pub fn trace_graph<M: Module, I: Traceable, O: Traceable>(
    module: &M,
    input: I,
    forward: impl FnOnce(&M, I) -> O,
) -> Result<Graph, TraceError> {
    let mut trace = Trace::default();
    let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
    // A panic drops everything that the closure has made, and ends the capture.
    let captured = catch_unwind(AssertUnwindSafe(|| {
        let device = Device::capture();
        device.capture_scope(|scope| {
            let module = module.valid().to_device(&device);
            module.visit(&mut Parameters { path: Vec::new(), found: &mut trace.parameters });
            let input = input.to_capture(&device);
            input.ids(&mut inputs);
            let output = forward(&module, input);
            output.ids(&mut outputs);
            scope.complete([], [])
        })
    }));
    let captured = captured.map_err(|panic| TraceError::Panic(message(&*panic)))?;
    let captured = captured.map_err(TraceError::Capture)?;
    trace.reserve();
    for operation in &captured.graph.operations {
        trace.operation(operation, &inputs);
    }
    for id in outputs {
        let name = trace.unique("", "output");
        let from = trace.sources.get(&id).map(|source| source.name.clone());
        trace.graph.node(&name, "Output").inputs(from);
    }
    Ok(trace.graph.build()?)
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".into())
}

/// A visitor that finds the parameters of a captured module.
struct Parameters<'a> {
    path: Vec<String>,
    found: &'a mut HashMap<TensorId, String>,
}

impl Parameters<'_> {
    fn found(&mut self, tensor: &impl Traceable) {
        let mut ids = Vec::new();
        tensor.ids(&mut ids);
        let name = if self.path.is_empty() { "parameter".into() } else { self.path.join("/") };
        self.found.extend(ids.into_iter().map(|id| (id, name.clone())));
    }
}

impl ModuleVisitor for Parameters<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.found(&param.val());
    }

    fn visit_int<const D: usize>(&mut self, param: &Param<Tensor<D, Int>>) {
        self.found(&param.val());
    }

    fn visit_bool<const D: usize>(&mut self, param: &Param<Tensor<D, Bool>>) {
        self.found(&param.val());
    }
}

/// The graph while it is built.
#[derive(Default)]
struct Trace {
    graph: GraphBuilder,
    /// The paths of parameters.
    parameters: HashMap<TensorId, String>,
    /// The names of nodes and of the groups around them.
    taken: HashSet<String>,
    sources: HashMap<TensorId, Source>,
}

/// The origin of a tensor.
struct Source {
    /// The name of its node, with the number of the output.
    name: String,
    /// The module, if the tensor is computed from parameters of one module alone.
    module: Option<String>,
}

impl Trace {
    /// Reserves the names of parameters and modules.
    fn reserve(&mut self) {
        for path in self.parameters.values() {
            let groups = path.match_indices('/').map(|(end, _)| path[..end].to_owned());
            self.taken.extend(groups.chain([path.clone()]));
        }
    }

    fn operation(&mut self, operation: &OperationIr, inputs: &[TensorId]) {
        if let OperationIr::Init(init) = operation {
            return self.initialized(&init.out, inputs);
        }
        let from: Vec<_> =
            operation.inputs().filter_map(|tensor| self.sources.get(&tensor.id)).collect();
        let modules = from.iter().filter_map(|source| source.module.as_deref());
        let of_parameters = modules.clone().count() == from.len();
        let module = modules.reduce(common).map(str::to_owned);
        let from: Vec<_> = from.iter().map(|source| source.name.clone()).collect();
        let kind = kind(operation);
        let name = self.unique(module.as_deref().unwrap_or_default(), &kind);
        let module = module.filter(|_| of_parameters);
        self.node((&name, &kind), &from, operation.outputs(), module.as_deref());
    }

    /// Adds a tensor that the forward pass did not compute.
    fn initialized(&mut self, tensor: &TensorIr, inputs: &[TensorId]) {
        if let Some(path) = self.parameters.get(&tensor.id).cloned() {
            let module = path.rsplit_once('/').map_or("", |(module, _)| module);
            return self.node((&path, "Parameter"), &[], [tensor], Some(module));
        }
        let (name, kind) =
            if inputs.contains(&tensor.id) { ("input", "Input") } else { ("constant", "Constant") };
        let name = self.unique("", name);
        self.node((&name, kind), &[], [tensor], None);
    }

    fn node<'t>(
        &mut self,
        (name, kind): (&str, &str),
        from: &[String],
        outputs: impl IntoIterator<Item = &'t TensorIr>,
        module: Option<&str>,
    ) {
        let mut node = self.graph.node(name, kind).inputs(from);
        for (at, tensor) in outputs.into_iter().enumerate() {
            let sizes: Vec<_> = tensor.shape.iter().map(|&size| Some(size)).collect();
            node = node.shape(&sizes);
            let mut source = Source { name: name.to_owned(), module: module.map(str::to_owned) };
            if at == 0 {
                node = node.attribute("dtype", tensor.dtype.name());
            } else {
                source.name = format!("{name}:{at}");
            }
            self.sources.insert(tensor.id, source);
        }
    }

    fn unique(&mut self, module: &str, name: &str) -> String {
        let name = if module.is_empty() { name.to_owned() } else { format!("{module}/{name}") };
        let mut unique = name.clone();
        let mut number = 0;
        while !self.taken.insert(unique.clone()) {
            number += 1;
            unique = format!("{name}_{number}");
        }
        unique
    }
}

/// Returns the innermost module that contains both.
fn common<'a>(module: &'a str, other: &'a str) -> &'a str {
    let mut same = 0;
    for (name, of_other) in module.split('/').zip(other.split('/')) {
        if name != of_other {
            break;
        }
        same += name.len() + 1;
    }
    &module[..same.saturating_sub(1)]
}

/// Returns the kind of an operation: `Matmul` of `Float(F32, Matmul(MatmulOpIr { … }))`. burn exposes
/// this name only in the output of `Debug`.
fn kind(operation: &OperationIr) -> String {
    if let OperationIr::Custom(custom) = operation {
        return custom.id.replace([':', '/'], "_");
    }
    let mut head = Head(String::new());
    // An error means that the head is complete.
    let _ = write!(head, "{operation:?}");
    let mut names =
        head.0.rsplit(|c: char| !c.is_ascii_alphanumeric()).filter(|name| !name.is_empty());
    names.nth(1).unwrap_or("Operation").to_owned()
}

/// The text before the first brace.
struct Head(String);

impl Write for Head {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        match text.split_once('{') {
            Some((head, _)) => {
                self.0.push_str(head);
                Err(fmt::Error)
            }
            None => {
                self.0.push_str(text);
                Ok(())
            }
        }
    }
}
