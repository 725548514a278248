//! Steps that do not increase, found on the thread that writes.
//!
//! Where a tag's step is not greater than the one before, TensorBoard's data server drops the points
//! from there on: the usual cause is several threads that log one tag, each with steps of its own.

use super::block::Block;
use crate::wire::event;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// How many tags are watched; further ones are not.
const MAX_TAGS: usize = 65_536;

/// The last steps of a run's tags.
#[derive(Debug, Default)]
pub(super) struct Steps {
    tags: Vec<Tag>,
    by_name: HashMap<Box<[u8]>, usize, BuildHasherDefault<NameHasher>>,
    /// The tag of the event before.
    last: usize,
}

#[derive(Debug)]
struct Tag {
    name: Box<[u8]>,
    /// The bytes of its last event up to the end of the tag: those of the next are mostly the same.
    head: Vec<u8>,
    step: i64,
    /// The kind of its first value; empty if it has none.
    kind: Box<[u8]>,
    kind_reported: bool,
    /// The tag that followed this one last time: a training logs its tags in a fixed order, so the
    /// next one is found without a hash.
    next: usize,
    reported: bool,
}

/// Hashes names in a few nanoseconds, because those of several threads come in no order. They are the
/// program's own, so nobody chooses them to collide.
#[derive(Default)]
struct NameHasher(u64);

impl Hasher for NameHasher {
    #[inline]
    fn write(&mut self, mut bytes: &[u8]) {
        while let Some((word, rest)) = bytes.split_first_chunk() {
            self.write_u64(u64::from_le_bytes(*word));
            bytes = rest;
        }
        let last = bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        self.write_u64(last);
    }

    #[inline]
    fn write_u64(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * 0x9e37_79b9_7f4a_7c15;
        self.0 = product as u64 ^ (product >> 64) as u64;
    }

    #[inline]
    fn write_usize(&mut self, len: usize) {
        self.0 ^= len as u64;
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

/// A step that is not greater than the one before under the same tag.
#[derive(Debug, PartialEq)]
pub(crate) struct StepBack<'a> {
    pub(crate) tag: &'a str,
    pub(crate) before: i64,
    pub(crate) step: i64,
}

/// Data of another kind than the first under the same tag.
#[derive(Debug, PartialEq)]
pub(crate) struct KindChange<'a> {
    pub(crate) tag: &'a str,
    pub(crate) first: &'a str,
    pub(crate) then: &'a str,
}

