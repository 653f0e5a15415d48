//! A corpus as ids.

use super::counts::Counts;
use super::links::token_links;
use super::repeats::Repeats;
use super::source::Source;
use crate::corpus::{Alignments, Corpus, Link, Pair};
use crate::error::DataError;
use crate::image::Picture;
use crate::special::{END, UNK};
use crate::tokenizer::{Encoding, IdEncoder, Tokenizer};

/// A pair as a model reads it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Example {
    /// The source.
    pub source: Source,
    /// The target sentence, ending with the end mark and without the start mark; empty where only
    /// a source is known.
    pub target: Vec<u32>,
}

/// The examples of a corpus, and what was seen while it was encoded.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dataset {
    /// The examples, in the order of the pairs.
    pub examples: Vec<Example>,
    /// For each example the place of its pair among the pairs given.
    pub pairs: Vec<usize>,
    /// For each example the links between its tokens; empty where nothing is known of any.
    pub links: Vec<Vec<Link>>,
    /// How often an epoch sees which of them.
    pub repeats: Repeats,
    /// Pairs dropped because a side had more tokens than it may have.
    pub dropped_over_length: usize,
    /// Source tokens of the examples, end marks not counted; of images, columns of pixels.
    pub source_tokens: usize,
    /// Target tokens of the examples, end marks not counted.
    pub target_tokens: usize,
    /// How many of the source tokens are `<unk>`.
    pub source_unknown: usize,
    /// How many of the target tokens are `<unk>`.
    pub target_unknown: usize,
}

impl Dataset {
    /// Encodes `pairs`. Pairs with more tokens than `longest` says, of source and target, marks not
    /// counted, are dropped and counted.
    ///
    /// # Errors
    /// Those of [`Tokenizer::encode`].
    pub fn encode(
        pairs: &[Pair],
        source: &Tokenizer,
        target: &Tokenizer,
        longest: [usize; 2],
    ) -> Result<Self, DataError> {
        let mut dataset = Self::default();
        let mut encoders = [IdEncoder::new(source), IdEncoder::new(target)];
        for (place, pair) in pairs.iter().enumerate() {
            let mut ids = [Vec::new(), Vec::new()];
            IdEncoder::pair(&mut encoders, pair, &mut ids)?;
            if ids[0].len() > longest[0] || ids[1].len() > longest[1] {
                dataset.dropped_over_length += 1;
                continue;
            }
            dataset.push(place, ids);
        }
        Ok(dataset)
    }

    /// As [`Dataset::encode`], with the links between the words of each pair. Each token of a source
    /// word is linked to each token of the target words that the word is linked to.
    ///
    /// # Errors
    /// Those of [`Tokenizer::encode`].
    pub fn encode_linked(
        pairs: &[Pair],
        alignments: &Alignments,
        source: &Tokenizer,
        target: &Tokenizer,
        longest: [usize; 2],
    ) -> Result<Self, DataError> {
        let mut dataset = Self::default();
        for (place, pair) in pairs.iter().enumerate() {
            let source = source.encode(&pair.source)?;
            let target = target.encode(&pair.target)?;
            if source.ids.len() > longest[0] || target.ids.len() > longest[1] {
                dataset.dropped_over_length += 1;
                continue;
            }
            let Alignments { pairs, words, .. } = alignments;
            let of_pair = pairs.get(place).map(Vec::as_slice).unwrap_or_default();
            let offsets = [&source.offsets[..], &target.offsets];
            dataset
                .links
                .push(token_links(pair, of_pair, *words, offsets));
            dataset.push(place, [source.ids, target.ids]);
        }
        Ok(dataset)
    }

    /// Lets an epoch see the examples of each corpus of a list as often as its weight says; `ends` are the
    /// [`Corpus::ends`] of the pairs.
    pub fn weigh(&mut self, ends: &[usize], weights: &[f64]) {
        let examples = |&end: &usize| self.pairs.partition_point(|&pair| pair < end);
        let ends: Vec<usize> = ends.iter().map(examples).collect();
        self.repeats = Repeats::new(&ends, weights);
    }

    /// How much there is of what.
    pub fn counts(&self) -> Counts {
        Counts {
            examples: self.examples.len(),
            dropped_over_length: self.dropped_over_length,
            source_tokens: self.source_tokens,
            target_tokens: self.target_tokens,
            source_unknown: self.source_unknown,
            target_unknown: self.target_unknown,
        }
    }

    /// Takes up the ids of the pair at `place`, without end marks.
    fn push(&mut self, place: usize, [source, target]: [Vec<u32>; 2]) {
        let unknown = |ids: &[u32]| ids.iter().filter(|&&id| id == UNK).count();
        self.pairs.push(place);
        self.source_tokens += source.len();
        self.target_tokens += target.len();
        self.source_unknown += unknown(&source);
        self.target_unknown += unknown(&target);
        self.examples.push(Example {
            source: with_end(source).into(),
            target: with_end(target),
        });
    }

