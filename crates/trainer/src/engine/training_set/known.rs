//! What a cache says of the run that made it, by which another run finds it.

use std::path::Path;

use data::DataError;
use data::cache::{Entry, Stamp, entries};
use data::corpus::{Columns, Contents, CorpusSource, OneSided, Pair, Part};
use data::tokenizer::{Tokenizer, TokenizerConfig};
use metrics::bleu::Tokenize;
use serde::{Deserialize, Serialize};

use super::bounds::longest;
use crate::config::{Config, FilterConfig, TokenizerPair};
use crate::error::RunError;
use crate::filter::score_contents;
use crate::reader::Reader;

/// The vocabularies of a run that has them already.
pub(in crate::engine) type Given<'a> = Option<(&'a Reader, &'a Tokenizer)>;

/// Settings that decide which pairs are in a cache.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Settings {
    max_characters: usize,
    columns: Option<Columns>,
    one_sided: OneSided,
    filter: FilterConfig,
    /// For each corpus of a list the name of one that is built in, how many files it has, and the tag.
    #[serde(default)]
    list: Vec<(Option<String>, usize, Option<String>)>,
    /// What the filter's files of scores hold.
    #[serde(default)]
    scores: Option<Contents>,
}

impl Settings {
    fn of(config: &Config) -> Result<Self, DataError> {
        let data = &config.data;
        let of_part = |part: &Part| match &part.corpus {
            CorpusSource::Builtin(builtin) => (Some(builtin.to_string()), 0, part.tag.clone()),
            files => (None, files.files().len(), part.tag.clone()),
        };
        let list = match &data.train {
            Some(CorpusSource::List(parts)) => parts.iter().map(of_part).collect(),
            _ => Vec::new(),
        };
        Ok(Self {
            scores: score_contents(&data.filter)?,
            list,
            max_characters: data.max_characters,
            columns: data.columns,
            one_sided: data.one_sided,
            filter: data.filter.clone(),
        })
    }
}

/// Settings that decide how vocabularies are learned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Learning {
    /// The `[tokenizer]` table.
    tokenizer: TokenizerPair,
    /// Fingerprints of the files that it names, of source and target.
    files: [Option<String>; 2],
    /// Of so many pairs.
    sample: usize,
}

impl Learning {
    fn of(config: &Config) -> Result<Self, DataError> {
        let fingerprint = |side: &TokenizerConfig| {
            let file = side.file.as_deref();
            let tokenizer = file.map(Tokenizer::load).transpose()?;
            Ok(tokenizer.map(|one| one.fingerprint()))
        };
        let source = config.tokenizer.source.as_ref();
        Ok(Self {
            files: [
                source.map(fingerprint).transpose()?.flatten(),
                fingerprint(&config.tokenizer.target)?,
            ],
            tokenizer: config.tokenizer.clone(),
            sample: config.data.most_in_memory,
        })
    }
}

/// What a cache says beside what it holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::engine) struct About {
    settings: Settings,
    /// How its vocabularies were learned; nothing where they came from another run.
    learned: Option<Learning>,
    /// The `[tokenizer]` table with what the corpus decided.
    tokenizer: TokenizerPair,
    /// How BLEU cuts the targets.
    pub(super) tokenize: Tokenize,
    /// Lines that say what was read and dropped.
    pub(super) said: Vec<String>,
}

impl About {
    /// `asked` is the config before the corpus decided anything, `config` that after.
    pub(super) fn new(
        asked: &Config,
        config: &Config,
        is_learned: bool,
        train: &[Pair],
        said: &[String],
    ) -> Result<Self, DataError> {
        Ok(Self {
            settings: Settings::of(config)?,
            learned: is_learned.then(|| Learning::of(asked)).transpose()?,
            tokenizer: config.tokenizer.clone(),
            tokenize: tokenize(train),
            said: said.to_vec(),
        })
    }

    /// Sets what the corpus has decided.
    pub(super) fn decide(&self, config: &mut Config) {
        config.tokenizer.clone_from(&self.tokenizer);
    }

    /// Text by which caches are told apart.
    pub(super) fn name(&self) -> String {
        serde_json::to_string(&(&self.settings, &self.learned, &self.tokenizer)).unwrap_or_default()
    }
}

/// How BLEU cuts the targets of these pairs.
pub(super) fn tokenize(train: &[Pair]) -> Tokenize {
    Tokenize::suited_to(train.iter().map(|pair| pair.target.as_str()))
}

/// Finds the cache of the pairs of `corpus` as `config` and `given` vocabularies have them, if the corpus's files are still
/// as they were when it was made.
pub(super) fn find(
    config: &Config,
    corpus: &CorpusSource,
    given: Given<'_>,
    folder: &Path,
) -> Result<Option<(Entry, About)>, RunError> {
    let all = entries(folder);
    let Some(stamps) = Stamp::of(corpus).filter(|stamps| !all.is_empty() && !stamps.is_empty())
    else {
        return Ok(None);
    };
    let (learning, settings) = (Learning::of(config)?, Settings::of(config)?);
    let given = given.map(|(source, target)| [source.fingerprint(), target.fingerprint()]);
    for entry in all {
        let manifest = &entry.manifest;
        let Ok(about) = serde_json::from_value::<About>(manifest.about.clone()) else {
            continue; // Another version's.
        };
        let mut decided = config.clone();
        if given.is_none() {
            about.decide(&mut decided);
        }
        let has_vocabularies = match &given {
            Some(given) => *given == manifest.fingerprints,
            None => about.learned.as_ref().is_some_and(|learned| {
                let as_decided = Learning {
                    tokenizer: about.tokenizer.clone(),
                    ..learned.clone()
                };
                [learned, &as_decided].contains(&&learning)
            }),
        };
        let is_same = manifest.stamps == stamps
            && about.settings == settings
            && manifest.longest == longest(&decided, None);
        if has_vocabularies && is_same {
            return Ok(Some((entry, about)));
        }
    }
    Ok(None)
}
