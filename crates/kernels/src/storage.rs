//! Memory that is used again: fresh pages from the operating system cost more than filling them, and a list
//! that is written before it is read need not be filled at all.
//!
//! Short lists are kept by the room that their length is rounded up to, so that steps of like length use the
//! same ones; what no step has used for long is given back. Long ones go to the allocator, of which the same
//! is expected.

use std::sync::{Mutex, PoisonError};

/// Smaller lists are the allocator's business.
const LEAST: usize = 4096;

/// Longer lists are too: one that keeps pages, as that of the `trainer` crate, serves lists of different lengths
/// with the same ones, which this pool cannot.
const MOST: usize = 1 << 18;

/// An idle list is kept while the pool hands out so many others.
const PATIENCE: u64 = 1024;

/// Idle lists take at most so many bytes; the oldest are given back.
const MOST_IDLE: usize = 16 << 20;

/// Element type of a list.
pub trait Word: Copy + Default + Send + Sync + 'static {
    /// A list of the pool, as it is.
    fn of_pool(list: Vec<u32>) -> Vec<Self>;

    /// A list for the pool, as it is.
    fn for_pool(list: Vec<Self>) -> Vec<u32>;
}

impl Word for u32 {
    fn of_pool(list: Vec<u32>) -> Vec<u32> {
        list
    }

    fn for_pool(list: Vec<u32>) -> Vec<u32> {
        list
    }
}

impl Word for f32 {
    fn of_pool(list: Vec<u32>) -> Vec<f32> {
        bytemuck::cast_vec(list)
    }

    fn for_pool(list: Vec<f32>) -> Vec<u32> {
        bytemuck::cast_vec(list)
    }
}

static POOL: Mutex<Pool> = Mutex::new(Pool::new());

/// Idle lists.
struct Pool {
    /// Each with the time it came; the latest last.
    idle: Vec<(u64, Vec<u32>)>,
    /// How many lists were handed out.
    time: u64,
}

impl Pool {
    const fn new() -> Self {
        Self {
            idle: Vec::new(),
            time: 0,
        }
    }

    /// A list with `room`: one that was as long as `length` if there is such a one, for what a list grows by
    /// must be filled; of these the one that came last, for the caches may still hold it.
    fn find(&mut self, room: usize, length: usize) -> Option<Vec<u32>> {
        self.time += 1;
        let fits = |list: &Vec<u32>| (room..=room + room / 2).contains(&list.capacity());
        let long = |(_, list): &(u64, Vec<u32>)| fits(list) && list.len() >= length;
        let found = self.idle.iter().rposition(long);
        let found = found.or_else(|| self.idle.iter().rposition(|(_, list)| fits(list)))?;
        Some(self.idle.remove(found).1)
    }

    fn keep(&mut self, list: Vec<u32>) {
        let time = self.time;
        // The oldest come first.
        let kept = |(came, _): &(u64, _)| time - came > PATIENCE;
        let stale = self.idle.iter().take_while(|entry| kept(entry)).count();
        self.idle.drain(..stale);
        self.idle.push((time, list));
        let bytes = |list: &Vec<u32>| list.capacity() * size_of::<u32>();
        let mut total: usize = self.idle.iter().map(|(_, list)| bytes(list)).sum();
        while total > MOST_IDLE {
            total -= bytes(&self.idle.remove(0).1);
        }
    }
}

/// The room of a list of `length`: an eighth more at most.
fn room(length: usize) -> usize {
    length.next_multiple_of((1 << length.ilog2()) / 8)
}

/// A list of `length` numbers of unspecified value: the caller writes before it reads.
pub fn list(length: usize) -> Vec<f32> {
    take(length)
}

/// A list of `length` zeros.
pub fn zeros(length: usize) -> Vec<f32> {
    let mut list = list(length);
    list.fill(0.0);
    list
}

/// A list of the numbers of `values`.
pub fn copy(values: &[f32]) -> Vec<f32> {
    let mut list = list(values.len());
    list.copy_from_slice(values);
    list
}

/// As [`list`], of any words.
fn take<W: Word>(length: usize) -> Vec<W> {
    let mut list = at_least(length);
    list.truncate(length);
    list
}

/// As [`list`], of any words and perhaps longer: what a list is cut by must be filled again before it is used
/// again.
pub(crate) fn at_least<W: Word>(length: usize) -> Vec<W> {
    if length < LEAST {
        return vec![W::default(); length];
    }
    let room = room(length);
    if room > MOST {
        return W::of_pool(unfilled(length));
    }
    // A panic elsewhere leaves a list of plain vectors as good as it was.
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    let found = pool.find(room, length);
    drop(pool);
    // Large lists of zeros cost nothing until they are used.
    let mut list = W::of_pool(found.unwrap_or_else(|| vec![0; room]));
    if list.len() < length {
        list.resize(length, W::default());
    }
    list
}

/// A list of `length` words as they were found in memory.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn unfilled(length: usize) -> Vec<u32> {
    let mut list: Vec<u32> = Vec::with_capacity(length);
    // SAFETY: the assembly may, for all that the compiler can assume, have written every word of the list, so they
    // have values from here on: those that were there, and any bits are a word. Nobody else writes there: the
    // list is new.
    unsafe {
        std::arch::asm!(
            "/* {0} */",
            in(reg) list.as_mut_ptr(),
            options(nostack, preserves_flags),
        );
        list.set_len(length);
    }
    list
}

/// A list of `length` words.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn unfilled(length: usize) -> Vec<u32> {
    vec![0; length]
}

/// Hands a list on to whoever next needs one of about its size: for lists that this crate's functions
/// returned.
pub fn reuse(list: Vec<f32>) {
    keep(list);
}

pub(crate) fn keep<W: Word>(list: Vec<W>) {
    if !(LEAST..=MOST).contains(&list.capacity()) {
        return;
    }
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    pool.keep(W::for_pool(list));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_comes_back_with_its_room() {
        let mut pool = Pool::new();
        let mut list = Vec::with_capacity(8192);
        list.resize(5000, 1);
        pool.keep(list);
        assert!(pool.find(4096, 4096).is_none());
        assert!(pool.find(16384, 16384).is_none());
        assert_eq!(pool.find(8192, 8000).map(|list| list.len()), Some(5000));
        assert!(pool.find(8192, 8000).is_none());
    }

    #[test]
    fn what_nobody_uses_is_given_back() {
        let mut pool = Pool::new();
        pool.keep(Vec::with_capacity(1 << 20));
        for _ in 0..2 * PATIENCE {
            let list = pool
                .find(8192, 8192)
                .unwrap_or_else(|| Vec::with_capacity(8192));
            pool.keep(list);
        }
        assert_eq!(pool.idle.len(), 1);
    }

    #[test]
    fn lengths_hold_whatever_was_there_before() {
        for length in [5000, 9000, 6000, 4500, 3, 0] {
            let mut numbers = list(length);
            assert_eq!(numbers.len(), length);
            numbers.fill(7.0);
            reuse(numbers);
        }
    }
}
