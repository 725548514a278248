//! The outputs of layers, recorded inside a forward pass.

use candle_core::Tensor;
use std::cell::RefCell;

thread_local! {
    /// The outputs that were tapped on this thread, while they are recorded.
    static TAPPED: RefCell<Option<Vec<(String, Tensor)>>> = const { RefCell::new(None) };
}

/// Records the output of a layer under a name, in the middle of a forward pass.
///
/// It costs next to nothing unless [`add_activations`](crate::CandleWriter::add_activations) runs
/// the forward pass on the same thread. A name that occurs again in one pass, as that of a layer that
/// is used twice, gets a number: `fc`, `fc_1`.
///
/// ```
/// use candle_core::{Result, Tensor};
/// use candle_nn::{Linear, Module};
/// use tfevents_candle::tap;
///
/// struct Net {
///     fc: Linear,
/// }
///
/// impl Module for Net {
///     fn forward(&self, x: &Tensor) -> Result<Tensor> {
///         let x = self.fc.forward(x)?.relu()?;
///         tap("fc", &x);
///         Ok(x)
///     }
/// }
/// ```
#[doc(alias = "register_forward_hook")]
pub fn tap(name: &str, output: &Tensor) {
    TAPPED.with_borrow_mut(|tapped| {
        let Some(tapped) = tapped else { return };
        let is_taken = |name: &str| tapped.iter().any(|(old, _)| old == name);
        let mut unique = name.to_owned();
        let mut number = 0;
        while is_taken(&unique) {
            number += 1;
            unique = format!("{name}_{number}");
        }
        tapped.push((unique, output.detach()));
    });
}

/// Restores the previous state when it is dropped, so also if the forward pass panics.
struct Restore(Option<Vec<(String, Tensor)>>);

impl Drop for Restore {
    fn drop(&mut self) {
        TAPPED.set(self.0.take());
    }
}

/// Runs a forward pass, and returns its result and the tapped outputs in order.
pub(crate) fn record<T>(forward: impl FnOnce() -> T) -> (T, Vec<(String, Tensor)>) {
    let restore = Restore(TAPPED.replace(Some(Vec::new())));
    let result = forward();
    let tapped = TAPPED.take().unwrap_or_default();
    drop(restore);
    (result, tapped)
}
