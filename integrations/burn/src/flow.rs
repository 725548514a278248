//! What flows between the layers of a model as a graph: the operations that burn captures.
//!
//! burn's operations do not say which module they were called by. What can be told is whose
//! parameters they read, so that is what they are named by.

use burn_core::backend::Capture;
use burn_core::backend::ir::{OperationIr, TensorId, TensorIr};
use burn_core::module::{Module, ModuleVisitor, Param};
use burn_core::tensor::{Bool, CaptureError, Device, Float, Int, Tensor};
use std::collections::{HashMap, HashSet};
use std::fmt::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use tfevents::Graph;
use tfevents::summary::{GraphBuilder, GraphError};

/// A forward pass that makes no graph.
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
/// assert!(matches!(error, tfevents_burn::FlowError::Panic(_)));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FlowError {
    /// The forward pass panicked, with this message: nothing is computed during a capture, so there
    /// are no values to decide by, and what is quantised cannot be captured.
    #[error("the forward pass cannot be captured: {0}")]
    Panic(String),
    /// burn captures nothing on its own device, which no known version does.
    #[error("burn does not capture: {0}")]
    Capture(CaptureError),
    /// The names of modules and parameters make no graph.
    #[error(transparent)]
    Graph(#[from] GraphError),
}

/// What goes into a forward pass or comes out of it: tensors of any kind, or tuples of them.
///
/// ```
/// use burn::tensor::{Int, Tensor};
///
/// fn accepts(_: impl tfevents_burn::Flow) {}
/// fn tokens_and_mask(tokens: Tensor<2, Int>, mask: Tensor<2>) {
///     accepts((tokens, mask));
/// }
/// ```
pub trait Flow: sealed::Flow {}

mod sealed {
    use super::{Device, TensorId};

    pub trait Flow: Sized {
        fn onto(self, device: &Device) -> Self;
        fn ids(&self, ids: &mut Vec<TensorId>);
    }
}

macro_rules! flow_of_kind {
    ($($kind:ty)*) => {$(
        impl<const D: usize> Flow for Tensor<D, $kind> {}

        impl<const D: usize> sealed::Flow for Tensor<D, $kind> {
            fn onto(self, device: &Device) -> Self {
                self.without_autodiff().to_device(device)
            }

            fn ids(&self, ids: &mut Vec<TensorId>) {
                // What the capture did not make is none of the graph's.
                ids.extend(self.clone().try_into_primitive::<Capture>().map(|tensor| tensor.id()));
            }
        }
    )*};
}

flow_of_kind!(Float Int Bool);

macro_rules! flow_of_tuple {
    ($($name:ident)*) => {
        impl<$($name: Flow),*> Flow for ($($name,)*) {}

        #[allow(non_snake_case)] // the values are named like their types
        impl<$($name: Flow),*> sealed::Flow for ($($name,)*) {
            fn onto(self, device: &Device) -> Self {
                let ($($name,)*) = self;
                ($($name.onto(device),)*)
            }

            fn ids(&self, ids: &mut Vec<TensorId>) {
                let ($($name,)*) = self;
                $($name.ids(ids);)*
            }
        }
    };
}

flow_of_tuple!(A B);
flow_of_tuple!(A B C);
flow_of_tuple!(A B C D);

/// What flows through a model: each operation of a forward pass with the shapes and the type of
/// what it gives, for the Graphs dashboard. The feature `capture` turns it on.
///
/// burn records the operations instead of executing them. Nodes are named by the module whose
/// parameters they read and by what they do, such as `fc/Matmul`. An operation that reads no
/// parameters has no module's name before its own: burn does not say who called it. Parameters are
/// nodes of the kind `Parameter`, the tensors given are `Input`, those that come out lead to
/// `Output`, and what else was there before is `Constant`.
///
/// The model is the one for validation: dropout does nothing, for example. It is copied into the
/// host's memory for that, so this waits for its device: call it once, before the training. burn
/// numbers its captures, and has 65,536 of them in one process.
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
/// If the forward pass panics, because it reads values or something is quantised; where panics
/// abort, this ends the process. If the names make no graph.
pub fn trace_graph<M: Module, I: Flow, O: Flow>(
    module: &M,
    input: I,
    forward: impl FnOnce(&M, I) -> O,
) -> Result<Graph, FlowError> {
    let mut flowing = Flowing::default();
    let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
    // What a panic leaves half done is dropped, and the capture ends with it.
    let captured = catch_unwind(AssertUnwindSafe(|| {
        let device = Device::capture();
        device.capture_scope(|scope| {
            let module = module.valid().to_device(&device);
            module.visit(&mut Parameters { path: Vec::new(), found: &mut flowing.parameters });
            let input = input.onto(&device);
            input.ids(&mut inputs);
            let output = forward(&module, input);
            output.ids(&mut outputs);
            scope.complete([], [])
        })
    }));
    let captured = captured.map_err(|panic| FlowError::Panic(message(&*panic)))?;
    let captured = captured.map_err(FlowError::Capture)?;
    flowing.reserve();
    for operation in &captured.graph.operations {
        flowing.operation(operation, &inputs);
    }
    for id in outputs {
        let name = flowing.unique("", "output");
        let from = flowing.sources.get(&id).map(|source| source.name.clone());
        flowing.graph.node(&name, "Output").inputs(from);
    }
    Ok(flowing.graph.build()?)
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".into())
}

/// Finds the parameters of a module that is captured.
struct Parameters<'a> {
    path: Vec<String>,
    found: &'a mut HashMap<TensorId, String>,
}

impl Parameters<'_> {
    fn found(&mut self, tensor: &impl Flow) {
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

/// The graph in the making.
#[derive(Default)]
struct Flowing {
    graph: GraphBuilder,
    /// Paths of the parameters.
    parameters: HashMap<TensorId, String>,
    /// Names of nodes and of the groups around them.
    taken: HashSet<String>,
    sources: HashMap<TensorId, Source>,
}

/// Where a tensor comes from.
struct Source {
    /// The node, and which of its outputs.
    name: String,
    /// The module, if it is made of a module's parameters and nothing else.
    module: Option<String>,
}

impl Flowing {
    /// Keeps the names that only parameters and modules may have.
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

    /// A tensor that was there before.
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

/// The module that both are in.
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

/// What an operation does: `Matmul` of `Float(F32, Matmul(MatmulOpIr { … }))`. The name that burn
/// gives it stands nowhere but in its code, and that is what is printed for debugging.
fn kind(operation: &OperationIr) -> String {
    if let OperationIr::Custom(custom) = operation {
        return custom.id.replace([':', '/'], "_");
    }
    let mut head = Head(String::new());
    // An error says that the head is whole.
    let _ = write!(head, "{operation:?}");
    let mut names =
        head.0.rsplit(|c: char| !c.is_ascii_alphanumeric()).filter(|name| !name.is_empty());
    names.nth(1).unwrap_or("Operation").to_owned()
}

/// What stands before the first brace.
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
