use serde_json::Value as Json;
use tensorboard_tests::show;
use tfevents::summary::PrCurve;

use crate::writer;

fn numbers(of: &Json) -> Vec<f64> {
    of.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

/// Returns what TensorBoard shows for predictions: true and false positives and negatives at each threshold, as counted one by
/// one, up to the last at which something is positive.
fn counted(labels: &[bool], predictions: &[f32], thresholds: usize) -> [Vec<f64>; 4] {
    let mut counts = [const { Vec::new() }; 4];
    for threshold in 0..thresholds {
        let at = |wanted: bool, positive: bool| {
            let bucket = |p: f32| (p * (thresholds - 1) as f32).floor() as usize;
            let counted = labels
                .iter()
                .zip(predictions)
                .filter(|&(&label, &p)| label == wanted && (bucket(p) >= threshold) == positive);
            counted.count() as f64
        };
        let [tp, fp, tn, fnegative] =
            [at(true, true), at(false, true), at(false, false), at(true, false)];
        if threshold > 0 && tp + fp == 0.0 {
            break;
        }
        for (counts, count) in counts.iter_mut().zip([tp, fp, tn, fnegative]) {
            counts.push(count);
        }
    }
    counts
}

#[test]
fn curves_of_predictions_counts_and_classes() {
    let logdir = tempfile::tempdir().unwrap();
    let (writer, clock) = writer(logdir.path());
    let mut rng = fastrand::Rng::with_seed(11);
    let mut expected = Vec::new();
    for step in 0..3 {
        let wall_time = clock.tick(&mut rng);
        let labels: Vec<bool> = (0..400).map(|_| rng.bool()).collect();
        let better = 0.2 * step as f32;
        let predictions: Vec<f32> = labels
            .iter()
            .map(|&label| {
                let towards = if label { 0.9 } else { 0.0 };
                rng.f32() * (0.9 - better) + better * towards
            })
            .collect();
        writer.add_pr_curve("validation", &PrCurve::new(&labels, &predictions).unwrap(), step);
        let [tp, fp, tn, fnegative] = counted(&labels, &predictions, 201);
        // The counts that TensorBoard shows are enough to make the same curve.
        let zeros = vec![0.0; 201 - tp.len()];
        let whole = |counts: &[f64]| [counts, &zeros].concat();
        let rest = |counts: &[f64], all: f64| [counts, &vec![all; zeros.len()]].concat();
        let counts = PrCurve::from_counts(
            &whole(&tp),
            &whole(&fp),
            &rest(&tn, fp[0]),
            &rest(&fnegative, tp[0]),
        );
        writer.add_pr_curve("by counts", &counts.unwrap(), step);
        expected.push((step, wall_time, [tp, fp, tn, fnegative]));
    }
    let classes = PrCurve::builder()
        .thresholds(5)
        .build_per_class(&["cat", "dog"], &[0, 1, 1], &[0.8, 0.2, 0.6, 0.4, 0.1, 0.9])
        .unwrap();
    writer.add("animals", &classes, 2);
    writer.close().unwrap();

    show(logdir.path(), |board| {
        for tag in ["validation", "by counts"] {
            let served = board.pr_curves(".", tag, 2);
            assert_eq!(served.len(), expected.len());
            for (served, (step, wall_time, counts)) in served.iter().zip(&expected) {
                assert_eq!((served.step, served.wall_time), (*step, *wall_time));
                let names =
                    ["true_positives", "false_positives", "true_negatives", "false_negatives"];
                for (name, counts) in names.iter().zip(counts) {
                    assert_eq!(numbers(&served.value[name]), *counts, "{tag} {name} {step}");
                }
                let [tp, fp, _, fnegative] = counts;
                let share = |i: usize, rest: &[f64]| (tp[i] / (tp[i] + rest[i])) as f32;
                let precision: Vec<_> = (0..tp.len()).map(|i| f64::from(share(i, fp))).collect();
                let recall: Vec<_> =
                    (0..tp.len()).map(|i| f64::from(share(i, fnegative))).collect();
                assert_eq!(numbers(&served.value["precision"]), precision);
                assert_eq!(numbers(&served.value["recall"]), recall);
                assert_eq!(numbers(&served.value["thresholds"])[1], 0.005);
            }
        }
        let cat = &board.pr_curves(".", "animals/cat", 2)[0].value;
        assert_eq!(numbers(&cat["true_positives"]), [1.0, 1.0, 1.0, 1.0]);
        assert_eq!(numbers(&cat["false_positives"]), [2.0, 1.0, 1.0, 0.0]);
        let dog = &board.pr_curves(".", "animals/dog", 2)[0].value;
        assert_eq!(numbers(&dog["true_positives"]), [2.0, 2.0, 1.0, 1.0]);
        assert!(board.active_dashboards().contains("pr_curves"));
    });
}
