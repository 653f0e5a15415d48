//! `--precision`: in which numbers the weights of a search are.

use clap::{Args, ValueEnum};
use model::search::{Precision, Searcher};

use crate::backend::Choice;
use crate::config::BackendKind;
use crate::error::RunError;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// Single precision, as trained.
    F32,
    /// 8-bit integers with a scale for each column: a quarter of the memory, and faster.
    Int8,
}

/// Whether a searcher has its weights in the `precision` that was asked for.
///
/// # Errors
/// When it has not: the CPU's kernels were told not to search.
pub(super) fn check(precision: Precision, searcher: &Searcher) -> Result<(), RunError> {
    if searcher.precision() == precision {
        return Ok(());
    }
    Err(RunError::Usage(format!(
        "`--precision {}` is for the CPU's own kernels, which ATTUNE_REFERENCE=1 and `--reference` \
         switch off: leave these out, or use `--precision f32`",
        precision.name(),
    )))
}

/// In which numbers the weights are.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct PrecisionArgs {
    /// In which numbers the weights are.
    #[arg(long, value_enum, default_value_t = Name::F32)]
    precision: Name,
}

impl PrecisionArgs {
    /// The precision that was asked for.
    pub(super) fn precision(self) -> Precision {
        match self.precision {
            Name::F32 => Precision::Full,
            Name::Int8 => Precision::Int8,
        }
    }

    /// The precision that was asked for, to search on a device.
    ///
    /// # Errors
    /// When the backend has only single precision.
    pub(super) fn choose(self, choice: &Choice) -> Result<Precision, RunError> {
        let precision = self.precision();
        if precision != Precision::Full && choice.backend != BackendKind::Cpu {
            return Err(RunError::Usage(format!(
                "`--precision {}` is for the CPU's own kernels: the backend here is {}; add `--backend cpu`",
                precision.name(),
                choice.backend
            )));
        }
        Ok(precision)
    }
}
