//! The outputs of layers, recorded inside a forward pass.

use burn_core::tensor::Tensor;
use std::cell::RefCell;

/// Names and outputs, flattened.
type Tapped = Vec<(String, Tensor<1>)>;

thread_local! {
    /// The outputs that were tapped on this thread, while they are recorded.
    static TAPPED: RefCell<Option<Tapped>> = const { RefCell::new(None) };
}

/// Records the output of a layer under a name, in the middle of a forward pass, and returns it.
///
/// It costs next to nothing unless [`add_activations`](crate::BurnWriter::add_activations) runs the
/// forward pass on the same thread. The module needs no other field and no other type. A name that
/// occurs again in one pass, as that of a layer that is used twice, gets a number: `fc`, `fc_1`.
///
/// ```
/// use burn::module::Module;
/// use burn::nn::Linear;
/// use burn::tensor::{Tensor, activation::relu};
/// use tfevents_burn::tap;
///
/// #[derive(Module, Debug)]
/// struct Net {
///     fc: Linear,
/// }
///
/// impl Net {
///     fn forward(&self, x: Tensor<2>) -> Tensor<2> {
///         tap("fc", relu(self.fc.forward(x)))
///     }
/// }
/// ```
#[doc(alias = "register_forward_hook")]
#[must_use = "returns the tensor that it takes"]
pub fn tap<const D: usize>(name: &str, output: Tensor<D>) -> Tensor<D> {
    TAPPED.with_borrow_mut(|tapped| {
        let Some(tapped) = tapped else { return };
        let is_taken = |name: &str| tapped.iter().any(|(old, _)| old == name);
        let mut unique = name.to_owned();
        let mut number = 0;
        while is_taken(&unique) {
            number += 1;
            unique = format!("{name}_{number}");
        }
        let elements = output.shape().num_elements();
        tapped.push((unique, output.clone().without_autodiff().reshape([elements])));
    });
    output
}

/// Restores the previous state when it is dropped, so also if the forward pass panics.
struct Restore(Option<Tapped>);

impl Drop for Restore {
    fn drop(&mut self) {
        TAPPED.set(self.0.take());
    }
}

/// Runs a forward pass, and returns its result and the tapped outputs in order.
pub(crate) fn record<T>(forward: impl FnOnce() -> T) -> (T, Tapped) {
    let restore = Restore(TAPPED.replace(Some(Vec::new())));
    let result = forward();
    let tapped = TAPPED.take().unwrap_or_default();
    drop(restore);
    (result, tapped)
}
