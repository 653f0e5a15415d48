//! Methods of search, constraints, ensembles and replaced words, as the command line has them.

use super::*;

fn sources() -> String {
    let sources: Vec<String> = pairs().into_iter().map(|pair| pair.0 + "\n").collect();
    sources.concat()
}

fn set<'a>(keys: &[&'a str]) -> Vec<&'a str> {
    keys.iter().flat_map(|key| ["--set", key]).collect()
}

#[test]
fn no_method_depends_on_the_batch() {
    let sandbox = Sandbox::trained();
    for keys in [
        &["search.method=beam", "search.no_repeat_ngram=2"][..],
        &["search.method=beam", "search.coverage_penalty=0.2"],
        &["search.method=diverse-beam"],
        &["search.method=sample", "search.temperature=1.5"],
        &["search.method=mbr", "search.samples=6"],
        &[
            "search.method=exhaustive",
            "search.max_length=3",
            "search.normalization=none",
        ],
    ] {
        let of = |size: &str, lines: &str| {
            let size = format!("valid.batch_size={size}");
            let arguments = [set(keys), set(&[&size]), vec!["--n-best", "2"]].concat();
            translate(&sandbox, &arguments, lines).out
        };
        let whole = of("64", &sources());
        assert!(whole.lines().count() > 40, "{keys:?}: {whole}");
        for size in ["1", "7"] {
            assert_eq!(of(size, &sources()), whole, "{keys:?}");
        }
    }
}

#[test]
fn favour_changes_no_words() {
    let sandbox = Sandbox::trained();
    let of = |favour: &str| {
        let favour = format!("search.favour={favour}");
        let arguments = set(&[&favour, "valid.batch_size=1"]);
        translate(&sandbox, &arguments, &sources()).out
    };
    let usual = of("throughput");
    assert_eq!(of("latency"), usual);
    assert_eq!(translate(&sandbox, &[], &sources()).out, usual);
}

#[test]
fn samples_have_a_seed() {
    let sandbox = Sandbox::trained();
    let of = |seed: &str| {
        let seed = format!("search.seed={seed}");
        let arguments = [set(&["search.method=sample", &seed]), vec!["--n-best", "4"]].concat();
        translate(&sandbox, &arguments, SENTENCES).out
    };
    assert_eq!(of("3"), of("3"));
    assert_ne!(of("3"), of("4"));
    assert_eq!(of("3").lines().count(), 8);
}

#[test]
fn minimum_bayes_risk_ranks_by_likeness() {
    let sandbox = Sandbox::trained();
    for utility in ["search.utility=chrf", "search.utility=bleu"] {
        let arguments = [set(&["search.method=mbr", utility]), vec!["--n-best", "3"]].concat();
        let outcome = translate(&sandbox, &arguments, SENTENCES);
        let rows: Vec<Vec<&str>> = outcome
            .out
            .lines()
            .map(|line| line.split('\t').collect())
            .collect();
        let first = rows.iter().filter(|row| row[0] == "1");
        let scores: Vec<f64> = first.map(|row| row[1].parse().unwrap()).collect();
        assert!(
            scores.is_sorted_by(|a, b| a >= b) && scores[0] > 0.0,
            "{outcome:#?}"
        );
    }
    let command = ["evaluate", "--run", RUN, "--data", "valid.tsv", "--json"];
    let scores = sandbox
        .run(&[&command[..], &set(&["search.method=mbr"])].concat())
        .json();
    assert_eq!(scores["sentences"], 3);
    let text = sandbox.run(&[&command[..5], &set(&["search.method=mbr"])].concat());
    assert!(
        text.out.contains("minimum Bayes risk of 32 samples"),
        "{text:#?}"
    );
}

#[test]
fn translations_keep_to_their_lines() {
    let sandbox = Sandbox::trained();
    let input = "I eat rice .\nyou see tea .\n\nhe buys tea .\n";
    let plain = translate(&sandbox, &[], input).out;
    sandbox.write("none.txt", "\n\n\n\n");
    let none = ["--prefix", "none.txt", "--must-contain", "none.txt"];
    assert_eq!(translate(&sandbox, &none, input).out, plain);
    sandbox.write("prefix.txt", "他们\n汤姆买\n\n\n");
    let outcome = sandbox.pipe(
        &["translate", "--run", RUN, "--prefix", "prefix.txt"],
        input,
    );
    // The vocabulary is of characters, and this one is not in it.
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let lines: Vec<&str> = outcome.out.lines().collect();
    assert!(
        lines[0].starts_with("他们") && lines[1].starts_with("汤姆买"),
        "{lines:?}"
    );
    assert_eq!(lines[3], plain.lines().nth(3).unwrap());
    sandbox.write("with.txt", "喜欢\t茶\n\n\n米饭\n");
    sandbox.write("without.txt", "我\n看\t茶\n\n。\n");
    let files = [
        "--must-contain",
        "with.txt",
        "--must-not-contain",
        "without.txt",
    ];
    for beam in ["1", "3", "12"] {
        let arguments = [&files[..], &["--beam", beam]].concat();
        let outcome = translate(&sandbox, &arguments, input);
        let lines: Vec<&str> = outcome.out.lines().collect();
        assert!(
            lines[0].contains("喜欢") && lines[0].contains('茶'),
            "{lines:?}"
        );
        assert!(!lines[0].contains('我'), "{lines:?}");
        assert!(
            !lines[1].contains('看') && !lines[1].contains('茶'),
            "{lines:?}"
        );
        assert_eq!(lines[2], "");
        assert!(
            lines[3].contains("米饭") && !lines[3].contains('。'),
            "{lines:?}"
        );
    }
}

