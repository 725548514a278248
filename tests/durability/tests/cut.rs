//! An event file that ends at any byte, as after a power cut: no reader fails, and each shows every
//! whole record.

use durability_tests::examine;
use std::collections::BTreeMap;
use tensorboard_tests::show;
use tfevents::SummaryWriter;

/// The first file of a run, and where each of its scalars ends.
fn file() -> (Vec<u8>, Vec<usize>) {
    let mut ends = Vec::new();
    let dir = tempfile::tempdir().unwrap();
    let path = || dir.path().read_dir().unwrap().next().unwrap().unwrap().path();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    for step in 0..3 {
        writer.add_scalar("loss", 0.5, step);
        writer.flush().unwrap();
        ends.push(std::fs::metadata(path()).unwrap().len() as usize);
        writer.add_text("note", "whole or truncated", step);
    }
    writer.close().unwrap();
    (std::fs::read(path()).unwrap(), ends)
}

#[test]
fn a_file_cut_at_any_byte_shows_its_whole_records() {
    let (bytes, ends) = file();
    let logdir = tempfile::tempdir().unwrap();
    let mut expected = BTreeMap::new();
    for cut in 0..=bytes.len() {
        let steps: Vec<i64> = (0..ends.iter().filter(|end| **end <= cut).count() as i64).collect();
        // Alone, and as a session that another one continues.
        for resumed in [false, true] {
            if resumed && cut % 7 != 0 {
                continue;
            }
            let run = format!("{cut:04}{}", if resumed { "-resumed" } else { "" });
            let dir = logdir.path().join(&run);
            std::fs::create_dir(&dir).unwrap();
            std::fs::write(dir.join("events.out.tfevents.0000000001.host"), &bytes[..cut]).unwrap();
            let mut steps = steps.clone();
            if resumed {
                let writer = SummaryWriter::new(&dir).unwrap();
                writer.add_scalar("loss", 0.5, 10);
                writer.close().unwrap();
                steps.push(10);
            }
            assert_eq!(examine(&dir).steps, steps, "{run}");
            expected.insert(run, steps);
        }
    }
    show(logdir.path(), |board| {
        for (run, steps) in &expected {
            if let Some(&last) = steps.last() {
                let served = board.scalars(run, "loss", last);
                let served: Vec<i64> = served.iter().map(|point| point.step).collect();
                assert_eq!(served, *steps, "{run}");
            }
        }
        let tags = board.tags("scalars");
        for (run, steps) in &expected {
            let shown = tags.get(run).is_some_and(|tags| tags.contains("loss"));
            assert_eq!(shown, !steps.is_empty(), "{run}");
        }
    });
}
