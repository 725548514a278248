//! Passes over a run: against the same method without a library around it, with columns kept, on
//! two threads, and of images. TensorBoard's data server loads the same file.

use super::{Setup, in_turn, nanos};
use crate::report::Report;
use crate::{Result, process};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;
use tfevents::read::{Entry, LogDir, Points, Run};
use tfevents::{Image, SummaryWriter};

pub const PASS: &str = "a pass over 5M scalars, checksums verified";
pub const COLUMNS: &str = "5M scalars read into columns";
pub const TWO_RUNS: &str = "two runs of 5M scalars";
pub const TWO_FILES: &str = "a run of two files of 5M scalars";
pub const IMAGES: &str = "1000 images of 100 KB read";
pub const MEMORY: &str = "peak memory of a pass above the empty program";
pub const OURS: &str = "tfevents";
pub const METHOD: &str = "the method alone";
pub const ONE_THREAD: &str = "tfevents, 1 thread";
pub const TWO_THREADS: &str = "tfevents, 2 threads";
pub const PLAIN: &str = "plain read with CRC-32C";
pub const DATA_SERVER: &str = "TensorBoard's data server";

const SCALARS: u64 = 5_000_000;
const PICTURES: usize = 1000;
const PICTURE_BYTES: usize = 100_000;

/// Writes the scalars of a run.
fn write(dir: &Path) -> Result<()> {
    let writer = SummaryWriter::new(dir)?;
    crate::work::for_each(&crate::work::tags(0), SCALARS, |tag, value, step| {
        writer.add_scalar(tag.name, value, step);
    });
    Ok(writer.close()?)
}

pub fn round(setup: &Setup, report: &mut Report, round: usize) -> Result<()> {
    let dir = setup.place.fresh()?;
    let first = dir.path().join("first");
    write(&first)?;
    let run = Run::open(&first)?;
    let file = run.files()?.remove(0);
    for (name, pass) in in_turn(&[(OURS, true), (METHOD, false)], round) {
        let begun = Instant::now();
        let (count, sum) = if *pass { ours(&run)? } else { method::walk(&file)? };
        let time = nanos(begun.elapsed()) / SCALARS as f64;
        let expected = (0..SCALARS).map(|value| value as f32).map(f64::from).sum::<f64>();
        if (count, sum) != (SCALARS, expected) {
            return Err(format!("{name}: {count} scalars of the sum {sum}").into());
        }
        report.add(PASS, name, "ns per scalar", time);
    }
    let begun = Instant::now();
    let columns = run.all_scalars()?;
    let time = nanos(begun.elapsed()) / SCALARS as f64;
    let count: usize = columns.iter().map(|(_, points)| points.len()).sum();
    if count as u64 != SCALARS {
        return Err(format!("{count} scalars in columns").into());
    }
    report.add(COLUMNS, OURS, "ns per scalar", time);
    data_server(setup, report, &first)?;

    let second = dir.path().join("second");
    std::fs::create_dir(&second)?;
    std::fs::copy(&file, second.join(file.file_name().ok_or("a file has a name")?))?;
    for (name, threads) in in_turn(&[(ONE_THREAD, 1), (TWO_THREADS, 2)], round) {
        let logdir = LogDir::open(dir.path())?.with_threads(*threads);
        let begun = Instant::now();
        for points in logdir.map_runs(|run| run.index().map(|index| index.points())) {
            assert_eq!(points?, SCALARS);
        }
        report.add(TWO_RUNS, name, "ms", super::millis(begun.elapsed()));
    }
    let name = file.file_name().ok_or("a file has a name")?.to_string_lossy();
    std::fs::rename(&file, second.join(format!("{name}.2")))?;
    let run = Run::open(&second)?.with_points(Points::Raw);
    for (name, threads) in in_turn(&[(ONE_THREAD, 1), (TWO_THREADS, 2)], round) {
        let run = run.clone().with_threads(*threads);
        let begun = Instant::now();
        assert_eq!(run.index()?.points(), 2 * SCALARS);
        report.add(TWO_FILES, name, "ms", super::millis(begun.elapsed()));
    }
    drop(dir);
    images(setup, report, round)
}

