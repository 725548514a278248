//! Writes the values of epochs to a CSV file.

use super::callback::Callback;
use super::context::Context;
use super::error::{CallbackResult, ConfigError};
use super::logs::{Kind, LogValue, Logs};
use crate::system::WarnOnce;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Writes a row per epoch to a CSV file, as Keras's `CSVLogger`, byte for byte.
///
/// The columns are `epoch` and the names of the first epoch's logs, sorted. If these have no
/// validation, a `val_` column is added for each. A value that is missing is `NA`; a name without
/// a column, or `epoch`, is left out, which is logged once. Rows end in CRLF, and each is in the file when the
/// hook of its epoch returns. A row that cannot be written whole is removed again.
///
/// The file is opened when the logger is created, so that a wrong path is an error before the
/// training. A second training adds its rows under the columns of the first; Keras empties the
/// file.
///
/// ```no_run
/// use tfevents::callbacks::{CallbackList, CsvLogger};
///
/// let mut callbacks = CallbackList::new().with_callback(CsvLogger::create("history.csv")?);
/// callbacks.on_train_begin()?;
/// callbacks.on_epoch_end(0, [("loss", 0.5), ("val_loss", 0.75)])?;
/// callbacks.on_train_end()?;
/// assert_eq!(std::fs::read_to_string("history.csv")?, "epoch,loss,val_loss\r\n0,0.5,0.75\r\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[doc(alias = "CSVLogger")]
pub struct CsvLogger {
    path: PathBuf,
    file: File,
    separator: char,
    header: Header,
    /// Whether the file ends in the middle of a row.
    truncated: bool,
    warned: WarnOnce,
}

/// The columns of the file, `epoch` included.
#[derive(Debug)]
enum Header {
    /// They are those of the first epoch.
    Unknown,
    /// They are in the file. Without the end of its line, the header itself may be truncated.
    Found { columns: Vec<String>, ended: bool },
    /// They are known, but could not be written yet.
    Chosen(Vec<String>),
    /// They are in the file.
    Written(Vec<String>),
}

/// The name of the column of epochs.
const EPOCH: &str = "epoch";

/// The maximum size of a header that is read back.
const MAX_HEADER: u64 = 1 << 20;

/// The first bytes of files that Excel wrote.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Settings for a [`CsvLogger`]; made by [`CsvLogger::builder`].
///
/// ```no_run
/// use tfevents::callbacks::CsvLogger;
///
/// let logger = CsvLogger::builder("history.csv").append(true).separator(';').open()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct CsvLoggerBuilder {
    path: PathBuf,
    append: bool,
    separator: char,
}

/// An error creating a [`CsvLogger`].
///
/// ```
/// use tfevents::callbacks::{CsvLogger, CsvLoggerError};
///
/// let error = CsvLogger::builder("history.csv").separator('"').open().unwrap_err();
/// assert!(matches!(error, CsvLoggerError::Config(_)));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CsvLoggerError {
    /// The separator is a quotation mark or a line break.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The file cannot be opened or, to append to it, read.
    #[error("cannot open the CSV file {}", .path.display())]
    #[non_exhaustive]
    Open {
        /// The file.
        path: PathBuf,
        /// The error of the file system.
        source: io::Error,
    },
}

/// An error writing a row.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to the CSV file {}", .path.display())]
struct WriteError {
    path: PathBuf,
    source: io::Error,
}

