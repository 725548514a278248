//! Runs in memory, read once or followed: curves whole, everything else thinned.

mod kept;
mod run;

pub(crate) use kept::{Item, Kept};
pub(crate) use run::{Content, RunData};
