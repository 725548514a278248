//! Hyperparameters from a nested config, by serde.

#[cfg(test)]
mod tests;

use super::{HParamValue, HParams, HParamsBuilder, HParamsError};
use serde::ser::{self, Serialize};
use std::fmt::Display;

impl HParams {
    /// Creates hyperparameters from the values of a config, which is a struct or a map. Needs the
    /// feature `serde`.
    ///
    /// | in the config | becomes |
    /// |---|---|
    /// | numbers, bools, texts | themselves; see [`HParamValue`] |
    /// | a nested struct or map | its fields, as `name/field` |
    /// | a sequence of numbers, bools or texts | one text, such as `[64, 32]` |
    /// | a sequence of anything else | its elements, as `name/0`, `name/1` … |
    /// | a variant of an enum | its name; its fields as `name/field`, an unnamed value as `name/Variant` |
    /// | `None` and `()` | nothing |
    ///
    /// ```
    /// # #[cfg(feature = "serde")] {
    /// use tfevents::summary::HParams;
    ///
    /// #[derive(serde::Serialize)]
    /// struct Config {
    ///     layers: Vec<usize>,
    ///     optimizer: Optimizer,
    /// }
    ///
    /// #[derive(serde::Serialize)]
    /// enum Optimizer {
    ///     Adam { rate: f32 },
    /// }
    ///
    /// let config = Config { layers: vec![64, 32], optimizer: Optimizer::Adam { rate: 0.1 } };
    /// let same = HParams::builder()
    ///     .set("layers", "[64, 32]")
    ///     .set("optimizer", "Adam")
    ///     .set("optimizer/rate", 0.1);
    /// assert_eq!(HParams::from_config(&config)?, same.build()?);
    /// # }
    /// # Ok::<(), tfevents::summary::HParamsError>(())
    /// ```
    ///
    /// # Errors
    /// If the config is neither a struct nor a map, two values have one name, a key of a map is
    /// empty or no single value, values are nested more than 128 deep, or serializing the config
    /// fails.
    pub fn from_config(config: &(impl serde::Serialize + ?Sized)) -> Result<Self, HParamsError> {
        HParamsBuilder { values: flatten(config)? }.build()
    }
}

/// Names, joined by `/`, and values.
type Entries = Vec<(String, HParamValue)>;

/// Returns the values of a config, by the rules of [`HParams::from_config`].
fn flatten(config: &(impl Serialize + ?Sized)) -> Result<Entries, HParamsError> {
    let mut entries = Vec::new();
    put("", config, 0, &mut entries).map_err(|Error(reason)| HParamsError::Config { reason })?;
    if entries.iter().any(|(name, _)| name.is_empty()) {
        let reason = "it is a single value (expected a struct or a map)".to_owned();
        return Err(HParamsError::Config { reason });
    }
    Ok(entries)
}

/// The reason why a config cannot be serialized: an error of its own, so that no trait of serde is
/// implemented for a public type.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Error(String);

impl ser::Error for Error {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// The maximum depth of a config: at some depth the stack would overflow.
const MAX_DEPTH: usize = 128;

/// The serializer of the value of one name.
struct Flatten<'a> {
    name: &'a str,
    depth: usize,
    entries: &'a mut Entries,
}

/// Adds the value of a name, which is nested `depth` deep.
fn put<T: Serialize + ?Sized>(
    name: &str,
    value: &T,
    depth: usize,
    entries: &mut Entries,
) -> Result<(), Error> {
    if depth > MAX_DEPTH {
        return Err(Error(format!("{name:?} is nested too deep (expected up to {MAX_DEPTH})")));
    }
    value.serialize(Flatten { name, depth, entries })
}

impl Flatten<'_> {
    fn put(self, value: impl Into<HParamValue>) -> Result<(), Error> {
        self.entries.push((self.name.to_owned(), value.into()));
        Ok(())
    }

    fn put_variant(&mut self, variant: &str) {
        // If the whole config is an enum, there is no field to name it by.
        let name = if self.name.is_empty() { "config" } else { self.name };
        self.entries.push((name.to_owned(), variant.into()));
    }
}

fn join(name: &str, part: &str) -> String {
    if name.is_empty() { part.to_owned() } else { format!("{name}/{part}") }
}

/// The serializer of the fields of a struct, or the entries of a map.
struct Fields<'a> {
    name: &'a str,
    depth: usize,
    key: String,
    entries: &'a mut Entries,
}

impl Fields<'_> {
    fn put<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Error> {
        put(&join(self.name, key), value, self.depth + 1, self.entries)
    }
}

