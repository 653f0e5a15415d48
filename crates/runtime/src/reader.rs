//! Reader of sources, which makes inputs of an encoder: a tokenizer, or the form that images are brought into.

use data::DataError;
use data::batching::Dataset;
use data::corpus::Corpus;
use data::image::{ImageOptions, Names, Picture};
use data::tokenizer::Tokenizer;

/// How sources are read.
#[derive(Debug, Clone)]
pub enum Reader {
    /// Sentences, cut into tokens.
    Words(Box<Tokenizer>),
    /// Images, which the lines of a corpus name.
    Images(ImageOptions),
}

impl Reader {
    /// Fingerprint that tells this reader from others; a model reads with the one that it was trained with.
    pub fn fingerprint(&self) -> String {
        match self {
            Self::Words(tokenizer) => tokenizer.fingerprint(),
            Self::Images(options) => options.fingerprint(),
        }
    }

    /// Whether `fingerprint` is this reader's own, in the form of today or of an earlier version.
    pub fn has_fingerprint(&self, fingerprint: &str) -> bool {
        match self {
            Self::Words(tokenizer) => tokenizer.has_fingerprint(fingerprint),
            Self::Images(options) => options.fingerprint() == fingerprint,
        }
    }

    /// How many tokens there are; images have none.
    pub fn vocab_size(&self) -> usize {
        match self {
            Self::Words(tokenizer) => tokenizer.vocab_size(),
            Self::Images(_) => 0,
        }
    }

    /// How images are read, if these are images.
    pub fn images(&self) -> Option<ImageOptions> {
        match self {
            Self::Words(_) => None,
            Self::Images(options) => Some(*options),
        }
    }

    /// The pairs of a corpus as a model learns from them; those with more than `longest` tokens of source or
    /// target are dropped. Of images the columns count.
    ///
    /// # Errors
    /// When a tokenizer fails.
    pub fn pairs(
        &self,
        corpus: &Corpus,
        target: &Tokenizer,
        longest: [usize; 2],
    ) -> Result<Dataset, DataError> {
        match self {
            Self::Words(source) => Dataset::encode(&corpus.pairs, source, target, longest),
            Self::Images(_) => Dataset::of_images(corpus, target, longest),
        }
    }

    /// The sources of the first `count` pairs of a corpus.
    ///
    /// # Errors
    /// When a tokenizer fails.
    pub fn sources(&self, corpus: &Corpus, count: usize) -> Result<Dataset, DataError> {
        match self {
            Self::Words(tokenizer) => {
                let sentences = corpus.pairs.iter().map(|pair| pair.source.as_str());
                Dataset::sources(sentences.take(count), tokenizer)
            }
            Self::Images(_) => {
                let pictures = corpus.pictures.iter().take(count);
                Ok(Dataset::pictures(pictures.cloned()))
            }
        }
    }

    /// The sources that `lines` say, the first of which is number `first` from 0; images are looked for where
    /// `names` says. A blank line is a blank image.
    ///
    /// # Errors
    /// When a tokenizer fails, or an image cannot be read.
    pub fn lines(&self, lines: &[&str], first: usize, names: &Names) -> Result<Dataset, DataError> {
        match self {
            Self::Words(tokenizer) => Dataset::sources(lines.iter().copied(), tokenizer),
            Self::Images(options) => {
                let numbered = lines.iter().copied().zip(first + 1..);
                let named: Vec<_> = numbered.filter(|(name, _)| !name.is_empty()).collect();
                let mut found = names.pictures(&named, options)?.into_iter();
                let blank = Picture::blank(options);
                let each = lines.iter().map(|name| match name.is_empty() {
                    true => blank.clone(),
                    // There is one for each name that is not empty.
                    false => found.next().unwrap_or_else(|| blank.clone()),
                });
                Ok(Dataset::pictures(each.collect::<Vec<_>>()))
            }
        }
    }
}

impl From<Tokenizer> for Reader {
    fn from(tokenizer: Tokenizer) -> Self {
        Self::Words(Box::new(tokenizer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data::image::Background;

    #[test]
    fn blank_lines_are_blank_images() {
        let reader = Reader::Images(ImageOptions {
            height: 32,
            channels: 1,
            max_width: 300,
            background: Background::Light,
        });
        let names = Names {
            list: "here".into(),
            folder: "".into(),
        };
        let lines = ["builtin:digits:test:1", "", "builtin:digits:test:2"];
        let dataset = reader.lines(&lines, 10, &names).unwrap();
        let widths: Vec<usize> = dataset
            .examples
            .iter()
            .map(|one| one.source.len())
            .collect();
        assert_eq!(widths[1], 1);
        assert!(widths[0] > 20 && widths[2] > 20);
        let wrong = reader.lines(&["", "x.png"], 10, &names).unwrap_err();
        assert!(wrong.to_string().starts_with("here:12: `x.png`"), "{wrong}");
    }
}
