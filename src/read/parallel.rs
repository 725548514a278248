//! The files of a run read side by side, and their results joined in the order of the files.
//!
//! The contents of a file do not depend on the files before it, with exceptions that are read one
//! after another instead: damage, the sessions of [`Points::PythonReader`], and a tag whose
//! metadata, in another file, say that it is no scalar.

use super::cuts::RunCuts;
use super::index::RunIndex;
use super::points::{Ends, FindCuts};
use super::records::{Location, Records};
use super::scalars::RunScalars;
use super::scan::{Entry, Scan};
use super::template::may_have_scalars;
use super::{Points, Run, TagId, Tags, TruncatedRecord};
use crate::system::Mutex;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Fewer bytes are read before a thread has started.
const MIN_BYTES: u64 = 4 << 20;

/// Returns how many threads can run at once.
pub(super) fn available() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Calls a function with each item, on several threads; returns the results in the order of the
/// items.
pub(super) fn map<I: Sync, T: Send>(
    threads: usize,
    items: &[I],
    f: impl Fn(&I) -> T + Sync,
) -> Vec<T> {
    if threads.min(items.len()) <= 1 {
        return items.iter().map(f).collect();
    }
    let mut results: Vec<Mutex<Option<T>>> = items.iter().map(|_| Mutex::new(None)).collect();
    for_each_index(threads, items.len(), &|at| {
        if let (Some(item), Some(result)) = (items.get(at), results.get(at)) {
            *result.lock() = Some(f(item));
        }
    });
    // Each has a result, or a panic went on above.
    results.iter_mut().filter_map(|result| result.get_mut().take()).collect()
}

/// Calls a function with each index below `len`, on several threads. Not generic, so that the threads
/// are compiled once.
fn for_each_index(threads: usize, len: usize, f: &(dyn Fn(usize) + Sync)) {
    let next = AtomicUsize::new(0);
    let work = || loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        if at >= len {
            return;
        }
        f(at);
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(len)).map(|_| scope.spawn(work)).collect();
        work();
        for other in others {
            if let Err(panic) = other.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
}

/// Returns the files of a run, if it is worth while to read them side by side.
pub(super) fn files(run: &Run, threads: usize) -> Option<Vec<PathBuf>> {
    files_from(run, threads, MIN_BYTES)
}

fn files_from(run: &Run, threads: usize, min_bytes: u64) -> Option<Vec<PathBuf>> {
    if threads <= 1 || run.points() == Points::PythonReader {
        return None;
    }
    // An error is reported by the pass that is made instead.
    let files = run.files().ok().filter(|files| files.len() > 1)?;
    let size = |path: &PathBuf| run.location().storage.metadata(path).map_or(0, |found| found.len);
    (files.iter().map(size).sum::<u64>() >= min_bytes).then_some(files)
}

fn scan(run: &Run, file: &Path) -> Scan {
    let storage = run.location().storage.clone();
    Scan::new(Records::new(Location { storage, path: file.to_owned(), is_file: true }))
}

/// Reads all scalars, or those of a tag. Returns `None` if the files have to be read one after
/// another.
pub(super) fn scalars(
    run: &Run,
    files: &[PathBuf],
    threads: usize,
    only: Option<&str>,
) -> Option<RunScalars> {
    let read = |file: &PathBuf| {
        let mut scalars = RunScalars::new(scan(run, file), run.points(), only);
        scalars.refresh().ok().map(|()| scalars)
    };
    let mut parts = map(threads, files, read).into_iter();
    let mut joined = parts.next()??;
    for part in parts {
        joined.append(part?)?;
    }
    joined.follow(run.location().clone());
    Some(joined)
}

/// The findings of a first pass in a file.
struct Part {
    tags: Tags,
    index: RunIndex,
    cuts: RunCuts,
    /// By tag.
    ends: Vec<Option<Ends>>,
    truncated: Vec<TruncatedRecord>,
}

