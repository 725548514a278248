//! The frame around each event: length, its checksum, the data, its checksum.
//!
//! A record is written in two steps, so that the thread that logs need not compute checksums:
//! [`write`], or [`open`] and [`close`], write it without checksums, and [`seal`] adds those of a whole
//! block of records later.

use super::crc;
use byteorder::{ByteOrder, LittleEndian};

/// The length of the header, which precedes the data: a u64 length and its u32 checksum.
pub(crate) const HEADER: usize = 12;
/// The length of the footer, which follows the data: its u32 checksum.
pub(crate) const FOOTER: usize = 4;

/// Begins a record at the end of `out`, and returns its start. The caller appends the data, and then
/// calls [`close`].
#[inline]
pub(crate) fn open(out: &mut Vec<u8>) -> usize {
    let start = out.len();
    out.extend_from_slice(&[0; HEADER]);
    start
}

/// Ends the record that [`open`] began at `start`, without its checksums.
#[inline]
pub(crate) fn close(out: &mut Vec<u8>, start: usize) {
    let len = out.len() - start - HEADER;
    LittleEndian::write_u64(&mut out[start..], len as u64);
    out.extend_from_slice(&[0; FOOTER]);
}

/// Writes a record without its checksums to the front of `out`, and returns its length. `data` writes
/// its data to the front of its argument, and returns their length.
#[inline]
pub(crate) fn write(out: &mut [u8], data: impl FnOnce(&mut [u8]) -> usize) -> usize {
    let (header, rest) = out.split_at_mut(HEADER);
    let len = data(rest);
    LittleEndian::write_u64(header, len as u64);
    HEADER + len + FOOTER
}

/// Returns the length of the first record of `records`, header and footer included.
///
/// `records` must have been written by this module.
pub(crate) fn first_len(records: &[u8]) -> usize {
    HEADER + LittleEndian::read_u64(records) as usize + FOOTER
}

/// Adds the checksums of all records in a block of complete ones.
pub(crate) fn seal(mut records: &mut [u8]) {
    while !records.is_empty() {
        let (record, rest) = records.split_at_mut(first_len(records));
        let (header, body) = record.split_at_mut(HEADER);
        let (data, footer) = body.split_at_mut(body.len() - FOOTER);
        let len = crc::masked_len(data.len() as u64);
        LittleEndian::write_u32(&mut header[8..], len);
        LittleEndian::write_u32(footer, crc::masked(data));
        records = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_as_tensorflow_does() {
        // The first record of a file that Keras 3.15.1 wrote.
        let file = include_bytes!("../../tests/data/keras_head.bin");
        let data = &file[HEADER..file.len() - FOOTER];
        let mut out = Vec::new();
        for _ in 0..2 {
            let start = open(&mut out);
            out.extend_from_slice(data);
            close(&mut out, start);
        }
        seal(&mut out);
        assert_eq!(out, [&file[..], &file[..]].concat());
        assert_eq!(first_len(&out), file.len());

        // The previous contents of the buffer do not matter.
        let mut out = [0xff; 1000];
        let len = write(&mut out, |out| {
            out[..data.len()].copy_from_slice(data);
            data.len()
        });
        seal(&mut out[..len]);
        assert_eq!(out[..len], file[..]);
    }

    #[test]
    fn an_empty_record_has_its_checksums() {
        let mut out = Vec::new();
        let start = open(&mut out);
        close(&mut out, start);
        seal(&mut out);
        assert_eq!(out.len(), HEADER + FOOTER);
        assert_eq!(out[8..12], crc::masked(&[0; 8]).to_le_bytes());
        assert_eq!(out[12..], crc::masked(&[]).to_le_bytes());
    }
}
