//! Counting how often each bucket comes up.

/// The tables that are counted into in turn: a second value of the same bucket need not wait until
/// the count of the first is stored.
const TABLES: usize = 4;

/// Up to this number of buckets, two values at a time are counted as one pair.
const FEW: usize = 1 << FEW_BITS;
const FEW_BITS: u32 = 5;
/// From this number of values on; with fewer, the tables of pairs cost more than they save.
const MANY: usize = 1 << 14;

/// Counts per bucket.
pub(super) struct Tally {
    /// Counts of 32 bits, to keep them in the fastest cache, by bucket or by pair of buckets.
    tables: [Vec<u32>; TABLES],
    pairs: bool,
    /// Counts moved from the tables before these could overflow.
    totals: Vec<u64>,
    /// The number of values in the tables.
    pending: u32,
}

impl Tally {
    /// Creates tables for about this number of values.
    pub(super) fn new(buckets: usize, values: usize) -> Self {
        let pairs = buckets <= FEW && values >= MANY;
        let len = if pairs { FEW * FEW } else { buckets };
        Self {
            tables: std::array::from_fn(|_| vec![0; len]),
            pairs,
            totals: vec![0; buckets],
            pending: 0,
        }
    }

    /// Counts a block of bucket numbers.
    #[inline(always)]
    pub(super) fn add(&mut self, block: &[u32]) {
        let len = u32::try_from(block.len()).unwrap_or(u32::MAX);
        self.pending = self.pending.checked_add(len).unwrap_or_else(|| {
            self.flush();
            len
        });
        if self.pairs {
            return self.add_pairs(block);
        }
        let [a, b, c, d] = &mut self.tables;
        let groups = block.chunks_exact(TABLES);
        for &index in groups.remainder() {
            a[index as usize] += 1;
        }
        for group in groups {
            a[group[0] as usize] += 1;
            b[group[1] as usize] += 1;
            c[group[2] as usize] += 1;
            d[group[3] as usize] += 1;
        }
    }

    #[inline(always)]
    fn add_pairs(&mut self, block: &[u32]) {
        let [a, b, c, d] = &mut self.tables;
        let groups = block.chunks_exact(2 * TABLES);
        for &index in groups.remainder() {
            self.totals[index as usize] += 1;
        }
        for group in groups {
            a[pair(group[0], group[1])] += 1;
            b[pair(group[2], group[3])] += 1;
            c[pair(group[4], group[5])] += 1;
            d[pair(group[6], group[7])] += 1;
        }
    }

    pub(super) fn finish(mut self) -> Vec<u64> {
        self.flush();
        self.totals
    }

    fn flush(&mut self) {
        for table in &mut self.tables {
            for (at, count) in table.iter_mut().enumerate().filter(|(_, count)| **count > 0) {
                let count = u64::from(std::mem::take(count));
                if self.pairs {
                    self.totals[at % FEW] += count;
                    self.totals[at / FEW] += count;
                } else {
                    self.totals[at] += count;
                }
            }
        }
        self.pending = 0;
    }
}

#[inline(always)]
fn pair(first: u32, second: u32) -> usize {
    (first | second << FEW_BITS) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_emptied_before_they_overflow() {
        let mut tally = Tally::new(2, 7);
        tally.add(&[1, 0, 1, 1, 1]);
        tally.pending = u32::MAX - 1;
        tally.add(&[0, 1]);
        assert_eq!((tally.pending, &tally.totals[..]), (2, &[1, 4][..]));
        assert_eq!(tally.finish(), [2, 5]);
    }

    #[test]
    fn pairs_are_counted_as_two() {
        for buckets in [1, 2, 31, 32, 33] {
            let mut tally = Tally::new(buckets, MANY);
            assert_eq!(tally.pairs, buckets <= FEW);
            let mut expected = vec![0; buckets];
            for len in [0, 1, 7, 8, 9, 1000] {
                let block: Vec<u32> = (0..len).map(|n| n * n % 7919 % buckets as u32).collect();
                block.iter().for_each(|&index| expected[index as usize] += 1);
                tally.add(&block);
            }
            assert_eq!(tally.finish(), expected);
        }
    }
}