fn find(run: &Run, file: &Path) -> Option<Part> {
    let mut scan = scan(run, file);
    let mut index = RunIndex::default();
    let add = |tags: &Tags, entry: Entry<'_>| index.add(tags, &entry);
    let mut found = FindCuts::new(run.points(), add);
    scan.visit(&mut found).ok()?;
    let ends = found.ends();
    let cuts = RunCuts { events: scan.events(), ..found.cuts };
    let truncated = scan.truncated();
    index.events = scan.events();
    Some(Part { tags: scan.tags().clone(), index, cuts, ends, truncated })
}

/// Reads the index. Returns `None` if the files have to be read one after another.
pub(super) fn index(run: &Run, files: &[PathBuf], threads: usize) -> Option<RunIndex> {
    let parts = map(threads, files, |file| find(run, file));
    let parts = parts.into_iter().collect::<Option<Vec<_>>>()?;
    let (mut tags, mut cuts) = (Tags::default(), RunCuts::default());
    let mut last_steps: Vec<Option<i64>> = Vec::new();
    let mut index = RunIndex::default();
    let mut ids = Vec::new();
    for part in &parts {
        let part_ids = tags.join(&part.tags)?;
        last_steps.resize(tags.len(), None);
        let first_event = cuts.events;
        for (local, ends) in part.ends.iter().enumerate() {
            let (Some(ends), Some(&id)) = (ends, part_ids.get(local)) else { continue };
            let last = last_steps[id.index()].replace(ends.last_step);
            let goes_back = last.is_some_and(|last| ends.first.step <= last);
            if goes_back && run.points() == Points::DataServer {
                cuts.tag(id).push(first_event + ends.first.event, ends.first.step);
            }
            if let Some(later) = part.cuts.tags.get(local) {
                cuts.tag(id).append(later, first_event);
            }
        }
        index.append(&part.index, &part_ids, &tags);
        index.truncated.extend_from_slice(&part.truncated);
        cuts.events += part.cuts.events;
        ids.push(part_ids);
    }
    index.set_metadata(&tags);
    if cuts.is_empty() {
        return Some(index);
    }
    let mut first = 0;
    let mut passes = Vec::new();
    for ((file, part), ids) in files.iter().zip(&parts).zip(&ids) {
        let end = first + part.cuts.events;
        let tags = ids.iter().map(|id| cuts.tag(*id).clone()).collect();
        passes.push((file, first, RunCuts { tags, events: end, ..RunCuts::default() }));
        first = end;
    }
    let counted = map(threads, &passes, |(file, first, cuts)| {
        let mut counted = RunIndex::default();
        let mut scan = scan(run, file).starting_at(*first, cuts.clone());
        scan.for_each(|tags, entry| counted.add(tags, &entry)).ok().map(|()| counted)
    });
    let raw = index;
    let mut index = RunIndex::default();
    for (part, ids) in counted.into_iter().zip(&ids) {
        index.append(&part?, ids, &tags);
    }
    for (tag, all) in index.tags.iter_mut().zip(&raw.tags) {
        tag.superseded = all.points - tag.points;
    }
    index.set_metadata(&tags);
    (index.events, index.truncated) = (raw.events, raw.truncated);
    Some(index)
}

