//! Reading scalars back: the same file, by each reader.

use super::{Setup, in_turn, nanos, scalars};
use crate::peers::tfrecord::Tfrecord;
use crate::report::Report;
use crate::{Result, process, read_back};
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use tfevents::read::{Entry, Run};
use tfrecord::protobuf::event::What;
use tfrecord::protobuf::summary::value::Value;
use tfrecord::{EventIter, RecordReaderConfig};

pub const WORK: &str = "reading scalars back";
const OURS: &str = "tfevents";
pub const BY_TFRECORD: &str = "tfrecord's reader";
pub const BY_PYTHON: &str = "TensorBoard's Python reader";

type Reader = (&'static str, fn(&Path) -> Result<Found>);

const READERS: &[Reader] = &[(OURS, ours), (BY_TFRECORD, tfrecord)];

/// The sums of a reader, to check that it read everything.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Found {
    scalars: u64,
    sum_of_steps: i64,
    sum_of_values: f64,
}

impl Found {
    fn add(&mut self, step: i64, value: f32) {
        self.scalars += 1;
        self.sum_of_steps += step;
        self.sum_of_values += f64::from(value);
    }

    fn check(self, calls: u64) -> Result<()> {
        let mut expected = Self::default();
        crate::work::for_each(&crate::work::tags(0), calls, |_, value, step| {
            expected.add(step, value);
        });
        if self == expected {
            return Ok(());
        }
        Err(format!("{self:?} was read, not {expected:?}").into())
    }
}

pub fn round(setup: &Setup, report: &mut Report, round: usize) -> Result<()> {
    let dir = setup.place.fresh()?;
    scalars::log::<Tfrecord<false>>(dir.path(), setup.calls);
    let file = &read_back::files(dir.path())?[0];
    for (name, read) in in_turn(READERS, round) {
        let begun = Instant::now();
        let found = read(file)?;
        let time = nanos(begun.elapsed());
        found.check(setup.calls).map_err(|error| format!("{name}: {error}"))?;
        report.add(WORK, name, "ns per scalar", time / setup.calls as f64);
    }
    Ok(())
}

fn ours(file: &Path) -> Result<Found> {
    let mut found = Found::default();
    Run::open(file)?.scan().for_each(|_, entry| {
        if let Entry::Scalar { point, .. } = entry {
            found.add(point.step, point.value);
        }
    })?;
    Ok(found)
}

fn tfrecord(file: &Path) -> Result<Found> {
    let mut found = Found::default();
    for event in EventIter::open(file, RecordReaderConfig::default())? {
        let event = event?;
        let Some(What::Summary(summary)) = event.what else { continue };
        for value in summary.value {
            if let Some(Value::SimpleValue(value)) = value.value {
                found.add(event.step, value);
            }
        }
    }
    Ok(found)
}

/// TensorBoard's Python reader takes seconds: a tenth of the scalars will do, once.
pub fn by_python(setup: &Setup, report: &mut Report) -> Result<()> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python.py");
    let has = Command::new(&setup.python).args(["-c", "import tensorboard"]).output();
    if !has.is_ok_and(|output| output.status.success()) {
        report.note(format!("{BY_PYTHON}: {} has no tensorboard", setup.python.display()));
        return Ok(());
    }
    let dir = setup.place.fresh()?;
    let calls = setup.calls / 10;
    scalars::log::<Tfrecord<false>>(dir.path(), calls);
    let file = &read_back::files(dir.path())?[0];
    let (out, _) = process::output(Command::new(&setup.python).arg(script).arg("read").arg(file))?;
    let printed: serde_json::Value = serde_json::from_str(&out)?;
    let number = |name: &str| printed[name].as_f64().ok_or(format!("no {name} in {out}"));
    let found = Found {
        scalars: number("scalars")? as u64,
        sum_of_steps: number("sum_of_steps")? as i64,
        sum_of_values: number("sum_of_values")?,
    };
    found.check(calls).map_err(|error| format!("{BY_PYTHON}: {error}"))?;
    report.add(WORK, BY_PYTHON, "ns per scalar", number("ns_per_scalar")?);
    Ok(())
}
