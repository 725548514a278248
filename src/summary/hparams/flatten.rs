//! From a nested config to names and values, by serde.

use super::{HParamValue, HParamsError};
use serde::ser::{self, Serialize};
use std::fmt::Display;

/// Names, joined by `/`, and values.
type Entries = Vec<(String, HParamValue)>;

/// The values of a config; [`HParams::from_config`](super::HParams::from_config) has the rules.
pub(super) fn flatten(config: &(impl Serialize + ?Sized)) -> Result<Entries, HParamsError> {
    let mut entries = Vec::new();
    put("", config, 0, &mut entries)?;
    if entries.iter().any(|(name, _)| name.is_empty()) {
        let reason = "it is a single value, not a struct or a map".to_owned();
        return Err(HParamsError::Config { reason });
    }
    Ok(entries)
}

impl ser::Error for HParamsError {
    fn custom<T: Display>(message: T) -> Self {
        Self::Config { reason: message.to_string() }
    }
}

/// So deep a config may be nested: what goes deeper would overflow the stack at some point.
const MOST_DEPTH: usize = 128;

/// Takes what lies under one name.
struct Flatten<'a> {
    name: &'a str,
    depth: usize,
    entries: &'a mut Entries,
}

/// Puts what lies under a name, in so many others.
fn put<T: Serialize + ?Sized>(
    name: &str,
    value: &T,
    depth: usize,
    entries: &mut Entries,
) -> Result<(), HParamsError> {
    if depth > MOST_DEPTH {
        let reason = format!("{name:?} is nested more than {MOST_DEPTH} deep");
        return Err(HParamsError::Config { reason });
    }
    value.serialize(Flatten { name, depth, entries })
}

impl Flatten<'_> {
    fn put(self, value: impl Into<HParamValue>) -> Result<(), HParamsError> {
        self.entries.push((self.name.to_owned(), value.into()));
        Ok(())
    }

    fn put_variant(&mut self, variant: &str) {
        // What is an enum all in all has no field to name it by.
        let name = if self.name.is_empty() { "config" } else { self.name };
        self.entries.push((name.to_owned(), variant.into()));
    }
}

fn join(name: &str, part: &str) -> String {
    if name.is_empty() { part.to_owned() } else { format!("{name}/{part}") }
}

/// The fields of a struct, or the entries of a map.
struct Fields<'a> {
    name: &'a str,
    depth: usize,
    key: String,
    entries: &'a mut Entries,
}

impl Fields<'_> {
    fn put<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), HParamsError> {
        put(&join(self.name, key), value, self.depth + 1, self.entries)
    }
}

/// The elements of a sequence, which are kept until it is known whether all are single values.
struct Elements<'a> {
    name: String,
    depth: usize,
    count: usize,
    found: Entries,
    entries: &'a mut Entries,
}

impl Elements<'_> {
    fn put<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), HParamsError> {
        let name = join(&self.name, &self.count.to_string());
        self.count += 1;
        put(&name, value, self.depth + 1, &mut self.found)
    }

    fn finish(self) -> Result<(), HParamsError> {
        let is_element = |(at, (name, _)): (usize, &(String, HParamValue))| {
            *name == join(&self.name, &at.to_string())
        };
        let single =
            self.found.len() == self.count && self.found.iter().enumerate().all(is_element);
        if single {
            let texts: Vec<_> = self.found.iter().map(|(_, value)| value.to_text()).collect();
            self.entries.push((self.name, format!("[{}]", texts.join(", ")).into()));
        } else {
            self.entries.extend(self.found);
        }
        Ok(())
    }
}

macro_rules! single_values {
    ($($method:ident($value:ty);)*) => {$(
        fn $method(self, value: $value) -> Result<(), HParamsError> {
            self.put(value)
        }
    )*};
}

impl<'a> ser::Serializer for Flatten<'a> {
    type Ok = ();
    type Error = HParamsError;
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

