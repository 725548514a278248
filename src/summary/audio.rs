//! Audio: sound clips per step.

use super::encode::Media;
use super::{DataClass, MediaEncoding, Metadata, Summary, SummaryEncoder, Tensor};
use crate::wire::messages;
use std::borrow::Cow;
use std::error::Error;
use std::io::Cursor;
use std::sync::Arc;

/// A sound clip, or several of them, played by the Audio dashboard.
///
/// The samples of all channels are interleaved: left, right, left, right. They are written as a
/// WAV file of 16 bits per sample, which the constructor encodes. A clone is cheap, and so is a
/// batch: they share the files.
///
/// ```
/// use tfevents::Audio;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// // A second of the note A.
/// let tone = |i: u16| (std::f32::consts::TAU * 440.0 * f32::from(i) / 8000.0).sin();
/// let samples: Vec<f32> = (0..8000).map(tone).collect();
/// writer.add_audio("a", &Audio::new(8000, 1, &samples)?, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(alias("sound", "wav", "add_audio"))]
pub struct Audio {
    /// One or more WAV files.
    clips: Arc<[Arc<Vec<u8>>]>,
}

/// An error creating an [`Audio`].
///
/// ```
/// let error = tfevents::Audio::new(8000, 2, &[0i16; 5]).unwrap_err();
/// assert!(error.to_string().starts_with("invalid number of audio samples: 5"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AudioError {
    /// The sample rate cannot be written to a WAV file.
    #[error("invalid audio sample rate: {given} Hz (expected 1 to {MAX_RATE})")]
    #[non_exhaustive]
    SampleRate {
        /// The samples per second and channel that were given.
        given: u32,
    },
    /// A WAV file has no loudspeakers for this number of channels.
    #[error("invalid number of audio channels: {given} (expected 1 to {MAX_CHANNELS})")]
    #[non_exhaustive]
    Channels {
        /// The number of channels that was given.
        given: usize,
    },
    /// The samples are no whole frames of one sample per channel, there are none, or they exceed a
    /// WAV file.
    #[error(
        "invalid number of audio samples: {given} (expected a multiple of {channels} channels, \
         from one frame up to 2 GiB)"
    )]
    #[non_exhaustive]
    Length {
        /// The number of samples that were given, of all channels together.
        given: usize,
        /// The number of channels.
        channels: usize,
    },
    /// The bytes are no WAV file.
    #[error("invalid audio file of {given} bytes (expected a WAV file)")]
    #[non_exhaustive]
    Format {
        /// The number of bytes that were given.
        given: usize,
        /// The error of the WAV reader.
        source: Box<dyn Error + Send + Sync>,
    },
    /// There are no clips.
    #[error("invalid batch of 0 audio clips (expected at least 1)")]
    EmptyBatch,
}

/// Above the rates of studios, which end at 768 kHz.
const MAX_RATE: u32 = 1_000_000;
/// The number of loudspeakers that WAV files can name.
const MAX_CHANNELS: usize = 18;
/// The lengths in a WAV file have 32 bits.
const MAX_SAMPLES: usize = 1 << 30;

impl Audio {
    /// Creates a clip from `samples`, which are `i16`, or floats from -1 to 1; the `channels` of a
    /// frame are interleaved. `sample_rate` is in frames per second. [`Sample`] describes how
    /// samples become 16 bits.
    ///
    /// The samples are copied. Which rates and channels can be heard depends on the browser.
    ///
    /// ```
    /// use tfevents::Audio;
    ///
    /// let left_then_right = Audio::new(8000, 2, &[0.5f32, 0.0, 0.0, 0.5])?;
    /// let mono = Audio::new(44_100, 1, &[0i16, 1000, -1000])?;
    /// # Ok::<(), tfevents::summary::AudioError>(())
    /// ```
    ///
    /// # Errors
    /// If the rate is 0 or above 1 MHz, the channels are not 1 to 18, or the samples are no whole
    /// frames, one or more.
    pub fn new<T: Sample>(
        sample_rate: u32,
        channels: usize,
        samples: &[T],
    ) -> Result<Self, AudioError> {
        if !(1..=MAX_RATE).contains(&sample_rate) {
            return Err(AudioError::SampleRate { given: sample_rate });
        }
        if !(1..=MAX_CHANNELS).contains(&channels) {
            return Err(AudioError::Channels { given: channels });
        }
        let given = samples.len();
        if !(1..=MAX_SAMPLES).contains(&given) || given % channels != 0 {
            return Err(AudioError::Length { given, channels });
        }
        let file = wav(sample_rate, channels as u16, samples)
            .map_err(|error| AudioError::Format { given, source: error.into() })?;
        Ok(Self { clips: [Arc::new(file)].into() })
    }

    /// Creates a clip from a WAV file, which is written unchanged. Only its header is read.
    ///
    /// ```
    /// use tfevents::Audio;
    ///
    /// assert!(Audio::from_wav(b"no sound".to_vec()).is_err());
    /// ```
    ///
    /// # Errors
    /// If the bytes do not begin with the header of such a file.
    pub fn from_wav(file: impl Into<Vec<u8>>) -> Result<Self, AudioError> {
        let file = file.into();
        match hound::WavReader::new(&file[..]) {
            Ok(_) => Ok(Self { clips: [Arc::new(file)].into() }),
            Err(error) => Err(AudioError::Format { given: file.len(), source: error.into() }),
        }
    }

