//! Places for events that are logged now and made later.

use super::room::Need;
use super::{BATCH, Queue, RunKey};
use crate::wire::event::Stamp;
use crate::writer::block::Block;
use crate::writer::hand_over::{Slot, Unmade};
use crate::writer::tell::tell;
use log::Level;

impl Queue {
    /// Whether something that holds so many bytes can ever be handed over.
    pub(in crate::writer) fn can_reserve(&self, held: usize) -> bool {
        held <= self.limits.large
    }

    /// Keeps a place in the run for an event that is logged now and made later, from something
    /// that holds so many bytes; `None` if the event is dropped instead.
    pub(in crate::writer) fn reserve(&self, key: RunKey, step: i64, held: usize) -> Option<Slot> {
        let ticks = self.ticks.read();
        let mut state = self.state.lock();
        self.end_if_forked(&mut state);
        if !state.takes(key) {
            self.drop_closed(state, held);
            return None;
        }
        let wall_time = self.clock.often(&mut state.stopwatch, ticks);
        let mut state = self.wait_for_room(state, key, &mut Need::reserved(held), held)?;
        state.reserved += 1;
        let slot = Slot::new(key.run, state.accepted, Stamp { wall_time, step });
        self.begin_block(&mut state, key.run, Block::reserved(held, step));
        state.accepted += 1;
        Some(slot)
    }

    /// Puts an event into its place. The place is given up if the event could not be made, or is
    /// larger than the room there is.
    pub(in crate::writer) fn fill(&self, slot: Slot, tag: &str, made: Result<Block, Unmade>) {
        let mut state = self.state.lock();
        let run = slot.run();
        let blocks = &state.runs[run.0].blocks;
        // The run itself may have been given up meanwhile.
        let Ok(at) = blocks.binary_search_by_key(&slot.number(), Block::first) else {
            return;
        };
        let held = blocks[at].held();
        state.reserved -= 1;
        state.let_go(run, true, held);
        let room = self.limits.large - state.held.large;
        let made = made
            .and_then(|block| if block.held() <= room { Ok(block) } else { Err(Unmade::TooLarge) });
        let mut unmade = None;
        match made {
            Ok(block) => {
                state.hold(run, true, block.held());
                state.runs[run.0].blocks[at] = block.numbered(slot.number());
            }
            Err(reason) => {
                state.runs[run.0].blocks.remove(at);
                state.runs[run.0].dropped += 1;
                state.given_up += 1;
                state.stats.drops.encode_failed += 1;
                state.count_dropped(1, held);
                // Somebody may wait for it.
                state.full_blocks = BATCH;
                unmade = (!std::mem::replace(&mut state.told_unmade, true)).then_some(reason);
            }
        }
        if at == 0 && state.held_up.remove(run) {
            state.dirty.insert(run);
            // What lies behind it has waited as long as itself.
            state.oldest = Some(state.oldest.map_or(slot.since(), |old| old.min(slot.since())));
        }
        self.hurry_if_large(&mut state);
        self.work.notify_one();
        self.done.notify_all();
        drop(state);
        if let Some(reason) = unmade {
            tell(Level::Error, format_args!("{tag:?} was handed over and {reason}: it is dropped"));
        }
    }
}