/// Something that TensorBoard would not show as the program logged it.
#[derive(Debug, PartialEq)]
pub(crate) enum Finding<'a> {
    StepBack(StepBack<'a>),
    KindChange(KindChange<'a>),
}

impl Steps {
    /// Checks the events of a block that are not yet in a file. `restart` is the number of an event
    /// from which steps may begin anew.
    pub(super) fn check(
        &mut self,
        block: &Block,
        mut restart: Option<u64>,
        report: &mut dyn FnMut(Finding<'_>),
    ) {
        for (number, data) in (block.first()..).zip(block.records()) {
            if restart.is_some_and(|restart| number >= restart) {
                *self = Self::default();
                restart = None;
            }
            let Some((step, rest)) = event::split_step(data) else { continue };
            let next = self.tags.get(self.last).map_or(0, |tag| tag.next);
            match self.tags.get(next) {
                Some(tag) if rest.starts_with(&tag.head) => self.see(next, step, report),
                _ => match event::peek(rest) {
                    event::Peek::Value { tag, head, fields } => {
                        if let Some((at, is_same)) = self.find(tag, head, fields, step) {
                            self.see(at, step, report);
                            if !is_same {
                                self.see_kind(at, fields, report);
                            }
                        }
                    }
                    event::Peek::SessionStart => *self = Self::default(),
                    event::Peek::Other => {}
                },
            }
        }
    }

    #[inline]
    fn see(&mut self, at: usize, step: i64, report: &mut dyn FnMut(Finding<'_>)) {
        let tag = &mut self.tags[at];
        if step <= tag.step && !tag.reported {
            tag.reported = true;
            if let Ok(tag_name) = std::str::from_utf8(&tag.name) {
                report(Finding::StepBack(StepBack { tag: tag_name, before: tag.step, step }));
            }
        }
        tag.step = step;
        self.last = at;
    }

    /// Compares the kind of a value with that of the first value of its tag.
    #[cold]
    fn see_kind(&mut self, at: usize, fields: &[u8], report: &mut dyn FnMut(Finding<'_>)) {
        let tag = &mut self.tags[at];
        let then = event::kind(fields).unwrap_or_default();
        if tag.kind_reported || then.is_empty() || tag.kind.is_empty() || *then == *tag.kind {
            return;
        }
        tag.kind_reported = true;
        let text = std::str::from_utf8;
        if let (Ok(tag), Ok(first), Ok(then)) = (text(&tag.name), text(&tag.kind), text(then)) {
            report(Finding::KindChange(KindChange { tag, first, then }));
        }
    }

    /// Returns where a tag is that was seen before, and whether its last event began with the same
    /// bytes; otherwise adds it.
    fn find(
        &mut self,
        name: &[u8],
        head: &[u8],
        fields: &[u8],
        step: i64,
    ) -> Option<(usize, bool)> {
        let (at, is_same) = match self.by_name.get(name) {
            Some(at) => {
                let kept = &mut self.tags[*at].head;
                // It has the length of the event. Events of two kinds are hardly ever equally long.
                let is_same = *kept == head;
                if !is_same {
                    kept.clear();
                    kept.extend_from_slice(head);
                }
                (*at, is_same)
            }
            None => {
                let at = self.tags.len();
                if at < MAX_TAGS {
                    let name: Box<[u8]> = name.into();
                    self.by_name.insert(name.clone(), at);
                    let head = head.to_vec();
                    self.tags.push(Tag {
                        name,
                        head,
                        step,
                        kind: event::kind(fields).unwrap_or_default().into(),
                        kind_reported: false,
                        next: 0,
                        reported: false,
                    });
                    self.link(at);
                    self.last = at;
                }
                return None;
            }
        };
        self.link(at);
        Some((at, is_same))
    }

    fn link(&mut self, next: usize) {
        let last = self.last;
        if let Some(tag) = self.tags.get_mut(last) {
            tag.next = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::block::Contents;
    use crate::wire::event::{Payload, ScalarForm, Stamp, write_event, write_scalar};

    fn block(events: &[(&str, i64)]) -> Block {
        let mut block = Block::new(vec![0; 1 << 16], Contents::Small).numbered(0);
        for &(tag, step) in events {
            let stamp = Stamp { wall_time: 1.5, step };
            block.push(step, |out| match tag {
                "START" => write_event(out, stamp, Payload::SessionLog, event::SESSION_START),
                _ => write_scalar(out, stamp, tag, 0.5, ScalarForm::Simple, b""),
            });
        }
        block
    }

    fn found(blocks: &[&[(&str, i64)]], restart: Option<u64>) -> Vec<(String, i64, i64)> {
        let (mut steps, mut found) = (Steps::default(), Vec::new());
        for events in blocks {
            steps.check(&block(events), restart, &mut |finding| match finding {
                Finding::StepBack(StepBack { tag, before, step }) => {
                    found.push((tag.to_owned(), before, step));
                }
                Finding::KindChange(change) => panic!("{change:?}"),
            });
        }
        found
    }

    #[test]
    fn a_step_that_is_not_greater_is_reported_once_for_each_tag() {
        let rising = [("a", 0), ("b", 0), ("a", 1), ("b", 5), ("a", 2)];
        assert_eq!(found(&[&rising, &[("b", 6), ("a", 3)]], None), []);
        let back = [("a", 5), ("b", 5), ("a", 4), ("a", 3), ("b", 5), ("c", -1), ("c", -2)];
        let wanted = [("a", 5, 4), ("b", 5, 5), ("c", -1, -2)];
        assert_eq!(found(&[&back], None), wanted.map(|(tag, a, b)| (tag.to_owned(), a, b)));
        // Also from one block to the next.
        assert_eq!(found(&[&[("a", 5)], &[("a", 1)]], None), [("a".to_owned(), 5, 1)]);
    }

    #[test]
    fn a_session_that_begins_may_begin_at_any_step() {
        assert_eq!(found(&[&[("a", 5), ("START", 2), ("a", 2), ("a", 3)]], None), []);
        // From the third event on.
        assert_eq!(found(&[&[("a", 5), ("a", 6), ("a", 0), ("a", 1)]], Some(2)), []);
        let late = found(&[&[("a", 5), ("a", 0), ("a", 1)]], Some(2));
        assert_eq!(late, [("a".to_owned(), 5, 0)]);
    }

    #[test]
    fn more_tags_than_are_watched_do_no_harm() {
        let names: Vec<String> = (0..MAX_TAGS + 10).map(|at| format!("tag {at}")).collect();
        let mut steps = Steps::default();
        for names in names.chunks(500) {
            let events: Vec<_> = names.iter().map(|name| (name.as_str(), 1)).collect();
            steps.check(&block(&events), None, &mut |back| panic!("{back:?}"));
        }
        assert_eq!(steps.tags.len(), MAX_TAGS);
        let mut found = 0;
        steps.check(&block(&[("tag 0", 1), (&names[MAX_TAGS], 1)]), None, &mut |_| found += 1);
        assert_eq!(found, 1);
    }
}
