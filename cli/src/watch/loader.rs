//! Reads runs on a thread of its own, and goes on reading while they grow.

use crate::draw::Point;
use crate::selection::map_parallel;
use crate::store::RunData;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use tfevents::read::{Entry, LogDir, ReadError, RunState, Scan, TagId, Tags};

/// The interval of looking for changes: with drawing, a flush is on the screen in 250 ms.
pub(crate) const INTERVAL: Duration = Duration::from_millis(150);

/// The interval of looking whether a run that seems alive has fallen silent.
const STATUS: Duration = Duration::from_secs(2);

/// The number of points that are read before they are shown.
const BATCH: usize = 1 << 16;

/// A run: what is read of it, and how it is.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) name: String,
    data: Mutex<RunData>,
    health: Mutex<Health>,
}

/// Whether a run is live, and what is wrong with its files.
#[derive(Clone, Debug)]
pub(crate) struct Health {
    pub(crate) state: RunState,
    pub(crate) is_truncated: bool,
    pub(crate) modified: Option<SystemTime>,
    pub(crate) damage: usize,
    pub(crate) first_damage: Option<String>,
}

impl Slot {
    fn new(name: &str, keeps_all: bool) -> Self {
        let health = Health {
            state: RunState::Unknown,
            is_truncated: false,
            modified: None,
            damage: 0,
            first_damage: None,
        };
        let data = Mutex::new(RunData::new(keeps_all));
        Self { name: name.to_owned(), data, health: Mutex::new(health) }
    }

    /// Locks the data. A panic elsewhere leaves them usable.
    pub(crate) fn data(&self) -> MutexGuard<'_, RunData> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn health(&self) -> Health {
        self.lock_health().clone()
    }

    fn lock_health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All runs, shared by the loader and the screen.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    slots: Mutex<Vec<Arc<Slot>>>,
    /// Whether points are kept that a restarted training has replaced.
    pub(crate) keeps_all: AtomicBool,
    pub(crate) is_loading: AtomicBool,
    /// Whether a notice of new data is on its way.
    is_announced: AtomicBool,
    error: Mutex<Option<String>>,
}

impl Shared {
    /// Returns the runs in TensorBoard's order.
    pub(crate) fn slots(&self) -> Vec<Arc<Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_slots(&self, slots: Vec<Arc<Slot>>) {
        *self.slots.lock().unwrap_or_else(PoisonError::into_inner) = slots;
    }

    /// Returns why the directory cannot be listed, if it cannot.
    pub(crate) fn error(&self) -> Option<String> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the notice: what comes from now on is announced again.
    pub(crate) fn take_notice(&self) {
        self.is_announced.store(false, Ordering::Release);
    }
}

/// Follows a log directory until the screen is gone.
#[derive(Debug)]
pub(crate) struct Loader<M> {
    logdir: LogDir,
    shared: Arc<Shared>,
    readers: Vec<Mutex<Reader>>,
    screen: Sender<M>,
    notice: fn() -> M,
    keeps_all: bool,
    checked: Instant,
    interval: Duration,
}

#[derive(Debug)]
struct Reader {
    slot: Arc<Slot>,
    scan: Scan,
    is_due: bool,
}

impl<M: Send> Loader<M> {
    pub(crate) fn new(
        logdir: LogDir,
        shared: Arc<Shared>,
        screen: Sender<M>,
        notice: fn() -> M,
    ) -> Self {
        let keeps_all = shared.keeps_all.load(Ordering::Relaxed);
        shared.is_loading.store(true, Ordering::Relaxed);
        let (readers, checked) = (Vec::new(), Instant::now());
        let interval = INTERVAL;
        Self { logdir, shared, readers, screen, notice, keeps_all, checked, interval }
    }

    /// Sets the interval of looking for changes.
    pub(crate) fn with_interval(self, interval: Duration) -> Self {
        Self { interval, ..self }
    }

    /// Reads, waits, looks for changes, for ever; ends when nobody listens.
    pub(crate) fn run(mut self) {
        self.add_runs();
        self.read_due();
        self.check_status(|_| true);
        self.shared.is_loading.store(false, Ordering::Relaxed);
        while self.announce() {
            loop {
                std::thread::sleep(self.interval);
                if self.refresh() {
                    break;
                }
            }
        }
    }

    /// Looks for changes and reads them; returns whether there are any.
    fn refresh(&mut self) -> bool {
        let keeps_all = self.shared.keeps_all.load(Ordering::Relaxed);
        if keeps_all != self.keeps_all {
            self.keeps_all = keeps_all;
            // The old ones are shown until the new ones are read.
            self.readers.clear();
            self.add_readers();
            self.read_due();
            self.publish();
            self.check_status(|_| true);
            return true;
        }
        let changes = match self.logdir.refresh() {
            Ok(changes) => changes,
            Err(error) => {
                let mut shown = self.shared.error.lock().unwrap_or_else(PoisonError::into_inner);
                let text = error.to_string();
                let is_new = shown.as_ref() != Some(&text);
                *shown = Some(text);
                return is_new;
            }
        };
        let had_error =
            self.shared.error.lock().unwrap_or_else(PoisonError::into_inner).take().is_some();
        let mut has_changed = !changes.is_empty() || had_error;
        if !changes.added.is_empty() || !changes.removed.is_empty() {
            self.add_runs();
        }
        for reader in &mut self.readers {
            let reader = reader.get_mut().unwrap_or_else(PoisonError::into_inner);
            reader.is_due |= changes.changed.contains(&reader.slot.name);
        }
        self.read_due();
        self.check_status(|slot| changes.changed.contains(&slot.name));
        if self.checked.elapsed() >= STATUS {
            self.checked = Instant::now();
            has_changed |= self.check_status(|slot| slot.health().state == RunState::Live);
        }
        has_changed
    }