    /// Creates a batch: several clips under one tag and step, with a selector.
    ///
    /// ```
    /// use tfevents::Audio;
    ///
    /// let heard = Audio::new(8000, 1, &[0i16; 80])?;
    /// let made = Audio::new(8000, 1, &[0.1f32; 80])?;
    /// let both = Audio::batch([&heard, &made])?;
    /// # Ok::<(), tfevents::summary::AudioError>(())
    /// ```
    ///
    /// # Errors
    /// If there is none.
    pub fn batch<'a>(clips: impl IntoIterator<Item = &'a Audio>) -> Result<Self, AudioError> {
        let clips: Arc<[_]> =
            clips.into_iter().flat_map(|audio| audio.clips.iter().cloned()).collect();
        if clips.is_empty() { Err(AudioError::EmptyBatch) } else { Ok(Self { clips }) }
    }
}

/// Encodes a WAV file in memory. Sizes are checked, and writing to memory does not fail.
fn wav(sample_rate: u32, channels: u16, samples: &[impl Sample]) -> Result<Vec<u8>, hound::Error> {
    let spec = hound::WavSpec {
        channels,
        sample_rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    // The header has 44 bytes, or 68 with more than two channels.
    let mut file = Vec::with_capacity(samples.len() * 2 + 68);
    let mut writer = hound::WavWriter::new(Cursor::new(&mut file), spec)?;
    for block in samples.chunks(4096) {
        let mut writer = writer.get_i16_writer(block.len() as u32);
        block.iter().for_each(|&sample| writer.write_sample(sample.to_i16()));
        writer.flush()?;
    }
    writer.finalize()?;
    Ok(file)
}

/// Returns a clip in the older form. Its header was read before.
fn to_message(file: &[u8]) -> Result<messages::summary::Audio, hound::Error> {
    let reader = hound::WavReader::new(file)?;
    let spec = reader.spec();
    Ok(messages::summary::Audio {
        sample_rate: spec.sample_rate as f32,
        num_channels: spec.channels.into(),
        length_frames: reader.duration().into(),
        encoded_audio_string: file.to_vec(),
        content_type: "audio/wav".to_owned(),
    })
}

/// A sample of sound: `i16`, or a float from -1 to 1.
///
/// Floats become 16 bits as in TensorFlow's `encode_wav`: times 32768, rounded, and clipped to
/// -32768..=32767, so that samples beyond 1 are distorted. NaN is 0. The trait is sealed.
///
/// ```
/// use tfevents::Audio;
/// use tfevents::summary::{Sample, AudioError};
///
/// /// Mono at the rate of a telephone.
/// fn call(samples: &[impl Sample]) -> Result<Audio, AudioError> {
///     Audio::new(8000, 1, samples)
/// }
///
/// assert_eq!(call(&[0.5f32, -1.0, 2.0])?, call(&[16384i16, -32768, 32767])?);
/// # Ok::<(), AudioError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a sample of sound",
    label = "neither `i16`, `f32` nor `f64`",
    note = "convert other integers to `i16`, or scale them to floats from -1 to 1"
)]
pub trait Sample: sealed::Sample {}

impl Sample for i16 {}
impl Sample for f32 {}
impl Sample for f64 {}

mod sealed {
    pub trait Sample: Copy {
        fn to_i16(self) -> i16;
    }

    impl Sample for i16 {
        fn to_i16(self) -> i16 {
            self
        }
    }

    // A cast from a float clamps, and makes 0 of NaN.
    impl Sample for f32 {
        fn to_i16(self) -> i16 {
            (self * 32768.0).round() as i16
        }
    }

    impl Sample for f64 {
        fn to_i16(self) -> i16 {
            (self * 32768.0).round() as i16
        }
    }
}

impl Summary for Audio {
    fn encode(&self, tag: &str, encoder: &mut SummaryEncoder<'_>) {
        // AudioPluginData with WAV as its encoding, as TensorFlow writes it.
        const CONTENT: &[u8] = &[0x10, 0x0b];
        let metadata = Metadata::new("audio").content(CONTENT).data_class(DataClass::BlobSequence);
        if let (MediaEncoding::Simple, [clip]) = (encoder.encodings().media, &self.clips[..]) {
            return match to_message(clip) {
                Ok(audio) => encoder.push_media(tag, &metadata, &Media::Audio(audio)),
                Err(error) => encoder.fail(tag, error),
            };
        }
        let clips = self.clips.iter().map(|clip| Cow::Borrowed(&clip[..])).collect();
        encoder.push(tag, &metadata, &Tensor::string_vector(clips));
    }

