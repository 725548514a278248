//! The macros of `src/wire/codec.rs` encode and decode as prost's derive macro does.

#[macro_use]
#[path = "../../../src/wire/codec.rs"]
mod codec;

use prost::Message;

mod derived {
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Part {
        #[prost(int64, tag = "1")]
        pub number: i64,
        #[prost(string, tag = "2")]
        pub name: String,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct All {
        #[prost(bool, tag = "1")]
        pub flag: bool,
        #[prost(int32, tag = "2")]
        pub small: i32,
        #[prost(uint64, tag = "3")]
        pub large: u64,
        #[prost(float, tag = "4")]
        pub float: f32,
        #[prost(double, tag = "5")]
        pub double: f64,
        #[prost(bytes = "vec", tag = "6")]
        pub bytes: Vec<u8>,
        #[prost(message, optional, tag = "7")]
        pub part: Option<Part>,
        #[prost(message, repeated, tag = "8")]
        pub parts: Vec<Part>,
        #[prost(string, repeated, tag = "9")]
        pub names: Vec<String>,
        #[prost(float, repeated, tag = "100")]
        pub floats: Vec<f32>,
        #[prost(int64, repeated, tag = "2000")]
        pub numbers: Vec<i64>,
        #[prost(oneof = "One", tags = "20, 21, 30")]
        pub one: Option<One>,
    }

    #[derive(Clone, PartialEq, prost::Oneof)]
    pub enum One {
        #[prost(float, tag = "20")]
        Float(f32),
        #[prost(message, tag = "21")]
        Part(Part),
        #[prost(bytes, tag = "30")]
        Bytes(Vec<u8>),
    }
}

mod own {
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Part {
        pub number: i64,
        pub name: String,
    }

    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct All {
        pub flag: bool,
        pub small: i32,
        pub large: u64,
        pub float: f32,
        pub double: f64,
        pub bytes: Vec<u8>,
        pub part: Option<Part>,
        pub parts: Vec<Part>,
        pub names: Vec<String>,
        pub floats: Vec<f32>,
        pub numbers: Vec<i64>,
        pub one: Option<One>,
    }

    #[derive(Clone, Debug, PartialEq)]
    pub enum One {
        Float(f32),
        Part(Part),
        Bytes(Vec<u8>),
    }

    #[derive(Clone, Copy, Debug, PartialEq)]
    pub enum Kind {
        None = 0,
        Some = 7,
    }
}
message!(own::Part { number: (int64) = 1, name: (string) = 2 });
message!(own::All {
    flag: (bool) = 1,
    small: (int32) = 2,
    large: (uint64) = 3,
    float: (float) = 4,
    double: (double) = 5,
    bytes: (bytes) = 6,
    part: (optional message) = 7,
    parts: (repeated message) = 8,
    names: (repeated string) = 9,
    one: (oneof own::One) = 20 | 21 | 30,
    floats: (packed float) = 100,
    numbers: (packed int64) = 2000,
});
oneof!(own::One { Float: float = 20, Part: message = 21, Bytes: bytes = 30 });
enumeration!(own::Kind { None, Some });

/// Decodes bytes both ways, and encodes what they hold again.
fn both(bytes: &[u8]) -> Option<Vec<u8>> {
    let (derived, own) = (derived::All::decode(bytes), own::All::decode(bytes));
    match (&derived, &own) {
        (Ok(derived), Ok(own)) => {
            let encoded = own.encode_to_vec();
            assert_eq!(encoded, derived.encode_to_vec(), "{bytes:?}");
            assert_eq!(own.encoded_len(), encoded.len());
            Some(encoded)
        }
        (Err(_), Err(_)) => None,
        _ => panic!("{bytes:?}: {derived:?}, but {own:?}"),
    }
}

fn samples() -> Vec<own::All> {
    let part = own::Part { number: -3, name: "é".into() };
    let all = own::All {
        flag: true,
        small: -1,
        large: u64::MAX,
        float: -0.5,
        double: f64::NAN,
        bytes: vec![0, 255],
        part: Some(own::Part::default()),
        parts: vec![part.clone(), own::Part::default()],
        names: vec![String::new(), "a".into()],
        floats: vec![0.0, f32::INFINITY],
        numbers: vec![i64::MIN, 0, 300],
        one: Some(own::One::Part(part.clone())),
    };
    let mut samples = vec![own::All::default(), all];
    for one in [own::One::Float(0.0), own::One::Bytes(Vec::new()), own::One::Part(part)] {
        samples.push(own::All { double: -0.0, one: Some(one), ..Default::default() });
    }
    samples
}

#[test]
fn every_kind_of_field_is_encoded_as_by_prost() {
    for sample in samples() {
        let encoded = sample.encode_to_vec();
        assert_eq!(both(&encoded).as_ref(), Some(&encoded), "{sample:?}");
    }
    assert!(samples()[1].encoded_len() > 100);
}

/// The last value of a field counts, lists grow, and messages are merged.
#[test]
fn fields_that_come_twice_are_merged_as_by_prost() {
    for first in samples() {
        for second in samples() {
            both(&[first.encode_to_vec(), second.encode_to_vec()].concat()).unwrap();
        }
    }
}

#[test]
fn what_is_damaged_is_an_error_as_for_prost() {
    let whole = samples()[1].encode_to_vec();
    let mut errors = 0;
    for at in 0..whole.len() {
        errors += usize::from(both(&whole[..at]).is_none());
        for byte in [0, 1, 7, 127, 128, 255] {
            let mut damaged = whole.clone();
            damaged[at] = byte;
            errors += usize::from(both(&damaged).is_none());
        }
    }
    assert!(errors > whole.len());
    let error = own::All::decode(&b"\x3a\x02\x08\x80"[..]).unwrap_err().to_string();
    assert!(error.contains("own::All.part"), "{error}");
}

#[test]
fn numbers_that_are_no_variant_are_errors() {
    assert_eq!(own::Kind::try_from(7), Ok(own::Kind::Some));
    assert_eq!(i32::from(own::Kind::Some), 7);
    assert!(own::Kind::try_from(1).is_err());
    assert_eq!(own::Kind::default(), own::Kind::None);
}
