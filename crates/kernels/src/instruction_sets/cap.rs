//! The most that a command may use.

use std::env::{VarError, var};
use std::fmt;

use thiserror::Error;

/// The environment variable that names a cap.
pub const VARIABLE: &str = "ATTUNE_ISA";

/// The most that may be used of what a processor has. Each allows what those before it allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cap {
    /// Instructions that the compiler takes for granted: SSE2 on x86-64.
    Portable,
    /// AVX2, FMA and F16C, as processors with nothing newer have them; NEON.
    Avx2,
    /// AVX-512 and what multiplies bytes in vectors.
    Avx512,
    /// Tile registers too: everything.
    Amx,
}

/// A value of the environment variable that names no cap.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{VARIABLE}={value}` in the environment names no instruction sets: set it to {choices}, or remove it to use all that the processor has",
    choices = Cap::choices()
)]
pub struct UnknownCap {
    /// Value of the variable.
    pub value: String,
}

impl Cap {
    /// All, the lowest first.
    pub const ALL: [Self; 4] = [Self::Portable, Self::Avx2, Self::Avx512, Self::Amx];

    /// As the environment variable names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Amx => "amx",
        }
    }

    /// Reads the cap that [`VARIABLE`] asks for; `None` where it is not set, or empty.
    ///
    /// # Errors
    /// When it is set to something that names no cap.
    pub fn from_environment() -> Result<Option<Self>, UnknownCap> {
        match var(VARIABLE) {
            Ok(value) => Self::read(&value),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(value)) => Err(UnknownCap {
                value: value.to_string_lossy().into_owned(),
            }),
        }
    }

    pub(super) fn read(value: &str) -> Result<Option<Self>, UnknownCap> {
        let named = |cap: &Self| cap.name() == value;
        match Self::ALL.into_iter().find(named) {
            None if !value.is_empty() => Err(UnknownCap {
                value: value.to_owned(),
            }),
            found => Ok(found),
        }
    }

    fn choices() -> String {
        let [others @ .., last] = Self::ALL.map(|cap| format!("`{cap}`"));
        format!("{} or {last}", others.join(", "))
    }
}

impl fmt::Display for Cap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
