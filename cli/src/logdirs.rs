//! Log directories on disk and, with the feature of their store, in object stores.

use anyhow::bail;
use std::path::Path;
use std::time::Duration;
use tfevents::read::LogDir;

/// How often a log directory in a store is asked for changes: each time costs requests, and writers
/// upload every 10 s at most.
const STORE_INTERVAL: Duration = Duration::from_secs(10);

/// Opens a log directory, a run or an event file, given by its path or URL.
pub(crate) fn open(dir: &Path) -> anyhow::Result<LogDir> {
    match url(dir) {
        Some(url) => open_url(url),
        None => Ok(LogDir::open(dir)?),
    }
}

#[cfg(feature = "stores")]
fn open_url(url: &str) -> anyhow::Result<LogDir> {
    Ok(tfevents_object_store::ObjectStorage::from_url(url)?.logdir()?)
}

#[cfg(not(feature = "stores"))]
fn open_url(url: &str) -> anyhow::Result<LogDir> {
    bail!("cannot read {url}: it needs one of the features aws, azure and gcp of tfevents-cli")
}

/// Returns the URL, if the directory is given by one.
pub(crate) fn url(dir: &Path) -> Option<&str> {
    dir.to_str().filter(|dir| dir.contains("://"))
}

/// Checks that a directory is one on disk.
pub(crate) fn expect_local(dir: &Path) -> anyhow::Result<()> {
    match url(dir) {
        Some(url) => bail!("invalid directory {url} (expected one on a local disk)"),
        None => Ok(()),
    }
}

/// Returns the path or URL of a run of a log directory.
pub(crate) fn path_of(dir: &Path, run: &Path) -> String {
    match url(dir) {
        // Its path is below the URL.
        Some(url) if run.as_os_str().is_empty() => url.to_owned(),
        Some(url) => {
            let names: Vec<_> = run.iter().map(|name| name.to_string_lossy()).collect();
            format!("{}/{}", url.trim_end_matches('/'), names.join("/"))
        }
        None => run.to_string_lossy().into_owned(),
    }
}

/// Returns how often a log directory is looked at for changes, if that should be `interval` on disk.
pub(crate) fn interval(dir: &Path, interval: Duration) -> Duration {
    if url(dir).is_some() { STORE_INTERVAL } else { interval }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_runs_are_paths_or_urls() {
        let path = |dir: &str, run: &str| path_of(Path::new(dir), Path::new(run));
        assert_eq!(path("logs", "logs/a"), "logs/a");
        assert_eq!(path("s3://bucket/logs/", "a/b"), "s3://bucket/logs/a/b");
        assert_eq!(path("s3://bucket/logs", ""), "s3://bucket/logs");
    }
}