/// The serializer of a sequence, whose elements are kept until it is known whether all are single
/// values.
struct Elements<'a> {
    name: String,
    depth: usize,
    count: usize,
    found: Entries,
    entries: &'a mut Entries,
}

impl Elements<'_> {
    fn put<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let name = join(&self.name, &self.count.to_string());
        self.count += 1;
        put(&name, value, self.depth + 1, &mut self.found)
    }

    fn finish(self) -> Result<(), Error> {
        let is_element = |(at, (name, _)): (usize, &(String, HParamValue))| {
            *name == join(&self.name, &at.to_string())
        };
        let single =
            self.found.len() == self.count && self.found.iter().enumerate().all(is_element);
        if single {
            let values = self.found.into_iter().map(|(_, value)| value);
            self.entries.push((self.name, HParamValue::sequence(values)));
        } else {
            self.entries.extend(self.found);
        }
        Ok(())
    }
}

macro_rules! single_values {
    ($($method:ident($value:ty);)*) => {$(
        fn $method(self, value: $value) -> Result<(), Error> {
            self.put(value)
        }
    )*};
}

impl<'a> ser::Serializer for Flatten<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Elements<'a>;
    type SerializeTuple = Elements<'a>;
    type SerializeTupleStruct = Elements<'a>;
    type SerializeTupleVariant = Elements<'a>;
    type SerializeMap = Fields<'a>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Fields<'a>;

    single_values! {
        serialize_bool(bool);
        serialize_i8(i8); serialize_i16(i16); serialize_i32(i32); serialize_i64(i64);
        serialize_i128(i128);
        serialize_u8(u8); serialize_u16(u16); serialize_u32(u32); serialize_u64(u64);
        serialize_u128(u128);
        serialize_f32(f32); serialize_f64(f64);
        serialize_str(&str);
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.put(value.to_string())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Error> {
        bytes.serialize(self)
    }

    fn serialize_none(self) -> Result<(), Error> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        put(self.name, value, self.depth + 1, self.entries)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        Ok(())
    }

    fn serialize_unit_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.put_variant(variant);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        put(self.name, value, self.depth + 1, self.entries)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.put_variant(variant);
        let mut found = Vec::new();
        put(self.name, value, self.depth + 1, &mut found)?;
        // Fields have names; a single value would have the same name as the variant.
        for (name, value) in found {
            let name = if name == self.name { join(self.name, variant) } else { name };
            self.entries.push((name, value));
        }
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Elements<'a>, Error> {
        let Self { name, depth, entries } = self;
        Ok(Elements { name: name.to_owned(), depth, count: 0, found: Vec::new(), entries })
    }

    fn serialize_tuple(self, len: usize) -> Result<Elements<'a>, Error> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Elements<'a>, Error> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Elements<'a>, Error> {
        self.put_variant(variant);
        let Self { name, depth, entries } = self;
        Ok(Elements { name: join(name, variant), depth, count: 0, found: Vec::new(), entries })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'a>, Error> {
        let Self { name, depth, entries } = self;
        Ok(Fields { name, depth, key: String::new(), entries })
    }

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Fields<'a>, Error> {
        self.serialize_map(Some(len))
    }

    fn serialize_struct_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Fields<'a>, Error> {
        self.put_variant(variant);
        self.serialize_map(Some(len))
    }
}

macro_rules! sequences {
    ($($kind:ident::$method:ident;)*) => {$(
        impl ser::$kind for Elements<'_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.put(value)
            }

            fn end(self) -> Result<(), Error> {
                self.finish()
            }
        }
    )*};
}

sequences! {
    SerializeSeq::serialize_element;
    SerializeTuple::serialize_element;
    SerializeTupleStruct::serialize_field;
    SerializeTupleVariant::serialize_field;
}

macro_rules! structs {
    ($($kind:ident)*) => {$(
        impl ser::$kind for Fields<'_> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), Error> {
                self.put(key, value)
            }

            fn end(self) -> Result<(), Error> {
                Ok(())
            }
        }
    )*};
}

structs!(SerializeStruct SerializeStructVariant);

impl ser::SerializeMap for Fields<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        let mut found = Vec::new();
        put(self.name, key, self.depth + 1, &mut found)?;
        let [(_, key)] = &found[..] else {
            let reason =
                format!("invalid key of the map {:?} (expected a single value)", self.name);
            return Err(Error(reason));
        };
        self.key = key.to_text();
        if self.key.is_empty() {
            let reason =
                format!("empty key of the map {:?} (expected at least 1 character)", self.name);
            return Err(Error(reason));
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let key = std::mem::take(&mut self.key);
        self.put(&key, value)
    }

    fn end(self) -> Result<(), Error> {
        Ok(())
    }
}
