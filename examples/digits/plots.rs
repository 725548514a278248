//! Pictures of how the network does.

use crate::canvas::{BLACK, Canvas, Color, WHITE};
use crate::data::{CLASSES, Digits, SIDE};

const GREEN: Color = [0, 130, 60];
const RED: Color = [200, 30, 30];
const GREY: Color = [225; 3];

/// How often each digit is taken for which: `counts[true][predicted]`.
pub fn confusion(labels: &[u8], predictions: &[u8]) -> [[usize; CLASSES]; CLASSES] {
    let mut counts = [[0; CLASSES]; CLASSES];
    for (&label, &prediction) in labels.iter().zip(predictions) {
        counts[usize::from(label)][usize::from(prediction)] += 1;
    }
    counts
}

/// The confusion matrix: rows are what a digit is, columns what it is taken for. What is right is
/// green, what is wrong red; the deeper, the larger its part of the row.
pub fn confusion_matrix(labels: &[u8], predictions: &[u8]) -> Canvas {
    const CELL: usize = 36;
    const MARGIN: usize = 56;
    let side = MARGIN + CLASSES * CELL + 8;
    let mut canvas = Canvas::new(side, side, WHITE);
    canvas.text((MARGIN + CLASSES * CELL / 2, 14), "predicted", 2, BLACK);
    canvas.text((26, 40), "true", 2, BLACK);
    for (row, counts) in confusion(labels, predictions).iter().enumerate() {
        let middle = MARGIN + row * CELL + CELL / 2;
        canvas.text((middle, 40), &row.to_string(), 2, BLACK);
        canvas.text((40, middle), &row.to_string(), 2, BLACK);
        let total = counts.iter().sum::<usize>().max(1);
        for (column, &count) in counts.iter().enumerate() {
            let (x, y) = (MARGIN + column * CELL, MARGIN + row * CELL);
            let (color, part) = if row == column {
                (GREEN, count as f32 / total as f32)
            } else {
                // A few mistakes in a row are many already.
                (RED, (count as f32 / total as f32).sqrt())
            };
            canvas.fill(
                x,
                y,
                CELL - 1,
                CELL - 1,
                if count > 0 { mix(WHITE, color, part) } else { GREY },
            );
            if count > 0 {
                let ink = if part > 0.5 { WHITE } else { BLACK };
                canvas.text((x + CELL / 2, y + CELL / 2), &count.to_string(), 2, ink);
            }
        }
    }
    canvas
}

/// The digits that it gets wrong, up to 24, each with what it is (green) and what it is taken for
/// (red) below.
pub fn mistakes(digits: &Digits, predictions: &[u8]) -> Canvas {
    const COLUMNS: usize = 8;
    const ROWS: usize = 3;
    const SCALE: usize = 8;
    const PICTURE: usize = SIDE * SCALE;
    const WIDTH: usize = PICTURE + 12;
    const HEIGHT: usize = PICTURE + 34;

    let mut canvas = Canvas::new(COLUMNS * WIDTH, ROWS * HEIGHT, WHITE);
    let wrong = (0..digits.len()).filter(|&index| digits.labels[index] != predictions[index]);
    for (place, index) in wrong.take(COLUMNS * ROWS).enumerate() {
        let (left, top) = (place % COLUMNS * WIDTH + 6, place / COLUMNS * HEIGHT + 6);
        for (pixel, &ink) in digits.image(index).iter().enumerate() {
            let (x, y) = (left + pixel % SIDE * SCALE, top + pixel / SIDE * SCALE);
            canvas.fill(x, y, SCALE, SCALE, mix(GREY, BLACK, ink));
        }
        let (middle, below) = (left + PICTURE / 2, top + PICTURE + 12);
        canvas.text((middle - 16, below), &digits.labels[index].to_string(), 2, GREEN);
        canvas.text((middle + 16, below), &predictions[index].to_string(), 2, RED);
    }
    canvas
}

/// From one color at 0.0 to the other at 1.0.
fn mix(from: Color, to: Color, part: f32) -> Color {
    std::array::from_fn(|channel| {
        let (from, to) = (f32::from(from[channel]), f32::from(to[channel]));
        (from + (to - from) * part).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_true_and_columns_predicted() {
        let counts = confusion(&[1, 1, 7], &[1, 7, 7]);
        assert_eq!((counts[1][1], counts[1][7], counts[7][1], counts[7][7]), (1, 1, 0, 1));
        assert_eq!(counts.iter().flatten().sum::<usize>(), 3);
    }

    #[test]
    fn pictures_hold_what_their_size_says() {
        let digits = Digits::load().unwrap();
        let right = mistakes(&digits, &digits.labels);
        assert!(right.pixels.iter().all(|&value| value == 255));
        for picture in [
            mistakes(&digits, &vec![0; digits.len()]),
            confusion_matrix(&digits.labels, &vec![0; digits.len()]),
        ] {
            assert_eq!(picture.pixels.len(), 3 * picture.width * picture.height);
            assert!(picture.pixels.contains(&200));
        }
    }
}
