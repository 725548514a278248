//! The command line.

use crate::work::MOST_CALLS;
use std::path::PathBuf;

pub const USAGE: &str = "\
Measures tfevents beside the other writers of event files.

  --json         print JSON instead of tables
  --check        end with status 1 if a target is missed, and name it
  --quick        measure only what noise cannot blur
  --reading      measure only what is read
  --build        measure clean builds as well (minutes)
  --rounds N     default 9
  --calls N      scalars per measurement, default 1000000
  --dir PATH     where the files go, default beside this program
  --python PATH  a Python that has tensorboard, default python3
";

#[derive(Debug)]
pub struct Arguments {
    pub json: bool,
    pub check: bool,
    pub quick: bool,
    pub reading: bool,
    pub build: bool,
    pub rounds: usize,
    pub calls: u64,
    pub dir: Option<PathBuf>,
    pub python: PathBuf,
}

impl Arguments {
    pub fn parse(mut given: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self {
            json: false,
            check: false,
            quick: false,
            reading: false,
            build: false,
            rounds: 9,
            calls: 1_000_000,
            dir: None,
            python: "python3".into(),
        };
        while let Some(argument) = given.next() {
            let mut value = || given.next().ok_or(format!("{argument} needs a value"));
            match &*argument {
                "--json" => arguments.json = true,
                "--check" => arguments.check = true,
                "--quick" => arguments.quick = true,
                "--reading" => arguments.reading = true,
                "--build" => arguments.build = true,
                "--rounds" => arguments.rounds = number(&value()?, 1..=1000)? as usize,
                "--calls" => arguments.calls = number(&value()?, 1000..=MOST_CALLS)?,
                "--dir" => arguments.dir = Some(value()?.into()),
                "--python" => arguments.python = value()?.into(),
                _ => return Err(format!("{argument} is unknown\n\n{USAGE}")),
            }
        }
        Ok(arguments)
    }
}

fn number(text: &str, allowed: std::ops::RangeInclusive<u64>) -> Result<u64, String> {
    match text.parse() {
        Ok(number) if allowed.contains(&number) => Ok(number),
        _ => Err(format!("{text} is no number in {allowed:?}")),
    }
}
