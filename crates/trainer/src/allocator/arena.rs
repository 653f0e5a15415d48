//! Large blocks, cut out of one stretch of addresses that is never given back, so that the pages of a block
//! serve the next one wherever it begins and whatever its size.

use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Addresses that are set aside. They cost nothing; only pages that were written do.
const STRETCH: usize = 64 << 30;

/// Bytes of a large page. Pages are given back only so many together.
const LARGE_PAGE: usize = 2 << 20;

/// Bytes that whole pages have, of whatever size the system's are (4, 16 or 64 KiB); blocks begin at a multiple, so that
/// no page belongs to two.
pub(super) const PAGE: usize = 64 << 10;

/// Pages that nobody uses are kept while so many blocks are asked for.
const PATIENCE: u64 = 4096;

/// Pages are kept until they and all blocks take by this part more than all blocks once took. (Blocks of unlike sizes
/// leave gaps; where there was no room for these, pages would come and go.)
const RESERVE: usize = 8;

/// Where the stretch begins, for those who do not hold the lock; before it is set aside, and where it cannot be, [`NOWHERE`].
static START: AtomicUsize = AtomicUsize::new(NOWHERE);

/// No process has this address or one near it.
const NOWHERE: usize = 1 << 63;

/// Addresses that no block uses, counted from the stretch's start.
#[derive(Clone, Copy)]
struct Range {
    start: usize,
    end: usize,
    /// Whether its pages may hold something; if not, they are not there, and will be zero.
    kept: bool,
    /// When its latest part came.
    came: u64,
}

impl Range {
    const NONE: Self = Self {
        start: 0,
        end: 0,
        kept: false,
        came: 0,
    };

    fn size(&self) -> usize {
        self.end - self.start
    }
}

/// Which addresses are free.
struct Arena {
    /// Where the stretch begins.
    base: usize,
    /// In order, none touching another of its kind; from the last on nothing was ever used. No list grows here:
    /// this is where lists come from.
    free: [Range; Arena::MOST],
    count: usize,
    /// Bytes of blocks, and the most there ever were.
    used: usize,
    peak: usize,
    /// Bytes that are kept.
    kept: usize,
    /// How many blocks were asked for.
    time: u64,
}

static ARENA: Mutex<Arena> = Mutex::new(Arena::new());

/// A place for a block.
#[derive(Debug, PartialEq)]
struct Place {
    start: usize,
    /// From here on its pages are new.
    written: usize,
}

impl Arena {
    const MOST: usize = 512;

    const fn new() -> Self {
        let mut free = [Range::NONE; Self::MOST];
        free[0].end = STRETCH;
        Self {
            base: NOWHERE,
            free,
            count: 1,
            used: 0,
            peak: 0,
            kept: 0,
            time: 0,
        }
    }

    /// The free ranges from whose first on `room` addresses are free and need the fewest new pages; of these
    /// the smallest, and then the first. With it how many ranges they reach over.
    fn find(&self, room: usize) -> Option<(usize, usize)> {
        let mut best: Option<((usize, usize), (usize, usize))> = None;
        for first in 0..self.count {
            let start = self.free[first].start;
            let (mut end, mut fresh, mut over) = (start, 0, 0);
            for range in &self.free[first..self.count] {
                if range.start != end || end - start >= room {
                    break;
                }
                if !range.kept {
                    fresh += range.size().min(room - (end - start));
                }
                end = range.end;
                over += 1;
            }
            let cost = (fresh, end - start);
            if end - start >= room && best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, (first, over)));
            }
        }
        best.map(|(_, found)| found)
    }

    /// Takes `room` addresses, a multiple of [`PAGE`].
    fn take(&mut self, room: usize) -> Option<Place> {
        let (first, over) = self.find(room)?;
        let start = self.free[first].start;
        let end = start + room;
        let mut written = start;
        for range in &self.free[first..first + over] {
            if range.kept {
                written = range.end.min(end);
                self.kept -= written - range.start;
            }
        }
        // The last of them may reach further.
        let last = first + over - 1;
        if self.free[last].end > end {
            self.free[last].start = end;
            self.remove(first, over - 1);
        } else {
            self.remove(first, over);
        }
        self.used += room;
        self.peak = self.peak.max(self.used);
        Some(Place { start, written })
    }

    fn remove(&mut self, first: usize, count: usize) {
        self.free.copy_within(first + count..self.count, first);
        self.count -= count;
    }

    /// Takes back what [`Arena::take`] gave.
    fn keep(&mut self, start: usize, room: usize) {
        self.used -= room;
        self.kept += room;
        self.insert(Range {
            start,
            end: start + room,
            kept: true,
            came: self.time,
        });
    }

    /// Adds a free range, as part of those of its kind that it touches.
    fn insert(&mut self, mut range: Range) {
        let mut at = self.free[..self.count].partition_point(|other| other.start < range.start);
        if at < self.count {
            let next = self.free[at];
            if next.kept == range.kept && next.start == range.end {
                range.end = next.end;
                range.came = range.came.max(next.came);
                self.remove(at, 1);
            }
        }
        if at > 0 {
            let before = self.free[at - 1];
            if before.kept == range.kept && before.end == range.start {
                range.start = before.start;
                range.came = range.came.max(before.came);
                self.remove(at - 1, 1);
                at -= 1;
            }
        }
        if self.count == Self::MOST {
            // Its addresses are lost, of which there are plenty; the pages must not be.
            if range.kept {
                self.kept -= range.size();
                self.give_back(range.start, range.end);
            }
            return;
        }
        self.free.copy_within(at..self.count, at + 1);
        self.free[at] = range;
        self.count += 1;
    }

    /// Returns the part of a range that [`Arena::relieve`] would give back: its whole large pages.
    fn spare(range: &Range) -> Option<(usize, usize)> {
        let start = range.start.next_multiple_of(LARGE_PAGE);
        let end = range.end / LARGE_PAGE * LARGE_PAGE;
        (range.kept && start < end).then_some((start, end))
    }

    /// Gives pages that nobody uses back to the system; they will be zero when they are next used. False where it does
    /// not take them.
    fn give_back(&self, start: usize, end: usize) -> bool {
        let pages = address(self.base, start).cast();
        // SAFETY: pages of the stretch that nobody uses.
        unsafe { libc::madvise(pages, end - start, libc::MADV_DONTNEED) == 0 }
    }

    /// Gives pages back, those that were idle for the longest first, until at most `most` bytes are in use or
    /// kept, and those that nobody has used for long.
    fn relieve(&mut self, most: usize) {
        loop {
            let ranges = self.free[..self.count].iter().enumerate();
            let oldest = ranges
                .filter_map(|(at, range)| Self::spare(range).map(|spare| (range.came, at, spare)))
                .min();
            let Some((came, at, (start, end))) = oldest else {
                return;
            };
            if self.used + self.kept <= most && self.time - came <= PATIENCE {
                return;
            }
            if !self.give_back(start, end) {
                return;
            }
            self.kept -= end - start;
            let range = self.free[at];
            self.remove(at, 1);
            let parts = [
                (range.start, start, true),
                (start, end, false),
                (end, range.end, true),
            ];
            for (start, end, kept) in parts.into_iter().filter(|(start, end, _)| start < end) {
                self.insert(Range {
                    start,
                    end,
                    kept,
                    came: range.came,
                });
            }
        }
    }
}

