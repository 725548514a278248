//! Hides secrets in command lines and URLs.

/// The replacement of a secret.
const MASK: &str = "***";

/// Endings of the last word of a name whose value is a secret.
const SECRET_ENDINGS: [&str; 8] =
    ["token", "password", "passwd", "passphrase", "secret", "apikey", "credential", "credentials"];
/// Last words of a name whose value is a secret.
const SECRET_WORDS: [&str; 7] =
    ["auth", "authorization", "pass", "pat", "pwd", "secrets", "bearer"];
/// Words before `key` whose value is a secret.
const KEYS: [&str; 7] = ["access", "api", "auth", "encryption", "private", "secret", "signing"];
/// The beginnings of tokens of well-known services.
const TOKENS: [&str; 12] = [
    "AKIA",
    "eyJ",
    "ghp_",
    "gho_",
    "ghr_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "hf_",
    "sk-",
    "xoxb-",
];

/// Returns whether a setting or a variable of this name has a secret for its value: `HF_TOKEN` and
/// `apiKey`, and not `max_tokens` and `tokenizer`.
pub(super) fn is_secret(name: &str) -> bool {
    let mut words = vec![String::new()];
    let mut lower = false;
    for c in name.chars() {
        let starts = !c.is_alphanumeric() || (lower && c.is_uppercase());
        if starts {
            words.push(String::new());
        }
        if let (true, Some(word)) = (c.is_alphanumeric(), words.last_mut()) {
            word.extend(c.to_lowercase());
        }
        lower = c.is_lowercase();
    }
    let plain = |word: &String| word.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    let mut words = words.iter().map(plain).filter(|word| !word.is_empty()).rev();
    let Some(last) = words.next() else { return false };
    SECRET_ENDINGS.iter().any(|end| last.ends_with(end))
        || SECRET_WORDS.contains(&last.as_str())
        || (last == "key" && words.next().is_some_and(|word| KEYS.contains(&word.as_str())))
}

/// Returns a command line with its secrets hidden, quoted for a shell where that is needed.
pub(super) fn command_line(arguments: impl IntoIterator<Item = String>) -> String {
    let mut line = String::new();
    let mut hide = false;
    for argument in arguments {
        let is_flag = argument.starts_with('-') && !argument.contains(['=', ':']);
        let shown = if hide { MASK.to_owned() } else { mask(&argument) };
        hide = !hide && is_flag && is_secret(&argument);
        if !line.is_empty() {
            line.push(' ');
        }
        let plain = |c: char| c.is_alphanumeric() || "-_./:=,@%+*\\".contains(c);
        if !shown.is_empty() && shown.chars().all(plain) {
            line.push_str(&shown);
        } else {
            line.push('\'');
            line.push_str(&shown.replace('\'', r"'\''"));
            line.push('\'');
        }
    }
    line
}

/// Returns the text with its secrets hidden: values of names such as `token=`, credentials in URLs,
/// and tokens of well-known services.
pub(super) fn mask(text: &str) -> String {
    mask_tokens(&mask_pairs(&mask_urls(text)))
}

fn mask_urls(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let ends = |c: char| c.is_whitespace() || "/?#\"'<>,;".contains(c);
        let authority = &after[..after.find(ends).unwrap_or(after.len())];
        rest = match authority.rfind('@') {
            Some(at) => {
                out.push_str(MASK);
                &after[at..]
            }
            None => after,
        };
    }
    out + rest
}

