//! The metrics of a recorder by their names and labels.

use crate::series::{Kind, Label, Series};
use metrics::{Key, KeyName, SharedString, Unit};
use std::collections::HashMap;
use std::fmt::Write;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// The maximum number of metrics, so that labels made up by a loop do not fill the memory.
pub(crate) const MAX_SERIES: usize = 10_000;
/// The number of locks, so that threads seldom wait for the same.
const SHARDS: usize = 16;

#[derive(Default)]
pub(crate) struct Registry {
    shards: [RwLock<Shard>; SHARDS],
    /// All metrics in the order in which they were registered, and the kinds of tags.
    all: Mutex<All>,
}

/// Metrics by the hashes of their keys.
type Shard = HashMap<u64, Vec<(Key, Kind, Option<Arc<Series>>)>, BuildHasherDefault<KeyHash>>;

#[derive(Default)]
struct All {
    series: Vec<(KeyName, Arc<Series>)>,
    /// The kind of metric that has a tag.
    tags: HashMap<String, Kind>,
    labels: HashMap<KeyName, Arc<Label>>,
    warned_of_number: bool,
}

/// A metric that cannot be logged, and the warning about it, if it is the first.
type Refused = Option<String>;

impl Registry {
    /// Returns a metric; `None` if it is not logged.
    pub(crate) fn get_or_insert(&self, key: &Key, kind: Kind) -> Option<Arc<Series>> {
        let hash = key.get_hash();
        let shard = &self.shards[hash as usize % SHARDS];
        let find = |shard: &Shard| {
            let mut known = shard.get(&hash)?.iter();
            known.find(|(of, its, _)| *its == kind && of == key).map(|(_, _, found)| found.clone())
        };
        let found = find(&shard.read().unwrap_or_else(PoisonError::into_inner));
        if let Some(found) = found {
            return found;
        }
        let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = find(&shard) {
            return found;
        }
        let (new, warning) = match self.insert(key, kind) {
            Ok(new) => (Some(new), None),
            Err(warning) => (None, warning),
        };
        // One that is not logged is kept too, so that it is refused once; beyond the maximum not even
        // that.
        let full = new.is_none() && shard.len() > MAX_SERIES / SHARDS * 2;
        if !full {
            shard.entry(hash).or_default().push((key.clone(), kind, new.clone()));
        }
        // A logger may record metrics itself.
        drop(shard);
        if let Some(warning) = warning {
            log::warn!("{warning} (logged once)");
        }
        new
    }

    fn insert(&self, key: &Key, kind: Kind) -> Result<Arc<Series>, Refused> {
        let tag = tag(key);
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if all.series.len() >= MAX_SERIES {
            let first = !std::mem::replace(&mut all.warned_of_number, true);
            return Err(first.then(|| {
                format!(
                    "metric {tag:?} is not logged: too many metrics (expected at most {MAX_SERIES} \
                     with their labels)"
                )
            }));
        }
        let rate = (kind == Kind::Counter).then(|| format!("{tag}/rate"));
        for tag in [Some(&tag), rate.as_ref()].into_iter().flatten() {
            if let Some(other) = all.tags.get(tag) {
                return Err(Some(format!(
                    "metric {tag:?} is not logged: a tag of a {kind:?} (expected one that no \
                     {other:?} has)"
                )));
            }
        }
        all.tags.insert(tag.clone(), kind);
        all.tags.extend(rate.map(|rate| (rate, kind)));
        let series = Arc::new(Series::new(kind, tag));
        all.series.push((KeyName::from(key.name().to_owned()), series.clone()));
        Ok(series)
    }

    pub(crate) fn describe(&self, name: KeyName, unit: Option<Unit>, description: SharedString) {
        let unit = unit.filter(|unit| *unit != Unit::Count).map(|unit| unit.as_str());
        let label = Label { description: description.into_owned(), unit };
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if all.labels.len() < MAX_SERIES || all.labels.contains_key(&name) {
            all.labels.insert(name, label.into());
        }
    }

    /// Returns each metric and its description. Nothing is locked while they are logged, because a
    /// logger may record metrics itself.
    pub(crate) fn all(&self) -> Vec<(Arc<Series>, Option<Arc<Label>>)> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let series = all.series.iter();
        series.map(|(name, series)| (series.clone(), all.labels.get(name).cloned())).collect()
    }
}

/// Returns the tag of a metric: its name and its labels, sorted.
fn tag(key: &Key) -> String {
    let mut tag = key.name().to_owned();
    let mut labels: Vec<_> = key.labels().map(|label| (label.key(), label.value())).collect();
    labels.sort_unstable();
    for (at, (key, value)) in labels.into_iter().enumerate() {
        tag.push(if at == 0 { '/' } else { ',' });
        put_escaped(&mut tag, key);
        tag.push('=');
        put_escaped(&mut tag, value);
    }
    tag
}

fn put_escaped(tag: &mut String, text: &str) {
    for c in text.chars() {
        if "/,=%".contains(c) {
            let _ = write!(tag, "%{:02X}", u32::from(c));
        } else {
            tag.push(c);
        }
    }
}

/// Passes on the hash that a key has computed.
#[derive(Default)]
pub(crate) struct KeyHash(u64);

impl Hasher for KeyHash {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use metrics::Label as KeyLabel;

    #[test]
    fn labels_are_sorted_and_escaped() {
        let key = |labels: &[(&'static str, &'static str)]| {
            let labels: Vec<_> =
                labels.iter().map(|&(key, value)| KeyLabel::new(key, value)).collect();
            tag(&Key::from_parts("net/requests", labels))
        };
        assert_eq!(key(&[]), "net/requests");
        assert_eq!(
            key(&[("status", "200"), ("method", "GET")]),
            "net/requests/method=GET,status=200"
        );
        assert_eq!(key(&[("path", "/a,b=c%"), ("e", "")]), "net/requests/e=,path=%2Fa%2Cb%3Dc%25");
    }

    #[test]
    fn metrics_are_bounded() {
        let registry = Registry::default();
        let key = |at: usize| Key::from_parts("x", vec![KeyLabel::new("at", at.to_string())]);
        for at in 0..MAX_SERIES {
            assert!(registry.get_or_insert(&key(at), Kind::Gauge).is_some(), "{at}");
        }
        for at in MAX_SERIES..3 * MAX_SERIES {
            assert!(registry.get_or_insert(&key(at), Kind::Gauge).is_none(), "{at}");
        }
        assert!(registry.get_or_insert(&key(0), Kind::Gauge).is_some());
        for at in 0..2 * MAX_SERIES {
            registry.describe(KeyName::from(at.to_string()), None, "text".into());
        }
        assert_eq!(registry.all.lock().unwrap().labels.len(), MAX_SERIES);
        let kept: usize = registry.shards.iter().map(|shard| shard.read().unwrap().len()).sum();
        assert!(kept <= 3 * MAX_SERIES, "{kept}");
    }
}
