//! The commands, a file for each.

pub(crate) mod check;
pub(crate) mod export;
pub(crate) mod extract;
pub(crate) mod hparams;
pub(crate) mod ls;
pub(crate) mod show;
pub(crate) mod verify;

use crate::args::Command;

/// How a command ended, if it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Success,
    /// `verify`, `check` or `diff --exit-code` found something: exit status 1.
    Finding,
}

pub(crate) type Result = anyhow::Result<Outcome>;

/// Runs a command.
pub(crate) fn run(command: Command) -> Result {
    match command {
        Command::Ls(args) => ls::run(&args),
        Command::Report(args) => crate::report::run(&args),
        Command::Show(args) => show::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Extract(args) => extract::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Hparams(args) => hparams::run(&args),
        Command::Check(args) => check::run(&args),
    }
}
