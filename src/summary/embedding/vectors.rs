//! The numbers that embeddings are made of.

use crate::summary::Number;
use std::borrow::Cow;
use std::sync::Arc;

/// The numbers of the vectors of an [`Embedding`](super::Embedding), row by row.
///
/// Implemented for vectors, slices and arrays of any [`Number`], which become `f32`, with the feature
/// `ndarray` for its arrays of two dimensions, and for `Arc<[f32]>`, which is not copied. The trait is
/// sealed.
///
/// ```
/// use std::sync::Arc;
/// use tfevents::Embedding;
///
/// let shared: Arc<[f32]> = Arc::new([0.5, 0.25]);
/// assert_eq!(Embedding::new([1, 2], shared)?, Embedding::new([1, 2], &[0.5f64, 0.25])?);
/// # Ok::<(), tfevents::summary::EmbeddingError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` are not the numbers of vectors",
    label = "not numbers row by row",
    note = "flatten nested vectors: `rows.concat()`, or of arrays `rows.as_flattened()`",
    note = "for arrays of ndarray enable the feature `ndarray`, and pass a reference"
)]
pub trait IntoVectors: sealed::IntoVectors {}

pub(in crate::summary) mod sealed {
    use std::sync::Arc;

    pub trait IntoVectors {
        fn into_vectors(self) -> Arc<[f32]>;
    }
}

/// Returns the numbers as `f32`.
pub(in crate::summary) fn shared<T: Number>(values: &[T]) -> Arc<[f32]> {
    match T::as_f32(values) {
        Some(values) => values.into(),
        None => values.iter().map(|value| value.to_f32()).collect(),
    }
}

macro_rules! vectors {
    ($([$($generics:tt)*] $values:ty => $shared:expr,)*) => {$(
        impl<$($generics)*> IntoVectors for $values {}
        impl<$($generics)*> sealed::IntoVectors for $values {
            fn into_vectors(self) -> Arc<[f32]> {
                let shared: fn(Self) -> Arc<[f32]> = $shared;
                shared(self)
            }
        }
    )*};
}

vectors! {
    [] Arc<[f32]> => |values| values,
    [T: Number] Vec<T> => |values| shared(&values),
    [T: Number] Box<[T]> => |values| shared(&values),
    [T: Number, const N: usize] [T; N] => |values| shared(&values),
    [T: Number] Cow<'_, [T]> => |values| shared(&values),
    [T: Number] &[T] => |values| shared(values),
    [T: Number, const N: usize] &[T; N] => |values| shared(values),
    [T: Number] &Vec<T> => |values| shared(values),
}
