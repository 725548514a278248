//! `reduce`.

use super::{tfevents, write_run};
use std::path::Path;
use tfevents::read::Run;

/// Two groups of runs, one of which has a run that ended early and a tag of its own.
fn logs() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let run = |name: &str, factor: f32, steps: i64| {
        write_run(&dir.path().join("logs").join(name), |writer| {
            for step in 0..steps {
                writer.add_scalar("loss", factor * (step + 1) as f32, step);
            }
            if name == "b/seed1" {
                writer.add_scalar("extra", 1.0, 0);
            }
        });
    };
    run("a/seed0", 1.0, 3);
    run("a/seed1", 3.0, 3);
    run("b/seed0", 1.0, 2);
    run("b/seed1", 2.0, 3);
    run("other", 9.0, 3);
    dir
}

#[test]
fn groups_are_reduced_step_by_step() {
    let dir = logs();
    let args = ["reduce", "logs", "--by", "(.*)/seed", "--ops", "mean,std,min,max,median"];
    let reduce = tfevents(dir.path(), &args);
    let expected = "\
group,tag,step,count,mean,std,min,max,median
a,loss,0,2,2,1.4142135,1,3,2
a,loss,1,2,4,2.828427,2,6,4
a,loss,2,2,6,4.2426405,3,9,6
b,loss,0,2,1.5,0.70710677,1,2,1.5
b,loss,1,2,3,1.4142135,2,4,3
";
    assert_eq!((reduce.stdout.as_str(), reduce.status), (expected, 0));
    let notes = "\
note: left out 1 run that --by does not match
note: group \"b\": left out 2 of 4 steps that fewer than 2 of 2 runs share, all of \"extra\" (see --min-runs)
";
    assert_eq!(reduce.stderr, notes);
}

#[test]
fn steps_of_fewer_runs_are_kept_on_request() {
    let dir = logs();
    let args =
        ["reduce", "logs", "--by", "^(b)/", "--min-runs", "1", "--ops", "mean,std", "--ddof", "0"];
    let reduce = tfevents(dir.path(), &args);
    let expected = "\
group,tag,step,count,mean,std
b,loss,0,2,1.5,0.5
b,loss,1,2,3,1
b,loss,2,1,6,
b,extra,0,1,1,
";
    assert_eq!((reduce.stdout.as_str(), reduce.status), (expected, 0));
}

#[test]
fn reduced_runs_have_a_band_chart() {
    let dir = logs();
    let reduce = tfevents(dir.path(), &["reduce", "logs", "--by", "(.*)/seed", "-o", "out"]);
    assert_eq!(reduce.status, 0, "{reduce:?}");
    let run = Run::open(dir.path().join("out/a")).unwrap();
    let values = |tag: &str| run.scalars(tag).unwrap().values().to_vec();
    assert_eq!(values("loss"), [2.0, 4.0, 6.0]);
    assert_eq!(values("loss/max"), [3.0, 6.0, 9.0]);
    let spreads = [2f64.sqrt(), 8f64.sqrt(), 18f64.sqrt()];
    let edge = |sign: f64| [0, 1, 2].map(|at| ((at + 1) as f64 * 2.0 + sign * spreads[at]) as f32);
    assert_eq!(values("loss/mean-std"), edge(-1.0));
    assert_eq!(values("loss/mean+std"), edge(1.0));
    // The times of the first run.
    assert_eq!(run.scalars("loss").unwrap().wall_times()[0], 1_700_000_000.0);
    let layout = run.layout().unwrap().unwrap();
    assert_eq!(layout.categories[0].charts[0].title, "loss");
    let band = ["loss", "loss/mean-std", "loss/mean+std"].map(str::to_owned);
    assert_eq!(layout.categories[0].charts[0].bands, [band]);
    let names: Vec<_> =
        std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "nothing else is left: {names:?}");

    let again = tfevents(dir.path(), &["reduce", "logs", "-o", "out"]);
    assert!(again.status == 2 && again.stderr.contains("out is not empty"), "{again:?}");
    let quantiles =
        tfevents(dir.path(), &["reduce", "logs", "--ops", "median,q25,q75", "-o", "quantiles"]);
    assert_eq!(quantiles.status, 0, "{quantiles:?}");
    let run = Run::open(dir.path().join("quantiles/all")).unwrap();
    let band = ["loss", "loss/q25", "loss/q75"].map(str::to_owned);
    assert_eq!(run.layout().unwrap().unwrap().categories[0].charts[0].bands, [band]);
}

#[test]
fn a_tag_without_a_name_has_no_chart() {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("logs"), |writer| writer.add_scalar("", 0.5, 0));
    let reduce = tfevents(dir.path(), &["reduce", "logs", "-o", "out"]);
    assert_eq!(reduce.status, 0, "{reduce:?}");
    let run = Run::open(dir.path().join("out/all")).unwrap();
    assert_eq!(run.scalars("").unwrap().values(), [0.5]);
    assert!(run.layout().unwrap().is_none());
}

#[test]
fn wrong_usage_is_an_error() {
    let dir = logs();
    let reduce = tfevents(dir.path(), &["reduce", "logs", "--ops", "mean,average"]);
    assert!(reduce.status == 2 && reduce.stderr.contains("expected mean, std"), "{reduce:?}");
    let reduce = tfevents(dir.path(), &["reduce", "logs", "--by", "nothing"]);
    assert_eq!(reduce.status, 2);
    assert_eq!(reduce.stderr, "error: none of 5 runs below logs matches --by \"nothing\"\n");
    assert_eq!(tfevents(dir.path(), &["reduce", "logs", "--min-runs", "0"]).status, 2);
    assert!(!Path::new(&dir.path().join("out")).exists());
}
