//! `--beam` and `--set`: another search than the run's config says.

use clap::Args;
use search::Method;
use search::SearchConfig;

use crate::error::RuntimeError;

/// The tables, and the key, that may differ from training.
const OPEN: [&str; 3] = ["search.", "valid.", "data.columns"];

/// Keys with other values than in the run's config.
#[derive(Debug, Clone, Args)]
pub struct SetArgs {
    /// Change a key of [search] (or [valid]) of the run's config, for example `--set search.ensemble=probabilities`.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

/// How to search.
#[derive(Debug, Clone, Args)]
pub struct SearchArgs {
    /// Hypotheses kept side by side; 1 is greedy search.
    #[arg(long, value_name = "K")]
    pub(crate) beam: Option<usize>,
    #[command(flatten)]
    set: SetArgs,
}

impl SetArgs {
    /// Returns the keys and values to put over the run's config.
    ///
    /// # Errors
    /// Keys that only training has.
    pub fn overrides(&self) -> Result<Vec<String>, RuntimeError> {
        for text in &self.set {
            if !OPEN
                .iter()
                .any(|table| text.trim_start().starts_with(table))
            {
                return Err(RuntimeError::Usage(format!(
                    "--set {text}: a trained model keeps its settings; only keys of [search] and [valid] may be \
                     changed here, for example --set search.length_penalty=0.6"
                )));
            }
        }
        Ok(self.set.clone())
    }
}

impl SearchArgs {
    /// Returns the keys and values to put over the run's config.
    ///
    /// # Errors
    /// Keys that only training has, and a beam of nothing.
    pub fn overrides(&self) -> Result<Vec<String>, RuntimeError> {
        let mut overrides = self.set.overrides()?;
        match self.beam {
            Some(0) => return Err(RuntimeError::Usage("`--beam` must be at least 1".into())),
            Some(beam) => overrides.push(format!("search.beam={beam}")),
            None => {}
        }
        Ok(overrides)
    }

    /// Refuses a beam for a method without one.
    pub fn check(&self, search: &SearchConfig) -> Result<(), RuntimeError> {
        match search.method {
            Method::Sample | Method::Mbr | Method::Exhaustive if self.beam.is_some() => {
                Err(RuntimeError::Usage(format!(
                    "`--beam` is for `search.method = \"beam\"` and \"diverse-beam\"; this is \"{}\"",
                    search.method
                )))
            }
            _ => Ok(()),
        }
    }
}
