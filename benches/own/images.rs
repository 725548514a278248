//! Time of an image of 256×256 RGB pixels on the thread that logs it.
//! `cargo bench -p benches --bench images`

use divan::Bencher;
use tfevents::{Image, SummaryWriter};

const SIDE: usize = 256;

fn main() {
    divan::main();
}

/// Smooth colors with a little noise, as a photograph has them.
fn picture() -> Image {
    let pixel = |at: usize| {
        let (x, y) = ((at / 3 % SIDE) as f64 / 40.0, (at / 3 / SIDE) as f64 / 30.0);
        (128.0 + 100.0 * (x + y * (at % 3) as f64).sin()) as u8 ^ (at * at % 8) as u8
    };
    let pixels: Vec<u8> = (0..SIDE * SIDE * 3).map(pixel).collect();
    Image::rgb8(SIDE, SIDE, &pixels).unwrap()
}

fn log(bencher: Bencher<'_, '_>, log: impl Fn(&SummaryWriter, Image)) {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    bencher
        .with_inputs(|| {
            writer.flush().unwrap();
            picture()
        })
        .bench_local_values(|image| log(&writer, image));
}

#[divan::bench]
fn encoded_at_once(bencher: Bencher<'_, '_>) {
    log(bencher, |writer, image| writer.add_image("input", &image, 0));
}

#[divan::bench]
fn deferred(bencher: Bencher<'_, '_>) {
    log(bencher, |writer, image| writer.add_deferred("input", image, 0));
}