#[test]
fn an_ensemble_is_several_runs() {
    let sandbox = Sandbox::trained();
    let again = translate(&sandbox, &["--run", RUN, "--n-best", "3"], SENTENCES).out;
    assert_eq!(
        again,
        translate(&sandbox, &["--n-best", "3"], SENTENCES).out
    );
    sandbox.train_in(
        "other",
        &["--set", "seed=8", "--set", "model.hidden_size=10"],
    );
    for average in ["probabilities", "log-probabilities"] {
        let key = format!("search.ensemble={average}");
        let arguments = ["--run", "other", "--set", &key, "--n-best", "2"];
        let both = translate(&sandbox, &arguments, SENTENCES).out;
        assert_eq!(both.lines().count(), 4);
        assert_ne!(both, translate(&sandbox, &["--n-best", "2"], SENTENCES).out);
    }
    let evaluate = [
        "evaluate",
        "--run",
        RUN,
        "--run",
        "other",
        "--data",
        "train.tsv",
    ];
    let outcome = sandbox.run(&evaluate);
    outcome.assert_done();
    assert!(outcome.out.contains("of run + 40 of other"), "{outcome:#?}");
    let best = translate(
        &sandbox,
        &["--run", "other", "--n-best", "2"],
        "I eat rice .\n",
    )
    .out;
    let row: Vec<&str> = best.lines().next().unwrap().split('\t').collect();
    sandbox.write("own.tsv", format!("I eat rice .\t{}\n", row[2]));
    let score = [
        "score", "--run", RUN, "--run", "other", "--data", "own.tsv", "--json",
    ];
    let report = sandbox.run(&score).json();
    let mean = number(&report, "log_probability") / number(&report, "tokens");
    let searched: f64 = row[1].parse().unwrap();
    assert!((searched - mean).abs() < 2e-4, "{searched} and {report}");
    let otherwise = ["--set", "search.ensemble=log-probabilities"];
    let otherwise = sandbox.run(&[&score[..], &otherwise].concat()).json();
    assert_ne!(otherwise["log_probability"], report["log_probability"]);
    assert_eq!(otherwise["tokens"], report["tokens"]);
    let last = translate(
        &sandbox,
        &[
            "--run",
            "other",
            "--checkpoint",
            "last",
            "--checkpoint",
            "best",
        ],
        SENTENCES,
    );
    assert_eq!(last.out.lines().count(), 2);
}

#[test]
fn unknown_words_are_what_was_looked_at() {
    let sandbox = Sandbox::new();
    let mut pairs = pairs();
    for (_, target) in &mut pairs {
        *target = target.chars().map(|one| format!("{one} ")).collect();
    }
    sandbox.write("train.tsv", support::tsv(&pairs));
    // So small a vocabulary that many words are unknown.
    sandbox.train(&[
        "--set",
        "tokenizer.target.kind=word",
        "--set",
        "tokenizer.target.vocab_size=7",
        "--set",
        "train.max_epochs=30",
    ]);
    let source = "Tom like rice .\n";
    let unknown = translate(&sandbox, &set(&["search.allow_unknown=true"]), source).out;
    let copied = translate(&sandbox, &["--replace-unknown"], source).out;
    assert_ne!(copied, unknown);
    let copies = ["Tom", "like", "rice", "."]
        .iter()
        .filter(|word| copied.contains(**word));
    assert!(copies.count() > 0, "{copied}");
    sandbox.write("words.tsv", "tom\tMAX\nlike\tMAX\nrice\tMAX\n.\tMAX\n");
    let translated = translate(&sandbox, &["--replace-unknown", "words.tsv"], source).out;
    assert!(
        translated.contains("MAX") && !translated.contains("Tom"),
        "{translated}"
    );
}
