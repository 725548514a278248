//! Copies the good records of damaged files.

use crate::output::file::NewFile;
use crate::output::numbers::count;
use crate::output::terminal;
use crate::selection::Found;
use anyhow::Context;
use std::fs::{self, File};
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use tfevents::read::{EventReader, ReadErrorKind};

/// The length of a record and its checksum come before the data, the data's checksum after them.
const HEADER: usize = 12;

/// How many bytes are searched for a record at a time.
const CHUNK: usize = 1 << 20;

/// The copied part of a file.
#[derive(Debug, Default)]
struct Copied {
    records: u64,
    lost: u64,
}

/// Copies the good records of all files into a new log directory of the same layout.
pub(super) fn repair(runs: &[Found], out: &Path) -> anyhow::Result<()> {
    let (mut records, mut lost) = (0, 0);
    for found in runs {
        let dir = crate::paths::inside(out, &found.name);
        fs::create_dir_all(&dir).with_context(|| format!("failed to create {}", dir.display()))?;
        for file in found.run.files()? {
            let path = dir.join(file.file_name().unwrap_or_default());
            let copied = copy(&file, &path).with_context(|| {
                format!("failed to copy {} to {}", file.display(), path.display())
            })?;
            if copied.lost > 0 {
                let bytes = count(copied.lost, "byte");
                terminal::note(format_args!("{}: lost {bytes}", file.display()));
            }
            records += copied.records;
            lost += copied.lost;
        }
    }
    let (records, lost) = (count(records, "record"), count(lost, "byte"));
    terminal::note(format_args!("copied {records} to {}, lost {lost}", out.display()));
    Ok(())
}

/// Copies a file without what is no record, or holds no event.
fn copy(from: &Path, to: &Path) -> anyhow::Result<Copied> {
    let mut source = File::open(from)?;
    let len = source.metadata()?.len();
    let mut out = NewFile::create(to)?;
    let mut copied = Copied::default();
    let mut start = 0;
    while start < len {
        let mut file = File::open(from)?;
        file.seek(SeekFrom::Start(start))?;
        let mut events = EventReader::new(file.take(len - start));
        // The good records since the last bad one are copied together.
        let mut good = start;
        let end = loop {
            let offset = start + events.offset();
            match events.next() {
                Some(Ok(_)) => copied.records += 1,
                Some(Err(error)) => {
                    copy_range(&mut source, good, offset, &mut out)?;
                    match error.kind() {
                        ReadErrorKind::DataChecksum { .. } | ReadErrorKind::Decode { .. } => {
                            good = start + events.offset();
                            copied.lost += good - offset;
                        }
                        ReadErrorKind::LengthChecksum { .. } | ReadErrorKind::TooLong { .. } => {
                            good = offset;
                            break offset;
                        }
                        _ => return Err(error.into()),
                    }
                }
                None => break offset,
            }
        };
        copy_range(&mut source, good, end, &mut out)?;
        // The rest is no record, or one that is cut short: another may begin in it.
        let next = find_record(from, end, len)?;
        copied.lost += next - end;
        start = next;
    }
    out.finish()?;
    Ok(copied)
}

fn copy_range(source: &mut File, start: u64, end: u64, out: &mut NewFile) -> anyhow::Result<()> {
    source.seek(SeekFrom::Start(start))?;
    std::io::copy(&mut source.take(end - start), out)?;
    Ok(())
}

/// Finds the first whole, good record after an offset; the end of the file if there is none.
fn find_record(path: &Path, after: u64, len: u64) -> anyhow::Result<u64> {
    let mut file = BufReader::with_capacity(CHUNK, File::open(path)?);
    let mut base = after + 1;
    let mut chunk = Vec::new();
    while base + HEADER as u64 <= len {
        file.seek(SeekFrom::Start(base))?;
        chunk.clear();
        file.by_ref().take(CHUNK as u64).read_to_end(&mut chunk)?;
        for (at, header) in chunk.windows(HEADER).enumerate() {
            let offset = base + at as u64;
            if is_header(header, len - offset) && begins_event(path, offset)? {
                return Ok(offset);
            }
        }
        let searched = chunk.len().saturating_sub(HEADER - 1);
        if searched == 0 {
            break;
        }
        base += searched as u64;
    }
    Ok(len)
}

/// Returns whether the bytes are a length that fits the rest of the file, and its checksum.
fn is_header(header: &[u8], rest: u64) -> bool {
    let (Some(length), Some(crc)) = (header.first_chunk::<8>(), header.last_chunk::<4>()) else {
        return false;
    };
    let expected = crc32c::crc32c(length).rotate_right(15).wrapping_add(0xa282_ead8);
    u64::from_le_bytes(*length).checked_add(16).is_some_and(|whole| whole <= rest)
        && u32::from_le_bytes(*crc) == expected
}

fn begins_event(path: &Path, offset: u64) -> anyhow::Result<bool> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    Ok(EventReader::new(file).next().is_some_and(|event| event.is_ok()))
}
