//! A trained model that is ready to be used, or several together.

use std::path::{Path, PathBuf};

use config::{Config, Which};
use data::tokenizer::Tokenizer;
use network::{Network, Shape, Values};
use search::packed::{PackedNetwork, Precision};
use search::{Model, Searcher};

use crate::checkpoint::{Summary, damaged, read_tensors};
use crate::error::RuntimeError;
use crate::folder::ModelFolder;
use crate::reader::Reader;
use crate::translator::Translator;

/// A model with what it reads and writes with.
#[derive(Debug)]
pub struct OpenedModel {
    /// Of several models, that of the first.
    pub config: Config,
    /// Whether any of the models has attention.
    pub attends: bool,
    /// Reads sources.
    pub source: Reader,
    /// Joins targets.
    pub target: Tokenizer,
    /// Searches with all of them.
    pub searcher: Searcher,
    /// Lengths are padded up to a multiple of this.
    pub pad_multiple: usize,
    /// Each folder with the step of its checkpoint, for messages.
    pub steps: Vec<String>,
}

/// Folders with what is read of them before any network is: the configs, and one pair of vocabularies.
#[derive(Debug)]
pub struct Folders {
    /// The folder of each model, with its config.
    pub members: Vec<(ModelFolder, Config)>,
    /// Notices about the keys that the first config's overrides made meaningless.
    pub notices: Vec<String>,
    /// Reads sources.
    pub source: Reader,
    /// Joins targets.
    pub target: Tokenizer,
}

impl Folders {
    /// Looks at the folders of models that work together, with `overrides` over the first one's config.
    ///
    /// # Errors
    /// A folder or config that cannot be read, a wrong override, and folders with different vocabularies.
    pub fn open(paths: &[PathBuf], overrides: &[String]) -> Result<Self, RuntimeError> {
        let Some((first, others)) = paths.split_first() else {
            return Err(RuntimeError::Usage("`--run` is missing".into()));
        };
        let folder = ModelFolder::open(first)?;
        let config::Loaded { config, notices } = folder.config_with(overrides)?;
        let (source, target) = folder.tokenizers(&config)?;
        let mut members = vec![(folder, config)];
        for path in others {
            let folder = ModelFolder::open(path)?;
            let config = folder.config()?;
            let theirs = folder.tokenizers(&config)?;
            agree(first, (&source, &target), path, (&theirs.0, &theirs.1))?;
            members.push((folder, config));
        }
        Ok(Self {
            members,
            notices,
            source,
            target,
        })
    }

    /// The network of each, from the checkpoint that `which` says: one for all, or one for each.
    ///
    /// # Errors
    /// A checkpoint that is missing, damaged, or belongs to other settings.
    pub fn networks(
        &self,
        which: &[Which],
    ) -> Result<Vec<(Network<Values>, Summary)>, RuntimeError> {
        if which.len() != 1 && which.len() != self.members.len() {
            return Err(RuntimeError::Usage(format!(
                "`--checkpoint` is given {} times for {} runs: give it once for all, or once for each",
                which.len(),
                self.members.len()
            )));
        }
        let members = self.members.iter().enumerate();
        members
            .map(|(place, (folder, config))| {
                let which = which.get(place).unwrap_or(&which[0]);
                folder.network(which, config, (&self.source, &self.target))
            })
            .collect()
    }

    /// The models ready to search with `searcher`, whose checkpoints are of `steps`; see [`OpenedModel::pad_multiple`].
    pub fn with(self, searcher: Searcher, steps: &[u64], pad_multiple: usize) -> OpenedModel {
        let attends = |config: &Config| config.model.attention.kind.asks();
        let named = steps.iter().zip(&self.members);
        let named =
            named.map(|(step, (folder, _))| format!("{step} of {}", folder.path().display()));
        let steps = named.collect();
        let attends = self.members.iter().any(|(_, config)| attends(config));
        let mut configs = self.members.into_iter().map(|(_, config)| config);
        OpenedModel {
            config: configs.next().unwrap_or_default(),
            attends,
            source: self.source,
            target: self.target,
            searcher,
            pad_multiple,
            steps,
        }
    }

