//! What a training reports at the end of a batch, a test or an epoch.

use std::fmt;
use std::sync::Arc;

/// A reported value.
///
/// ```
/// use tfevents::callbacks::LogValue;
///
/// assert_eq!(LogValue::from(0.25f32).as_f64(), Some(0.25));
/// assert_eq!(LogValue::from("overfitting").as_f64(), None);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum LogValue {
    /// A number.
    Float(f64),
    /// A whole number; a CSV file shows it without a point.
    Int(i64),
    /// Several numbers, such as one per class. Only CSV files take them.
    Floats(Vec<f64>),
    /// Text. Only CSV files take it.
    Text(String),
}

impl LogValue {
    /// The value, if it is one number.
    ///
    /// ```
    /// use tfevents::callbacks::LogValue;
    ///
    /// assert_eq!(LogValue::from(3).as_f64(), Some(3.0));
    /// assert_eq!(LogValue::from(vec![0.5, 0.75]).as_f64(), None);
    /// ```
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            LogValue::Float(value) => Some(*value),
            LogValue::Int(value) => Some(*value as f64),
            LogValue::Floats(_) | LogValue::Text(_) => None,
        }
    }
}

macro_rules! from {
    ($($from:ty => $variant:ident),*) => {$(
        impl From<$from> for LogValue {
            #[inline]
            fn from(value: $from) -> Self {
                LogValue::$variant(value.into())
            }
        }
    )*};
}

from! {
    f32 => Float, f64 => Float, bool => Int,
    i8 => Int, i16 => Int, i32 => Int, i64 => Int, u8 => Int, u16 => Int, u32 => Int,
    Vec<f64> => Floats, &str => Text, String => Text
}

macro_rules! from_large {
    ($($from:ty),*) => {$(
        /// A number beyond `i64` becomes the nearest `f64`.
        impl From<$from> for LogValue {
            fn from(value: $from) -> Self {
                i64::try_from(value).map_or(LogValue::Float(value as f64), LogValue::Int)
            }
        }
    )*};
}

from_large! { u64, usize, isize }

/// So that [`Logs`] can be reported as they are: `callbacks.on_epoch_end(epoch, &logs)`.
impl From<&LogValue> for LogValue {
    fn from(value: &LogValue) -> Self {
        value.clone()
    }
}

/// What a hook is told: values by name, sorted by name. A loop may pass them on to a hook, and
/// `&Logs::default()` where it has nothing to report.
///
/// ```
/// use tfevents::callbacks::Logs;
///
/// let logs = Logs::from_iter([("loss", 0.5), ("accuracy", 0.75)]);
/// assert_eq!(logs.get_f64("loss"), Some(0.5));
/// let names: Vec<&str> = logs.iter().map(|(name, _)| name).collect();
/// assert_eq!(names, ["accuracy", "loss"]);
///
/// let mut callbacks = tfevents::callbacks::CallbackList::new();
/// callbacks.on_epoch_end(0, &logs)?;
/// # Ok::<(), tfevents::callbacks::CallbackError>(())
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Logs {
    entries: Vec<(Arc<str>, LogValue)>,
    /// Where in `entries` the value lies that was given first, second and so on.
    order: Vec<usize>,
}

impl Logs {
    /// How many values there are.
    ///
    /// ```
    /// assert_eq!(tfevents::callbacks::Logs::default().len(), 0);
    /// ```
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    ///
    /// ```
    /// assert!(tfevents::callbacks::Logs::default().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of this name.
    ///
    /// ```
    /// let logs = tfevents::callbacks::Logs::from_iter([("epochs", 3)]);
    /// assert_eq!(logs.get("epochs"), Some(&3.into()));
    /// ```
    pub fn get(&self, name: &str) -> Option<&LogValue> {
        self.find(name).ok().map(|at| &self.entries[at].1)
    }

    /// The number of this name; `None` too if it is text or several numbers.
    ///
    /// ```
    /// let logs = tfevents::callbacks::Logs::from_iter([("loss", 0.5)]);
    /// assert_eq!((logs.get_f64("loss"), logs.get_f64("los")), (Some(0.5), None));
    /// ```
    pub fn get_f64(&self, name: &str) -> Option<f64> {
        self.get(name)?.as_f64()
    }

