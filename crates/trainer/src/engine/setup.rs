//! What must be there before the first update: corpora, vocabularies, the run folder.

use std::path::Path;
use std::sync::Arc;

use data::batching::Dataset;
use data::corpus::{Alignments, Corpus, CorpusSource, read, read_alignments};
use data::tokenizer::Tokenizer;

use super::{Options, Start};
use crate::config::{Config, Objective};
use crate::console::Console;
use crate::error::RunError;
use crate::reader::{Reader, read_options};
use crate::run::{Checkpoint, Existing, Lock, RunFolder, Which};
use crate::translator::{cut_notice, narrowed_notice};

/// Everything a training loop needs beside a device.
#[derive(Debug)]
pub struct Prepared {
    /// The run's folder.
    pub folder: RunFolder,
    /// Holds it.
    pub lock: Lock,
    /// Reads sources.
    pub source: Reader,
    /// Cuts targets.
    pub target: Tokenizer,
    /// What is learned from.
    pub train: Arc<Dataset>,
    /// The target text of each of its examples; empty unless the objective needs it.
    pub references: Vec<String>,
    /// What progress is measured on: as it was read, and as the model sees it.
    pub valid: (Corpus, Dataset),
    /// Where to go on.
    pub checkpoint: Option<Checkpoint>,
    /// What to begin with, where there is nothing to go on with.
    pub start: Option<Start>,
}

/// Reads corpora and vocabularies and opens the run folder. Nothing is written, and nothing of an
/// earlier run removed, before all of the input has been found to be sound.
///
/// # Errors
/// Anything wrong with the input or the run folder.
pub fn prepare(
    config: &Config,
    options: &Options,
    console: &Console,
) -> Result<Prepared, RunError> {
    let folder = RunFolder::at(&options.run_dir);
    // Refusing is quick; reading a corpus may not be.
    folder.check(options.existing)?;
    let held = folder.is_run().then(|| folder.lock()).transpose()?;
    let resuming = held.is_some() && options.existing == Existing::Resume;
    if resuming {
        same_settings(&folder, config)?;
    }
    let has_checkpoint = resuming && !folder.steps().is_empty();
    let start = match has_checkpoint {
        true => None,
        false => Start::of(config, folder.path())?,
    };
    let (train, valid) = corpora(config, console)?;
    let (source, target) = match &start {
        Some(start) => start.tokenizers.clone(),
        None => tokenizers(config, &folder, &train, resuming)?,
    };
    let encoded = encode(config, &train, &source, &target, console)?;
    let references = match config.train.objective {
        Objective::CrossEntropy => Vec::new(),
        Objective::MinimumRisk => {
            let places = encoded.pairs.iter();
            let of_example = |&place: &usize| train.pairs[place].target.clone();
            places.map(of_example).collect()
        }
    };
    let mut valid_set = source.pairs(&valid, &target, [usize::MAX; 2])?;
    let longest = config.model.attention.max_source_length();
    let cut = longest.and_then(|longest| cut_notice(valid_set.cut_sources(longest), longest));
    if let Some(notice) = cut.or_else(|| narrowed_notice(&source, &valid_set)) {
        console.say(&format!("{}: {notice}", name(config.data.valid.as_ref())));
    }
    let checkpoint = match has_checkpoint {
        true => {
            let prints = [source.fingerprint(), target.fingerprint()];
            Some(folder.load(&Which::Last, [&prints[0], &prints[1]])?)
        }
        false => None,
    };
    let lock = match held {
        Some(lock) => lock,
        None => {
            let lock = folder.lock()?;
            // Another process may have begun a run here while this one was reading.
            folder.check(Existing::Refuse)?;
            lock
        }
    };
    if options.existing == Existing::Overwrite {
        folder.clear()?;
    }
    let save = |side: &str, tokenizer: &Tokenizer| -> Result<(), RunError> {
        let path = folder.tokenizer_file(side);
        // A process that was killed before its run began may have left another vocabulary.
        if !resuming || start.is_some() || !path.is_file() {
            tokenizer.save(&path)?;
        }
        Ok(())
    };
    if let Reader::Words(source) = &source {
        save("source", source)?;
    }
    save("target", &target)?;
    folder.write("config.toml", config.to_toml().as_bytes())?;
    if let (Some(start), Some(from)) = (&start, &config.train.start_from) {
        let (from, step) = (from.display(), start.step);
        console.say(&format!("begins with the weights of {from}, step {step}"));
    }
    Ok(Prepared {
        folder,
        lock,
        source,
        target,
        train: Arc::new(encoded),
        references,
        valid: (valid, valid_set),
        checkpoint,
        start,
    })
}

