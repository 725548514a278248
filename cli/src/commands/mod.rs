//! The commands, a file for each.

pub(crate) mod check;
pub(crate) mod compact;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod edit;
pub(crate) mod export;
pub(crate) mod extract;
pub(crate) mod hparams;
pub(crate) mod ls;
#[cfg(feature = "stores")]
pub(crate) mod mirror;
pub(crate) mod reduce;
pub(crate) mod show;
pub(crate) mod verify;
