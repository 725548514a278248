//! What a run says about itself: its description, where it came from, and its best values.

use tfevents::read::{Points, Run};
use tfevents::summary::HParams;
use tfevents::{Mode, Provenance, SummaryWriter};

#[test]
fn description_and_provenance_are_text() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let provenance = Provenance::collect().build(tfevents::build_info!()).set("data", "a|b");
    writer.describe("First");
    writer.describe("**Second**");
    writer.add_provenance(&provenance);
    writer.close().unwrap();
    let run = Run::open(dir.path()).unwrap();
    let description = run.texts("run/description").unwrap();
    let shown: Vec<_> = description.iter().map(|point| point.value.text()).collect();
    assert_eq!(shown, ["**Second**"]);
    let table = run.texts("run/provenance").unwrap();
    let table = table.last().unwrap().value.text();
    assert!(table.starts_with("| key | value |\n|---|---|\n"), "{table}");
    assert!(table.contains("| package | tfevents "), "{table}");
    assert!(table.contains(r"| data | a\|b |"), "{table}");
}

/// Both tables stay, and none of the earlier session's points is lost.
#[test]
fn a_resumed_session_logs_its_own_provenance() {
    let dir = tempfile::tempdir().unwrap();
    for (session, commit) in ["first", "second"].into_iter().enumerate() {
        let writer = SummaryWriter::builder(dir.path()).resume().build().unwrap();
        writer.add_provenance(&Provenance::collect().set("git_commit", commit));
        let first = writer.resumed_at().unwrap_or(0);
        assert_eq!(first, 5 * session as i64);
        (first..first + 5).for_each(|step| writer.add_scalar("loss", 0.5, step));
        writer.close().unwrap();
    }
    let run = Run::open(dir.path()).unwrap();
    let tables = run.texts("run/provenance").unwrap();
    let commits: Vec<_> = tables
        .iter()
        .map(|point| (point.step, point.value.text().contains("| git\\_commit | second |")))
        .collect();
    assert_eq!(commits, [(0, false), (5, true)]);
    assert_eq!(run.scalars("loss").unwrap().steps(), (0..10).collect::<Vec<_>>());
}

#[test]
fn provenance_as_hyperparameters() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let provenance = Provenance::collect().set("data", "v2");
    let hparams = HParams::builder().set("batch", 32).provenance(&provenance).build().unwrap();
    writer.add_hparams(&hparams);
    writer.close().unwrap();
    let hparams = Run::open(dir.path()).unwrap().hparams().unwrap();
    let text = format!("{hparams:?}");
    assert!(text.contains("env/data") && text.contains("env/host"), "{text}");
}

#[test]
fn the_best_value_is_logged_when_it_improves() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let loss = writer.best_scalar("val_loss", Mode::Auto);
    let reward = writer.best_scalar("reward", Mode::Max).initial(1.0);
    let unknown = writer.best_scalar("reward", Mode::Auto);
    let improved: Vec<_> = [f64::NAN, 0.5, 0.5, f64::NAN, 0.25, 0.3]
        .into_iter()
        .enumerate()
        .map(|(step, value)| loss.clone().add(value, step))
        .collect();
    assert_eq!(improved, [false, true, false, false, true, false]);
    assert!(!reward.add(0.5, 1) && reward.add(2, 2) && !unknown.add(1, 3));
    assert_eq!((loss.best(), reward.best(), unknown.best()), (Some(0.25), Some(2.0), None));
    writer.close().unwrap();
    let all = Run::open(dir.path()).unwrap().with_points(Points::Raw).all_scalars().unwrap();
    let of =
        |tag| all.get(tag).map(|scalars| (scalars.steps().to_vec(), scalars.values().to_vec()));
    assert_eq!(of("best/val_loss"), Some((vec![1, 4], vec![0.5, 0.25])));
    assert_eq!(of("best/reward"), Some((vec![2], vec![2.0])));
}

#[test]
fn a_disabled_writer_compares_too() {
    let best = SummaryWriter::disabled().best_scalar("val_loss", Mode::Min);
    assert!(best.add(0.5, 0) && !best.add(0.6, 1));
    SummaryWriter::disabled().describe("nothing");
    SummaryWriter::disabled().add_provenance(&Provenance::collect());
}
