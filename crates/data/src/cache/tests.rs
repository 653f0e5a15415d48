use std::fs;
use std::path::Path;

use super::*;
use crate::batching::{BatchConfig, Dataset, Examples};
use crate::corpus::Pair;
use crate::error::DataError;
use crate::tokenizer::{Kind, Tokenizer, TokenizerConfig};

const LONGEST: [usize; 2] = [9, 7];

/// Pairs of which some are too long and some have words that the vocabularies lack.
fn pairs(count: usize) -> Vec<Pair> {
    let text = |number: usize, most: usize| {
        let words = (0..1 + number % most).map(|place| format!("w{}", (number + place) % 50));
        words.collect::<Vec<String>>().join(" ")
    };
    let pair = |number| Pair::new(text(number, 11), text(number * 7, 8));
    (0..count).map(pair).collect()
}

fn tokenizer(texts: impl Iterator<Item = String>) -> Tokenizer {
    let config = TokenizerConfig {
        kind: Kind::Space,
        vocab_size: 40,
        ..TokenizerConfig::default()
    };
    let texts: Vec<String> = texts.collect();
    Tokenizer::train(&config, texts.iter().map(String::as_str)).unwrap()
}

fn tokenizers(pairs: &[Pair]) -> [Tokenizer; 2] {
    [
        tokenizer(pairs.iter().map(|pair| pair.source.clone())),
        tokenizer(pairs.iter().map(|pair| pair.target.clone())),
    ]
}

fn plan(tokenizers: &[Tokenizer; 2]) -> Plan<'_> {
    let [source, target] = tokenizers;
    Plan {
        source,
        target,
        longest: LONGEST,
        threads: 2,
    }
}

/// Where the second corpus of a list ends.
const SECOND: usize = 3_000;

/// The corpus of a list that a pair comes from: of the first and third there are none.
fn part_of(number: usize) -> usize {
    if number < SECOND { 1 } else { 3 }
}

/// Makes a cache of `pairs`, or breaks off after `most` of them.
fn made(
    folder: &Path,
    pairs: &[Pair],
    tokenizers: &[Tokenizer; 2],
    most: usize,
) -> Result<Entry, DataError> {
    make(
        folder,
        "x",
        &plan(tokenizers),
        |feeder| {
            for (number, pair) in pairs.iter().take(most).enumerate() {
                feeder.take(pair.clone(), part_of(number));
            }
            match most < pairs.len() {
                true => Err(DataError::ZeroBatch { key: "stopped" }),
                false => Ok(pairs.len()),
            }
        },
        |manifest, count| manifest.about = count.into(),
    )
}

#[test]
fn a_cache_holds_what_memory_would() {
    let pairs = pairs(10_000);
    let tokenizers = tokenizers(&pairs[..30]);
    let folder = tempfile::tempdir().unwrap();
    let entry = made(folder.path(), &pairs, &tokenizers, pairs.len()).unwrap();
    let [source, target] = &tokenizers;
    let mut dataset = Dataset::encode(&pairs, source, target, LONGEST).unwrap();
    let counts = dataset.counts();
    assert!(counts.dropped_over_length > 0 && counts.source_unknown > 0);
    assert_eq!(
        (entry.manifest.counts, &entry.manifest.about),
        (counts, &10_000.into())
    );
    let found = entries(folder.path());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].manifest, entry.manifest);
    let [source, target] = entry.tokenizers().unwrap().map(|one| one.fingerprint());
    assert_eq!(entry.manifest.fingerprints, [source, target]);
    let weights = [1.0, 2.0, 3.0, 0.4];
    for (listed, weights) in [(100, &[1.0; 4]), (100_000, &[1.0; 4]), (100, &weights)] {
        let cached = entry.open([40, 40], weights).unwrap();
        dataset.weigh(&[0, SECOND, SECOND, pairs.len()], weights);
        assert_eq!(cached.spread(), dataset.spread());
        assert_eq!(cached.repeats(), dataset.repeats());
        let config = BatchConfig {
            listed,
            ..BatchConfig::default()
        };
        let batches: Vec<Vec<usize>> = config.epoch(&cached, 1).collect();
        assert_eq!(batches, config.epoch(&dataset, 1).collect::<Vec<_>>());
        for places in &batches {
            let batch = cached.gather(places, 8).unwrap();
            assert_eq!(batch, dataset.batch(places, 8));
        }
    }
}