    /// Encodes the texts of images. Pairs whose image has more columns, or whose text more tokens, than
    /// `longest` says are dropped and counted.
    ///
    /// # Errors
    /// Those of [`Tokenizer::encode`].
    pub fn of_images(
        corpus: &Corpus,
        target: &Tokenizer,
        longest: [usize; 2],
    ) -> Result<Self, DataError> {
        let mut dataset = Self::default();
        for (place, (pair, picture)) in corpus.pairs.iter().zip(&corpus.pictures).enumerate() {
            let target = target.encode(&pair.target)?;
            let columns = picture.width + picture.cut;
            if columns > longest[0] || target.ids.len() > longest[1] {
                dataset.dropped_over_length += 1;
                continue;
            }
            dataset.pairs.push(place);
            dataset.source_tokens += picture.width;
            dataset.target_tokens += target.ids.len();
            dataset.target_unknown += target.unknown.len();
            dataset.examples.push(Example {
                source: picture.clone().into(),
                target: ended(target),
            });
        }
        Ok(dataset)
    }

    /// Encodes sentences without a translation; none is dropped.
    ///
    /// # Errors
    /// Those of [`Tokenizer::encode`].
    pub fn sources<'a>(
        sentences: impl IntoIterator<Item = &'a str>,
        source: &Tokenizer,
    ) -> Result<Self, DataError> {
        let mut dataset = Self::default();
        for (place, sentence) in sentences.into_iter().enumerate() {
            let encoding = source.encode(sentence)?;
            dataset.pairs.push(place);
            dataset.source_tokens += encoding.ids.len();
            dataset.source_unknown += encoding.unknown.len();
            dataset.examples.push(Example {
                source: ended(encoding).into(),
                target: Vec::new(),
            });
        }
        Ok(dataset)
    }

    /// Images without a text; none is dropped.
    pub fn pictures(pictures: impl IntoIterator<Item = Picture>) -> Self {
        let mut dataset = Self::default();
        for (place, picture) in pictures.into_iter().enumerate() {
            dataset.pairs.push(place);
            dataset.source_tokens += picture.width;
            dataset.examples.push(Example {
                source: picture.into(),
                target: Vec::new(),
            });
        }
        dataset
    }

    /// Leaves out what sentences have beyond `longest` tokens, the end mark not counted; says how many
    /// were too long.
    pub fn cut_sources(&mut self, longest: usize) -> usize {
        let mut cut = 0;
        for Example { source, .. } in &mut self.examples {
            let Source::Words(source) = source else {
                continue;
            };
            if source.len() > longest + 1 {
                source.truncate(longest);
                source.push(END);
                cut += 1;
            }
        }
        cut
    }
}

fn ended(encoding: Encoding) -> Vec<u32> {
    with_end(encoding.ids)
}

