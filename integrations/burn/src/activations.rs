//! What layers give for a batch, from inside a forward pass.

use burn_core::tensor::Tensor;
use std::cell::RefCell;

/// Names and values, in one dimension.
type Tapped = Vec<(String, Tensor<1>)>;

thread_local! {
    /// What was tapped on this thread, while somebody listens.
    static TAPPED: RefCell<Option<Tapped>> = const { RefCell::new(None) };
}

/// Names what a layer gives, in the middle of a forward pass, and gives it on. It costs next to
/// nothing unless [`add_activations`](crate::BurnWriter::add_activations) listens on the same
/// thread. The module needs no other field and no other type.
///
/// A name that comes up again in one pass, by a layer that is used twice, gets a number:
/// `fc`, `fc_1`.
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
#[must_use = "it is the tensor that was given"]
pub fn tap<const D: usize>(name: &str, output: Tensor<D>) -> Tensor<D> {
    TAPPED.with_borrow_mut(|tapped| {
        let Some(tapped) = tapped else { return };
        let taken = |name: &str| tapped.iter().any(|(old, _)| old == name);
        let mut unique = name.to_owned();
        let mut number = 0;
        while taken(&unique) {
            number += 1;
            unique = format!("{name}_{number}");
        }
        let elements = output.shape().num_elements();
        tapped.push((unique, output.clone().without_autodiff().reshape([elements])));
    });
    output
}

/// Stops listening, also when the forward pass panics.
struct Listening(Option<Tapped>);

impl Drop for Listening {
    fn drop(&mut self) {
        TAPPED.set(self.0.take());
    }
}

/// What was tapped during a forward pass, in order.
pub(crate) fn listen<T>(forward: impl FnOnce() -> T) -> (T, Tapped) {
    let before = Listening(TAPPED.replace(Some(Vec::new())));
    let result = forward();
    let tapped = TAPPED.take().unwrap_or_default();
    drop(before);
    (result, tapped)
}
