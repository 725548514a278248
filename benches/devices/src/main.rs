//! Logs tensors of a device that works asynchronously while that is busy, and checks that no call waits
//! for it, and that the values in the file are those at the time of the calls.
//!
//! ```text
//! cargo run --release --manifest-path benches/devices/Cargo.toml
//! ```
//!
//! A GPU or, where there is none, Mesa's software Vulkan (Debian: mesa-vulkan-drivers).

use burn::tensor::{Device, DeviceKind, Tensor};
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};
use tfevents::read::{Run, ValueData};
use tfevents::{Overflow, SummaryWriter};
use tfevents_burn::{BurnWriter, LogAs};

/// The first step compiles shaders, and does not count.
const STEPS: i64 = 21;
/// The device computes that many products of square matrices in a step.
const PRODUCTS: usize = 4;
const SIDE: usize = 512;
/// A call that waits takes as long as the device needs for a step; others a small part of that.
const MAX_PART: u32 = 4;

fn main() -> Result<(), Box<dyn Error>> {
    let device = Device::wgpu(DeviceKind::DefaultDevice);
    println!("{device:?}, {PRODUCTS} products of {SIDE}x{SIDE} a step");
    let dir = tempfile::tempdir()?;
    let times = train(&device, Some(dir.path()))?;
    check(dir.path());

    let (median, max) =
        (times.logging[times.logging.len() / 2], times.logging[times.logging.len() - 1]);
    let sync = times.sync[0];
    println!("seven tensors logged in a step: median {median:.2?}, maximum {max:.2?}");
    println!("waiting for the device instead: minimum {sync:.2?}");
    assert!(
        max < sync / MAX_PART,
        "a step waited for the device: {max:?} (expected below {:?})",
        sync / MAX_PART
    );
    Ok(())
}

/// Durations, in ascending order.
struct Times {
    /// The calls of a step that log, while the device works.
    logging: Vec<Duration>,
    /// The time that the device still needs for a step after its work was submitted.
    sync: Vec<Duration>,
}

fn train(device: &Device, logdir: Option<&Path>) -> Result<Times, Box<dyn Error>> {
    let side = [SIDE, SIDE];
    let weight = Tensor::<2>::full(side, 1.0 / SIDE as f32, device);
    // Nothing waits: neither the calls nor the buffer, which is larger than all that is logged.
    let writer =
        logdir.map(|logdir| SummaryWriter::builder(logdir).overflow(Overflow::Block).build());
    let writer = writer.transpose()?;
    let mut times = Times { logging: Vec::new(), sync: Vec::new() };
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

        if let Some(writer) = &writer {
            let begun = Instant::now();
            writer.add_tensor("loss", &scalar, LogAs::Scalar, step);
            writer.add_tensor("accuracy", &scalar, LogAs::Scalar, step);
            writer.add_tensor("first", &vector, LogAs::Parameter, step);
            writer.add_tensor("second", &vector, LogAs::Parameter, step);
            writer.add_tensor("logits", &vector, LogAs::Histogram, step);
            writer.add_tensor("whole", &vector, LogAs::Tensor, step);
            writer.add_tensor("picture", &picture, LogAs::Image, step);
            if step > 0 {
                times.logging.push(begun.elapsed());
            }
        }
        // Later changes of the tensors by the training are not logged.
        drop((vector * 0.0 - 1.0, scalar * 0.0 - 1.0, picture * 0.0));
        let begun = Instant::now();
        device.sync().map_err(|error| format!("{error:?}"))?;
        if step > 0 {
            times.sync.push(begun.elapsed());
        }
    }
    if let Some(writer) = writer {
        writer.close()?;
    }
    times.logging.sort();
    times.sync.sort();
    Ok(times)
}

/// Each tag has a value for each step, and that is the step.
fn check(logdir: &Path) {
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
            let expected = event.step as f64;
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
                ValueData::Images(_) => others += 1,
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
    println!("{STEPS} steps of nine tags, with the values at the time of the calls");
}
