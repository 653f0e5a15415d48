//! Large blocks: pages of their own, which go back to the system with the block.

use std::alloc::Layout;
use std::ptr;

/// Smaller blocks are the system allocator's business.
const LEAST: usize = 1 << 20;

/// Bytes of a large page; mappings begin at a multiple.
const LARGE_PAGE: usize = 2 << 20;

/// Bytes of any page.
const PAGE: usize = 4096;

/// Whether blocks of this layout are large ones.
#[inline]
pub(super) fn owns(layout: Layout) -> bool {
    layout.size() >= LEAST && layout.align() <= PAGE
}

/// Bytes that are mapped for a block of `size`: whole pages.
#[inline]
pub(super) fn room(size: usize) -> usize {
    // A layout's size is at most half of what a word can say.
    size.next_multiple_of(PAGE)
}

/// A block of `size` bytes, all zero, or null where there is no memory. A page is made when it is first
/// used.
pub(super) fn allocate(size: usize) -> *mut u8 {
    let room = room(size);
    let Some(reserved) = room.checked_add(LARGE_PAGE) else {
        return ptr::null_mut();
    };
    // SAFETY: a new mapping, of which only the pages around the block are given back.
    unsafe {
        let start = libc::mmap(
            ptr::null_mut(),
            reserved,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        );
        if start == libc::MAP_FAILED {
            return ptr::null_mut();
        }
        let skipped = start.cast::<u8>().align_offset(LARGE_PAGE);
        let block = start.cast::<u8>().add(skipped);
        if skipped > 0 {
            libc::munmap(start, skipped);
        }
        libc::munmap(block.add(room).cast(), LARGE_PAGE - skipped);
        // A refusal is no harm.
        libc::madvise(block.cast(), room, libc::MADV_HUGEPAGE);
        block
    }
}

/// Takes a block of `size` bytes back.
///
/// # Safety
/// The block came from [`allocate`] with a size of the same [`room`], and nobody uses it any more.
pub(super) unsafe fn release(block: *mut u8, size: usize) {
    // SAFETY: the caller's promise.
    unsafe { libc::munmap(block.cast(), room(size)) };
}
