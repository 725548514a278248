//! Images that the crate puts together or draws on.

use tensorboard_tests::show;
use tfevents::Image;
use tfevents::summary::{BoundingBox, ColorMap, Grid, HeatMap, class_color};

use crate::images::pixels;
use crate::writer;

type Color = [u8; 3];

#[test]
fn batches_and_grids() {
    let logdir = tempfile::tempdir().unwrap();
    let (writer, _) = writer(logdir.path());
    let tiles: Vec<_> = (1..=5u8).map(|i| Image::gray8(3, 2, &[i * 40; 6]).unwrap()).collect();
    writer.add_images("batch", &tiles, 0);
    writer.add_images("none", [], 0);
    writer.add_image("grid", &Image::grid(&tiles).unwrap(), 0);
    let row = Grid::new().columns(5).padding(1).background([255; 3]).tile(&tiles).unwrap();
    writer.add_image("row", &row, 0);
    writer.add_image("large", &tiles[1].upscaled(3).unwrap(), 0);
    writer.close().unwrap();

    show(logdir.path(), |board| {
        let gray = |tag, sample| {
            let (width, height, colors, pixels) =
                pixels(&board.images(".", tag, sample, 0)[0].value);
            assert_eq!(colors, png::ColorType::Grayscale);
            ((width, height), pixels)
        };
        for i in 0..5 {
            assert_eq!(gray("batch", i), ((3, 2), vec![(i as u8 + 1) * 40; 6]));
        }
        assert_eq!(board.tag_info("images", ".", "batch")["samples"], 5);
        assert!(!board.tags("images")["."].contains("none"));
        // Three columns and two rows of cells of 3x2, two pixels apart.
        let ((width, height), pixels) = gray("grid", 0);
        assert_eq!((width, height), (17, 10));
        for (at, &pixel) in pixels.iter().enumerate() {
            let (x, y) = (at % 17, at / 17);
            let inside = x % 5 >= 2 && y % 4 >= 2;
            let tile = y / 4 * 3 + x / 5 + 1;
            let expected = if inside && tile <= 5 { tile * 40 } else { 0 };
            assert_eq!(usize::from(pixel), expected, "at {x}, {y}");
        }
        let line = [
            255, 40, 40, 40, 255, 80, 80, 80, 255, 120, 120, 120, 255, 160, 160, 160, 255, 200,
            200, 200, 255,
        ];
        let white = [255; 21];
        assert_eq!(gray("row", 0), ((21, 4), [white, line, line, white].concat()));
        assert_eq!(gray("large", 0), ((9, 6), vec![80; 54]));
    });
}

