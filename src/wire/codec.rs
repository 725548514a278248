//! The encoding of the messages, in place of prost's derive macro: without it a build of this crate
//! has five dependencies fewer, among them a second parser of Rust.
//!
//! `protogen` writes the calls of these macros. A field's kind is prost's type, alone or after
//! `optional`, `repeated` or `packed`, or `oneof` and an enum.

/// Implements [`prost::Message`] by a list of fields in the order of their tags.
macro_rules! message {
    ($message:path { $($field:ident: ($($kind:tt)+) = $($tag:literal)|+),* $(,)? }) => {
        impl ::prost::Message for $message {
            fn encode_raw(&self, buf: &mut impl ::prost::bytes::BufMut) {
                $(encode_field!(($($kind)+), $($tag)|+, self.$field, buf);)*
                let _ = buf;
            }

            fn merge_field(
                &mut self,
                tag: u32,
                wire_type: ::prost::encoding::WireType,
                buf: &mut impl ::prost::bytes::Buf,
                ctx: ::prost::encoding::DecodeContext,
            ) -> Result<(), ::prost::DecodeError> {
                let (field, merged): (&'static str, Result<(), ::prost::DecodeError>) = match tag {
                    $($($tag)|+ => (
                        stringify!($field),
                        merge_field!(($($kind)+), self.$field, tag, wire_type, buf, ctx),
                    ),)*
                    _ => return ::prost::encoding::skip_field(wire_type, tag, buf, ctx),
                };
                merged.map_err(|mut error| {
                    error.push(stringify!($message), field);
                    error
                })
            }

            fn encoded_len(&self) -> usize {
                0 $(+ field_len!(($($kind)+), $($tag)|+, self.$field))*
            }

            fn clear(&mut self) {
                *self = Self::default();
            }
        }
    };
}

macro_rules! encode_field {
    ((optional message), $tag:literal, $value:expr, $buf:expr) => {
        if let Some(message) = &$value {
            ::prost::encoding::message::encode($tag, message, $buf);
        }
    };
    ((repeated $kind:ident), $tag:literal, $value:expr, $buf:expr) => {
        ::prost::encoding::$kind::encode_repeated($tag, &$value, $buf)
    };
    ((packed $kind:ident), $tag:literal, $value:expr, $buf:expr) => {
        ::prost::encoding::$kind::encode_packed($tag, &$value, $buf)
    };
    ((oneof $of:path), $($tag:literal)|+, $value:expr, $buf:expr) => {
        if let Some(value) = &$value {
            value.encode($buf);
        }
    };
    (($kind:ident), $tag:literal, $value:expr, $buf:expr) => {
        if !is_default!($kind, $value) {
            ::prost::encoding::$kind::encode($tag, &$value, $buf);
        }
    };
}

macro_rules! merge_field {
    ((optional message), $value:expr, $_tag:expr, $wire_type:expr, $buf:expr, $ctx:expr) => {
        ::prost::encoding::message::merge(
            $wire_type,
            $value.get_or_insert_with(Default::default),
            $buf,
            $ctx,
        )
    };
    ((repeated $kind:ident), $value:expr, $_tag:expr, $wire_type:expr, $buf:expr, $ctx:expr) => {
        ::prost::encoding::$kind::merge_repeated($wire_type, &mut $value, $buf, $ctx)
    };
    ((packed $kind:ident), $value:expr, $_tag:expr, $wire_type:expr, $buf:expr, $ctx:expr) => {
        ::prost::encoding::$kind::merge_repeated($wire_type, &mut $value, $buf, $ctx)
    };
    ((oneof $of:path), $value:expr, $tag:expr, $wire_type:expr, $buf:expr, $ctx:expr) => {
        <$of>::merge(&mut $value, $tag, $wire_type, $buf, $ctx)
    };
    (($kind:ident), $value:expr, $_tag:expr, $wire_type:expr, $buf:expr, $ctx:expr) => {
        ::prost::encoding::$kind::merge($wire_type, &mut $value, $buf, $ctx)
    };
}

macro_rules! field_len {
    ((optional message), $tag:literal, $value:expr) => {
        match &$value {
            Some(message) => ::prost::encoding::message::encoded_len($tag, message),
            None => 0,
        }
    };
    ((repeated $kind:ident), $tag:literal, $value:expr) => {
        ::prost::encoding::$kind::encoded_len_repeated($tag, &$value)
    };
    ((packed $kind:ident), $tag:literal, $value:expr) => {
        ::prost::encoding::$kind::encoded_len_packed($tag, &$value)
    };
    ((oneof $of:path), $($tag:literal)|+, $value:expr) => {
        match &$value {
            Some(value) => value.encoded_len(),
            None => 0,
        }
    };
    (($kind:ident), $tag:literal, $value:expr) => {
        if is_default!($kind, $value) {
            0
        } else {
            ::prost::encoding::$kind::encoded_len($tag, &$value)
        }
    };
}

/// Defaults are not encoded.
macro_rules! is_default {
    (string, $value:expr) => {
        $value.is_empty()
    };
    (bytes, $value:expr) => {
        $value.is_empty()
    };
    (bool, $value:expr) => {
        !$value
    };
    (float, $value:expr) => {
        $value == 0.0
    };
    (double, $value:expr) => {
        $value == 0.0
    };
    ($integer:ident, $value:expr) => {
        $value == 0
    };
}

/// Implements what [`message`] calls for the enum of a `oneof`, each variant with one value.
macro_rules! oneof {
    ($of:path { $($variant:ident: $kind:ident = $tag:literal),* $(,)? }) => {
        impl $of {
            fn encode(&self, buf: &mut impl ::prost::bytes::BufMut) {
                match self {
                    $(Self::$variant(value) => ::prost::encoding::$kind::encode($tag, value, buf),)*
                }
            }

            fn merge(
                field: &mut Option<Self>,
                tag: u32,
                wire_type: ::prost::encoding::WireType,
                buf: &mut impl ::prost::bytes::Buf,
                ctx: ::prost::encoding::DecodeContext,
            ) -> Result<(), ::prost::DecodeError> {
                match tag {
                    $($tag => {
                        // A message is merged into one that is there.
                        if let Some(Self::$variant(value)) = field {
                            return ::prost::encoding::$kind::merge(wire_type, value, buf, ctx);
                        }
                        let mut value = Default::default();
                        ::prost::encoding::$kind::merge(wire_type, &mut value, buf, ctx)?;
                        *field = Some(Self::$variant(value));
                    })*
                    _ => {}
                }
                Ok(())
            }

            fn encoded_len(&self) -> usize {
                match self {
                    $(Self::$variant(value) => ::prost::encoding::$kind::encoded_len($tag, value),)*
                }
            }
        }
    };
}

/// Implements the conversions of an enum from and to numbers. The first variant is its default.
macro_rules! enumeration {
    ($of:path { $first:ident, $($variant:ident),* $(,)? }) => {
        impl Default for $of {
            fn default() -> Self {
                Self::$first
            }
        }

        impl From<$of> for i32 {
            fn from(value: $of) -> Self {
                value as Self
            }
        }

        impl TryFrom<i32> for $of {
            type Error = ::prost::UnknownEnumValue;

            fn try_from(value: i32) -> Result<Self, ::prost::UnknownEnumValue> {
                match value {
                    value if value == Self::$first as i32 => Ok(Self::$first),
                    $(value if value == Self::$variant as i32 => Ok(Self::$variant),)*
                    _ => Err(::prost::UnknownEnumValue(value)),
                }
            }
        }
    };
}
