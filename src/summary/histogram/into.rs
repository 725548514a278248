//! What can be logged as a histogram.

use super::{Histogram, Number};
use std::borrow::Cow;

/// Numbers that can be counted into a [`Histogram`], or one that is made already.
///
/// Implemented for slices, arrays and vectors of any [`Number`]. An iterator is collected first:
/// `values.collect::<Histogram>()`.
///
/// ```
/// use tfevents::Histogram;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// writer.add_histogram("slice", &[1, 2, 3][..], 0);
/// writer.add_histogram("vector", vec![0.5f32; 10], 0);
/// writer.add_histogram("iterator", (0..10).map(f64::from).collect::<Histogram>(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait IntoHistogram {
    /// The histogram, borrowed where it exists already.
    fn into_histogram<'a>(self) -> Cow<'a, Histogram>
    where
        Self: 'a;
}

macro_rules! of_slices {
    ($([$($generics:tt)*] $values:ty),* $(,)?) => {$(
        impl<T: Number, $($generics)*> IntoHistogram for $values {
            fn into_histogram<'a>(self) -> Cow<'a, Histogram>
            where
                Self: 'a,
            {
                Cow::Owned(Histogram::new(&self[..]))
            }
        }
    )*};
}

of_slices!([] &[T], [] &Vec<T>, [] Vec<T>, [const N: usize] &[T; N], [const N: usize] [T; N]);

impl IntoHistogram for Histogram {
    fn into_histogram<'a>(self) -> Cow<'a, Histogram>
    where
        Self: 'a,
    {
        Cow::Owned(self)
    }
}

impl IntoHistogram for &Histogram {
    fn into_histogram<'a>(self) -> Cow<'a, Histogram>
    where
        Self: 'a,
    {
        Cow::Borrowed(self)
    }
}
