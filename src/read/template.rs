//! Scalars decoded by comparing each event with the last one of its tag.

use super::decode::{Content, RawEvent, RawValue};
use super::tags::{TagId, Tags};
use super::{Kind, Metadata, Point, TensorValue};
use crate::wire::fields::varint;

/// Decodes events with one scalar by comparing them with the last one of the same tag, of which
/// only wall time, step and value differ.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    pub(super) tags: Tags,
    /// By tag.
    templates: Vec<Template>,
    pub(super) next: Next,
}

/// The expected bytes of the next event.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Next {
    tag: usize,
    /// The tag of the last event.
    previous: usize,
}

/// An event after wall time and step.
#[derive(Debug)]
struct Template {
    /// Its length; a length that no event has if the tag has no template.
    len: usize,
    /// The beginning, which is compared whole: most events are shorter.
    head: [u64; HEAD],
    /// The bits of it that have to be the same; none beyond the end.
    head_mask: [u64; HEAD],
    /// The words after the beginning, and again the last eight bytes.
    tail: Box<[Word]>,
    /// Where the four bytes of the value are.
    value: usize,
    /// The tag that came after this one the last time.
    next: usize,
}

/// The number of words at the beginning of a template.
const HEAD: usize = 8;

/// Eight bytes of a template, and those of their bits that have to be the same.
#[derive(Clone, Copy, Debug, Default)]
struct Word {
    bits: u64,
    mask: u64,
}

impl Word {
    /// Makes a word of a template from the bytes at an offset, with the value at another.
    fn new(bytes: &[u8], at: usize, value: usize) -> Self {
        let byte = |index: usize| bytes.get(at + index).copied();
        let is_same = |index: usize| !(value..value + 4).contains(&(at + index));
        let mask = |index| if byte(index).is_some() && is_same(index) { u8::MAX } else { 0 };
        Self {
            bits: u64::from_le_bytes(std::array::from_fn(|index| byte(index).unwrap_or(0))),
            mask: u64::from_le_bytes(std::array::from_fn(mask)),
        }
    }

    /// Returns bits that are set where bytes differ from the template.
    fn differs(self, bytes: &[u8; 8]) -> u64 {
        (u64::from_le_bytes(*bytes) ^ self.bits) & self.mask
    }
}

impl Template {
    /// The template of a tag that has none.
    fn none() -> Self {
        let (head, head_mask, tail) = Default::default();
        Self { len: usize::MAX, head, head_mask, tail, value: 0, next: 0 }
    }

    /// Makes a template of an event after wall time and step, with the value at an offset.
    fn new(event: &[u8], value: usize) -> Self {
        let word = |at| Word::new(event, at, value);
        let len = event.len();
        let mut tail = Vec::new();
        if len > 8 * HEAD {
            tail.extend((8 * HEAD..len - 7).step_by(8).map(word));
            tail.push(word(len - 8));
        }
        let head = std::array::from_fn(|index| word(8 * index).bits);
        let head_mask = std::array::from_fn(|index| word(8 * index).mask);
        Self { len, head, head_mask, tail: tail.into(), value, next: 0 }
    }

    /// Returns the value of an event after wall time and step, if it is one of this tag. After
    /// the event there may be other bytes.
    #[inline(always)]
    fn matches(&self, bytes: &[u8], len: usize) -> Option<f32> {
        if len != self.len {
            return None;
        }
        let padded;
        let head: &[u8; 8 * HEAD] = match bytes.first_chunk() {
            Some(head) => head,
            None => {
                padded = pad(bytes);
                &padded
            }
        };
        let mut differs = 0;
        for (index, bytes) in head.chunks_exact(8).enumerate() {
            let bits = u64::from_le_bytes(*bytes.first_chunk()?);
            differs |= (bits ^ self.head[index]) & self.head_mask[index];
        }
        if differs != 0 || (!self.tail.is_empty() && self.tail_differs(bytes.get(..len)?)) {
            return None;
        }
        bytes.get(self.value..)?.first_chunk().map(|value| f32::from_le_bytes(*value))
    }

    #[inline(never)]
    fn tail_differs(&self, event: &[u8]) -> bool {
        let tail = event.get(8 * HEAD..).unwrap_or_default();
        let chunks = tail.chunks_exact(8).filter_map(<[u8]>::first_chunk).chain(event.last_chunk());
        chunks.zip(&self.tail).any(|(bytes, word)| word.differs(bytes) != 0)
    }
}

#[cold]
fn pad(bytes: &[u8]) -> [u8; 8 * HEAD] {
    std::array::from_fn(|index| bytes.get(index).copied().unwrap_or(0))
}

/// Wall time and step, and the length of what follows them in the event.
type Stamp = (f64, i64, usize);

