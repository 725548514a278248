//! An image of 256×256×3 bytes, at the caller.

use super::{Setup, in_turn, millis};
use crate::peers::{ours, tfrecord};
use crate::report::Report;
use crate::work::{SIDE, picture};
use crate::{Result, read_back};
use std::path::Path;
use std::time::{Duration, Instant};
use tfevents::Image;

pub const WORK: &str = "add_image 256×256×3 u8, at the caller";

pub const ENCODED: &str = "tfevents, encoded at once";
pub const DEFERRED: &str = "tfevents, deferred";

/// Logs the picture `calls` times and returns how long the calls took.
type Log = fn(&Path, &[u8], u64) -> Duration;

const WRITERS: &[(&str, Log)] = &[
    (ENCODED, by_ours),
    (DEFERRED, deferred),
    ("tfrecord", by_tfrecord),
    ("tensorboard-rs", by_tensorboard_rs),
];

const CALLS: u64 = 20;

pub fn round(setup: &Setup, report: &mut Report, round: usize) -> Result<()> {
    let pixels = picture();
    for (name, log) in in_turn(WRITERS, round) {
        let dir = setup.place.fresh()?;
        let time = log(dir.path(), &pixels, CALLS);
        read_back::images(dir.path(), CALLS, &pixels)
            .map_err(|error| format!("{name}: {error}"))?;
        report.add(WORK, name, "ms", millis(time) / CALLS as f64);
    }
    Ok(())
}

fn by_ours(dir: &Path, pixels: &[u8], calls: u64) -> Duration {
    let writer = ours::writer(dir);
    let begun = Instant::now();
    for step in 0..calls {
        let image = Image::rgb8(SIDE, SIDE, pixels).expect("as many bytes");
        writer.add_image("picture", &image, step);
    }
    let time = begun.elapsed();
    writer.close().expect("nothing dropped");
    time
}

/// With owned pixels, as a deferred image needs them.
fn deferred(dir: &Path, pixels: &[u8], calls: u64) -> Duration {
    let writer = ours::writer(dir);
    let owned: Vec<_> = (0..calls).map(|_| pixels.to_vec()).collect();
    let begun = Instant::now();
    for (step, pixels) in owned.into_iter().enumerate() {
        let image = Image::rgb8(SIDE, SIDE, pixels).expect("as many bytes");
        writer.add_deferred("picture", image, step);
    }
    let time = begun.elapsed();
    writer.close().expect("nothing dropped");
    time
}

fn by_tfrecord(dir: &Path, pixels: &[u8], calls: u64) -> Duration {
    let mut writer = tfrecord::writer(dir, false);
    let side = SIDE as u32;
    let image = image::RgbImage::from_raw(side, side, pixels.to_vec()).expect("as many bytes");
    // Without the hint it takes no image at all.
    let mut image = image.into_flat_samples();
    image.color_hint = Some(image::ColorType::Rgb8);
    let begun = Instant::now();
    for step in 0..calls {
        writer.write_image("picture", step as i64, &image).expect("an image");
    }
    let time = begun.elapsed();
    writer.flush().expect("a flush");
    time
}

/// Its documentation says channels first, but it passes the bytes on as they are.
fn by_tensorboard_rs(dir: &Path, pixels: &[u8], calls: u64) -> Duration {
    let mut writer = tensorboard_rs::summary_writer::SummaryWriter::new(dir);
    let begun = Instant::now();
    for step in 0..calls {
        writer.add_image("picture", pixels, &[3, SIDE, SIDE], step as usize);
    }
    let time = begun.elapsed();
    drop(writer);
    time
}
