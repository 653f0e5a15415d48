//! Large blocks: pages of their own, kept for the next block of like size.

use std::alloc::Layout;
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Smaller blocks are the system allocator's business.
const LEAST: usize = 1 << 20;

/// Bytes of a large page; mappings begin at a multiple.
const LARGE_PAGE: usize = 2 << 20;

/// Bytes of any page, and what blocks may be aligned to.
const PAGE: usize = 4096;

/// More bytes than any machine has.
const ABSURD: usize = 1 << 56;

/// An idle block is kept while so many others are asked for.
const PATIENCE: u64 = 512;

/// All blocks together, idle ones too, take by this part less than those in use once took: of a block in use some
/// pages were never written, of an idle one all may have been.
const RESERVE: usize = 8;

/// Whether blocks of this layout are large ones.
#[inline]
pub(super) fn owns(layout: Layout) -> bool {
    layout.size() >= LEAST && layout.align() <= PAGE
}

/// Bytes that are mapped for a block of `size`: an eighth more at most, so that blocks of like size are
/// alike.
#[inline]
pub(super) fn room(size: usize) -> usize {
    // A layout's size is at most half of what a word can say. Whole pages, for large blocks.
    size.next_multiple_of((1 << size.ilog2()) / 8)
}

/// A block that nobody uses. It begins where a mapping did.
#[derive(Clone, Copy)]
struct Block {
    start: *mut u8,
    room: usize,
    /// When it came.
    came: u64,
}

/// Which blocks there are.
struct Blocks {
    /// Those that nobody uses, the latest last. No list grows here: this is where lists come from.
    idle: [Block; Blocks::MOST],
    count: usize,
    /// Bytes of idle blocks.
    spare: usize,
    /// Bytes of the others, and the most there ever were.
    used: usize,
    peak: usize,
    /// How many were asked for.
    time: u64,
}

// SAFETY: an idle block belongs to whoever holds the list.
unsafe impl Send for Blocks {}

static BLOCKS: Mutex<Blocks> = Mutex::new(Blocks::new());

impl Blocks {
    /// Most idle blocks.
    const MOST: usize = 128;

    const fn new() -> Self {
        let none = Block {
            start: ptr::null_mut(),
            room: 0,
            came: 0,
        };
        Self {
            idle: [none; Self::MOST],
            count: 0,
            spare: 0,
            used: 0,
            peak: 0,
            time: 0,
        }
    }

    /// Takes out the idle block at `index`.
    fn remove(&mut self, index: usize) -> Block {
        let block = self.idle[index];
        self.idle.copy_within(index + 1..self.count, index);
        self.count -= 1;
        self.spare -= block.room;
        block
    }

    /// The latest idle block with just this room, which the caches may still hold. Without one there will be
    /// a new one, and idle blocks make way for it: what is kept must not raise the most memory that is ever taken.
    fn take(&mut self, room: usize) -> Option<Block> {
        self.time += 1;
        let of_room = |block: &Block| block.room == room;
        let found = self.idle[..self.count].iter().rposition(of_room);
        if let Some(index) = found {
            self.count_in(room);
            return Some(self.remove(index));
        }
        let most = self.peak - self.peak / RESERVE;
        while self.count > 0 && self.used + room + self.spare > most {
            unmap(self.remove(0));
        }
        None
    }

    /// Somebody uses another block.
    fn count_in(&mut self, room: usize) {
        self.used += room;
        self.peak = self.peak.max(self.used);
    }

    /// Keeps a block that was used.
    fn keep(&mut self, start: *mut u8, room: usize) {
        self.used -= room;
        let now = self.time;
        let stale = |block: &Block| now - block.came > PATIENCE;
        while self.count == Self::MOST || (self.count > 0 && stale(&self.idle[0])) {
            unmap(self.remove(0));
        }
        self.idle[self.count] = Block {
            start,
            room,
            came: self.time,
        };
        self.count += 1;
        self.spare += room;
    }
}

fn blocks() -> MutexGuard<'static, Blocks> {
    // Nothing here panics.
    BLOCKS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A block of `size` bytes, or null where there is no memory; all zero if asked for. A page is made when it is
/// first used.
pub(super) fn allocate(size: usize, zeroed: bool) -> *mut u8 {
    if size > ABSURD {
        return ptr::null_mut();
    }
    let room = room(size);
    let found = blocks().take(room);
    match found {
        Some(block) => {
            if zeroed {
                // SAFETY: the block has room for `size` bytes, and nobody else uses it.
                unsafe { block.start.write_bytes(0, size) };
            }
            block.start
        }
        None => {
            let block = map(room);
            if !block.is_null() {
                blocks().count_in(room);
            }
            block
        }
    }
}

/// Takes a block of `size` bytes back.
///
/// # Safety
/// The block came from [`allocate`] with a size of the same [`room`], and nobody uses it any more.
pub(super) unsafe fn release(block: *mut u8, size: usize) {
    blocks().keep(block, room(size));
}

/// Gives all idle blocks back to the system, and forgets how much was once used.
pub(super) fn trim() {
    let mut blocks = blocks();
    while blocks.count > 0 {
        unmap(blocks.remove(0));
    }
    blocks.peak = blocks.used;
}

/// New pages, all zero, or null.
fn map(room: usize) -> *mut u8 {
    let reserved = room + LARGE_PAGE;
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

fn unmap(block: Block) {
    // SAFETY: an idle block is a mapping that nobody uses.
    unsafe { libc::munmap(block.start.cast(), block.room) };
}
