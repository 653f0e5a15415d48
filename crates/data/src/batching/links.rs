//! From links between words to links between tokens.

use std::ops::Range;

use crate::corpus::{Link, Pair, Words};

/// The links between the tokens of `pair`, sorted, that follow from `links` between its `words`; `offsets`
/// are the bytes of each token, of source and target. The tokens of a word are those that have a byte of
/// it: one token may have some of two words.
pub(super) fn token_links(
    pair: &Pair,
    links: &[Link],
    words: Words,
    offsets: [&[(usize, usize)]; 2],
) -> Vec<Link> {
    if links.is_empty() {
        return Vec::new();
    }
    let tokens = [
        tokens_of(words.of_source(&pair.source), offsets[0]),
        tokens_of(words.of_target(&pair.target), offsets[1]),
    ];
    let mut found = Vec::new();
    for link in links {
        let sides = (tokens[0].get(link.source), tokens[1].get(link.target));
        let (Some(sources), Some(targets)) = sides else {
            continue;
        };
        for &source in sources {
            found.extend(targets.iter().map(|&target| Link { source, target }));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// For each word the places of its tokens.
fn tokens_of(words: Vec<Range<usize>>, offsets: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let of_word = |word: Range<usize>| {
        let overlaps =
            |&(_, (from, to)): &(usize, &(usize, usize))| *from < word.end && *to > word.start;
        let tokens = offsets.iter().enumerate().filter(overlaps);
        tokens.map(|(place, _)| place).collect()
    };
    words.into_iter().map(of_word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenizer::{Kind, Tokenizer, TokenizerConfig};

    fn tokenizer(kind: Kind, texts: &[&str]) -> Tokenizer {
        let config = TokenizerConfig {
            kind,
            vocab_size: 400,
            ..TokenizerConfig::default()
        };
        Tokenizer::train(&config, texts.iter().copied()).unwrap()
    }

    /// Returns the linked tokens, pair by pair.
    fn linked(kind: Kind, words: Words, links: &[(usize, usize)]) -> Vec<(String, String)> {
        let pair = Pair::new("don't  eat, Tom", "汤姆 别 吃。");
        let source = tokenizer(kind, &[&pair.source])
            .encode(&pair.source)
            .unwrap();
        let target = tokenizer(kind, &[&pair.target])
            .encode(&pair.target)
            .unwrap();
        let links: Vec<Link> = links
            .iter()
            .map(|&(source, target)| Link { source, target })
            .collect();
        let offsets = [&source.offsets[..], &target.offsets];
        let found = token_links(&pair, &links, words, offsets);
        assert!(found.is_sorted());
        found
            .iter()
            .map(|link| {
                let token = |tokens: &[String], place: usize| tokens[place].clone();
                (
                    token(&source.tokens, link.source),
                    token(&target.tokens, link.target),
                )
            })
            .collect()
    }

    fn joined(pairs: &[(String, String)]) -> String {
        let pairs = pairs
            .iter()
            .map(|(source, target)| format!("{source}-{target}"));
        pairs.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_token_of_a_word_is_linked() {
        let found = linked(Kind::Word, Words::Spaced, &[(0, 1), (2, 0)]);
        assert_eq!(joined(&found), "don't-别 Tom-汤 Tom-姆");
        // The comma and the full stop are of the words they are written to.
        let found = linked(Kind::Word, Words::Spaced, &[(1, 2)]);
        assert_eq!(joined(&found), "eat-吃 eat-。 , -吃 , -。");
        let found = linked(Kind::Char, Words::Spaced, &[(2, 1)]);
        assert_eq!(joined(&found), "T-别 o-别 m-别");
        assert!(linked(Kind::Char, Words::Spaced, &[]).is_empty());
        // Here they are words of their own, and so is each character.
        let found = linked(Kind::Word, Words::EnglishChinese, &[(1, 5), (2, 3)]);
        assert_eq!(joined(&found), "eat-吃 , -别");
    }

    #[test]
    fn subwords_cover_their_words_and_nothing_else() {
        for kind in [Kind::Bpe, Kind::Unigram] {
            let found = linked(kind, Words::Spaced, &[(2, 1)]);
            let said: String = found.iter().map(|(source, _)| source.as_str()).collect();
            assert_eq!(said.replace('▁', ""), "Tom", "{kind} {found:?}");
            assert!(found.iter().all(|(_, target)| target.contains('别')));
        }
    }
}
