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
        layers: vec![Layer { units: 64, dropout: Some(0.5) }, Layer { units: 32, dropout: None }],
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
        .set("seed", u64::MAX)
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
fn an_enum_as_config_has_a_name() {
    let expected = HParams::builder().set("config", "Named").set("rate", 0.2).build();
    assert_eq!(HParams::from_config(&Kind::Named { rate: 0.2 }), expected);
}

#[test]
fn configs_without_names_are_refused() {
    let single = HParams::from_config(&3).unwrap_err().to_string();
    assert!(single.contains("(expected a struct or a map)"), "{single}");
    let twice: BTreeMap<_, _> = [("a", Ok(1)), ("a/Ok", Err(2))].into();
    let error = HParams::from_config(&twice).unwrap_err();
    assert!(matches!(error, HParamsError::Duplicate { .. }), "{error}");
    let keys: BTreeMap<_, _> = [((), 1)].into();
    let error = HParams::from_config(&keys).unwrap_err();
    assert!(error.to_string().contains("invalid key of the map"), "{error}");
    assert_eq!(HParams::from_config(&()), Err(HParamsError::Empty));
}

#[test]
fn deep_configs_do_not_overflow_the_stack() {
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
    assert_eq!(
        error,
        "cannot read hyperparameters from a config: \"deep\" is nested too deep (expected up \
         to 128)"
    );
}

#[test]
fn an_empty_key_is_refused() {
    let config = BTreeMap::from([("a", BTreeMap::from([("", 1)]))]);
    let error = HParams::from_config(&config).unwrap_err().to_string();
    assert!(error.contains("empty key of the map \"a\""), "{error}");
    let error = HParams::from_config(&BTreeMap::from([("", 1)])).unwrap_err().to_string();
    assert!(error.contains("empty key of the map \"\""), "{error}");
}
