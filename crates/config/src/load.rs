//! From a file and overrides to a config, and back.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use network::kind::EncoderKind;
use serde::Deserialize;

use super::Config;
use super::document::Node;
use super::error::ConfigError;
use super::fault::Fault;
use super::nearest::{did_you_mean, nearest};
use super::overrides::{apply, drop_left_over};
use super::place::Place;
use crate::STANDARD;

/// Blocks of an image encoder that is chosen because the corpus holds images: each place of its memory sees a letter.
const IMAGE_BLOCKS: usize = 3;

/// Most bytes of a config.
const LONGEST: u64 = 16 << 20;

/// A config as it will be used.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The effective config: every default of the chosen kinds is written out.
    pub config: Config,
    /// Notices for the user: keys of the file that an override made meaningless.
    pub notices: Vec<String>,
}

impl Config {
    /// Reads a config file and puts `overrides`, each `KEY=VALUE`, over it.
    ///
    /// # Errors
    /// A file that cannot be read, and those of [`Self::parse`].
    pub fn load(path: &Path, overrides: &[String]) -> Result<Loaded, ConfigError> {
        let file = path.display().to_string();
        if path.is_dir() {
            return Err(ConfigError::Folder { file });
        }
        let bytes = read(path).map_err(|cause| match cause.kind() {
            io::ErrorKind::NotFound => ConfigError::Missing {
                suggestion: neighbour(path),
                file: file.clone(),
            },
            _ => ConfigError::Unreadable {
                file: file.clone(),
                cause,
            },
        })?;
        let text = str::from_utf8(&bytes).map_err(|error| {
            let offset = error.valid_up_to();
            let before = String::from_utf8_lossy(&bytes[..offset]);
            ConfigError::NotUtf8 {
                place: Place::of(&file, &before, offset),
                byte: bytes.get(offset).copied().unwrap_or_default(),
            }
        })?;
        Self::parse(text, &file, overrides)
    }

    /// Reads a config from `text`, the content of what messages are to call `file`, and puts
    /// `overrides`, each `KEY=VALUE`, over it; the last word on a key counts.
    ///
    /// # Errors
    /// The first mistake, with its place: text that is not TOML, unknown keys, values of a wrong
    /// type or out of range, keys of another kind, settings that exclude each other, and missing
    /// corpora.
    pub fn parse(text: &str, file: &str, overrides: &[String]) -> Result<Loaded, ConfigError> {
        let original = Node::read(text, file)?;
        let mut tree = original.clone();
        for text in overrides {
            apply(&mut tree, text)?;
        }
        let mut notices = Vec::new();
        loop {
            let config = Self::of(&tree).map_err(|fault| fault.explain(&tree.place))?;
            let Err(violation) = config.check() else {
                let config = config.effective();
                return Ok(Loaded { config, notices });
            };
            match drop_left_over(&mut tree, &original, &violation) {
                Some(notice) => notices.push(notice),
                None => return Err(violation.explain(&tree)),
            }
        }
    }

    /// The config that `tree` says, with the defaults that suit its kinds.
    pub(super) fn of(tree: &Node) -> Result<Self, Fault> {
        let mut config = Self::deserialize(tree)?;
        let given = |key: &str| tree.find(key).is_some();
        if !given("model.encoder.kind") && config.data.hold_images() {
            config.data.images.get_or_insert_default();
            let encoder = &mut config.model.encoder;
            encoder.kind = EncoderKind::Image;
            if !given("model.encoder.layers") {
                encoder.layers = IMAGE_BLOCKS;
            }
        }
        config.model = config.model.suited(given);
        Ok(config)
    }

    /// The config with every default of the chosen kinds written out.
    pub fn effective(mut self) -> Self {
        let longest = match self.model.encoder.reads_images() {
            true => {
                self.tokenizer.source = None;
                let images = self.data.images.get_or_insert_default();
                // The model adds one for an end mark, which images lack.
                images.most_places(&self.model).saturating_sub(1).max(1)
            }
            false => {
                match self.tokenizer.shared {
                    true => self.tokenizer.source = Some(self.tokenizer.target.clone()),
                    false => {
                        self.tokenizer.source.get_or_insert_default();
                    }
                }
                self.max_length()
            }
        };
        let attention = &mut self.model.attention;
        if attention.kind.pools() {
            attention.max_source_length.get_or_insert(longest);
        }
        self.model = self.model.effective();
        // Only `false` is possible, and it is not written.
        self.model.decoder.bidirectional = None;
        self.train = self.train.effective();
        self.optimizer = self.optimizer.effective();
        self.schedule = self.schedule.effective();
        self.search = self.search.effective();
        self
    }

    /// The config as TOML that [`Self::parse`] reads back to an equal one, if this one was read by
    /// it.
    ///
    /// # Panics
    /// For values that no file can say: a seed above the largest number of TOML, and paths that
    /// are not UTF-8.
    pub fn to_toml(&self) -> String {
        // A config that was read holds only what TOML can say.
        toml::to_string(self).expect("a config that was read can be written")
    }
}

/// The bytes of a config, of standard input where that is `-`; more than a config has are an error.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let input: Box<dyn Read> = match path == Path::new(STANDARD) {
        true => Box::new(io::stdin()),
        false => Box::new(fs::File::open(path)?),
    };
    let mut bytes = Vec::new();
    input.take(LONGEST + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > LONGEST {
        true => Err(io::Error::other(
            "it has more than 16 MiB, and no config has",
        )),
        false => Ok(bytes),
    }
}

/// `; did you mean ...?` with the config file beside `path` that has the most similar name.
fn neighbour(path: &Path) -> String {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = files
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.ends_with(".toml"))
        .collect();
    names.sort();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let wanted = path.file_name().unwrap_or_default().to_string_lossy();
    let near = nearest(&wanted, &names).map(|name| path.with_file_name(name));
    did_you_mean(near.map(|path| path.display().to_string()).as_deref(), "`")
}
