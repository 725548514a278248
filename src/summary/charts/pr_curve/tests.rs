use super::error::MAX_THRESHOLDS;
use super::*;

/// The numbers that `tensorboard.plugins.pr_curve.summary.pb` makes of the same input.
#[test]
fn counts_are_those_of_tensorboard() {
    for case in include_str!("../../../../tests/data/pr_curves.jsonl").lines() {
        let case: serde_json::Value = serde_json::from_str(case).unwrap();
        let thresholds = case["thresholds"].as_u64().unwrap() as usize;
        let floats = |name: &str| -> Vec<f32> {
            let values = case[name].as_array().into_iter().flatten();
            values.map(|value| value.as_f64().unwrap() as f32).collect()
        };
        let (labels, predictions) = (floats("labels"), floats("predictions"));
        let builder = PrCurve::builder().thresholds(thresholds);
        let weights = floats("weights");
        let curve = if weights.is_empty() {
            builder.build(&labels, &predictions)
        } else {
            builder.weights(&weights).build(&labels, &predictions)
        };
        let expected = Tensor::numbers(&[6, thresholds], &floats("expected"));
        assert_eq!(curve.unwrap().tensor, expected, "{}", case["name"]);
    }
}

#[test]
fn counts_stay_finite() {
    let weights = [f32::MAX, f32::MAX / 4.0];
    let curve = PrCurve::builder().thresholds(2).weights(&weights).build(&[1, 1], &[1.0, 1.0]);
    let max = f32::MAX;
    let expected = [max, max, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
    assert_eq!(curve.unwrap().tensor, Tensor::numbers(&[6, 2], &expected));
}

/// TensorBoard truncates sums to integers: those of weights that add up to 1 would all be 0.
#[test]
fn normalized_weights_are_scaled() {
    let (labels, predictions) = ([1, 0, 1, 1], [0.9, 0.6, 0.5, 0.2]);
    let curve = |weights: &[f64]| {
        PrCurve::builder().thresholds(5).weights(weights).build(&labels, &predictions).unwrap()
    };
    let normalized = curve(&[0.25; 4]);
    assert_eq!(normalized, PrCurve::builder().thresholds(5).build(&labels, &predictions).unwrap());
    // Weights of 1 or more are left as they are, and so are those of no weight at all.
    assert_ne!(curve(&[0.25, 0.25, 0.25, 1.0]), normalized);
    assert_eq!(curve(&[0.0; 4]), curve(&[0.0; 4]));
    let class = |weights: &[f64]| {
        let predictions = [0.1, 0.9, 0.4, 0.6];
        let builder = PrCurve::builder().thresholds(5).weights(weights);
        builder.build_per_class(&["a", "b"], &[1, 0], &predictions).unwrap()
    };
    assert_eq!(class(&[0.5, 0.5]), class(&[1.0, 1.0]));
}

#[test]
fn each_class_is_compared_with_all_others() {
    let curves = PrCurve::builder()
        .thresholds(5)
        .build_per_class(&["a", "b"], &[0, 1, 1], &[0.7, 0.3, 0.6, 0.4, 0.1, 0.9])
        .unwrap();
    let a = PrCurve::builder().thresholds(5).build(&[1, 0, 0], &[0.7, 0.6, 0.1]).unwrap();
    let b = PrCurve::builder().thresholds(5).build(&[0, 1, 1], &[0.3, 0.4, 0.9]).unwrap();
    assert_eq!(curves.curves, [("a".to_owned(), a), ("b".to_owned(), b)]);
}

#[test]
fn invalid_curves_are_refused() {
    let message = |result: Result<PrCurve, PrCurveError>| result.unwrap_err().to_string();
    let none: [f32; 0] = [];
    assert_eq!(
        message(PrCurve::new(&none, &none)),
        "invalid number of labels of a PR curve: 0 (expected at least 1)"
    );
    assert_eq!(
        message(PrCurve::new(&[0, 1], &[0.5])),
        "invalid number of predictions of a PR curve: 1 (expected 2, for 2 labels)"
    );
    assert_eq!(
        message(PrCurve::new(&[0.0, 0.5], &[0.5, 0.5])),
        "invalid label 1 of a PR curve: 0.5 (expected 0 or 1, or a bool)"
    );
    for bad in [-0.1f64, 1.0 + 1e-9, f64::NAN] {
        let error = PrCurve::new(&[1], &[bad]).unwrap_err();
        assert!(matches!(error, PrCurveError::Prediction { index: 0, .. }), "{error}");
    }
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        let error = PrCurve::builder().weights(&[bad]).build(&[1], &[0.5]).unwrap_err();
        assert!(matches!(error, PrCurveError::Amount { what: "weight", .. }), "{error}");
    }
    for bad in [0, 1, MAX_THRESHOLDS + 1] {
        let error = PrCurve::builder().thresholds(bad).build(&[1], &[0.5]).unwrap_err();
        assert_eq!(error, PrCurveError::Thresholds { given: bad });
    }
    assert_eq!(
        message(PrCurve::builder().weights(&[1.0; 3]).build(&[0, 1], &[0.5; 2])),
        "invalid number of weights of a PR curve: 3 (expected 2, for 2 labels)"
    );
    assert_eq!(
        message(PrCurve::from_counts(&[1, 1], &[1, 1], &[1], &[1, 1])),
        "invalid number of true negatives of a PR curve: 1 (expected 2, for 2 thresholds)"
    );
    assert_eq!(
        message(PrCurve::from_counts(&[1, 1], &[1, -1], &[1, 1], &[1, 1])),
        "invalid false positives 1 of a PR curve: -1 (expected a finite number from 0)"
    );
    let classes = |names: &[&str], labels: &[usize], predictions: &[f32]| {
        PrCurve::builder().build_per_class(names, labels, predictions).unwrap_err().to_string()
    };
    assert_eq!(
        classes(&[], &[0], &[]),
        "invalid number of classes of a PR curve: 0 (expected at least 1)"
    );
    assert_eq!(
        classes(&["a", "b"], &[2], &[0.5; 2]),
        "invalid label 0 of PR curves: 2 (expected a class, 0 to 1)"
    );
    assert_eq!(
        classes(&["a", "b"], &[1, 1], &[0.5; 3]),
        "invalid number of predictions of a PR curve: 3 (expected 4, for 2 labels of 2 classes)"
    );
}
