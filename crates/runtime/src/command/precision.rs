//! `--precision`: in which numbers the weights of a search are.

use clap::{Args, ValueEnum};
use search::packed::Precision;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Name {
    /// Single precision, as trained.
    #[default]
    F32,
    /// 8-bit integers with a scale for each column: a quarter of the memory, and faster.
    Int8,
}

/// In which numbers the weights are.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct PrecisionArgs {
    /// In which numbers the weights are.
    #[arg(long, value_enum, default_value_t = Name::F32)]
    precision: Name,
}

impl PrecisionArgs {
    /// The precision that was asked for.
    pub fn precision(self) -> Precision {
        match self.precision {
            Name::F32 => Precision::Full,
            Name::Int8 => Precision::Int8,
        }
    }
}
