//! The process that a writer belongs to.
//!
//! After a `fork` the child has a copy of the writer's memory, but none of its threads, and the
//! event files are the parent's: whatever the child wrote would lie in the middle of what the
//! parent writes.

/// The process that made a writer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Process(u32);

impl Process {
    pub(super) fn this() -> Self {
        Self(std::process::id())
    }

    /// Whether this is another one now. Asks the operating system.
    pub(super) fn is_other(self) -> bool {
        std::process::id() != self.0
    }

    pub(super) fn id(self) -> u32 {
        self.0
    }
}
