//! The variables of a model, as paths.

use candle_core::Var;
use candle_nn::VarMap;
use std::sync::PoisonError;

/// By name, so that every run has them in the same order. Dots become slashes, by which
/// TensorBoard groups.
pub(crate) fn sorted(varmap: &VarMap) -> Vec<(String, Var)> {
    let variables = varmap.data().lock().unwrap_or_else(PoisonError::into_inner);
    let paths = variables.iter().map(|(name, var)| (name.replace('.', "/"), var.clone()));
    let mut variables: Vec<_> = paths.collect();
    variables.sort_by(|(a, _), (b, _)| a.cmp(b));
    variables
}
