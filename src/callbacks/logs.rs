//! The values that a training logs at the end of a batch, a test or an epoch.

use std::fmt;
use std::sync::Arc;

/// A value in [`Logs`]: a number, several numbers or text.
///
/// It is made from any of these with `From`; hooks convert what they are called with.
///
/// ```
/// use tfevents::callbacks::LogValue;
///
/// assert_eq!(LogValue::from(0.25f32).as_f64(), Some(0.25));
/// assert_eq!(LogValue::from(3).as_i64(), Some(3));
/// assert_eq!(LogValue::from("overfitting").as_str(), Some("overfitting"));
/// assert_eq!(LogValue::from(vec![0.5, 0.75]).as_slice(), Some(&[0.5, 0.75][..]));
/// ```
#[derive(Clone, PartialEq)]
pub struct LogValue(Kind);

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Float(f64),
    /// A CSV file shows it without a point.
    Int(i64),
    /// Several numbers, such as one per class. Only CSV files show them.
    Floats(Vec<f64>),
    /// Text. Only CSV files show it.
    Text(String),
}

impl LogValue {
    /// Returns the value if it is one number, whole or not.
    pub fn as_f64(&self) -> Option<f64> {
        match self.0 {
            Kind::Float(value) => Some(value),
            Kind::Int(value) => Some(value as f64),
            Kind::Floats(_) | Kind::Text(_) => None,
        }
    }

    /// Returns the value if it was logged as an integer.
    pub fn as_i64(&self) -> Option<i64> {
        match self.0 {
            Kind::Int(value) => Some(value),
            _ => None,
        }
    }

    /// Returns the values if several numbers were logged.
    pub fn as_slice(&self) -> Option<&[f64]> {
        match &self.0 {
            Kind::Floats(values) => Some(values),
            _ => None,
        }
    }

    /// Returns the value if it is text.
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn kind(&self) -> &Kind {
        &self.0
    }
}

impl fmt::Debug for LogValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Float(value) => value.fmt(f),
            Kind::Int(value) => value.fmt(f),
            Kind::Floats(values) => values.fmt(f),
            Kind::Text(text) => text.fmt(f),
        }
    }
}

/// Conversions by value and, for the items of a borrowed map, by reference.
macro_rules! from_numbers {
    ($($from:ty => $kind:ident),*) => {$(
        impl From<$from> for LogValue {
            #[inline]
            fn from(value: $from) -> Self {
                Self(Kind::$kind(value.into()))
            }
        }

        impl From<&$from> for LogValue {
            #[inline]
            fn from(value: &$from) -> Self {
                Self::from(*value)
            }
        }
    )*};
}

from_numbers! {
    f32 => Float, f64 => Float, bool => Int,
    i8 => Int, i16 => Int, i32 => Int, i64 => Int, u8 => Int, u16 => Int, u32 => Int
}

macro_rules! from_large {
    ($($from:ty),*) => {$(
        /// A number beyond `i64` becomes the nearest `f64`.
        impl From<$from> for LogValue {
            fn from(value: $from) -> Self {
                Self(i64::try_from(value).map_or(Kind::Float(value as f64), Kind::Int))
            }
        }

        /// A number beyond `i64` becomes the nearest `f64`.
        impl From<&$from> for LogValue {
            fn from(value: &$from) -> Self {
                Self::from(*value)
            }
        }
    )*};
}

from_large! { u64, usize, isize }

macro_rules! from_others {
    ($($from:ty => $kind:ident),*) => {$(
        impl From<$from> for LogValue {
            fn from(value: $from) -> Self {
                Self(Kind::$kind(value.into()))
            }
        }
    )*};
}

from_others! {
    Vec<f64> => Floats, &[f64] => Floats,
    &str => Text, &String => Text, String => Text
}

/// So that [`Logs`] can be passed on to a hook: `callbacks.on_epoch_end(epoch, &logs)`.
impl From<&LogValue> for LogValue {
    fn from(value: &LogValue) -> Self {
        value.clone()
    }
}

