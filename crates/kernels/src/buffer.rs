//! Scratch memory that is used again: fresh pages from the operating system cost more than filling them.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

/// How many bytes of idle buffers of a type are kept at most.
const IDLE_BYTES: usize = 64 << 20;

/// Numbers are aligned to this many bytes, a line of the caches.
const ALIGNMENT: usize = 64;

/// What a buffer holds.
pub(crate) trait Word: Copy + Default + Send + Sync + 'static {
    /// Idle buffers of this type.
    fn free() -> &'static Mutex<Vec<Vec<Self>>>;
}

macro_rules! word {
    ($($word:ty),*) => {
        $(impl Word for $word {
            fn free() -> &'static Mutex<Vec<Vec<Self>>> {
                static FREE: Mutex<Vec<Vec<$word>>> = Mutex::new(Vec::new());
                &FREE
            }
        })*
    };
}

word!(f32, u32);

/// A list of numbers, aligned to the caches' lines, whose memory goes back to a pool.
#[derive(Debug)]
pub(crate) struct Buffer<W: Word = f32> {
    list: Vec<W>,
    start: usize,
    length: usize,
}

impl<W: Word> Buffer<W> {
    /// A list of `length` numbers of unspecified value: the caller writes before it reads.
    pub fn new(length: usize) -> Self {
        let room = length + ALIGNMENT / size_of::<W>();
        // A panic elsewhere leaves a list of plain vectors as good as it was.
        let mut free = W::free().lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |(_, list): &(usize, &Vec<W>)| (room..=2 * room).contains(&list.len());
        let best = free
            .iter()
            .enumerate()
            .filter(fits)
            .min_by_key(|(_, list)| list.len());
        let index = best.map(|(index, _)| index);
        let reused = index.map(|index| free.swap_remove(index));
        drop(free);
        let list = reused.unwrap_or_else(|| vec![W::default(); room]);
        // Where it cannot be computed, alignment is not needed either.
        let start = list.as_ptr().align_offset(ALIGNMENT).min(room - length);
        Self {
            list,
            start,
            length,
        }
    }

    /// A list of `length` zeros.
    pub fn zeros(length: usize) -> Self {
        let mut buffer = Self::new(length);
        buffer.fill(W::default());
        buffer
    }
}

impl<W: Word> Drop for Buffer<W> {
    fn drop(&mut self) {
        // Small lists are the allocator's business.
        if self.list.len() < 4096 {
            return;
        }
        let mut free = W::free().lock().unwrap_or_else(PoisonError::into_inner);
        free.push(std::mem::take(&mut self.list));
        // The longest unused go first.
        let mut bytes: usize = free.iter().map(|list| size_of_val(&list[..])).sum();
        while bytes > IDLE_BYTES {
            bytes -= size_of_val(&free.remove(0)[..]);
        }
    }
}

impl<W: Word> Clone for Buffer<W> {
    fn clone(&self) -> Self {
        let mut clone = Self::new(self.length);
        clone.copy_from_slice(self);
        clone
    }
}

impl<W: Word> Deref for Buffer<W> {
    type Target = [W];

    fn deref(&self) -> &[W] {
        &self.list[self.start..self.start + self.length]
    }
}

impl<W: Word> DerefMut for Buffer<W> {
    fn deref_mut(&mut self) -> &mut [W] {
        &mut self.list[self.start..self.start + self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_zeros_and_alignment_hold_whatever_was_there_before() {
        for length in [5000, 9000, 6000, 4500, 0] {
            let mut buffer = Buffer::<f32>::zeros(length);
            assert_eq!(buffer.len(), length);
            assert!(buffer.iter().all(|&x| x == 0.0));
            assert!(
                buffer
                    .as_ptr()
                    .cast::<u8>()
                    .addr()
                    .is_multiple_of(ALIGNMENT)
            );
            buffer.fill(7.0);
            assert_eq!(buffer.clone()[..], buffer[..]);
        }
    }
}
