//! A curve in one line of text.

use super::canvas::Glyphs;
use super::scale::{Scale, ScaleKind};
use super::series::{Extent, Series, XAxis};
use super::smooth::Smoothed;
use super::thin::thin;

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII: [char; 8] = ['_', '.', ':', '-', '=', '+', '*', '#'];

/// Draws a curve over steps in so many cells. Each shows the smallest or largest value of its
/// column, whichever is farther from the middle, so that spikes survive; a NaN is a cross.
pub(crate) fn draw(series: &Series, smoothed: &Smoothed, cells: usize, glyphs: Glyphs) -> String {
    let scale = Scale::steps(ScaleKind::Linear, series.x_extent(XAxis::Step));
    let thinned = thin(series, smoothed, XAxis::Step, &scale, cells);
    let mut extent = Extent::EMPTY;
    for segment in &thinned.smoothed {
        extent.add(segment.min);
        extent.add(segment.max);
    }
    let levels = if glyphs.is_ascii() { ASCII } else { BLOCKS };
    let mut line = vec![' '; cells];
    let (middle, span) = ((extent.min + extent.max) / 2.0, extent.max - extent.min);
    for segment in &thinned.smoothed {
        let is_high = (segment.max - middle).abs() >= (middle - segment.min).abs();
        let value = if is_high { segment.max } else { segment.min };
        let part = if span > 0.0 { (value - extent.min) / span } else { 0.5 };
        if let Some(cell) = usize::try_from(segment.column).ok().and_then(|at| line.get_mut(at)) {
            *cell = levels[(part * 7.0).round().clamp(0.0, 7.0) as usize];
        }
    }
    for (column, _) in &thinned.gaps {
        if let Some(cell) = line.get_mut(*column as usize) {
            *cell = if glyphs.is_ascii() { 'X' } else { '×' };
        }
    }
    line.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::super::series::series;
    use super::*;

    fn drawn(values: &[f32], cells: usize, glyphs: Glyphs) -> String {
        let series = series(values.iter().copied());
        let mut smoothed = Smoothed::default();
        smoothed.update(&series, 0.0);
        draw(&series, &smoothed, cells, glyphs)
    }

    #[test]
    fn values_are_heights() {
        let values = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
        assert_eq!(drawn(&values, 8, Glyphs::Braille), "▁▂▃▄▅▆▇█");
        assert_eq!(drawn(&values, 8, Glyphs::Ascii), "_.:-=+*#");
        assert_eq!(drawn(&[1.0, 1.0], 2, Glyphs::Braille), "▅▅");
        assert_eq!(drawn(&[0.0, f32::NAN, 1.0], 3, Glyphs::Braille), "▁×█");
    }

    #[test]
    fn a_spike_survives() {
        let mut values = [0.0; 1000];
        values[500] = 1.0;
        assert_eq!(drawn(&values, 10, Glyphs::Braille), "▁▁▁▁▁█▁▁▁▁");
    }
}
