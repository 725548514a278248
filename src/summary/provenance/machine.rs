//! The operating system, the processor and the GPUs.

use std::path::Path;

/// Returns what is known of the machine, by name. `root` is `/`, but in tests.
pub(super) fn read(root: &Path) -> Vec<(&'static str, String)> {
    let mut found = vec![("os", os(root)), ("cpu", cpu(root))];
    if let Ok(threads) = std::thread::available_parallelism() {
        found.push(("cpu_threads", threads.to_string()));
    }
    let gpus = gpus(root);
    if !gpus.is_empty() {
        found.push(("gpu", gpus.join(", ")));
    }
    if let Some(driver) = text(root, "proc/driver/nvidia/version") {
        // Such as `NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.86.15  Thu Jan 23 ...`.
        let mut words = driver.lines().next().unwrap_or_default().split_whitespace();
        if let Some(version) = words.find(|word| word.starts_with(|c: char| c.is_ascii_digit())) {
            found.push(("gpu_driver", version.to_owned()));
        }
    }
    found
}

fn os(root: &Path) -> String {
    let (name, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let release = text(root, "etc/os-release").and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
        Some(line.trim_matches(['"', '\'']).to_owned())
    });
    let kernel = text(root, "proc/sys/kernel/osrelease");
    match (release, kernel) {
        (Some(release), Some(kernel)) => format!("{release}, {name} {} ({arch})", kernel.trim()),
        (Some(release), None) => format!("{release}, {name} ({arch})"),
        (None, Some(kernel)) => format!("{name} {} ({arch})", kernel.trim()),
        (None, None) => format!("{name} ({arch})"),
    }
}

fn cpu(root: &Path) -> String {
    let model = text(root, "proc/cpuinfo").and_then(|text| value(&text, "model name"));
    let model = model.or_else(|| std::env::var("PROCESSOR_IDENTIFIER").ok());
    model.unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

fn gpus(root: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(root.join("proc/driver/nvidia/gpus"));
    let mut dirs: Vec<_> =
        entries.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    dirs.sort_unstable();
    let model = |dir: &std::path::PathBuf| value(&text(dir, "information")?, "Model");
    dirs.iter().filter_map(model).collect()
}

/// Returns the value of the first line with this key, such as `Model: NVIDIA H200`.
fn value(text: &str, key: &str) -> Option<String> {
    let pairs = text.lines().filter_map(|line| line.split_once(':'));
    let mut values = pairs.filter(|(name, _)| name.trim() == key).map(|(_, value)| value.trim());
    values.next().filter(|value| !value.is_empty()).map(str::to_owned)
}

fn text(root: &Path, path: &str) -> Option<String> {
    let bytes = std::fs::read(root.join(path)).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{create_dir_all, write};

    #[test]
    fn a_machine_with_gpus() {
        let root = tempfile::tempdir().unwrap();
        let file = |path: &str, text: &[u8]| {
            let path = root.path().join(path);
            create_dir_all(path.parent().unwrap()).unwrap();
            write(path, text).unwrap();
        };
        let of = |name: &str| {
            let found = read(root.path());
            found.into_iter().find(|(of, _)| *of == name).map(|(_, value)| value)
        };
        // Nothing is known, and nothing fails.
        assert_eq!(of("gpu"), None);
        assert!(of("os").unwrap().starts_with(std::env::consts::OS));
        file("etc/os-release", b"NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n");
        file("proc/sys/kernel/osrelease", b"6.1.0\n");
        file("proc/cpuinfo", b"processor\t: 0\nmodel name\t: AMD EPYC\xff\nmodel name\t: other\n");
        file(
            "proc/driver/nvidia/version",
            b"NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.86.15  Thu Jan 23\n",
        );
        file(
            "proc/driver/nvidia/gpus/0000:01:00.0/information",
            b"Model: \t\t NVIDIA H200\nIRQ: 1\n",
        );
        file("proc/driver/nvidia/gpus/0000:02:00.0/information", b"Model:\n");
        file("proc/driver/nvidia/gpus/0000:03:00.0/information", b"Model: NVIDIA L4\n");
        assert!(of("os").unwrap().starts_with("Debian GNU/Linux 12, "));
        assert!(of("os").unwrap().contains(" 6.1.0 ("));
        assert_eq!(of("cpu").as_deref(), Some("AMD EPYC\u{fffd}"));
        assert_eq!(of("gpu").as_deref(), Some("NVIDIA H200, NVIDIA L4"));
        assert_eq!(of("gpu_driver").as_deref(), Some("570.86.15"));
    }
}
