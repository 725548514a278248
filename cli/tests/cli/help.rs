//! Help, completions and pages of the manual.

use super::tfevents;
use std::path::Path;

const COMMANDS: &[&str] = &[
    "ls",
    "show",
    "export",
    "extract",
    "reduce",
    "diff",
    "verify",
    "compact",
    "hparams",
    "edit",
    "check",
    "watch",
    "report",
    #[cfg(feature = "stores")]
    "mirror",
];

#[test]
fn help_fits_a_screen_and_has_an_example() {
    for command in COMMANDS {
        let help = tfevents(Path::new("."), &[command, "-h"]);
        assert_eq!(help.status, 0);
        assert!(help.stdout.contains("Examples:\n  tfevents "), "{command}");
        let lines = help.stdout.lines().count();
        assert!(lines <= 44, "{command}: {lines} lines");
        let widest = help.stdout.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(100), "{command}: {widest:?} columns");
    }
    let help = tfevents(Path::new("."), &["--help"]).stdout;
    assert!(help.lines().count() <= 44, "{help}");
    for command in COMMANDS {
        assert!(help.lines().any(|line| line.starts_with(&format!("  {command} "))), "{help}");
    }
}

#[test]
fn shells_get_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = tfevents(Path::new("."), &["completions", shell]);
        assert_eq!(script.status, 0);
        assert!(
            script.stdout.contains("tfevents") && script.stdout.contains("min-runs"),
            "{shell}"
        );
    }
}

#[test]
fn the_manual_has_a_page_per_command() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(tfevents(dir.path(), &["man", "-o", "man1"]).status, 0);
    for command in COMMANDS {
        let path = dir.path().join(format!("man1/tfevents-{command}.1"));
        let page = std::fs::read_to_string(path).unwrap();
        assert!(page.contains(&format!("tfevents\\-{command} \\- ")), "{page}");
    }
    let page = tfevents(dir.path(), &["man"]).stdout;
    assert!(page.contains(".TH tfevents 1"), "{page}");
}
