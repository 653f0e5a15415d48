//! What a run learns from: the training corpus as examples, in memory or in a cache on disk, with its vocabularies.

mod bounds;
mod heard;
mod known;
mod making;
pub(super) mod pairs;
mod piped;
mod sample;

use std::path::PathBuf;
use std::sync::Arc;

use data::batching::{Counts, Dataset, Examples};
use data::cache::Entry;
use data::corpus::{Alignments, Content, Contents, Corpus, CorpusSource, read_alignments};
use data::tokenizer::Tokenizer;

pub(super) use self::heard::Heard;
pub(super) use self::piped::keep_piped;

use self::bounds::{limit, longest};
use self::known::{About, Given};
use self::making::Making;
use self::pairs::Pairs;
use super::corpus_name::name;
use super::suited::Suited;
use super::vocabularies::learn_tokenizers;
use crate::config::{CacheUse, Config, Objective};
use crate::console::Console;
use crate::error::RunError;
use crate::interrupt::Interrupt;
use crate::reader::Reader;

/// Examples with their text, for an objective that weighs translations.
#[derive(Debug)]
pub(super) struct Weighed {
    /// The examples.
    pub(super) examples: Arc<Dataset>,
    /// The target text of each.
    pub(super) references: Vec<String>,
}

/// What a run learns from.
#[derive(Debug)]
pub(super) struct TrainingSet {
    /// The examples.
    pub(super) examples: Arc<dyn Examples>,
    /// Reads sources.
    pub(super) source: Reader,
    /// Cuts targets.
    pub(super) target: Tokenizer,
    /// What the corpus holds.
    pub(super) contents: Contents,
    /// What the file of links holds, where one was read.
    pub(super) links: Option<Content>,
    /// The examples with their text, if the objective needs it.
    pub(super) weighed: Option<Weighed>,
}

/// The training corpus once it is found: as pairs, or in a cache.
pub(super) enum Found {
    /// Pairs, all of them or a sample.
    Pairs(Box<Pairs>),
    /// A cache that was made before.
    Cached(Box<(Entry, About)>),
}

impl Found {
    /// Reads the corpus of `config`, or finds its cache in `folder`. Says what was read.
    ///
    /// # Errors
    /// Those of reading a corpus; a filter that drops all; a signal.
    pub(super) fn find(
        config: &Config,
        given: Given<'_>,
        folder: &std::path::Path,
        heard: Heard<'_>,
    ) -> Result<Self, RunError> {
        let Some(corpus) = &config.data.train else {
            return Ok(Self::Pairs(Box::default())); // The config's own checks have refused this.
        };
        if config.data.cache != CacheUse::Off
            && !config.needs_memory()
            && let Some((entry, about)) = known::find(config, corpus, given, folder)?
        {
            heard.say(&about.said);
            return Ok(Self::Cached(Box::new((entry, about))));
        }
        let pairs = Pairs::read(config, corpus, heard)?;
        heard.say(&pairs.said);
        Ok(Self::Pairs(Box::new(pairs)))
    }

