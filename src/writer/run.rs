//! One run, whoever logs into it.

use super::SummaryWriter;
use super::core::Core;
use super::layout::RunLayout;
use super::queue::RunKey;
use super::sync::Mutex;
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

/// What all clones of a writer share.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) core: Arc<Core>,
    pub(super) key: RunKey,
    /// As the user gave it.
    pub(super) path: Arc<Path>,
    /// The same, wherever the process goes later.
    pub(super) dir: Arc<Path>,
    pub(super) is_root: bool,
    /// Shared with whatever writes this run later, so that its charts go on adding up.
    pub(super) layout: OnceLock<Arc<Mutex<RunLayout>>>,
    /// The child runs that hold one curve each; none for one that cannot be opened.
    pub(super) curves: Mutex<HashMap<String, Option<SummaryWriter>>>,
    /// Held while its projector's config is read and written.
    pub(super) config: Arc<Mutex<()>>,
    /// Its hyperparameters were logged, and not yet how it ended.
    pub(super) in_session: AtomicBool,
}

impl Run {
    pub(super) fn new(
        core: Arc<Core>,
        key: RunKey,
        path: Arc<Path>,
        dir: Arc<Path>,
        is_root: bool,
    ) -> Self {
        let (layout, curves, in_session) =
            (OnceLock::new(), Mutex::default(), AtomicBool::new(false));
        let config = Arc::default();
        Self { core, key, path, dir, is_root, layout, curves, config, in_session }
    }

    pub(super) fn layout(&self) -> &Mutex<RunLayout> {
        self.layout.get_or_init(|| {
            let mut layouts = self.core.layouts.lock();
            layouts.entry(self.dir.to_path_buf()).or_default().clone()
        })
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // A lock may have been somebody's when this process was forked.
        if self.core.queue.is_forked() {
            return;
        }
        self.end_session_now();
        if !self.is_root {
            let mut runs = self.core.runs.lock();
            // Somebody may have asked for the same run anew since.
            if runs.get(&*self.dir).is_some_and(|run| run.strong_count() == 0) {
                runs.remove(&*self.dir);
            }
        }
        self.core.queue.forget_run(self.key);
    }
}
