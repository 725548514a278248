//! Counting how often each bucket comes up.

/// So many tables are counted into in turn: a second value of the same bucket need not wait until
/// the count of the first is stored.
const TABLES: usize = 4;

/// Counts per bucket.
pub(super) struct Tally {
    /// 32 bits each, to keep them in the fastest cache.
    tables: [Vec<u32>; TABLES],
    /// What was in the tables before they could overflow.
    totals: Vec<u64>,
    /// How many values are in the tables.
    pending: u32,
}

impl Tally {
    pub(super) fn new(buckets: usize) -> Self {
        Self {
            tables: std::array::from_fn(|_| vec![0; buckets]),
            totals: vec![0; buckets],
            pending: 0,
        }
    }

    /// Counts a block of bucket numbers.
    pub(super) fn add(&mut self, block: &[u32]) {
        let len = u32::try_from(block.len()).unwrap_or(u32::MAX);
        self.pending = self.pending.checked_add(len).unwrap_or_else(|| {
            self.flush();
            len
        });
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

    pub(super) fn finish(mut self) -> Vec<u64> {
        self.flush();
        self.totals
    }

    fn flush(&mut self) {
        for table in &mut self.tables {
            for (total, count) in self.totals.iter_mut().zip(table) {
                *total += u64::from(std::mem::take(count));
            }
        }
        self.pending = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_emptied_before_they_overflow() {
        let mut tally = Tally::new(2);
        tally.add(&[1, 0, 1, 1, 1]);
        tally.pending = u32::MAX - 1;
        tally.add(&[0, 1]);
        assert_eq!((tally.pending, &tally.totals[..]), (2, &[1, 4][..]));
        assert_eq!(tally.finish(), [2, 5]);
    }
}
