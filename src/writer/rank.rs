//! Trainings of several processes: which of them log, and where.

use std::path::{Path, PathBuf};

/// The environment variables that launchers set, in the order in which they are read: torchrun and
/// most others, Slurm, Open MPI, and MPICH.
const VARIABLES: [&str; 4] = ["RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK"];

/// The rank of a process in a distributed training: 0 for the first one.
///
/// ```
/// use tfevents::{Rank, RankDirs, SummaryWriter};
///
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path();
/// let writer = SummaryWriter::builder(path).rank(Rank::from_env(), RankDirs::First).build()?;
/// writer.add_scalar("loss", 0.5, 0); // logs nothing in ranks other than 0
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[doc(alias = "rank_zero_only")]
pub struct Rank(u32);

/// Which ranks of a training log, and into which directories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RankDirs {
    /// Rank 0 logs into the writer's directory. The others get a
    /// [disabled](crate::SummaryWriter::disabled) writer.
    #[default]
    First,
    /// Each rank logs into its own directory below the writer's, such as `rank-003`, which TensorBoard
    /// shows as a run of its own.
    Each,
}

impl Rank {
    /// Creates a rank.
    ///
    /// ```
    /// assert_eq!(tfevents::Rank::new(3).index(), 3);
    /// ```
    pub fn new(index: u32) -> Self {
        Self(index)
    }

    /// Returns the rank that the launcher of this process set in the environment: the first of `RANK`,
    /// `SLURM_PROCID`, `OMPI_COMM_WORLD_RANK` and `PMI_RANK` that is set, and 0 if none is. A value that
    /// is not a number is ignored, with a warning in the log.
    ///
    /// ```
    /// let rank = tfevents::Rank::from_env();
    /// ```
    pub fn from_env() -> Self {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    fn from_variables(get: impl Fn(&str) -> Option<String>) -> Self {
        for name in VARIABLES {
            let Some(value) = get(name) else { continue };
            match value.trim().parse() {
                Ok(index) => return Self(index),
                Err(_) => {
                    log::warn!("{name} is ignored: {value:?} (expected the number of a rank)")
                }
            }
        }
        Self(0)
    }

    /// Returns the number of the rank.
    ///
    /// ```
    /// assert_eq!(tfevents::Rank::default().index(), 0);
    /// ```
    pub fn index(self) -> u32 {
        self.0
    }

    /// Returns the directory that this rank logs into; `None` if it does not log.
    pub(super) fn dir(self, dir: &Path, dirs: RankDirs) -> Option<PathBuf> {
        match dirs {
            RankDirs::First => (self.0 == 0).then(|| dir.to_owned()),
            RankDirs::Each => Some(dir.join(format!("rank-{:03}", self.0))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rank_is_that_of_the_launcher() {
        let rank = |set: &[(&str, &str)]| {
            let get = |name: &str| set.iter().find(|(known, _)| *known == name);
            Rank::from_variables(|name| get(name).map(|(_, value)| (*value).to_owned())).index()
        };
        assert_eq!(rank(&[]), 0);
        for name in VARIABLES {
            assert_eq!(rank(&[(name, "7")]), 7);
        }
        assert_eq!(rank(&[("SLURM_PROCID", "2"), ("RANK", "1")]), 1);
        assert_eq!(rank(&[("RANK", ""), ("PMI_RANK", "12 ")]), 12);
        assert_eq!(rank(&[("RANK", "-1")]), 0);
    }

    #[test]
    fn directories_of_ranks_sort_by_number() {
        let dir = |index, dirs| Rank::new(index).dir(Path::new("runs"), dirs);
        assert_eq!(dir(0, RankDirs::First), Some("runs".into()));
        assert_eq!(dir(1, RankDirs::First), None);
        assert_eq!(dir(0, RankDirs::Each), Some("runs/rank-000".into()));
        assert_eq!(dir(1234, RankDirs::Each), Some("runs/rank-1234".into()));
    }
}
