//! Limits that hold, and are said.

use super::*;

#[test]
fn letters_to_words_are_not_cut() {
    let sandbox = trained("tnc", 900, &[]);
    assert_eq!(right(&sandbox, "tn_valid.tsv", &[]), 1.0);
    let short = ["--set", "search.max_length=5", "--beam", "1"];
    let outcome = translate(&sandbox, &short, "638\n");
    assert!(
        outcome.err.contains("line 1: the translation did not end"),
        "{outcome:#?}"
    );
    let evaluate = ["evaluate", "--run", RUN, "--data", "tn_valid.tsv", "--set"];
    let outcome = sandbox.run(&[&evaluate[..], &["search.max_length=5"]].concat());
    outcome.assert_done();
    assert!(
        outcome.err.contains("97 translations did not end"),
        "{outcome:#?}"
    );
}

#[test]
fn more_translations_than_the_beam_are_said_and_limited() {
    let sandbox = Sandbox::trained();
    let outcome = translate(
        &sandbox,
        &["--beam", "2", "--n-best", "4"],
        "I eat rice .\n",
    );
    assert_eq!(outcome.out.lines().count(), 4);
    assert!(outcome.err.contains("a beam of 4"), "{outcome:#?}");
    for wanted in ["100000", "18446744073709551615"] {
        let arguments = ["translate", "--run", RUN, "--n-best", wanted];
        sandbox
            .pipe(&arguments, "I eat rice .\n")
            .assert_refused(&["--n-best", "1000"]);
    }
    let alone = translate(&sandbox, &["--n-best", "1"], "I eat rice .\n").out;
    assert_eq!(alone.trim_end().split('\t').count(), 3, "{alone}");
}

#[test]
fn a_blank_line_has_one_translation_which_is_blank() {
    let sandbox = Sandbox::trained();
    let arguments = ["--n-best", "3", "--attention", "seen.json"];
    let found = translate(&sandbox, &arguments, "I eat rice .\n \nI eat rice .\n").out;
    let lines: Vec<&str> = found.lines().collect();
    assert_eq!(lines.len(), 7, "{found}");
    assert_eq!(lines[3], "2\t0.0000\t", "{found}");
    let seen: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(sandbox.path("seen.json")).unwrap()).unwrap();
    let blank = &seen[1];
    assert_eq!(blank["target"], serde_json::json!(["</s>"]), "{blank}");
    assert_eq!(
        blank["weights"].as_array().map(Vec::len),
        Some(1),
        "{blank}"
    );
}

#[test]
fn a_huge_line_is_cut_before_it_is_read_whole() {
    let sandbox = Sandbox::trained();
    let input = format!("{}\nI eat rice .\n", "I eat rice ".repeat(1_000_000));
    let outcome = translate(&sandbox, &["--beam", "1"], input);
    assert_eq!(outcome.out.lines().count(), 2);
    assert!(outcome.err.contains("line 1: too long"), "{outcome:#?}");
}

#[cfg(target_os = "linux")]
#[test]
fn input_without_end_is_refused() {
    let sandbox = Sandbox::trained();
    let arguments = ["translate", "--run", RUN, "--input", "/dev/zero"];
    sandbox.run(&arguments).assert_refused(&["/dev/zero"]);
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_no_file_is_not_waited_for() {
    let sandbox = Sandbox::new();
    let made = std::process::Command::new("mkfifo")
        .arg(sandbox.path("pipe"))
        .status();
    assert!(made.unwrap().success());
    for (key, words) in [
        ("tokenizer.source.file=pipe", &["pipe", "FIFO"][..]),
        ("data.valid=pipe", &["pipe", "FIFO"]),
        ("data.valid=/dev/zero", &["/dev/zero", "device"]),
    ] {
        let outcome = support::finish(&mut sandbox.training(RUN, &["--set", key]), b"");
        outcome.assert_error_at_end(2, words);
    }
    let endless = ["config", "--config", "/dev/zero"];
    sandbox
        .run(&endless)
        .assert_refused(&["/dev/zero", "16 MiB"]);
    let config = sandbox.text("tiny.toml");
    sandbox
        .pipe(&["config", "--config", "-"], config)
        .assert_done();
}

/// While a vocabulary is learned there is nothing to save.
#[cfg(unix)]
#[test]
fn a_signal_before_the_first_update_ends_the_program() {
    let sandbox = Sandbox::new();
    let line =
        |number: u32| format!("word{number} of many{number}\tWort{number} von vielen{number}\n");
    sandbox.write("train.tsv", (0..200_000).map(line).collect::<String>());
    let kinds = [
        "--set",
        "tokenizer.source.kind=bpe",
        "--set",
        "tokenizer.source.vocab_size=8000",
    ];
    let mut training = sandbox.start(RUN, &kinds);
    std::thread::sleep(std::time::Duration::from_millis(700));
    let id = training.id().to_string();
    let sent = std::process::Command::new("kill")
        .args(["-TERM", &id])
        .status();
    assert!(sent.unwrap().success());
    assert_eq!(training.wait().unwrap().code(), Some(143));
    assert!(!sandbox.path("run/checkpoints").exists());
}

#[test]
fn a_model_beyond_all_memory_leaves_the_old_run() {
    let sandbox = Sandbox::trained();
    let kept = || {
        // The lock holds the number of the process that had it last.
        let mut all = sandbox.snapshot();
        all.remove(&sandbox.path("run/lock"));
        all
    };
    let before = kept();
    let huge = [
        "--overwrite",
        "--set",
        "model.hidden_size=65536",
        "--set",
        "model.embedding_size=65536",
        "--set",
        "model.decoder.layers=100",
    ];
    let outcome = support::finish(&mut sandbox.training(RUN, &huge), b"");
    outcome.assert_refused(&["bytes of memory"]);
    assert!(kept() == before);
}

#[test]
fn many_unknown_keys_are_refused_at_once() {
    let sandbox = Sandbox::new();
    let keys: String = (0..80_000)
        .map(|number| format!("key{number} = {number}\n"))
        .collect();
    sandbox.write("many.toml", keys);
    sandbox
        .run(&["--config", "many.toml"])
        .assert_refused(&["many.toml:1:1", "unknown key"]);
}

/// Decoders that draw or search keep to the same limits as greedy ones.
#[test]
fn every_method_ends_at_the_limit() {
    let sandbox = Sandbox::trained();
    for method in ["sample", "mbr", "diverse-beam", "beam"] {
        let keys = [
            "--set",
            &format!("search.method={method}"),
            "--set",
            "search.max_length_ratio=0",
            "--set",
            "search.max_length_margin=1",
        ];
        let outcome = translate(&sandbox, &keys, "I eat rice .\nyou buy tea .\n");
        assert_eq!(outcome.out.lines().count(), 2, "{method}: {outcome:#?}");
        let longest = outcome.out.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(1), "{method}: {outcome:#?}");
    }
}
