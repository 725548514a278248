//! Images: a ball that is detected, waves as a heat map, a gradient from the `image` crate, samples
//! of the digits; and the ball's flight as a video.

use crate::data::{Digits, SIDE};
use crate::fill::STEPS;
use std::error::Error;
use std::f32::consts::PI;
use tfevents::summary::{BoundingBox, ColorMap, Grid, HeatMap, ImageError, Video};
use tfevents::{Image, SummaryWriter};

pub const WIDTH: usize = 192;
pub const HEIGHT: usize = 128;
pub const RADIUS: f32 = 12.0;
const SKY: [u8; 3] = [205, 225, 245];
pub const BALL: [u8; 3] = [215, 90, 40];
/// Frames of the video.
pub const FRAMES: usize = 30;

/// Where the ball is, from the left edge and from the top: it bounces twice on its way.
pub fn position(progress: f32) -> [f32; 2] {
    let height = (2.0 * PI * progress).sin().abs();
    let across = RADIUS + progress * (WIDTH as f32 - 2.0 * RADIUS);
    [across, HEIGHT as f32 - 8.0 - RADIUS - height * (HEIGHT as f32 - 56.0)]
}

fn is_ball(pixel: usize, [across, down]: [f32; 2]) -> bool {
    let [x, y] = [pixel % WIDTH, pixel / WIDTH].map(|at| at as f32 + 0.5);
    (x - across).hypot(y - down) <= RADIUS
}

fn scene(at: [f32; 2]) -> Result<Image, ImageError> {
    let pixels: Vec<u8> = (0..WIDTH * HEIGHT)
        .flat_map(|pixel| match pixel {
            ball if is_ball(ball, at) => BALL,
            ground if ground >= WIDTH * (HEIGHT - 8) => [110, 150, 80],
            _ => SKY,
        })
        .collect();
    Image::rgb8(WIDTH, HEIGHT, &pixels)
}

/// The scene with what a detector would say: a box, and which pixels are the ball.
fn detected(progress: f32) -> Result<[Image; 2], ImageError> {
    let at = position(progress);
    let scene = scene(at)?;
    let [left, top] = at.map(|middle| middle - RADIUS);
    let [right, bottom] = at.map(|middle| middle + RADIUS);
    let found = BoundingBox::new(left, top, right, bottom)?
        .label(format!("ball {:.2}", 0.99 - 0.2 * progress))
        .color([20, 90, 200]);
    let mask: Vec<bool> = (0..WIDTH * HEIGHT).map(|pixel| is_ball(pixel, at)).collect();
    Ok([scene.with_boxes([&found])?, scene.with_mask(&mask, [0, 200, 80], 0.6)?])
}

/// Two sources of waves, from -2 to 2.
fn interference(step: i64) -> ndarray::Array2<f32> {
    ndarray::Array2::from_shape_fn((120, 160), |(y, x)| {
        let wave = |source: f32| {
            let distance = (x as f32 - source).hypot(y as f32 - 60.0);
            (distance / 4.0 - step as f32 * 0.6).cos()
        };
        wave(40.0) + wave(120.0)
    })
}

pub fn log(writer: &SummaryWriter) -> Result<(), Box<dyn Error>> {
    for step in 0..STEPS {
        let progress = step as f32 / (STEPS - 1) as f32;
        let [boxes, mask] = detected(progress)?;
        writer.add_image("ball/box", &boxes, step);
        writer.add_image("ball/mask", &mask, step);
        let waves = HeatMap::from_ndarray(&interference(step))?.colors(ColorMap::Diverging);
        writer.add("waves", &waves, step);
        let gradient = image::RgbImage::from_fn(160, 120, |x, y| {
            image::Rgb([(x * 255 / 159) as u8, (y * 255 / 119) as u8, (step * 28) as u8])
        });
        writer.add_image("gradient", &Image::try_from(&image::DynamicImage::from(gradient))?, step);
    }

    // Of each digit the first ten: one after the other at its step, and all in a grid.
    let digits = Digits::load()?;
    let mut samples = Vec::new();
    for label in 0..10 {
        let of_label = (0..digits.len()).filter(|&index| digits.labels[index] == label);
        let images = of_label.take(10).map(|index| {
            let ink: Vec<u8> =
                digits.image(index).iter().map(|ink| 255 - (ink * 255.0) as u8).collect();
            Image::gray8(SIDE, SIDE, &ink)?.upscaled(4)
        });
        let images = images.collect::<Result<Vec<_>, _>>()?;
        writer.add_images("digits/one by one", &images[..3], label);
        samples.extend(images);
    }
    let grid = Grid::new().columns(10).padding(2).background([120; 3]).tile(&samples)?;
    writer.add_image("digits/grid", &grid, 0);

    let frames = (0..FRAMES).map(|frame| scene(position(frame as f32 / (FRAMES - 1) as f32)));
    let frames = frames.collect::<Result<Vec<_>, _>>()?;
    writer.add_video("ball/flight", &Video::new(15.0, &frames)?, 0);
    Ok(())
}
