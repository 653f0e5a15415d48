//! Instruction sets that the kernels use: the one place that asks the processor, and that obeys the cap that the
//! environment variable `ATTUNE_ISA` sets.
//!
//! A cap is there to measure and to test on one machine what another would do. It chooses among code that is
//! compiled in; what the compiler itself was told to take for granted (`-C target-cpu`) stays. Sums of single
//! precision are taken in another order in vectors of another length, and a product and a sum are rounded once with
//! FMA and twice without, so results under two caps agree to rounding, not to the bit. Under one cap they are the same
//! bits on any machine that has all that it allows.

mod cap;
mod set;
#[cfg(test)]
mod tests;
mod vectors;
#[cfg(target_arch = "x86_64")]
mod x86;

use std::cell::Cell;
use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

pub use cap::{Cap, UnknownCap, VARIABLE};
pub use set::InstructionSet;
pub use vectors::Capped;
use vectors::Vectors;

/// Sets of instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstructionSets(u16);

impl InstructionSets {
    /// Those that the processor has, whatever the cap, and that a kernel here is written for.
    pub fn of_processor() -> Self {
        Self::under(Cap::Amx)
    }

    /// Those that the kernels use: the processor's, as far as [`VARIABLE`] allows them.
    ///
    /// A value that names no cap allows all; whoever wants it to be an error calls [`from_environment`] first.
    pub fn in_use() -> Self {
        chosen().sets
    }

    /// Sets that the cap allows and the processor has. The processor is asked for no others: using tiles needs the
    /// operating system's permission.
    fn under(cap: Cap) -> Self {
        let there = |set: &InstructionSet| set.cap() <= cap && set.is_there();
        let sets = InstructionSet::ALL.into_iter().filter(there);
        Self(sets.fold(0, |bits, set| bits | 1 << set as u16))
    }

    /// Whether a set is among them.
    #[inline]
    pub fn has(self, set: InstructionSet) -> bool {
        self.0 & 1 << set as u16 != 0
    }

    /// Whether all of several are.
    pub fn have(self, sets: &[InstructionSet]) -> bool {
        sets.iter().all(|&set| self.has(set))
    }

    /// They, one by one.
    pub fn iter(self) -> impl Iterator<Item = InstructionSet> {
        let all = InstructionSet::ALL.into_iter();
        all.filter(move |&set| self.has(set))
    }
}

/// Their names, such as `avx2, fma, f16c`; `portable` where there are none.
impl fmt::Display for InstructionSets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(InstructionSet::name).collect();
        match &names[..] {
            [] => f.write_str(Cap::Portable.name()),
            names => f.write_str(&names.join(", ")),
        }
    }
}

/// Reads [`VARIABLE`] and returns what the kernels use; to be called before anything is computed. A cap above what
/// the processor has leaves what there is.
///
/// # Errors
/// When the variable is set to something that names no cap.
pub fn from_environment() -> Result<InstructionSets, UnknownCap> {
    Cap::from_environment()?;
    Ok(InstructionSets::in_use())
}

/// Instruction sets and vectors that follow from a cap.
#[derive(Clone, Copy)]
struct Chosen {
    sets: InstructionSets,
    vectors: Vectors,
}

impl Chosen {
    fn under(cap: Cap) -> Self {
        let sets = InstructionSets::under(cap);
        Self {
            sets,
            vectors: Vectors::of(sets),
        }
    }
}

/// Whether any thread uses something else; looked at first, as this is asked for each row.
static ANY_FORCED: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Choice that this thread uses instead.
    static FORCED: Cell<Option<Chosen>> = const { Cell::new(None) };
}

#[inline]
fn chosen() -> Chosen {
    if ANY_FORCED.load(Ordering::Relaxed)
        && let Some(forced) = FORCED.get()
    {
        return forced;
    }
    static CHOSEN: OnceLock<Chosen> = OnceLock::new();
    *CHOSEN.get_or_init(|| {
        let asked = Cap::from_environment().ok().flatten();
        Chosen::under(asked.unwrap_or(Cap::Amx))
    })
}

/// Does `work` under a cap, on threads of its own: for tests.
///
/// # Panics
/// When no threads can be made.
#[doc(hidden)]
pub fn capped<R: Send>(cap: Cap, work: impl FnOnce() -> R + Send) -> R {
    ANY_FORCED.store(true, Ordering::Relaxed);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(2)
        .start_handler(move |_| FORCED.set(Some(Chosen::under(cap))))
        .build();
    pool.unwrap().install(work)
}