impl CsvLogger {
    /// Creates a file with commas. An existing file is overwritten.
    ///
    /// # Errors
    /// Returns an error if the file cannot be created.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, CsvLoggerError> {
        Self::builder(path).open()
    }

    /// Returns a builder with the settings for a logger.
    pub fn builder(path: impl AsRef<Path>) -> CsvLoggerBuilder {
        CsvLoggerBuilder { path: path.as_ref().to_owned(), append: false, separator: ',' }
    }

    /// Returns the columns, and whether they are still to be written.
    fn columns(&mut self, logs: &Logs) -> (Vec<String>, bool) {
        let header = std::mem::replace(&mut self.header, Header::Unknown);
        match header {
            Header::Written(columns) => (columns, false),
            Header::Chosen(columns) => (columns, true),
            Header::Unknown => (columns_of(logs), true),
            Header::Found { columns, ended } => {
                let expected = columns_of(logs);
                if ended || columns.iter().all(|name| expected.contains(name)) {
                    (columns, false)
                } else {
                    (expected, true)
                }
            }
        }
    }

    fn append_row(&self, text: &mut String, cells: impl IntoIterator<Item = String>) {
        for (index, cell) in cells.into_iter().enumerate() {
            if index > 0 {
                text.push(self.separator);
            }
            if cell.contains([self.separator, '"', '\r', '\n']) {
                text.push('"');
                text.push_str(&cell.replace('"', "\"\""));
                text.push('"');
            } else {
                text.push_str(&cell);
            }
        }
        text.push_str("\r\n");
    }

    /// Writes all of the text, or none of it where the file can be shortened again.
    fn write(&mut self, text: &str) -> io::Result<()> {
        let before = self.file.seek(SeekFrom::End(0))?;
        let written = self.file.write_all(text.as_bytes());
        if written.is_err() {
            let removed = self.file.set_len(before);
            if removed.is_err() {
                self.truncated = true;
            }
        }
        written
    }
}

/// Returns the columns for the logs of a first epoch.
fn columns_of(logs: &Logs) -> Vec<String> {
    let names = logs.iter().map(|(name, _)| name);
    let names: Vec<&str> = names.filter(|&name| name != EPOCH).collect();
    let mut columns = vec![EPOCH.to_owned()];
    columns.extend(names.iter().map(|&name| name.to_owned()));
    if !names.iter().any(|name| name.starts_with("val_")) {
        columns.extend(names.iter().map(|name| format!("val_{name}")));
    }
    columns
}

impl CsvLoggerBuilder {
    /// Sets whether rows are added to an existing file, under the columns of its header, instead
    /// of overwriting it. Default: false.
    ///
    /// If the last row of the file is truncated, the first new row begins on a line of its own.
    pub fn append(mut self, append: bool) -> Self {
        self.append = append;
        self
    }

    /// Sets the character between the columns. It must not be a quotation mark or a line break.
    /// Default: a comma.
    pub fn separator(mut self, separator: char) -> Self {
        self.separator = separator;
        self
    }

    /// Opens the file.
    ///
    /// ```no_run
    /// use tfevents::callbacks::CsvLogger;
    ///
    /// let logger = CsvLogger::builder("history.csv").append(true).open()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns an error if the separator is invalid or the file cannot be opened.
    pub fn open(self) -> Result<CsvLogger, CsvLoggerError> {
        let Self { path, append, separator } = self;
        if matches!(separator, '"' | '\r' | '\n') {
            let given = format!("{separator:?}");
            let expected = "a character other than a quotation mark or a line break";
            return Err(ConfigError::new("separator", given, expected).into());
        }
        let opened = if append {
            open_to_append(&path, separator)
        } else {
            File::create(&path).map(|file| (file, Header::Unknown, false))
        };
        match opened {
            Ok((file, header, truncated)) => {
                let warned = WarnOnce::default();
                Ok(CsvLogger { path, file, separator, header, truncated, warned })
            }
            Err(source) => Err(CsvLoggerError::Open { path, source }),
        }
    }
}

/// Opens a file that may exist, and reads its header and whether it ends in a whole row.
fn open_to_append(path: &Path, separator: char) -> io::Result<(File, Header, bool)> {
    let mut options = File::options();
    let mut file = options.read(true).append(true).create(true).open(path)?;
    let (line, ended) = read_header(BufReader::new(&file).take(MAX_HEADER))?;
    if line.is_empty() {
        return Ok((file, Header::Unknown, false));
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    let line = String::from_utf8_lossy(&line);
    let columns = split(line.trim_end_matches(['\r', '\n']), separator);
    Ok((file, Header::Found { columns, ended }, last != *b"\n"))
}

/// Reads the header, without a byte order mark and blank lines before it. Returns whether its line
/// has an end; a line break between quotation marks is none.
fn read_header(mut file: impl BufRead) -> io::Result<(Vec<u8>, bool)> {
    let mut line = Vec::new();
    while file.read_until(b'\n', &mut line)? > 0 {
        if line.starts_with(BYTE_ORDER_MARK) {
            line.drain(..BYTE_ORDER_MARK.len());
        }
        if matches!(line.as_slice(), b"" | b"\n" | b"\r\n") {
            line.clear();
            continue;
        }
        let quotes = line.iter().filter(|&&byte| byte == b'"').count();
        if quotes % 2 == 0 && line.ends_with(b"\n") {
            return Ok((line, true));
        }
    }
    Ok((line, false))
}

/// Splits a row into its cells.
fn split(row: &str, separator: char) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut chars = row.chars().peekable();
    while let Some(char) = chars.next() {
        match (char, cells.last_mut()) {
            ('"', Some(cell)) if quoted && chars.next_if_eq(&'"').is_some() => cell.push('"'),
            ('"', _) => quoted = !quoted,
            (char, _) if char == separator && !quoted => cells.push(String::new()),
            (char, Some(cell)) => cell.push(char),
            (_, None) => {}
        }
    }
    cells
}