    fn serialize_char(self, value: char) -> Result<(), HParamsError> {
        self.put(value.to_string())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), HParamsError> {
        bytes.serialize(self)
    }

    fn serialize_none(self) -> Result<(), HParamsError> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), HParamsError> {
        put(self.name, value, self.depth + 1, self.entries)
    }

    fn serialize_unit(self) -> Result<(), HParamsError> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), HParamsError> {
        Ok(())
    }

    fn serialize_unit_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), HParamsError> {
        self.put_variant(variant);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), HParamsError> {
        put(self.name, value, self.depth + 1, self.entries)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), HParamsError> {
        self.put_variant(variant);
        let mut held = Vec::new();
        put(self.name, value, self.depth + 1, &mut held)?;
        // Fields have names of their own; a single value would take that of the variant's name.
        for (name, value) in held {
            let name = if name == self.name { join(self.name, variant) } else { name };
            self.entries.push((name, value));
        }
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Elements<'a>, HParamsError> {
        let Self { name, depth, entries } = self;
        Ok(Elements { name: name.to_owned(), depth, count: 0, found: Vec::new(), entries })
    }

    fn serialize_tuple(self, len: usize) -> Result<Elements<'a>, HParamsError> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        len: usize,
    ) -> Result<Elements<'a>, HParamsError> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Elements<'a>, HParamsError> {
        self.put_variant(variant);
        let Self { name, depth, entries } = self;
        Ok(Elements { name: join(name, variant), depth, count: 0, found: Vec::new(), entries })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'a>, HParamsError> {
        let Self { name, depth, entries } = self;
        Ok(Fields { name, depth, key: String::new(), entries })
    }

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Fields<'a>, HParamsError> {
        self.serialize_map(Some(len))
    }

    fn serialize_struct_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Fields<'a>, HParamsError> {
        self.put_variant(variant);
        self.serialize_map(Some(len))
    }
}

macro_rules! sequences {
    ($($kind:ident::$method:ident;)*) => {$(
        impl ser::$kind for Elements<'_> {
            type Ok = ();
            type Error = HParamsError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), HParamsError> {
                self.put(value)
            }

            fn end(self) -> Result<(), HParamsError> {
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
            type Error = HParamsError;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), HParamsError> {
                self.put(key, value)
            }

            fn end(self) -> Result<(), HParamsError> {
                Ok(())
            }
        }
    )*};
}

structs!(SerializeStruct SerializeStructVariant);

