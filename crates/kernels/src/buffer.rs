//! Scratch memory.

use std::ops::{Deref, DerefMut};

use crate::storage::{self, Word};

/// Numbers are aligned to this many bytes, a line of the caches.
const ALIGNMENT: usize = 64;

/// A list of numbers, aligned to the caches' lines, whose memory goes back to a pool.
#[derive(Debug)]
pub struct Buffer<W: Word = f32> {
    list: Vec<W>,
    start: usize,
    length: usize,
}

impl<W: Word> Buffer<W> {
    /// A list of `length` numbers of unspecified value: the caller writes before it reads.
    #[inline]
    pub fn new(length: usize) -> Self {
        let room = length + ALIGNMENT / size_of::<W>();
        let list = storage::at_least::<W>(room);
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
    #[inline]
    fn drop(&mut self) {
        storage::keep(std::mem::take(&mut self.list));
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

    #[inline]
    fn deref(&self) -> &[W] {
        &self.list[self.start..self.start + self.length]
    }
}

impl<W: Word> DerefMut for Buffer<W> {
    #[inline]
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