fn with_end(mut ids: Vec<u32>) -> Vec<u32> {
    ids.push(END);
    ids
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::{Content, Contents, Summary, Words};
    use crate::special::UNK;
    use crate::tokenizer::{Kind, TokenizerConfig};

    fn words(texts: &[&str]) -> Tokenizer {
        let config = TokenizerConfig {
            kind: Kind::Word,
            ..TokenizerConfig::default()
        };
        Tokenizer::train(&config, texts.iter().copied()).unwrap()
    }

    fn pair(source: &str, target: &str) -> Pair {
        Pair::new(source, target)
    }

    #[test]
    fn pairs_become_ids_and_long_ones_are_dropped() {
        let (source, target) = (words(&["a b"]), words(&["甲 乙"]));
        let pairs = [
            pair("a b c", "甲乙"),
            pair("a", "甲乙甲乙"),
            pair("b", "丙"),
        ];
        let dataset = Dataset::encode(&pairs, &source, &target, [3, 3]).unwrap();
        let id = |tokenizer: &Tokenizer, token| tokenizer.id(token).unwrap();
        let first = Example {
            source: vec![id(&source, "a"), id(&source, "b"), UNK, END].into(),
            target: vec![id(&target, "甲"), id(&target, "乙"), END],
        };
        assert_eq!(dataset.examples[0], first);
        assert_eq!(
            (dataset.pairs, dataset.dropped_over_length),
            (vec![0, 2], 1)
        );
        assert_eq!((dataset.source_tokens, dataset.source_unknown), (4, 1));
        assert_eq!((dataset.target_tokens, dataset.target_unknown), (3, 1));
    }

    #[test]
    fn links_are_those_of_the_examples_that_are_left() {
        let (source, target) = (words(&["a b"]), words(&["x y"]));
        let pairs = [pair("a b a", "x"), pair("a b", "x y")];
        let link = |source, target| Link { source, target };
        let links = vec![vec![link(2, 0)], vec![link(0, 1), link(1, 0)]];
        let alignments = Alignments {
            pairs: links.clone(),
            words: Words::Spaced,
            content: Content::default(),
        };
        let linked = |longest| {
            Dataset::encode_linked(&pairs, &alignments, &source, &target, longest)
                .unwrap()
                .links
        };
        assert_eq!(linked([9, 9]), links);
        assert_eq!(linked([2, 2]), links[1..]);
        let plain = Dataset::encode(&pairs, &source, &target, [9, 9]).unwrap();
        assert!(plain.links.is_empty());
    }

    #[test]
    fn links_count_the_words_that_they_say() {
        let (source, target) = (words(&["a , b"]), words(&["甲 乙"]));
        let alignments = |words| Alignments {
            pairs: vec![vec![Link {
                source: 1,
                target: 1,
            }]],
            words,
            content: Content::default(),
        };
        let linked = |words| {
            let pairs = [pair("a, b", "甲乙 甲")];
            let links = alignments(words);
            Dataset::encode_linked(&pairs, &links, &source, &target, [9, 9])
                .unwrap()
                .links
        };
        let link = |source, target| vec![vec![Link { source, target }]];
        // `b` and the second 甲; the comma and 乙.
        assert_eq!(linked(Words::Spaced), link(2, 3));
        assert_eq!(linked(Words::EnglishChinese), link(1, 1));
    }

    #[test]
    fn each_side_has_its_own_limit() {
        let (source, target) = (words(&["a b"]), words(&["甲 乙"]));
        let pairs = [pair("a b", "甲"), pair("a", "甲乙甲")];
        let kept = |longest| {
            Dataset::encode(&pairs, &source, &target, longest)
                .unwrap()
                .pairs
        };
        assert_eq!(kept([2, 3]), [0, 1]);
        assert_eq!(kept([1, 3]), [1]);
        assert_eq!(kept([2, 2]), [0]);
    }

    #[test]
    fn wide_images_and_long_texts_are_dropped() {
        use crate::image::{Background, ImageOptions, Raster};
        let options = ImageOptions {
            height: 4,
            channels: 1,
            max_width: 8,
            background: Background::Light,
        };
        let picture = |width| Picture::new(Raster::grey(width, 4, |_, _| 0), &options);
        let pair = |target| pair("x.png", target);
        let corpus = Corpus {
            pairs: vec![pair("甲"), pair("甲"), pair("甲乙"), pair("丙")],
            pictures: [8, 9, 3, 3].map(picture).into(),
            lines: vec![1, 2, 3, 4],
            ends: vec![4],
            last_line: 4,
            summary: Summary::default(),
            contents: Contents::default(),
        };
        let target = words(&["甲 乙"]);
        let dataset = Dataset::of_images(&corpus, &target, [8, 1]).unwrap();
        assert_eq!(
            (&dataset.pairs[..], dataset.dropped_over_length),
            (&[0, 3][..], 2)
        );
        assert_eq!((dataset.source_tokens, dataset.target_unknown), (11, 1));
        let all = Dataset::of_images(&corpus, &target, [usize::MAX; 2]).unwrap();
        assert_eq!(all.examples.len(), 4);
        let alone = Dataset::pictures(corpus.pictures);
        assert_eq!(alone.examples[1].source.len(), 8);
    }

    #[test]
    fn long_sources_are_cut_and_keep_their_end() {
        let source = words(&["a b"]);
        let mut dataset = Dataset::sources(["a b a", "a b", ""], &source).unwrap();
        let whole = dataset.clone();
        assert_eq!(dataset.cut_sources(2), 1);
        let Source::Words(first) = &whole.examples[0].source else {
            panic!("these are words");
        };
        let cut = Source::from(vec![first[0], first[1], END]);
        assert_eq!(dataset.examples[0].source, cut);
        assert_eq!(dataset.examples[1..], whole.examples[1..]);
    }

    #[test]
    fn sources_alone_are_never_dropped() {
        let config = TokenizerConfig {
            kind: Kind::Char,
            ..TokenizerConfig::default()
        };
        let source = Tokenizer::train(&config, ["ab"]).unwrap();
        let dataset = Dataset::sources(["ab", ""], &source).unwrap();
        assert_eq!(dataset.examples[0].source.len(), 3);
        assert_eq!(dataset.examples[1].source, vec![END].into());
        assert!(
            dataset
                .examples
                .iter()
                .all(|example| example.target.is_empty())
        );
    }
}
