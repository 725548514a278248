//! Values per callsite, which are read without a lock.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::OnceLock;
use tracing_core::callsite::Identifier;

/// The default number of slots in a segment: enough for most programs.
const SLOTS: usize = 256;
/// How many slots of a segment are tried for a callsite.
const PROBES: usize = 8;

/// A value per callsite. Values stay as long as the map: a program has a fixed number of callsites.
///
/// A chain of hash tables of a fixed size, whose slots are set once.
pub(super) struct CallsiteMap<T, const N: usize = SLOTS> {
    first: OnceLock<Box<Segment<T, N>>>,
}

struct Segment<T, const N: usize> {
    slots: [OnceLock<Box<Entry<T>>>; N],
    next: OnceLock<Box<Segment<T, N>>>,
}

struct Entry<T> {
    callsite: Identifier,
    value: T,
}

impl<T, const N: usize> CallsiteMap<T, N> {
    pub(super) fn new() -> Self {
        Self { first: OnceLock::new() }
    }

    /// Returns the value of a callsite, which `make` makes the first time. Threads that are first
    /// together may each make one, of which one is kept. `make` may call this map itself.
    #[inline]
    pub(super) fn get_or_make(&self, callsite: &Identifier, make: impl Fn() -> T) -> &T {
        let start = hash(callsite);
        let mut made = None;
        let mut next = &self.first;
        loop {
            let segment = next.get_or_init(|| Box::new(Segment::new()));
            for probe in 0..PROBES {
                let slot = &segment.slots[(start + probe) % N];
                let entry = match slot.get() {
                    Some(entry) => entry,
                    None => {
                        let value = made.take().unwrap_or_else(&make);
                        let entry = Box::new(Entry { callsite: callsite.clone(), value });
                        if let Err(entry) = slot.set(entry) {
                            // Another thread was quicker, maybe with another callsite.
                            made = Some(entry.value);
                        }
                        let Some(entry) = slot.get() else { continue };
                        entry
                    }
                };
                if entry.callsite == *callsite {
                    return &entry.value;
                }
            }
            next = &segment.next;
        }
    }
}

impl<T, const N: usize> Default for CallsiteMap<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, const N: usize> Segment<T, N> {
    fn new() -> Self {
        Self { slots: std::array::from_fn(|_| OnceLock::new()), next: OnceLock::new() }
    }
}

impl<T, const N: usize> fmt::Debug for CallsiteMap<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallsiteMap").finish_non_exhaustive()
    }
}

/// Returns a number that says which slot is tried first for a callsite.
fn hash(callsite: &Identifier) -> usize {
    let mut hasher = AddressHasher(None);
    callsite.hash(&mut hasher);
    hasher.finish() as usize
}

/// Hashes the address of a callsite.
struct AddressHasher(Option<u64>);

impl Hasher for AddressHasher {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = Some((self.0.unwrap_or(0) << 8) | u64::from(byte));
        }
    }

    fn write_usize(&mut self, address: usize) {
        // The table of the callsite's methods follows, which says nothing more.
        self.0.get_or_insert(address as u64);
    }

    fn finish(&self) -> u64 {
        // The upper bits of a product depend on all bits of the address.
        self.0.unwrap_or(0).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tracing_core::{Callsite, Interest, Metadata};

    struct Site(u8);

    impl Callsite for Site {
        fn set_interest(&self, _: Interest) {}
        fn metadata(&self) -> &Metadata<'_> {
            unreachable!("not read by the map")
        }
    }

    #[test]
    fn more_callsites_than_slots_keep_their_values() {
        let sites: &'static [Site] = Vec::leak((0..3000).map(|at| Site(at as u8)).collect());
        let id = |at: usize| Identifier(&sites[at]);
        let (map, made) = (CallsiteMap::<_, 64>::new(), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for at in 0..sites.len() {
                        let make = || {
                            made.fetch_add(1, Ordering::Relaxed);
                            at
                        };
                        assert_eq!(*map.get_or_make(&id(at), make), at);
                    }
                });
            }
        });
        for (at, site) in sites.iter().enumerate() {
            assert_eq!(*map.get_or_make(&id(at), || usize::MAX), at, "{}", site.0);
        }
        assert!(made.into_inner() >= sites.len());
    }

    #[test]
    fn a_value_may_be_made_while_another_is_made() {
        let sites: &'static [Site; 2] = Box::leak(Box::new([Site(0), Site(1)]));
        let map = CallsiteMap::<_, 16>::new();
        let outer = || *map.get_or_make(&Identifier(&sites[1]), || 1) + 1;
        assert_eq!(*map.get_or_make(&Identifier(&sites[0]), outer), 2);
        assert_eq!(*map.get_or_make(&Identifier(&sites[1]), || 9), 1);
    }
}
