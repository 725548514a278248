//! The projector's config, which other writers may have written too.

use crate::projector::{self, Entry};
use arbitrary::{Arbitrary, Unstructured};
use prost_reflect::prost_types::field_descriptor_proto::{Label, Type};
use prost_reflect::prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet,
};
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, Value};
use std::sync::LazyLock;

#[derive(Arbitrary, Debug)]
struct Case<'a> {
    tokens: Vec<Token<'a>>,
    name: &'a str,
    second: Option<&'a str>,
}

/// The parts of a text proto, so that many inputs are valid ones.
#[derive(Arbitrary, Debug)]
enum Token<'a> {
    Name(u8),
    Sign(u8),
    Text {
        text: &'a str,
        single: bool,
    },
    Number(u16),
    Comment(&'a str),
    Raw(&'a str),
    /// An entry as this crate writes it, or as another writer does.
    Embedding {
        name: &'a str,
        angled: bool,
        colon: bool,
    },
}

const NAMES: &[&str] = &[
    "embeddings",
    "tensor_name",
    "tensor_path",
    "tensor_shape",
    "sprite",
    "image_path",
    "single_image_dim",
    "model_checkpoint_path",
];

const SIGNS: &[&str] =
    &["{", "}", ":", "<", ">", "[", "]", ",", ";", "\n", " ", "\t", "\\", "'", "\"", "-"];

impl Token<'_> {
    fn put(&self, text: &mut String) {
        match self {
            Self::Name(at) => *text += NAMES[usize::from(*at) % NAMES.len()],
            Self::Sign(at) => *text += SIGNS[usize::from(*at) % SIGNS.len()],
            Self::Text { text: held, single } => {
                let quote = if *single { '\'' } else { '"' };
                text.extend([quote]);
                *text += held;
                text.extend([quote]);
            }
            Self::Number(number) => *text += &format!("{number} "),
            Self::Comment(comment) => *text += &format!("#{comment}\n"),
            Self::Raw(raw) => *text += raw,
            Self::Embedding { name, angled, colon } => {
                let [open, close] = if *angled { ["<", ">"] } else { ["{", "}"] };
                let colon = if *colon { ":" } else { "" };
                *text += &format!("embeddings{colon} {open} tensor_name: \"{name}\" {close}");
            }
        }
    }
}

/// An existing config keeps all but the replaced entry, or it is reported that it cannot be read.
pub fn projector_config(bytes: &[u8]) {
    let Ok(case) = Case::arbitrary(&mut Unstructured::new(bytes)) else { return };
    let mut text = String::new();
    case.tokens.iter().for_each(|token| token.put(&mut text));
    let names: Vec<&str> = [Some(case.name), case.second].into_iter().flatten().collect();
    let entries: Vec<Entry> = names.iter().map(|name| entry(name)).collect();

    let merged = projector::merge(&text, &entries);
    if let Some(merged) = &merged {
        let again = projector::merge(merged, &entries);
        assert_eq!(again.as_ref(), Some(merged), "{text:?}");
    }
    let Some(mut expected) = parsed(&text) else { return };
    let merged = merged.unwrap_or_else(|| panic!("a text proto that is not taken: {text:?}"));
    let found = parsed(&merged).unwrap_or_else(|| panic!("{text:?} became {merged:?}"));
    embeddings(&mut expected).retain(|known| {
        let name = known.as_message().expect("an embedding").get_field_by_name("tensor_name");
        let name = name.expect("a field of it").as_str().expect("a text").to_owned();
        !names.iter().any(|new| canonical(new) == canonical(&name))
    });
    let new = names.iter().map(|name| written(&entry(name)));
    embeddings(&mut expected).extend(new);
    assert_eq!(found, expected, "{text:?} became {merged:?}");
}

fn entry(name: &str) -> Entry {
    Entry {
        tensor_name: name.to_owned(),
        shape: [2, 3],
        tensor_path: format!("{name}/tensors.tsv"),
        ..Entry::default()
    }
}

/// Completes a name as the projector's server does.
fn canonical(name: &str) -> String {
    if name.contains(':') { name.to_owned() } else { format!("{name}:0") }
}

/// Parses a config with another reader of text protos; `None` if that refuses it.
fn parsed(text: &str) -> Option<DynamicMessage> {
    DynamicMessage::parse_text_format(CONFIG.clone(), text).ok()
}

fn embeddings(config: &mut DynamicMessage) -> &mut Vec<Value> {
    let list = config.get_field_by_name_mut("embeddings").expect("a field of it");
    list.as_list_mut().expect("a list")
}

fn written(entry: &Entry) -> Value {
    let embedding = CONFIG.parent_pool().get_message_by_name("EmbeddingInfo");
    let mut message = DynamicMessage::new(embedding.expect("it is described below"));
    let shape = entry.shape.iter().map(|side| Value::U32(*side as u32)).collect();
    for (field, value) in [
        ("tensor_name", Value::String(entry.tensor_name.clone())),
        ("tensor_path", Value::String(entry.tensor_path.clone())),
        ("tensor_shape", Value::List(shape)),
    ] {
        message.set_field_by_name(field, value);
    }
    Value::Message(message)
}

static CONFIG: LazyLock<MessageDescriptor> = LazyLock::new(|| {
    let text = Type::String;
    let message = [
        message(
            "SpriteMetadata",
            &[("image_path", text, None, false), ("single_image_dim", Type::Uint32, None, true)],
        ),
        message(
            "EmbeddingInfo",
            &[
                ("tensor_name", text, None, false),
                ("metadata_path", text, None, false),
                ("bookmarks_path", text, None, false),
                ("tensor_shape", Type::Uint32, None, true),
                ("sprite", Type::Message, Some(".SpriteMetadata"), false),
                ("tensor_path", text, None, false),
            ],
        ),
        message(
            "ProjectorConfig",
            &[
                ("model_checkpoint_path", text, None, false),
                ("embeddings", Type::Message, Some(".EmbeddingInfo"), true),
                ("model_checkpoint_dir", text, None, false),
            ],
        ),
    ];
    let file = FileDescriptorProto {
        name: Some("projector_config.proto".into()),
        syntax: Some("proto3".into()),
        message_type: message.into(),
        ..Default::default()
    };
    let pool = DescriptorPool::from_file_descriptor_set(FileDescriptorSet { file: vec![file] });
    let pool = pool.expect("the descriptors fit together");
    pool.get_message_by_name("ProjectorConfig").expect("it is one of them")
});

/// Returns a message of these fields: name, type, which message, and whether there may be several.
fn message(name: &str, fields: &[(&str, Type, Option<&str>, bool)]) -> DescriptorProto {
    let field =
        |(number, (name, kind, of, repeated)): (usize, &(&str, Type, Option<&str>, bool))| {
            let label = if *repeated { Label::Repeated } else { Label::Optional };
            FieldDescriptorProto {
                name: Some((*name).into()),
                number: Some(number as i32 + 1),
                label: Some(label as i32),
                r#type: Some(*kind as i32),
                type_name: of.map(Into::into),
                ..Default::default()
            }
        };
    DescriptorProto {
        name: Some(name.into()),
        field: fields.iter().enumerate().map(field).collect(),
        ..Default::default()
    }
}