fn arena() -> MutexGuard<'static, Arena> {
    // Nothing here panics.
    ARENA.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Bytes that are taken for a block of `size`.
pub(super) fn room(size: usize) -> usize {
    // A layout's size is at most half of what a word can say.
    size.next_multiple_of(PAGE)
}

/// Whether a block came from [`allocate`].
#[inline]
pub(super) fn holds(block: *mut u8) -> bool {
    // Whoever has a block has seen the stretch being set aside.
    block.addr().wrapping_sub(START.load(Ordering::Relaxed)) < STRETCH
}

/// A block of `size` bytes, or null where there are no addresses left; all zero if asked for. A page is made
/// when it is first used.
pub(super) fn allocate(size: usize, zeroed: bool) -> *mut u8 {
    if size > STRETCH {
        return ptr::null_mut();
    }
    let mut arena = arena();
    if arena.time == 0 {
        arena.base = set_aside();
    }
    let base = arena.base;
    arena.time += 1;
    if base == NOWHERE {
        return ptr::null_mut();
    }
    let Some(place) = arena.take(room(size)) else {
        return ptr::null_mut();
    };
    // What is kept must hardly raise the most memory that is ever taken.
    let most = arena.peak + arena.peak / RESERVE;
    arena.relieve(most);
    drop(arena);
    let block = address(base, place.start);
    if zeroed {
        // SAFETY: these bytes are the block's, and nobody else has it.
        unsafe { block.write_bytes(0, (place.written - place.start).min(size)) };
    }
    block
}

/// Takes a block of `size` bytes back.
///
/// # Safety
/// The block came from [`allocate`] with a size of the same [`room`], and nobody uses it any more.
pub(super) unsafe fn release(block: *mut u8, size: usize) {
    let start = block.addr() - START.load(Ordering::Relaxed);
    arena().keep(start, room(size));
}

/// Gives all pages that nobody uses back to the system, and forgets how much was once used.
pub(super) fn trim() {
    let mut arena = arena();
    arena.relieve(0);
    arena.peak = arena.used;
}

/// An address of the stretch, which was shown to C when it was set aside.
fn address(base: usize, offset: usize) -> *mut u8 {
    ptr::with_exposed_provenance_mut(base + offset)
}

/// Sets the stretch aside, and says where it begins.
fn set_aside() -> usize {
    let start = map();
    START.store(start, Ordering::Relaxed);
    start
}

/// Maps as many addresses as the stretch has, and says where they begin: at a large page, or at [`NOWHERE`] where
/// the system refuses.
fn map() -> usize {
    // SAFETY: a new mapping, of which only pages at its ends are left over.
    unsafe {
        let start = libc::mmap(
            ptr::null_mut(),
            STRETCH + LARGE_PAGE,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        );
        if start == libc::MAP_FAILED {
            return NOWHERE;
        }
        let skipped = start.cast::<u8>().align_offset(LARGE_PAGE);
        let start = start.cast::<u8>().add(skipped);
        // A refusal is no harm.
        libc::madvise(start.cast(), STRETCH, libc::MADV_HUGEPAGE);
        start.expose_provenance()
    }
}

#[cfg(test)]
mod tests;
