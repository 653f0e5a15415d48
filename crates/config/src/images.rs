//! The `[data.images]` table.

use data::corpus::{Column, CorpusSource, Lines};
use data::image::{self, Background};
use network::ModelConfig;
use serde::{Deserialize, Serialize};

use super::violation::{Cause, Violation, other, whole};
use super::{Config, DataConfig};

/// Most places of a source for which an attention over time has weights; the model has the same bound.
const MOST_PLACES: usize = 10_000;

/// Bytes of a line that are looked at for the name of an image.
const LONGEST_NAME: usize = 16 * 1024;

/// How images are read. Their height and their channels are the encoder's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImagesConfig {
    /// Most columns of pixels, at the encoder's height; wider images are dropped from training and counted, and
    /// cut elsewhere.
    pub max_width: usize,
    /// Background around the ink.
    pub background: Background,
}

impl Default for ImagesConfig {
    fn default() -> Self {
        Self {
            max_width: 512,
            background: Background::Light,
        }
    }
}

impl ImagesConfig {
    /// How many places the encoder's grid has for the widest image.
    pub(super) fn most_places(&self, model: &ModelConfig) -> usize {
        let encoder = &model.encoder;
        let scale = 1 << encoder.layers;
        let [rows, columns] = [encoder.height(), self.max_width].map(|side| side.div_ceil(scale));
        rows * columns
    }
}

impl DataConfig {
    /// Whether a column says features of sources.
    pub fn has_features(&self) -> bool {
        self.columns.is_some_and(|columns| columns.has_features())
    }

    /// Whether the training corpus is one of images: a table says so, or it is a built-in one, or its first source is
    /// called as images are.
    pub(super) fn hold_images(&self) -> bool {
        let file = match &self.train {
            _ if self.images.is_some() => return true,
            Some(corpus) => match corpus.parts().first().map(|part| part.corpus.clone()) {
                Some(CorpusSource::Builtin(builtin)) => return builtin.has_images(),
                Some(CorpusSource::Tsv(path)) => path,
                Some(CorpusSource::Parallel { source, .. }) => source,
                Some(CorpusSource::List(_)) | None => return false, // No list is in a list.
            },
            None => return false,
        };
        let Ok(mut lines) = Lines::open_regular(&file, LONGEST_NAME) else {
            return false; // It will be refused when it is read.
        };
        let columns = self.columns.as_ref();
        let place =
            columns.and_then(|columns| columns.iter().position(|one| one == Column::Source));
        while let Ok(Some(line)) = lines.next_line() {
            let source = line.text.split('\t').nth(place.unwrap_or(0));
            if let Some(source) = source.map(str::trim).filter(|source| !source.is_empty()) {
                return image::is_name(source);
            }
        }
        false
    }

    /// How often an epoch sees each pair of the training corpora, one by one.
    pub fn weights(&self) -> Vec<f64> {
        let parts = self.train.iter().flat_map(CorpusSource::parts);
        parts.map(|part| part.weight).collect()
    }

