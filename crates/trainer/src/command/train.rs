//! `attune train`.

use std::path::PathBuf;

use clap::Args;

use super::{DeviceArgs, print};
use crate::backend;
use crate::config::Config;
use crate::console::say;
use crate::engine::{self, Options, default_run_dir};
use crate::error::RunError;
use crate::interrupt::Interrupt;
use crate::run::Existing;

#[derive(Debug, Clone, Args)]
pub(super) struct TrainArgs {
    /// Config to train with: a TOML file.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Change a key of the config, for example `--set model.hidden_size=256`.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    device: DeviceArgs,
    /// Where the run goes; `runs/NAME` with the config's name unless given.
    #[arg(long, value_name = "FOLDER")]
    run_dir: Option<PathBuf>,
    /// Go on with the run that is there.
    #[arg(long, conflicts_with = "overwrite")]
    resume: bool,
    /// Go on although this key of the config has changed, for example `--allow-changed model.dropout`.
    #[arg(long, value_name = "KEY", requires = "resume")]
    allow_changed: Vec<String>,
    /// Go on although the text of a corpus has changed.
    #[arg(long, requires = "resume")]
    allow_changed_data: bool,
    /// Remove the run that is there and start again.
    #[arg(long)]
    overwrite: bool,
    /// Stop after so many updates.
    #[arg(long, value_name = "N")]
    max_steps: Option<u64>,
    /// Print nothing but errors.
    #[arg(long)]
    quiet: bool,
    /// Print the outcome as one JSON object on the last line of standard output.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &TrainArgs) -> Result<(), RunError> {
    let Some(path) = &args.config else {
        return Err(RunError::Usage(
            "give a config with `--config FILE`, for example `--config configs/en-zh.toml`; \
             `attune --help` lists all commands"
                .into(),
        ));
    };
    for key in &args.allow_changed {
        Config::check_key(key)
            .map_err(|reason| RunError::Usage(format!("--allow-changed {key}: {reason}")))?;
    }
    let mut overrides = args.set.clone();
    overrides.extend(
        args.max_steps
            .map(|steps| format!("train.max_steps={steps}")),
    );
    let loaded = Config::load(path, &overrides)?;
    let mut config = loaded.config;
    config.train.backend = args.device.backend.unwrap_or(config.train.backend);
    config.train.device = args.device.device.unwrap_or(config.train.device);
    let options = Options {
        run_dir: args
            .run_dir
            .clone()
            .unwrap_or_else(|| default_run_dir(&config)),
        existing: match (args.resume, args.overwrite) {
            (true, _) => Existing::Resume,
            (_, true) => Existing::Overwrite,
            _ => Existing::Refuse,
        },
        allow_changed: args.allow_changed.clone(),
        allow_changed_data: args.allow_changed_data,
        quiet: args.quiet,
    };
    let choice = backend::choose(config.train.backend, config.train.device)?;
    if !args.quiet {
        for notice in &loaded.notices {
            say(&format!("note: {notice}"));
        }
        say(&format!("backend: {choice}"));
    }
    let report = engine::train(&config, &options, &choice, &Interrupt::listen())?;
    if !args.quiet {
        say(&format!(
            "done: {} steps, {:.0} s of training; the run is in {}",
            report.steps,
            report.train_seconds,
            report.run_dir.display()
        ));
    }
    if args.json {
        print(&serde_json::to_string(&report).unwrap_or_default())?;
    }
    Ok(())
}
