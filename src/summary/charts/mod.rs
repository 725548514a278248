//! Charts: the layout of the Custom Scalars dashboard, and precision-recall curves.

mod custom_scalars;
mod pr_curve;

pub(crate) use custom_scalars::LAYOUT_TAG;
pub use custom_scalars::{Chart, ChartError, ChartLayout};
pub use pr_curve::{PrCurve, PrCurveBuilder, PrCurveError, PrCurves};
