//! The kernels' team of threads under `loom`: its threads meet in every order, with as many preemptions as a test
//! allows, and every load gives each value that the memory model lets it give. What a phase's work borrows is in
//! `loom`'s cells, which fail a test where two accesses are not ordered. A fault in the team may also end the tests by
//! a stale pointer's access violation.

#![cfg(test)]

use std::array::from_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use loom::cell::UnsafeCell;
use loom::model::Builder;
use loom::thread::{JoinHandle, spawn, yield_now};

use team::Team;

#[path = "../../../crates/kernels/src/parallel/team.rs"]
mod team;

mod primitives {
    pub use loom::hint::spin_loop;
    pub use loom::sync::Mutex;
    pub use loom::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
    pub use loom::thread::yield_now;
}

/// Parts of a phase. Two phases of two parts store as often in a ticket as `loom` remembers.
const PARTS: usize = 2;

/// What a phase's work borrows from the leader.
struct Board {
    /// Written by the leader before a phase, read by the parts.
    addend: UnsafeCell<usize>,
    /// What each part has added up; read by the leader after a phase.
    sums: [UnsafeCell<usize>; PARTS],
}

// SAFETY: `loom` runs one thread at a time, and fails a test in which accesses to a cell are not ordered.
unsafe impl Sync for Board {}

impl Board {
    fn new() -> Self {
        Self {
            addend: UnsafeCell::new(0),
            sums: from_fn(|_| UnsafeCell::new(0)),
        }
    }

    fn write(&self, addend: usize) {
        self.addend.with_mut(|place| {
            // SAFETY: the pointer is to a cell of this board, and `loom` has found no other access.
            unsafe { *place = addend }
        });
    }

    /// The work of a part. Others come in while it is done.
    fn add(&self, part: usize) {
        let addend = read(&self.addend);
        yield_now();
        self.sums[part].with_mut(|place| {
            // SAFETY: as in `write`.
            unsafe { *place += addend }
        });
    }

    fn sums(&self) -> [usize; PARTS] {
        self.sums.each_ref().map(read)
    }
}

fn read(cell: &UnsafeCell<usize>) -> usize {
    cell.with(|place| {
        // SAFETY: the pointer is to a cell that is borrowed, and `loom` has found no write at this time.
        unsafe { *place }
    })
}

/// Runs `work` in all orders with at most so many preemptions; `LOOM_MAX_PREEMPTIONS` sets another bound.
fn check(preemptions: usize, work: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(preemptions));
    builder.check(work);
}

/// Comes to help.
fn help(team: &Arc<Team>) -> JoinHandle<()> {
    let team = Arc::clone(team);
    spawn(move || team.help())
}

/// Leads a phase in which each part adds `addend` to its sum.
fn add(team: &Team, board: &Board, addend: usize) {
    board.write(addend);
    team.run(PARTS, &|part| board.add(part));
}

/// One helper: two that find nothing give way to each other for ever in some orders, which no system lets them.
#[test]
fn a_helper_and_the_leader_do_each_part_of_two_phases_once() {
    check(3, || {
        let team = Arc::new(Team::new());
        let helper = help(&team);
        let board = Board::new();
        add(&team, &board, 1);
        assert_eq!(board.sums(), [1; PARTS]);
        add(&team, &board, 2);
        assert_eq!(board.sums(), [3; PARTS]);
        team.dismiss();
        helper.join().unwrap();
    });
}

#[test]
fn helpers_that_come_late_find_nothing_and_end() {
    check(2, || {
        let team = Arc::new(Team::new());
        let board = Board::new();
        add(&team, &board, 1);
        let late = help(&team);
        team.dismiss();
        let later = help(&team);
        late.join().unwrap();
        later.join().unwrap();
        assert_eq!(board.sums(), [1; PARTS]);
    });
}

#[test]
fn a_panic_reaches_the_leader_and_the_next_phase_is_done() {
    check(2, || {
        let team = Arc::new(Team::new());
        let helper = help(&team);
        let board = Board::new();
        board.write(1);
        let ended = catch_unwind(AssertUnwindSafe(|| {
            team.run(PARTS, &|part| match part {
                // As a panic does, without its message for every order.
                0 => resume_unwind(Box::new("part 0")),
                _ => board.add(part),
            });
        }));
        let panic = ended.unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"part 0"));
        assert_eq!(board.sums(), [0, 1]);
        add(&team, &board, 2);
        assert_eq!(board.sums(), [2, 3]);
        team.dismiss();
        helper.join().unwrap();
    });
}
