//! The ranks of an MPI job.

use std::time::Duration;

use mpi::Threading;
use mpi::environment::Universe;
use mpi::request::{LocalScope, Request, scope};
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator, CommunicatorCollectives, Root};

use super::{Wait, Workers};
use crate::error::RunError;

/// How often a process that computes looks after what it sends. Libraries of MPI move messages only while they are called.
const LOOK: Duration = Duration::from_micros(200);

/// Bytes of a message; MPI counts in 32 bits.
const LONGEST: usize = 1 << 30;

/// The ranks of `MPI_COMM_WORLD`.
pub(super) struct Mpi {
    world: SimpleCommunicator,
    /// MPI ends with it.
    _universe: Universe,
}

impl std::fmt::Debug for Mpi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "rank {} of {}", self.rank(), self.size())
    }
}

impl Mpi {
    /// Begins MPI in this process.
    pub(super) fn begin() -> Result<Self, RunError> {
        // Updates are computed on other threads, but MPI is called by one at a time.
        let Some((universe, threading)) = mpi::initialize_with_threading(Threading::Serialized)
        else {
            return Err(RunError::Usage(
                "MPI was begun twice in this process".into(),
            ));
        };
        if threading < Threading::Serialized {
            return Err(RunError::Usage(
                "this MPI library cannot be called from a program with threads".into(),
            ));
        }
        Ok(Self {
            world: universe.world(),
            _universe: universe,
        })
    }
}

// SAFETY: what is kept are numbers and pointers that name objects of the library, which was begun such that any thread may
// call it, one at a time. `Workers` are called by one thread at a time: who begins another waits for its end before it
// calls again.
unsafe impl Sync for Mpi {}

/// Looks after a message until it is through.
fn look_after<'a, D: ?Sized>(mut request: Request<'a, D, &LocalScope<'a>>) {
    while let Err(under_way) = request.test() {
        request = under_way;
        std::thread::sleep(LOOK);
    }
}

impl Drop for Mpi {
    fn drop(&mut self) {
        // To end MPI in order, all must; the others wait for this one somewhere else.
        if std::thread::panicking() {
            self.abort(1);
        }
    }
}

impl Workers for Mpi {
    fn rank(&self) -> usize {
        usize::try_from(self.world.rank()).unwrap_or(0)
    }

    fn size(&self) -> usize {
        usize::try_from(self.world.size()).unwrap_or(1)
    }

    fn exchange(&self, blocks: &[f32], received: &mut [f32], wait: Wait) {
        match wait {
            Wait::Busy => self.world.all_to_all_into(blocks, received),
            Wait::Aside => scope(|scope| {
                look_after(
                    self.world
                        .immediate_all_to_all_into(scope, blocks, received),
                );
            }),
        }
    }

    fn collect(&self, block: &[f32], all: &mut [f32], wait: Wait) {
        match wait {
            Wait::Busy => self.world.all_gather_into(block, all),
            Wait::Aside => scope(|scope| {
                look_after(self.world.immediate_all_gather_into(scope, block, all));
            }),
        }
    }

    fn collect_doubles(&self, block: &[f64], all: &mut [f64]) {
        self.world.all_gather_into(block, all);
    }

    fn share(&self, bytes: Vec<u8>) -> Vec<u8> {
        let first = self.world.process_at_rank(0);
        let mut length = [bytes.len() as u64];
        first.broadcast_into(&mut length[..]);
        let mut bytes = bytes;
        bytes.resize(length[0] as usize, 0);
        for part in bytes.chunks_mut(LONGEST) {
            first.broadcast_into(part);
        }
        bytes
    }

    fn abort(&self, code: i32) {
        self.world.abort(code);
    }
}
