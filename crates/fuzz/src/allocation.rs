//! How much memory a parser asks for at once.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Most bytes that a parser may ask for at once, whatever its input says of its own size: an image may have 40 million
/// pixels, with a few bytes each.
pub const MOST: usize = 1 << 30;

thread_local! {
    static LARGEST: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, which notes for each thread the largest block that it asks for. A program of tests has to
/// choose it as its global allocator; where none does, nothing is noted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Noting;

/// The bytes of the largest block that this thread has asked for since it was last asked about.
pub fn take_largest() -> usize {
    LARGEST.take()
}

fn note(size: usize) {
    // A thread that ends has no such cell any more.
    let _ = LARGEST.try_with(|largest| largest.set(largest.get().max(size)));
}

// SAFETY: the system's allocator does it all, and keeps the promises of one.
unsafe impl GlobalAlloc for Noting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size);
        // SAFETY: the caller's promise.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) }
    }
}