/// The values that a hook was called with, by name and sorted by name.
///
/// Hooks take any iterator of names and values: an array or a `Vec` of pairs, by value, a `HashMap`
/// or a reference to one, or `&Logs`. Use `&Logs::default()` where there is nothing to log.
///
/// ```
/// use std::collections::HashMap;
/// use tfevents::callbacks::{CallbackList, Logs};
///
/// let logs = Logs::from_iter([("loss", 0.5), ("accuracy", 0.75)]);
/// assert_eq!(logs.get_f64("loss"), Some(0.5));
/// let names: Vec<&str> = logs.iter().map(|(name, _)| name).collect();
/// assert_eq!(names, ["accuracy", "loss"]);
///
/// let mut callbacks = CallbackList::new();
/// callbacks.on_epoch_end(0, &logs)?;
/// let metrics: HashMap<String, f64> = HashMap::from([("loss".to_owned(), 0.25)]);
/// callbacks.on_epoch_end(1, &metrics)?;
/// # Ok::<(), tfevents::callbacks::CallbackError>(())
/// ```
#[derive(Clone, Default)]
pub struct Logs {
    entries: Vec<(Arc<str>, LogValue)>,
    /// The indices in `entries` of the values in the order in which they were assigned.
    order: Vec<usize>,
}

impl Logs {
    /// Returns the number of values.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the value of this name.
    ///
    /// ```
    /// let logs = tfevents::callbacks::Logs::from_iter([("epochs", 3)]);
    /// assert_eq!(logs.get("epochs"), Some(&3.into()));
    /// ```
    pub fn get(&self, name: &str) -> Option<&LogValue> {
        self.find(name).ok().map(|at| &self.entries[at].1)
    }

    /// Returns the number of this name; `None` also if the value is text or several numbers.
    ///
    /// ```
    /// let logs = tfevents::callbacks::Logs::from_iter([("loss", 0.5)]);
    /// assert_eq!((logs.get_f64("loss"), logs.get_f64("los")), (Some(0.5), None));
    /// ```
    pub fn get_f64(&self, name: &str) -> Option<f64> {
        self.get(name)?.as_f64()
    }

