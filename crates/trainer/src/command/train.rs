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
use crate::workers::{self, Workers, local_rank};

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
    let workers = workers::find()?;
    let result = with(&*workers, args, &loaded.notices, config, options);
    if let Err(error) = &result
        && workers.size() > 1
        && !is_agreed(error)
    {
        // The others would wait for ever.
        say(&format!("attune, process {}: {error}", workers.rank()));
        workers.abort(i32::from(error.exit_code()));
    }
    result
}

/// Whether all processes end with this error at the same point.
fn is_agreed(error: &RunError) -> bool {
    matches!(
        error,
        RunError::Stopped { .. } | RunError::NotFinite { .. } | RunError::Diverged { .. }
    )
}

/// Trains with the other processes.
fn with(
    workers: &dyn Workers,
    args: &TrainArgs,
    notices: &[String],
    mut config: Config,
    options: Options,
) -> Result<(), RunError> {
    let is_quiet = args.quiet || !workers.is_first();
    if workers.size() > 1
        && args.device.device.is_none()
        && config.train.device == 0
        && let Some(own) = local_rank()
    {
        // Each takes a GPU of its own.
        config.train.device = own;
    }
    let choice = backend::choose(config.train.backend, config.train.device)?;
    if !is_quiet {
        for notice in notices {
            say(&format!("note: {notice}"));
        }
        say(&format!("backend: {choice}"));
    }
    let report = engine::train(&config, &options, &choice, workers, &Interrupt::listen())?;
    let Some(report) = report else {
        return Ok(());
    };
    if !is_quiet {
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
