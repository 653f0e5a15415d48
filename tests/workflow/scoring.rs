//! `evaluate` and `score`.

use super::*;

#[test]
fn evaluate_scores_what_translate_translates() {
    let sandbox = Sandbox::trained();
    let evaluate = ["evaluate", "--run", RUN, "--data", "train.tsv"];
    let outcome = sandbox.run(&[&evaluate[..], &["--json"]].concat());
    let scores = outcome.json();
    assert_eq!(outcome.out.lines().count(), 1);
    assert_eq!(scores["sentences"], 40);
    for (key, most) in [("bleu", 100.0), ("chrf", 100.0), ("exact_match", 1.0)] {
        assert!((0.0..=most).contains(&number(&scores, key)), "{scores}");
    }
    assert!(
        scores["signature"]
            .as_str()
            .unwrap()
            .starts_with("nrefs:1|"),
        "{scores}"
    );
    let (sources, targets): (Vec<String>, Vec<String>) = pairs().into_iter().unzip();
    let hypotheses = translate(&sandbox, &[], &sources.join("\n")).out;
    let exact = hypotheses
        .lines()
        .zip(&targets)
        .filter(|(line, target)| line == target)
        .count();
    assert!((number(&scores, "exact_match") - exact as f64 / 40.0).abs() < 1e-9);
    let plain = sandbox.run(&evaluate);
    plain.assert_done();
    assert!(
        plain
            .out
            .contains(&format!("BLEU {:.2}", number(&scores, "bleu"))),
        "{plain:#?}"
    );
}

#[test]
fn evaluate_agrees_with_the_scores_at_the_end_of_training() {
    let sandbox = Sandbox::new();
    let report = sandbox
        .train(&["--json", "--set", "data.test=train.tsv"])
        .json();
    let scores = sandbox
        .run(&["evaluate", "--run", RUN, "--data", "train.tsv", "--json"])
        .json();
    assert_eq!(report["test"], scores);
}

#[test]
fn a_models_own_translation_scores_what_search_said() {
    let sandbox = Sandbox::trained();
    let best = translate(&sandbox, &["--n-best", "2"], "I eat rice .\n").out;
    let row: Vec<&str> = best.lines().next().unwrap().split('\t').collect();
    sandbox.write("own.tsv", format!("I eat rice .\t{}\n", row[2]));
    let score = ["score", "--run", RUN, "--data", "own.tsv"];
    let report = sandbox
        .run(&[&score[..], &["--json", "--tokens"]].concat())
        .json();
    let tokens: Vec<f64> =
        serde_json::from_value(report["sentences"][0]["tokens"].clone()).unwrap();
    let sum: f64 = tokens.iter().sum();
    assert!((sum - number(&report, "log_probability")).abs() < 1e-6);
    assert_eq!(number(&report, "tokens"), tokens.len() as f64);
    assert!((number(&report, "perplexity").ln() + sum / tokens.len() as f64).abs() < 1e-6);
    // Search ranks by the mean over the tokens, end mark included.
    let searched: f64 = row[1].parse().unwrap();
    assert!(
        (searched - sum / tokens.len() as f64).abs() < 2e-4,
        "{searched} and {report}"
    );
    let plain = sandbox.run(&score);
    plain.assert_done();
    let shown: f64 = plain.out.trim().parse().unwrap();
    assert!((shown - sum).abs() < 1e-3, "{plain:#?}");
    let named = sandbox.run(&[&score[..], &["--tokens"]].concat());
    assert_eq!(
        named.out.trim().split('\t').count(),
        1 + tokens.len(),
        "{named:#?}"
    );
    assert!(named.out.contains("\t</s> "), "{named:#?}");
}

#[test]
fn a_better_trained_model_finds_the_corpus_more_probable() {
    let sandbox = Sandbox::trained();
    sandbox.train_in("short", &["--max-steps", "1"]);
    let [long, short] = [RUN, "short"].map(|run| {
        number(
            &sandbox
                .run(&["score", "--run", run, "--data", "train.tsv", "--json"])
                .json(),
            "perplexity",
        )
    });
    assert!(long < 0.8 * short, "{long} and {short}");
}
