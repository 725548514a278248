//! `extract`: images, sounds, text, tensors and graphs as files.

use super::export::{audio_type, image_type};
use crate::outcome::{Outcome, Result};
use crate::output::numbers::count;
use crate::output::{file::NewFile, npy, terminal};
use crate::paths;
use crate::progress::Progress;
use crate::selection::{Dirs, Filter, Range};
use crate::source::{Damage, visit};
use anyhow::{Context, bail};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use tfevents::read::{Entry, GraphFormat, Payload, TextValue, Value, ValueData};

/// Extract images, sounds, text, meshes, tensors and graphs into files
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Files are OUT/<run>/<tag>/<step>[-i].<ext>: images and sounds as they are, text as .md, meshes and
tensors as .npy, graphs as .pb or .json. Characters that a file system may not have become '_'.

Examples:
  tfevents extract logs -o media
  tfevents extract logs -t '^val/sample' --last 1 -o media
  tfevents extract logs -t sample -o media && ffmpeg -i media/train/sample/%d.png sample.mp4")]
pub(crate) struct Args {
    #[command(flatten)]
    dirs: Dirs,
    /// The directory to extract into; nothing is written outside of it
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// Overwrite files
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    range: Range,
}

pub(crate) fn run(args: &Args) -> Result {
    let runs = args.dirs.find(&args.filter, args.range.points())?;
    let mut target = Target {
        out: &args.output,
        force: args.force,
        dirs: HashMap::new(),
        taken: HashSet::new(),
        written: HashSet::new(),
        files: 0,
        invalid: Vec::new(),
    };
    let progress = Progress::start(runs.len());
    let mut damages = Vec::new();
    for found in &runs {
        let mut damage = Damage::new(found);
        // The reading cannot be interrupted: after an error it only goes on to the end.
        let mut result = Ok(());
        visit(&found.run, &args.filter, &args.range, &mut damage, |tags, entry| {
            if result.is_ok() {
                result = match &entry {
                    Entry::Value { tag, step, value, .. } => {
                        target.extract(&found.name, tags.name(*tag), *step, value)
                    }
                    Entry::Event(event) => match event.payload() {
                        Payload::Graph(graph) => target.write(
                            &found.name,
                            "graph",
                            event.step(),
                            &[(graph.into(), "pb")],
                        ),
                        Payload::RunMetadata(traced) => {
                            let file = (Cow::from(&traced.content), "pb");
                            target.write(&found.name, &traced.tag, event.step(), &[file])
                        }
                        _ => Ok(()),
                    },
                    _ => Ok(()),
                };
            }
        });
        damages.push(damage);
        result?;
    }
    drop(progress);
    damages.iter().for_each(Damage::report);
    for invalid in target.invalid.iter().take(10) {
        terminal::warning(invalid);
    }
    if let Some(more @ 1..) = target.invalid.len().checked_sub(10) {
        terminal::warning(count(more as u64, "more invalid value"));
    }
    let files = count(target.files, "file");
    terminal::note(format_args!("extracted {files} to {}", args.output.display()));
    Ok(Outcome::Success)
}

/// Where files go.
struct Target<'a> {
    out: &'a Path,
    force: bool,
    /// By run and tag: the directory.
    dirs: HashMap<(String, String), PathBuf>,
    /// The directories of other tags, in lower case: some file systems do not tell cases apart.
    taken: HashSet<String>,
    /// The files of this call.
    written: HashSet<PathBuf>,
    files: u64,
    invalid: Vec<String>,
}

