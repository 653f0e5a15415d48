//! Properties of every BLEU score. The numbers themselves are compared in `tests/golden.rs`.

use proptest::prelude::*;

use super::*;

/// Hypotheses, each with its reference.
type Pairs = Vec<(String, String)>;

/// Lines of a few short words, so that n-grams do match.
fn line() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec![
            "a",
            "b",
            "c.",
            "3,5",
            "2-3",
            "好",
            "你好。",
            "&amp;",
            "\u{3000}",
        ]),
        0..12,
    )
    .prop_map(|words| words.join(" "))
}

fn pairs() -> impl Strategy<Value = Pairs> {
    prop::collection::vec((line(), line()), 1..8)
}

fn pairs_and_shuffled() -> impl Strategy<Value = (Pairs, Pairs)> {
    pairs().prop_flat_map(|pairs| (Just(pairs.clone()), Just(pairs).prop_shuffle()))
}

fn settings() -> impl Strategy<Value = Bleu> {
    (
        prop::sample::select(Tokenize::ALL.to_vec()),
        prop::sample::select(Smoothing::ALL.to_vec()),
        any::<bool>(),
    )
        .prop_map(|(tokenize, smoothing, effective_order)| {
            Bleu::new(tokenize)
                .with_smoothing(smoothing)
                .with_effective_order(effective_order)
        })
}

proptest! {
    #[test]
    fn a_score_is_a_percentage(bleu in settings(), pairs in pairs()) {
        let (hypotheses, references): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let score = bleu.corpus(&hypotheses, &references).unwrap();
        prop_assert!((0.0..=100.0 + 1e-9).contains(&score.score), "{score}");
        prop_assert!((0.0..=1.0).contains(&score.brevity_penalty), "{score}");
    }

    #[test]
    fn the_order_of_pairs_does_not_matter(
        bleu in settings(),
        (pairs, shuffled) in pairs_and_shuffled(),
    ) {
        let score = |pairs: Pairs| {
            let (hypotheses, references): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
            bleu.corpus(&hypotheses, &references).unwrap()
        };
        prop_assert_eq!(score(pairs), score(shuffled));
    }

    #[test]
    fn a_corpus_equal_to_its_references_scores_100(
        bleu in settings(),
        mut lines in prop::collection::vec(line(), 0..6),
    ) {
        lines.push("one line of at least four words".to_owned());
        let score = bleu.corpus(&lines, &lines).unwrap().score;
        prop_assert!((score - 100.0).abs() < 1e-9, "{score}");
    }

    #[test]
    fn a_repeated_reference_changes_only_the_signature(
        bleu in settings(),
        hypothesis in line(),
        reference in line(),
    ) {
        let one = bleu.sentence(&hypothesis, &[&reference]).unwrap();
        let two = bleu.sentence(&hypothesis, &[&reference, &reference]).unwrap();
        prop_assert_eq!(one.to_string(), two.to_string());
        prop_assert!(two.signature.starts_with("nrefs:2|"));
    }

    #[test]
    fn no_line_breaks_a_tokenizer(line in any::<String>()) {
        for tokenize in Tokenize::ALL {
            for token in tokenize.tokens(&line) {
                prop_assert!(!token.is_empty() && !token.contains(char::is_whitespace));
            }
        }
    }
}

#[test]
fn the_signature_lists_every_setting() {
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        Bleu::new(Tokenize::Zh).signature(),
        format!("nrefs:1|case:mixed|eff:no|tok:zh|smooth:exp|version:attune-{version}")
    );
    let bleu = Bleu::new(Tokenize::ThirteenA)
        .with_lowercase(true)
        .with_effective_order(true)
        .with_smoothing(Smoothing::Floor);
    assert_eq!(
        bleu.signature(),
        format!("nrefs:1|case:lc|eff:yes|tok:13a|smooth:floor[0.10]|version:attune-{version}")
    );
    let signature = bleu.with_smoothing_value(0.25).unwrap().signature();
    assert!(signature.contains("|smooth:floor[0.25]|"), "{signature}");
}

#[test]
fn what_cannot_be_scored_is_refused() {
    let bleu = Bleu::new(Tokenize::ThirteenA);
    let none: [&str; 0] = [];
    assert_eq!(bleu.corpus(&none, &none), Err(MetricError::EmptyCorpus));
    assert_eq!(
        bleu.corpus(&["a", "b"], &["a"]),
        Err(MetricError::DifferentLengths {
            hypotheses: 2,
            references: 1
        })
    );
    assert_eq!(
        bleu.corpus_multi_reference(&["a", "b"], &[vec!["a"], vec![]]),
        Err(MetricError::NoReference { line: 2 })
    );
    assert_eq!(
        bleu.sentence("a", &none),
        Err(MetricError::NoReference { line: 1 })
    );
    assert_eq!(
        bleu.with_smoothing_value(0.0),
        Err(MetricError::SmoothingValue { value: 0.0 })
    );
    assert!(bleu.with_smoothing_value(f64::NAN).is_err());
}