    /// The models packed for the CPU.
    ///
    /// # Errors
    /// Those of [`Self::networks`].
    pub fn packed(
        self,
        which: &[Which],
        precision: Precision,
    ) -> Result<OpenedModel, RuntimeError> {
        let search = &self.members[0].1.search;
        let (favour, average) = (search.favour, search.ensemble);
        let (mut models, mut steps) = (Vec::<Box<dyn Model>>::new(), Vec::new());
        for (network, summary) in self.networks(which)? {
            models.push(Box::new(PackedNetwork::new(network, precision, favour)));
            steps.push(summary.step);
        }
        Ok(self.with(Searcher::new(models, average), &steps, 1))
    }
}

/// Refuses folders that read or write otherwise than the first.
fn agree(
    first: &Path,
    (source, target): (&Reader, &Tokenizer),
    other: &Path,
    (its_source, its_target): (&Reader, &Tokenizer),
) -> Result<(), RuntimeError> {
    if let Some(images) = source.images().or(its_source.images())
        && source.fingerprint() != its_source.fingerprint()
    {
        return Err(RuntimeError::Usage(format!(
            "`{}` and `{}` cannot be an ensemble: one reads {} and the other does not. Train them with the \
             same `data.images`, `model.encoder.height` and `model.encoder.input_channels`",
            first.display(),
            other.display(),
            images.fingerprint(),
        )));
    }
    let sizes = |reader: &Reader, tokenizer: &Tokenizer| {
        [
            (reader.fingerprint(), reader.vocab_size()),
            (tokenizer.fingerprint(), tokenizer.vocab_size()),
        ]
    };
    let both = sizes(source, target)
        .into_iter()
        .zip(sizes(its_source, its_target));
    for (side, ((ours, size), (its, its_size))) in ["source", "target"].into_iter().zip(both) {
        if ours != its {
            return Err(RuntimeError::Usage(format!(
                "`{}` and `{}` cannot be an ensemble: their {side} vocabularies differ ({size} and {its_size} tokens). \
                 Train them on the same data with the same [tokenizer.{side}], or give both the same \
                 `tokenizer.{side}.file`",
                first.display(),
                other.display(),
            )));
        }
    }
    Ok(())
}

/// Contents of a model's files, where there is no folder to open.
#[derive(Debug, Clone)]
pub struct Parts<'a> {
    /// The text of `config.toml`.
    pub config: &'a str,
    /// The bytes of `tokenizer.source.json`; none where sources are images.
    pub source: Vec<u8>,
    /// The bytes of `tokenizer.target.json`.
    pub target: Vec<u8>,
    /// The bytes of `model.safetensors`.
    pub parameters: &'a [u8],
}

impl OpenedModel {
    /// The model that is made of `parts`, packed, with `overrides` over its config.
    ///
    /// # Errors
    /// A part that is damaged or does not belong to the others.
    pub fn of_parts(
        parts: Parts<'_>,
        overrides: &[String],
        precision: Precision,
    ) -> Result<Self, RuntimeError> {
        let config::Loaded { config, notices } =
            Config::parse(parts.config, "config.toml", overrides)?;
        let tokenizer = |bytes, name: &str| Tokenizer::parse(bytes, Path::new(name));
        let source = match config.images() {
            Some(options) => Reader::Images(options),
            None => tokenizer(parts.source, "tokenizer.source.json")?.into(),
        };
        let target = tokenizer(parts.target, "tokenizer.target.json")?;
        let parameters = read_tensors(parts.parameters)
            .map_err(|reason| damaged(Path::new("model.safetensors"), reason))?;
        let words = [source.vocab_size(), target.vocab_size()];
        let network = Network::<Shape>::new(&config.model, words)?.fill(parameters)?;
        let (favour, average) = (config.search.favour, config.search.ensemble);
        let packed = PackedNetwork::new(network, precision, favour);
        let folders = Folders {
            members: vec![(ModelFolder::at(&config.name), config)],
            notices,
            source,
            target,
        };
        Ok(folders.with(Searcher::new(vec![Box::new(packed)], average), &[0], 1))
    }

    /// The checkpoints, for messages: `500 of runs/a + 700 of runs/b`.
    pub fn named(&self) -> String {
        self.steps.join(" + ")
    }

    /// A translator with the config's search.
    pub fn translator(&self) -> Translator<'_> {
        Translator {
            searcher: &self.searcher,
            source: &self.source,
            target: &self.target,
            search: self.config.search.clone(),
            batch_size: self.config.valid.batch_size,
            pad_multiple: self.pad_multiple,
            tokenize: self.config.valid.tokenize(),
        }
    }
}
