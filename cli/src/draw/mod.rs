//! The drawing core: points in, cells of text or an SVG file out. All of it is pure.
//!
//! A [`Series`] has all points of a curve, and [`Smoothed`] smooths all of them as TensorBoard
//! does. A [`Plot`] has ranges and scales, and both curves thinned to the columns of a chart, where
//! each column keeps its extremes. [`chart::draw`] turns it into a [`Grid`] of cells,
//! [`svg::draw`] into a file.

mod ansi;
mod canvas;
pub(crate) mod chart;
pub(crate) mod group;
pub(crate) mod heat;
mod palette;
mod plot;
pub(crate) mod scale;
mod series;
mod smooth;
pub(crate) mod spark;
pub(crate) mod svg;
#[cfg(test)]
mod tests;
pub(crate) mod text;
pub(crate) mod thin;

pub(crate) use ansi::Ansi;
pub(crate) use canvas::{Area, Cell, Glyphs, Grid};
pub(crate) use palette::{Color, ColorSupport, Palette, Style, Styles, ansi16, ansi256, viridis};
pub(crate) use plot::{Curve, Drawn, Plot, View};
pub(crate) use scale::{Scale, ScaleKind};
pub(crate) use series::{Extent, Point, Series, XAxis};
pub(crate) use smooth::Smoothed;