    fn encoded_len_hint(&self) -> usize {
        128 + self.clips.iter().map(|clip| clip.len() + 8).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::Encodings;
    use crate::wire::messages::{self, event::What, summary::value::Value};
    use base64::Engine;
    use prost::Message;

    fn value_of(summary: messages::Summary) -> (Vec<u8>, messages::TensorProto) {
        let value = summary.value.into_iter().next().unwrap();
        let Some(Value::Tensor(tensor)) = value.value else { panic!("{:?}", value.value) };
        (value.metadata.unwrap().plugin_data.unwrap().content, tensor)
    }

    /// Recorded calls of TensorFlow 2's `tf.summary.audio`: the same files to the bit. It writes
    /// a label beside each, which no reader shows.
    #[test]
    fn clips_are_those_of_tensorflow() {
        let mut compared = 0;
        for line in include_str!("../../tests/data/tf_audio_ops.jsonl").lines() {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            let input = &case["input"];
            let shape: Vec<usize> =
                serde_json::from_value(input["shape"].clone()).expect("clips, frames, channels");
            let rate = input["rate"].as_u64().unwrap() as u32;
            let samples: Vec<f32> = input["data"].as_array().map_or_else(
                || vec![0.0; shape.iter().product()],
                |data| data.iter().map(|v| v.as_f64().map_or(f32::NAN, |v| v as f32)).collect(),
            );
            let clips: Vec<_> = samples
                .chunks_exact(shape[1] * shape[2])
                .take(case["max_outputs"].as_u64().unwrap_or(3) as usize)
                .map(|clip| Audio::new(rate, shape[2], clip).unwrap())
                .collect();
            let event = base64::engine::general_purpose::STANDARD
                .decode(case["event"]["event_b64_walltime0"].as_str().unwrap());
            let event = messages::Event::decode(&event.unwrap()[..]).unwrap();
            let Some(What::Summary(theirs)) = event.what else { panic!("{case}") };
            let (content, theirs) = value_of(theirs);
            let theirs: Vec<_> = theirs.string_val.into_iter().step_by(2).collect();
            let Ok(batch) = Audio::batch(&clips) else {
                assert!(theirs.is_empty(), "{case}");
                continue;
            };
            let mut body = Vec::new();
            batch.encode("tag", &mut SummaryEncoder::new(&mut body));
            let ours = value_of(messages::Summary::decode(&body[..]).unwrap());
            assert_eq!(ours.0, content);
            assert_eq!(ours.1.string_val, theirs, "{}", case["name"]);
            compared += 1;
        }
        assert_eq!(compared, 3);
    }

    /// The message that torch's `summary.audio` writes.
    #[test]
    fn one_clip_can_be_written_as_torch_writes_it() {
        let simple = |audio: &Audio| {
            let mut body = Vec::new();
            let encodings = Encodings { media: MediaEncoding::Simple, ..Encodings::default() };
            audio.encode("tag", &mut SummaryEncoder::with_encodings(&mut body, encodings));
            messages::Summary::decode(&body[..]).unwrap().value.remove(0)
        };
        let audio = Audio::new(8000, 2, &[0i16, 1, 2, 3, 4, 5]).unwrap();
        let value = simple(&audio);
        let Some(Value::Audio(message)) = value.value else { panic!("{value:?}") };
        assert_eq!(value.tag, "tag");
        assert_eq!(value.metadata.unwrap().plugin_data.unwrap().plugin_name, "audio");
        assert_eq!((message.sample_rate, message.num_channels), (8000.0, 2));
        assert_eq!((message.length_frames, message.content_type.as_str()), (3, "audio/wav"));
        assert_eq!(message.encoded_audio_string, *audio.clips[0]);
        let batch = simple(&Audio::batch([&audio, &audio]).unwrap());
        assert!(matches!(batch.value, Some(Value::Tensor(_))));
    }

    #[test]
    fn many_channels_and_many_samples() {
        let samples: Vec<i16> = (0..18 * 1000).map(|i| (i % 30_000) as i16).collect();
        let audio = Audio::new(1_000_000, 18, &samples).unwrap();
        let mut reader = hound::WavReader::new(&audio.clips[0][..]).unwrap();
        assert_eq!((reader.spec().channels, reader.spec().sample_rate), (18, 1_000_000));
        assert!(reader.samples::<i16>().map(Result::unwrap).eq(samples));
        assert!(Audio::from_wav(audio.clips[0].to_vec()).is_ok_and(|again| again == audio));
    }

    #[test]
    fn invalid_clips_are_refused() {
        use AudioError::*;
        let of = |rate, channels, samples| Audio::new(rate, channels, &vec![0i16; samples]);
        assert!(matches!(of(0, 1, 1), Err(SampleRate { given: 0 })));
        assert!(matches!(of(u32::MAX, 1, 1), Err(SampleRate { given: u32::MAX })));
        assert!(matches!(of(8000, 0, 0), Err(Channels { given: 0 })));
        assert!(matches!(of(8000, 19, 19), Err(Channels { given: 19 })));
        assert!(matches!(of(8000, 2, 0), Err(Length { given: 0, channels: 2 })));
        assert!(matches!(of(8000, 2, 3), Err(Length { given: 3, channels: 2 })));
        assert!(matches!(Audio::batch([]), Err(EmptyBatch)));
        assert!(matches!(Audio::from_wav(b"RIFF".to_vec()), Err(Format { given: 4, .. })));
    }
}
