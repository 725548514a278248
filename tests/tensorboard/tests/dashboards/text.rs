use tensorboard_tests::{Point, show};

use crate::writer;

#[test]
fn markdown() {
    let logdir = tempfile::tempdir().unwrap();
    let (writer, clock) = writer(logdir.path());
    let mut rng = fastrand::Rng::with_seed(7);
    let table = "| key | value |\n|---|---|\n| rate | 0.1 |\n";
    let texts = [
        ("plain **bold** é中", vec!["<p>plain <strong>bold</strong> é中</p>"]),
        (table, vec!["<table>", "<th>key</th>", "<td>rate</td>", "<td>0.1</td>"]),
        ("```\nlet x = 1 < 2;\n```", vec!["<code>", "let x = 1 &lt; 2;"]),
        ("<b>raw</b>", vec!["&lt;b&gt;raw&lt;/b&gt;"]),
    ];
    let mut expected = Vec::new();
    for (step, (text, parts)) in (0..).zip(&texts) {
        let wall_time = clock.tick(&mut rng);
        writer.add_text("notes/of the run", text, step);
        expected.push(Point { wall_time, step, value: parts });
    }
    writer.close().unwrap();

    show(logdir.path(), |board| {
        let served = board.text(".", "notes/of the run", 3);
        assert_eq!(served.len(), expected.len());
        for (served, expected) in served.iter().zip(&expected) {
            assert_eq!((served.wall_time, served.step), (expected.wall_time, expected.step));
            for part in expected.value {
                assert!(served.value.contains(part), "{part} is not in {}", served.value);
            }
        }
    });
}
