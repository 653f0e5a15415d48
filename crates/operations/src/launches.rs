//! How many programs a GPU was told to run.
//!
//! The cost of a recurrent model on a GPU is mostly kernel-launch overhead: each launch takes some
//! microseconds however little it computes. CubeCL, on which Burn's GPU backends run, says when one
//! is issued; this module counts.

use std::collections::BTreeMap;

/// The launches of some work, by the name of the program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Launches {
    /// Each program's name, as CubeCL gives it, with how often it was launched.
    pub programs: BTreeMap<&'static str, usize>,
}

impl Launches {
    /// All launches.
    pub fn total(&self) -> usize {
        self.programs.values().sum()
    }
}

/// Does `work` and counts every launch that the process issues meanwhile, on any thread and GPU.
///
/// Counts can be compared once a first round of the same work is over: until then Burn also tries
/// out which matrix product is fastest for each new shape. Where one count lies within another,
/// the inner one alone sees what it covers. Nothing is launched by the CPU backends.
#[cfg(any(feature = "wgpu", feature = "cuda"))]
pub fn count<R>(work: impl FnOnce() -> R) -> (R, Launches) {
    use cubecl_runtime::logging::{LaunchObservation, LaunchObserver};
    use std::sync::{Arc, Mutex, PoisonError};

    #[derive(Default)]
    struct Counter(Mutex<BTreeMap<&'static str, usize>>);

    impl LaunchObserver for Counter {
        fn launched(&self, program: &'static str) {
            let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *seen.entry(program).or_default() += 1;
        }
    }

    let counter = Arc::new(Counter::default());
    let observation = LaunchObservation::new(counter.clone());
    let result = work();
    drop(observation);
    let mut seen = counter.0.lock().unwrap_or_else(PoisonError::into_inner);
    let programs = std::mem::take(&mut *seen);
    (result, Launches { programs })
}

/// Does `work`. This program was built without a GPU backend: nothing is launched.
#[cfg(not(any(feature = "wgpu", feature = "cuda")))]
pub fn count<R>(work: impl FnOnce() -> R) -> (R, Launches) {
    (work(), Launches::default())
}
