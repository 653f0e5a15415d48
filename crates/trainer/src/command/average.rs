//! `attune average`.

use std::path::PathBuf;

use clap::Args;
use runtime::folder::ModelFolder;

use crate::config::Which;
use crate::console::say;
use crate::error::RunError;
use crate::run::{Checkpoint, RunFolder, mean};

#[derive(Debug, Clone, Args)]
pub(super) struct AverageArgs {
    /// The folder of the run.
    #[arg(long, value_name = "FOLDER")]
    run: PathBuf,
    /// Steps of its checkpoints, with commas between; all that it kept unless given.
    #[arg(long, value_name = "STEPS", value_delimiter = ',')]
    checkpoints: Vec<u64>,
    /// The folder of the new run, with the mean of their parameters as its only checkpoint.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

pub(super) fn run(args: &AverageArgs) -> Result<(), RunError> {
    let from = RunFolder::at(&args.run);
    let config = from.config()?;
    let readers = from.tokenizers(&config)?;
    let mut steps = match args.checkpoints.is_empty() {
        true => from.steps(),
        false => args.checkpoints.clone(),
    };
    steps.sort_unstable();
    steps.dedup();
    if steps.len() < 2 {
        return Err(RunError::Usage(format!(
            "an average needs two checkpoints or more, and {} has {}; `checkpoint.keep` says how many a training keeps",
            match args.checkpoints.is_empty() {
                true => format!("`{}`", args.run.display()),
                false => "`--checkpoints`".into(),
            },
            steps.len()
        )));
    }
    RunFolder::refuse(&args.out)?;
    let mut models = Vec::with_capacity(steps.len());
    let mut last = None;
    for &step in &steps {
        let (model, state) = from.load_model(&Which::Step(step), (&readers.0, &readers.1))?;
        models.push(model);
        last = Some(state);
    }
    let Some(state) = last else {
        unreachable!("there are two or more");
    };
    let (folder, lock) = RunFolder::begin(&args.out)?;
    for side in ["source", "target"] {
        let (own, new) = (from.tokenizer_file(side), folder.tokenizer_file(side));
        if own.is_file() {
            std::fs::copy(&own, &new).map_err(|source| RunError::UserFile {
                action: "write",
                path: new,
                source,
            })?;
        }
    }
    folder.write("config.toml", config.to_toml().as_bytes())?;
    let checkpoint = Checkpoint {
        model: mean(models),
        // Nothing goes on from here but by `train.start_from`, which begins its optimiser anew.
        optimizer: model::parameters::Parameters::new(),
        state: state.of_average(),
    };
    folder.save(&checkpoint, 1)?;
    drop(lock);
    let named: Vec<String> = steps.iter().map(u64::to_string).collect();
    say(&format!(
        "wrote the average of the checkpoints {} of {} to {}",
        named.join(", "),
        ModelFolder::at(&args.run).path().display(),
        args.out.display()
    ));
    Ok(())
}
