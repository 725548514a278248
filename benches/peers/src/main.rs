//! Measures tfevents beside the other writers of event files: all of them in turn in one run, in
//! several rounds, each file read back afterwards. See README.md.

mod allocations;
mod arguments;
mod machine;
mod measure;
mod peers;
mod place;
mod process;
mod read_back;
mod report;
mod targets;
mod work;

use arguments::Arguments;
use machine::Machine;
use measure::{
    Setup, build, callbacks, following, histograms, images, instructions, memory, passes,
    percentiles, reading, scalars, sustained, threads,
};
use place::Place;
use report::Report;
use std::path::Path;
use std::process::ExitCode;

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

#[global_allocator]
static ALLOCATOR: allocations::Counting = allocations::Counting;

fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let result = match &given[..] {
        [child, peer, calls, dir] if child == process::CHILD => {
            calls.parse().map_err(Into::into).and_then(|calls| {
                memory::child(peer, calls, Path::new(dir)).map(|()| ExitCode::SUCCESS)
            })
        }
        [help] if help == "--help" => {
            print!("{}", arguments::USAGE);
            Ok(ExitCode::SUCCESS)
        }
        _ => run(given),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(2)
    })
}

fn run(given: Vec<String>) -> Result<ExitCode> {
    let arguments = Arguments::parse(given.into_iter())?;
    let place = Place::new(arguments.dir.as_deref())?;
    let setup = Setup { place, calls: arguments.calls, python: arguments.python.clone() };
    let machine = Machine::this(&setup.place);
    let report = measure_all(&setup, &arguments)?;
    let verdicts = targets::verdicts(&report, arguments.quick);
    if arguments.json {
        let mut json = report.json();
        json["machine"] = machine.json();
        json["targets"] = verdicts.iter().map(targets::Verdict::json).collect();
        println!("{json:#}");
    } else {
        println!("{}\n\n{}\n{}", machine.describe(), report.table(), targets::table(&verdicts));
    }
    let short: Vec<_> = verdicts.iter().filter(|verdict| !verdict.holds()).collect();
    if !arguments.check || short.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    for verdict in short {
        eprintln!("{}", verdict.complaint());
    }
    Ok(ExitCode::from(1))
}

fn measure_all(setup: &Setup, arguments: &Arguments) -> Result<Report> {
    let mut report = Report::default();
    let rounds = if arguments.quick { 1 } else { arguments.rounds };
    if arguments.reading {
        for round in 0..rounds {
            eprintln!("round {} of {rounds}", round + 1);
            reading::round(setup, &mut report, round)?;
            passes::round(setup, &mut report, round)?;
        }
        passes::memory(setup, &mut report)?;
        following::measure(setup, &mut report)?;
        return Ok(report);
    }
    let arrays = (!arguments.quick).then(histograms::Arrays::new);
    for round in 0..rounds {
        eprintln!("round {} of {rounds}", round + 1);
        // In the short form for the files alone: their content and their size.
        scalars::round(setup, &mut report, round)?;
        threads::round(setup, &mut report, round)?;
        let Some(arrays) = &arrays else { continue };
        sustained::round(setup, &mut report, round)?;
        percentiles::round(setup, &mut report, round)?;
        callbacks::round(setup, &mut report)?;
        histograms::round(setup, &mut report, arrays, round)?;
        images::round(setup, &mut report, round)?;
        reading::round(setup, &mut report, round)?;
        passes::round(setup, &mut report, round)?;
    }
    measure::allocations::measure_all(setup, &mut report)?;
    callbacks::measure_all(setup, &mut report)?;
    memory::measure_all(setup, &mut report)?;
    instructions::measure_all(setup, &mut report)?;
    if !arguments.quick {
        reading::by_python(setup, &mut report)?;
        passes::memory(setup, &mut report)?;
        following::measure(setup, &mut report)?;
    }
    if arguments.build {
        for round in 0..rounds {
            eprintln!("clean builds, round {} of {rounds}", round + 1);
            build::round(setup, &mut report, round)?;
        }
    }
    Ok(report)
}
