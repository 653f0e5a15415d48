//! Runs trained models: text in, text out, with scores, n-best lists, attention and constraints. It knows no tensor
//! library: models are [`network`] trees, packed for the CPU by [`search`].
//!
//! A [`folder::ModelFolder`] is where a model lies; [`model::OpenedModel`] is one that is ready, or several together;
//! its [`translator::Translator`] turns sentences into translations. The commands `translate`, `score` and `evaluate`
//! of the programs are in `command`, which the feature of that name brings.

#![deny(clippy::print_stderr, clippy::print_stdout)]

#[cfg(feature = "command")]
pub mod archive;
pub mod checkpoint;
#[cfg(feature = "command")]
pub mod command;
#[cfg(feature = "command")]
pub mod console;
mod error;
pub mod expected_utility;
pub mod folder;
pub mod model;
pub mod output;
pub mod output_folder;
pub mod package;
pub mod picture;
pub mod pointer;
pub mod reader;
pub mod replacement;
pub mod score;
pub mod scores;
pub mod translator;

pub use error::RuntimeError;
