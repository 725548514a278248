//! `tfevents`: everything about TensorBoard event files from the command line.
//!
//! | module | contents |
//! |---|---|
//! | `args` | the command line, and which command it runs |
//! | `commands` | a file for each command |
//! | `draw` | curves as cells of text, or as SVG: pure functions |
//! | `logdirs` | log directories by path or URL |
//! | `report` | one HTML file with everything |
//! | `outcome` | how a command ended |
//! | `selection` | which runs, tags and points a command reads |
//! | `source` | runs as the commands read them: selected points, damage that does not end the reading |
//! | `watch` | the viewer in the terminal |
//! | `store` | runs in memory, whole or thinned |
//! | `output` | tables, escaped names, numbers, colors, files that appear whole |
//!
//! Exit status: 0 success, 1 a finding (`verify`, `diff --exit-code`, `check`), 2 an error.

mod args;
mod commands;
mod draw;
mod logdirs;
mod outcome;
mod output;
mod paths;
mod progress;
mod report;
mod selection;
mod source;
mod stats;
mod store;
mod watch;

use clap::Parser;
use outcome::Outcome;
use output::terminal;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = args::Args::parse();
    terminal::set_color(args.color);
    match args::run(args.command) {
        Ok(Outcome::Success) => ExitCode::SUCCESS,
        Ok(Outcome::Finding) => ExitCode::from(1),
        // Whatever read the output has seen enough.
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::error(format_args!("{error:#}"));
            ExitCode::from(2)
        }
    }
}