impl Callback for CsvLogger {
    fn name(&self) -> &str {
        "CsvLogger"
    }

    fn on_epoch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        let logs = context.logs();
        let (columns, new) = self.columns(logs);
        for (name, _) in logs {
            if name == EPOCH {
                self.warned.warn(name, || {
                    let path = self.path.display();
                    format!("the log {name:?} is left out of {path}: its column counts the epochs")
                });
            } else if !columns.iter().any(|column| column == name) {
                self.warned.warn(name, || {
                    let path = self.path.display();
                    format!("{name:?} is left out of {path}, which has no such column")
                });
            }
        }
        let cells = columns.iter().map(|column| match (column.as_str(), logs.get(column)) {
            (EPOCH, _) => context.epoch().to_string(),
            (_, Some(value)) => cell(value),
            (_, None) => "NA".to_owned(),
        });
        let mut text = String::new();
        if self.truncated {
            text.push_str("\r\n");
        }
        if new {
            self.append_row(&mut text, columns.iter().cloned());
        }
        self.append_row(&mut text, cells);
        let written = self.write(&text);
        self.header = match &written {
            Err(_) if new => Header::Chosen(columns),
            _ => Header::Written(columns),
        };
        match written {
            Ok(()) => {
                self.truncated = false;
                Ok(())
            }
            Err(source) => Err(WriteError { path: self.path.clone(), source }.into()),
        }
    }
}

/// Formats a value as Keras and Python's `csv` do.
fn cell(value: &LogValue) -> String {
    match value.kind() {
        Kind::Float(value) => python_float(*value),
        Kind::Int(value) => value.to_string(),
        Kind::Text(text) => text.clone(),
        Kind::Floats(values) => {
            let mut text = String::from("\"[");
            for (index, value) in values.iter().enumerate() {
                let comma = if index > 0 { ", " } else { "" };
                // Writing to a string does not fail.
                let _ = write!(text, "{comma}{}", python_float(*value));
            }
            text + "]\""
        }
    }
}

