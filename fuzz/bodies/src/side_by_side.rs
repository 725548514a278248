//! The files of a run read on several threads.

use std::io::{self, Read};
use std::path::Path;
use tfevents::read::{Points, ReadError, Run};
use tfevents::storage::{Entry, EventFile, Metadata, Output, Storage};

/// Asserts that a run gives the same on one thread and on several.
pub(crate) fn same_on_several_threads(storage: impl Storage, dir: &Path) {
    let run = Run::open_on(Large(storage), dir).expect("the directory exists");
    for points in [Points::Raw, Points::DataServer, Points::PythonReader] {
        let run = run.clone().with_points(points);
        let [one, several] = [1, 3].map(|threads| found(&run.clone().with_threads(threads)));
        assert_eq!(several, one, "{points:?}");
    }
}

/// Returns all that is read of several files side by side, as text, because NaN is never the same.
fn found(run: &Run) -> Vec<String> {
    fn text<T: std::fmt::Debug>(result: Result<T, ReadError>) -> String {
        match result {
            Ok(found) => format!("{found:?}"),
            Err(error) => format!("{error}: {:?}", error.kind()),
        }
    }
    let all = run.all_scalars();
    let tags =
        all.as_ref().map(|all| all.iter().map(|(tag, _)| tag.to_owned()).collect::<Vec<_>>());
    let mut found: Vec<_> =
        tags.unwrap_or_default().iter().take(3).map(|tag| text(run.scalars(tag))).collect();
    let all = all.map(|all| {
        all.iter().map(|(tag, points)| format!("{tag:?}: {points:?}")).collect::<Vec<_>>()
    });
    found.extend([text(run.index()), text(all)]);
    found
}

/// A storage whose files claim to be large: short ones are read one after another.
#[derive(Debug)]
struct Large<S>(S);

impl<S: Storage> Storage for Large<S> {
    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        let mut metadata = self.0.metadata(path)?;
        metadata.len += 1 << 30;
        Ok(metadata)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<Entry>> {
        self.0.list(dir)
    }

    fn open(&self, path: &Path, from: u64) -> io::Result<Box<dyn Read + Send>> {
        self.0.open(path, from)
    }

    fn probe(&self, dir: &Path) -> io::Result<()> {
        self.0.probe(dir)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn EventFile>> {
        self.0.create(path)
    }

    fn replace(
        &self,
        path: &Path,
        fill: &mut dyn FnMut(&mut dyn Output) -> io::Result<()>,
    ) -> io::Result<()> {
        self.0.replace(path, fill)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.0.remove(path)
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.0.create_dir(path)
    }
}
