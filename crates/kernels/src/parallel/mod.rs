//! How work is divided among the threads of rayon's pool.
//!
//! A sequence is hundreds of short phases, one after another, each divided among the threads. Between two
//! phases rayon's threads go to sleep, and waking them takes longer than the phase. So a sequence is worked
//! off by a team, whose threads stay awake from its first phase to its last.

mod team;

/// Primitives that a team is built from; the check of its interleavings builds it from others.
mod primitives {
    pub use std::hint::spin_loop;
    pub use std::sync::Mutex;
    pub use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
    pub use std::thread::yield_now;
}

use std::cell::Cell;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use team::Team;

thread_local! {
    /// The team that this thread leads.
    static LED: Cell<Option<&'static Team>> = const { Cell::new(None) };
}

/// Over how many threads work is divided.
pub fn threads() -> usize {
    rayon::current_num_threads().max(1)
}

/// Does `work` on each part; the parts run at the same time where there are threads for them.
pub fn each<P: Send>(parts: Vec<P>, work: impl Fn(P) + Send + Sync) {
    if parts.len() <= 1 {
        return parts.into_iter().for_each(work);
    }
    let Some(team) = LED.get() else {
        return parts.into_par_iter().with_max_len(1).for_each(work);
    };
    let parts: Vec<Mutex<Option<P>>> = parts.into_iter().map(Some).map(Mutex::new).collect();
    // A part's own work may divide itself again: that goes to rayon.
    LED.set(None);
    team.run(parts.len(), &|index| {
        // No lock is held where a panic could happen.
        let part = parts[index]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        part.into_iter().for_each(&work);
    });
    LED.set(Some(team));
}

/// Does `work`, many operations, on a thread of the pool: from outside each of them would have to wake one and
/// wait for it.
pub fn on_pool<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    match threads() {
        1 => work(),
        _ => rayon::scope(|_| work()),
    }
}

/// Does `work`, all of whose phases are shared by threads that stay awake meanwhile.
pub fn inside<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    if threads() == 1 || LED.get().is_some() {
        return work();
    }
    let team = Team::new();
    // SAFETY: the reference is kept in this thread's `LED` and there only until `lead` is over, and by
    // the helpers of the scope, which end within it; the team lives longer than both.
    let shared: &'static Team = unsafe { &*std::ptr::from_ref(&team) };
    rayon::scope(|scope| {
        for _ in 1..threads() {
            scope.spawn(|_| shared.help());
        }
        let lead = Lead::of(shared);
        let result = work();
        drop(lead);
        result
    })
}

/// Ends a team's work however its leader's work ends.
struct Lead(&'static Team);

impl Lead {
    fn of(team: &'static Team) -> Self {
        LED.set(Some(team));
        Self(team)
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        LED.set(None);
        self.0.dismiss();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    fn with_threads<R: Send>(count: usize, work: impl FnOnce() -> R + Send) -> R {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build();
        pool.unwrap().install(work)
    }

    #[test]
    fn each_part_of_each_phase_is_worked_on_once() {
        for count in [1, 2, 5] {
            let mut data = vec![0; 10];
            with_threads(count, || {
                inside(|| {
                    for _ in 0..1000 {
                        each(data.chunks_mut(3).collect(), |part| {
                            part.iter_mut().for_each(|x| *x += 1);
                        });
                    }
                });
            });
            assert_eq!(data, [1000; 10]);
        }
    }

    #[test]
    fn parts_may_divide_themselves_and_teams_may_meet() {
        let sum = with_threads(3, || {
            let sums: Vec<Mutex<u64>> = (0..8).map(|_| Mutex::new(0)).collect();
            (0..8u64).into_par_iter().for_each(|outer| {
                inside(|| {
                    each((0..4u64).collect(), |middle| {
                        each((0..3u64).collect(), |inner| {
                            *sums[outer as usize].lock().unwrap() += outer + middle * inner;
                        });
                    });
                });
            });
            sums.iter().map(|sum| *sum.lock().unwrap()).sum::<u64>()
        });
        assert_eq!(sum, (0..8).map(|outer| 12 * outer + 18).sum::<u64>());
    }

    #[test]
    fn a_panic_reaches_the_leader_and_the_pool_goes_on() {
        with_threads(2, || {
            let caught = catch_unwind(AssertUnwindSafe(|| {
                inside(|| each((0..16).collect(), |part| assert!(part != 7, "seven")));
            }));
            assert!(caught.is_err());
            let total = Mutex::new(0);
            inside(|| {
                each((0..16).collect(), |part: i32| {
                    *total.lock().unwrap() += part
                })
            });
            assert_eq!(*total.lock().unwrap(), 120);
        });
    }
}
