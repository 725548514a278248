//! Reduced runs as a log directory for TensorBoard.

use super::{Args, Group};
use crate::output::numbers::count;
use crate::output::terminal;
use crate::paths;
use crate::stats::Op;
use anyhow::{Context, bail};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use tfevents::SummaryWriter;
use tfevents::summary::{Chart, ChartLayout, Scalar, Summary, WallTime};

/// Where the edges of a band come from.
enum Band {
    /// So many times a spread below and above the first statistic.
    Spread(usize),
    /// Two statistics: lower and upper edge.
    Edges(usize, usize),
}

/// Chooses a band around the first statistic: of the others the first spread, else the outermost
/// two quantiles or extremes.
fn band(ops: &[(Op, String)]) -> Option<Band> {
    let rest = || ops.iter().enumerate().skip(1);
    let spread = rest().find(|(_, (op, _))| matches!(op, Op::Std | Op::Sem));
    if let Some((at, _)) = spread {
        return Some(Band::Spread(at));
    }
    let mut ranks: Vec<_> = rest()
        .filter_map(|(at, (op, _))| match op {
            Op::Min => Some((0.0, at)),
            Op::Max => Some((1.0, at)),
            Op::Quantile(q) => Some((*q, at)),
            _ => None,
        })
        .collect();
    ranks.sort_by(|a, b| a.0.total_cmp(&b.0));
    match (ranks.first(), ranks.last()) {
        (Some(&(low, lower)), Some(&(high, upper))) if low < 0.5 && high > 0.5 => {
            Some(Band::Edges(lower, upper))
        }
        _ => None,
    }
}

/// Writes a run for each group, into a directory that appears when all are written.
pub(super) fn write(
    groups: impl Iterator<Item = Group>,
    out: &Path,
    args: &Args,
) -> anyhow::Result<()> {
    if fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{} is not empty (expected a new log directory)", out.display());
    }
    let temporary = Temporary::beside(out)?;
    let mut taken = HashSet::new();
    let (mut runs, mut points) = (0u64, 0u64);
    for group in groups {
        let mut dir = paths::inside(&temporary.0, &group.name);
        while !taken.insert(dir.clone()) {
            dir.as_mut_os_string().push("_");
        }
        points += write_group(&group, &dir, args)
            .with_context(|| format!("failed to write the run {:?}", group.name))?;
        runs += 1;
        group.report();
    }
    let renamed = fs::remove_dir(out).or(Ok(())).and_then(|()| fs::rename(&temporary.0, out));
    renamed.with_context(|| format!("failed to create {}", out.display()))?;
    let (runs, points) = (count(runs, "run"), count(points, "point"));
    terminal::note(format_args!("wrote {runs} with {points} to {}", out.display()));
    Ok(())
}

/// A directory that is removed unless it gets another name before.
struct Temporary(PathBuf);

impl Temporary {
    fn beside(path: &Path) -> anyhow::Result<Self> {
        let name = path.file_name().context("expected the name of a directory")?;
        let mut temporary = std::ffi::OsString::from(".");
        temporary.push(name);
        temporary.push(format!(".{}.tmp", std::process::id()));
        let temporary = path.with_file_name(temporary);
        fs::create_dir_all(&temporary)
            .with_context(|| format!("failed to create {}", temporary.display()))?;
        Ok(Self(temporary))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // There is nothing any more if it was renamed.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn write_group(group: &Group, dir: &Path, args: &Args) -> anyhow::Result<u64> {
    let writer = SummaryWriter::new(dir)?;
    let band = band(&args.ops);
    let mut charts = Vec::new();
    let mut points = 0;
    for series in &group.tags {
        let tag = &series.tag;
        // The first statistic has the tag of the runs, so that both can be drawn in one chart.
        let tags: Vec<String> = args
            .ops
            .iter()
            .enumerate()
            .map(|(at, (_, op))| if at == 0 { tag.clone() } else { format!("{tag}/{op}") })
            .collect();
        let edges = match &band {
            Some(Band::Spread(at)) => {
                let (first, spread) = (&args.ops[0].1, &args.ops[*at].1);
                Some((format!("{tag}/{first}-{spread}"), format!("{tag}/{first}+{spread}")))
            }
            Some(Band::Edges(lower, upper)) => Some((tags[*lower].clone(), tags[*upper].clone())),
            None => None,
        };
        // A chart names its curves by their tags.
        if let Some((lower, upper)) = edges.as_ref().filter(|_| !tag.is_empty()) {
            charts.push(Chart::bands(
                tag.as_str(),
                [(tag.as_str(), lower.as_str(), upper.as_str())],
            )?);
        }
        for ((step, values), &wall_time) in series.steps().zip(&series.wall_times) {
            let time = WallTime::try_from_secs_f64(wall_time).unwrap_or_else(|_| WallTime::now());
            let computed: Vec<_> =
                args.ops.iter().map(|(op, _)| op.of(values, args.ddof)).collect();
            for ((value, tag), (_, op)) in computed.iter().zip(&tags).zip(&args.ops) {
                let Some(value) = value else { continue };
                let description = format!("{op} of {}", count(group.runs as u64, "run"));
                let scalar = Scalar::new(*value).with_metadata().description(description);
                writer.add_at(tag, &scalar, step, time);
                points += 1;
            }
            if let (Some(Band::Spread(at)), Some((lower, upper))) = (&band, &edges)
                && let (Some(center), Some(spread)) = (computed[0], computed[*at])
            {
                writer.add_at(lower, &Scalar::new(center - spread), step, time);
                writer.add_at(upper, &Scalar::new(center + spread), step, time);
            }
        }
    }
    if !charts.is_empty() {
        writer.add_custom_scalars(&ChartLayout::new().category("Reduced", charts));
    }
    writer.close()?;
    let dropped = writer.stats().dropped;
    anyhow::ensure!(dropped == 0, "{} dropped: the disk is too slow", count(dropped, "point"));
    Ok(points)
}