#[test]
fn who_was_stopped_goes_on_and_writes_the_same() {
    let pairs = pairs(9_000);
    let tokenizers = tokenizers(&pairs);
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [whole, halting] = folders.each_ref().map(|folder| folder.path());
    made(whole, &pairs, &tokenizers, pairs.len()).unwrap();
    for most in [0, 5_000, 4_000] {
        assert!(made(halting, &pairs, &tokenizers, most).is_err());
        assert!(entries(halting).is_empty());
    }
    let text = fs::read_to_string(halting.join("x.part/progress.json")).unwrap();
    assert!(text.contains("\"pairs\":5000"), "{text}");
    // What was written behind the last mark is written again.
    let ids = halting.join("x.part/pairs.ids");
    fs::write(&ids, [fs::read(&ids).unwrap(), vec![7; 99]].concat()).unwrap();
    made(halting, &pairs, &tokenizers, pairs.len()).unwrap();
    for name in ["pairs.ids", "pairs.idx", "manifest.json"] {
        let [one, other] = [whole, halting].map(|folder| fs::read(folder.join("x").join(name)));
        assert_eq!(one.unwrap(), other.unwrap(), "{name}");
    }
    assert_eq!(fs::read_dir(halting).unwrap().count(), 1);
    // Nothing is made twice.
    assert!(made(halting, &pairs, &tokenizers, 3).is_ok());
}

#[test]
fn damage_is_noticed() {
    let pairs = pairs(300);
    let tokenizers = tokenizers(&pairs);
    let folder = tempfile::tempdir().unwrap();
    let entry = made(folder.path(), &pairs, &tokenizers, pairs.len()).unwrap();
    let count = entry.manifest.counts.examples;
    let all: Vec<usize> = (0..count).collect();
    assert!(
        entry
            .open([40, 40], &[1.0])
            .unwrap()
            .gather(&all, 1)
            .is_ok()
    );
    let message = entry
        .open([40, 9], &[1.0])
        .unwrap()
        .gather(&all, 1)
        .unwrap_err();
    assert!(
        message.to_string().contains("no token has the id"),
        "{message}"
    );
    for name in ["pairs.ids", "pairs.idx"] {
        let path = entry.folder.join(name);
        let whole = fs::read(&path).unwrap();
        for bit in (0..whole.len() * 8).step_by(97) {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, bytes).unwrap();
            let damaged = entry.open([40, 40], &[1.0]).unwrap().gather(&all, 1);
            let message = damaged.unwrap_err().to_string();
            assert!(message.contains("delete its folder"), "{message}");
        }
        fs::write(&path, &whole[1..]).unwrap();
        let message = entry.open([40, 40], &[1.0]).unwrap_err().to_string();
        assert!(message.contains("bytes, and"), "{message}");
        fs::write(&path, whole).unwrap();
    }
    fs::remove_file(entry.folder.join("manifest.json")).unwrap();
    assert!(entries(folder.path()).is_empty());
}

#[test]
fn large_vocabularies_have_wide_ids() {
    let pairs = pairs(50);
    let texts: Vec<String> = (0..66_000).map(|number| format!("v{number}")).collect();
    let config = TokenizerConfig {
        kind: Kind::Space,
        vocab_size: 70_000,
        ..TokenizerConfig::default()
    };
    let large = Tokenizer::train(&config, texts.iter().map(String::as_str)).unwrap();
    let [source, _] = tokenizers(&pairs);
    let pairs = [Pair::new("w1 w2", "v65999 v1")];
    let folder = tempfile::tempdir().unwrap();
    let tokenizers = [source, large];
    let entry = made(folder.path(), &pairs, &tokenizers, 1).unwrap();
    let [source, target] = &tokenizers;
    let dataset = Dataset::encode(&pairs, source, target, LONGEST).unwrap();
    let batch = entry
        .open([40, 70_000], &[1.0])
        .unwrap()
        .gather(&[0], 1)
        .unwrap();
    assert_eq!(batch, dataset.batch(&[0], 1));
}
