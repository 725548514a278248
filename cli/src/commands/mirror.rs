//! `mirror`: uploads a log directory to an object store while something logs into it.

use crate::outcome::{Outcome, Result};
use crate::output::terminal;
use anyhow::{Context, bail};
use std::io::ErrorKind;
use std::path::PathBuf;
use tfevents_object_store::ObjectStorage;

/// Upload a log directory to an object store while it grows
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Uploads what is new after 1 % of the time that it runs, at least every 300 s, until it is interrupted, and
then the rest. What an earlier mirror of the directory has uploaded is continued. One process mirrors a
directory at a time. Credentials come from the environment.

Examples:
  tfevents mirror logs s3://bucket/experiments
  tfevents mirror --once logs gs://bucket/experiments")]
pub(crate) struct Args {
    /// The log directory
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// The destination: s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX
    #[arg(value_name = "URL")]
    url: String,
    /// Upload what is there, and end
    #[arg(long)]
    once: bool,
}

pub(crate) fn run(args: &Args) -> Result {
    if !args.dir.is_dir() {
        bail!("{} is not a directory (expected a log directory)", args.dir.display());
    }
    let storage = ObjectStorage::from_url(&args.url)?;
    let interrupt = if args.once { None } else { Some(Interrupt::new()?) };
    let mirror = storage.mirror(&args.dir, "").context("failed to start uploading")?;
    if let Some(interrupt) = interrupt {
        // The library reports through `log` what fails and is tried again.
        log::set_logger(&Messages).map_err(|_| anyhow::anyhow!("failed to set up messages"))?;
        log::set_max_level(log::LevelFilter::Info);
        // Reports wrong credentials or a missing bucket at once; they may be mended meanwhile.
        let _ = mirror.flush();
        interrupt.wait();
    }
    // However long it takes: each request has a deadline, and a store that does not answer is another
    // error.
    while mirror.flush().is_err_and(|error| error.kind() == ErrorKind::TimedOut) {}
    mirror
        .finish()
        .with_context(|| format!("failed to upload {} to {}", args.dir.display(), args.url))?;
    Ok(Outcome::Success)
}

/// Waits for the signals that end programs; the second one ends this one at once.
#[cfg(unix)]
struct Interrupt(signal_hook::iterator::Signals);

#[cfg(unix)]
impl Interrupt {
    fn new() -> anyhow::Result<Self> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        let signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM]);
        Ok(Self(signals.context("failed to wait for signals")?))
    }

    fn wait(mut self) {
        self.0.forever().next();
        terminal::note("uploading the rest; another interrupt ends it at once");
        std::thread::spawn(move || {
            for signal in self.0.forever() {
                // If that fails, the program ends when everything is uploaded.
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        });
    }
}

/// Elsewhere an interrupt ends the program; `--once` uploads the rest.
#[cfg(not(unix))]
struct Interrupt;

#[cfg(not(unix))]
impl Interrupt {
    fn new() -> anyhow::Result<Self> {
        Ok(Self)
    }

    fn wait(self) {
        loop {
            std::thread::park();
        }
    }
}

/// Prints the library's messages.
struct Messages;

impl log::Log for Messages {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.target().starts_with("tfevents")
    }

    fn log(&self, record: &log::Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        if record.level() <= log::Level::Warn {
            terminal::warning(record.args());
        } else {
            terminal::note(record.args());
        }
    }

    fn flush(&self) {}
}
