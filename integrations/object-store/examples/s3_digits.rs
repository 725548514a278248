//! Trains a classifier of handwritten digits and logs into S3. Without a URL it starts moto, a stand-in
//! for S3, which needs python3 with pip.
//!
//! ```sh
//! cargo run --release -p tfevents-object-store --features aws --example s3_digits
//! cargo run --release -p tfevents-object-store --features aws --example s3_digits -- s3://bucket/experiments
//! ```

use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tfevents_object_store::object_store::aws::AmazonS3Builder;
use tfevents_object_store::{ObjectStorage, tfevents::SummaryWriter};

const PIXELS: usize = 64;
const CLASSES: usize = 10;

/// Moto, which ends with this process.
struct Moto(Child);

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Moto {
    /// Starts moto on a free port and creates the bucket `runs`.
    fn start() -> Result<(Self, String), Box<dyn Error>> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port().to_string();
        let environment = std::env::temp_dir().join("tfevents-moto");
        let server = environment.join("bin/moto_server");
        if !server.exists() {
            println!("installing moto into {}", environment.display());
            run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
            run(Command::new(environment.join("bin/pip")).args(["install", "-q", "moto[server]"]))?;
        }
        let mut command = Command::new(server);
        command.args(["-H", "127.0.0.1", "-p", &port]).stdout(Stdio::null()).stderr(Stdio::null());
        let moto = Self(command.spawn()?);
        let end = Instant::now() + Duration::from_secs(60);
        let request = "PUT /runs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        loop {
            if let Ok(mut stream) = TcpStream::connect(format!("127.0.0.1:{port}")) {
                stream.write_all(request.as_bytes())?;
                stream.read_to_end(&mut Vec::new())?;
                return Ok((moto, format!("http://127.0.0.1:{port}")));
            }
            if Instant::now() > end {
                return Err("moto does not answer".into());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

fn run(command: &mut Command) -> Result<(), Box<dyn Error>> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} failed: {status}").into()) }
}

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(url) = std::env::args().nth(1) {
        let writer = ObjectStorage::from_url(&url)?.writer("digits").build()?;
        train(&writer)?;
        println!("tensorboard --load_fast=false --logdir {url}");
        return Ok(());
    }
    let (_moto, endpoint) = Moto::start()?;
    let s3 = AmazonS3Builder::new()
        .with_endpoint(&endpoint)
        .with_allow_http(true)
        .with_bucket_name("runs")
        .with_region("us-east-1")
        .with_access_key_id("test")
        .with_secret_access_key("test")
        .build()?;
    let storage = ObjectStorage::new(Arc::new(s3), "experiments")?;
    let writer = storage.writer("digits").build()?;
    let accuracy = train(&writer)?;
    let found = storage.run("digits")?.scalars("accuracy/test")?;
    let last = found.values().last().copied();
    println!("read back from {endpoint}: {} points, the last {last:?}", found.len());
    assert_eq!(last, Some(accuracy));
    Ok(())
}

/// Trains a linear classifier with gradient descent, an image at a time. Returns its accuracy.
fn train(writer: &SummaryWriter) -> Result<f32, Box<dyn Error>> {
    let images = images()?;
    let (train, test) = images.split_at(images.len() * 4 / 5);
    let mut weights = vec![[0.0f32; PIXELS + 1]; CLASSES];
    let (mut step, mut accuracy) = (0u64, 0.0);
    for _epoch in 0..10 {
        for (pixels, label) in train {
            let scores = softmax(&weights, pixels);
            writer.add_scalar("loss/train", -scores[*label].max(1e-9).ln(), step);
            for (class, weights) in weights.iter_mut().enumerate() {
                let error = scores[class] - f32::from(u8::from(class == *label));
                weights
                    .iter_mut()
                    .zip(pixels)
                    .for_each(|(weight, pixel)| *weight -= 0.05 * error * pixel);
            }
            step += 1;
        }
        let right = test.iter().filter(|(pixels, label)| {
            let scores = softmax(&weights, pixels);
            let best = (0..CLASSES).max_by(|a, b| scores[*a].total_cmp(&scores[*b]));
            best == Some(*label)
        });
        accuracy = right.count() as f32 / test.len() as f32;
        writer.add_scalar("accuracy/test", accuracy, step);
    }
    writer.close()?;
    println!("{step} steps, accuracy {accuracy:.3}, {} events written", writer.stats().written);
    Ok(accuracy)
}

fn softmax(weights: &[[f32; PIXELS + 1]], pixels: &[f32; PIXELS + 1]) -> [f32; CLASSES] {
    let mut scores = [0.0; CLASSES];
    for (score, weights) in scores.iter_mut().zip(weights) {
        *score = weights.iter().zip(pixels).map(|(weight, pixel)| weight * pixel).sum::<f32>();
    }
    let max = scores.iter().copied().fold(f32::MIN, f32::max);
    scores.iter_mut().for_each(|score| *score = (*score - max).exp());
    let sum: f32 = scores.iter().sum();
    scores.map(|score| score / sum)
}

/// The pixels of an image, with a constant at their end, and its label.
type Labeled = ([f32; PIXELS + 1], usize);

fn images() -> Result<Vec<Labeled>, Box<dyn Error>> {
    let text = include_str!("../../../examples/data/digits.csv");
    let mut images = Vec::new();
    for line in text.lines() {
        let numbers = line.split(',').map(str::parse).collect::<Result<Vec<f32>, _>>()?;
        let mut pixels = [1.0; PIXELS + 1];
        for (pixel, number) in pixels.iter_mut().zip(&numbers[..PIXELS]) {
            *pixel = number / 16.0;
        }
        images.push((pixels, numbers[PIXELS] as usize));
    }
    Ok(images)
}
