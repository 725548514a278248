//! Any sequence of calls and failures, against the simplest account of them: per run the list of
//! what was sent.

mod account;
mod session;

use super::bounded::Long;
use super::faults::PATIENCE;
use super::*;
use crate::storage::faulty::{Fault, Faulty};
use account::Model;
use proptest::prelude::*;
use session::Session;

/// The root and two children, by their places.
const RUNS: [&str; 3] = ["", "a", "b/c"];

#[derive(Clone, Debug)]
enum Call {
    Scalars(usize, u8),
    Texts(usize, usize, u8),
    HandOver(usize, usize),
    Flush,
    /// A child ends; perhaps somebody logs into it afterwards.
    CloseRun(usize, bool),
    LetGo(usize),
    /// From the n-th file operation on.
    Breaks(Fault, usize),
    Mends,
    /// The session ends, and another begins.
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
    /// What a call does when the buffer is full: `None` drops. Long waits are for storage that
    /// works: nothing breaks in such a session.
    waits_long: Option<bool>,
    quick: bool,
    durability: Durability,
}

/// Something that was logged, told apart by its step: what it is, and how long.
type Sent = (&'static str, i64, usize);

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

fn settings() -> impl Strategy<Value = Settings> {
    let begin = prop_oneof![Just(Begin::Anew), (0..50i64).prop_map(Begin::At), Just(Begin::AtEnd)];
    let durability = prop_oneof![
        Just(Durability::Os),
        Just(Durability::SyncOnFlush),
        Just(Durability::SyncOnInterval)
    ];
    let bools = (any::<bool>(), any::<bool>(), any::<bool>());
    (begin, bools, any::<Option<bool>>(), durability).prop_map(
        |(begin, (small_buffer, small_files, quick), waits_long, durability)| Settings {
            begin,
            small_buffer,
            small_files,
            waits_long,
            quick,
            durability,
        },
    )
}

fn call() -> impl Strategy<Value = Call> {
    let run = || 0..RUNS.len();
    let child = || 1..RUNS.len();
    // Small ones; those that have a block of their own; one that is larger than a small buffer.
    let len = || prop_oneof![0..100usize, 1_000..3_000usize, 17_000..25_000usize, Just(40_000)];
    let fault = prop_oneof![Just(Fault::Fails), Just(Fault::Short), Just(Fault::Full)];
    prop_oneof![
        6 => (run(), 1..60u8).prop_map(|(run, count)| Call::Scalars(run, count)),
        4 => (run(), len(), 1..12u8).prop_map(|(run, len, count)| Call::Texts(run, len, count)),
        4 => (run(), len()).prop_map(|(run, len)| Call::HandOver(run, len)),
        3 => Just(Call::Flush),
        2 => (child(), any::<bool>()).prop_map(|(run, late)| Call::CloseRun(run, late)),
        2 => child().prop_map(Call::LetGo),
        2 => (fault, 0..40usize).prop_map(|(fault, at)| Call::Breaks(fault, at)),
        2 => Just(Call::Mends),
        2 => settings().prop_map(Call::Session),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_sequence_of_calls_and_failures_keeps_the_guarantees(
        first in settings(),
        calls in proptest::collection::vec(call(), 1..40)
    ) {
        run(first, calls);
    }
}
