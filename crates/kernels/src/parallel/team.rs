//! Threads that work off one phase after another and stay awake in between.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::primitives::{AtomicBool, AtomicU64, AtomicUsize, Mutex, spin_loop, yield_now};

/// How often to look for work before other threads of the machine are let in.
const SPINS: usize = 2000;

/// The work of a phase: called with a part's number.
type Work<'a> = dyn Fn(usize) + Sync + 'a;

/// A leader and whoever comes to help. The leader waits for nobody who has not begun a part: with no help at
/// all it does everything alone, so a busy pool delays nothing and locks nothing up.
#[derive(Debug)]
pub(super) struct Team {
    /// The phase's number, how many parts it has and how many of them are taken: 24, 20 and 20 bits.
    ticket: AtomicU64,
    /// A pointer to the phase's `&Work`; valid while a taken part is unfinished.
    work: AtomicUsize,
    /// Parts of this phase that are finished.
    finished: AtomicUsize,
    dismissed: AtomicBool,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

const FIELD: u64 = 1 << 20;

impl Team {
    pub fn new() -> Self {
        Self {
            ticket: AtomicU64::new(0),
            work: AtomicUsize::new(0),
            finished: AtomicUsize::new(0),
            dismissed: AtomicBool::new(false),
            panic: Mutex::new(None),
        }
    }

    /// Leads a phase of `count` parts. To be called by one thread only.
    ///
    /// # Panics
    /// As a part's work did; every part that was begun has ended by then.
    pub fn run(&self, count: usize, work: &Work) {
        assert!(
            (count as u64) < FIELD,
            "a phase has fewer than {FIELD} parts"
        );
        self.finished.store(0, Ordering::Relaxed);
        let pointer: *const &Work = &work;
        self.work
            .store(pointer.expose_provenance(), Ordering::Relaxed);
        let phase = self.ticket.load(Ordering::Relaxed) / (FIELD * FIELD) + 1;
        let ticket = (phase * FIELD + count as u64).wrapping_mul(FIELD);
        // Whoever sees the ticket sees what was stored before it.
        self.ticket.store(ticket, Ordering::Release);
        while self.part() {}
        let mut spins = 0;
        while self.finished.load(Ordering::Acquire) < count {
            wait(&mut spins);
        }
        let panic = self
            .panic
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }

    /// Takes parts of the leader's phases until [`Team::dismiss`].
    pub fn help(&self) {
        let mut spins = 0;
        while !self.dismissed.load(Ordering::Relaxed) {
            if self.part() {
                spins = 0;
            } else {
                wait(&mut spins);
            }
        }
    }

    /// No phase will follow.
    pub fn dismiss(&self) {
        self.dismissed.store(true, Ordering::Relaxed);
    }

    /// Takes a part and does it. False when none is left.
    fn part(&self) -> bool {
        let free = |ticket: u64| {
            let (count, taken) = (ticket / FIELD % FIELD, ticket % FIELD);
            (taken < count).then_some(ticket + 1)
        };
        let taken = self
            .ticket
            .fetch_update(Ordering::Acquire, Ordering::Relaxed, free);
        let Ok(ticket) = taken else {
            return false;
        };
        let pointer: *const &Work =
            std::ptr::with_exposed_provenance(self.work.load(Ordering::Relaxed));
        // SAFETY: the ticket was of the current phase when this part was taken, and that phase does not end
        // before the part is counted as finished below: the pointer and what it points at live until then.
        let work = unsafe { *pointer };
        let result = catch_unwind(AssertUnwindSafe(|| work((ticket % FIELD) as usize)));
        if let Err(panic) = result {
            let mut first = self.panic.lock().unwrap_or_else(PoisonError::into_inner);
            match *first {
                None => *first = Some(panic),
                // Dropping it might panic too, and leave the part uncounted.
                Some(_) => std::mem::forget(panic),
            }
        }
        self.finished.fetch_add(1, Ordering::Release);
        true
    }
}

fn wait(spins: &mut usize) {
    *spins += 1;
    if *spins < SPINS {
        spin_loop();
    } else {
        yield_now();
    }
}
