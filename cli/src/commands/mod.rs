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
pub(crate) mod reduce;
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
        Command::Watch(args) => crate::watch::run(&args),
        Command::Show(args) => show::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Extract(args) => extract::run(&args),
        Command::Reduce(args) => reduce::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Compact(args) => compact::run(&args),
        Command::Hparams(args) => hparams::run(&args),
        Command::Edit(args) => edit::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => completions::man(&args),
    }
}
