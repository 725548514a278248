//! The command line, and which command it runs.

use crate::commands::{
    check, compact, completions, diff, edit, export, extract, hparams, ls, reduce, show, verify,
};
use crate::outcome::Result;
use crate::output::terminal::Color;
use crate::report;
use crate::watch;
use clap::{CommandFactory, Parser, Subcommand};

/// Everything about TensorBoard event files, without Python.
#[derive(Debug, Parser)]
#[command(name = "tfevents", version, after_help = AFTER_HELP, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// When to use colors
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    #[arg(hide_possible_values = true, help = "When to use colors: auto, always or never")]
    #[arg(hide_default_value = true)]
    pub(crate) color: Color,
}

const AFTER_HELP: &str = "\
DIR is a log directory, a run or an event file, or their URL in an object store. A run is named by its path below DIR.
Exit status: 0 success, 1 a finding (verify, check, diff --exit-code), 2 an error.

Examples:
  tfevents ls logs                                the runs below logs
  tfevents ls -l -t loss logs                     their tags that contain 'loss'
  tfevents show logs -t loss                      their curves";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Ls(ls::Args),
    Report(report::Args),
    Show(show::Args),
    Watch(watch::Args),
    Export(export::Args),
    Extract(extract::Args),
    Reduce(reduce::Args),
    Diff(diff::Args),
    Verify(verify::Args),
    Compact(compact::Args),
    Hparams(hparams::Args),
    Edit(edit::Args),
    Check(check::Args),
    #[cfg(feature = "stores")]
    Mirror(crate::commands::mirror::Args),
    Completions(completions::Args),
    #[command(hide = true)]
    Man(completions::ManArgs),
}

/// Runs the command.
pub(crate) fn run(command: Command) -> Result {
    match command {
        Command::Ls(args) => ls::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Show(args) => show::run(&args),
        Command::Watch(args) => watch::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Extract(args) => extract::run(&args),
        Command::Reduce(args) => reduce::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Compact(args) => compact::run(&args),
        Command::Hparams(args) => hparams::run(&args),
        Command::Edit(args) => edit::run(&args),
        Command::Check(args) => check::run(&args),
        #[cfg(feature = "stores")]
        Command::Mirror(args) => crate::commands::mirror::run(&args),
        Command::Completions(args) => completions::run(&args, Args::command()),
        Command::Man(args) => completions::man(&args, Args::command()),
    }
}
