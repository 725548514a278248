//! Logging of a module's parameters and their gradients.

use crate::convert::{self, LogAs};
use burn_core::module::{Module, ModuleVisitor, Param};
use burn_core::tensor::Tensor;
use burn_optim::GradientsParams;
use std::fmt;
use tfevents::SummaryWriter;
use tfevents::summary::{Deferred, Step, Summary, SummaryEncoder};

/// Logs the weights of a module, or their gradients if those are given.
pub(crate) fn log<M: Module>(
    writer: &SummaryWriter,
    module: &M,
    gradients: Option<&GradientsParams>,
    step: i64,
) {
    let mut log = Log { writer, gradients, step, path: Vec::new(), found: false };
    module.visit(&mut log);
    if !log.found {
        skip(writer, "weights", "the module has no parameters");
    }
}

struct Log<'a> {
    writer: &'a SummaryWriter,
    gradients: Option<&'a GradientsParams>,
    step: i64,
    path: Vec<String>,
    found: bool,
}

impl ModuleVisitor for Log<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.found = true;
        let path = self.path.join("/");
        let Some(gradients) = self.gradients else {
            return add_deferred(self.writer, &path, param.val(), LogAs::Parameter, self.step);
        };
        let tag = format!("{path}/gradient");
        match gradients.get::<D>(param.id) {
            Some(gradient) => {
                add_deferred(self.writer, &tag, gradient, LogAs::Parameter, self.step)
            }
            None => skip(self.writer, &tag, "the parameter has no gradient"),
        }
    }
}

/// Logs a tensor, which a thread in the background reads.
///
/// A tensor of burn does not change: an operation in place needs the only handle of it.
pub(crate) fn add_deferred<const D: usize>(
    writer: &SummaryWriter,
    tag: &str,
    tensor: Tensor<D>,
    kind: LogAs,
    step: impl Step,
) {
    if let Err(error) = convert::check(&tensor, kind) {
        return skip(writer, tag, crate::chain(&error));
    }
    let tensor = tensor.without_autodiff();
    let bytes = tensor.shape().num_elements() * tensor.dtype().size();
    writer.add_deferred(
        tag,
        Deferred::try_new(bytes, move || convert::read(tensor.clone(), kind)),
        step,
    );
}

/// Logs a warning why nothing is logged under a tag, once.
pub(crate) fn skip(writer: &SummaryWriter, tag: &str, reason: impl fmt::Display) {
    writer.add(tag, &Skipped(reason), 0);
}

/// A summary that writes nothing, for a reason.
struct Skipped<R>(R);

impl<R: fmt::Display> Summary for Skipped<R> {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        encoder.skip(tag, &self.0);
    }
}