fn mask_pairs(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(['=', ':']) {
        let (before, value) = (&rest[..at], &rest[at + 1..]);
        out.push_str(&rest[..=at]);
        let quoted = before.trim_end_matches(['"', '\'', ' ']);
        let in_name = |c: char| c.is_alphanumeric() || "_-.".contains(c);
        let name = &quoted[quoted.trim_end_matches(in_name).len()..];
        if !is_secret(name) {
            rest = value;
            continue;
        }
        let secret = value.trim_start_matches([' ', '"', '\'']);
        let lead = &value[..value.len() - secret.len()];
        out.push_str(lead);
        let first = out.len() == name.len() + 1 + lead.len();
        let end = match lead.chars().find(|c| *c != ' ') {
            Some(quote) => secret.find(quote),
            // The argument has nothing else, or a scheme before the secret.
            None if first || name.eq_ignore_ascii_case("authorization") => None,
            None => secret.find(|c: char| c.is_whitespace() || "&;,\"'}])".contains(c)),
        };
        if !secret.is_empty() {
            out.push_str(MASK);
        }
        rest = &secret[end.unwrap_or(secret.len())..];
    }
    out + rest
}

fn mask_tokens(text: &str) -> String {
    let in_token = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let is_token = |word: &str| {
        let known = TOKENS.iter().find_map(|start| word.strip_prefix(start));
        known.is_some_and(|rest| {
            rest.len() >= 16
                && rest.bytes().any(|b| b.is_ascii_digit())
                && rest.bytes().any(|b| b.is_ascii_alphabetic())
        })
    };
    let (mut out, mut rest) = (String::new(), text);
    while let Some(start) = rest.find(in_token) {
        let word = &rest[start..];
        let len = word.find(|c| !in_token(c)).unwrap_or(word.len());
        out.push_str(&rest[..start]);
        out.push_str(if is_token(&word[..len]) { MASK } else { &word[..len] });
        rest = &word[len..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(arguments: &[&str]) -> String {
        command_line(arguments.iter().map(|&argument| argument.to_owned()))
    }

    #[test]
    fn secrets_of_a_command_line_are_hidden() {
        for (arguments, shown) in [
            (&["train", "--token", "abc", "--lr", "0.1"][..], "train --token *** --lr 0.1"),
            (&["--password=a b&c"], "--password=***"),
            (&["--hf-token", "--verbose", "x"], "--hf-token *** x"),
            (
                &["HF_TOKEN=abc", "apiKey=abc", "x.secret_key=abc"],
                "HF_TOKEN=*** apiKey=*** x.secret_key=***",
            ),
            (&["https://me:pw@host/x?a=1&token=abc&b=2"], "'https://***@host/x?a=1&token=***&b=2'"),
            (&["postgres://me:p@w@host:5432/db"], "postgres://***@host:5432/db"),
            (&["git+https://ghp_x@host/a.git"], "git+https://***@host/a.git"),
            (&["-H", "Authorization: Bearer a.b.c"], "-H 'Authorization: ***'"),
            (&[r#"{"token": "a, b", "n": 1}"#], r#"'{"token": "***", "n": 1}'"#),
            (&["x", "hf_abcdefghijklmnop0123"], "x ***"),
            (&["--password", ""], "--password ***"),
            (&["--token="], "--token="),
        ] {
            assert_eq!(line(arguments), shown);
        }
    }

    #[test]
    fn other_arguments_are_shown() {
        for (arguments, shown) in [
            (&["--max-tokens", "512", "--tokenizer=gpt2"][..], "--max-tokens 512 --tokenizer=gpt2"),
            (&["--author", "me", "--key", "k"], "--author me --key k"),
            (&["C:\\data", "a=b:c", "http://host:80/x"], "C:\\data a=b:c http://host:80/x"),
            (&["it's", "", "é x"], r"'it'\''s' '' 'é x'"),
            (&["sk-learn-model-of-mine", "hf_small"], "sk-learn-model-of-mine hf_small"),
            (&[], ""),
        ] {
            assert_eq!(line(arguments), shown);
        }
    }

    #[test]
    fn names_of_secrets() {
        for name in
            ["token", "HF_TOKEN", "--api-key", "AWS_SECRET_ACCESS_KEY", "authToken", "db_password2"]
        {
            assert!(is_secret(name), "{name}");
        }
        for name in
            ["", "tokens", "max_tokens", "tokenizer", "key", "monkey", "compass", "author", "path"]
        {
            assert!(!is_secret(name), "{name}");
        }
    }
}
