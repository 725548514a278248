//! What the attributes of a node can be.

use crate::summary::Step;
use crate::wire::messages::attr_value;

/// What a node's attribute can hold: see [`Node::attribute`](super::Node::attribute).
///
/// Texts, integers up to 64 bits, floats (stored as `f32`), and `bool`. A `u64` or `usize` beyond
/// `i64::MAX` saturates.
///
/// ```
/// let units: usize = 64;
/// let activation = String::from("relu");
/// let mut graph = tfevents::Graph::builder();
/// graph.node("dense", "Dense").attribute("units", units).attribute("activation", &activation);
/// ```
pub trait Attribute: sealed::Attribute {}

pub(super) mod sealed {
    pub trait Attribute {
        fn to_value(self) -> super::attr_value::Value;
    }
}

macro_rules! attributes {
    ($($given:ty => |$value:ident| $kind:ident($made:expr)),* $(,)?) => {$(
        impl Attribute for $given {}
        impl sealed::Attribute for $given {
            fn to_value(self) -> attr_value::Value {
                let $value = self;
                attr_value::Value::$kind($made)
            }
        }
    )*};
}

attributes! {
    &str => |text| S(text.as_bytes().to_vec()),
    &String => |text| S(text.as_bytes().to_vec()),
    String => |text| S(text.into_bytes()),
    bool => |value| B(value),
    f32 => |number| F(number),
    f64 => |number| F(number as f32),
    i8 => |number| I(number.to_step()),
    i16 => |number| I(number.to_step()),
    i32 => |number| I(number.to_step()),
    i64 => |number| I(number),
    isize => |number| I(number.to_step()),
    u8 => |number| I(number.to_step()),
    u16 => |number| I(number.to_step()),
    u32 => |number| I(number.to_step()),
    u64 => |number| I(number.to_step()),
    usize => |number| I(number.to_step()),
}
