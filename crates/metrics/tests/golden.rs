//! Compares tokens and scores with sacreBLEU's, as `scripts/make_metrics_golden.py` wrote them down.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use metrics::bleu::{Bleu, Smoothing, Tokenize};
use metrics::chrf::Chrf;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Sums of logarithms may differ in the last digits between mathematical libraries.
const TOLERANCE: f64 = 1e-9;

fn fixture<T: DeserializeOwned>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

fn hypotheses() -> Vec<String> {
    fixture("hypotheses.json")
}

fn references() -> Vec<Vec<String>> {
    fixture("references.json")
}

#[track_caller]
fn assert_close(ours: f64, theirs: f64, what: &str) {
    assert!(
        (ours - theirs).abs() < TOLERANCE,
        "{what}: {ours} is not sacreBLEU's {theirs}"
    );
}

/// sacreBLEU's signature with this crate as its maker.
fn signed(signature: &str, sacrebleu: &str) -> String {
    let ours = concat!("version:attune-", env!("CARGO_PKG_VERSION"));
    signature.replace(&format!("version:{sacrebleu}"), ours)
}

#[test]
fn tokens_are_the_same() {
    #[derive(Deserialize)]
    struct Tokens {
        hypotheses: Vec<[String; 2]>,
        references: Vec<[String; 2]>,
    }
    let expected: Tokens = fixture("tokens.json");
    let firsts: Vec<String> = references()
        .into_iter()
        .map(|mut list| list.remove(0))
        .collect();
    for (lines, expected) in [
        (hypotheses(), expected.hypotheses),
        (firsts, expected.references),
    ] {
        assert_eq!(lines.len(), expected.len());
        assert!(lines.len() >= 400);
        for (line, expected) in lines.iter().zip(expected) {
            for (tokenize, expected) in [Tokenize::ThirteenA, Tokenize::Zh]
                .into_iter()
                .zip(expected)
            {
                assert_eq!(
                    tokenize.tokens(line).join(" "),
                    expected,
                    "{tokenize}: {line:?}"
                );
            }
        }
    }
}

#[test]
fn every_character_is_treated_the_same() {
    let expected: HashMap<String, Vec<(u32, u32, usize)>> = fixture("characters.json");
    assert_eq!(expected.len(), Tokenize::ALL.len());
    for (name, ranges) in expected {
        let tokenize: Tokenize = name.parse().unwrap();
        for (first, last, count) in ranges {
            for character in (first..=last).filter_map(char::from_u32) {
                let tokens = tokenize.tokens(&format!("x{character}y"));
                assert_eq!(tokens.len(), count, "{tokenize}: {character:?}");
            }
        }
    }
}

#[test]
fn sentence_scores_are_the_same() {
    #[derive(Deserialize)]
    struct Sentences {
        columns: Vec<String>,
        rows: Vec<Vec<f64>>,
    }
    let expected: Sentences = fixture("sentences.json");
    let (hypotheses, references) = (hypotheses(), references());
    assert_eq!(expected.rows.len(), hypotheses.len());
    for (column, settings) in expected.columns.iter().enumerate() {
        let words: Vec<&str> = settings.split(' ').collect();
        let score = |hypothesis: &str, references: &[String]| match words[..] {
            ["chrf"] => Chrf::new().sentence(hypothesis, references).unwrap().score,
            ["chrf++"] => {
                Chrf::plus_plus()
                    .sentence(hypothesis, references)
                    .unwrap()
                    .score
            }
            ["bleu", tokenize, smoothing, ref case @ ..] => {
                Bleu::new(tokenize.parse().unwrap())
                    .with_smoothing(smoothing.parse().unwrap())
                    .with_lowercase(case == ["lowercase"])
                    .sentence(hypothesis, references)
                    .unwrap()
                    .score
            }
            _ => panic!("unknown column {settings:?}"),
        };
        for (line, hypothesis) in hypotheses.iter().enumerate() {
            let what = format!("{settings}, line {}, {hypothesis:?}", line + 1);
            assert_close(
                score(hypothesis, &references[line]),
                expected.rows[line][column],
                &what,
            );
        }
    }
}

#[derive(Deserialize)]
struct Corpora {
    sacrebleu: String,
    small_parts: HashMap<String, Part>,
    bleu: Vec<BleuEntry>,
    chrf: Vec<ChrfEntry>,
}

