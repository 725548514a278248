//! Colors, and messages on the standard error.

use super::escape::escape;
use std::fmt;
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// When to use colors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`; elsewhere if
    /// `CLICOLOR_FORCE` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

static STDOUT_COLOR: AtomicBool = AtomicBool::new(false);
static STDERR_COLOR: AtomicBool = AtomicBool::new(false);

/// Decides about colors, once for the process.
pub(crate) fn set_color(color: Color) {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_on = |is_terminal: bool| match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if is_set("NO_COLOR") => false,
        Color::Auto if std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        Color::Auto => is_terminal && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
    };
    STDOUT_COLOR.store(is_on(std::io::stdout().is_terminal()), Ordering::Relaxed);
    STDERR_COLOR.store(is_on(std::io::stderr().is_terminal()), Ordering::Relaxed);
}

/// Returns whether the standard output has colors.
pub(crate) fn stdout_has_color() -> bool {
    STDOUT_COLOR.load(Ordering::Relaxed)
}

/// How text looks, where there are colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
}

impl Style {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "\x1b[1m",
            Self::Dim => "\x1b[2m",
            Self::Red => "\x1b[31m",
            Self::Green => "\x1b[32m",
            Self::Yellow => "\x1b[33m",
        }
    }
}

/// Text in a style, for the standard output.
pub(crate) fn paint(text: &str, style: Style) -> impl fmt::Display + '_ {
    painted(text, style, stdout_has_color())
}

fn painted(text: &str, style: Style, has_color: bool) -> Painted<'_> {
    Painted { text, code: if has_color { style.code() } else { "" } }
}

struct Painted<'a> {
    text: &'a str,
    code: &'static str,
}

impl fmt::Display for Painted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, code } = self;
        if code.is_empty() { f.write_str(text) } else { write!(f, "{code}{text}\x1b[0m") }
    }
}

/// Reports why the program failed.
pub(crate) fn error(message: impl fmt::Display) {
    report("error", Style::Red, message);
}

/// Reports what is wrong, but does not end the program.
pub(crate) fn warning(message: impl fmt::Display) {
    report("warning", Style::Yellow, message);
}

/// Reports what may be of interest.
pub(crate) fn note(message: impl fmt::Display) {
    report("note", Style::Bold, message);
}

fn report(label: &str, style: Style, message: impl fmt::Display) {
    let label = painted(label, style, STDERR_COLOR.load(Ordering::Relaxed));
    // Paths and tags in the message may be anything. Lines are kept: a message may have several.
    let message = message.to_string();
    let lines: Vec<_> = message.lines().map(escape).collect();
    // Nothing can be done about a closed stderr.
    let _ = writeln!(std::io::stderr(), "{label}: {}", lines.join("\n"));
}
