//! `verify`, with and without `--repair`.

use super::{event_file, tfevents, write_run};
use std::path::Path;

/// A run of a version and ten scalars; returns its bytes and the offset of each record.
fn damaged(dir: &Path, damage: impl FnOnce(&mut Vec<u8>, &[usize])) -> Vec<usize> {
    write_run(&dir.join("run"), |writer| {
        for step in 0..10 {
            writer.add_scalar("loss", step as f32, step);
        }
    });
    let file = event_file(&dir.join("run"));
    let mut bytes = std::fs::read(&file).unwrap();
    let (mut offsets, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        offsets.push(at);
        at += 16 + u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize;
    }
    damage(&mut bytes, &offsets);
    std::fs::write(&file, bytes).unwrap();
    offsets
}

/// Returns the steps that are left after a repair.
fn repaired(dir: &Path) -> String {
    let repair = tfevents(dir, &["verify", "--repair", "-o", "out"]);
    assert_eq!(repair.status, 1, "{repair:?}");
    let verify = tfevents(dir, &["verify", "out"]);
    assert_eq!(verify.status, 0, "{verify:?}");
    let export = tfevents(dir, &["export", "out"]).stdout;
    export.lines().skip(1).map(|line| line.split(',').nth(2).unwrap()).collect()
}

#[test]
fn good_files_are_good() {
    let dir = tempfile::tempdir().unwrap();
    damaged(dir.path(), |_, _| {});
    let verify = tfevents(dir.path(), &["verify"]);
    assert_eq!((verify.status, verify.stderr.as_str()), (0, ""));
    assert_eq!(verify.stdout, "1 run in 1 file: 11 good values, 0 errors, 0 notes\n");
}

#[test]
fn a_bad_checksum_has_its_place_and_is_repaired() {
    let dir = tempfile::tempdir().unwrap();
    let offsets = damaged(dir.path(), |bytes, offsets| bytes[offsets[4] + 14] ^= 1);
    let verify = tfevents(dir.path(), &["verify"]);
    assert_eq!(verify.status, 1);
    let place = format!(":{}: error: invalid checksum of a record", offsets[4]);
    let found = verify.stdout.replace('\\', "/");
    assert!(found.starts_with("./run/") && found.contains(&place), "{verify:?}");
    assert_eq!(repaired(dir.path()), "012456789");
}

#[test]
fn records_after_a_bad_length_are_found_again() {
    let dir = tempfile::tempdir().unwrap();
    let offsets = damaged(dir.path(), |bytes, offsets| {
        bytes[offsets[4]] = 0xff;
        bytes[offsets[8] + 2] ^= 0x10;
    });
    let verify = tfevents(dir.path(), &["verify"]);
    assert_eq!(verify.status, 1);
    let place = format!(":{}: error: invalid checksum of the record length", offsets[4]);
    assert!(verify.stdout.contains(&place), "{verify:?}");
    assert_eq!(repaired(dir.path()), "01245689");
}

#[test]
fn a_truncated_file_is_an_error_and_loses_its_last_record() {
    let dir = tempfile::tempdir().unwrap();
    let offsets = damaged(dir.path(), |bytes, _| bytes.truncate(bytes.len() - 3));
    let verify = tfevents(dir.path(), &["verify"]);
    assert_eq!(verify.status, 1);
    let place = format!(":{}: error: truncated record at the end of the file", offsets[10]);
    assert!(verify.stdout.contains(&place), "{verify:?}");
    assert_eq!(repaired(dir.path()), "012345678");
}

#[test]
fn a_forged_length_takes_no_memory() {
    let dir = tempfile::tempdir().unwrap();
    damaged(dir.path(), |bytes, offsets| {
        // 2 GiB less one, with the right checksum.
        let length = (i32::MAX as u64).to_le_bytes();
        let crc = crc32c::crc32c(&length).rotate_right(15).wrapping_add(0xa282_ead8);
        bytes[offsets[4]..offsets[4] + 8].copy_from_slice(&length);
        bytes[offsets[4] + 8..offsets[4] + 12].copy_from_slice(&crc.to_le_bytes());
    });
    assert_eq!(repaired(dir.path()), "012456789");
}

#[test]
fn steps_that_go_back_and_mixed_kinds_are_notes() {
    let dir = tempfile::tempdir().unwrap();
    write_run(&dir.path().join("run"), |writer| {
        for step in [0, 1, 2, 1, 2] {
            writer.add_scalar("a", 0.5, step);
            writer.add_scalar("b", 0.5, step);
        }
        writer.add_text("a", "text", 3);
    });
    let verify = tfevents(dir.path(), &["verify"]);
    assert_eq!(verify.status, 0, "{verify:?}");
    assert!(verify.stdout.contains("note: steps of \"a\" and 1 other go back from 2 to 1"));
    assert!(verify.stdout.contains("note: tag \"a\" has a value of the kind text after scalar"));
    assert!(verify.stdout.ends_with("0 errors, 2 notes\n"), "{verify:?}");
    assert_eq!(tfevents(dir.path(), &["verify", "--strict"]).status, 1);
}

#[test]
fn files_whose_names_sort_in_another_order_than_their_times_are_a_note() {
    let dir = tempfile::tempdir().unwrap();
    for (name, step) in [("first", 0), ("second", 10)] {
        write_run(&dir.path().join(name), |writer| writer.add_scalar("a", 0.5, step));
    }
    let run = dir.path().join("run");
    std::fs::create_dir(&run).unwrap();
    // The later one, as its first event says, gets the name that sorts first.
    let mut later = std::fs::read(event_file(&dir.path().join("first"))).unwrap();
    let time = 2_000_000_000f64.to_le_bytes();
    let length = u64::from_le_bytes(later[..8].try_into().unwrap()) as usize;
    later[13..21].copy_from_slice(&time);
    let crc = crc32c::crc32c(&later[12..12 + length]).rotate_right(15).wrapping_add(0xa282_ead8);
    later[12 + length..16 + length].copy_from_slice(&crc.to_le_bytes());
    std::fs::write(run.join("events.out.tfevents.1"), later).unwrap();
    std::fs::copy(event_file(&dir.path().join("second")), run.join("events.out.tfevents.2"))
        .unwrap();
    let verify = tfevents(dir.path(), &["verify", "run"]);
    assert_eq!(verify.status, 0);
    assert!(verify.stdout.contains("tfevents.2:0: note: begins "), "{verify:?}");
    assert!(verify.stdout.contains("s before \"events.out.tfevents.1\""), "{verify:?}");
}

#[test]
fn copies_need_a_new_directory() {
    let dir = tempfile::tempdir().unwrap();
    damaged(dir.path(), |_, _| {});
    let verify = tfevents(dir.path(), &["verify", "--repair", "-o", "run"]);
    assert!(verify.status == 2 && verify.stderr.contains("run is not empty"), "{verify:?}");
    assert_eq!(tfevents(dir.path(), &["verify", "--repair"]).status, 2);
}
