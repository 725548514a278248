//! A small independent reader, so that no writer is checked by itself.
//!
//! It checks both checksums of every record and knows just enough of protobuf to read the logged
//! values.

use crate::Result;
use crate::work::{TAGS, tags};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// The event files in `dir`, in the order in which TensorBoard reads them.
pub fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.to_string_lossy().contains("tfevents") {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(format!("no event file in {}", dir.display()).into());
    }
    Ok(files)
}

/// How many bytes the event files in `dir` take.
pub fn bytes(dir: &Path) -> Result<u64> {
    files(dir)?.iter().map(|path| Ok(path.metadata()?.len())).sum()
}

/// Checks that `dir` holds every scalar that `threads` threads logged by
/// [`for_each`](crate::work::for_each), each once, in its thread's order, and nothing else; and
/// that the wall times lie in `times`, in seconds since 1970.
pub fn scalars(dir: &Path, threads: usize, calls: u64, times: RangeInclusive<f64>) -> Result<()> {
    let mut places = HashMap::new();
    for thread in 0..threads {
        for (index, tag) in tags(thread).into_iter().enumerate() {
            places.insert(tag, (thread, index));
        }
    }
    let mut next = vec![0; threads];
    values(dir, |event, value| {
        let wrong = |what: &str| Err(format!("{what}: {event:?} {value:?}").into());
        let Some(&(thread, index)) = places.get(value.tag) else { return wrong("unknown tag") };
        let Some(number) = value.number else { return wrong("no scalar") };
        let due: u64 = next[thread];
        if (number, index) != (due as f32, (due % TAGS as u64) as usize) {
            return wrong(&format!("call {due} is due"));
        }
        if event.step != (due / TAGS as u64) as i64 {
            return wrong("another step");
        }
        if !times.contains(&event.wall_time) {
            return wrong(&format!("not in {times:?}"));
        }
        next[thread] += 1;
        Ok(())
    })?;
    match next.iter().find(|&&count| count != calls) {
        Some(count) => Err(format!("{count} of {calls} scalars are in the file").into()),
        None => Ok(()),
    }
}

/// Checks that `dir` holds a scalar of this tag for each of so many epochs, and nothing else.
pub fn epochs(dir: &Path, tag: &str, epochs: i64) -> Result<()> {
    let mut next = 0;
    self::values(dir, |event, value| {
        let due = value.tag == tag && value.number.is_some() && event.step == next;
        next += 1;
        if due { Ok(()) } else { Err(format!("not of an epoch: {event:?} {value:?}").into()) }
    })?;
    if next == epochs { Ok(()) } else { Err(format!("{next} of {epochs} epochs").into()) }
}

/// Checks that `dir` holds `calls` histograms of `values` values each.
pub fn histograms(dir: &Path, calls: u64, values: u64) -> Result<()> {
    let mut found = 0;
    self::values(dir, |_, value| match value.histogram {
        Some(count) if count == values as f64 => {
            found += 1;
            Ok(())
        }
        other => Err(format!("a histogram of {other:?} values, not {values}").into()),
    })?;
    if found == calls { Ok(()) } else { Err(format!("{found} of {calls} histograms").into()) }
}

/// Checks that `dir` holds `calls` images of just these RGB pixels.
pub fn images(dir: &Path, calls: u64, pixels: &[u8]) -> Result<()> {
    let mut found = 0;
    self::values(dir, |_, value| {
        let encoded = value.image.ok_or("no image")?;
        let mut reader = png::Decoder::new(std::io::Cursor::new(encoded)).read_info()?;
        let mut decoded = vec![0; reader.output_buffer_size().ok_or("too large an image")?];
        let info = reader.next_frame(&mut decoded)?;
        if info.color_type != png::ColorType::Rgb || decoded[..info.buffer_size()] != *pixels {
            return Err("another image".into());
        }
        found += 1;
        Ok(())
    })?;
    if found == calls { Ok(()) } else { Err(format!("{found} of {calls} images").into()) }
}

#[derive(Clone, Copy, Debug, Default)]
struct Event {
    wall_time: f64,
    step: i64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Value<'a> {
    tag: &'a str,
    number: Option<f32>,
    /// How many values a histogram counts.
    histogram: Option<f64>,
    image: Option<&'a [u8]>,
}

