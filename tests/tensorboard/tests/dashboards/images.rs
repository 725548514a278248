use tensorboard_tests::{Blob, Point, show, show_with};
use tfevents::summary::{MediaEncoding, Summary};
use tfevents::{Audio, Image, SummaryWriter};

use crate::writer;

/// Width, height, colors and pixels of a PNG.
pub fn pixels(blob: &Blob) -> (u32, u32, png::ColorType, Vec<u8>) {
    assert_eq!(blob.mime, "image/png");
    let mut reader =
        png::Decoder::new(std::io::Cursor::new(&blob.bytes)).read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a small image")];
    let info = reader.next_frame(&mut pixels).expect("a whole PNG");
    assert_eq!(info.bit_depth, png::BitDepth::Eight);
    pixels.truncate(info.buffer_size());
    (info.width, info.height, info.color_type, pixels)
}

fn random_bytes(rng: &mut fastrand::Rng, count: usize) -> Vec<u8> {
    (0..count).map(|_| rng.u8(..)).collect()
}

#[test]
fn more_than_ten_of_one_tag() {
    let logdir = tempfile::tempdir().unwrap();
    let (writer, clock) = writer(logdir.path());
    let mut rng = fastrand::Rng::with_seed(5);
    let expected: Vec<Point<Vec<u8>>> = (0..25)
        .map(|i| {
            let value = random_bytes(&mut rng, 7 * 3 * 3);
            let (wall_time, step) = (clock.tick(&mut rng), 100 * i);
            writer.add_image("noise", &Image::rgb8(7, 3, &value).unwrap(), step);
            Point { wall_time, step, value }
        })
        .collect();
    writer.close().unwrap();

    // Without this TensorBoard keeps ten of them.
    show_with(logdir.path(), &["--samples_per_plugin=images=100"], |board| {
        let served = board.images(".", "noise", 0, 2400);
        assert_eq!(served.len(), expected.len());
        for (served, expected) in served.iter().zip(&expected) {
            assert_eq!((served.wall_time, served.step), (expected.wall_time, expected.step));
            let pixels = pixels(&served.value);
            assert_eq!(
                pixels,
                (7, 3, png::ColorType::Rgb, expected.value.clone()),
                "step {}",
                served.step
            );
        }
    });
}

#[test]
fn every_kind_of_pixel() {
    type Make = fn(usize, usize, &[u8]) -> Image;
    let kinds: [(&str, usize, png::ColorType, Make); 4] = [
        ("gray", 1, png::ColorType::Grayscale, |w, h, p| Image::gray8(w, h, p).unwrap()),
        ("gray+alpha", 2, png::ColorType::GrayscaleAlpha, |w, h, p| {
            Image::gray_alpha8(w, h, p).unwrap()
        }),
        ("rgb", 3, png::ColorType::Rgb, |w, h, p| Image::rgb8(w, h, p).unwrap()),
        ("rgba", 4, png::ColorType::Rgba, |w, h, p| Image::rgba8(w, h, p).unwrap()),
    ];
    let logdir = tempfile::tempdir().unwrap();
    let (writer, _) = writer(logdir.path());
    let mut rng = fastrand::Rng::with_seed(6);
    let expected = kinds.map(|(tag, channels, colors, make)| {
        let pixels = random_bytes(&mut rng, 5 * 4 * channels);
        writer.add_image(tag, &make(5, 4, &pixels), 0);
        (tag, (5, 4, colors, pixels))
    });
    writer.close().unwrap();

    show(logdir.path(), |board| {
        for (tag, expected) in &expected {
            let served = board.images(".", tag, 0, 0);
            assert_eq!(pixels(&served[0].value), *expected, "{tag}");
        }
    });
}

/// Images and audio as torch writes them, and labels on top.
#[test]
fn media_in_the_older_form() {
    let logdir = tempfile::tempdir().unwrap();
    let builder = SummaryWriter::builder(logdir.path()).media_encoding(MediaEncoding::Simple);
    let writer = builder.build().unwrap();
    let red = Image::rgb8(2, 1, &[255, 0, 0, 9, 8, 7]).unwrap();
    for step in 0..3 {
        writer.add_image("red", &red, step);
    }
    writer.add("labeled", &red.clone().with_metadata().display_name("Red"), 0);
    let tone = Audio::new(8000, 1, &[0i16, 1000, -1000]).unwrap();
    writer.add_audio("tone", &tone, 0);
    writer.close().unwrap();

    show(logdir.path(), |board| {
        let served = board.images(".", "red", 0, 2);
        assert_eq!(served.len(), 3);
        let expected = (2, 1, png::ColorType::Rgb, vec![255, 0, 0, 9, 8, 7]);
        assert!(served.iter().all(|point| pixels(&point.value) == expected));
        assert_eq!(board.tag_info("images", ".", "labeled")["displayName"], "Red");
        let tone = &board.audio(".", "tone", 0, 0)[0].value;
        assert_eq!(tone.mime, "audio/wav");
        let reader = hound::WavReader::new(&tone.bytes[..]).unwrap();
        assert!(reader.into_samples::<i16>().map(Result::unwrap).eq([0, 1000, -1000]));
    });
}
