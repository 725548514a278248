//! Sounds: a chord of C major that climbs by a semitone with each step.

use crate::fill::STEPS;
use std::error::Error;
use std::f32::consts::TAU;
use tfevents::summary::AudioError;
use tfevents::{Audio, SummaryWriter};

/// Samples per second and channel.
pub const RATE: u32 = 22_050;
const SECONDS: f32 = 1.5;

/// Struck, as a string is, and let ring.
fn envelope(seconds: f32) -> f32 {
    let attack = (seconds / 0.01).min(1.0);
    attack * (-3.0 * seconds).exp()
}

/// A note in Hertz, counted in semitones from the middle C.
fn frequency(semitones: i64) -> f32 {
    261.625_58 * 2.0f32.powf(semitones as f32 / 12.0)
}

fn chord(root: i64) -> Result<Audio, AudioError> {
    let [c, e, g] = [root, root + 4, root + 7].map(frequency);
    let samples: Vec<f32> = (0..(SECONDS * RATE as f32) as usize)
        .flat_map(|i| {
            let t = i as f32 / RATE as f32;
            let tone = |frequency: f32| envelope(t) * (TAU * frequency * t).sin();
            // The lowest note on the left, the highest on the right.
            let (c, e, g) = (tone(c), tone(e), tone(g));
            [0.5 * c + 0.3 * e, 0.3 * e + 0.5 * g]
        })
        .collect();
    Audio::new(RATE, 2, &samples)
}

pub fn log(writer: &SummaryWriter) -> Result<(), Box<dyn Error>> {
    for step in 0..STEPS {
        writer.add_audio("chord", &chord(step)?, step);
    }
    Ok(())
}
