//! Values that are too large to keep all of them: thinned evenly, with the first and the last.

/// A value and when it was logged.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Item<T> {
    pub(crate) step: i64,
    pub(crate) wall_time: f64,
    pub(crate) value: T,
}

/// At most so many values, evenly over all that were added. The last one is always there.
#[derive(Clone, Debug)]
pub(crate) struct Kept<T> {
    items: Vec<Item<T>>,
    capacity: usize,
    /// The distance of what is kept.
    stride: usize,
    added: usize,
}

impl<T> Kept<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { items: Vec::new(), capacity: capacity.max(2), stride: 1, added: 0 }
    }

    pub(crate) fn push(&mut self, step: i64, wall_time: f64, value: T) {
        // The last one was only kept for being the last.
        if self.added > 0 && !(self.added - 1).is_multiple_of(self.stride) {
            self.items.pop();
        }
        self.items.push(Item { step, wall_time, value });
        self.added += 1;
        if self.items.len() > self.capacity {
            let mut at = 0;
            let last = self.items.len() - 1;
            self.items.retain(|_| {
                at += 1;
                (at - 1) % 2 == 0 || at - 1 == last
            });
            self.stride *= 2;
        }
    }

    /// Drops what is at a step or later.
    pub(crate) fn cut(&mut self, step: i64) {
        self.items.retain(|item| item.step < step);
        self.added = self.items.len() * self.stride;
    }

    pub(crate) fn items(&self) -> &[Item<T>] {
        &self.items
    }

    /// Returns how many were added, those included that are left out.
    pub(crate) fn added(&self) -> usize {
        self.added
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_kept_is_even_and_ends_with_the_last(
            added in 1usize..3000, capacity in 2usize..50,
        ) {
            let mut kept = Kept::new(capacity);
            for at in 0..added {
                kept.push(at as i64, 0.0, at);
            }
            let found: Vec<_> = kept.items().iter().map(|item| item.value).collect();
            prop_assert!(found.len() <= capacity && found.len() >= capacity.min(added) / 2);
            prop_assert_eq!((found[0], found[found.len() - 1]), (0, added - 1));
            let stride = kept.stride;
            let even = &found[..found.len() - 1];
            prop_assert!(even.iter().enumerate().all(|(at, value)| *value == at * stride));
        }
    }
}
