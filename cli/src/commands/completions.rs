//! `completions` for shells, and `man` for the manual's pages.

use crate::outcome::{Outcome, Result};
use crate::output::{self, file::NewFile};
use anyhow::Context;
use clap::Command;
use clap_complete::Shell;
use std::io::Write;
use std::path::PathBuf;

/// Print completions for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tfevents completions bash > ~/.local/share/bash-completion/completions/tfevents
  tfevents completions zsh > \"${fpath[1]}/_tfevents\"
  tfevents completions fish > ~/.config/fish/completions/tfevents.fish")]
pub(crate) struct Args {
    /// bash, elvish, fish, powershell or zsh
    #[arg(value_enum, hide_possible_values = true)]
    shell: Shell,
}

/// Prints the completions of `command`, the whole command line.
pub(crate) fn run(args: &Args, mut command: Command) -> Result {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut command, "tfevents", &mut text);
    output::to_stdout(|out| out.write_all(&text))?;
    Ok(Outcome::Success)
}

/// Print the page of the manual, or write a page per command
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tfevents man | man -l -
  tfevents man -o ~/.local/share/man/man1")]
pub(crate) struct ManArgs {
    /// A directory for tfevents.1, tfevents-ls.1 and so on
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// Prints or writes the manual of `command`, the whole command line.
pub(crate) fn man(args: &ManArgs, mut command: Command) -> Result {
    command.build();
    let Some(dir) = &args.output else {
        let mut text = Vec::new();
        clap_mangen::Man::new(command).render(&mut text)?;
        output::to_stdout(|out| out.write_all(&text))?;
        return Ok(Outcome::Success);
    };
    std::fs::create_dir_all(dir).with_context(|| format!("failed to create {}", dir.display()))?;
    let pages = command.get_subcommands().filter(|page| page.get_name() != "help").cloned();
    for page in std::iter::once(command.clone()).chain(pages) {
        // `tfevents`, or `tfevents-ls` and so on.
        let name = page.get_display_name().unwrap_or(page.get_name());
        let path = dir.join(format!("{name}.1"));
        let mut text = Vec::new();
        clap_mangen::Man::new(page).render(&mut text)?;
        let mut file = NewFile::create(&path)?;
        let written = file.write_all(&text).and_then(|()| file.finish());
        written.with_context(|| format!("failed to write {}", path.display()))?;
    }
    Ok(Outcome::Success)
}