    /// Makes the examples, with vocabularies that are `given` or else learned; decides what `config` leaves open.
    ///
    /// # Errors
    /// Vocabularies that cannot be learned; links that do not fit; no example that is left; a cache that cannot be
    /// written; a signal.
    pub(super) fn examples(
        self,
        config: &mut Config,
        given: Option<(Reader, Tokenizer)>,
        folder: PathBuf,
        heard: Heard<'_>,
    ) -> Result<TrainingSet, RunError> {
        let mut pairs = match self {
            Self::Cached(found) => {
                let (entry, about) = *found;
                // A run that has vocabularies has decided before, and maybe in other words.
                if given.is_none() {
                    about.decide(config);
                }
                let (source, target) = match given {
                    Some(given) => given,
                    None => {
                        let [source, target] = entry.tokenizers()?;
                        (source.into(), target)
                    }
                };
                return of_cache(config, entry, &about, (source, target), heard);
            }
            Self::Pairs(pairs) => pairs,
        };
        let asked = config.clone();
        let sampled = pairs.sampled(config.data.most_in_memory);
        let train = sampled.as_ref().unwrap_or(&pairs.corpus.pairs);
        if let Some(chosen) = config.decide_kinds(train) {
            heard.console.say(&chosen);
        }
        let is_learned = given.is_none();
        let (source, target) = match given {
            Some(given) => given,
            None => {
                if train.len() < pairs.count {
                    let (drawn, count) = (train.len(), pairs.count);
                    heard.console.say(&format!(
                        "note: vocabularies are learned from {drawn} of {count} pairs, drawn evenly \
                         (`data.most_in_memory`)"
                    ));
                }
                learn_tokenizers(config, train, &pairs.features)?
            }
        };
        let is_cached = pairs.is_sample() || config.data.cache == CacheUse::On;
        if let (true, Some(corpus), Reader::Words(words)) = (
            is_cached && !config.needs_memory(),
            &config.data.train,
            &source,
        ) {
            let about = About::new(&asked, config, is_learned, train, &pairs.said)?;
            pairs.forget();
            let making = Making {
                config,
                corpus,
                pairs: &pairs,
                tokenizers: [words, &target],
                about: &about,
                heard,
            };
            let entry = making.make(&folder)?;
            return of_cache(config, entry, &about, (source, target), heard);
        }
        config.decide_tokenize(|| known::tokenize(train));
        in_memory(config, *pairs, (source, target), heard)
    }
}

/// The examples of a cache.
fn of_cache(
    config: &mut Config,
    entry: Entry,
    about: &About,
    (source, target): (Reader, Tokenizer),
    heard: Heard<'_>,
) -> Result<TrainingSet, RunError> {
    let vocabularies = [source.vocab_size(), target.vocab_size()];
    let examples = entry.open(vocabularies, &config.data.weights())?;
    let counts = entry.manifest.counts;
    report(
        &counts,
        &source,
        &target,
        &limit(config, &source),
        heard.console,
    );
    heard.say(&seen(config, &examples));
    let folder = entry.folder.display();
    heard.console.say(&format!("its ids are in {folder}"));
    let text = match counts.examples {
        0 => Some(limit(config, &source)),
        _ => None,
    };
    left(config, text, counts.dropped_over_length)?;
    config.decide_tokenize(|| about.tokenize);
    Ok(TrainingSet {
        examples: Arc::new(examples),
        source,
        target,
        contents: entry.manifest.contents,
        links: None,
        weighed: None,
    })
}

/// The examples in memory.
fn in_memory(
    config: &mut Config,
    pairs: Pairs,
    (source, target): (Reader, Tokenizer),
    heard: Heard<'_>,
) -> Result<TrainingSet, RunError> {
    let (mut dataset, links) = encode(config, &pairs, &source, &target, heard.console)?;
    dataset.weigh(&pairs.corpus.ends, &config.data.weights());
    heard.say(&seen(config, &dataset));
    if let Some(stopped) = heard.stopped() {
        return Err(stopped);
    }
    let train = &pairs.corpus.pairs;
    let examples = Arc::new(dataset);
    let weighed = (config.train.objective == Objective::MinimumRisk).then(|| {
        let text = |&place: &usize| train[place].target.clone();
        Weighed {
            examples: examples.clone(),
            references: examples.pairs.iter().map(text).collect(),
        }
    });
    Ok(TrainingSet {
        examples,
        source,
        target,
        contents: pairs.corpus.contents,
        links,
        weighed,
    })
}

/// Loads the data that a config learns from, without a run folder: the examples, and the sizes of the two vocabularies.
///
/// # Errors
/// Anything wrong with the training corpus or the tokenizers.
pub(crate) fn training_set(
    config: &Config,
    console: &Console,
) -> Result<(Dataset, [usize; 2]), RunError> {
    let heard = Heard {
        console,
        interrupt: &Interrupt::default(),
    };
    let mut config = config.clone();
    config.data.cache = CacheUse::Off;
    let config = &mut config;
    let pairs = match &config.data.train {
        Some(corpus) => Pairs::read(config, corpus, heard)?,
        None => Pairs::default(),
    };
    heard.say(&pairs.said[..1]);
    config.decide_kinds(&pairs.corpus.pairs);
    let (source, target) = learn_tokenizers(config, &pairs.corpus.pairs, &pairs.features)?;
    let (dataset, _) = encode(config, &pairs, &source, &target, console)?;
    Ok((dataset, [source.vocab_size(), target.vocab_size()]))
}

