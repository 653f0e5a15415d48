//! Text comes back as it was.

use super::*;

#[test]
fn sentences_learned_by_heart_come_back_byte_for_byte() {
    let sandbox = trained("sp", 700, &[]);
    assert_eq!(right(&sandbox, "sp_train.tsv", &[]), 1.0);
}

#[test]
fn phones_between_spaces_stay_between_spaces() {
    for kind in ["word", "space"] {
        let kind = format!("tokenizer.target.kind={kind}");
        let sandbox = trained("xs", 700, &[&kind]);
        assert_eq!(right(&sandbox, "xs_valid.tsv", &[]), 1.0, "{kind}");
    }
}

#[test]
fn a_tokenizer_file_is_decoded_as_its_library_does() {
    for file in ["phones.json", "phones_dec.json"] {
        let file = format!("tokenizer.target.file={file}");
        let sandbox = trained("xs", 700, &[&file]);
        assert_eq!(right(&sandbox, "xs_valid.tsv", &[]), 1.0, "{file}");
    }
}

#[test]
fn samples_are_a_line_each() {
    let sandbox = trained("bpe", 300, &[]);
    let input = sandbox.bytes("src1k.txt");
    let outcome = translate(&sandbox, &["--set", "search.method=sample"], input);
    assert_eq!(outcome.out.matches('\n').count(), 1_080);
    assert!(
        !outcome
            .out
            .contains(['\0', '\r', '\t', '\u{2028}', '\u{85}'])
    );
}

#[test]
fn a_dictionary_of_three_columns_is_refused() {
    let sandbox = trained("ru", 30, &[]);
    sandbox.write("words.tsv", "Nyax\tMyax\tnoun\n");
    let replace = ["translate", "--run", RUN, "--replace-unknown", "words.tsv"];
    let outcome = sandbox.pipe(&replace, "Nyax sees Nkex .\n");
    outcome.assert_refused(&["words.tsv:1", "3 columns"]);
    sandbox.write("words.tsv", "Nyax\tMyax\n");
    let outcome = sandbox.pipe(&replace, "Nyax sees Nkex .\n");
    outcome.assert_done();
}

/// Rows of lemma, form and features, as SIGMORPHON's shared tasks have them.
fn inflections() -> String {
    let stems = [
        "walk", "talk", "jump", "look", "play", "call", "work", "help",
    ];
    let endings = [
        ("ed", "V;PST"),
        ("s", "V;PRS;3;SG"),
        ("ing", "V;V.PTCP;PRS"),
    ];
    let row = |stem: &str, (ending, features): (&str, &str)| {
        format!("{stem}\t{stem}{ending}\t{features}\n")
    };
    let rows = stems
        .iter()
        .flat_map(|stem| endings.map(|ending| row(stem, ending)));
    rows.collect()
}

#[test]
fn features_in_a_column_are_tokens_beside_the_letters() {
    let sandbox = Sandbox::new();
    sandbox.write("inflections.tsv", inflections());
    let columns = "columns = [\"source\", \"target\", \"features\"]\n";
    let config = |columns: &str| {
        format!(
            "name = \"x\"\n[data]\ntrain = \"inflections.tsv\"\nvalid = \"inflections.tsv\"\n{columns}[tokenizer.source]\n\
             kind = \"char\"\n[tokenizer.target]\nkind = \"char\"\n[model]\nembedding_size = 16\nhidden_size = 48\n\
             dropout = 0.0\n[train]\nbackend = \"cpu\"\nbatch_size = 8\nmax_epochs = 120\nlabel_smoothing = 0.0\n\
             [optimizer]\nlearning_rate = 1e-2\n[valid]\nsamples = 0\n"
        )
    };
    sandbox.write("without.toml", config(""));
    let train = ["--run-dir", RUN, "--config"];
    let outcome = sandbox.run(&[&train[..], &["without.toml"]].concat());
    outcome.assert_error_at_end(2, &["inflections.tsv:1", "data.columns"]);
    let outcome = sandbox.run(&["--config", "without.toml", "--set", "data.columns=a,b"]);
    outcome.assert_error_at_end(2, &["data.columns", "[\"source\", \"target\", \"skip\"]"]);
    sandbox.write("with.toml", config(columns));
    sandbox
        .run(&[&train[..], &["with.toml"]].concat())
        .assert_done();
    let asked = "walk\tV;PST\nwalk\tV;V.PTCP;PRS\nhelp\tV;PRS;3;SG\n";
    let answered = translate(&sandbox, &[], asked).out;
    assert_eq!(answered, "walked\nwalking\nhelps\n");
    let vocabulary = sandbox.text("run/tokenizer.source.json");
    assert!(vocabulary.contains("\"\\tV.PTCP\""), "{vocabulary}");
    let evaluate = ["evaluate", "--run", RUN, "--json", "--data"];
    let of_tsv = sandbox
        .run(&[&evaluate[..], &["inflections.tsv"]].concat())
        .json();
    assert_eq!(of_tsv["exact_match"], 1.0);
    // The same in two files: a line of the sources has its features in a column too.
    let (mut sources, mut targets) = (String::new(), String::new());
    for line in inflections().lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        sources += &format!("{}\t{}\n", columns[0], columns[2]);
        targets += &format!("{}\n", columns[1]);
    }
    sandbox.write("x.source", sources);
    sandbox.write("x.target", targets);
    let of_two = sandbox
        .run(&[&evaluate[..], &["x.source", "x.target"]].concat())
        .json();
    assert_eq!(of_two, of_tsv);
}

#[test]
fn control_characters_of_the_corpus_come_back() {
    let sandbox = Sandbox::new();
    let pairs = "one\ta\u{1}b\ntwo\tc\u{1b}d\nthree\te\u{7f}f\n".repeat(4);
    sandbox.write("train.tsv", &pairs);
    sandbox.write("valid.tsv", &pairs);
    for kind in ["char", "word", "space"] {
        let kind = format!("tokenizer.target.kind={kind}");
        let more = [
            "--overwrite",
            "--set",
            &kind,
            "--set",
            "train.max_epochs=150",
        ];
        sandbox.train(&more);
        let out = translate(&sandbox, &[], "one\ntwo\nthree\n").out;
        assert_eq!(out, "a\u{1}b\nc\u{1b}d\ne\u{7f}f\n", "{kind}");
    }
}

#[test]
fn packed_files_are_known_by_their_content() {
    let sandbox = Sandbox::trained();
    let scored = |name: &str| {
        let outcome = sandbox.run(&["score", "--run", RUN, "--data", name]);
        outcome.assert_done();
        outcome.out
    };
    let expected = scored("valid.tsv");
    sandbox.write("plain.gz", sandbox.bytes("valid.tsv"));
    assert_eq!(scored("plain.gz"), expected);
}

#[test]
fn pairs_of_one_side_are_refused_or_skipped() {
    let sandbox = Sandbox::new();
    let corpus = format!("{}only a source\t\n", sandbox.text("train.tsv"));
    sandbox.write("train.tsv", corpus);
    let refused = support::finish(&mut sandbox.training(RUN, &[]), b"");
    refused.assert_error_at_end(2, &["train.tsv:41", "one-sided"]);
    let skipping = ["--set", "data.one_sided=skip", "--max-steps", "2"];
    let outcome = support::finish(&mut sandbox.training(RUN, &skipping), b"");
    outcome.assert_done();
    assert!(
        outcome.err.contains("kept 40, dropped 1 (1 one-sided)"),
        "{outcome:#?}"
    );
}
