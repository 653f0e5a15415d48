//! Properties of every chrF score. The numbers themselves are compared in `tests/golden.rs`.

use proptest::prelude::*;

use super::*;

/// Hypotheses, each with its reference.
type Pairs = Vec<(String, String)>;

fn line() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec![
            "ab",
            "abc.",
            "(c)",
            "\"",
            "3,5",
            "好",
            "你好。",
            "\u{3000}",
        ]),
        0..10,
    )
    .prop_map(|words| words.join(" "))
}

fn pairs() -> impl Strategy<Value = Pairs> {
    prop::collection::vec((line(), line()), 1..8)
}

fn pairs_and_shuffled() -> impl Strategy<Value = (Pairs, Pairs)> {
    pairs().prop_flat_map(|pairs| (Just(pairs.clone()), Just(pairs).prop_shuffle()))
}

fn settings() -> impl Strategy<Value = Chrf> {
    prop::sample::select(vec![
        Chrf::new(),
        Chrf::plus_plus(),
        Chrf::new().with_lowercase(true),
    ])
}

proptest! {
    #[test]
    fn a_score_is_a_percentage(chrf in settings(), pairs in pairs()) {
        let (hypotheses, references): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let score = chrf.corpus(&hypotheses, &references).unwrap().score;
        prop_assert!((0.0..=100.0 + 1e-9).contains(&score), "{score}");
    }

    #[test]
    fn the_order_of_pairs_does_not_matter(
        chrf in settings(),
        (pairs, shuffled) in pairs_and_shuffled(),
    ) {
        let score = |pairs: Pairs| {
            let (hypotheses, references): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
            chrf.corpus(&hypotheses, &references).unwrap()
        };
        prop_assert_eq!(score(pairs), score(shuffled));
    }

    #[test]
    fn a_corpus_equal_to_its_references_scores_100(
        chrf in settings(),
        mut lines in prop::collection::vec(line(), 0..6),
    ) {
        lines.push("x".to_owned());
        let score = chrf.corpus(&lines, &lines).unwrap().score;
        prop_assert!((score - 100.0).abs() < 1e-9, "{score}");
    }

    #[test]
    fn the_best_reference_counts(
        chrf in settings(),
        hypothesis in line(),
        first in line(),
        second in line(),
    ) {
        let score = |references: &[&str]| chrf.sentence(&hypothesis, references).unwrap().score;
        let both = score(&[&first, &second]);
        prop_assert_eq!(both, score(&[&first]).max(score(&[&second])));
    }
}

#[test]
fn the_signature_lists_every_setting() {
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        Chrf::new().signature(),
        format!("nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:attune-{version}")
    );
    let lists = [vec!["a"], vec!["a", "b"]];
    let score = Chrf::plus_plus()
        .with_lowercase(true)
        .corpus_multi_reference(&["a", "b"], &lists)
        .unwrap();
    assert_eq!(
        score.signature,
        format!("nrefs:var|case:lc|eff:yes|nc:6|nw:2|space:no|version:attune-{version}")
    );
}

#[test]
fn what_cannot_be_scored_is_refused() {
    let none: [&str; 0] = [];
    assert_eq!(
        Chrf::new().corpus(&none, &none),
        Err(MetricError::EmptyCorpus)
    );
    assert_eq!(
        Chrf::new().corpus(&["a", "b"], &["a"]),
        Err(MetricError::DifferentLengths {
            hypotheses: 2,
            references: 1
        })
    );
    assert_eq!(
        Chrf::new().sentence("a", &none),
        Err(MetricError::NoReference { line: 1 })
    );
}
