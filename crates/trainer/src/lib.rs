//! The engine behind the `attune` command: configs, training, checkpoints, translation, export.
//!
//! `attune` trains an attentional encoder-decoder from a [`config::Config`] on a device chosen at
//! run time ([`backend`]), leaves everything in a [`run::RunFolder`], and translates, scores and
//! exports with what it finds there. Each command is a file of [`command`].

#![deny(clippy::print_stderr, clippy::print_stdout)]

pub mod allocator;
pub mod backend;
mod card;
pub mod command;
pub mod engine;
mod error;
pub mod filter;
pub mod interrupt;
pub mod optimiser;
mod process_memory;
pub mod run;
pub mod schedule;
mod signal;
pub mod survey;
pub mod workers;

pub use ::config;
pub use error::RunError;
pub use runtime::reader::Reader;
pub use runtime::{
    console, expected_utility, output, picture, reader, replacement, scores, translator,
};
