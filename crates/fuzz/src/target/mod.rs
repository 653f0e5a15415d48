//! The parsers. Each is a file with what its inputs are made of, `DICTIONARY`, and with `run`, which gives it an input
//! as the program does and fails where something does not hold that is promised.

pub mod config;
pub mod image;
pub mod lines;
pub mod links;
pub mod overrides;
pub mod pairs;
pub mod parallel;
pub mod safetensors;
pub mod state;
pub mod tokenizer;
