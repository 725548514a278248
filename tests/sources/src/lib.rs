//! What the tests share: a logger that keeps its records, and an allocator that counts.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::{Mutex, PoisonError};

static RECORDS: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Keeper;

impl log::Log for Keeper {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        RECORDS.lock().unwrap_or_else(PoisonError::into_inner).push(record.args().to_string());
    }

    fn flush(&self) {}
}

/// Keeps the records of the `log` facade from now on.
pub fn keep_records() {
    static KEEPER: Keeper = Keeper;
    if log::set_logger(&KEEPER).is_ok() {
        log::set_max_level(log::LevelFilter::Warn);
    }
}

/// Returns the records that contain `text`, those of other tests left out by its choice.
pub fn records(text: &str) -> Vec<String> {
    let records = RECORDS.lock().unwrap_or_else(PoisonError::into_inner);
    records.iter().filter(|record| record.contains(text)).cloned().collect()
}

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, which counts the allocations of each thread.
pub struct CountingAllocator;

// SAFETY: every call is passed on to the system's allocator.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // A thread that ends counts no more.
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's layout.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's pointer and layout, of the same allocator.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Returns how often this thread allocated while `work` ran.
pub fn allocations(work: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.with(Cell::get);
    work();
    ALLOCATIONS.with(Cell::get) - before
}
