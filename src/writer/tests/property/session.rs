//! A session: one writer, from opening to closing.

use super::in_doubt::InDoubt;
use super::*;
use std::collections::BTreeSet;

pub(super) struct Session<'a> {
    model: &'a mut Model,
    settings: Settings,
    writer: SummaryWriter,
    children: [Option<SummaryWriter>; 3],
    /// The runs that were opened before in this session.
    opened: BTreeSet<usize>,
    /// The number of events that were logged in this session.
    count: u64,
    /// The number of dropped events that were reported.
    reported: u64,
    /// Whether no fault was set in this session.
    sound: bool,
}

impl<'a> Session<'a> {
    pub(super) fn new(model: &'a mut Model, settings: Settings) -> Self {
        model.mend();
        let builder = SummaryWriter::builder(model.dir.path())
            .flush_interval(if settings.quick { Duration::from_millis(1) } else { PATIENCE })
            .flush_timeout(PATIENCE)
            .buffer_bytes(if settings.small_buffer { 0 } else { 64 << 20 })
            .max_file_bytes(if settings.small_files { 0 } else { u64::MAX })
            .durability(settings.durability)
            .overflow(match settings.waits_long {
                Some(true) => Overflow::Block(PATIENCE),
                Some(false) => Overflow::Block(Duration::from_millis(2)),
                None => Overflow::Drop,
            });
        let builder = match settings.begin {
            Begin::Anew => builder,
            Begin::At(step) => builder.resume_at(step),
            Begin::AtEnd => builder.resume(),
        };
        let begin = model.resumes_at(0, settings.begin);
        let storage = model.storage.clone();
        let builder = if settings.in_doubt {
            builder.storage(InDoubt(storage))
        } else {
            builder.storage(storage)
        };
        let writer = builder.build().unwrap();
        if let Some(step) = begin {
            assert_eq!(writer.resumed_at(), Some(step));
        }
        let mut session = Self {
            model,
            settings,
            writer,
            children: Default::default(),
            opened: BTreeSet::new(),
            count: 0,
            reported: 0,
            sound: true,
        };
        session.begins(0, begin);
        session
    }

    /// Notes that a run was opened, which may continue an earlier session at step `at`.
    fn begins(&mut self, run: usize, at: Option<i64>) {
        if self.opened.insert(run) {
            for step in at.into_iter().flat_map(|step| [step; 2]) {
                self.model.logged[run].push(("start", step, 0));
                self.count += 1;
            }
        }
    }

    /// Makes a call. Returns the settings of the next session if this one should end.
    pub(super) fn call(&mut self, call: Call) -> Option<Settings> {
        match call {
            Call::Scalars(run, count) => (0..count).for_each(|_| {
                self.log(run, ("scalar", 0), |run, step| run.add_scalar("scalar", 0.5, step));
            }),
            Call::Texts(run, len, count) => {
                let text = "x".repeat(len);
                for _ in 0..count {
                    self.log(run, ("text", len), |run, step| run.add_text("text", &text, step));
                }
            }
            Call::Deferred(run, len) => {
                self.log(run, ("text", len), |run, step| run.add_deferred("text", Long(len), step));
            }
            Call::Flush => {
                let result = self.writer.flush();
                self.reported(result);
            }
            Call::CloseRun(run, late) => {
                if let Some(child) = self.children[run].take() {
                    let result = child.close();
                    self.reported(result);
                    if late {
                        self.refused(&child);
                    }
                }
            }
            Call::Release(run) => self.children[run] = None,
            Call::Breaks(..) if self.settings.waits_long == Some(true) => {}
            Call::Breaks(fault, at) => {
                self.model.breaks(fault, at);
                self.sound = false;
            }
            Call::Mends => self.model.mend(),
            Call::Session(settings) => return Some(settings),
        }
        self.adds_up();
        None
    }

