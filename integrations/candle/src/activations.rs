//! What layers give for a batch, from inside a forward pass.

use candle_core::Tensor;
use std::cell::RefCell;

thread_local! {
    /// What was tapped on this thread, while somebody listens.
    static TAPPED: RefCell<Option<Vec<(String, Tensor)>>> = const { RefCell::new(None) };
}

/// Names what a layer gives, in the middle of a forward pass. It costs next to nothing unless
/// [`add_activations`](crate::CandleWriter::add_activations) listens on the same thread.
///
/// A name that comes up again in one pass, by a layer that is used twice, gets a number:
/// `fc`, `fc_1`.
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
pub fn tap(name: &str, output: &Tensor) {
    TAPPED.with_borrow_mut(|tapped| {
        let Some(tapped) = tapped else { return };
        let taken = |name: &str| tapped.iter().any(|(old, _)| old == name);
        let mut unique = name.to_owned();
        let mut number = 0;
        while taken(&unique) {
            number += 1;
            unique = format!("{name}_{number}");
        }
        tapped.push((unique, output.detach()));
    });
}

/// Stops listening, also when the forward pass panics.
struct Listening(Option<Vec<(String, Tensor)>>);

impl Drop for Listening {
    fn drop(&mut self) {
        TAPPED.set(self.0.take());
    }
}

/// What was tapped during a forward pass, in order.
pub(crate) fn listen<T>(forward: impl FnOnce() -> T) -> (T, Vec<(String, Tensor)>) {
    let before = Listening(TAPPED.replace(Some(Vec::new())));
    let result = forward();
    let tapped = TAPPED.take().unwrap_or_default();
    drop(before);
    (result, tapped)
}
