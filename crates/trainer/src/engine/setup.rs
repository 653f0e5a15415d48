//! Requirements of the first update: corpora, vocabularies, the run folder.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use data::batching::{Dataset, Examples};
use data::corpus::{Contents, Corpus};
use data::tokenizer::Tokenizer;

use super::agreement::{same_corpora, same_settings};
use super::corpus_name::name;
use super::suited::Suited;
use super::training_set::pairs::read_unless;
use super::training_set::{Found, Heard, TrainingSet, Weighed, cache_folder, keep_piped};
use super::{Options, Start, capacity, fitting};
use crate::backend::Choice;
use crate::config::{Config, ScheduleKind, Which};
use crate::console::Console;
use crate::error::RunError;
use crate::filter;
use crate::interrupt::Interrupt;
use crate::reader::Reader;
use crate::run::{Checkpoint, Existing, Lock, RunFolder};
use crate::translator::{cut_notice, narrowed_notice};

/// Everything a training loop needs beside a device.
#[derive(Debug)]
pub struct Prepared {
    /// The config, with what it leaves to the corpus decided.
    pub config: Config,
    /// The run's folder.
    pub folder: RunFolder,
    /// Holds it, in the process that writes.
    pub(super) lock: Option<Lock>,
    /// Reads sources.
    pub source: Reader,
    /// Cuts targets.
    pub target: Tokenizer,
    /// Examples to learn from.
    pub train: Arc<dyn Examples>,
    /// The same with their text, if the objective needs it.
    pub(super) weighed: Option<Weighed>,
    /// Corpus that progress is measured on: as it was read, and as the model sees it.
    pub valid: (Corpus, Dataset),
    /// Where to go on.
    pub checkpoint: Option<Checkpoint>,
    /// Weights and vocabularies of another run to begin with, where there is nothing to go on with.
    pub start: Option<Start>,
    /// Contents of the corpora, by their keys.
    pub contents: BTreeMap<String, Contents>,
    /// Whether the run that is there is to be removed.
    pub(super) overwrites: bool,
}

impl Prepared {
    /// Begins the run in its folder: removes the one that is to be overwritten, and writes vocabularies and config.
    /// The model must have been made by then: nothing may fail between the removal and the first update that could
    /// have failed before it.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn begin(&self, console: &Console) -> Result<(), RunError> {
        if self.overwrites {
            self.folder.clear()?;
        }
        let save = |side: &str, tokenizer: &Tokenizer| -> Result<(), RunError> {
            let path = self.folder.tokenizer_file(side);
            // A process that was killed before its first checkpoint may have left another vocabulary.
            if self.checkpoint.is_none() || !path.is_file() {
                tokenizer.save(&path)?;
            }
            Ok(())
        };
        if let Reader::Words(source) = &self.source {
            save("source", source)?;
        }
        save("target", &self.target)?;
        self.folder
            .write("config.toml", self.config.to_toml().as_bytes())?;
        if let (Some(start), Some(from)) = (&self.start, &self.config.train.start_from) {
            let (from, step) = (from.display(), start.step);
            console.say(&format!("begins with the weights of {from}, step {step}"));
        }
        Ok(())
    }
}