/// Calls `each` with every value of every summary in `dir`.
fn values(dir: &Path, mut each: impl FnMut(Event, Value<'_>) -> Result<()>) -> Result<()> {
    for path in files(dir)? {
        let mut offset = 0;
        let mut reader = BufReader::with_capacity(1 << 20, File::open(&path)?);
        let mut data = Vec::new();
        while record(&mut reader, &mut data)? {
            value_of(&data, &mut each).map_err(|error| format!("at byte {offset}: {error}"))?;
            offset += data.len() + 16;
        }
    }
    Ok(())
}

/// Reads the next record's data; false at the end of the file.
fn record(reader: &mut impl Read, data: &mut Vec<u8>) -> Result<bool> {
    let mut header = Vec::with_capacity(12);
    reader.by_ref().take(12).read_to_end(&mut header)?;
    if header.is_empty() {
        return Ok(false);
    }
    let length = header.first_chunk().ok_or("a truncated header")?;
    if masked_crc(length).to_le_bytes() != header[8..] {
        return Err("a length's checksum is wrong".into());
    }
    data.clear();
    let length = u64::from_le_bytes(*length);
    reader.by_ref().take(length).read_to_end(data)?;
    let mut checksum = [0; 4];
    reader.read_exact(&mut checksum)?;
    if masked_crc(data).to_le_bytes() != checksum {
        return Err("a record's checksum is wrong".into());
    }
    Ok(true)
}

/// The checksum that stands in event files.
pub fn masked_crc(data: &[u8]) -> u32 {
    crc32c::crc32c(data).rotate_right(15).wrapping_add(0xa282_ead8)
}

fn value_of(data: &[u8], each: &mut impl FnMut(Event, Value<'_>) -> Result<()>) -> Result<()> {
    let mut event = Event::default();
    let mut summary: &[u8] = &[];
    for field in fields(data) {
        match field? {
            (1, Field::Fixed64(bits)) => event.wall_time = f64::from_bits(bits),
            (2, Field::Varint(step)) => event.step = step as i64,
            (5, Field::Bytes(bytes)) => summary = bytes,
            _ => {}
        }
    }
    for field in fields(summary) {
        if let (1, Field::Bytes(bytes)) = field? {
            each(event, value(bytes)?)?;
        }
    }
    Ok(())
}

fn value(data: &[u8]) -> Result<Value<'_>> {
    let mut value = Value::default();
    for field in fields(data) {
        match field? {
            (1, Field::Bytes(tag)) => value.tag = std::str::from_utf8(tag)?,
            (2, Field::Fixed32(bits)) => value.number = Some(f32::from_bits(bits)),
            (4, Field::Bytes(image)) => value.image = bytes_field(image, 4)?,
            (5, Field::Bytes(histogram)) => value.histogram = Some(legacy_histogram(histogram)?),
            (8, Field::Bytes(tensor)) => read_tensor(tensor, &mut value)?,
            _ => {}
        }
    }
    Ok(value)
}

fn bytes_field(data: &[u8], wanted: u64) -> Result<Option<&[u8]>> {
    let mut found = None;
    for field in fields(data) {
        match field? {
            (number, Field::Bytes(bytes)) if number == wanted => found = Some(bytes),
            _ => {}
        }
    }
    Ok(found)
}

fn doubles(data: &[u8]) -> impl Iterator<Item = f64> {
    data.chunks_exact(8).map(|bytes| {
        let bytes = bytes.try_into().expect("chunks of eight bytes");
        f64::from_le_bytes(bytes)
    })
}

/// The sum of a `HistogramProto`'s counts.
fn legacy_histogram(data: &[u8]) -> Result<f64> {
    let mut sum = 0.0;
    for field in fields(data) {
        match field? {
            (7, Field::Bytes(counts)) => sum += doubles(counts).sum::<f64>(),
            (7, Field::Fixed64(count)) => sum += f64::from_bits(count),
            _ => {}
        }
    }
    Ok(sum)
}

fn read_tensor<'a>(data: &'a [u8], value: &mut Value<'a>) -> Result<()> {
    const FLOAT: u64 = 1;
    const DOUBLE: u64 = 2;
    const STRING: u64 = 7;
    let mut kind = 0;
    let mut content: &[u8] = &[];
    let mut last_string = None;
    for field in fields(data) {
        match field? {
            (1, Field::Varint(number)) => kind = number,
            (4..=6, Field::Bytes(bytes)) => content = bytes,
            (8, Field::Bytes(string)) => last_string = Some(string),
            _ => {}
        }
    }
    match kind {
        FLOAT => value.number = Some(f32::from_le_bytes(content.try_into()?)),
        // Rows of left, right, count.
        DOUBLE => value.histogram = Some(doubles(content).skip(2).step_by(3).sum()),
        STRING => value.image = last_string,
        _ => {}
    }
    Ok(())
}

