//! Logs tensors of a device that works asynchronously while that is busy, and checks that no call waits
//! for it, and that the values in the file are those at the time of the calls.
//!
//! ```text
//! cargo run --release --manifest-path benches/devices/Cargo.toml
//! ```
//!
//! It runs on a GPU or, where there is none, on Mesa's software Vulkan (Debian: mesa-vulkan-drivers).

use burn::tensor::{Device, DeviceKind, Tensor};
use std::error::Error;
use std::io::Cursor;
use std::path::Path;
use std::time::{Duration, Instant};
use tfevents::SummaryWriter;
use tfevents::read::{Images, Run, ValueData};
use tfevents_burn::{BurnWriter, LogAs};

/// Steps, of which the first compiles shaders and is not timed.
const STEPS: i64 = 21;
/// Products of square matrices that the device computes in a step.
const PRODUCTS: usize = 4;
const SIDE: usize = 512;
/// The calls of a step take at most this part of the time that the device needs for the step. Calls that
/// wait for it take nearly all of it.
const MAX_SHARE: f64 = 0.25;

fn main() -> Result<(), Box<dyn Error>> {
    let device = Device::wgpu(DeviceKind::DefaultDevice);
    println!("{device:?}, {PRODUCTS} products of {SIDE}x{SIDE} in a step");
    let dir = tempfile::tempdir()?;
    let times = train(&device, dir.path())?;
    check_values(dir.path());
    check_times(times);
    Ok(())
}

/// The times of a step.
struct Times {
    /// The calls that log, made while the device works.
    logging: Duration,
    /// The synchronization after them: what the device still needs for the step.
    sync: Duration,
}

impl Times {
    /// Returns the part that the calls take of the time from the first of them to the device's last result.
    fn share(&self) -> f64 {
        self.logging.as_secs_f64() / (self.logging + self.sync).as_secs_f64()
    }
}

fn train(device: &Device, logdir: &Path) -> Result<Vec<Times>, Box<dyn Error>> {
    let side = [SIDE, SIDE];
    let weight = Tensor::<2>::full(side, 1.0 / SIDE as f32, device);
    // A slow device may need longer than 5 s for what is left at the end.
    let timeout = Duration::from_secs(120);
    let writer = SummaryWriter::builder(logdir).flush_timeout(timeout).build()?;
    let mut times = Vec::new();
    for step in 0..STEPS {
        let mut product = weight.clone();
        for _ in 0..PRODUCTS {
            product = product.matmul(weight.clone());
        }
        // All elements are the step, and known only when the products are.
        let busy = product * 0.0 + step as f32;
        let vector = busy.clone().slice([0..1]).reshape([SIDE]);
        let scalar = vector.clone().mean();
        let picture = busy.clone().slice([0..8, 0..8]) / STEPS as f32;

        let begun = Instant::now();
        writer.add_tensor("loss", &scalar, LogAs::Scalar, step);
        writer.add_tensor("accuracy", &scalar, LogAs::Scalar, step);
        writer.add_tensor("first", &vector, LogAs::Parameter, step);
        writer.add_tensor("second", &vector, LogAs::Parameter, step);
        writer.add_tensor("logits", &vector, LogAs::Histogram, step);
        writer.add_tensor("whole", &vector, LogAs::Tensor, step);
        writer.add_tensor("picture", &picture, LogAs::Image, step);
        let logging = begun.elapsed();
        // A training goes on computing with its tensors, and burn may reuse their memory for that.
        drop((vector * 0.0 - 1.0, scalar * 0.0 - 1.0, picture * 0.0));
        let begun = Instant::now();
        device.sync().map_err(|error| format!("{error:?}"))?;
        if step > 0 {
            times.push(Times { logging, sync: begun.elapsed() });
        }
    }
    writer.close()?;
    Ok(times)
}

fn check_times(mut times: Vec<Times>) {
    times.sort_by(|a, b| a.share().total_cmp(&b.share()));
    let (median, worst) = (&times[times.len() / 2], &times[times.len() - 1]);
    for (name, times) in [("median", median), ("worst", worst)] {
        println!(
            "{name} step: seven tensors logged in {:.2?}, then {:.2?} to wait for the device: {:.1} %",
            times.logging,
            times.sync,
            100.0 * times.share()
        );
    }
    assert!(
        worst.share() <= MAX_SHARE,
        "the calls of a step took {:?}, {:.0} % of the device's time for it (expected at most {:.0} %)",
        worst.logging,
        100.0 * worst.share(),
        100.0 * MAX_SHARE
    );
}

/// Checks that each tag has a value for each step, and that it is the step.
fn check_values(logdir: &Path) {
    let run = Run::open(logdir).expect("the run can be listed");
    let scalars = run.all_scalars().expect("its files can be read");
    let norm = (SIDE as f32).sqrt();
    for (tag, factor) in
        [("loss", 1.0), ("accuracy", 1.0), ("first/norm", norm), ("second/norm", norm)]
    {
        let points = &scalars[tag];
        assert_eq!(points.len() as i64, STEPS, "{tag}");
        for point in points.iter() {
            let expected = factor * point.step as f32;
            assert!((point.value - expected).abs() <= 1e-4 * expected, "{tag}: {point:?}");
        }
    }
    let mut others = 0;
    for event in run.events() {
        let event = event.expect("its files can be read");
        for value in event.values() {
            let expected = event.step() as f64;
            match value.data().expect("its data can be read") {
                ValueData::Histogram(histogram) => {
                    let buckets = &histogram.buckets;
                    let count: f64 = buckets.iter().map(|bucket| bucket.count).sum();
                    // Equal values lie in the middle between the outermost edges.
                    let middle = (buckets[0].lower + buckets[buckets.len() - 1].upper) / 2.0;
                    assert_eq!(count, SIDE as f64, "{}", value.tag());
                    assert!((middle - expected).abs() < 1e-3, "{}: {middle}", value.tag());
                    others += 1;
                }
                ValueData::Images(images) => {
                    check_image(&images, event.step());
                    others += 1;
                }
                ValueData::Tensor(tensor) => {
                    assert_eq!(tensor.to_f64(), Some(vec![expected; SIDE]));
                    others += 1;
                }
                _ => {}
            }
        }
    }
    // Three histograms, an image and a tensor a step.
    assert_eq!(others, 5 * STEPS);
    println!("{STEPS} steps with nine values each, as they were at the time of the calls");
}

/// Checks that all pixels have the step's share of white.
fn check_image(images: &Images<'_>, step: i64) {
    assert_eq!((images.width, images.height, images.encoded.len()), (8, 8, 1));
    let decoder = png::Decoder::new(Cursor::new(&images.encoded[0]));
    let mut reader = decoder.read_info().expect("the image can be decoded");
    let mut pixels = vec![0; 64];
    reader.next_frame(&mut pixels).expect("the image is gray, with eight bits");
    // As TensorFlow converts floats: multiplied by 255.5, and truncated.
    let expected = 255.5 * step as f32 / STEPS as f32;
    for pixel in pixels {
        assert!((-0.01..1.0).contains(&(expected - f32::from(pixel))), "{pixel} for {expected}");
    }
}