#[test]
fn boxes_masks_and_heat_maps() {
    let logdir = tempfile::tempdir().unwrap();
    let (writer, _) = writer(logdir.path());
    let image = Image::gray8(40, 30, &[100; 1200]).unwrap();
    let boxes = [
        BoundingBox::new(4.0, 12.0, 20.0, 28.0).unwrap().label("A").color([0, 0, 255]),
        BoundingBox::new(25.0, -5.0, 60.0, 20.0).unwrap().color([255, 255, 0]),
    ];
    writer.add_image("boxes", &image.with_boxes(&boxes).unwrap(), 0);
    let mask: Vec<bool> = (0..1200).map(|at| at % 40 < 20).collect();
    writer.add_image("mask", &image.with_mask(&mask, [200, 0, 0], 0.5).unwrap(), 0);
    let classes: Vec<u8> = (0..1200).map(|at| (at / 400) as u8).collect();
    writer.add_image("classes", &image.with_classes(&classes, 1.0).unwrap(), 0);
    let heat = HeatMap::new(4, 1, &[0.0, 1.0, f32::NAN, 2.0]).unwrap();
    writer.add("heat", &heat, 0);
    writer.add_image("heat over", &heat.over(&image, 1.0).unwrap(), 0);
    let signed = HeatMap::new(3, 1, &[-2.0, 0.0, 1.0]).unwrap().colors(ColorMap::Diverging);
    writer.add("signed", &signed, 0);
    writer.close().unwrap();

    show(logdir.path(), |board| {
        let rgb = |tag| -> (u32, Vec<Color>) {
            let (width, _, colors, bytes) = pixels(&board.images(".", tag, 0, 0)[0].value);
            assert_eq!(colors, png::ColorType::Rgb);
            (width, bytes.as_chunks().0.to_vec())
        };
        let (gray, blue, yellow) = ([100; 3], [0, 0, 255], [255, 255, 0]);
        let (_, boxes) = rgb("boxes");
        let at = |x: usize, y: usize| boxes[y * 40 + x];
        for y in 12..28 {
            for x in 0..24 {
                let inside = (4..20).contains(&x);
                let edge = inside && (x == 4 || x == 19 || y == 12 || y == 27);
                assert_eq!(at(x, y), if edge { blue } else { gray }, "at {x}, {y}");
            }
        }
        // Its label above: a letter in white on blue, 10 pixels square.
        let label: Vec<Color> =
            (2..12).flat_map(|y| (4..14).map(move |x| (x, y))).map(|(x, y)| at(x, y)).collect();
        assert!(label.iter().all(|color| [blue, [255; 3]].contains(color)));
        let ink = label.iter().filter(|color| **color == [255; 3]).count();
        assert!((15..40).contains(&ink), "{ink}");
        // The other one is cut at the image's edges.
        assert_eq!([at(25, 0), at(25, 19), at(39, 19), at(39, 5)], [yellow, yellow, yellow, gray]);

        let (_, mask) = rgb("mask");
        let expected = (0..1200).map(|at| if at % 40 < 20 { [150, 50, 50] } else { gray });
        assert!(mask.into_iter().eq(expected));
        let (_, classes) = rgb("classes");
        let colors = [gray, class_color(1), class_color(2)];
        assert!(classes.into_iter().eq((0..1200).map(|at| colors[at / 400])));

        let viridis = |place| ColorMap::Viridis.color(place);
        let heat = [viridis(0.0), viridis(0.5), [255, 0, 255], viridis(1.0)];
        assert_eq!(rgb("heat"), (4, heat.to_vec()));
        // Over the image a NaN leaves it as it is.
        let over = [heat[0], heat[1], gray, heat[3]];
        assert!(rgb("heat over").1.into_iter().eq((0..1200).map(|at| over[at % 40 / 10])));
        let diverging = [0.0, 0.5, 0.75].map(|place| ColorMap::Diverging.color(place));
        assert_eq!(diverging[1], [250; 3]);
        assert_eq!(rgb("signed"), (3, diverging.to_vec()));
    });
}

#[test]
fn pictures_of_other_crates() {
    use plotters::prelude::*;
    let logdir = tempfile::tempdir().unwrap();
    let (writer, _) = writer(logdir.path());
    let picture = image::RgbImage::from_fn(7, 5, |x, y| image::Rgb([x as u8, y as u8, 9]));
    let picture = image::DynamicImage::from(picture);
    writer.add_image("image", &Image::try_from(&picture).unwrap(), 0);
    let font = include_bytes!("../../../../examples/data/DejaVuSans-Latin.ttf");
    plotters::style::register_font("sans-serif", FontStyle::Normal, font).ok().unwrap();
    let figure = Image::plot(200, 150, |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(10)
            .caption("Loss", ("sans-serif", 20))
            .set_label_area_size(LabelAreaPosition::Left, 30)
            .build_cartesian_2d(0..10, 0..10)?;
        chart.configure_mesh().disable_mesh().draw()?;
        chart.draw_series(LineSeries::new((0..=10).map(|x| (x, 10 - x)), &BLUE))?;
        Ok(())
    });
    writer.add_image("figure", &figure.unwrap(), 0);
    writer.close().unwrap();

    show(logdir.path(), |board| {
        let (width, height, colors, bytes) = pixels(&board.images(".", "image", 0, 0)[0].value);
        assert_eq!((width, height, colors), (7, 5, png::ColorType::Rgb));
        assert_eq!(bytes, picture.as_bytes());
        let (width, height, _, bytes) = pixels(&board.images(".", "figure", 0, 0)[0].value);
        assert_eq!((width, height), (200, 150));
        let at = |x: usize, y: usize| -> [u8; 3] { bytes.as_chunks().0[y * 200 + x] };
        assert_eq!(at(0, 0), [255; 3]);
        // A blue line from the upper left down, and dark letters above it.
        let blue = |&(x, y): &(usize, usize)| matches!(at(x, y), [..150, ..150, 200..=255]);
        let line: Vec<_> =
            (0..200).flat_map(|x| (0..150).map(move |y| (x, y))).filter(blue).collect();
        assert!(line.len() > 100, "{}", line.len());
        assert!(line[0].1 < 60 && line[line.len() - 1].1 > 120, "{line:?}");
        let letters = (0..30).flat_map(|y| (60..140).map(move |x| at(x, y)));
        assert!(letters.filter(|color| color[0] < 90).count() > 20);
    });
}