#[derive(Clone, Copy, Debug)]
enum Field<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    Fixed32(u32),
}

fn fields(mut data: &[u8]) -> impl Iterator<Item = Result<(u64, Field<'_>)>> {
    std::iter::from_fn(move || {
        if data.is_empty() {
            return None;
        }
        let field = take_field(&mut data);
        if field.is_none() {
            data = &[];
        }
        Some(field.ok_or_else(|| "bytes that are no protobuf".into()))
    })
}

fn take_field<'a>(data: &mut &'a [u8]) -> Option<(u64, Field<'a>)> {
    let key = take_varint(data)?;
    let field = match key & 7 {
        0 => Field::Varint(take_varint(data)?),
        1 => Field::Fixed64(u64::from_le_bytes(*take(data, 8)?.first_chunk()?)),
        2 => {
            let len = usize::try_from(take_varint(data)?).ok()?;
            Field::Bytes(take(data, len)?)
        }
        5 => Field::Fixed32(u32::from_le_bytes(*take(data, 4)?.first_chunk()?)),
        _ => return None,
    };
    Some((key >> 3, field))
}

fn take<'a>(data: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (taken, rest) = data.split_at_checked(len)?;
    *data = rest;
    Some(taken)
}

fn take_varint(data: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(data, 1)?[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peers::bare;

    const CALLS: u64 = 25;
    const EVER: RangeInclusive<f64> = 0.0..=f64::MAX;

    fn records() -> Vec<Vec<u8>> {
        let file = bare::file::<bare::Ours>(&tags(0), CALLS);
        let mut rest = &file[..];
        let mut records = Vec::new();
        while let Some(length) = rest.first_chunk().copied() {
            let (record, others) = rest.split_at(u64::from_le_bytes(length) as usize + 16);
            records.push(record.to_vec());
            rest = others;
        }
        records
    }

    fn read(bytes: &[u8], times: RangeInclusive<f64>) -> Result<()> {
        let dir = tempfile::tempdir()?;
        std::fs::write(dir.path().join("events.out.tfevents.1"), bytes)?;
        scalars(dir.path(), 1, CALLS, times)
    }

    #[test]
    fn a_whole_file_passes() {
        read(&records().concat(), EVER).unwrap();
    }

    #[test]
    fn lost_repeated_and_moved_events_are_found() {
        type Spoil = fn(&mut Vec<Vec<u8>>);
        let spoil: [(&str, Spoil); 5] = [
            ("lost", |records| drop(records.remove(7))),
            ("lost at the end", |records| drop(records.pop())),
            ("repeated", |records| records.insert(7, records[7].clone())),
            ("moved", |records| records.swap(7, 8)),
            ("moved by a whole step", |records| records.swap(7, 17)),
        ];
        for (what, spoil) in spoil {
            let mut records = records();
            spoil(&mut records);
            assert!(read(&records.concat(), EVER).is_err(), "{what}");
        }
    }

    #[test]
    fn truncated_and_flipped_files_are_found() {
        let file = records().concat();
        for len in [file.len() - 1, file.len() - 5, 3] {
            assert!(read(&file[..len], EVER).is_err(), "{len}");
        }
        for at in 0..file.len() {
            let mut file = file.clone();
            file[at] ^= 4;
            assert!(read(&file, EVER).is_err(), "{at}");
        }
    }

    #[test]
    fn a_wall_time_of_another_day_is_found() {
        assert!(read(&records().concat(), 0.0..=1.0).is_err());
    }
}