/// Splits an event of some length into wall time and step, if it begins with them, and the rest.
/// After the event there may be other bytes.
#[inline(always)]
fn split_stamp(bytes: &[u8], len: usize) -> Option<(Stamp, &[u8])> {
    let (mut wall_time, mut rest) = (0.0, bytes);
    if let Some((time, after)) = rest.strip_prefix(&[0x09]).and_then(<[u8]>::split_first_chunk) {
        (wall_time, rest) = (f64::from_le_bytes(*time), after);
    }
    let mut step = 0;
    if let Some(after) = rest.strip_prefix(&[0x10]) {
        let (number, after) = varint(after)?;
        (step, rest) = (number as i64, after);
    }
    let len = len.checked_sub(bytes.len() - rest.len())?;
    Some(((wall_time, step, len), rest))
}

impl Decoder {
    /// Decodes an event of some length with one scalar, if there was one of the same tag and
    /// layout. After the event there may be other bytes.
    #[inline(always)]
    pub(super) fn scalar(
        &mut self,
        bytes: &[u8],
        len: usize,
        next: &mut Next,
    ) -> Option<(TagId, Point)> {
        let ((wall_time, step, len), rest) = split_stamp(bytes, len)?;
        let mut tag = next.tag;
        let template = self.templates.get(tag)?;
        let value = match template.matches(rest, len) {
            Some(value) => {
                next.tag = template.next;
                value
            }
            None => {
                let value;
                (tag, next.tag, value) = self.unexpected(rest.get(..len)?, next.previous)?;
                value
            }
        };
        next.previous = tag;
        Some((TagId(tag as u32), Point { wall_time, step, value }))
    }

    /// Decodes an event of another tag than the expected one. Returns its tag, the one that is
    /// expected after it, and its value.
    #[inline(never)]
    fn unexpected(&mut self, rest: &[u8], previous: usize) -> Option<(usize, usize, f32)> {
        let tag = self.find(rest)?;
        self.templates[previous].next = tag;
        let template = &self.templates[tag];
        let value = template.matches(rest, rest.len())?;
        Some((tag, template.next, value))
    }

    /// Finds the tag of an event that was not expected.
    fn find(&self, rest: &[u8]) -> Option<usize> {
        let (_, summary) = varint(rest.strip_prefix(&[0x2a])?)?;
        let (_, value) = varint(summary.strip_prefix(&[0x0a])?)?;
        let (len, value) = varint(value.strip_prefix(&[0x0a])?)?;
        let tag = std::str::from_utf8(value.get(..usize::try_from(len).ok()?)?).ok()?;
        let tag = self.tags.get(tag)?.index();
        (tag < self.templates.len()).then_some(tag)
    }

    /// Returns the number of a value's tag, and the value if it is a scalar.
    pub(super) fn value(&mut self, raw: &RawValue<'_>) -> (TagId, Option<f32>) {
        let tag = self.tags.intern(raw.tag, Kind::new(raw.metadata, raw.content), raw.metadata);
        if !may_have_scalars(self.tags.metadata(tag)) {
            // The template may be of a tensor that came before the metadata.
            if let Some(template) = self.templates.get_mut(tag.index()) {
                template.len = usize::MAX;
            }
        }
        let scalar = match raw.content {
            Content::Scalar(value) => Some(value),
            Content::Tensor(bytes) if may_be_scalar(self.tags.metadata(tag), bytes) => {
                TensorValue::decode(bytes).ok().and_then(|tensor| tensor.scalar())
            }
            _ => None,
        };
        (tag, scalar)
    }

    /// Adds the tags of a later file, as [`Tags::join`] does.
    pub(super) fn join(&mut self, later: &Self) -> Option<Vec<TagId>> {
        let ids = self.tags.join(&later.tags)?;
        // A template may be of a tensor that came before metadata of the later file.
        self.templates.clear();
        self.next = Next::default();
        Some(ids)
    }

    /// Makes a template of an event, if it has one scalar and nothing else.
    pub(super) fn learn(&mut self, data: &[u8], event: &RawEvent<'_>) {
        let Some((_, rest)) = split_stamp(data, data.len()) else { return };
        let Some(at) = value_offset(rest) else { return };
        let mut values = event.values();
        let (Some(raw), None) = (values.next(), values.next()) else { return };
        let (tag, Some(scalar)) = self.value(&raw) else { return };
        if rest.get(at..at + 4) != Some(&scalar.to_le_bytes()[..]) {
            return;
        }
        if self.templates.len() <= tag.index() {
            self.templates.resize_with(tag.index() + 1, Template::none);
        }
        let template = &mut self.templates[tag.index()];
        *template = Template { next: template.next, ..Template::new(rest, at) };
        if let Some(previous) = self.templates.get_mut(self.next.previous) {
            previous.next = tag.index();
        }
        self.next = Next { tag: self.templates[tag.index()].next, previous: tag.index() };
    }
}

