//! What every epoch reported, as a CSV file.

use super::{Callback, CallbackResult, ConfigError, Context, LogValue};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Writes a row per epoch to a CSV file, as Keras's callback of this name, byte for byte.
///
/// The columns are `epoch` and the names of what the first epoch reports, sorted. If it has no
/// validation, a `val_` column is added for each. A value that is missing later is `NA`, a name
/// that appears later is left out. Rows end in CRLF, and each is in the file when its epoch's hook
/// returns.
///
/// The file is opened when the logger is made, so that a wrong path is an error before the
/// training. A second training adds its rows, under the columns of the first; Keras empties the
/// file.
///
/// ```
/// use tfevents::callbacks::{CallbackList, CsvLogger};
///
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("history.csv");
/// let mut callbacks = CallbackList::new().with_callback(CsvLogger::create(&path)?);
/// callbacks.on_train_begin()?;
/// callbacks.on_epoch_end(0, [("loss", 0.5), ("val_loss", 0.75)])?;
/// callbacks.on_train_end()?;
/// assert_eq!(std::fs::read_to_string(&path)?, "epoch,loss,val_loss\r\n0,0.5,0.75\r\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct CsvLogger {
    path: PathBuf,
    file: File,
    separator: char,
    columns: Option<Vec<String>>,
    header: bool,
    /// The last row could not be written whole.
    truncated: bool,
}

/// Settings for a [`CsvLogger`]: see [`CsvLogger::builder`].
///
/// ```
/// use tfevents::callbacks::CsvLogger;
///
/// let error = CsvLogger::builder("history.csv").separator('"').unwrap_err();
/// assert_eq!(error.name(), "separator");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct CsvLoggerBuilder {
    path: PathBuf,
    append: bool,
    separator: char,
}

impl CsvLogger {
    /// A file with commas. One that exists is overwritten.
    ///
    /// ```
    /// # use tfevents::callbacks::CsvLogger;
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("history.csv");
    /// let logger = CsvLogger::create(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the file cannot be made; the error names it.
    pub fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        Self::builder(path).open()
    }

    /// Settings for one.
    ///
    /// ```
    /// use tfevents::callbacks::CsvLogger;
    ///
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("history.csv");
    /// let logger = CsvLogger::builder(path).append(true).separator(';')?.open()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn builder(path: impl AsRef<Path>) -> CsvLoggerBuilder {
        CsvLoggerBuilder { path: path.as_ref().to_owned(), append: false, separator: ',' }
    }

    fn row(&self, row: &mut String, cells: impl IntoIterator<Item = String>) {
        for (index, cell) in cells.into_iter().enumerate() {
            if index > 0 {
                row.push(self.separator);
            }
            if cell.contains([self.separator, '"', '\r', '\n']) {
                row.push('"');
                row.push_str(&cell.replace('"', "\"\""));
                row.push('"');
            } else {
                row.push_str(&cell);
            }
        }
        row.push_str("\r\n");
    }
}

impl CsvLoggerBuilder {
    /// Adds to a file that exists, without a second header. Default: overwrites it.
    ///
    /// ```
    /// # use tfevents::callbacks::CsvLogger;
    /// let builder = CsvLogger::builder("history.csv").append(true);
    /// ```
    pub fn append(mut self, append: bool) -> Self {
        self.append = append;
        self
    }

    /// What stands between the columns. Default: a comma.
    ///
    /// ```
    /// # use tfevents::callbacks::CsvLogger;
    /// let builder = CsvLogger::builder("history.tsv").separator('\t')?;
    /// # Ok::<(), tfevents::callbacks::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// If it is a quotation mark or ends a line.
    pub fn separator(mut self, separator: char) -> Result<Self, ConfigError> {
        if matches!(separator, '"' | '\r' | '\n') {
            let given = format!("{separator:?}");
            return Err(ConfigError::new("separator", given, "all but \" and line ends"));
        }
        self.separator = separator;
        Ok(self)
    }

    /// Opens the file.
    ///
    /// ```
    /// # use tfevents::callbacks::CsvLogger;
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("history.csv");
    /// let logger = CsvLogger::builder(&path).append(true).open()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If that fails; the error names the file.
    pub fn open(self) -> io::Result<CsvLogger> {
        let named = |error: io::Error| {
            io::Error::new(error.kind(), format!("{}: {error}", self.path.display()))
        };
        let (file, header) = if self.append {
            let mut options = File::options();
            let mut file =
                options.read(true).append(true).create(true).open(&self.path).map_err(named)?;
            let mut first = [0];
            let empty = file.read(&mut first).map_err(named)? == 0;
            (file, empty)
        } else {
            (File::create(&self.path).map_err(named)?, true)
        };
        let Self { path, separator, .. } = self;
        Ok(CsvLogger { path, file, separator, columns: None, header, truncated: false })
    }
}

impl Callback for CsvLogger {
    fn name(&self) -> &str {
        "CsvLogger"
    }

    fn on_epoch_end(&mut self, context: &mut Context<'_>) -> CallbackResult {
        let logs = context.logs();
        let columns = self.columns.get_or_insert_with(|| {
            let mut columns: Vec<String> = logs.iter().map(|(name, _)| name.to_owned()).collect();
            if !columns.iter().any(|name| name.starts_with("val_")) {
                let more: Vec<_> = columns.iter().map(|name| format!("val_{name}")).collect();
                columns.extend(more);
            }
            columns
        });
        let cells = columns.iter().map(|name| logs.get(name).map_or("NA".to_owned(), cell));
        let cells: Vec<String> =
            std::iter::once(context.epoch().to_string()).chain(cells).collect();
        let mut text = String::new();
        if self.truncated {
            text.push_str("\r\n");
        }
        if self.header {
            let columns = self.columns.iter().flatten().cloned();
            self.row(&mut text, std::iter::once("epoch".to_owned()).chain(columns));
        }
        self.row(&mut text, cells);
        if let Err(error) = self.file.write_all(text.as_bytes()) {
            self.truncated = true;
            return Err(format!("cannot write to {}: {error}", self.path.display()).into());
        }
        self.truncated = false;
        self.header = false;
        Ok(())
    }
}

/// A value as Python's `csv` shows what Keras gives it.
fn cell(value: &LogValue) -> String {
    match value {
        LogValue::Float(value) => python_float(*value),
        LogValue::Int(value) => value.to_string(),
        LogValue::Text(text) => text.clone(),
        LogValue::Floats(values) => {
            let mut text = String::from("\"[");
            for (index, value) in values.iter().enumerate() {
                let comma = if index > 0 { ", " } else { "" };
                // A string takes all that is written to it.
                let _ = write!(text, "{comma}{}", python_float(*value));
            }
            text + "]\""
        }
    }
}

/// A number in Python's shortest form: `0.5`, `1.0`, `1e-07`, `1e+16`, `nan`.
fn python_float(value: f64) -> String {
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
    fn a_missing_directory_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("none").join("history.csv");
        let error = CsvLogger::create(&path).unwrap_err().to_string();
        assert!(error.contains("history.csv"), "{error}");
    }
}
