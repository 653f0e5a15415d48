//! Where the program's memory comes from: the system's allocator for small blocks, one stretch of addresses whose
//! pages are kept for large ones.
//!
//! The system's allocator keeps large blocks that were given back in a heap, where what lies between them
//! keeps it from shrinking, and puts them where they fit, so that few of their pages can be large ones. But
//! a training step walks through many megabytes of weights; with pages of four kilobytes a good part of the
//! time goes into finding out where each page lies. And new pages cost more than filling them, so those of large
//! blocks that were given back are used again by blocks of any size, as long as that hardly raises the most memory that
//! is ever taken.

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod arena;

use std::alloc::{GlobalAlloc, Layout, System};

/// Smaller blocks are the system allocator's business.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
const LEAST: usize = 1 << 20;

/// The program's allocator.
#[derive(Debug, Clone, Copy, Default)]
pub struct Memory;

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
impl Memory {
    /// A large block, or null where blocks of this layout are the system allocator's business.
    #[inline]
    fn large(layout: Layout, zeroed: bool) -> *mut u8 {
        if layout.size() < LEAST || layout.align() > arena::PAGE {
            return std::ptr::null_mut();
        }
        arena::allocate(layout.size(), zeroed)
    }
}

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
// SAFETY: a block's address alone says who owns it, so it goes back where it came from; both owners keep the
// promises of an allocator.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let large = Self::large(layout, false);
        if !large.is_null() {
            return large;
        }
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let large = Self::large(layout, true);
        if !large.is_null() {
            return large;
        }
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise; the layout is the one that the block was asked for with.
        unsafe {
            if arena::holds(block) {
                arena::release(block, layout.size());
            } else {
                System.dealloc(block, layout);
            }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let held = arena::holds(block);
        if held && arena::room(layout.size()) == arena::room(size) {
            return block;
        }
        // SAFETY: the caller promises that the size is valid for this alignment; the new block has room for what is
        // copied, and apart from the system's own the blocks do not overlap.
        unsafe {
            if !held && size < LEAST {
                return System.realloc(block, layout, size);
            }
            let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                moved.copy_from_nonoverlapping(block, layout.size().min(size));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
// SAFETY: every request goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { System.realloc(block, layout, size) }
    }
}

/// Gives the pages that no block uses back to the system, where it can.
pub fn trim() {
    #[cfg(all(target_os = "linux", target_pointer_width = "64"))]
    arena::trim();
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: the function may be called at any time.
    unsafe {
        libc::malloc_trim(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_every_size_hold_what_is_written() {
        let large = 1 << 20;
        for size in [1, 4096, large - 1, large, 2 * large + 1, 5 * large + 7] {
            let layout = Layout::array::<u8>(size).unwrap();
            // SAFETY: the layout is not empty; the block is used within its size and given back once.
            unsafe {
                for _ in 0..3 {
                    let block = Memory.alloc_zeroed(layout);
                    let numbers = |count| std::slice::from_raw_parts(block, count);
                    assert!(numbers(size).iter().all(|&x| x == 0));
                    block.write_bytes(7, size);
                    Memory.dealloc(block, layout);
                }
                let block = Memory.alloc(layout);
                block.write_bytes(7, size);
                let block = Memory.realloc(block, layout, 2 * size);
                let numbers = std::slice::from_raw_parts(block, size);
                assert!(numbers.iter().all(|&x| x == 7));
                let half = size.div_ceil(2);
                let block = Memory.realloc(block, Layout::array::<u8>(2 * size).unwrap(), half);
                let numbers = std::slice::from_raw_parts(block, half);
                assert!(numbers.iter().all(|&x| x == 7));
                Memory.dealloc(block, Layout::array::<u8>(half).unwrap());
            }
        }
    }

    #[test]
    fn trimming_harms_nobody() {
        let kept = vec![3; 100_000];
        trim();
        assert!(kept.iter().all(|&x| x == 3));
    }
}
