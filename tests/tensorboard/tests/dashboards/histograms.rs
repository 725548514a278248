use tensorboard_tests::show;

use crate::writer;

#[test]
fn thirty_even_buckets() {
    let logdir = tempfile::tempdir().unwrap();
    let (writer, clock) = writer(logdir.path());
    let mut rng = fastrand::Rng::with_seed(3);
    // 0, 2, … 60: one in each bucket of width 2, and the greatest belongs to the last one.
    let mut first: Vec<f64> = (0..=30).map(|i| f64::from(2 * i)).collect();
    rng.shuffle(&mut first);
    let first_time = clock.tick(&mut rng);
    writer.add_histogram("even", &first[..], 10);
    // The same a thousand times smaller and below zero, among values that have no bucket.
    let mut second: Vec<f64> = (0..=30).map(|i| f64::from(i) / 512.0 - 1.0).collect();
    second.extend([f64::NAN, f64::INFINITY, f64::NEG_INFINITY]);
    let second_time = clock.tick(&mut rng);
    writer.add_histogram("even", &second[..], 11);
    writer.close().unwrap();

    let rows = |low: f64, width: f64| -> Vec<[f64; 3]> {
        let bucket = |i: u8| {
            let left = low + f64::from(i) * width;
            [left, left + width, if i == 29 { 2.0 } else { 1.0 }]
        };
        (0..30).map(bucket).collect()
    };
    show(logdir.path(), |board| {
        let served = board.histograms(".", "even", 11);
        let [first, second] = &served[..] else { panic!("{served:?}") };
        assert_eq!((first.wall_time, first.step), (first_time, 10));
        assert_eq!(first.value, rows(0.0, 2.0));
        assert_eq!((second.wall_time, second.step), (second_time, 11));
        assert_eq!(second.value, rows(-1.0, 1.0 / 512.0));

        let lines = board.distributions(".", "even", 11);
        let [first, _] = &lines[..] else { panic!("{lines:?}") };
        assert_eq!((first.wall_time, first.step), (first_time, 10));
        // Half of the 31 values lie below the middle of the bucket from 30 to 32.
        for (at, expected) in [(0, [0.0, 0.0]), (4, [5000.0, 31.0]), (8, [10000.0, 60.0])] {
            let [basis_point, value] = first.value[at];
            assert_eq!(basis_point, expected[0]);
            // TensorBoard interpolates, and rounds.
            assert!((value - expected[1]).abs() < 1e-9, "{:?}", first.value);
        }
    });
}

#[test]
fn random_values_are_counted_where_they_lie() {
    let logdir = tempfile::tempdir().unwrap();
    let (writer, _) = writer(logdir.path());
    let mut rng = fastrand::Rng::with_seed(4);
    let steps: Vec<Vec<f32>> = (0_u8..20)
        .map(|step| {
            let size = (f32::from(step) - 10.0).exp2();
            (0..rng.usize(2..2000)).map(|_| size * (rng.f32() - 0.25)).collect()
        })
        .collect();
    for (step, values) in steps.iter().enumerate() {
        writer.add_histogram("random", &values[..], step);
    }
    writer.close().unwrap();

    show(logdir.path(), |board| {
        let served = board.histograms(".", "random", 19);
        assert_eq!(served.len(), steps.len());
        for (point, values) in served.iter().zip(&steps) {
            let rows = &point.value;
            assert_eq!(rows.len(), 30);
            let lowest = values.iter().copied().fold(f32::INFINITY, f32::min);
            let highest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            assert_eq!((rows[0][0], rows[29][1]), (lowest.into(), highest.into()));
            for (i, &[left, right, count]) in rows.iter().enumerate() {
                let next = rows.get(i + 1).map_or(right, |row| row[0]);
                assert_eq!(right, next, "no gap behind bucket {i}");
                // The width decides the bucket, in arithmetic that rounds: an edge may belong to either side.
                let near = (rows[29][1] - rows[0][0]) * 1e-6;
                let within = |from: f64, to: f64| {
                    values.iter().filter(|v| from <= f64::from(**v) && f64::from(**v) <= to).count()
                        as f64
                };
                let (min, max) =
                    (within(left + near, right - near), within(left - near, right + near));
                assert!(
                    min <= count && count <= max,
                    "{min} to {max} values, not {count} in bucket {i}"
                );
            }
            let total: f64 = rows.iter().map(|row| row[2]).sum();
            assert_eq!(total, values.len() as f64);
        }
    });
}
