//! Tries every parser with what is kept in `corpus/`, and for a few seconds with mutants of that: as tests, on stable
//! Rust.
//!
//! A [`Target`] is a parser: a file in [`target`], a folder in `corpus/` and a name in `tests/fuzz.rs`. Its `run` gives
//! the parser an input as the program does. The parser may take it or refuse it; it may not panic, and what it promises
//! must hold. An input over which it does not is written down, to be kept once it is mended.
//!
//! Mutants are a function of a seed and a number. `ATTUNE_FUZZ_SECONDS` says for how many seconds each target is tried
//! with them (2; 0 for the kept inputs alone), and `ATTUNE_FUZZ_SEED` which seed they have (1).

pub mod allocation;
pub mod kept;
mod message;
pub mod mutate;
mod scratch;
pub mod target;
mod trial;

pub use trial::Target;
