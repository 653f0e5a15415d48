//! The processes that train one model together: this one alone, or the ranks of an MPI job.
//!
//! Each works on its share of every batch, and all make the same update. What they tell each other goes through
//! [`Workers`], so that the engine knows nothing of how.

mod alone;
mod launched;
#[cfg(feature = "mpi")]
mod mpi;
mod sum;
#[cfg(test)]
mod tests;

use std::fmt::Debug;

use data::batching::Share;

pub use alone::Alone;
pub use launched::{local_rank, rank_of_launcher};
pub use sum::{sum, sum_rounded};

use crate::error::RunError;

/// Processes that work on one model. Every method but the first two is called by all of them at the same point.
pub trait Workers: Debug + Sync {
    /// The number of this one, from 0.
    fn rank(&self) -> usize;

    /// How many there are.
    fn size(&self) -> usize;

    /// Sends each process its block of `blocks`, of equal lengths in the order of the ranks; `received` is what each has
    /// sent to this one.
    fn exchange(&self, blocks: &[f32], received: &mut [f32], wait: Wait);

    /// Collects the blocks of all processes, of equal lengths, in the order of the ranks.
    fn collect(&self, block: &[f32], all: &mut [f32], wait: Wait);

    /// The same of doubles.
    fn collect_doubles(&self, block: &[f64], all: &mut [f64]);

    /// Sends what the first process has to all others.
    fn share(&self, bytes: Vec<u8>) -> Vec<u8>;

    /// Ends all processes, with this exit code.
    fn abort(&self, code: i32);

    /// Whether this is the process that writes and speaks.
    fn is_first(&self) -> bool {
        self.rank() == 0
    }

    /// The rows of a batch that this process works on.
    fn own_share(&self) -> Share {
        Share {
            first: self.rank(),
            of: self.size(),
        }
    }
}

/// How a process waits for what others send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Doing nothing else.
    Busy,
    /// Leaving the processor to a computation most of the time.
    Aside,
}

/// The processes of this run: those that a launcher of MPI has started, or this one alone.
///
/// # Errors
/// A launcher's process of a program that was built without MPI: each would train for itself in one folder.
pub fn find() -> Result<Box<dyn Workers>, RunError> {
    let Some(launched) = launched::size() else {
        return Ok(Box::new(Alone));
    };
    #[cfg(feature = "mpi")]
    {
        let _ = launched;
        mpi::Mpi::begin().map(|workers| Box::new(workers) as Box<dyn Workers>)
    }
    #[cfg(not(feature = "mpi"))]
    match launched {
        0 | 1 => Ok(Box::new(Alone)),
        count => Err(RunError::Usage(format!(
            "this is one of {count} processes of an MPI job, and this program was built without MPI; build it with \
             `--features mpi`"
        ))),
    }
}