    /// Names and values, sorted by name.
    ///
    /// ```
    /// for (name, value) in &tfevents::callbacks::Logs::from_iter([("loss", 0.5)]) {
    ///     println!("{name} {value:?}");
    /// }
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&str, &LogValue)> {
        self.into_iter()
    }

    /// Sets one value, in its place by name.
    ///
    /// ```
    /// let mut logs = tfevents::callbacks::Logs::default();
    /// logs.set("learning_rate", 0.1);
    /// assert_eq!(logs.get_f64("learning_rate"), Some(0.1));
    /// ```
    pub fn set(&mut self, name: &str, value: impl Into<LogValue>) {
        match self.find(name) {
            Ok(at) => self.entries[at].1 = value.into(),
            Err(at) => {
                self.entries.insert(at, (name.into(), value.into()));
                self.order.clear();
            }
        }
    }

    /// Sets all values: what was there before is gone. Names that come in the same order as the
    /// last time are neither copied nor searched for.
    pub(super) fn assign<'n, V: Into<LogValue>>(
        &mut self,
        values: impl IntoIterator<Item = (&'n str, V)>,
    ) {
        let mut given = 0;
        let mut values = values.into_iter();
        while let Some((name, value)) = values.next() {
            match self.order.get(given).map(|&at| &mut self.entries[at]) {
                Some((old, place)) if **old == *name => *place = value.into(),
                _ => return self.rearrange(given, (name, value), values),
            }
            given += 1;
        }
        if given < self.entries.len() {
            self.keep(given);
        }
    }

    /// Keeps what the first so many calls have set, and forgets the rest.
    #[cold]
    fn keep(&mut self, given: usize) {
        self.order.truncate(given);
        let kept: Vec<_> = self.order.iter().map(|&at| self.entries[at].clone()).collect();
        self.entries.clear();
        self.order.clear();
        self.extend_unsorted(kept);
    }

    #[cold]
    fn rearrange<'n, V: Into<LogValue>>(
        &mut self,
        given: usize,
        next: (&'n str, V),
        rest: impl Iterator<Item = (&'n str, V)>,
    ) {
        let old = std::mem::take(&mut self.entries);
        let order = std::mem::take(&mut self.order);
        let interned = |name: &str| match old.binary_search_by(|(old, _)| (**old).cmp(name)) {
            Ok(at) => old[at].0.clone(),
            Err(_) => name.into(),
        };
        let mut entries: Vec<_> = order.iter().take(given).map(|&at| old[at].clone()).collect();
        entries.extend(
            std::iter::once(next).chain(rest).map(|(name, value)| (interned(name), value.into())),
        );
        self.extend_unsorted(entries);
    }

    fn extend_unsorted(&mut self, given: Vec<(Arc<str>, LogValue)>) {
        for (name, value) in &given {
            match self.find(name) {
                // Given twice: the later one counts.
                Ok(at) => self.entries[at].1 = value.clone(),
                Err(at) => self.entries.insert(at, (name.clone(), value.clone())),
            }
        }
        let at = given.iter().map(|(name, _)| self.find(name).unwrap_or_else(|at| at));
        self.order = at.collect();
    }

    /// The entries with their interned names.
    pub(super) fn entries(&self) -> &[(Arc<str>, LogValue)] {
        &self.entries
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|(old, _)| (**old).cmp(name))
    }
}

impl<'n, V: Into<LogValue>> FromIterator<(&'n str, V)> for Logs {
    fn from_iter<I: IntoIterator<Item = (&'n str, V)>>(values: I) -> Self {
        let mut logs = Self::default();
        logs.assign(values);
        logs
    }
}

impl<'a> IntoIterator for &'a Logs {
    type Item = (&'a str, &'a LogValue);
    type IntoIter = LogsIter<'a>;

    fn into_iter(self) -> LogsIter<'a> {
        LogsIter(self.entries.iter())
    }
}

/// Names and values of [`Logs`], sorted by name: see [`Logs::iter`].
///
/// ```
/// let logs = tfevents::callbacks::Logs::from_iter([("loss", 0.5)]);
/// assert_eq!((&logs).into_iter().count(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct LogsIter<'a>(std::slice::Iter<'a, (Arc<str>, LogValue)>);

impl<'a> Iterator for LogsIter<'a> {
    type Item = (&'a str, &'a LogValue);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, value)| (&**name, value))
    }
}

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(logs: &Logs) -> Vec<(&str, f64)> {
        logs.iter().map(|(name, value)| (name, value.as_f64().unwrap())).collect()
    }

    #[test]
    fn names_are_sorted_and_kept() {
        let mut logs = Logs::default();
        logs.assign([("loss", 1.0), ("accuracy", 2.0)]);
        assert_eq!(listed(&logs), [("accuracy", 2.0), ("loss", 1.0)]);
        let name = logs.entries()[1].0.clone();
        logs.assign([("loss", 3.0), ("accuracy", 4.0)]);
        assert_eq!(listed(&logs), [("accuracy", 4.0), ("loss", 3.0)]);
        assert!(Arc::ptr_eq(&name, &logs.entries()[1].0));
        logs.assign([("loss", 5.0), ("auc", 6.0), ("accuracy", 7.0)]);
        assert_eq!(listed(&logs), [("accuracy", 7.0), ("auc", 6.0), ("loss", 5.0)]);
        assert!(Arc::ptr_eq(&name, &logs.entries()[2].0));
        logs.assign([("loss", 8.0)]);
        assert_eq!(listed(&logs), [("loss", 8.0)]);
        logs.assign([("loss", 9.0), ("b", 1.0), ("loss", 2.0)]);
        assert_eq!(listed(&logs), [("b", 1.0), ("loss", 2.0)]);
        logs.assign([("loss", 9.0), ("b", 3.0), ("loss", 4.0)]);
        assert_eq!(listed(&logs), [("b", 3.0), ("loss", 4.0)]);
        logs.set("a", 5.0);
        logs.assign([("b", 6.0)]);
        assert_eq!(listed(&logs), [("b", 6.0)]);
        logs.assign([("", 0.0); 0]);
        assert!(logs.is_empty());
    }
}
