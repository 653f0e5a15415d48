//! How much of a program's time is matrix multiplication: counted for the whole process, and only while
//! somebody asks.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Instant;

static ON: AtomicBool = AtomicBool::new(false);
static NANOSECONDS: AtomicU64 = AtomicU64::new(0);
static OPERATIONS: AtomicU64 = AtomicU64::new(0);

/// Time and operations counted between [`start`] and [`take`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Profile {
    /// Seconds spent multiplying matrices, summed over threads: two threads that multiply for a second
    /// count two. Packing a right-hand side is not in it.
    pub matmul_seconds: f64,
    /// Floating-point operations of those products, a multiplication and an addition as two.
    pub matmul_flop: f64,
}

/// Counts from zero from now on.
pub fn start() {
    NANOSECONDS.store(0, Relaxed);
    OPERATIONS.store(0, Relaxed);
    ON.store(true, Relaxed);
}

/// Stops counting and says what was counted.
pub fn take() -> Profile {
    ON.store(false, Relaxed);
    Profile {
        matmul_seconds: NANOSECONDS.load(Relaxed) as f64 / 1e9,
        matmul_flop: OPERATIONS.load(Relaxed) as f64,
    }
}

/// Over how many threads this crate splits its work.
pub fn threads() -> usize {
    rayon::current_num_threads().max(1)
}

/// Counts one thread's product of a `rows x depth` and a `depth x columns` matrix, from now until the
/// value is dropped. Costs one relaxed load while nobody asks.
#[inline]
pub(crate) fn matmul(rows: usize, depth: usize, columns: usize) -> Multiplication {
    Multiplication {
        begun: ON.load(Relaxed).then(Instant::now),
        operations: 2 * rows as u64 * depth as u64 * columns as u64,
    }
}

/// A product that is under way.
#[must_use]
pub(crate) struct Multiplication {
    begun: Option<Instant>,
    operations: u64,
}

impl Drop for Multiplication {
    #[inline]
    fn drop(&mut self) {
        if let Some(begun) = self.begun {
            // A thread's product lasts far below the 584 years that fit.
            NANOSECONDS.fetch_add(begun.elapsed().as_nanos() as u64, Relaxed);
            OPERATIONS.fetch_add(self.operations, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matmul::{Matrix, matmul};

    /// The only test of this program that looks at the counts; others may add to them meanwhile.
    #[test]
    fn products_are_counted_only_between_start_and_take() {
        let (a, b) = (vec![1.0; 30 * 50], vec![1.0; 50 * 70]);
        let multiply = || {
            let mut out = vec![0.0; 30 * 70];
            matmul(
                Matrix::new(&a, 30, 50),
                Matrix::new(&b, 50, 70),
                &mut out,
                false,
            );
        };
        start();
        multiply();
        let counted = take();
        assert!(counted.matmul_flop >= 2.0 * 30.0 * 50.0 * 70.0);
        assert!(counted.matmul_seconds > 0.0);
        assert!(super::matmul(1, 1, 1).begun.is_none());
    }
}
