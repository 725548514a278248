//! Weights and gradients by their names.

use tfevents::SummaryWriter;
use tfevents::read::Run;

#[test]
fn histograms_and_norms_of_what_is_finite() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let model = [
        ("dense/kernel", vec![3.0f32, -4.0]),
        ("dense/bias", vec![2.0, f32::NAN]),
        ("gone", vec![f32::INFINITY, f32::NAN]),
        ("empty", vec![]),
    ];
    for step in 0..2 {
        writer.add_parameters(model.iter().map(|(name, values)| (name, values)), step);
    }
    writer.close().unwrap();
    assert_eq!(writer.stats().dropped, 0);

    let mut found = Vec::new();
    for event in Run::open(dir.path()).unwrap().events().map(Result::unwrap) {
        for value in event.values().iter().filter(|_| event.step() == 1) {
            found.push((value.tag().to_owned(), value.plugin().to_owned(), value.scalar()));
        }
    }
    // A simple value has no metadata.
    let norm = |tag: &str, norm: f32| (tag.to_owned(), String::new(), Some(norm));
    let histogram = |tag: &str| (tag.to_owned(), "histograms".to_owned(), None);
    assert!(found.pop().is_some_and(|(tag, _, norm)| tag == "gone/norm" && norm.unwrap().is_nan()));
    assert_eq!(
        found,
        [
            histogram("dense/kernel"),
            norm("dense/kernel/norm", 5.0),
            histogram("dense/bias"),
            norm("dense/bias/norm", 2.0),
        ]
    );
}