    /// Returns an iterator over names and values, sorted by name.
    ///
    /// ```
    /// for (name, value) in &tfevents::callbacks::Logs::from_iter([("loss", 0.5)]) {
    ///     println!("{name} {value:?}");
    /// }
    /// ```
    pub fn iter(&self) -> LogsIter<'_> {
        self.into_iter()
    }

    /// Sets one value and keeps the others.
    ///
    /// ```
    /// let mut logs = tfevents::callbacks::Logs::default();
    /// logs.set("learning_rate", 0.1);
    /// assert_eq!(logs.get_f64("learning_rate"), Some(0.1));
    /// ```
    pub fn set(&mut self, name: impl AsRef<str>, value: impl Into<LogValue>) {
        let name = name.as_ref();
        match self.find(name) {
            Ok(at) => self.entries[at].1 = value.into(),
            Err(at) => {
                self.entries.insert(at, (name.into(), value.into()));
                self.order.clear();
            }
        }
    }

    /// Replaces all values. Names that come in the same order as the last time are neither copied
    /// nor searched for.
    pub(super) fn assign<K: AsRef<str>, V: Into<LogValue>>(
        &mut self,
        values: impl IntoIterator<Item = (K, V)>,
    ) {
        let mut assigned = 0;
        let mut values = values.into_iter();
        while let Some((name, value)) = values.next() {
            match self.order.get(assigned).map(|&at| &mut self.entries[at]) {
                Some((old, slot)) if **old == *name.as_ref() => *slot = value.into(),
                _ => return self.rearrange(assigned, (name, value), values),
            }
            assigned += 1;
        }
        if assigned < self.entries.len() {
            self.keep(assigned);
        }
    }

    /// Keeps the first `assigned` values in the order of assignment, and forgets the rest.
    #[cold]
    fn keep(&mut self, assigned: usize) {
        self.order.truncate(assigned);
        let kept: Vec<_> = self.order.iter().map(|&at| self.entries[at].clone()).collect();
        self.entries.clear();
        self.order.clear();
        self.extend_unsorted(kept);
    }

    #[cold]
    fn rearrange<K: AsRef<str>, V: Into<LogValue>>(
        &mut self,
        assigned: usize,
        next: (K, V),
        rest: impl Iterator<Item = (K, V)>,
    ) {
        let old = std::mem::take(&mut self.entries);
        let order = std::mem::take(&mut self.order);
        let interned = |name: &str| match old.binary_search_by(|(old, _)| (**old).cmp(name)) {
            Ok(at) => old[at].0.clone(),
            Err(_) => name.into(),
        };
        let mut entries: Vec<_> = order.iter().take(assigned).map(|&at| old[at].clone()).collect();
        let rest = std::iter::once(next).chain(rest);
        entries.extend(rest.map(|(name, value)| (interned(name.as_ref()), value.into())));
        self.extend_unsorted(entries);
    }

    fn extend_unsorted(&mut self, values: Vec<(Arc<str>, LogValue)>) {
        for (name, value) in &values {
            match self.find(name) {
                // The last value of a name counts.
                Ok(at) => self.entries[at].1 = value.clone(),
                Err(at) => self.entries.insert(at, (name.clone(), value.clone())),
            }
        }
        let at = values.iter().map(|(name, _)| self.find(name).unwrap_or_else(|at| at));
        self.order = at.collect();
    }

    /// Returns the entries with their interned names.
    pub(super) fn entries(&self) -> &[(Arc<str>, LogValue)] {
        &self.entries
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|(old, _)| (**old).cmp(name))
    }
}

impl PartialEq for Logs {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl<K: AsRef<str>, V: Into<LogValue>> FromIterator<(K, V)> for Logs {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(values: I) -> Self {
        let mut logs = Self::default();
        logs.assign(values);
        logs
    }
}

/// Sets each value and keeps the others, as [`Logs::set`] does.
impl<K: AsRef<str>, V: Into<LogValue>> Extend<(K, V)> for Logs {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, values: I) {
        for (name, value) in values {
            self.set(name, value);
        }
    }
}

impl<'a> IntoIterator for &'a Logs {
    type Item = (&'a str, &'a LogValue);
    type IntoIter = LogsIter<'a>;

    fn into_iter(self) -> LogsIter<'a> {
        LogsIter(self.entries.iter())
    }
}

/// An iterator over names and values, sorted by name: see [`Logs::iter`].
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

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for LogsIter<'_> {}

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn listed(logs: &Logs) -> Vec<(&str, f64)> {
        logs.iter().map(|(name, value)| (name, value.as_f64().unwrap())).collect()
    }

    #[test]
    fn names_are_sorted_and_interned() {
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
    #[test]
    fn logs_come_from_maps_and_pairs_of_any_string() {
        let expected = Logs::from_iter([("accuracy", 0.75), ("loss", 0.5)]);
        let map = HashMap::from([("loss".to_owned(), 0.5), ("accuracy".to_owned(), 0.75)]);
        assert_eq!(Logs::from_iter(&map), expected);
        assert_eq!(Logs::from_iter(map), expected);
        let pairs = [("loss".to_owned(), 0.5f32), ("accuracy".to_owned(), 0.75)];
        assert_eq!(Logs::from_iter(pairs.iter().map(|(name, value)| (name, value))), expected);
        assert_eq!(Logs::from_iter(pairs), expected);
        let mut logs = Logs::from_iter([("loss", 0.0)]);
        logs.extend([("accuracy", 0.75), ("loss", 0.5)]);
        assert_eq!(logs, expected);
    }
}
