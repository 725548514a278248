//! The command line.

use lexopt::prelude::*;
use std::ffi::OsString;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use tfevents::callbacks::UpdateFreq;

pub const USAGE: &str = "\
Trains a small network on handwritten digits and logs it for TensorBoard.

Usage: cargo run --release --example digits -- [OPTIONS]

Options:
  --logdir DIR           where to log [default: a new folder in logs/, named by the time]
  --epochs N             how often to go through the data [default: 40]
  --seed N               another seed is another split, other weights, another order [default: 0]
  --early-stopping [N]   stop after N epochs without a lower validation loss [N: 5], and go back to
                         the weights of the best one
  --histogram-freq N     log histograms of weights and gradients every N epochs; 0: never
                         [default: 1]
  --update-freq FREQ     log the loss of every batch (batch), of every so many (a number), or of
                         epochs alone (epoch) [default: batch]
  --profile STEPS        take a trace of these training steps, such as 10..=20, or of one
                         (needs --features tracing to show the phases within them)
  --help                 print this and end";

/// The default number of epochs without a lower loss.
const PATIENCE: usize = 5;

#[derive(Debug, PartialEq)]
pub struct Options {
    pub logdir: Option<PathBuf>,
    pub epochs: usize,
    pub seed: u64,
    /// After how many epochs without a lower loss to stop.
    pub early_stopping: Option<usize>,
    pub histogram_freq: usize,
    pub update_freq: UpdateFreq,
    pub profile: Option<RangeInclusive<u64>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            logdir: None,
            epochs: 40,
            seed: 0,
            early_stopping: None,
            histogram_freq: 1,
            update_freq: UpdateFreq::Batch,
            profile: None,
        }
    }
}

impl Options {
    /// `None` if help is asked for.
    pub fn parse<I>(args: I) -> Result<Option<Self>, lexopt::Error>
    where
        I: IntoIterator<Item: Into<OsString>>,
    {
        let mut options = Self::default();
        let mut parser = lexopt::Parser::from_args(args);
        while let Some(arg) = parser.next()? {
            match arg {
                Long("help") | Short('h') => return Ok(None),
                Long("logdir") => options.logdir = Some(logdir(parser.value()?)?),
                Long("epochs") => options.epochs = parser.value()?.parse_with(epochs)?,
                Long("seed") => options.seed = parser.value()?.parse_with(seed)?,
                Long("early-stopping") => options.early_stopping = Some(patience(&mut parser)?),
                Long("histogram-freq") => {
                    options.histogram_freq = parser.value()?.parse_with(histogram_freq)?;
                }
                Long("profile") => options.profile = Some(parser.value()?.parse_with(steps)?),
                Long("update-freq") => options.update_freq = parser.value()?.parse()?,
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

/// The number may be left out: what follows may be another option.
fn patience(parser: &mut lexopt::Parser) -> Result<usize, lexopt::Error> {
    let parse =
        |value: &str| value.parse().map_err(|_| "--early-stopping takes a number of epochs");
    if let Some(value) = parser.optional_value() {
        return value.parse_with(parse);
    }
    let mut rest = parser.raw_args()?;
    match rest.next_if(|next| next.to_str().is_some_and(|next| !next.starts_with('-'))) {
        Some(value) => value.parse_with(parse),
        None => Ok(PATIENCE),
    }
}

fn steps(value: &str) -> Result<RangeInclusive<u64>, &'static str> {
    let (first, last) = value.split_once("..=").unwrap_or((value, value));
    let steps = first.parse().ok().zip(last.parse().ok());
    let steps = steps.filter(|&(first, last)| 1 <= first && first <= last);
    let (first, last) = steps.ok_or("--profile is a training step from 1, or FIRST..=LAST")?;
    Ok(first..=last)
}

fn histogram_freq(value: &str) -> Result<usize, &'static str> {
    value.parse().map_err(|_| "--histogram-freq is a number of epochs")
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
        let some = Options { logdir: Some("a b".into()), epochs: 3, seed: 7, ..Options::default() };
        assert_eq!(parse(&["--logdir", "a b", "--epochs", "3", "--seed=7"]), Some(some));
        assert_eq!(parse(&[]), Some(Options::default()));
        let patience = |args: &[&str]| parse(args).unwrap().early_stopping;
        assert_eq!(patience(&["--early-stopping", "3"]), Some(3));
        assert_eq!(patience(&["--early-stopping=4"]), Some(4));
        assert_eq!(patience(&["--early-stopping", "--seed", "1"]), Some(5));
        assert_eq!(patience(&["--early-stopping"]), Some(5));
        let some = parse(&["--histogram-freq", "0", "--update-freq", "10"]).unwrap();
        assert_eq!((some.histogram_freq, some.update_freq), (0, "10".parse().unwrap()));
        let steps = |args: &[&str]| parse(args).unwrap().profile;
        assert_eq!(steps(&["--profile", "10..=20"]), Some(10..=20));
        assert_eq!(steps(&["--profile=3"]), Some(3..=3));
        assert_eq!(parse(&["--seed", "1", "--help"]), None);
    }

    #[test]
    fn invalid_options_are_named() {
        for (args, part) in [
            (&["--epochs", "0"][..], "--epochs is a whole number from 1 to 10000"),
            (&["--epochs", "many"], "--epochs is a whole number from 1 to 10000"),
            (&["--seed", "-1"], "\"-1\": --seed is a whole number from 0"),
            (&["--logdir"], "--logdir"),
            (&["--logdir="], "--logdir is the name of a folder"),
            (&["--rate", "1"], "--rate"),
            (&["--early-stopping", "often"], "--early-stopping takes a number of epochs"),
            (&["--histogram-freq", "-1"], "--histogram-freq is a number of epochs"),
            (&["--profile", "0"], "--profile is a training step from 1, or FIRST..=LAST"),
            (&["--profile", "20..=10"], "--profile is a training step"),
            (&["--update-freq", "0"], "invalid update_freq: \"0\" (expected"),
            (&["digits"], "digits"),
        ] {
            let message = Options::parse(args).unwrap_err().to_string();
            assert!(message.contains(part), "{message:?} does not say {part:?}");
        }
    }
}