#[derive(Clone, Deserialize)]
struct Part {
    hypotheses: Vec<String>,
    references: Vec<Vec<String>>,
}

#[derive(Deserialize)]
struct BleuEntry {
    part: String,
    tokenize: Tokenize,
    smoothing: Smoothing,
    smoothing_value: Option<f64>,
    lowercase: bool,
    effective_order: bool,
    score: f64,
    precisions: [f64; 4],
    brevity_penalty: f64,
    hypothesis_length: usize,
    reference_length: usize,
    text: String,
    signature: String,
}

#[derive(Deserialize)]
struct ChrfEntry {
    part: String,
    word_order: usize,
    lowercase: bool,
    score: f64,
    text: String,
    signature: String,
}

/// The scored corpora: the small ones and, by its number of references, the large one.
fn parts(small: &HashMap<String, Part>) -> HashMap<String, Part> {
    let (hypotheses, references) = (hypotheses(), references());
    let ones = references.iter().map(|list| list[..1].to_vec()).collect();
    let twos = references
        .iter()
        .map(|list| list.iter().cycle().take(2).cloned().collect());
    let twos = twos.collect();
    let mut parts = small.clone();
    for (name, references) in [
        ("one_reference", ones),
        ("two_references", twos),
        ("varying_references", references),
    ] {
        parts.insert(
            name.to_owned(),
            Part {
                hypotheses: hypotheses.clone(),
                references,
            },
        );
    }
    parts
}

#[test]
fn corpus_bleu_is_the_same() {
    let corpora: Corpora = fixture("corpora.json");
    let parts = parts(&corpora.small_parts);
    assert!(corpora.bleu.len() >= parts.len() * 32);
    for expected in &corpora.bleu {
        let part = &parts[&expected.part];
        let mut bleu = Bleu::new(expected.tokenize)
            .with_smoothing(expected.smoothing)
            .with_lowercase(expected.lowercase)
            .with_effective_order(expected.effective_order);
        if let Some(value) = expected.smoothing_value {
            bleu = bleu.with_smoothing_value(value).unwrap();
        }
        let score = bleu
            .corpus_multi_reference(&part.hypotheses, &part.references)
            .unwrap();
        let what = format!("{}, {}", expected.part, expected.signature);
        assert_close(score.score, expected.score, &what);
        for (ours, theirs) in score.precisions.into_iter().zip(expected.precisions) {
            assert_close(ours, theirs, &what);
        }
        assert_close(score.brevity_penalty, expected.brevity_penalty, &what);
        assert_eq!(
            score.hypothesis_length, expected.hypothesis_length,
            "{what}"
        );
        assert_eq!(score.reference_length, expected.reference_length, "{what}");
        assert_eq!(score.to_string(), expected.text, "{what}");
        assert_eq!(
            score.signature,
            signed(&expected.signature, &corpora.sacrebleu)
        );
        if part.references.iter().all(|list| list.len() == 1) {
            let single: Vec<&String> = part.references.iter().flatten().collect();
            assert_eq!(
                bleu.corpus(&part.hypotheses, &single).unwrap(),
                score,
                "{what}"
            );
        }
    }
}

#[test]
fn corpus_chrf_is_the_same() {
    let corpora: Corpora = fixture("corpora.json");
    let parts = parts(&corpora.small_parts);
    assert!(corpora.chrf.len() >= parts.len() * 4);
    for expected in &corpora.chrf {
        let part = &parts[&expected.part];
        let chrf = match expected.word_order {
            0 => Chrf::new(),
            2 => Chrf::plus_plus(),
            other => panic!("no chrF variant has word order {other}"),
        };
        let chrf = chrf.with_lowercase(expected.lowercase);
        let score = chrf
            .corpus_multi_reference(&part.hypotheses, &part.references)
            .unwrap();
        let what = format!("{}, {}", expected.part, expected.signature);
        assert_close(score.score, expected.score, &what);
        assert_eq!(score.to_string(), expected.text, "{what}");
        assert_eq!(
            score.signature,
            signed(&expected.signature, &corpora.sacrebleu)
        );
        if part.references.iter().all(|list| list.len() == 1) {
            let single: Vec<&String> = part.references.iter().flatten().collect();
            assert_eq!(
                chrf.corpus(&part.hypotheses, &single).unwrap(),
                score,
                "{what}"
            );
        }
    }
}