/// Returns whether a tensor can be a scalar at all: a long one need not be decoded to see that.
fn may_be_scalar(metadata: Metadata<'_>, bytes: &[u8]) -> bool {
    bytes.len() < 64 && may_have_scalars(metadata)
}

/// Returns whether a tensor under a tag with this metadata can be a scalar.
pub(super) fn may_have_scalars(metadata: Metadata<'_>) -> bool {
    matches!(metadata.plugin, "scalars" | "")
}

/// Returns where the four bytes of the value are, in an event after wall time and step that is a
/// summary of one value, which is a scalar.
fn value_offset(rest: &[u8]) -> Option<usize> {
    use crate::wire::fields::{Field, Fields};
    let only = |bytes, number| match (Fields::new(bytes).next()?, Fields::new(bytes).nth(1)) {
        (Ok((found, Field::Bytes(inner))), None) if found == number => Some(inner),
        _ => None,
    };
    let offset = |inner: &[u8]| inner.as_ptr() as usize - rest.as_ptr() as usize;
    let value = only(only(rest, 5)?, 1)?;
    let mut found = None;
    // Of a fixed 32-bit value the four bytes are the last of what was read.
    let fixed32 = |message: &[u8], wanted| {
        let mut fields = Fields::new(message);
        while let Some(field) = fields.next() {
            if let Ok((number, Field::Fixed32(_))) = field {
                if number == wanted {
                    return Some(fields.rest().as_ptr() as usize - rest.as_ptr() as usize - 4);
                }
            }
        }
        None
    };
    for field in Fields::new(value) {
        match field.ok()? {
            (2, Field::Fixed32(_)) => found = fixed32(value, 2),
            (8, Field::Bytes(tensor)) => {
                for field in Fields::new(tensor) {
                    match field.ok()? {
                        (4 | 5, Field::Bytes(content)) if content.len() == 4 => {
                            found = Some(offset(content));
                        }
                        (5, Field::Fixed32(_)) => found = fixed32(tensor, 5),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::decode;
    use proptest::prelude::*;

    fn decoder(data: &[u8]) -> Decoder {
        let mut decoder = Decoder::default();
        let mut buffer = Vec::new();
        decoder.learn(data, &decode::event(data, &mut buffer).unwrap());
        decoder
    }

    fn scalar(decoder: &mut Decoder, bytes: &[u8], len: usize) -> Option<(TagId, Point)> {
        decoder.scalar(bytes, len, &mut decoder.next.clone())
    }

    fn event(tag: &str, wall_time: f64, step: i64, value: f32) -> Vec<u8> {
        let mut fields = vec![0x0a, tag.len() as u8];
        fields.extend(tag.bytes());
        fields.push(0x15);
        fields.extend(value.to_le_bytes());
        let mut data = vec![0x09];
        data.extend(wall_time.to_le_bytes());
        data.push(0x10);
        prost::encoding::encode_varint(step as u64, &mut data);
        data.extend([0x2a, fields.len() as u8 + 2, 0x0a, fields.len() as u8]);
        data.extend(fields);
        data
    }

    #[test]
    fn what_follows_an_event_does_not_matter() {
        for tag_len in 0..100 {
            let tag = "x".repeat(tag_len);
            let mut decoder = decoder(&event(&tag, 1.0, 0, 0.5));
            let mut bytes = event(&tag, 2.0, -7, 0.25);
            let len = bytes.len();
            for _ in 0..90 {
                let found = scalar(&mut decoder, &bytes, len).unwrap();
                assert_eq!(found.1, Point { wall_time: 2.0, step: -7, value: 0.25 });
                bytes.push(0xff);
            }
            assert_eq!(scalar(&mut decoder, &bytes, 0), None);
            assert_eq!(scalar(&mut decoder, &bytes, len - 1), None);
            assert_eq!(scalar(&mut decoder, &bytes, len + 1), None);
        }
    }

    proptest! {
        /// An event that a template accepts has the same values field by field.
        #[test]
        fn changed_bytes_are_noticed(
            tag_len in 1usize..90,
            at in any::<prop::sample::Index>(),
            byte: u8,
            step: i64,
        ) {
            let tag = "x".repeat(tag_len);
            let mut decoder = decoder(&event(&tag, 1.0, 0, 0.5));
            let mut data = event(&tag, 2.0, step, 0.25);
            let at = at.index(data.len());
            data[at] = byte;
            let Some((id, point)) = scalar(&mut decoder, &data, data.len()) else { return Ok(()) };
            let mut buffer = Vec::new();
            let event = decode::event(&data, &mut buffer).unwrap();
            let value = event.values().next().unwrap();
            prop_assert_eq!((decoder.tags.name(id), point.step), (value.tag, event.step));
            prop_assert_eq!(point.wall_time.to_bits(), event.wall_time.to_bits());
            let Content::Scalar(expected) = value.content else { panic!("{value:?}") };
            prop_assert_eq!(point.value.to_bits(), expected.to_bits());
        }
    }
}
