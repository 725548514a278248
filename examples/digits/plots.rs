//! Pictures of the network's predictions.

use crate::canvas::{BLACK, Canvas, Color, WHITE};
use crate::data::{CLASSES, Digits, SIDE};

const GREEN: Color = [0, 130, 60];
const RED: Color = [200, 30, 30];
const GRAY: Color = [225; 3];

/// The confusion matrix: `counts[true][predicted]`.
pub fn confusion(labels: &[u8], predictions: &[u8]) -> [[usize; CLASSES]; CLASSES] {
    let mut counts = [[0; CLASSES]; CLASSES];
    for (&label, &prediction) in labels.iter().zip(predictions) {
        counts[usize::from(label)][usize::from(prediction)] += 1;
    }
    counts
}

/// Draws the confusion matrix: rows are true digits, columns predicted ones. Right predictions are
/// green, wrong ones red; the deeper, the larger their part of the row.
pub fn confusion_matrix(labels: &[u8], predictions: &[u8]) -> Canvas {
    const CELL: usize = 36;
    const MARGIN: usize = 56;
    let side = MARGIN + CLASSES * CELL + 8;
    let mut canvas = Canvas::new(side, side, WHITE);
    canvas.text((MARGIN + CLASSES * CELL / 2, 14), "PREDICTED", 2, BLACK);
    canvas.text((26, 40), "TRUE", 2, BLACK);
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
                if count > 0 { mix(WHITE, color, part) } else { GRAY },
            );
            if count > 0 {
                let ink = if part > 0.5 { WHITE } else { BLACK };
                canvas.text((x + CELL / 2, y + CELL / 2), &count.to_string(), 2, ink);
            }
        }
    }
    canvas
}

/// Draws up to 16 wrongly classified digits, each with its true class (green) and the predicted one
/// (red) below.
pub fn mistakes(digits: &Digits, predictions: &[u8]) -> Canvas {
    const COLUMNS: usize = 4;
    const ROWS: usize = 4;
    const SCALE: usize = 8;
    const PICTURE: usize = SIDE * SCALE;
    const WIDTH: usize = PICTURE + 12;
    const HEIGHT: usize = PICTURE + 34;
    const HEADER: usize = 28;

    let mut canvas = Canvas::new(COLUMNS * WIDTH, HEADER + ROWS * HEIGHT, WHITE);
    canvas.text((WIDTH, HEADER / 2), "TRUE", 2, GREEN);
    canvas.text((5 * WIDTH / 2, HEADER / 2), "PREDICTED", 2, RED);
    let wrong = (0..digits.len()).filter(|&index| digits.labels[index] != predictions[index]);
    for (place, index) in wrong.take(COLUMNS * ROWS).enumerate() {
        let left = place % COLUMNS * WIDTH + 6;
        let top = HEADER + place / COLUMNS * HEIGHT;
        for (pixel, &ink) in digits.image(index).iter().enumerate() {
            let (x, y) = (left + pixel % SIDE * SCALE, top + pixel / SIDE * SCALE);
            canvas.fill(x, y, SCALE, SCALE, mix(GRAY, BLACK, ink));
        }
        let (middle, below) = (left + PICTURE / 2, top + PICTURE + 14);
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
    fn only_mistakes_are_drawn() {
        let digits = Digits::load().unwrap();
        let ink = |picture: &Canvas| {
            assert_eq!(picture.pixels.len(), 3 * picture.width * picture.height);
            // Paper is gray here, and nothing else is.
            picture.pixels.chunks_exact(3).filter(|&pixel| pixel == GRAY).count()
        };
        assert_eq!(ink(&mistakes(&digits, &digits.labels)), 0);

        let mut predictions = digits.labels.clone();
        predictions[5] = 0;
        let paper = digits.image(5).iter().filter(|&&ink| ink == 0.0).count();
        assert_eq!(ink(&mistakes(&digits, &predictions)), paper * 8 * 8);
    }

    #[test]
    fn the_matrix_has_its_rows_from_top_to_bottom() {
        // A one that is taken for a seven: below the corner of its cell.
        let matrix = confusion_matrix(&[1], &[7]);
        let at = |x: usize, y: usize| &matrix.pixels[3 * (y * matrix.width + x)..][..3];
        assert_eq!(at(56 + 7 * 36 + 1, 56 + 36 + 1), RED);
        assert_eq!(at(56 + 36 + 1, 56 + 7 * 36 + 1), GRAY);
    }
}