fn ours(run: &Run) -> Result<(u64, f64)> {
    let (mut count, mut sum) = (0, 0.0);
    run.scan().for_each(|_, entry| {
        if let Entry::Scalar { point, .. } = entry {
            count += 1;
            sum += f64::from(point.value);
        }
    })?;
    Ok((count, sum))
}

fn images(setup: &Setup, report: &mut Report, round: usize) -> Result<()> {
    let dir = setup.place.fresh()?;
    let writer = SummaryWriter::new(dir.path())?;
    // The beginning of a PNG file, and bytes that are not looked at.
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01".to_vec();
    bytes.resize(PICTURE_BYTES, 7);
    for step in 0..PICTURES {
        bytes[PICTURE_BYTES - 1] = step as u8;
        writer.add_image("picture", &Image::from_encoded(bytes.clone())?, step);
    }
    writer.close()?;
    let run = Run::open(dir.path())?;
    let file = run.files()?.remove(0);
    for (name, ours) in in_turn(&[(OURS, true), (PLAIN, false)], round) {
        let begun = Instant::now();
        if *ours {
            let mut found = 0;
            run.scan().for_each(|_, entry| {
                let Entry::Value { value, .. } = entry else { return };
                if let Ok(tfevents::read::ValueData::Images(images)) = value.data() {
                    found += images.encoded[0].len();
                }
            })?;
            assert_eq!(found, PICTURES * PICTURE_BYTES);
        } else {
            let mut input = std::fs::File::open(&file)?;
            let mut buffer = vec![0; 256 << 10];
            let mut crc = 0;
            loop {
                let read = input.read(&mut buffer)?;
                if read == 0 {
                    break;
                }
                crc = crc32c::crc32c_append(crc, &buffer[..read]);
            }
            std::hint::black_box(crc);
        }
        report.add(IMAGES, name, "ms", super::millis(begun.elapsed()));
    }
    Ok(())
}

/// The time that the data server says its first load takes.
fn data_server(setup: &Setup, report: &mut Report, run: &Path) -> Result<()> {
    let find = "import tensorboard_data_server as s; print(s.server_binary() or '')";
    let found = Command::new(&setup.python).args(["-c", find]).output();
    let server = found.ok().filter(|output| output.status.success());
    let server = server.and_then(|output| Some(String::from_utf8(output.stdout).ok()?));
    let Some(server) = server.as_deref().map(str::trim).filter(|path| !path.is_empty()) else {
        let python = setup.python.display();
        report.note(format!("{DATA_SERVER}: {python} has no tensorboard-data-server"));
        return Ok(());
    };
    let mut command = Command::new(server);
    command.args(["--reload", "once", "--port", "0", "-v", "--logdir"]).arg(run);
    let begun = Instant::now();
    let child = command.stdin(Stdio::null()).stderr(Stdio::piped()).stdout(Stdio::null());
    let mut child = child.spawn()?;
    let log = BufReader::new(child.stderr.take().ok_or("a pipe")?);
    let finished = log.lines().map_while(Result::ok).find(|line| line.contains("Finished load"));
    let time = nanos(begun.elapsed()) / SCALARS as f64;
    let _ = child.kill();
    let _ = child.wait();
    finished.ok_or("the data server did not load the run")?;
    report.add(COLUMNS, DATA_SERVER, "ns per scalar", time);
    Ok(())
}

/// The memory of a pass, in a process of its own.
pub fn memory(setup: &Setup, report: &mut Report) -> Result<()> {
    let dir = setup.place.fresh()?;
    write(dir.path())?;
    let peak = |what: &str| -> Result<Option<u64>> {
        let (out, _) = process::output(&mut process::child(what, 0, dir.path())?)?;
        Ok(out.trim().parse().ok())
    };
    let (Some(empty), Some(pass)) = (peak("nothing")?, peak(CHILD)?) else { return Ok(()) };
    report.add(MEMORY, OURS, "MiB", pass.saturating_sub(empty) as f64 / f64::from(1 << 20));
    Ok(())
}

/// The child that makes a pass.
pub const CHILD: &str = "pass";

pub fn child(dir: &Path) -> Result<()> {
    ours(&Run::open(dir)?)?;
    Ok(())
}

