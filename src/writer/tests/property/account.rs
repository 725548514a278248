//! The model: the logged events, the errors that may be reported, and the contents of the files.

use super::*;
use crate::read::{self, EventReader, Payload, SessionEvent};
use std::collections::BTreeMap;

/// The state that the sessions of a test share.
pub(super) struct Model {
    pub(super) dir: tempfile::TempDir,
    pub(super) storage: Faulty,
    /// For each run, all events that were logged while it was open.
    pub(super) logged: [Vec<Logged>; 3],
    pub(super) step: i64,
    /// The fault that may still strike, and how many errors of earlier faults are unreported.
    pub(super) fault: Option<Fault>,
    pub(super) unreported: usize,
    /// Whether a fault was ever set.
    pub(super) faulty: bool,
    /// Dropped events of earlier sessions, and the number that the notes of the runs should have.
    pub(super) dropped: u64,
    pub(super) to_note: u64,
    /// Events that were logged after a run or a writer was closed.
    pub(super) refused: u64,
    /// Files of earlier sessions.
    pub(super) sealed: BTreeMap<PathBuf, Vec<u8>>,
    /// The contents of all files at the last check.
    pub(super) seen: BTreeMap<PathBuf, Vec<u8>>,
}

impl Model {
    pub(super) fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            storage: Faulty::that_lists(),
            logged: Default::default(),
            step: 0,
            fault: None,
            unreported: 0,
            faulty: false,
            dropped: 0,
            to_note: 0,
            refused: 0,
            sealed: BTreeMap::new(),
            seen: BTreeMap::new(),
        }
    }

    fn path(&self, run: usize) -> PathBuf {
        self.dir.path().join(RUNS[run])
    }

    fn files(&self, run: usize) -> Vec<PathBuf> {
        let path = self.path(run);
        if path.is_dir() { event_files(&path) } else { Vec::new() }
    }

    /// Returns the events of a run, file after file, and the number of drops in its notes.
    pub(super) fn read(&self, run: usize) -> (Vec<Logged>, u64) {
        let (mut found, mut noted) = (Vec::new(), 0);
        for path in self.files(run) {
            let mut reader = EventReader::open(&path).unwrap();
            for (at, event) in reader.by_ref().map(Result::unwrap).enumerate() {
                assert_eq!(matches!(event.payload(), Payload::FileVersion(_)), at == 0);
                match (event.payload(), event.values()) {
                    (Payload::SessionLog(log), _) if log.status == Some(SessionEvent::Stop) => {}
                    (Payload::SessionLog(log), _) => {
                        assert_eq!(log.status, Some(SessionEvent::Start));
                        found.push(("start", event.step(), 0));
                    }
                    (_, [value]) if value.tag() == "scalar" => {
                        found.push(("scalar", event.step(), 0));
                    }
                    (_, [value]) => {
                        let tensor = value.tensor().unwrap();
                        let [text] = tensor.strings()[..] else { panic!("{value:?}") };
                        if value.tag() == "text" {
                            found.push(("text", event.step(), text.len()));
                        } else {
                            let words = std::str::from_utf8(text).unwrap().trim_start_matches('*');
                            noted += words.split(' ').next().unwrap().parse::<u64>().unwrap();
                        }
                    }
                    _ => {}
                }
            }
        }
        (found, noted)
    }

    /// Returns the step at which a run that is opened now continues.
    pub(super) fn resumes_at(&self, run: usize, begin: Begin) -> Option<i64> {
        if self.files(run).is_empty() {
            return None;
        }
        match begin {
            Begin::Anew => None,
            Begin::At(step) => Some(step),
            Begin::AtEnd => {
                let events = read::Run::open(self.path(run)).unwrap().events().map(Result::unwrap);
                let summaries = events.filter(|event| !event.values().is_empty());
                summaries.map(|event| event.step() + 1).max()
            }
        }
    }

    pub(super) fn mend(&mut self) {
        let struck = self.storage.mend();
        match self.fault.take() {
            // Until now each attempt failed, and the last failure may be unreported.
            Some(Fault::Full) => self.unreported += usize::from(struck),
            Some(_) if !struck => self.unreported -= 1,
            _ => {}
        }
    }

    pub(super) fn breaks(&mut self, fault: Fault, at: usize) {
        self.mend();
        self.storage.set(fault, at);
        self.fault = Some(fault);
        self.unreported += usize::from(fault != Fault::Full);
        self.faulty = true;
    }

    /// Checks an error of the storage that was returned: there was an unreported one.
    pub(super) fn failed(&mut self) {
        if self.fault != Some(Fault::Full) {
            assert!(self.unreported > 0, "reported without a failure, or twice");
            self.unreported -= 1;
            if self.storage.struck() {
                self.fault = None;
            }
        }
    }

    /// Checks that files only grow, that those of earlier sessions do not change, and that none is
    /// truncated unless a fault was set.
    pub(super) fn files_are_left_alone(&mut self) {
        let paths = (0..RUNS.len()).flat_map(|run| self.files(run));
        let now: BTreeMap<_, _> =
            paths.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect();
        for (path, bytes) in &self.sealed {
            assert!(now.get(path) == Some(bytes), "{} was changed", path.display());
        }
        for (path, bytes) in &self.seen {
            let grown = now.get(path).is_some_and(|now| now.starts_with(bytes));
            assert!(grown, "{} was changed", path.display());
        }
        for path in now.keys().filter(|_| !self.faulty) {
            let mut reader = EventReader::open(path).unwrap();
            reader.by_ref().for_each(drop);
            assert!(!reader.is_truncated(), "{} is truncated", path.display());
        }
        self.seen = now;
    }
}