impl ser::SerializeMap for Fields<'_> {
    type Ok = ();
    type Error = HParamsError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), HParamsError> {
        let mut found = Vec::new();
        put(self.name, key, self.depth + 1, &mut found)?;
        let [(_, key)] = &found[..] else {
            let reason = format!("{:?} has a key that is no single value", self.name);
            return Err(HParamsError::Config { reason });
        };
        self.key = key.to_text();
        if self.key.is_empty() {
            let reason = format!("{:?} has an empty key", self.name);
            return Err(HParamsError::Config { reason });
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), HParamsError> {
        let key = std::mem::take(&mut self.key);
        self.put(&key, value)
    }

    fn end(self) -> Result<(), HParamsError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::HParams;
    use super::*;
    use serde::Serialize;
    use std::collections::BTreeMap;

    #[derive(Serialize)]
    struct Config {
        rate: f32,
        seed: u64,
        name: Option<String>,
        note: Option<String>,
        layers: Vec<Layer>,
        sizes: (usize, f64, &'static str),
        none: Vec<u8>,
        by_name: BTreeMap<u8, Id>,
        kinds: Vec<Kind>,
        one: Kind,
        two: Kind,
        three: Kind,
        four: Kind,
        nothing: (),
        letter: char,
    }

    #[derive(Serialize)]
    struct Layer {
        units: u16,
        dropout: Option<f32>,
    }

    #[derive(Serialize)]
    struct Id(bool);

    #[derive(Serialize)]
    enum Kind {
        Plain,
        Single(i8),
        Held(Layer),
        Pair(i8, i8),
        Named { rate: f32 },
    }

    #[test]
    fn nested_names_are_joined() {
        let config = Config {
            rate: 0.1,
            seed: u64::MAX,
            name: Some("a b".into()),
            note: None,
            layers: vec![
                Layer { units: 64, dropout: Some(0.5) },
                Layer { units: 32, dropout: None },
            ],
            sizes: (3, 0.25, "x"),
            none: vec![],
            by_name: [(1, Id(true)), (2, Id(false))].into(),
            kinds: vec![Kind::Plain, Kind::Plain],
            one: Kind::Single(-1),
            two: Kind::Held(Layer { units: 8, dropout: None }),
            three: Kind::Pair(1, 2),
            four: Kind::Named { rate: 0.2 },
            nothing: (),
            letter: 'é',
        };
        let expected = HParams::builder()
            .set("rate", 0.1)
            .set("seed", "18446744073709551615")
            .set("name", "a b")
            .set("layers/0/units", 64)
            .set("layers/0/dropout", 0.5)
            .set("layers/1/units", 32)
            .set("sizes", "[3, 0.25, x]")
            .set("none", "[]")
            .set("by_name/1", true)
            .set("by_name/2", false)
            .set("kinds", "[Plain, Plain]")
            .set("one", "Single")
            .set("one/Single", -1)
            .set("two", "Held")
            .set("two/units", 8)
            .set("three", "Pair")
            .set("three/Pair", "[1, 2]")
            .set("four", "Named")
            .set("four/rate", 0.2)
            .set("letter", "é");
        assert_eq!(HParams::from_config(&config), expected.build());
    }

    #[test]
    fn an_enum_all_in_all_is_named() {
        let expected = HParams::builder().set("config", "Named").set("rate", 0.2).build();
        assert_eq!(HParams::from_config(&Kind::Named { rate: 0.2 }), expected);
    }

    #[test]
    fn what_has_no_names_is_refused() {
        let single = HParams::from_config(&3).unwrap_err().to_string();
        assert!(single.contains("not a struct or a map"), "{single}");
        let twice: BTreeMap<_, _> = [("a", Ok(1)), ("a/Ok", Err(2))].into();
        let error = HParams::from_config(&twice).unwrap_err();
        assert!(matches!(error, HParamsError::Duplicate { .. }), "{error}");
        let keys: BTreeMap<_, _> = [((), 1)].into();
        let error = HParams::from_config(&keys).unwrap_err();
        assert!(error.to_string().contains("key that is no single value"), "{error}");
        assert_eq!(HParams::from_config(&()), Err(HParamsError::Empty));
    }

    #[test]
    fn no_config_is_too_deep_for_the_stack() {
        #[derive(Serialize)]
        struct Deep(Option<Box<Deep>>);
        #[derive(Serialize)]
        struct Config {
            deep: Deep,
        }
        let config = |depth: usize| {
            let nest = |deep, _| Deep(Some(Box::new(deep)));
            HParams::from_config(&Config { deep: (0..depth).fold(Deep(None), nest) })
        };
        assert_eq!(config(5), Err(HParamsError::Empty));
        // Few enough to be dropped, which recurses too.
        let error = config(5000).unwrap_err().to_string();
        assert_eq!(error, "the config cannot be flattened: \"deep\" is nested more than 128 deep");
    }

    #[test]
    fn an_empty_key_is_refused() {
        let config = BTreeMap::from([("a", BTreeMap::from([("", 1)]))]);
        let error = HParams::from_config(&config).unwrap_err().to_string();
        assert_eq!(error, "the config cannot be flattened: \"a\" has an empty key");
        let error = HParams::from_config(&BTreeMap::from([("", 1)])).unwrap_err().to_string();
        assert_eq!(error, "the config cannot be flattened: \"\" has an empty key");
    }
}
