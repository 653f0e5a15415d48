//! Scratch memory that is used again: fresh pages from the operating system cost more than filling them.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

/// How many idle buffers are kept.
const IDLE: usize = 48;

static FREE: Mutex<Vec<Vec<f32>>> = Mutex::new(Vec::new());

/// A list of numbers whose memory goes back to a pool.
#[derive(Debug)]
pub(crate) struct Buffer(Vec<f32>);

impl Buffer {
    /// A list of `length` numbers of unspecified value: the caller writes before it reads.
    pub fn new(length: usize) -> Self {
        // A panic elsewhere leaves a list of plain vectors as good as it was.
        let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        let fits =
            |(_, list): &(usize, &Vec<f32>)| (length..=2 * length).contains(&list.capacity());
        let best = free
            .iter()
            .enumerate()
            .filter(fits)
            .min_by_key(|(_, list)| list.capacity());
        let index = best.map(|(index, _)| index);
        let reused = index.map(|index| free.swap_remove(index));
        drop(free);
        match reused {
            Some(mut list) => {
                list.resize(length, 0.0);
                Self(list)
            }
            None => Self(vec![0.0; length]),
        }
    }

    /// A list of `length` zeros.
    pub fn zeros(length: usize) -> Self {
        let mut buffer = Self::new(length);
        buffer.0.fill(0.0);
        buffer
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // Small lists are the allocator's business.
        if self.0.capacity() < 4096 {
            return;
        }
        let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        if free.len() >= IDLE {
            free.remove(0);
        }
        free.push(std::mem::take(&mut self.0));
    }
}

impl Clone for Buffer {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.0
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_zeros_hold_whatever_was_there_before() {
        for length in [5000, 9000, 6000, 4500, 0] {
            let mut buffer = Buffer::zeros(length);
            assert_eq!(buffer.len(), length);
            assert!(buffer.iter().all(|&x| x == 0.0));
            buffer.fill(7.0);
        }
    }
}
