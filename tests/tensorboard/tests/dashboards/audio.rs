use tensorboard_tests::{Blob, Point, show};
use tfevents::Audio;

use crate::writer;

/// Channels, sample rate and samples of a WAV file.
fn samples(blob: &Blob) -> (u16, u32, Vec<i16>) {
    assert_eq!(blob.mime, "audio/wav");
    let reader = hound::WavReader::new(&blob.bytes[..]).expect("a WAV file");
    let spec = reader.spec();
    assert_eq!((spec.bits_per_sample, spec.sample_format), (16, hound::SampleFormat::Int));
    let samples = reader.into_samples().collect::<Result<_, _>>().expect("whole samples");
    (spec.channels, spec.sample_rate, samples)
}

#[test]
fn clips_of_any_form() {
    let logdir = tempfile::tempdir().unwrap();
    let (writer, clock) = writer(logdir.path());
    let mut rng = fastrand::Rng::with_seed(8);
    let mut expected = Vec::new();
    for step in 0..5 {
        let frames = rng.usize(1..5000);
        let noise: Vec<i16> = (0..frames * 2).map(|_| rng.i16(..)).collect();
        let wall_time = clock.tick(&mut rng);
        writer.add_audio("noise in stereo", &Audio::new(44_100, 2, &noise).unwrap(), step);
        expected.push(Point { wall_time, step, value: (2, 44_100, noise) });
    }
    // A sixteenth of full scale more at each sample, from -1 to beyond 1.
    let ramp: Vec<f32> = (-16_i16..=20).map(|i| f32::from(i) / 16.0).collect();
    let in_bits: Vec<i16> =
        (-16_i32..=20).map(|i| i16::try_from(i * 2048).unwrap_or(i16::MAX)).collect();
    writer.add_audio("ramp", &Audio::new(8000, 1, &ramp).unwrap(), 3);
    let clips = [1u16, 2, 6]
        .map(|channels| (channels, 16_000, vec![channels as i16; channels as usize * 9]));
    let batch = clips
        .clone()
        .map(|(channels, rate, samples)| Audio::new(rate, channels.into(), &samples).unwrap());
    writer.add_audio("batch", &Audio::batch(&batch).unwrap(), 4);
    writer.close().unwrap();

    show(logdir.path(), |board| {
        let served = board.audio(".", "noise in stereo", 0, 4);
        let decoded = served.iter().map(|point| Point {
            wall_time: point.wall_time,
            step: point.step,
            value: samples(&point.value),
        });
        assert!(decoded.eq(expected.iter().cloned()));
        assert_eq!(samples(&board.audio(".", "ramp", 0, 3)[0].value), (1, 8000, in_bits.clone()));
        for (sample, clip) in clips.iter().enumerate() {
            assert_eq!(samples(&board.audio(".", "batch", sample, 4)[0].value), *clip);
        }
        assert_eq!(board.tag_info("audio", ".", "batch")["samples"], 3);
        assert!(board.active_dashboards().contains("audio"));
    });
}
