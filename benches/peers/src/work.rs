//! The logged data: the same for every peer.

/// How many tags take turns.
pub const TAGS: usize = 10;

/// The tags of one thread: as long as they are in real trainings.
pub fn tags(thread: usize) -> Vec<String> {
    (0..TAGS).map(|tag| format!("worker{thread}/loss_{tag}")).collect()
}

/// A tag, and its place among those of its thread.
#[derive(Clone, Copy, Debug)]
pub struct Tag<'a> {
    pub index: usize,
    pub name: &'a str,
}

/// Makes the calls of one thread. The value counts them, so that each is unique: exact as `f32` up
/// to 2^24.
pub fn for_each(tags: &[String], calls: u64, mut call: impl FnMut(Tag<'_>, f32, i64)) {
    let mut count = 0;
    for step in 0.. {
        for (index, name) in tags.iter().enumerate() {
            if count == calls {
                return;
            }
            call(Tag { index, name }, count as f32, step);
            count += 1;
        }
    }
}

/// The most calls of one thread that values can count.
pub const MOST_CALLS: u64 = 1 << 24;

/// A generator of the same numbers on every run (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In (0, 1].
    fn unit(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1u64 << 53) as f64
    }
}

/// Returns normal values of mean 0 and deviation 1, like weights.
pub fn normal(len: usize) -> Vec<f32> {
    let mut random = Random(1);
    (0..len)
        .map(|_| {
            let (radius, angle) = (random.unit(), random.unit());
            ((-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()) as f32
        })
        .collect()
}

/// The side of the image that is logged.
pub const SIDE: usize = 256;

/// An RGB image of smooth colors with some noise, rows from the top: as a photograph compresses.
pub fn picture() -> Vec<u8> {
    let mut random = Random(2);
    let mut pixels = Vec::with_capacity(SIDE * SIDE * 3);
    for y in 0..SIDE {
        for x in 0..SIDE {
            let (x, y) = (x as f64 / SIDE as f64, y as f64 / SIDE as f64);
            for wave in [x * 7.0 + y, y * 9.0 - x, (x + y) * 5.0] {
                let noise = (random.next() % 9) as f64 - 4.0;
                pixels.push((128.0 + 100.0 * wave.sin() + noise) as u8);
            }
        }
    }
    pixels
}
