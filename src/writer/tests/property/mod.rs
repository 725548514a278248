//! Random sequences of calls and failures, compared with a simple model: the list of logged events
//! of each run.

mod account;
mod in_doubt;
mod session;

use super::bounded::Long;
use super::faults::PATIENCE;
use super::*;
use crate::storage::faulty::{Fault, Faulty};
use account::Model;
use proptest::prelude::*;
use session::Session;

/// The names of the runs: the root and two child runs.
const RUNS: [&str; 3] = ["", "a", "b/c"];

#[derive(Clone, Debug)]
enum Call {
    Scalars(usize, u8),
    Texts(usize, usize, u8),
    Deferred(usize, usize),
    Flush,
    /// Closes a child run, and logs into it afterwards if true.
    CloseRun(usize, bool),
    /// Drops the handle of a child run.
    Release(usize),
    /// Sets a fault for the n-th file operation from now.
    Breaks(Fault, usize),
    Mends,
    /// Ends the session and begins another.
    Session(Settings),
}

#[derive(Clone, Copy, Debug)]
enum Begin {
    Anew,
    At(i64),
    AtEnd,
}

#[derive(Clone, Debug)]
struct Settings {
    begin: Begin,
    small_buffer: bool,
    small_files: bool,
    /// The overflow policy: `None` drops, otherwise calls block for a long or a short time. No fault
    /// is set in a session with long waits.
    waits_long: Option<bool>,
    quick: bool,
    /// Whether appends may be in doubt.
    in_doubt: bool,
    durability: Durability,
}

/// A logged event: its kind, its step, which identifies it, and the length of its text.
type Logged = (&'static str, i64, usize);

/// Makes the calls, session after session.
fn run(mut settings: Settings, calls: Vec<Call>) {
    let mut model = Model::new();
    let mut calls = calls.into_iter();
    loop {
        let mut session = Session::new(&mut model, settings);
        let next = calls.by_ref().find_map(|call| session.call(call));
        session.end();
        match next {
            Some(next) => settings = next,
            None => return,
        }
    }
}

fn settings(in_doubt: bool) -> impl Strategy<Value = Settings> {
    let begin = prop_oneof![Just(Begin::Anew), (0..50i64).prop_map(Begin::At), Just(Begin::AtEnd)];
    let durability = prop_oneof![
        Just(Durability::Os),
        Just(Durability::SyncOnFlush),
        Just(Durability::SyncOnInterval)
    ];
    let bools = (any::<bool>(), any::<bool>(), any::<bool>());
    (begin, bools, any::<Option<bool>>(), durability).prop_map(
        move |(begin, (small_buffer, small_files, quick), waits_long, durability)| Settings {
            begin,
            small_buffer,
            small_files,
            waits_long,
            quick,
            in_doubt,
            durability,
        },
    )
}

fn call(in_doubt: bool) -> impl Strategy<Value = Call> {
    let run = || 0..RUNS.len();
    let child = || 1..RUNS.len();
    // Small events; events with their own block; one that is larger than a small buffer.
    let len = || prop_oneof![0..100usize, 1_000..3_000usize, 17_000..25_000usize, Just(40_000)];
    let fault = prop_oneof![Just(Fault::Fails), Just(Fault::Short), Just(Fault::Full)];
    prop_oneof![
        6 => (run(), 1..60u8).prop_map(|(run, count)| Call::Scalars(run, count)),
        4 => (run(), len(), 1..12u8).prop_map(|(run, len, count)| Call::Texts(run, len, count)),
        4 => (run(), len()).prop_map(|(run, len)| Call::Deferred(run, len)),
        3 => Just(Call::Flush),
        2 => (child(), any::<bool>()).prop_map(|(run, late)| Call::CloseRun(run, late)),
        2 => child().prop_map(Call::Release),
        2 => (fault, 0..40usize).prop_map(|(fault, at)| Call::Breaks(fault, at)),
        2 => Just(Call::Mends),
        2 => settings(in_doubt).prop_map(Call::Session),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_sequence_of_calls_and_failures_keeps_the_guarantees(
        first in settings(false),
        calls in proptest::collection::vec(call(false), 1..40)
    ) {
        run(first, calls);
    }

    #[test]
    fn any_sequence_keeps_the_guarantees_where_appends_may_be_in_doubt(
        first in settings(true),
        calls in proptest::collection::vec(call(true), 1..40)
    ) {
        run(first, calls);
    }
}

/// Cases that the test above once found: the end of a session repeated an append in doubt in a second file.
#[test]
fn an_append_in_doubt_at_the_end_of_a_session_stays_in_its_file() {
    let settings = Settings {
        begin: Begin::Anew,
        small_buffer: false,
        small_files: false,
        waits_long: None,
        quick: false,
        in_doubt: true,
        durability: Durability::Os,
    };
    let next = Settings { in_doubt: false, ..settings.clone() };
    for at in 0..20 {
        let calls = vec![
            Call::Breaks(Fault::Short, at),
            Call::Texts(2, 0, 1),
            Call::Scalars(1, 1),
            Call::Texts(0, 19_919, 4),
            Call::Session(next.clone()),
        ];
        run(settings.clone(), calls);
    }
}
