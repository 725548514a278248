//! Images of bytes and of floats, a grid, boxes and a heat map.
//!
//! ```text
//! cargo run --example images
//! tensorboard --logdir logs/images
//! ```

use std::error::Error;
use tfevents::summary::{BoundingBox, HeatMap, ImageLayout};
use tfevents::{Image, SummaryWriter};

const SIDE: usize = 32;

fn main() -> Result<(), Box<dyn Error>> {
    let logdir = std::env::args().nth(2).unwrap_or("logs/images".into()); // --logdir DIR
    let writer = SummaryWriter::new(&logdir)?;
    for step in 0..5u8 {
        // Bytes, three for each pixel: height × width × channels.
        let bytes: Vec<u8> = (0..SIDE * SIDE)
            .flat_map(|at| [(at % SIDE * 8) as u8, (at / SIDE * 8) as u8, step * 60])
            .collect();
        let colors = Image::rgb8(SIDE, SIDE, bytes)?;
        writer.add_image("colors", &colors, step);

        // Floats from 0 to 1, a plane for each channel: channels × height × width.
        let planes: Vec<f32> = (0..3 * SIDE * SIDE).map(|at| (at % SIDE) as f32 / 31.0).collect();
        let gradient = Image::from_array(ImageLayout::Chw, [3, SIDE, SIDE], &planes)?;
        writer.add_image("grid", &Image::grid(&[colors.clone(), gradient])?, step);

        let found = BoundingBox::new(4.0, 4.0, 20.0, 24.0)?.label("corner");
        writer.add_image("found", &colors.upscaled(4)?.with_boxes(&[found])?, step);

        let heat = HeatMap::new(SIDE, SIDE, &planes[..SIDE * SIDE])?;
        writer.add_image("heat", &heat.to_image(), step);
    }
    writer.close()?;
    println!("tensorboard --logdir {logdir}");
    Ok(())
}
