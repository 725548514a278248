//! The command line.

use lexopt::prelude::*;
use std::ffi::OsString;
use std::path::PathBuf;

pub const USAGE: &str = "\
Trains a small network on handwritten digits and logs it for TensorBoard.

Usage: cargo run --release --example digits -- [OPTIONS]

Options:
  --logdir DIR   where to log [default: a new folder in logs/, named by the time]
  --epochs N     how often to go through the data [default: 40]
  --seed N       another seed is another split, other weights, another order [default: 0]
  --help         print this and end";

#[derive(Debug, PartialEq)]
pub struct Options {
    pub logdir: Option<PathBuf>,
    pub epochs: usize,
    pub seed: u64,
}

impl Options {
    /// `None` if help is asked for.
    pub fn parse<I>(args: I) -> Result<Option<Self>, lexopt::Error>
    where
        I: IntoIterator<Item: Into<OsString>>,
    {
        let mut options = Self { logdir: None, epochs: 40, seed: 0 };
        let mut parser = lexopt::Parser::from_args(args);
        while let Some(arg) = parser.next()? {
            match arg {
                Long("help") | Short('h') => return Ok(None),
                Long("logdir") => options.logdir = Some(logdir(parser.value()?)?),
                Long("epochs") => options.epochs = parser.value()?.parse_with(epochs)?,
                Long("seed") => options.seed = parser.value()?.parse_with(seed)?,
                other => return Err(other.unexpected()),
            }
        }
        Ok(Some(options))
    }
}

fn logdir(value: OsString) -> Result<PathBuf, &'static str> {
    if value.is_empty() { Err("--logdir is the name of a folder") } else { Ok(value.into()) }
}

fn epochs(value: &str) -> Result<usize, &'static str> {
    let epochs = value.parse().ok().filter(|epochs| (1..=10_000).contains(epochs));
    epochs.ok_or("--epochs is a whole number from 1 to 10000")
}

fn seed(value: &str) -> Result<u64, &'static str> {
    value.parse().map_err(|_| "--seed is a whole number from 0 to 2^64 - 1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_understood() {
        let parse = |args: &[&str]| Options::parse(args).unwrap();
        let expected = Options { logdir: Some("a b".into()), epochs: 3, seed: 7 };
        assert_eq!(parse(&["--logdir", "a b", "--epochs", "3", "--seed=7"]), Some(expected));
        assert_eq!(parse(&[]), Some(Options { logdir: None, epochs: 40, seed: 0 }));
        assert_eq!(parse(&["--seed", "1", "--help"]), None);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (args, part) in [
            (&["--epochs", "0"][..], "--epochs is a whole number from 1 to 10000"),
            (&["--epochs", "many"], "--epochs is a whole number from 1 to 10000"),
            (&["--seed", "-1"], "\"-1\": --seed is a whole number from 0"),
            (&["--logdir"], "--logdir"),
            (&["--logdir="], "--logdir is the name of a folder"),
            (&["--rate", "1"], "--rate"),
            (&["digits"], "digits"),
        ] {
            let message = Options::parse(args).unwrap_err().to_string();
            assert!(message.contains(part), "{message:?} does not say {part:?}");
        }
    }
}
