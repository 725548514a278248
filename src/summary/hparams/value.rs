//! Values of hyperparameters.

use crate::wire::messages::{Value, value::Kind};

/// The value of a hyperparameter: a number, a bool or a text.
///
/// Numbers are `f64` in the file. What such a number cannot hold becomes text: integers that it
/// would round, such as a large random seed, and NaN and infinities, which TensorBoard's page
/// cannot be sent. An `f32` becomes the shortest number that stands for it: 0.1, not
/// 0.10000000149.
///
/// ```
/// use tfevents::summary::HParamValue;
///
/// assert_eq!(HParamValue::from(0.1f32), HParamValue::from(0.1f64));
/// assert_eq!(HParamValue::from(u64::MAX), HParamValue::from("18446744073709551615"));
/// assert_eq!(HParamValue::from(f64::INFINITY), HParamValue::from("inf"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct HParamValue(Inner);

#[derive(Clone, Debug, PartialEq)]
enum Inner {
    Number(f64),
    Bool(bool),
    Text(String),
}

impl HParamValue {
    pub(super) fn to_message(&self) -> Value {
        let kind = match &self.0 {
            Inner::Number(number) => Kind::NumberValue(*number),
            Inner::Bool(value) => Kind::BoolValue(*value),
            Inner::Text(text) => Kind::StringValue(text.clone()),
        };
        Value { kind: Some(kind) }
    }

    /// Returns the value as a part of a text.
    #[cfg(feature = "serde")]
    pub(super) fn to_text(&self) -> String {
        match &self.0 {
            Inner::Number(number) => number.to_string(),
            Inner::Bool(value) => value.to_string(),
            Inner::Text(text) => text.clone(),
        }
    }
}

impl From<f64> for HParamValue {
    fn from(number: f64) -> Self {
        if number.is_finite() {
            Self(Inner::Number(number))
        } else {
            Self(Inner::Text(number.to_string()))
        }
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

macro_rules! from_integers {
    ($($integer:ty)*) => {$(
        impl From<$integer> for HParamValue {
            fn from(integer: $integer) -> Self {
                let number = integer as f64;
                // A number of 2^127 would saturate on its way back, and so look exact.
                if number as $integer == integer && number.abs() < i64::MAX as f64 {
                    Self(Inner::Number(number))
                } else {
                    Self(Inner::Text(integer.to_string()))
                }
            }
        }
    )*};
}

from_integers!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_number_cannot_hold_becomes_text() {
        let number = |value: HParamValue| match value.0 {
            Inner::Number(number) => number,
            other => panic!("{other:?}"),
        };
        assert_eq!(number(0.1f32.into()), 0.1);
        assert_eq!(number(f32::MIN_POSITIVE.into()), 1.1754944e-38);
        assert_eq!(number((1i64 << 53).into()), 9007199254740992.0);
        assert_eq!(number((-7i8).into()), -7.0);
        let text = |value: HParamValue| match value.0 {
            Inner::Text(text) => text,
            other => panic!("{other:?}"),
        };
        assert_eq!(text(((1i64 << 53) + 1).into()), "9007199254740993");
        assert_eq!(text(i64::MAX.into()), "9223372036854775807");
        assert_eq!(text(i128::MIN.into()), "-170141183460469231731687303715884105728");
        assert_eq!(text(f32::NAN.into()), "NaN");
    }
}