impl Target<'_> {
    fn extract(
        &mut self,
        run: &str,
        tag: &str,
        step: i64,
        value: &Value<'_>,
    ) -> anyhow::Result<()> {
        let data = match value.data() {
            Ok(data) => data,
            Err(error) => {
                self.invalid.push(format!("{run}: tag {tag:?} at step {step}: {error}"));
                return Ok(());
            }
        };
        let tensor = match &data {
            ValueData::Images(images) => {
                let files: Vec<_> =
                    images.encoded.iter().map(|image| (image.clone(), image_type(image))).collect();
                return self.write(run, tag, step, &files);
            }
            ValueData::Audio(audio) => {
                let files: Vec<_> =
                    audio.encoded.iter().map(|sound| (sound.clone(), audio_type(sound))).collect();
                return self.write(run, tag, step, &files);
            }
            ValueData::Text(text) => {
                let text = markdown(text).into_bytes();
                return self.write(run, tag, step, &[(text.into(), "md")]);
            }
            ValueData::Graph(graph) => {
                let is_json = graph.format == GraphFormat::KerasJson;
                let extension = if is_json { "json" } else { "pb" };
                return self.write(run, tag, step, &[(graph.bytes.clone(), extension)]);
            }
            ValueData::Mesh(part) => &part.tensor,
            ValueData::Tensor(tensor) => tensor,
            _ => return Ok(()),
        };
        match npy::encode(tensor) {
            Some(bytes) => self.write(run, tag, step, &[(bytes.into(), "npy")]),
            None => {
                let (data_type, shape) = (tensor.data_type(), tensor.shape());
                let text = format!("no array of {data_type}, shape {shape:?}");
                self.invalid.push(format!("{run}: tag {tag:?} at step {step}: {text}"));
                Ok(())
            }
        }
    }

    /// Writes the files of a value.
    fn write(
        &mut self,
        run: &str,
        tag: &str,
        step: i64,
        files: &[(Cow<'_, [u8]>, &str)],
    ) -> anyhow::Result<()> {
        let dir = self.dir(run, tag)?;
        for (at, (bytes, extension)) in files.iter().enumerate() {
            let index = if files.len() > 1 { format!("-{at}") } else { String::new() };
            let mut path = dir.join(format!("{step}{index}.{extension}"));
            // Another value of the same tag and step, with --raw.
            for number in 2.. {
                if self.written.insert(path.clone()) {
                    break;
                }
                path = dir.join(format!("{step}{index}~{number}.{extension}"));
            }
            if !self.force && fs::symlink_metadata(&path).is_ok() {
                bail!("{} is there already (expected a new file, or --force)", path.display());
            }
            let mut file = NewFile::create(&path)?;
            let written = file.write_all(bytes).and_then(|()| file.finish());
            written.with_context(|| format!("failed to write {}", path.display()))?;
            self.files += 1;
        }
        Ok(())
    }

    /// Returns an error if a directory below the one to extract into is a symbolic link, which may
    /// lead out of it.
    fn refuse_links(&self, dir: &Path) -> anyhow::Result<()> {
        let mut path = self.out.to_owned();
        for name in dir.strip_prefix(self.out)? {
            path.push(name);
            if fs::symlink_metadata(&path).is_ok_and(|found| found.is_symlink()) {
                bail!("{} is a symbolic link (expected a directory)", path.display());
            }
        }
        Ok(())
    }

    /// Returns the directory of a tag, which is its own.
    fn dir(&mut self, run: &str, tag: &str) -> anyhow::Result<PathBuf> {
        let key = (run.to_owned(), tag.to_owned());
        if let Some(dir) = self.dirs.get(&key) {
            return Ok(dir.clone());
        }
        let first = paths::inside(&paths::inside(self.out, run), tag);
        let mut dir = first.clone();
        for number in 2.. {
            if self.taken.insert(dir.to_string_lossy().to_lowercase()) {
                break;
            }
            let mut name = first.file_name().unwrap_or_default().to_owned();
            name.push(format!("~{number}"));
            dir = first.with_file_name(name);
        }
        self.refuse_links(&dir)?;
        fs::create_dir_all(&dir).with_context(|| format!("failed to create {}", dir.display()))?;
        self.dirs.insert(key, dir.clone());
        Ok(dir)
    }
}

/// Returns text as Markdown: a single string as it is, rows and columns as a table.
fn markdown(text: &TextValue<'_>) -> String {
    let strings = &text.strings;
    let columns = match text.shape.as_slice() {
        [] | [_] => 1,
        [.., columns] => usize::try_from(*columns).unwrap_or(1).max(1),
    };
    if text.shape.is_empty() {
        return strings.concat();
    }
    let cell = |text: &str| text.replace('|', "\\|").replace(['\n', '\r'], " ");
    let mut table = format!("|{}\n|{}\n", "  |".repeat(columns), "---|".repeat(columns));
    for row in strings.chunks(columns) {
        let row: Vec<_> = row.iter().map(|text| cell(text)).collect();
        table.push_str(&format!("| {} |\n", row.join(" | ")));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_that_become_the_same_have_directories_of_their_own() {
        let out = tempfile::tempdir().unwrap();
        let mut target = Target {
            out: out.path(),
            force: false,
            dirs: HashMap::new(),
            taken: HashSet::new(),
            written: HashSet::new(),
            files: 0,
            invalid: Vec::new(),
        };
        let mut dir = |run, tag| {
            let dir = target.dir(run, tag).unwrap();
            dir.strip_prefix(out.path()).unwrap().to_string_lossy().replace('\\', "/")
        };
        assert_eq!(dir("train", "a:b"), "train/a_b");
        assert_eq!(dir("train", "a?b"), "train/a_b~2");
        assert_eq!(dir("train", "A_B"), "train/A_B~3");
        assert_eq!(dir("train", "a:b"), "train/a_b");
        assert_eq!(dir(".", "train/a_b"), "train/a_b~4");
        assert_eq!(dir("..", "../../x"), "__/__/__/x");
    }
}