    /// The corpora with their keys.
    pub fn corpora(&self) -> [(&'static str, Option<&CorpusSource>); 4] {
        [
            ("data.train", self.train.as_ref()),
            ("data.valid", self.valid.as_ref()),
            ("data.test", self.test.as_ref()),
            ("data.unseen", self.unseen.as_ref()),
        ]
    }
}

/// Whether a corpus is known to hold images, or known not to.
fn has_images(corpus: &CorpusSource) -> Option<bool> {
    match corpus {
        CorpusSource::Builtin(builtin) => Some(builtin.has_images()),
        CorpusSource::List(parts) => parts.iter().find_map(|part| has_images(&part.corpus)),
        CorpusSource::Tsv(_) | CorpusSource::Parallel { .. } => None,
    }
}

impl Config {
    /// Refuses images for an encoder of text, and text for an encoder of images.
    pub(super) fn check_sources(&self) -> Result<(), Violation> {
        let reads_images = self.model.encoder.reads_images();
        let train = self.data.train.as_ref();
        if reads_images && self.data.images.is_none() && train.and_then(has_images) != Some(true) {
            return Err(other(
                "model.encoder.kind",
                "an image encoder reads images, and nothing says that the corpora under [data] name any; add a \
                 table [data.images] (it may be empty), or choose another kind",
            ));
        }
        for (key, corpus) in self.data.corpora() {
            let holds_images = corpus.and_then(has_images).unwrap_or(reads_images);
            if holds_images != reads_images {
                return Err(other(
                    key,
                    match reads_images {
                        true => {
                            "this corpus holds text, and an image encoder reads images; give another corpus, such \
                             as \"builtin:digits:train\", or choose another `model.encoder.kind`"
                        }
                        false => {
                            "this corpus holds images, and the encoder reads text; set \
                             `model.encoder.kind = \"image\"`, or give another corpus"
                        }
                    },
                ));
            }
        }
        match reads_images {
            true => self.check_images(),
            false if self.data.images.is_some() => Err(other(
                "data.images",
                "this table says how images are read, and the encoder reads text; set \
                 `model.encoder.kind = \"image\"`, or remove the table",
            )),
            false => Ok(()),
        }
    }

    /// Checks the rules for sources that are images.
    fn check_images(&self) -> Result<(), Violation> {
        if self.tokenizer.source.is_some() {
            return Err(other(
                "tokenizer.source",
                "images are not cut into tokens; remove this table ([tokenizer.target] stays)",
            ));
        }
        let train = &self.train;
        let of_words = [
            ("data.alignments", self.data.alignments.is_some()),
            (
                "train.guided_alignment.weight",
                train.guided_alignment.is_on(),
            ),
            ("train.word_dropout.source", train.word_dropout.source > 0.0),
        ];
        if let Some((key, _)) = of_words.into_iter().find(|(_, given)| *given) {
            return Err(other(
                key,
                "this is about the words of sources, and images have none; remove the key",
            ));
        }
        for (key, corpus) in self.data.corpora() {
            let mut parts = corpus.into_iter().flat_map(CorpusSource::parts);
            if parts.any(|part| part.tag.is_some()) {
                return Err(other(
                    key,
                    "a tag is a token of a source, and images have none; remove it",
                ));
            }
        }
        let images = self.data.images.clone().unwrap_or_default();
        whole("data.images.max_width", images.max_width as u64, 1..=65_536)?;
        let channels = self.model.encoder.input_channels();
        if !matches!(channels, 1 | 3) {
            return Err(Violation {
                key: "model.encoder.input_channels".into(),
                others: Vec::new(),
                cause: Cause::OutOfRange {
                    value: channels.to_string(),
                    range: "1 (images are read in grey) or 3 (in colour)".into(),
                },
            });
        }
        if !self.model.attention.kind.pools() {
            return Ok(());
        }
        let places = images.most_places(&self.model);
        let outside = |key: &str, value: usize, range: String| {
            Err(Violation {
                key: key.into(),
                others: vec!["data.images".into(), "model.attention.kind".into()],
                cause: Cause::OutOfRange {
                    value: value.to_string(),
                    range,
                },
            })
        };
        match self.model.attention.max_source_length {
            // The model counts an end mark beside it.
            Some(length) if length + 1 < places => outside(
                "model.attention.max_source_length",
                length,
                format!(
                    "at least {}: an image of `data.images.max_width` = {} columns has {places} places after \
                     {} blocks",
                    places - 1,
                    images.max_width,
                    self.model.encoder.layers
                ),
            ),
            None if places > MOST_PLACES => outside(
                "data.images.max_width",
                images.max_width,
                format!(
                    "smaller: with it an image has {places} places after {} blocks, and attention \
                     \"{}\" has weights for {MOST_PLACES}",
                    self.model.encoder.layers, self.model.attention.kind
                ),
            ),
            _ => Ok(()),
        }
    }
}