    fn add_runs(&mut self) {
        self.add_readers();
        self.publish();
    }

    /// Makes readers of new runs, drops those of runs that are gone, and sorts all of them.
    fn add_readers(&mut self) {
        let mut old: Vec<_> = std::mem::take(&mut self.readers);
        for run in self.logdir.runs() {
            let known = old.iter_mut().position(|reader| {
                reader.get_mut().unwrap_or_else(PoisonError::into_inner).slot.name == run.name()
            });
            let reader = known.map(|at| old.swap_remove(at)).unwrap_or_else(|| {
                let slot = Arc::new(Slot::new(run.name(), self.keeps_all));
                Mutex::new(Reader { slot, scan: run.scan(), is_due: true })
            });
            self.readers.push(reader);
        }
    }

    /// Shows the runs of all readers.
    fn publish(&self) {
        let slot = |reader: &Mutex<Reader>| {
            reader.lock().unwrap_or_else(PoisonError::into_inner).slot.clone()
        };
        self.shared.set_slots(self.readers.iter().map(slot).collect());
    }

    /// Reads what is new in runs that have changed, on all cores.
    fn read_due(&self) {
        let is_due =
            |reader: &&Mutex<Reader>| reader.lock().unwrap_or_else(PoisonError::into_inner).is_due;
        let due: Vec<_> = self.readers.iter().filter(is_due).collect();
        let screen = Mutex::new(&self.screen);
        let announce = || {
            if !self.shared.is_announced.swap(true, Ordering::AcqRel) {
                let screen = screen.lock().unwrap_or_else(PoisonError::into_inner);
                let _ = screen.send((self.notice)());
            }
        };
        map_parallel(&due, |reader| {
            let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
            reader.is_due = false;
            reader.read(&announce);
        });
    }

    /// Asks how runs are; returns whether one of them is otherwise than before.
    fn check_status(&self, is_wanted: impl Fn(&Slot) -> bool) -> bool {
        let mut has_changed = false;
        for slot in self.shared.slots().iter().filter(|slot| is_wanted(slot)) {
            let Some(status) = self.logdir.run(&slot.name).and_then(|run| run.status().ok()) else {
                continue;
            };
            let mut health = slot.lock_health();
            has_changed |= health.state != status.state;
            health.state = status.state;
            health.is_truncated = status.is_truncated;
            health.modified = status.modified;
        }
        has_changed
    }

    /// Tells the screen that there is something new; returns whether it is still there.
    fn announce(&self) -> bool {
        let is_new = !self.shared.is_announced.swap(true, Ordering::AcqRel);
        !is_new || self.screen.send((self.notice)()).is_ok()
    }
}

impl Reader {
    /// Reads up to the end of the files, past all damage.
    fn read(&mut self, announce: &dyn Fn()) {
        let mut batch: Vec<(TagId, Point)> = Vec::new();
        let slot = &self.slot;
        let flush = |tags: &Tags, batch: &mut Vec<(TagId, Point)>| {
            let mut data = slot.data();
            for (tag, point) in batch.drain(..) {
                data.add_scalar(tags, tag, point);
            }
        };
        let mut visit = |tags: &Tags, entry: Entry<'_>| match entry {
            Entry::Scalar { tag, point } => {
                let (step, wall_time, value) = (point.step, point.wall_time, point.value);
                batch.push((tag, Point { step, wall_time, value }));
                if batch.len() == BATCH {
                    flush(tags, &mut batch);
                    announce();
                }
            }
            entry => {
                flush(tags, &mut batch);
                slot.data().add(tags, entry);
            }
        };
        while let Err(error) = self.scan.for_each(&mut visit) {
            slot.lock_health().add_damage(error);
        }
        flush(self.scan.tags(), &mut batch);
    }
}

impl Health {
    fn add_damage(&mut self, error: ReadError) {
        self.damage += 1;
        self.first_damage.get_or_insert_with(|| format!("{:#}", anyhow::Error::from(error)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Content;
    use tfevents::SummaryWriter;

    /// Returns how many points the first run has of a tag.
    fn points(shared: &Shared, tag: &str) -> usize {
        let slots = shared.slots();
        let Some(slot) = slots.first() else { return 0 };
        match slot.data().content(tag) {
            Some(Content::Scalars { series, .. }) => series.len(),
            _ => 0,
        }
    }

    #[test]
    fn one_look_finds_what_was_flushed() {
        let dir = tempfile::tempdir().unwrap();
        let writer = SummaryWriter::new(dir.path().join("a")).unwrap();
        writer.add_scalar("loss", 0.0, 0);
        writer.flush().unwrap();
        let (sender, _receiver) = std::sync::mpsc::channel();
        let shared = Arc::new(Shared::default());
        let logdir = LogDir::open(dir.path()).unwrap();
        let mut loader = Loader::new(logdir, shared.clone(), sender, || ());
        loader.add_runs();
        loader.read_due();
        assert_eq!(points(&shared, "loss"), 1);
        for step in 1..20 {
            writer.add_scalar("loss", 0.0, step);
            writer.flush().unwrap();
            assert!(loader.refresh());
            assert_eq!(points(&shared, "loss"), step + 1);
        }
        // A flush is on the screen within 250 ms if drawing takes less than 100.
        assert!(INTERVAL <= Duration::from_millis(150));
    }
}