/// Formats a number in Python's shortest form: `0.5`, `1.0`, `1e-07`, `1e+16`, `nan`.
pub(super) fn python_float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        format!("{value:?}")
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{digits}e{sign}{:02}", exponent.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::super::CallbackList;
    use super::*;

    #[test]
    fn numbers_look_as_in_python() {
        for (value, text) in [
            (0.5, "0.5"),
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (1e-4, "0.0001"),
            (1.5e-5, "1.5e-05"),
            (1e-7, "1e-07"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.25e300, "1.25e+300"),
            (f64::from(0.075f32), "0.07500000298023224"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(python_float(value), text);
        }
    }

    #[test]
    fn rows_are_split_as_they_are_joined() {
        assert_eq!(split("epoch,loss", ','), ["epoch", "loss"]);
        assert_eq!(split("epoch;\"a;\"\"b\"\"\";", ';'), ["epoch", "a;\"b\"", ""]);
    }

    /// Logs an epoch to a file that exists already, and returns its content.
    fn appended(before: &str, logs: &[(&str, f64)]) -> String {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("history.csv");
        std::fs::write(&path, before).unwrap();
        let logger = CsvLogger::builder(&path).append(true).open().unwrap();
        let mut callbacks = CallbackList::new().with_callback(logger);
        callbacks.on_epoch_end(7, logs.iter().copied()).unwrap();
        std::fs::read_to_string(&path).unwrap()
    }

    #[test]
    fn appended_rows_have_the_columns_of_the_header() {
        let before = "epoch,loss,val_loss\r\n0,1.0,2.0\r\n";
        let logs = [("accuracy", 0.5), ("loss", 0.25)];
        assert_eq!(appended(before, &logs), format!("{before}7,0.25,NA\r\n"));
        // Columns of another order, quoted, without `epoch`.
        assert_eq!(appended("loss,\"accuracy\"\n", &logs), "loss,\"accuracy\"\n0.25,0.5\r\n");
    }

    #[test]
    fn a_truncated_row_is_not_continued() {
        let before = "epoch,loss\r\n0,0.5\r\n1,0.";
        assert_eq!(appended(before, &[("loss", 0.25)]), format!("{before}\r\n7,0.25\r\n"));
    }

    #[test]
    fn a_truncated_header_is_written_again() {
        let logs = [("accuracy", 0.5), ("loss", 0.25), ("val_loss", 0.75)];
        assert_eq!(appended("epoch,loss", &logs), "epoch,loss\r\n7,0.25\r\n");
        let again = "epoch,accuracy,loss,val_loss\r\n7,0.5,0.25,0.75\r\n";
        assert_eq!(appended("epoch,accuracy,lo", &logs), format!("epoch,accuracy,lo\r\n{again}"));
    }

    #[test]
    fn a_header_of_several_lines_is_read_whole() {
        let before = "epoch,\"a\nb\",\"c\r\n\",loss\r\n0,1.0,2.0,3.0\r\n";
        let logs = [("a\nb", 0.5), ("c\r\n", 0.25), ("loss", 0.75)];
        assert_eq!(appended(before, &logs), format!("{before}7,0.5,0.25,0.75\r\n"));
        // A truncated one.
        let before = "epoch,\"a\n";
        let again = "epoch,loss,val_loss\r\n7,0.5,NA\r\n";
        assert_eq!(appended(before, &[("loss", 0.5)]), format!("{before}{again}"));
    }

    #[test]
    fn a_byte_order_mark_and_blank_lines_are_no_part_of_the_header() {
        let logs = [("loss", 0.5), ("val_loss", 0.75)];
        let bom = "\u{feff}epoch,loss,val_loss\r\n";
        assert_eq!(appended(bom, &logs), format!("{bom}7,0.5,0.75\r\n"));
        let blank = "\r\n\nepoch,val_loss\n";
        assert_eq!(appended(blank, &logs), format!("{blank}7,0.75\r\n"));
        for empty in ["", "\u{feff}", "\r\n", "\n\n"] {
            let rows = "epoch,loss,val_loss\r\n7,0.5,0.75\r\n";
            assert_eq!(appended(empty, &logs), format!("{empty}{rows}"));
        }
    }

    #[test]
    fn a_log_named_epoch_is_no_second_column() {
        let logs = [("epoch", 9.0), ("loss", 0.5)];
        assert_eq!(appended("", &logs), "epoch,loss,val_loss\r\n7,0.5,NA\r\n");
    }

    #[test]
    fn a_missing_directory_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("none").join("history.csv");
        let error = CsvLogger::create(&path).unwrap_err().to_string();
        assert!(error.ends_with("history.csv"), "{error}");
    }

    /// A row that does not fit on the disk is removed again, and a later one is whole.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_row_that_cannot_be_written_leaves_no_part() {
        const CHILD: &str = "TFEVENTS_TEST_CSV_CHILD";
        const NAME: &str =
            "callbacks::csv_logger::tests::a_row_that_cannot_be_written_leaves_no_part";
        if let Some(path) = std::env::var_os(CHILD) {
            let mut callbacks = CallbackList::new().with_callback(CsvLogger::create(path).unwrap());
            let mut epochs = 0..1000;
            let mut log = |epoch| callbacks.on_epoch_end(epoch, [("loss", 0.1234567890123)]);
            assert!(epochs.find_map(|epoch| log(epoch).err()).is_some());
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("history.csv");
        // The limit is an error for a process that ignores the signal. An emulator may run it: see `tools/cross`.
        let limited = "trap '' XFSZ; ulimit -f 1; exec $TFEVENTS_RUNNER \"$0\" --exact \"$1\"";
        let mut child = std::process::Command::new("sh");
        child.args(["-c", limited]).arg(std::env::current_exe().unwrap()).arg(NAME);
        let output = child.env(CHILD, &path).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.len() > 400 && text.ends_with(",0.1234567890123,NA\r\n"), "{text:?}");
    }
}
