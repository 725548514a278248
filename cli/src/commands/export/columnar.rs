//! Parquet, by the `parquet` crate.

use super::batches::{self, Batch, Format, Report, Row, Source};
use super::dictionary::Names;
use super::ordered::in_order;
use super::wide;
use parquet::basic::{Encoding, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{ColumnPath, Type, TypePtr};
use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;

/// How many rows a row group has at most: 28 MiB in memory.
const GROUP: usize = 1 << 20;

/// Returns the error that Parquet's own wraps, and whose message it repeats.
pub(super) fn cause(error: anyhow::Error) -> anyhow::Error {
    match error.downcast() {
        Ok(ParquetError::External(cause)) => anyhow::Error::from_boxed(cause),
        Ok(error) => error.into(),
        Err(error) => error,
    }
}

fn column(name: &str, physical: Physical, repetition: Repetition) -> anyhow::Result<TypePtr> {
    let is_text = physical == Physical::BYTE_ARRAY;
    let logical = is_text.then_some(LogicalType::String);
    let builder = Type::primitive_type_builder(name, physical).with_repetition(repetition);
    Ok(Arc::new(builder.with_logical_type(logical).build()?))
}

type File<'a> = SerializedFileWriter<&'a mut (dyn Write + Send)>;

fn create<'a>(out: &'a mut (dyn Write + Send), columns: Vec<TypePtr>) -> anyhow::Result<File<'a>> {
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!("tfevents ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true);
    for column in columns.iter().filter(|column| {
        // Numbers rarely repeat; steps differ by the same few numbers.
        column.get_physical_type() != Physical::BYTE_ARRAY
    }) {
        let path = ColumnPath::from(vec![column.name().to_owned()]);
        properties = properties.set_column_dictionary_enabled(path.clone(), false);
        if column.get_physical_type() == Physical::INT64 {
            properties = properties.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
        }
    }
    let schema = Type::group_type_builder("points").with_fields(columns).build()?;
    Ok(SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties.build()))?)
}

fn write_column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, &mut (dyn Write + Send)>,
    values: &[T::T],
    definitions: Option<&[i16]>,
) -> anyhow::Result<()> {
    // There are as many columns as the schema has.
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    column.typed::<T>().write_batch(values, definitions, None)?;
    Ok(column.close()?)
}

/// Columns of a row group under construction.
#[derive(Default)]
struct Columns {
    runs: Names,
    tags: Names,
    steps: Vec<i64>,
    wall_times: Vec<f64>,
    values: Vec<f32>,
}

impl Columns {
    fn write(&mut self, file: &mut File<'_>) -> anyhow::Result<()> {
        let [run, tag] = [0, 1].map(|column| file.schema_descr().column(column));
        let mut group = file.next_row_group()?;
        self.runs.write(&mut group, run)?;
        self.tags.write(&mut group, tag)?;
        write_column::<Int64Type>(&mut group, &self.steps, None)?;
        write_column::<DoubleType>(&mut group, &self.wall_times, None)?;
        write_column::<FloatType>(&mut group, &self.values, None)?;
        group.close()?;
        self.steps.clear();
        self.wall_times.clear();
        self.values.clear();
        Ok(())
    }
}

/// Writes run, tag, step, wall time and value.
pub(super) fn write(out: &mut (dyn Write + Send), source: Source) -> anyhow::Result<Report> {
    let required = Repetition::REQUIRED;
    let schema = vec![
        column("run", Physical::BYTE_ARRAY, required)?,
        column("tag", Physical::BYTE_ARRAY, required)?,
        column("step", Physical::INT64, required)?,
        column("wall_time", Physical::DOUBLE, required)?,
        column("value", Physical::FLOAT, required)?,
    ];
    let mut file = create(out, schema)?;
    let mut columns = Columns::default();
    let read = move |send: &mut dyn FnMut(Batch)| batches::read(&source, &TagNames, send);
    // The run of the last batch, and the numbers of its tags in the row group.
    let (mut last_run, mut numbers) = (Arc::<str>::from(""), Vec::new());
    let take = |batch: Batch| {
        if columns.steps.is_empty() || !Arc::ptr_eq(&last_run, &batch.run) {
            last_run = batch.run.clone();
            numbers.clear();
        }
        numbers.resize(batch.labels.len(), None);
        let before = columns.steps.len();
        for row in &batch.rows {
            let Row::Point { label, point } = row else { continue };
            let label = *label as usize;
            let number = match numbers[label] {
                Some(number) => number,
                None => *numbers[label].insert(columns.tags.number(&batch.labels[label])),
            };
            columns.tags.push(number);
            columns.steps.push(point.step);
            columns.wall_times.push(point.wall_time);
            columns.values.push(point.value);
        }
        let run = columns.runs.number(batch.run.as_bytes());
        columns.runs.push_all(run, columns.steps.len() - before);
        if columns.steps.len() >= GROUP { columns.write(&mut file) } else { Ok(()) }
    };
    let report = in_order(read, |batch| batch, take)?;
    if !columns.steps.is_empty() {
        columns.write(&mut file)?;
    }
    file.close()?;
    Ok(report)
}

struct TagNames;

impl Format for TagNames {
    fn label(&self, _: &str, tag: &str) -> Vec<u8> {
        tag.as_bytes().to_vec()
    }
}

/// Writes a row per run and step, with a column per tag.
pub(super) fn write_wide(out: &mut (dyn Write + Send), source: Source) -> anyhow::Result<Report> {
    let tags = wide::Columns::find(&source);
    let width = tags.names.len();
    let mut schema = vec![
        column("run", Physical::BYTE_ARRAY, Repetition::REQUIRED)?,
        column("step", Physical::INT64, Repetition::REQUIRED)?,
    ];
    // A tag may be called like one of the two columns before.
    let mut taken: HashMap<String, u32> = [("run".into(), 1), ("step".into(), 1)].into();
    for tag in &tags.names {
        let count = taken.entry(tag.to_string()).or_default();
        *count += 1;
        let name = if *count == 1 { tag.to_string() } else { format!("{tag}_{count}") };
        schema.push(column(&name, Physical::FLOAT, Repetition::OPTIONAL)?);
    }
    let mut file = create(out, schema)?;
    let read = move |send: &mut dyn FnMut(wide::Rows)| wide::read(&source, &tags, send);
    let report = in_order(
        read,
        |rows| rows,
        |rows| {
            let mut steps = Vec::new();
            let mut columns = vec![(Vec::new(), Vec::new()); width];
            rows.for_each(width, |step, cells| {
                steps.push(step);
                for ((values, definitions), cell) in columns.iter_mut().zip(cells) {
                    definitions.push(i16::from(cell.is_some()));
                    values.extend(*cell);
                }
            });
            if steps.is_empty() {
                return Ok(());
            }
            let run = ByteArray::from(rows.run.as_bytes().to_vec());
            let mut group = file.next_row_group()?;
            write_column::<ByteArrayType>(&mut group, &vec![run; steps.len()], None)?;
            write_column::<Int64Type>(&mut group, &steps, None)?;
            for (values, definitions) in &columns {
                write_column::<FloatType>(&mut group, values, Some(definitions))?;
            }
            group.close()?;
            Ok(())
        },
    )?;
    file.close()?;
    Ok(report)
}
