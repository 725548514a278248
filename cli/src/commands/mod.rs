//! The commands, a file for each.

pub(crate) mod ls;
pub(crate) mod show;

use crate::args::Command;

/// How a command ended, if it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Success,
}

pub(crate) type Result = anyhow::Result<Outcome>;

/// Runs a command.
pub(crate) fn run(command: Command) -> Result {
    match command {
        Command::Ls(args) => ls::run(&args),
        Command::Show(args) => show::run(&args),
    }
}
