//! Lists of fields for the macros in `src/wire/codec.rs`, in place of prost's derive macros.

use quote::ToTokens;
use std::error::Error;
use syn::{Attribute, Expr, ExprLit, Fields, Item, Lit, Meta, Token, punctuated::Punctuated};

/// Removes prost's derive macros and attributes from generated code, and adds calls of `message!`,
/// `oneof!` and `enumeration!` at its end.
pub(crate) fn without_derive(source: &str) -> Result<String, Box<dyn Error>> {
    let mut file = syn::parse_file(source)?;
    let mut calls = String::new();
    rewrite(&mut file.items, "", &mut calls)?;
    Ok(format!("{}{calls}", prettyplease::unparse(&file)))
}

fn rewrite(items: &mut [Item], scope: &str, calls: &mut String) -> Result<(), Box<dyn Error>> {
    for item in items {
        match item {
            Item::Mod(module) => {
                let scope = format!("{scope}{}::", module.ident);
                if let Some((_, items)) = &mut module.content {
                    rewrite(items, &scope, calls)?;
                }
            }
            Item::Struct(message) => {
                replace_derive(&mut message.attrs, "Message", &["Debug", "Default"])?;
                let mut fields = Vec::new();
                for field in &mut message.fields {
                    let name = field.ident.as_ref().ok_or("a field without a name")?;
                    let parsed = Field::take(&mut field.attrs, scope)?;
                    fields.push((parsed.tags[0], parsed.line(&name.to_string(), true)));
                }
                // As prost does, whatever their order in the file.
                fields.sort();
                add_call(calls, "message", scope, &message.ident, fields.into_iter().map(|f| f.1));
            }
            Item::Enum(list) if list.variants.iter().all(|v| matches!(v.fields, Fields::Unit)) => {
                replace_derive(&mut list.attrs, "Enumeration", &[])?;
                let names = list.variants.iter().map(|variant| variant.ident.to_string());
                add_call(calls, "enumeration", scope, &list.ident, names);
            }
            Item::Enum(list) => {
                replace_derive(&mut list.attrs, "Oneof", &["Debug"])?;
                let mut lines = Vec::new();
                for variant in &mut list.variants {
                    let parsed = Field::take(&mut variant.attrs, scope)?;
                    lines.push(parsed.line(&variant.ident.to_string(), false));
                }
                add_call(calls, "oneof", scope, &list.ident, lines.into_iter());
            }
            _ => {}
        }
    }
    Ok(())
}

fn add_call(
    calls: &mut String,
    name: &str,
    scope: &str,
    of: &syn::Ident,
    lines: impl Iterator<Item = String>,
) {
    *calls += &format!("{name}!({scope}{of} {{\n");
    for line in lines {
        *calls += &format!("    {line},\n");
    }
    *calls += "});\n";
}

/// Replaces `::prost::NAME` in the derive attribute by others.
fn replace_derive(
    attributes: &mut Vec<Attribute>,
    name: &str,
    others: &[&str],
) -> Result<(), Box<dyn Error>> {
    for attribute in attributes {
        if !attribute.path().is_ident("derive") {
            continue;
        }
        let derived =
            attribute.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated)?;
        let mut names: Vec<String> = derived
            .iter()
            .filter(|path| path.segments.last().is_none_or(|last| last.ident != name))
            .map(|path| path.to_token_stream().to_string())
            .collect();
        names.extend(others.iter().map(ToString::to_string));
        let names: Vec<syn::Path> =
            names.iter().map(|name| syn::parse_str(name)).collect::<Result<_, _>>()?;
        *attribute = syn::parse_quote!(#[derive(#(#names),*)]);
        return Ok(());
    }
    Err(format!("no derive attribute (expected one with {name})").into())
}

/// The content of the attribute `prost` of a field.
struct Field {
    /// In the words of `message!`.
    kind: String,
    tags: Vec<u32>,
}

impl Field {
    fn take(attributes: &mut Vec<Attribute>, scope: &str) -> Result<Self, Box<dyn Error>> {
        let at = attributes
            .iter()
            .position(|attribute| attribute.path().is_ident("prost"))
            .ok_or("a field without the attribute prost")?;
        let metas = attributes
            .remove(at)
            .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)?;
        let (mut kind, mut label, mut tags) = (String::new(), "", Vec::new());
        for meta in &metas {
            let name = meta.path().to_token_stream().to_string();
            match name.as_str() {
                "tag" | "tags" => {
                    for tag in text(meta)?.split(", ") {
                        tags.push(tag.parse()?);
                    }
                }
                "optional" => label = "optional ",
                "repeated" => label = "repeated ",
                "oneof" => kind = format!("oneof {scope}{}", text(meta)?),
                "enumeration" => kind = "int32".into(),
                "bool" | "bytes" | "double" | "float" | "int32" | "int64" | "message"
                | "string" | "uint32" | "uint64" => kind = name,
                _ => return Err(format!("no macro for the attribute {name}").into()),
            }
        }
        if label == "repeated " && !matches!(kind.as_str(), "bytes" | "message" | "string") {
            label = "packed ";
        }
        if tags.is_empty() || kind.is_empty() || (label == "optional " && kind != "message") {
            return Err(format!("no macro for {:?}", metas.to_token_stream().to_string()).into());
        }
        Ok(Self { kind: format!("{label}{kind}"), tags })
    }

    fn line(&self, name: &str, parentheses: bool) -> String {
        let tags: Vec<String> = self.tags.iter().map(ToString::to_string).collect();
        let (open, close) = if parentheses { ("(", ")") } else { ("", "") };
        format!("{name}: {open}{}{close} = {}", self.kind, tags.join(" | "))
    }
}

/// Returns the value of an attribute such as `tag = "1"`.
fn text(meta: &Meta) -> Result<String, Box<dyn Error>> {
    match &meta.require_name_value()?.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(text.value()),
        other => Err(format!("{} is no text", other.to_token_stream()).into()),
    }
}
