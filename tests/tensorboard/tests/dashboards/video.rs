use tensorboard_tests::{Blob, show};
use tfevents::Image;
use tfevents::summary::{ImageLayout, Video};

use crate::writer;

/// The delay and the RGB pixels of each frame of a GIF that repeats forever.
fn frames(blob: &Blob) -> Vec<(u16, Vec<u8>)> {
    assert_eq!(blob.mime, "image/gif");
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(&blob.bytes[..]).expect("a GIF");
    assert_eq!(decoder.repeat(), gif::Repeat::Infinite);
    let mut frames = Vec::new();
    while let Some(frame) = decoder.read_next_frame().expect("a whole frame") {
        let rgb = frame.buffer.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]);
        frames.push((frame.delay, rgb.collect()));
    }
    frames
}

#[test]
fn gray_and_color() {
    let logdir = tempfile::tempdir().unwrap();
    let (writer, clock) = writer(logdir.path());
    let mut rng = fastrand::Rng::with_seed(9);
    let noise: Vec<u8> = (0..6 * 20 * 24).map(|_| rng.u8(..)).collect();
    let time = clock.tick(&mut rng);
    writer.add_video(
        "gray",
        &Video::from_array(12.5, ImageLayout::Hwc, [6, 20, 24, 1], &noise).unwrap(),
        3,
    );
    // Less than 256 colors in each frame, and others in the next.
    let colors: Vec<Vec<u8>> =
        (0..4).map(|_| (0..3 * 12 * 16).map(|_| rng.u8(..)).collect()).collect();
    let images: Vec<_> = colors.iter().map(|rgb| Image::rgb8(16, 12, rgb).unwrap()).collect();
    let video = Video::new(2.0, &images).unwrap();
    writer.add_video("color", &video, 4);
    let turned = Video::new(2.0, images.iter().rev()).unwrap();
    writer.add_images("two of them", [video.as_image(), turned.as_image()], 4);
    writer.close().unwrap();

    let gray = noise.chunks_exact(20 * 24);
    let gray = gray.map(|frame| (8, frame.iter().flat_map(|&gray| [gray; 3]).collect::<Vec<_>>()));
    show(logdir.path(), |board| {
        let served = board.images(".", "gray", 0, 3).remove(0);
        assert_eq!((served.wall_time, served.step), (time, 3));
        assert!(frames(&served.value).into_iter().eq(gray.clone()));
        let expected: Vec<_> = colors.iter().map(|rgb| (50, rgb.clone())).collect();
        let of = |tag, sample| frames(&board.images(".", tag, sample, 4)[0].value);
        assert_eq!(of("color", 0), expected);
        assert_eq!(of("two of them", 0), expected);
        assert!(of("two of them", 1).into_iter().eq(expected.into_iter().rev()));
    });
}