/// Reads corpora and vocabularies and opens the run folder. Nothing is written but files of what comes through pipes and
/// caches, and nothing of an earlier run removed: that is for [`Prepared::begin`]. `ranks` processes will train.
///
/// # Errors
/// Anything wrong with the input or the run folder.
pub fn prepare(
    config: &Config,
    options: &Options,
    (choice, ranks): (&Choice, usize),
    console: &Console,
    interrupt: &Interrupt,
) -> Result<Prepared, RunError> {
    let folder = RunFolder::at(&options.run_dir);
    filter::check(&config.data.filter).map_err(RunError::Usage)?;
    if folder.is_half_removed() {
        let _lock = folder.lock()?;
        folder.clear()?;
        console.say("note: an `--overwrite` that was cut short is finished");
    }
    // Refusing is quick; reading a corpus may not be.
    folder.check(options.existing)?;
    if options.existing == Existing::Resume && !folder.is_run() {
        mistyped(&folder, &config.name)?;
        let path = folder.path().display();
        console.say(&format!(
            "note: there is no run in {path} yet: a new one begins"
        ));
    }
    let held = folder.is_run().then(|| folder.lock()).transpose()?;
    let resuming = held.is_some() && options.existing == Existing::Resume;
    let mut config = config.clone();
    let mut stored = config.clone();
    if resuming {
        stored = folder.config()?;
        config.decided_as(&stored);
        config.limited_as(&stored);
        for line in same_settings(&folder, &stored, &config, &options.allow_changed)? {
            console.say(&line);
        }
    }
    let heard = Heard { console, interrupt };
    let caches = cache_folder(&config, folder.path());
    let has_checkpoint = resuming && !folder.steps().is_empty();
    if resuming && !has_checkpoint {
        let path = folder.path().display();
        console.say(&format!(
            "note: the run in {path} has no checkpoint: it begins again"
        ));
    }
    let limits = |config: &Config| (config.train.max_epochs, config.train.max_steps);
    if has_checkpoint
        && limits(&stored) != limits(&config)
        && let Some(steps) = config.schedule.decay_steps
        && config.schedule.restart_factor.is_none()
        && config.schedule.kind != ScheduleKind::Step
    {
        console.say(&format!(
            "note: `schedule.decay_steps` stays {steps}, as the run was begun: from then on the rate is at its lowest"
        ));
    }
    let start = match has_checkpoint {
        true => None,
        false => Start::of(&config, folder.path())?,
    };
    // The sets that are read late are read now too: a mistake in them must not show after hours of training.
    for late in [&config.data.test, &config.data.unseen]
        .into_iter()
        .flatten()
    {
        read_unless(&config, late, heard)?;
    }
    if let Some(start) = &start {
        config.decided_as(&start.config);
    }
    let given = match &start {
        Some(start) => Some(start.tokenizers.clone()),
        None if has_checkpoint => Some(folder.tokenizers(&config)?),
        None => None,
    };
    let known = given.as_ref().map(|(source, target)| (source, target));
    keep_piped(&mut config, resuming.then_some(&stored), &caches, heard)?;
    let found = Found::find(&config, known, &caches, heard)?;
    let valid = match &config.data.valid {
        Some(valid) => read_unless(&config, valid, heard)?,
        None => Corpus::default(), // The config's own checks have refused this.
    };
    console.say(&valid.summary.to_string());
    let TrainingSet {
        examples: train,
        source,
        target,
        contents,
        links,
        weighed,
    } = found.examples(&mut config, given, caches, heard)?;
    let vocabularies = [source.vocab_size(), target.vocab_size()];
    capacity::check(&config, vocabularies)?;
    // A run that goes on has what was decided when it began.
    if !has_checkpoint {
        fitting::fit(&mut config, &*train, vocabularies, (choice, ranks), console)?;
    }
    config.decide(&*train);
    let mut valid_set = source.pairs(&valid, &target, [usize::MAX; 2])?;
    let longest = config.model.attention.max_source_length();
    let cut = longest.and_then(|longest| cut_notice(valid_set.cut_sources(longest), longest));
    if let Some(notice) = cut.or_else(|| narrowed_notice(&source, &valid_set)) {
        console.say(&format!("{}: {notice}", name(config.data.valid.as_ref())));
    }
    let say = |line: &str| console.say(line);
    let mut checkpoint = match has_checkpoint {
        true => Some(folder.load_last((&source, &target), &say)?),
        false => None,
    };
    if checkpoint
        .as_ref()
        .is_some_and(|checkpoint| checkpoint.state.averaged)
    {
        return Err(RunError::Usage(format!(
            "`{}` holds an average of checkpoints, with nothing that its training could go on with: begin a run with its \
             weights by `train.start_from`",
            folder.path().display()
        )));
    }
    if let Some(Checkpoint { state, .. }) = &mut checkpoint {
        // Damage of the best shows now, and not at the end. A process that was killed at its first save has marked none.
        let last = folder.checkpoints().join(state.step.to_string());
        match folder.checkpoint(&Which::Best) {
            // It was read just now.
            Ok(best) if best == last => {}
            Ok(_) => drop(folder.load_best((&source, &target), &say)?),
            Err(_) => {
                let marked = state.progress.marked_step;
                let marked = marked.filter(|step| folder.steps().contains(step));
                folder.point("best", marked.unwrap_or(state.step))?;
            }
        }
        state.progress.keep_marked(&folder.steps());
    }
    let mut contents = BTreeMap::from([
        ("data.train".to_owned(), contents),
        ("data.valid".to_owned(), valid.contents.clone()),
    ]);
    if let Some(content) = links {
        let texts = vec![content];
        let images = None;
        contents.insert("data.alignments".to_owned(), Contents { texts, images });
    }
    if let Some(scores) = filter::score_contents(&config.data.filter)? {
        contents.insert("data.filter.scores".to_owned(), scores);
    }
    if let Some(checkpoint) = &mut checkpoint {
        let said = same_corpora(
            &folder,
            (&stored, &config),
            &checkpoint.state.contents,
            &contents,
            options.allow_changed_data,
        )?;
        said.iter().for_each(|line| console.say(line));
        let other_set = |key| checkpoint.state.contents.get(key) != contents.get(key);
        let noted = checkpoint.state.contents.contains_key("data.valid");
        let other = noted && other_set("data.valid");
        if other || stored.valid.criterion != config.valid.criterion {
            console.say(
                "note: which checkpoint was the best is forgotten: validations are others now",
            );
            checkpoint.state.progress.forget_best();
        }
    }
    let lock = match held {
        Some(lock) => lock,
        None => {
            let lock = folder.lock()?;
            // Another process may have begun a run here while this one was reading.
            folder.check(Existing::Refuse)?;
            lock
        }
    };
    Ok(Prepared {
        overwrites: options.existing == Existing::Overwrite,
        contents,
        config,
        folder,
        lock: Some(lock),
        source,
        target,
        train,
        weighed,
        valid: (valid, valid_set),
        checkpoint,
        start,
    })
}

/// Refuses to begin a run in a folder whose name seems to be a slip for that of a run beside it.
fn mistyped(folder: &RunFolder, name_of_config: &str) -> Result<(), RunError> {
    let path = folder.path();
    let (Some(name), Some(parent)) = (path.file_name(), path.parent()) else {
        return Ok(());
    };
    let parent = match parent.as_os_str().is_empty() {
        true => Path::new("."),
        false => parent,
    };
    let Ok(entries) = std::fs::read_dir(parent) else {
        return Ok(());
    };
    let is_same = |folder: &RunFolder| folder.config().is_ok_and(|own| own.name == name_of_config);
    let runs = entries.flatten().filter(|entry| {
        let beside = RunFolder::at(entry.path());
        beside.is_run() && is_same(&beside)
    });
    let runs: Vec<String> = runs
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    match config::slip(&name.to_string_lossy(), &runs) {
        None => Ok(()),
        Some(near) => Err(RunError::RunMistyped {
            path: path.to_owned(),
            near: path.with_file_name(near),
        }),
    }
}

/// Where a run goes unless told otherwise.
pub fn default_run_dir(config: &Config) -> std::path::PathBuf {
    Path::new("runs").join(&config.name)
}
