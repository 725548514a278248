//! Buckets of equal width, computed as TensorFlow 2 computes them: in f64, step by step, so that
//! edges and counts agree to the bit.

use super::{Histogram, Number};

/// Values are handled in blocks that fit the fastest cache.
const BLOCK: usize = 1024;

pub(super) fn sort<T: Number>(values: &[T], buckets: usize) -> Histogram {
    let range = Range::of(values);
    let non_finite = values.len() as u64 - range.count;
    let rows = if range.count == 0 {
        vec![[0.0; 3]; buckets]
    } else if range.min == range.max {
        let mut rows = vec![[range.min, range.max, 0.0]; buckets];
        if let Some(last) = rows.last_mut() {
            last[2] = range.count as f64;
        }
        rows
    } else if buckets == 0 {
        Vec::new()
    } else {
        let counts = count(values, range, buckets);
        let width = (range.max - range.min) / buckets as f64;
        let edge = |at: usize| {
            if at == buckets { range.max } else { range.min + width * at as f64 }
        };
        let row = |(at, count)| [edge(at), edge(at + 1), count as f64];
        counts.into_iter().enumerate().map(row).collect()
    };
    Histogram { rows, count: range.count, non_finite }
}

/// The least and the greatest of the finite values, and how many they are.
#[derive(Clone, Copy)]
pub(super) struct Range {
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) count: u64,
}

impl Range {
    pub(super) fn of<T: Number>(values: &[T]) -> Self {
        let mut range = Self { min: f64::INFINITY, max: f64::NEG_INFINITY, count: 0 };
        for value in values {
            let value = value.to_f64();
            if value.is_finite() {
                range.min = range.min.min(value);
                range.max = range.max.max(value);
                range.count += 1;
            }
        }
        range
    }
}

fn count<T: Number>(values: &[T], range: Range, buckets: usize) -> Vec<u64> {
    let last = buckets - 1;
    let width = (range.max - range.min) / buckets as f64;
    // One bucket more takes the values that are left out, so that the loop has no branch.
    let mut counts = vec![0u64; buckets + 1];
    let mut indices = [0u32; BLOCK];
    for block in values.chunks(BLOCK) {
        for (index, value) in indices.iter_mut().zip(block) {
            let value = value.to_f64();
            // Not negative, so cutting it off is the floor; NaN saturates to 0.
            let at = (((value - range.min) / width) as u32).min(last as u32);
            *index = if value.is_finite() { at } else { buckets as u32 };
        }
        for &index in &indices[..block.len()] {
            counts[index as usize] += 1;
        }
    }
    counts.truncate(buckets);
    counts
}
