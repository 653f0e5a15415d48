//! Where the program's memory comes from: the system's allocator, which is told to use large pages for large
//! blocks.
//!
//! A training step walks through many megabytes of weights; with pages of four kilobytes a good part of the
//! time goes into finding out where each page lies.

use std::alloc::{GlobalAlloc, Layout, System};

/// Blocks of at least this many bytes lie in large pages: one page.
const LARGE: usize = 2 << 20;

/// The system's allocator, with large pages where the system offers them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Memory;

// SAFETY: every request goes to the system's allocator unchanged; the advice given afterwards changes no
// contents and no addresses.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        advise(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        advise(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise; the block is the system's.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise; the block is the system's.
        advise(unsafe { System.realloc(block, layout, size) }, size)
    }
}

/// Asks for large pages for the whole ones among a block's.
#[cfg(target_os = "linux")]
#[inline]
fn advise(block: *mut u8, size: usize) -> *mut u8 {
    if size >= LARGE && !block.is_null() {
        let skipped = block.align_offset(LARGE);
        let inside = size.saturating_sub(skipped) / LARGE * LARGE;
        if inside > 0 {
            // SAFETY: the range lies within the block; a refusal is no harm.
            unsafe { libc::madvise(block.add(skipped).cast(), inside, libc::MADV_HUGEPAGE) };
        }
    }
    block
}

#[cfg(not(target_os = "linux"))]
#[inline]
fn advise(block: *mut u8, _size: usize) -> *mut u8 {
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_every_size_hold_what_is_written() {
        for size in [1, 4096, LARGE - 1, LARGE, 5 * LARGE + 7] {
            let layout = Layout::array::<u8>(size).unwrap();
            // SAFETY: the layout is not empty; the block is used within its size and given back once.
            unsafe {
                let block = Memory.alloc_zeroed(layout);
                assert!(
                    std::slice::from_raw_parts(block, size)
                        .iter()
                        .all(|&x| x == 0)
                );
                block.write_bytes(7, size);
                let block = Memory.realloc(block, layout, 2 * size);
                assert!(
                    std::slice::from_raw_parts(block, size)
                        .iter()
                        .all(|&x| x == 7)
                );
                Memory.dealloc(block, Layout::array::<u8>(2 * size).unwrap());
            }
        }
    }
}
