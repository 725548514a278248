//! The machine that the figures were taken on: they mean little without it.

use crate::place::Place;
use serde_json::{Value, json};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Debug)]
pub struct Machine {
    processor: String,
    cores: usize,
    rustc: String,
    place: String,
    seconds_since_1970: u64,
}

impl Machine {
    pub fn this(place: &Place) -> Self {
        let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = info.lines().find(|line| line.starts_with("model name"));
        let processor = model.and_then(|line| line.split_once(": ")).map(|(_, name)| name);
        let rustc = Command::new("rustc").arg("--version").output();
        let rustc = rustc.map_or(String::new(), |output| {
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        });
        Self {
            processor: processor.unwrap_or(std::env::consts::ARCH).to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            rustc,
            place: place.describe(),
            seconds_since_1970: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| since.as_secs()),
        }
    }

    pub fn describe(&self) -> String {
        let Self { processor, cores, rustc, place, .. } = self;
        let system = std::env::consts::OS;
        format!("{processor}, {cores} cores, {system}, {rustc}; files on {place}")
    }

    pub fn json(&self) -> Value {
        json!({
            "processor": self.processor,
            "cores": self.cores,
            "system": std::env::consts::OS,
            "rustc": self.rustc,
            "files_on": self.place,
            "seconds_since_1970": self.seconds_since_1970,
        })
    }
}
