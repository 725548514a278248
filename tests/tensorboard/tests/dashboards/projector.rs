use std::fs;

use serde_json::json;
use tensorboard_tests::{Board, show};
use tfevents::Image;
use tfevents::summary::Embedding;

use crate::writer;

/// Returns what the page gets for an embedding of a run.
fn part(board: &Board, part: &str, run: &str, name: &str) -> Vec<u8> {
    let query = [("run", run), ("name", name)];
    board
        .try_get(&format!("plugin/projector/{part}"), &query)
        .unwrap_or_else(|why| panic!("{why}"))
        .1
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

#[test]
fn vectors_labels_and_images() {
    let logdir = tempfile::tempdir().unwrap();
    let mut rng = fastrand::Rng::with_seed(13);
    let vectors: Vec<f32> = (0..5 * 4).map(|_| rng.f32() - 0.5).collect();
    let images: Vec<Image> =
        (0..5).map(|i| Image::gray8(3, 2, &[40 * i as u8; 6]).unwrap()).collect();
    // A run whose only content are embeddings, and a config of another writer.
    let run = logdir.path().join("a run");
    fs::create_dir(&run).unwrap();
    fs::write(run.join("old.tsv"), "1\t2\n").unwrap();
    let old = "embeddings {\n  tensor_name: \"old\"\n  tensor_path: \"old.tsv\"\n}\n";
    fs::write(run.join("projector_config.pbtxt"), old).unwrap();
    let (first, _) = writer(&run);
    let build = || Embedding::builder([5, 4], vectors.clone());
    let plain = build().build().unwrap();
    let words = ["é中", "b c", "\"d\"", "e\\", "f"];
    let labeled = build().labels(words).images(&images).build().unwrap();
    first.add_embedding("net/words", &labeled, 0);
    first.add_embedding("net/words", &plain, 7);
    first.close().unwrap();
    let (second, _) = writer(&run);
    let columns = [("word", words), ("number", ["1", "", "3", "4", "5"])];
    second.add_embedding("odd: \"tag\"", &build().columns(columns).build().unwrap(), 7);
    second.close().unwrap();

    show(logdir.path(), |board| {
        let info = board.projector("a run");
        let names: Vec<_> = info["embeddings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|embedding| (&embedding["tensorName"], &embedding["tensorShape"]))
            .collect();
        let (shape, odd) = (json!([5, 4]), "odd: \"tag\":00007");
        assert_eq!(
            names,
            [
                (&json!("old"), &json!([1, 2])),
                (&json!("net/words:00000"), &shape),
                (&json!("net/words:00007"), &shape),
                (&json!(odd), &shape),
            ]
        );
        assert_eq!(part(board, "tensor", "a run", "old"), bytes(&[1.0, 2.0]));
        for name in ["net/words:00000", "net/words:00007", odd] {
            assert_eq!(part(board, "tensor", "a run", name), bytes(&vectors), "{name}");
        }
        let text = |name: &str| String::from_utf8(part(board, "metadata", "a run", name)).unwrap();
        assert_eq!(text("net/words:00000"), "é中\nb c\n\"d\"\ne\\\nf\n");
        assert_eq!(text(odd), "word\tnumber\né中\t1\nb c\t\n\"d\"\t3\ne\\\t4\nf\t5\n");
        let sprite = &info["embeddings"][1]["sprite"];
        assert_eq!(sprite["singleImageDim"], json!([3, 2]));
        let file = part(board, "sprite_image", "a run", "net/words:00000");
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        // Three by three of them; the fifth lies in the middle.
        assert_eq!(pixels.len(), 9 * 6);
        assert_eq!(pixels[3 * 9 + 4], 160);
        assert!(info["embeddings"][2]["sprite"].is_null());
        board.wait_until("the projector is active", || {
            let active = board.active_dashboards();
            if active.contains("projector") { Ok(()) } else { Err(format!("{active:?}")) }
        });
    });
}
