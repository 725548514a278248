//! Anything that can be logged, through the writer and back.

use crate::files::directory;
use arbitrary::{Arbitrary, Unstructured};
use std::path::Path;
use tfevents::read::{Payload, Run};
use tfevents::summary::{DataClass, Metadata, Scalar, Summary, SummaryEncoder, WallTime};
use tfevents::{SummaryWriter, Tensor};

#[derive(Arbitrary, Debug)]
struct Session {
    buffer: u8,
    simple: bool,
    calls: Vec<(Call, bool)>,
}

#[derive(Arbitrary, Debug)]
enum Call {
    Scalar { tag: String, value: f32, step: i64 },
    Handle { tag: String, value: f32, step: i64, description: String },
    Text { tag: String, text: String, step: i64 },
    Other { tag: String, plugin: String, content: Vec<u8>, values: Vec<f64>, step: i64, at: f64 },
    Large { tag: String, len: u32, step: i64 },
    Deferred { tag: String, value: f32, step: i64 },
    Flush,
}

/// An unknown plugin, with numbers of any kind.
struct Other<'a> {
    plugin: &'a str,
    content: &'a [u8],
    values: &'a [f64],
}

impl Summary for Other<'_> {
    fn encode(&self, tag: &str, values: &mut SummaryEncoder<'_>) {
        let metadata = Metadata::new(self.plugin.to_owned())
            .content(self.content.to_vec())
            .data_class(DataClass::Tensor);
        if let Ok(tensor) = Tensor::new(&[self.values.len()], self.values) {
            values.push(tag, &metadata, &tensor);
        }
    }
}

/// The logged value of a call: tag, step, plugin and bits. A simple value has no plugin of its own:
/// the reader returns that of an earlier value under the tag.
type Logged = (String, i64, Option<String>, Vec<u8>);

/// Every call is in the file of its run, in order, with its values.
pub fn round_trip(bytes: &[u8]) {
    let Ok(session) = Session::arbitrary(&mut Unstructured::new(bytes)) else { return };
    let dir = directory();
    let writer = crate::files::writer(dir.path())
        .scalar_encoding(if session.simple {
            tfevents::summary::ScalarEncoding::Simple
        } else {
            tfevents::summary::ScalarEncoding::Tensor
        })
        .buffer_bytes((1 << 20) + usize::from(session.buffer) * 4096)
        .build()
        .expect("a fresh directory can be logged into");
    let child = writer.child_run("child").expect("so can one below it");
    let mut expected = [Vec::new(), Vec::new()];
    for (call, to_child) in &session.calls {
        let run = if *to_child { &child } else { &writer };
        expected[usize::from(*to_child)].extend(log(run, call, session.simple));
    }
    let logged: usize = expected.iter().map(Vec::len).sum();
    writer.close().unwrap_or_else(|error| panic!("{error}: {session:?}"));
    let stats = writer.stats();
    assert_eq!(
        (stats.logged, stats.written),
        (logged as u64, logged as u64),
        "{stats:?}, {session:?}"
    );
    assert_eq!((stats.dropped, stats.pending), (0, 0));
    for (dir, expected) in [dir.path().to_owned(), dir.path().join("child")].iter().zip(expected) {
        let mut found = found(dir);
        for (found, _) in found.iter_mut().zip(&expected).filter(|(_, logged)| logged.2.is_none()) {
            found.2 = None;
        }
        assert_eq!(found, expected, "{session:?}");
    }
}

fn log(run: &SummaryWriter, call: &Call, simple: bool) -> Option<Logged> {
    let scalars = || (!simple).then(|| "scalars".to_owned());
    match call {
        Call::Scalar { tag, value, step } => {
            run.add_scalar(tag, *value, *step);
            Some((tag.clone(), *step, scalars(), value.to_le_bytes().into()))
        }
        Call::Handle { tag, value, step, description } => {
            run.scalar(tag).description(description).add(*value, *step);
            Some((tag.clone(), *step, Some("scalars".into()), value.to_le_bytes().into()))
        }
        Call::Text { tag, text, step } => {
            run.add_text(tag, text, *step);
            Some((tag.clone(), *step, Some("text".into()), text.clone().into_bytes()))
        }
        Call::Other { tag, plugin, content, values, step, at } => {
            let other = Other { plugin, content, values };
            match WallTime::try_from_secs_f64(*at) {
                Ok(at) => run.add_at(tag, &other, *step, at),
                Err(_) => run.add(tag, &other, *step),
            }
            let bytes = values.iter().flat_map(|value| value.to_le_bytes());
            Some((tag.clone(), *step, Some(plugin.clone()), bytes.collect()))
        }
        Call::Large { tag, len, step } => {
            let text = "x".repeat((*len % 300_000) as usize);
            run.add_text(tag, &text, *step);
            Some((tag.clone(), *step, Some("text".into()), text.into_bytes()))
        }
        Call::Deferred { tag, value, step } => {
            run.add_deferred(tag, Scalar::new(*value), *step);
            Some((tag.clone(), *step, scalars(), value.to_le_bytes().into()))
        }
        Call::Flush => {
            run.flush().expect("nothing is in the way of a local disk");
            None
        }
    }
}

fn found(dir: &Path) -> Vec<Logged> {
    let mut found = Vec::new();
    for event in Run::open(dir).expect("the directory exists").events() {
        let event = event.expect("what was written can be read");
        assert!(event.wall_time().is_finite());
        let Payload::Summary(values) = event.payload() else { continue };
        let [value] = &values[..] else { panic!("one value per event, not {values:?}") };
        let bytes = match value.tensor() {
            Some(tensor) => match tensor.strings()[..] {
                [text] => text.to_vec(),
                _ => tensor.bytes().to_vec(),
            },
            None => value.scalar().expect("a number").to_le_bytes().to_vec(),
        };
        found.push((value.tag().to_owned(), event.step(), Some(value.plugin().to_owned()), bytes));
    }
    found
}