impl Tags {
    /// Adds the tags of a later file, and returns their numbers here. Returns `None` if what is a
    /// scalar there depends on the metadata here.
    pub(super) fn join(&mut self, later: &Tags) -> Option<Vec<TagId>> {
        let join = |id| {
            let metadata = later.metadata(id);
            let known = self.get(later.name(id)).map(|known| self.metadata(known));
            if let Some(known) = known.filter(|known| !known.is_empty()) {
                let (here, there) = (may_have_scalars(known), may_have_scalars(metadata));
                // Before its first metadata a tag may have scalars.
                if here != there || (!here && !later.is_described(id)) {
                    return None;
                }
            }
            Some(self.intern(later.name(id), later.kind(id), metadata))
        };
        later.iter().map(join).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::tests::{file, summary_at};
    use crate::wire::messages::{
        DataType, Event, SummaryMetadata, TensorProto, TensorShapeProto, summary,
        summary_metadata::PluginData, tensor_shape_proto::Dim,
    };
    use crate::writer::SummaryWriter;
    use proptest::prelude::*;

    /// Files with scalars and text of three tags, at these steps.
    fn write(dir: &Path, files: &[Vec<(usize, i64)>]) {
        for events in files {
            let writer = SummaryWriter::new(dir).unwrap();
            for &(tag, step) in events {
                match tag {
                    3 => writer.add_text("note", "hello", step),
                    tag => writer.add_scalar(&format!("tag{tag}"), (step % 5) as f32, step),
                }
            }
            writer.close().unwrap();
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn files_read_side_by_side_give_the_same(
            files in proptest::collection::vec(
                proptest::collection::vec((0usize..4, -3i64..12), 0..20), 2..5),
            more in proptest::collection::vec((0usize..4, -3i64..12), 0..20),
            cut in proptest::option::of(1u64..40),
        ) {
            let dir = tempfile::tempdir().unwrap();
            write(dir.path(), &files);
            let run = Run::open(dir.path()).unwrap();
            let paths = run.files().unwrap();
            if let Some(cut) = cut {
                let file = std::fs::OpenOptions::new().write(true).open(&paths[0]).unwrap();
                let len = file.metadata().unwrap().len();
                file.set_len(len - cut.min(len)).unwrap();
            }
            let mut followed = Vec::new();
            for points in [Points::Raw, Points::DataServer] {
                let run = run.clone().with_points(points).with_threads(1);
                let joined = index(&run, &paths, 3).unwrap();
                prop_assert_eq!(format!("{joined:#?}"), format!("{:#?}", run.index().unwrap()));
                let joined = scalars(&run, &paths, 3, None).unwrap();
                let expected = run.all_scalars().unwrap();
                prop_assert!(joined.iter().eq(expected.iter()));
                prop_assert!(joined.iter().map(|(_, tag)| tag.metadata()).eq(
                    expected.iter().map(|(_, tag)| tag.metadata())));
                let one = scalars(&run, &paths, 3, Some("tag1")).unwrap();
                prop_assert_eq!(one.get("tag1"), expected.get("tag1"));
                prop_assert_eq!(one.get("tag2"), None);
                followed.push((joined, expected));
            }
            write(dir.path(), &[more]);
            for (mut joined, mut expected) in followed {
                joined.refresh().unwrap();
                expected.refresh().unwrap();
                prop_assert!(joined.iter().eq(expected.iter()));
            }
        }
    }

    /// The forms in which an event can have a value, by number.
    fn value(form: usize, tag: usize, step: i64) -> Event {
        let value = match form {
            0 => summary::value::Value::SimpleValue((step % 5) as f32),
            form => {
                let sizes: &[i64] = if form % 2 == 0 { &[2] } else { &[] };
                let dim = sizes.iter().map(|&size| Dim { size, ..Dim::default() }).collect();
                summary::value::Value::Tensor(TensorProto {
                    dtype: DataType::DtFloat as i32,
                    tensor_shape: Some(TensorShapeProto { dim, ..TensorShapeProto::default() }),
                    float_val: vec![(step % 5) as f32],
                    ..TensorProto::default()
                })
            }
        };
        let plugin = ["", "", "", "scalars", "histograms", "histograms", "text", "text"][form];
        let metadata = SummaryMetadata {
            plugin_data: Some(PluginData { plugin_name: plugin.into(), ..PluginData::default() }),
            ..SummaryMetadata::default()
        };
        let metadata = (!plugin.is_empty()).then_some(metadata);
        let tag = format!("tag{tag}");
        summary_at(step, summary::Value { tag, metadata, value: Some(value), ..Default::default() })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn results_do_not_depend_on_the_number_of_threads(
            runs in proptest::collection::vec(
                proptest::collection::vec((0usize..8, 0usize..2, -1i64..6), 0..8), 3..5),
        ) {
            let dir = tempfile::tempdir().unwrap();
            let (last, first) = runs.split_last().unwrap();
            let write = |number: usize, events: &[(usize, usize, i64)]| {
                let events = events.iter().map(|&(form, tag, step)| value(form, tag, step));
                let path = dir.path().join(format!("events.out.tfevents.{number}"));
                std::fs::write(path, file(&events.collect::<Vec<_>>())).unwrap();
            };
            for (number, events) in first.iter().enumerate() {
                write(number, events);
            }
            let mut followed = Vec::new();
            for points in [Points::Raw, Points::DataServer, Points::PythonReader] {
                let one = Run::open(dir.path()).unwrap().with_points(points).with_threads(1);
                let files = files_from(&one, 4, 0);
                prop_assert_eq!(files.is_none(), points == Points::PythonReader);
                let several = files.as_deref();
                let read = |only| match several.and_then(|files| scalars(&one, files, 4, only)) {
                    Some(scalars) => scalars,
                    None => one.all_scalars().unwrap(),
                };
                let joined = several.and_then(|files| index(&one, files, 4));
                let joined = joined.unwrap_or_else(|| one.index().unwrap());
                let index = one.index().unwrap();
                prop_assert_eq!(format!("{joined:#?}"), format!("{index:#?}"));
                let (joined, expected) = (read(None), one.all_scalars().unwrap());
                prop_assert_eq!(format!("{:#?}", joined.iter().collect::<Vec<_>>()),
                    format!("{:#?}", expected.iter().collect::<Vec<_>>()));
                for (tag, scalars) in expected.iter() {
                    let counted = index.tag(tag).unwrap();
                    prop_assert_eq!(counted.metadata(), scalars.metadata());
                    let only = read(Some(tag));
                    prop_assert_eq!(only.get(tag), Some(scalars));
                }
                followed.push((joined, expected));
            }
            write(first.len(), last);
            for (mut joined, mut expected) in followed {
                joined.refresh().unwrap();
                expected.refresh().unwrap();
                prop_assert_eq!(format!("{:#?}", joined.iter().collect::<Vec<_>>()),
                    format!("{:#?}", expected.iter().collect::<Vec<_>>()));
            }
        }
    }

    #[test]
    fn another_kind_in_a_later_file_supersedes_scalars() {
        let dir = tempfile::tempdir().unwrap();
        let scalars: Vec<_> = (0..200).map(|step| value(0, 0, step)).collect();
        std::fs::write(dir.path().join("tfevents.0"), file(&scalars)).unwrap();
        for form in [2, 4, 6] {
            std::fs::write(dir.path().join("tfevents.1"), file(&[value(form, 0, 100)])).unwrap();
            let run = Run::open(dir.path()).unwrap();
            let files = run.files().unwrap();
            let joined = super::scalars(&run, &files, 2, None).unwrap();
            assert_eq!(joined["tag0"].len(), 100, "form {form}");
        }
    }

    #[test]
    fn only_large_files_are_read_side_by_side() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &[vec![(0, 1)], vec![(0, 2)]]);
        let run = Run::open(dir.path()).unwrap();
        assert_eq!(files(&run, 2), None);
        let large = std::fs::File::create(dir.path().join("z.tfevents")).unwrap();
        large.set_len(MIN_BYTES).unwrap();
        assert_eq!(files(&run, 2).map(|files| files.len()), Some(3));
        assert_eq!(files(&run, 1), None);
        assert_eq!(files(&run.with_points(Points::PythonReader), 2), None);
    }

    #[test]
    fn damage_is_left_to_the_pass_that_reports_it() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &[vec![(0, 1)], vec![(0, 2)]]);
        let run = Run::open(dir.path()).unwrap();
        let paths = run.files().unwrap();
        let mut bytes = std::fs::read(&paths[1]).unwrap();
        let len = bytes.len();
        bytes[len / 2] ^= 1;
        std::fs::write(&paths[1], bytes).unwrap();
        assert!(index(&run, &paths, 2).is_none());
        assert!(scalars(&run, &paths, 2, None).is_none());
    }

    #[test]
    fn results_are_in_the_order_of_the_items() {
        let items: Vec<_> = (0..100).collect();
        for threads in [1, 3, 200] {
            assert_eq!(
                map(threads, &items, |item| item * 2),
                items.iter().map(|i| i * 2).collect::<Vec<_>>()
            );
        }
    }
}
