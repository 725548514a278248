//! Values of hyperparameters.

use crate::system::warn_once;
use crate::wire::messages::{Value, value::Kind};

/// The value of a hyperparameter: a number, a bool or a text.
///
/// `None` is no value: the hyperparameter is left out. A sequence becomes one text, such as `[64, 32]`.
/// `HParams::from_config` (feature `serde`) does the same.
///
/// Every Rust type has one type in the file, whatever the value, so that a column of TensorBoard's
/// table has one type too: all integers and floats are numbers. Numbers are `f64` there. Integers
/// beyond 2^53 become the nearest one, which is logged once: log a large random seed as a text. NaN
/// and infinities are shown as not set. An `f32` becomes the shortest decimal that stands for it:
/// 0.1, not 0.10000000149.
///
/// ```
/// use tfevents::summary::HParamValue;
///
/// assert_eq!(HParamValue::from(0.1f32), HParamValue::from(0.1f64));
/// let (seed, exact) = (u64::MAX, u64::MAX.to_string());
/// assert_ne!(HParamValue::from(seed), HParamValue::from(exact)); // a number and a text
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct HParamValue(Inner);

#[derive(Clone, Debug, PartialEq)]
enum Inner {
    None,
    Number(f64),
    /// The number nearest to an integer that no `f64` is equal to, and that integer.
    Rounded(f64, String),
    Bool(bool),
    Text(String),
}

impl HParamValue {
    pub(super) fn to_message(&self) -> Value {
        let kind = match &self.0 {
            Inner::None => None,
            Inner::Number(number) | Inner::Rounded(number, _) => Some(Kind::NumberValue(*number)),
            Inner::Bool(value) => Some(Kind::BoolValue(*value)),
            Inner::Text(text) => Some(Kind::StringValue(text.clone())),
        };
        Value { kind }
    }

    /// Returns whether there is a value.
    pub(super) fn is_some(&self) -> bool {
        self.0 != Inner::None
    }

    /// Returns one text for the values of a sequence.
    pub(super) fn sequence(values: impl IntoIterator<Item = Self>) -> Self {
        let values = values.into_iter().filter(Self::is_some);
        let texts: Vec<_> = values.map(|value| value.to_text()).collect();
        Self(Inner::Text(format!("[{}]", texts.join(", "))))
    }

    /// Logs once that the value of this hyperparameter is rounded, if it is.
    pub(super) fn warn_if_rounded(&self, name: &str) {
        if let Inner::Rounded(number, exact) = &self.0 {
            warn_once(("rounded hyperparameter", name), || {
                format!(
                    "hyperparameter {name:?} is rounded from {exact} to {number}: log it as a text \
                     to keep all digits"
                )
            });
        }
    }

    /// Returns the value as a part of a text.
    pub(super) fn to_text(&self) -> String {
        match &self.0 {
            Inner::None => String::new(),
            Inner::Number(number) => number.to_string(),
            Inner::Bool(value) => value.to_string(),
            Inner::Rounded(_, text) | Inner::Text(text) => text.clone(),
        }
    }
}

impl From<f64> for HParamValue {
    fn from(number: f64) -> Self {
        Self(Inner::Number(number))
    }
}

impl From<f32> for HParamValue {
    fn from(number: f32) -> Self {
        // The shortest decimal that stands for this f32.
        Self::from(number.to_string().parse().unwrap_or(f64::from(number)))
    }
}

impl From<bool> for HParamValue {
    fn from(value: bool) -> Self {
        Self(Inner::Bool(value))
    }
}

impl From<&str> for HParamValue {
    fn from(text: &str) -> Self {
        Self(Inner::Text(text.to_owned()))
    }
}

impl From<&String> for HParamValue {
    fn from(text: &String) -> Self {
        Self(Inner::Text(text.clone()))
    }
}

impl From<String> for HParamValue {
    fn from(text: String) -> Self {
        Self(Inner::Text(text))
    }
}

/// A hyperparameter that is `None` is left out.
impl<T: Into<HParamValue>> From<Option<T>> for HParamValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self(Inner::None), Into::into)
    }
}

/// One text, such as `[64, 32]`.
impl<T: Into<HParamValue>> From<Vec<T>> for HParamValue {
    fn from(values: Vec<T>) -> Self {
        Self::sequence(values.into_iter().map(Into::into))
    }
}

/// One text, such as `[64, 32]`.
impl<T: Into<HParamValue>, const N: usize> From<[T; N]> for HParamValue {
    fn from(values: [T; N]) -> Self {
        Self::sequence(values.into_iter().map(Into::into))
    }
}

/// One text, such as `[64, 32]`.
impl<T: Into<HParamValue> + Clone> From<&[T]> for HParamValue {
    fn from(values: &[T]) -> Self {
        Self::sequence(values.iter().cloned().map(Into::into))
    }
}

/// One text, such as `[64, 32]`.
impl<T: Into<HParamValue> + Clone> From<&Vec<T>> for HParamValue {
    fn from(values: &Vec<T>) -> Self {
        Self::from(&values[..])
    }
}

macro_rules! from_integers {
    ($($integer:ty)*) => {$(
        impl From<$integer> for HParamValue {
            fn from(integer: $integer) -> Self {
                let number = integer as f64;
                // A number of 2^127 would saturate on its way back, and so look exact.
                let exact = number as $integer == integer && number.abs() < i64::MAX as f64;
                Self(if exact {
                    Inner::Number(number)
                } else {
                    Inner::Rounded(number, integer.to_string())
                })
            }
        }
    )*};
}

from_integers!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

#[cfg(test)]
mod tests {
    use super::*;

    fn number(value: HParamValue) -> f64 {
        match value.to_message().kind {
            Some(Kind::NumberValue(number)) => number,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn integers_and_floats_are_numbers_whatever_their_value() {
        assert_eq!(number(0.1f32.into()), 0.1);
        assert_eq!(number(f32::MIN_POSITIVE.into()), 1.1754944e-38);
        assert_eq!(number((-7i8).into()), -7.0);
        assert!(number(f32::NAN.into()).is_nan() && number(f64::NAN.into()).is_nan());
        assert_eq!(number(f32::INFINITY.into()), f64::INFINITY);
        assert_eq!(number(f64::NEG_INFINITY.into()), f64::NEG_INFINITY);
        assert_eq!(number((1i64 << 53).into()), 9007199254740992.0);
        assert_eq!(number(((1i64 << 53) + 1).into()), 9007199254740992.0);
        assert_eq!(number(u64::MAX.into()), 18446744073709551616.0);
        assert_eq!(number(i128::MIN.into()), -170141183460469231731687303715884105728.0);
    }

    #[test]
    fn only_rounded_integers_are_reported() {
        let is_rounded = |value: HParamValue| matches!(value.0, Inner::Rounded(..));
        assert!(!is_rounded((1i64 << 53).into()) && !is_rounded(f64::NAN.into()));
        for value in [((1i64 << 53) + 1).into(), i64::MAX.into(), u128::MAX.into()] {
            assert!(is_rounded(value));
        }
    }
}