/// Refuses a corpus of which nothing is left: all that was dropped has more than `limit`.
fn left(config: &Config, limit: Option<String>, dropped: usize) -> Result<(), RunError> {
    match limit {
        None => Ok(()),
        Some(limit) => Err(RunError::NothingLeft {
            corpus: name(config.data.train.as_ref()),
            purpose: "learn from".into(),
            summary: format!("{dropped} have more than {limit}"),
        }),
    }
}

/// The training pairs as ids, of which at least one must be left, and what a file of their links holds.
fn encode(
    config: &Config,
    pairs: &Pairs,
    source: &Reader,
    target: &Tokenizer,
    console: &Console,
) -> Result<(Dataset, Option<Content>), RunError> {
    let corpus = &pairs.corpus;
    let links = links(config, corpus, console)?;
    let longest = longest(config, source.images());
    let encoded = match (source, &links) {
        (Reader::Words(source), Some(links)) => {
            Dataset::encode_linked(&corpus.pairs, links, source, target, longest)?
        }
        _ => source.pairs(corpus, target, longest)?,
    };
    let limit = limit(config, source);
    report(&encoded.counts(), source, target, &limit, console);
    let is_empty = encoded.examples.is_empty();
    left(
        config,
        is_empty.then_some(limit),
        encoded.dropped_over_length,
    )?;
    Ok((encoded, links.map(|links| links.content)))
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

/// A line that says how many examples an epoch sees of corpora with weights; none where it sees each once.
fn seen(config: &Config, examples: &dyn Examples) -> Vec<String> {
    let corpora = config.data.train.iter().flat_map(CorpusSource::parts);
    let counts: Vec<[usize; 2]> = examples.repeats().counts().collect();
    let each: Vec<String> = corpora
        .zip(&counts)
        .map(|(part, [there, seen])| format!("{seen} of {there} pairs of {}", part.corpus))
        .collect();
    let total: usize = counts.iter().map(|[_, seen]| seen).sum();
    let line = format!("an epoch sees {total} pairs: {}", each.join(", "));
    match counts.is_empty() {
        true => Vec::new(),
        false => vec![line],
    }
}

/// Says what the examples are.
fn report(counts: &Counts, source: &Reader, target: &Tokenizer, limit: &str, console: &Console) {
    let share = |unknown: usize, tokens: usize| 100.0 * unknown as f64 / tokens.max(1) as f64;
    let pairs = format!(
        "training on {} pairs ({} longer than {limit} dropped)",
        counts.examples, counts.dropped_over_length
    );
    let unknown = share(counts.target_unknown, counts.target_tokens);
    console.say(&match source {
        Reader::Words(tokenizer) => format!(
            "{pairs}, {} source and {} target tokens; vocabularies {} and {}; unknown {:.2}% and {unknown:.2}%",
            counts.source_tokens,
            counts.target_tokens,
            tokenizer.vocab_size(),
            target.vocab_size(),
            share(counts.source_unknown, counts.source_tokens),
        ),
        Reader::Images(images) => format!(
            "{pairs}, images of {} rows and {:.0} columns on average, {} target tokens; vocabulary {}; \
             unknown {unknown:.2}%",
            images.height,
            counts.source_tokens as f64 / counts.examples.max(1) as f64,
            counts.target_tokens,
            target.vocab_size(),
        ),
    });
}

/// Where caches are kept, for a run in `run_dir`.
pub(super) fn cache_folder(config: &Config, run_dir: &std::path::Path) -> PathBuf {
    let beside = || run_dir.parent().unwrap_or(run_dir).join("cache");
    config.data.cache_dir.clone().unwrap_or_else(beside)
}
