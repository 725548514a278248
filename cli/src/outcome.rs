//! How a command ended.

/// How a command ended, if it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Success,
    /// `verify`, `check` or `diff --exit-code` found something: exit status 1.
    Finding,
}

pub(crate) type Result = anyhow::Result<Outcome>;
