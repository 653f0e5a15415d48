//! Ids of many texts, without anything else that is known of their tokens.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::Tokenizer;
use crate::corpus::Pair;
use crate::error::DataError;

/// How many parts are remembered at most.
const MOST: usize = 1 << 17;
/// Longer parts, in bytes, seldom come again.
const LONGEST: usize = 48;
/// Where the ideographs lie that are parts by themselves in Chinese: found by number.
const IDEOGRAPHS: std::ops::Range<u32> = 0x3400..0xa000;

/// Turns texts into ids, as [`Tokenizer::encode`] does, and remembers the parts that come again: many times as fast on
/// a corpus.
#[derive(Debug)]
pub struct IdEncoder<'t> {
    tokenizer: &'t Tokenizer,
    /// Where the ids of a part lie in `ids`.
    known: HashMap<Box<str>, (u32, u32), FixedState>,
    /// The same of an ideograph; nothing is nowhere.
    ideographs: Vec<(u32, u32)>,
    ids: Vec<u32>,
}

impl<'t> IdEncoder<'t> {
    /// Nothing is remembered yet.
    pub fn new(tokenizer: &'t Tokenizer) -> Self {
        Self {
            tokenizer,
            known: HashMap::with_hasher(FixedState::default()),
            ideographs: vec![(0, 0); IDEOGRAPHS.len()],
            ids: Vec::new(),
        }
    }

    /// Appends the ids of `text` to `found`.
    ///
    /// # Errors
    /// Those of [`Tokenizer::encode`].
    pub fn encode(&mut self, text: &str, found: &mut Vec<u32>) -> Result<(), DataError> {
        let Some((cuts, form)) = self.tokenizer.cuts else {
            found.extend(self.tokenizer.encode(text)?.ids);
            return Ok(());
        };
        let mut failed = None;
        cuts.parts(text, form, |part| {
            if failed.is_none() {
                failed = self.part(part, found).err();
            }
        });
        failed.map_or(Ok(()), Err)
    }

    /// Puts the ids of both sides of a pair in the place of what is in `found`.
    ///
    /// # Errors
    /// Those of [`Tokenizer::encode`].
    pub fn pair(
        encoders: &mut [Self; 2],
        pair: &Pair,
        found: &mut [Vec<u32>; 2],
    ) -> Result<(), DataError> {
        let texts = [&pair.source, &pair.target];
        for ((encoder, text), ids) in encoders.iter_mut().zip(texts).zip(found) {
            ids.clear();
            encoder.encode(text, ids)?;
        }
        Ok(())
    }

    fn part(&mut self, part: &str, found: &mut Vec<u32>) -> Result<(), DataError> {
        let ideograph = ideograph(part);
        let known = match ideograph {
            Some(place) => Some(self.ideographs[place]).filter(|(from, to)| from < to),
            None => self.known.get(part).copied(),
        };
        if let Some((from, to)) = known {
            found.extend(&self.ids[from as usize..to as usize]);
            return Ok(());
        }
        let ids = self.tokenizer.ids(part)?;
        if part.len() <= LONGEST && self.known.len() < MOST {
            let from = self.ids.len() as u32;
            self.ids.extend(&ids);
            let place = (from, self.ids.len() as u32);
            match ideograph {
                Some(number) => self.ideographs[number] = place,
                None => drop(self.known.insert(part.into(), place)),
            }
        }
        found.extend(ids);
        Ok(())
    }
}

/// The number of an ideograph among all, if `part` is one.
fn ideograph(part: &str) -> Option<usize> {
    if part.len() != 3 {
        return None;
    }
    let letter = u32::from(part.chars().next()?);
    IDEOGRAPHS
        .contains(&letter)
        .then(|| (letter - IDEOGRAPHS.start) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenizer::{Kind, Normalization, TokenizerConfig};
    use proptest::prelude::*;

    const KINDS: [Kind; 5] = [
        Kind::Word,
        Kind::Space,
        Kind::Char,
        Kind::Bpe,
        Kind::Unigram,
    ];
    const FORMS: [Normalization; 5] = [
        Normalization::None,
        Normalization::Nfc,
        Normalization::Nfd,
        Normalization::Nfkc,
        Normalization::Nfkd,
    ];

    /// Letters whose neighbours matter, by kind, script and normal form.
    fn text() -> impl Strategy<Value = String> {
        let letters = "ab5 ,.'’-—…°$€ 汤姆我本。，（「がか\u{3099}カー한국e\u{301}éÉİßΣςºͺ¼②Ⓐ豈ﷺﬁ　\t👍\u{fe0f}\u{200d}<s>/_हि\u{93f}ไท";
        let letters: Vec<char> = letters.chars().collect();
        let often = prop_oneof![
            3 => proptest::sample::select(vec!['a', 'b', ' ', ' ', '.', ',', '汤', '姆', '5']),
            2 => proptest::sample::select(letters),
        ];
        proptest::collection::vec(often, 0..24).prop_map(|letters| letters.into_iter().collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn ids_are_those_of_the_whole_text(
            texts in proptest::collection::vec(text(), 1..6),
            kind in proptest::sample::select(&KINDS),
            form in proptest::sample::select(&FORMS),
            lowercase: bool,
        ) {
            let config = TokenizerConfig {
                kind,
                lowercase,
                normalize: Some(form),
                vocab_size: 400,
                ..TokenizerConfig::default()
            };
            let learned = ["Tom's dog, a 3.5 cat.", "a b a. b, 5 é", "汤姆我本。5 a"];
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let all = learned.into_iter().chain(texts.iter().copied());
            let tokenizer = Tokenizer::train(&config, all).unwrap();
            prop_assert!(tokenizer.cuts.is_some());
            let mut encoder = IdEncoder::new(&tokenizer);
            // Twice: what is remembered is the same.
            for text in texts.iter().chain(&texts) {
                let mut found = Vec::new();
                encoder.encode(text, &mut found).unwrap();
                prop_assert_eq!(found, tokenizer.encode(text).unwrap().ids, "{:?}", text);
            }
        }
    }

    #[test]
    fn tokenizers_with_features_cut_whole_texts() {
        let tokenizer = Tokenizer::train(&TokenizerConfig::default(), ["a b"]).unwrap();
        let tokenizer = tokenizer.with_features(["V"]).unwrap();
        assert!(tokenizer.cuts.is_none());
        let mut found = Vec::new();
        IdEncoder::new(&tokenizer)
            .encode("a b\tV", &mut found)
            .unwrap();
        assert_eq!(found, tokenizer.encode("a b\tV").unwrap().ids);
    }
}
