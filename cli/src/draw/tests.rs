//! Charts as text, checked by eye once and compared from then on.

use super::chart::{self, Frame, Layout};
use super::*;
use series::series;

fn drawn(curves: &[(&Series, u8)], view: View, size: (usize, usize), glyphs: Glyphs) -> String {
    let smoothed: Vec<_> = curves
        .iter()
        .map(|(series, _)| {
            let mut smoothed = Smoothed::default();
            smoothed.update(series, view.smoothing);
            smoothed
        })
        .collect();
    let curves: Vec<_> = curves
        .iter()
        .zip(&smoothed)
        .map(|((series, style), smoothed)| Curve {
            style: Style { color: *style, shape: *style },
            series,
            smoothed,
            band: None,
        })
        .collect();
    let layout = Layout::new(size.0, size.1);
    let plot = Plot::new(&curves, &view, layout.columns(glyphs));
    let frame = Frame { title: "loss", glyphs, ..Frame::default() };
    chart::draw(&plot, &frame, size.0, size.1).plain()
}

#[track_caller]
fn assert_drawn(found: &str, expected: &str) {
    let expected = expected.strip_prefix('\n').unwrap_or(expected);
    assert!(found == expected, "found:\n{found}\nexpected:\n{expected}");
}

/// A view without smoothing, clipping or logarithms.
fn plain(curves: &[(&Series, u8)], size: (usize, usize), glyphs: Glyphs) -> String {
    drawn(curves, View::default(), size, glyphs)
}

#[test]
fn a_straight_line_of_braille() {
    let series = series((0..=10).map(|at| at as f32));
    assert_drawn(
        &plain(&[(&series, 0)], (42, 9), Glyphs::Braille),
        "
loss
      10┤                            ⣀⡠⠤●
        │                     ⢀⣀⠤⠤⠒⠊⠉
        │                ⢀⡠⠔⠒⠉⠁
       5┤          ⢀⣀⠤⠔⠒⠊⠁
        │    ⣀⡠⠤⠒⠒⠉⠁
       0┤⠤⠒⠊⠉
        └┬───────────────┬──────────────┬
         0               5             10
",
    );
}

#[test]
fn two_runs_in_ascii_have_their_shapes() {
    let up = series((0..=20).map(|at| at as f32));
    let down = series((0..=20).map(|at| 20.0 - at as f32));
    assert_drawn(
        &plain(&[(&up, 0), (&down, 2)], (42, 9), Glyphs::Ascii),
        "
loss
      20+####                        oooo
        |    ######           ooooooo
        |          #####  oooo
      10+          ooooo######
        |    oooooo           #######
       0+oooo                        ####
        ++---------------+--------------+
         0              10             20
",
    );
}

#[test]
fn decades_of_half_blocks() {
    let series = series((0..=30).map(|at| 10f32.powi(-at / 10)));
    let view = View { y_scale: ScaleKind::Log, ..View::default() };
    assert_drawn(
        &drawn(&[(&series, 0)], view, (42, 9), Glyphs::HalfBlocks),
        "
loss log
        │▀▀▀▀▀▀▀▀▀█
        │          █
     0.1┤          ▀▀▀▀▀▀▀▀▀▀█
        │                     █▄▄▄▄▄▄▄▄▄
        │                              ▀▄
   0.001┤                               ●
        └┬─────────┬──────────┬─────────┬
         0        10         20        30
",
    );
}

#[test]
fn what_is_not_finite_is_marked_on_the_axis() {
    let values = [0.0, 1.0, f32::NAN, 3.0, f32::INFINITY, 5.0, f32::NEG_INFINITY, 7.0];
    let series = series(values);
    assert_drawn(
        &plain(&[(&series, 0)], (42, 9), Glyphs::Braille),
        "
loss
        │                  ↑            ●
       5┤                      ⢀
        │
        │             ⠐
        │    ⣀
       0┤⠤⠒⠊⠉                       ↓
        └┬────────×────────────┬─────────
         0                     5
",
    );
}

#[test]
fn a_spike_survives_behind_the_smoothed_line() {
    let series = series((0..100_000).map(|at| if at == 50_000 { 1.0 } else { 0.0 }));
    let view = View { smoothing: 0.99, ..View::default() };
    assert_drawn(
        &drawn(&[(&series, 0)], view, (42, 9), Glyphs::Braille),
        "
loss
     1.0┤                ⡆
        │                ⡇
        │                ⡇
     0.5┤               ⢸⡇
        │               ⢸⡇
       0┤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤●
        └┬───────────────┬───────────────
         0              50k
",
    );
}

#[test]
fn outliers_are_clipped_and_counted() {
    let series = series((0..100).map(|at| if at == 0 { 1e6 } else { at as f32 }));
    let view = View { clips_outliers: true, ..View::default() };
    assert_drawn(
        &drawn(&[(&series, 0)], view, (42, 9), Glyphs::Braille),
        "
loss 2 outliers
        │⡇                          ⣀⡤⠔⠒●
      80┤⡇                    ⢀⣠⠤⠒⠚⠉
      60┤⡇               ⣀⡠⠤⠒⠋⠁
      40┤⡇          ⣀⡠⠴⠒⠉⠁
      20┤⡇    ⢀⣀⠤⠔⠒⠉
        │⣇⣠⠤⠒⠊⠁
        └┬───────────────┬───────────────
         0              50
",
    );
}

#[test]
fn a_single_point_and_none() {
    assert_drawn(
        &plain(&[(&series([0.5]), 1)], (42, 7), Glyphs::Braille),
        "
loss
    0.55┤
        │
    0.50┤                ▲
    0.45┤
        └┬───────────────┬──────────────┬
        -1               0              1
",
    );
    assert_drawn(
        &plain(&[(&Series::default(), 0)], (42, 7), Glyphs::Braille),
        "
loss
     1.0┤
        │
     0.5┤  no points
       0┤
        └┬──────────────────────────────┬
         0                             1.0
",
    );
}

#[test]
fn any_size_has_a_chart() {
    let series = series((0..=10).map(|at| at as f32));
    for width in 0..50 {
        for height in 0..12 {
            let text = plain(&[(&series, 0)], (width, height), Glyphs::Braille);
            assert_eq!(text.lines().count(), height, "{width} x {height}");
        }
    }
}
