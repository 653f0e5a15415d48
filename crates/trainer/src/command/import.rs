//! `attune import`.

use std::path::PathBuf;

use ::import::{ImportError, Imported, Program};
use clap::{Args, ValueEnum};
use model::parameters::Parameters;
use model::pytorch;
use network::{Network, NetworkError, Shape};

use crate::console::say;
use crate::error::RunError;
use crate::run::{Checkpoint, RunFolder, State};
use crate::schedule::ScheduleState;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// JoeyNMT 2: FILE is a checkpoint, beside `config.yaml`, `src_vocab.txt` and `trg_vocab.txt`.
    Joeynmt,
}

impl From<Kind> for Program {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Joeynmt => Program::Joeynmt,
        }
    }
}

#[derive(Debug, Clone, Args)]
pub(super) struct ImportArgs {
    /// The model.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The program that trained it.
    #[arg(long = "as", value_enum, value_name = "PROGRAM")]
    kind: Kind,
    /// The folder of the new run.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

pub(super) fn run(args: &ImportArgs) -> Result<(), RunError> {
    let imported = Program::from(args.kind).read(&args.file)?;
    let parameters = parameters(&imported).map_err(|error| ImportError::Tensors {
        path: args.file.clone(),
        reason: error.to_string(),
    })?;
    let Imported {
        config,
        tokenizers: [source, target],
        step,
        notes,
        ..
    } = imported;
    for note in &notes {
        say(&format!("note: {note}"));
    }
    let (folder, lock) = RunFolder::begin(&args.out)?;
    source.save(&folder.tokenizer_file("source"))?;
    target.save(&folder.tokenizer_file("target"))?;
    folder.write("config.toml", config.to_toml().as_bytes())?;
    let fresh = ScheduleState {
        factor: 1.0,
        waited: 0,
    };
    let mut state = State::start([source.fingerprint(), target.fingerprint()], fresh);
    state.step = step;
    let checkpoint = Checkpoint {
        model: parameters,
        // Nothing goes on from here but by `train.start_from`, which begins its optimiser anew.
        optimizer: Parameters::new(),
        state: state.of_average(),
    };
    folder.save(&checkpoint, 1)?;
    drop(lock);
    say(&format!(
        "wrote step {step} of {} to {}: `attune translate --run {1}` uses it, and a config with the same [model] and \
         [tokenizer] and `train.start_from = \"{1}\"` goes on training",
        args.file.display(),
        args.out.display()
    ));
    Ok(())
}

/// The parameters, of which none is missing or left over.
fn parameters(imported: &Imported) -> Result<Parameters, NetworkError> {
    let model = &imported.config.model;
    let found = pytorch::import(model, &imported.tensors)?;
    let words = imported
        .tokenizers
        .each_ref()
        .map(|tokenizer| tokenizer.vocab_size());
    let network = Network::<Shape>::new(model, words)?.fill(found)?;
    Ok(network.into_parameters())
}