    fn log(
        &mut self,
        run: usize,
        (tag, len): (&'static str, usize),
        log: impl Fn(&SummaryWriter, i64),
    ) {
        if run > 0 && self.children[run].is_none() {
            let first = !self.opened.contains(&run);
            let begin = first.then(|| self.model.resumes_at(run, self.settings.begin)).flatten();
            match self.writer.child_run(RUNS[run]) {
                Ok(child) => self.children[run] = Some(child),
                // Nothing can be logged then.
                Err(Error::Directory { .. } | Error::Read { .. }) => return self.model.failed(),
                Err(error) => panic!("{error}"),
            }
            self.begins(run, begin);
        }
        let step = self.model.step;
        self.model.step += 1;
        log(self.children[run].as_ref().unwrap_or(&self.writer), step);
        self.model.logged[run].push((tag, step, len));
        self.count += 1;
    }

    fn refused(&mut self, closed: &SummaryWriter) {
        closed.add_scalar("scalar", 0.5, self.model.step);
        self.model.step += 1;
        self.model.refused += 1;
        self.count += 1;
    }

    fn adds_up(&self) -> Stats {
        let stats = self.writer.stats();
        assert_eq!(stats.logged, self.count, "{stats:?}");
        assert_eq!(stats.logged, stats.written + stats.dropped + stats.pending, "{stats:?}");
        assert_eq!(stats.dropped, stats.drops.sum(), "{stats:?}");
        let waits = self.settings.waits_long == Some(true);
        assert!(!waits || stats.drops.buffer_full == 0, "{stats:?}");
        assert!(!self.sound || stats.drops.write_failed == 0, "{stats:?}");
        stats
    }

    /// Checks the result of `flush` or `close`: it reports what was not reported before.
    fn reported(&mut self, result: Result<(), Error>) {
        let stats = self.adds_up();
        let unreported = stats.dropped - self.reported;
        self.reported = stats.dropped;
        match result {
            Ok(()) => assert_eq!((unreported, stats.pending), (0, 0), "{stats:?}"),
            Err(Error::Dropped { events, .. }) => {
                assert_eq!((events, stats.pending), (unreported, 0))
            }
            Err(Error::Storage { .. }) => return self.model.failed(),
            Err(error) => panic!("{error:?}"),
        }
        self.is_in_the_files();
        // Otherwise a note of the drops may be being written.
        if stats.dropped == 0 {
            self.model.files_are_left_alone();
        }
    }

    /// Checks, when nothing is pending, that the files of each run have the logged events in order,
    /// except for as many as were dropped. Returns the number of drops in the notes.
    fn is_in_the_files(&self) -> u64 {
        let (mut missing, mut notes) = (self.model.refused, 0);
        for (run, logged) in self.model.logged.iter().enumerate() {
            let (found, noted) = self.model.read(run);
            notes += noted;
            let mut rest = logged.iter();
            for event in &found {
                let there = rest.any(|logged| logged == event);
                assert!(there, "{event:?} of run {run} is out of order: {found:?}, not {logged:?}");
            }
            missing += (logged.len() - found.len()) as u64;
        }
        assert_eq!(missing, self.model.dropped + self.writer.stats().dropped);
        notes
    }

    pub(super) fn end(mut self) {
        let result = self.writer.close();
        self.reported(result);
        let writer = self.writer.clone();
        self.refused(&writer);
        assert!(matches!(writer.close(), Err(Error::Dropped { events: 1, .. })));
        writer.close().unwrap();
        let stats = self.adds_up();
        assert_eq!(stats.pending, 0, "{stats:?}");
        let noted = self.is_in_the_files();
        let drops = &stats.drops;
        self.model.to_note += drops.buffer_full + drops.too_large + drops.encode_failed;
        let all = noted == self.model.to_note;
        assert!(all || self.model.faulty && noted < self.model.to_note, "{noted} {stats:?}");
        self.model.files_are_left_alone();
        self.model.sealed = self.model.seen.clone();
        self.model.dropped += stats.dropped;
    }
}