/// Frames walked in a buffer, both checksums by the processor's instruction, events decoded in
/// place, each tag compared with the one that is expected: no errors, no other layouts.
mod method {
    use crate::Result;
    use std::io::Read;
    use std::path::Path;

    #[cfg(target_arch = "x86_64")]
    pub fn walk(file: &Path) -> Result<(u64, f64)> {
        if !std::arch::is_x86_feature_detected!("sse4.2") {
            return Err("this processor has no SSE 4.2".into());
        }
        // SAFETY: the processor has SSE 4.2.
        unsafe { walk_with(file, |data| masked(data)) }
    }

    #[cfg(not(target_arch = "x86_64"))]
    pub fn walk(file: &Path) -> Result<(u64, f64)> {
        unsafe { walk_with(file, |data| crate::read_back::masked_crc(data)) }
    }

    /// # Safety
    /// The processor must have SSE 4.2.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "sse4.2")]
    unsafe fn masked(mut data: &[u8]) -> u32 {
        use std::arch::x86_64::{_mm_crc32_u8, _mm_crc32_u64};
        let mut crc = u64::from(u32::MAX);
        while let Some((bytes, rest)) = data.split_first_chunk() {
            crc = _mm_crc32_u64(crc, u64::from_le_bytes(*bytes));
            data = rest;
        }
        let crc = data.iter().fold(crc as u32, |crc, &byte| _mm_crc32_u8(crc, byte));
        (!crc).rotate_right(15).wrapping_add(0xa282_ead8)
    }

    /// # Safety
    /// That of `masked`.
    #[cfg_attr(target_arch = "x86_64", target_feature(enable = "sse4.2"))]
    unsafe fn walk_with(file: &Path, masked: unsafe fn(&[u8]) -> u32) -> Result<(u64, f64)> {
        let mut input = std::fs::File::open(file)?;
        let mut buffer = vec![0; 1 << 20];
        let (mut start, mut end) = (0, 0);
        let (mut count, mut sum) = (0, 0.0);
        let (mut tags, mut expected): (Vec<Vec<u8>>, _) = (Vec::new(), 0);
        loop {
            buffer.copy_within(start..end, 0);
            (end, start) = (end - start, 0);
            let read = input.read(&mut buffer[end..])?;
            if read == 0 {
                return Ok((count, sum));
            }
            end += read;
            while end - start >= 16 {
                let (length, crc) = buffer[start..start + 12].split_at(8);
                let len = u64::from_le_bytes(length.try_into()?) as usize;
                // SAFETY: the caller guarantees it.
                if unsafe { masked(length) } != u32::from_le_bytes(crc.try_into()?) {
                    return Err("a damaged length".into());
                }
                if end - start < len + 16 {
                    break;
                }
                let (data, crc) = buffer[start + 12..start + 16 + len].split_at(len);
                // SAFETY: the caller guarantees it.
                if unsafe { masked(data) } != u32::from_le_bytes(crc.try_into()?) {
                    return Err("damaged data".into());
                }
                start += len + 16;
                let Some((tag, value)) = scalar(data) else { continue };
                if tags.get(expected).is_none_or(|known| known != tag) {
                    expected = tags.iter().position(|known| known == tag).unwrap_or(tags.len());
                    if expected == tags.len() {
                        tags.push(tag.to_owned());
                    }
                }
                expected = if expected + 1 < tags.len() { expected + 1 } else { 0 };
                count += 1;
                sum += f64::from(value);
            }
        }
    }

    /// Tag and value of an event whose lengths take a byte each.
    #[inline(always)]
    fn scalar(data: &[u8]) -> Option<(&[u8], f32)> {
        let mut rest = data.strip_prefix(&[9])?.get(8..)?;
        if let [0x10, after @ ..] = rest {
            let varint = after.iter().position(|byte| *byte < 128)?;
            rest = &after[varint + 1..];
        }
        let [0x2a, _, 0x0a, _, 0x0a, len, rest @ ..] = rest else { return None };
        let (tag, rest) = rest.split_at_checked(usize::from(*len))?;
        let [0x15, bytes @ ..] = rest else { return None };
        Some((tag, f32::from_le_bytes(*bytes.first_chunk()?)))
    }
}