/// What a config learns from, without a run folder: the examples, and the sizes of the two vocabularies.
///
/// # Errors
/// Anything wrong with the training corpus or the tokenizers.
pub(crate) fn training_set(
    config: &Config,
    console: &Console,
) -> Result<(Dataset, [usize; 2]), RunError> {
    let train = load(config, config.data.train.as_ref(), console)?;
    let (source, target) = learn_tokenizers(config, &train)?;
    let encoded = encode(config, &train, &source, &target, console)?;
    Ok((encoded, [source.vocab_size(), target.vocab_size()]))
}

/// Reads a corpus.
fn load(
    config: &Config,
    source: Option<&CorpusSource>,
    console: &Console,
) -> Result<Corpus, RunError> {
    let Some(source) = source else {
        return Ok(Corpus::default()); // The config's own checks have refused this.
    };
    let corpus = read(source, &read_options(config.images()))?;
    console.say(&corpus.summary.to_string());
    Ok(corpus)
}

/// The links between the words of the training pairs, where they are wanted.
fn links(
    config: &Config,
    train: &Corpus,
    console: &Console,
) -> Result<Option<Alignments>, RunError> {
    let Some(source) = &config.data.alignments else {
        return Ok(None);
    };
    if !config.train.guided_alignment.is_on() {
        console.say(&format!(
            "note: {source} is not read: train.guided_alignment.weight is 0"
        ));
        return Ok(None);
    }
    let links = read_alignments(source, train)?;
    console.say(&format!("read {} links from {source}", links.count()));
    Ok(Some(links))
}

/// The training and validation pairs.
fn corpora(config: &Config, console: &Console) -> Result<(Corpus, Corpus), RunError> {
    // The later sets are read now too: a mistake in them must not show after hours of training.
    for late in [&config.data.test, &config.data.unseen]
        .into_iter()
        .flatten()
    {
        read(late, &read_options(config.images()))?;
    }
    Ok((
        load(config, config.data.train.as_ref(), console)?,
        load(config, config.data.valid.as_ref(), console)?,
    ))
}

fn name(source: Option<&CorpusSource>) -> String {
    source.map_or_else(String::new, CorpusSource::to_string)
}

fn tokenizers(
    config: &Config,
    folder: &RunFolder,
    train: &Corpus,
    resuming: bool,
) -> Result<(Reader, Tokenizer), RunError> {
    let is_there = |side| folder.tokenizer_file(side).is_file();
    let has_source = config.images().is_some() || is_there("source");
    if resuming && has_source && is_there("target") {
        return folder.tokenizers(config);
    }
    learn_tokenizers(config, train)
}

fn learn_tokenizers(config: &Config, train: &Corpus) -> Result<(Reader, Tokenizer), RunError> {
    let sources = train.pairs.iter().map(|pair| pair.source.as_str());
    let targets = train.pairs.iter().map(|pair| pair.target.as_str());
    let source = match config.images() {
        Some(options) => Reader::Images(options),
        None => {
            let settings = config.tokenizer.source.clone().unwrap_or_default();
            Tokenizer::from_config(&settings, sources)?.into()
        }
    };
    let target = Tokenizer::from_config(&config.tokenizer.target, targets)?;
    Ok((source, target))
}

