//! Columns of a Parquet file with few different names.
//!
//! The `parquet` crate looks up each value in a hash table, which takes longer than all else about
//! a point. Here a row has the number of its name already.

use crate::output::numbers::push_varint;
use anyhow::Context;
use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::ByteArray;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, SerializedRowGroupWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;
use std::collections::HashMap;
use std::io::Write;

/// How many rows a page has at most.
const PAGE: usize = 1 << 16;

/// The names of a column in a row group, and the number of each row's name.
#[derive(Default)]
pub(super) struct Names {
    numbers: HashMap<Box<[u8]>, u32>,
    /// All names, each after its length.
    encoded: Vec<u8>,
    rows: Vec<u32>,
}

impl Names {
    /// Returns the number of a name, which is a new one for a new name.
    pub(super) fn number(&mut self, name: &[u8]) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.numbers.len() as u32;
        self.numbers.insert(name.into(), number);
        self.encoded.extend_from_slice(&(name.len() as u32).to_le_bytes());
        self.encoded.extend_from_slice(name);
        number
    }

    /// Adds a row with the name of a number.
    pub(super) fn push(&mut self, number: u32) {
        self.rows.push(number);
    }

    /// Adds so many rows with the name of a number.
    pub(super) fn push_all(&mut self, number: u32, rows: usize) {
        self.rows.resize(self.rows.len() + rows, number);
    }

    /// Writes the next column of a row group, and removes all rows and names.
    pub(super) fn write<W: Write + Send>(
        &mut self,
        group: &mut SerializedRowGroupWriter<'_, W>,
        column: ColumnDescPtr,
    ) -> anyhow::Result<()> {
        let mut chunk = TrackedWrite::new(Vec::new());
        let mut pages = SerializedPageWriter::new(&mut chunk);
        let dictionary = Page::DictionaryPage {
            buf: std::mem::take(&mut self.encoded).into(),
            num_values: self.numbers.len() as u32,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        let len = dictionary.buffer().len();
        let data_offset = pages.write_page(CompressedPage::new(dictionary, len))?.bytes_written;
        let width = u32::BITS - (self.numbers.len() as u32).saturating_sub(1).leading_zeros();
        for rows in self.rows.chunks(PAGE) {
            let encoded = encode(rows, width.max(1));
            let len = encoded.len();
            let page = Page::DataPage {
                buf: encoded.into(),
                num_values: rows.len() as u32,
                encoding: Encoding::RLE_DICTIONARY,
                def_level_encoding: Encoding::RLE,
                rep_level_encoding: Encoding::RLE,
                statistics: None,
            };
            pages.write_page(CompressedPage::new(page, len))?;
        }
        let chunk = Bytes::from(chunk.into_inner()?);
        let [min, max] = [self.numbers.keys().min(), self.numbers.keys().max()];
        let [min, max] = [min, max].map(|name| name.map(|name| ByteArray::from(name.to_vec())));
        let metadata = ColumnChunkMetaData::builder(column)
            .set_encodings(vec![Encoding::PLAIN, Encoding::RLE, Encoding::RLE_DICTIONARY])
            .set_num_values(self.rows.len() as i64)
            .set_total_compressed_size(chunk.len() as i64)
            .set_total_uncompressed_size(chunk.len() as i64)
            .set_dictionary_page_offset(Some(0))
            .set_data_page_offset(data_offset as i64)
            .set_statistics(Statistics::byte_array(min, max, None, Some(0), false))
            .build()
            .context("failed to describe a column")?;
        let closed = ColumnCloseResult {
            bytes_written: chunk.len() as u64,
            rows_written: self.rows.len() as u64,
            metadata,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        group.append_column(&chunk, closed)?;
        self.numbers.clear();
        self.rows.clear();
        Ok(())
    }
}

/// Encodes numbers of at most so many bits: the width, and one run, either of a number that repeats or of
/// packed bits.
fn encode(numbers: &[u32], width: u32) -> Vec<u8> {
    let mut out = vec![width as u8];
    let Some(&first) = numbers.first() else { return out };
    if numbers.iter().all(|number| *number == first) {
        push_varint(&mut out, (numbers.len() << 1) as u64);
        out.extend_from_slice(&first.to_le_bytes()[..width.div_ceil(8) as usize]);
        return out;
    }
    // A group of eight numbers takes as many bytes as a number takes bits.
    let groups = numbers.len().div_ceil(8);
    out.reserve_exact(groups * width as usize + 16);
    push_varint(&mut out, (groups << 1 | 1) as u64);
    let end = out.len() + groups * width as usize;
    let (mut bits, mut len) = (0u64, 0);
    for number in numbers {
        bits |= u64::from(*number) << len;
        len += width;
        if len >= 32 {
            out.extend_from_slice(&(bits as u32).to_le_bytes());
            bits >>= 32;
            len -= 32;
        }
    }
    out.extend_from_slice(&bits.to_le_bytes());
    // The last group is filled up with zeros.
    out.resize(end, 0);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::basic::{LogicalType, Repetition, Type as Physical};
    use parquet::column::reader::ColumnReader;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::types::Type;
    use std::sync::Arc;

    /// Writes a row group for each list of rows, and reads all of them by the crate's reader.
    fn written_and_read(groups: &[Vec<u32>], names: u32) -> Vec<String> {
        let column = Type::primitive_type_builder("tag", Physical::BYTE_ARRAY)
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(Some(LogicalType::String));
        let fields = vec![Arc::new(column.build().unwrap())];
        let schema = Type::group_type_builder("points").with_fields(fields).build().unwrap();
        let mut file = Vec::new();
        let mut writer =
            SerializedFileWriter::new(&mut file, Arc::new(schema), Arc::default()).unwrap();
        let mut column = Names::default();
        for rows in groups {
            let descriptor = writer.schema_descr().column(0);
            let mut group = writer.next_row_group().unwrap();
            let numbers: Vec<_> =
                (0..names).map(|name| column.number(format!("tag{name}").as_bytes())).collect();
            assert_eq!(column.number(b"tag0"), numbers[0]);
            rows.iter().for_each(|row| column.push(numbers[*row as usize]));
            column.write(&mut group, descriptor).unwrap();
            group.close().unwrap();
        }
        writer.close().unwrap();
        let reader = SerializedFileReader::new(Bytes::from(file)).unwrap();
        let mut found = Vec::new();
        for (group, rows) in groups.iter().enumerate() {
            let statistics = reader.metadata().row_group(group).column(0).statistics().unwrap();
            assert_eq!(statistics.min_bytes_opt(), Some(&b"tag0"[..]));
            let group = reader.get_row_group(group).unwrap();
            let ColumnReader::ByteArrayColumnReader(mut column) =
                group.get_column_reader(0).unwrap()
            else {
                panic!()
            };
            let mut values = Vec::new();
            column.read_records(rows.len() + 1, None, None, &mut values).unwrap();
            found.extend(values.iter().map(|name| name.as_utf8().unwrap().to_owned()));
        }
        found
    }

    #[test]
    fn names_are_read_back() {
        for names in [1, 2, 3, 5, 8, 9, 200, 300, 70_000] {
            let rows = |len: u32| (0..len).map(|row| row * 7919 % names).collect::<Vec<_>>();
            let groups = [rows(PAGE as u32 + 3), vec![names - 1; 20], rows(1), rows(17)];
            let expected: Vec<_> = groups.iter().flatten().map(|row| format!("tag{row}")).collect();
            assert!(written_and_read(&groups, names) == expected, "{names} names");
        }
    }
}
