//! Counts allocations, but only while asked to: a counter that always runs would make the peers
//! that allocate look slower than they are.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

pub struct Counting;

static ON: AtomicBool = AtomicBool::new(false);
static ALL: AtomicU64 = AtomicU64::new(0);

thread_local! {
    // Made without allocating and without a destructor, so the allocator may use it.
    static HERE: Cell<u64> = const { Cell::new(0) };
}

/// The number of allocations.
#[derive(Clone, Copy, Debug)]
pub struct Count {
    /// By the thread that called [`during`].
    pub caller: u64,
    /// By all threads.
    pub all: u64,
}

/// Runs `work` and counts the allocations meanwhile.
pub fn during(work: impl FnOnce()) -> Count {
    let (caller, all) = (HERE.get(), ALL.load(Relaxed));
    ON.store(true, Relaxed);
    work();
    ON.store(false, Relaxed);
    Count { caller: HERE.get() - caller, all: ALL.load(Relaxed) - all }
}

#[inline]
fn note() {
    if ON.load(Relaxed) {
        ALL.fetch_add(1, Relaxed);
        // A thread that is ending has no counter any more.
        let _ = HERE.try_with(|count| count.set(count.get() + 1));
    }
}

// SAFETY: every call goes to the system's allocator unchanged; counting neither allocates nor
// unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: the caller keeps the contract of the same function.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        note();
        // SAFETY: as above.
        unsafe { System.realloc(ptr, layout, new_size) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(ptr, layout) }
    }
}