/// The training pairs as ids; at least one must be left.
fn encode(
    config: &Config,
    train: &Corpus,
    source: &Reader,
    target: &Tokenizer,
    console: &Console,
) -> Result<Dataset, RunError> {
    let most = config.data.max_length;
    let (of_source, limit) = match source {
        Reader::Images(images) => {
            let columns = images.max_width;
            (
                columns,
                format!("{columns} columns or {most} target tokens"),
            )
        }
        Reader::Words(_) => {
            let of_source = config.model.attention.max_source_length().unwrap_or(most);
            match of_source.min(most) {
                length if length == most => (most, format!("{most} tokens")),
                length => (length, format!("{length} source or {most} target tokens")),
            }
        }
    };
    let links = links(config, train, console)?;
    let longest = [of_source, most];
    let encoded = match source {
        Reader::Words(source) => {
            Dataset::encode_linked(&train.pairs, links.as_ref(), source, target, longest)?
        }
        Reader::Images(_) => source.pairs(train, target, longest)?,
    };
    report_dataset(&encoded, source, target, &limit, console);
    if encoded.examples.is_empty() {
        return Err(RunError::NothingLeft {
            corpus: name(config.data.train.as_ref()),
            purpose: "learn from".into(),
            summary: format!("{} have more than {limit}", encoded.dropped_over_length),
        });
    }
    Ok(encoded)
}

fn report_dataset(
    dataset: &Dataset,
    source: &Reader,
    target: &Tokenizer,
    limit: &str,
    console: &Console,
) {
    let share = |unknown: usize, tokens: usize| 100.0 * unknown as f64 / tokens.max(1) as f64;
    let pairs = format!(
        "training on {} pairs ({} longer than {limit} dropped)",
        dataset.examples.len(),
        dataset.dropped_over_length
    );
    let unknown = share(dataset.target_unknown, dataset.target_tokens);
    console.say(&match source {
        Reader::Words(tokenizer) => format!(
            "{pairs}, {} source and {} target tokens; vocabularies {} and {}; unknown {:.2}% and {unknown:.2}%",
            dataset.source_tokens,
            dataset.target_tokens,
            tokenizer.vocab_size(),
            target.vocab_size(),
            share(dataset.source_unknown, dataset.source_tokens),
        ),
        Reader::Images(images) => format!(
            "{pairs}, images of {} rows and {:.0} columns on average, {} target tokens; vocabulary {}; \
             unknown {unknown:.2}%",
            images.height,
            dataset.source_tokens as f64 / dataset.examples.len().max(1) as f64,
            dataset.target_tokens,
            target.vocab_size(),
        ),
    });
}

/// Refuses to go on with a run whose model would learn differently from now on.
fn same_settings(folder: &RunFolder, config: &Config) -> Result<(), RunError> {
    let stored = folder.config()?;
    let mut differing = Vec::new();
    let mut compare = |name: &str, same: bool| {
        if !same {
            differing.push(name.to_owned());
        }
    };
    compare("seed", stored.seed == config.seed);
    compare("data", stored.data.train == config.data.train);
    compare("data.images", stored.data.images == config.data.images);
    compare(
        "data.max_length",
        stored.data.max_length == config.data.max_length,
    );
    compare("tokenizer", stored.tokenizer == config.tokenizer);
    compare("model", stored.model == config.model);
    compare("optimizer", stored.optimizer == config.optimizer);
    compare("schedule", stored.schedule == config.schedule);
    let loop_of = |config: &Config| {
        let train = &config.train;
        (
            (train.batch_size, train.batch_unit, train.accumulate),
            (train.label_smoothing, train.coverage_loss, train.clip_norm),
        )
    };
    compare("train", loop_of(&stored) == loop_of(config));
    let signals_of = |config: &Config| {
        let train = config.train.clone();
        (
            (train.start_from, train.start_checkpoint),
            (train.teacher_forcing, train.word_dropout),
            (train.guided_alignment, config.data.alignments.clone()),
            (train.objective, train.minimum_risk),
        )
    };
    compare("train's signals", signals_of(&stored) == signals_of(config));
    if differing.is_empty() {
        return Ok(());
    }
    Err(RunError::OtherConfig {
        path: folder.path().to_owned(),
        keys: differing.join(", "),
    })
}

/// Where a run goes unless told otherwise.
pub fn default_run_dir(config: &Config) -> std::path::PathBuf {
    Path::new("runs").join(&config.name)
}
