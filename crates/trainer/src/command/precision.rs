//! `--precision`: in which numbers the weights of a search are.

use clap::{Args, ValueEnum};
use model::Seq2Seq;
use model::search::{Precision, packs};

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

    /// The precision that was asked for, to search with a model on a device.
    ///
    /// # Errors
    /// When the backend has only single precision, or that model has.
    pub(super) fn choose(self, choice: &Choice, model: &Seq2Seq) -> Result<Precision, RunError> {
        let precision = self.precision();
        if precision != Precision::Full && choice.backend != BackendKind::Cpu {
            return Err(RunError::Usage(format!(
                "`--precision {}` is for the CPU's own kernels: the backend here is {}; add `--backend cpu`",
                precision.name(),
                choice.backend
            )));
        }
        if precision != Precision::Full && !packs(model) {
            return Err(RunError::Usage(format!(
                "`--precision {}` is for plain recurrent models: the CPU's own kernels have no convolutions, no \
                 residual connections, no layer normalisation, no learned first states of the encoder, and of \
                 attention neither coverage nor \"multi-head\", \"local-m\", \"local-p\", \"time-dense\" and \
                 \"tanh-pool\"; use `--precision f32`",
                precision.name(),
            )));
        }
        Ok(precision)
    }
}
