//! Threads that stay awake for the many short pieces of work of a search.

use std::hint::spin_loop;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rayon::{ThreadPool, ThreadPoolBuilder, Yield};

/// Looks for work in vain before a waiting thread offers its processor to other programs.
const PATIENCE: u32 = 4096;

/// A few threads of their own for searches.
///
/// One step of a search with one sentence takes less time than it takes to wake a sleeping thread. So, while
/// [`Team::run`] runs, the other threads of the team look for work without sleeping.
#[derive(Debug)]
pub struct Team {
    pool: Option<ThreadPool>,
    gate: Mutex<()>,
}

impl Team {
    /// A team of `threads` threads; of the caller's alone when there is one, or when no more can be had.
    pub fn new(threads: usize) -> Self {
        let build = || {
            let named = |index| format!("search {index}");
            let builder = ThreadPoolBuilder::new().num_threads(threads);
            builder.thread_name(named).build().ok()
        };
        Self {
            pool: (threads > 1).then(build).flatten(),
            gate: Mutex::new(()),
        }
    }

    /// How many threads work together.
    pub fn threads(&self) -> usize {
        self.pool
            .as_ref()
            .map_or(1, ThreadPool::current_num_threads)
    }

    /// Does `work` on one of the team's threads, while the others stay awake for what it splits.
    pub fn run<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        let Some(pool) = &self.pool else {
            return work();
        };
        // A second search at the same time works too, but keeps nobody awake.
        let Ok(_alone) = self.gate.try_lock() else {
            return pool.install(work);
        };
        let others = pool.current_num_threads() - 1;
        let (awake, done) = (AtomicUsize::new(0), AtomicBool::new(false));
        pool.install(|| {
            rayon::scope(|scope| {
                for _ in 0..others {
                    scope.spawn(|_| {
                        awake.fetch_add(1, Ordering::Release);
                        stay(&done);
                    });
                }
                // This thread must not take up one of these tasks itself: it would wait for its own end.
                while awake.load(Ordering::Acquire) < others {
                    spin_loop();
                }
                let _done = Raise(&done);
                work()
            })
        })
    }
}

/// Works for others until `done`.
fn stay(done: &AtomicBool) {
    let mut idle = 0;
    while !done.load(Ordering::Acquire) {
        if rayon::yield_now() == Some(Yield::Executed) {
            idle = 0;
        } else if idle < PATIENCE {
            idle += 1;
            spin_loop();
        } else {
            std::thread::yield_now();
        }
    }
}

/// Raises a flag at its end, also when the work between panics.
struct Raise<'a>(&'a AtomicBool);

impl Drop for Raise<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_by_any_number_of_threads() {
        for threads in [1, 2, 3] {
            let team = Team::new(threads);
            assert_eq!(team.threads(), threads);
            for _ in 0..20 {
                let (a, b) = team.run(|| rayon::join(|| 1, || 2));
                assert_eq!(a + b, 3);
            }
        }
    }

    #[test]
    fn a_team_is_free_again_after_a_panic() {
        let team = Team::new(2);
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            team.run(|| panic!("on purpose"));
        }));
        assert!(caught.is_err());
        assert_eq!(team.run(|| 5), 5);
    }

    #[test]
    fn two_searches_at_once_do_not_wait_for_each_other() {
        let team = Team::new(2);
        assert_eq!(team.run(|| team.run(|| 7)), 7);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..50).for_each(|_| assert_eq!(team.run(|| 1), 1)));
            }
        });
    }
}
