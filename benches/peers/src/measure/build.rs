//! A clean release build, against a package that has only the dependencies that any such crate
//! would have.

use super::{Setup, in_turn, millis};
use crate::report::Report;
use crate::{Result, process};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

pub const WORK: &str = "clean release build";
pub const OURS: &str = "tfevents";
pub const BASELINE: &str = "six dependencies alone";

pub fn round(setup: &Setup, report: &mut Report, round: usize) -> Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let packages = [
        (OURS, here.join("../../Cargo.toml"), "tfevents"),
        (BASELINE, here.join("baseline/Cargo.toml"), "baseline"),
    ];
    for (name, manifest, package) in in_turn(&packages, round) {
        let target = setup.place.fresh()?;
        // Downloads are no part of a build.
        cargo(&["fetch", "--locked"], manifest, target.path())?;
        let begun = Instant::now();
        let build = ["build", "--release", "--locked", "--offline", "--lib", "--package", package];
        cargo(&build, manifest, target.path())?;
        report.add(WORK, name, "ms", millis(begun.elapsed()));
    }
    Ok(())
}

fn cargo(arguments: &[&str], manifest: &Path, target: &Path) -> Result<()> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments).arg("--manifest-path").arg(manifest);
    process::output(command.env("CARGO_TARGET_DIR", target)).map(drop)
}
