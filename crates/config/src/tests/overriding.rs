//! `--set KEY=VALUE`.

use data::corpus::CorpusSource;

use super::super::OptimizerKind;
use super::{parse, right, says, wrong};

#[test]
fn values_are_toml_or_else_text() {
    let loaded = right(
        "",
        &[
            "model.dropout = 0.5",
            "seed=7",
            "name=en-zh.v2",
            "valid.tokenize=13a",
            "model.attention.kind=\"luong-dot\"",
            "model.tie_embeddings=true",
            "optimizer.learning_rate=1",
            "data.test=some file=odd.tsv",
        ],
    );
    let config = loaded.config;
    assert_eq!((config.model.dropout, config.seed), (0.5, 7));
    assert_eq!(config.name, "en-zh.v2");
    assert_eq!(config.valid.tokenize().to_string(), "13a");
    assert_eq!(config.model.attention.kind.to_string(), "luong-dot");
    assert!(config.model.tie_embeddings);
    assert_eq!(config.optimizer.learning_rate, 1.0);
    assert_eq!(
        config.data.test,
        Some(CorpusSource::Tsv("some file=odd.tsv".into()))
    );
    assert!(loaded.notices.is_empty());
}

#[test]
fn text_that_looks_like_a_number_is_text_where_text_is_wanted() {
    assert_eq!(right("", &["name=2024"]).config.name, "2024");
    assert_eq!(right("", &["name=1.50"]).config.name, "1.50");
    says(&wrong("", &["optimizer.kind=3"]), &["unknown kind \"3\""]);
}

#[test]
fn the_last_word_counts() {
    assert_eq!(right("seed = 1\n", &["seed=2", "seed=3"]).config.seed, 3);
}

#[test]
fn a_corpus_may_be_two_files() {
    let files = CorpusSource::Parallel {
        source: "a".into(),
        target: "b".into(),
    };
    let loaded = right("", &["data.train={ source = \"a\", target = \"b\" }"]);
    assert_eq!(loaded.config.data.train, Some(files.clone()));
    let loaded = right("", &["data.test.source=a", "data.test.target=b"]);
    assert_eq!(loaded.config.data.test, Some(files));
    let message = wrong("", &["data.train.source=a"]);
    says(
        &message,
        &["--set data.train.source=a: `data.train` is no table"],
    );
}

#[test]
fn what_the_file_lacks_may_come_from_the_command_line() {
    let overrides = ["data.train=a.tsv", "data.valid=b.tsv"];
    assert!(parse("", &overrides).is_ok());
}

#[test]
fn a_table_is_replaced_as_a_whole() {
    let loaded = right(
        "optimizer = { kind = \"sgd\", momentum = 0.9 }\n",
        &["optimizer={}"],
    );
    assert_eq!(loaded.config.optimizer.kind, OptimizerKind::Adam);
    assert!(loaded.notices.is_empty());
}

#[test]
fn mistakes_name_the_override() {
    let message = wrong("", &["model.embeding_size=3"]);
    says(
        &message,
        &["--set model.embeding_size=3: unknown key `model.embeding_size`"],
    );
    says(&message, &["did you mean `embedding_size`?"]);
    says(
        &wrong("", &["modle.dropout=3"]),
        &["--set modle.dropout=3: unknown table `modle`"],
    );
    says(
        &wrong("", &["seed=x"]),
        &["--set seed=x: `seed`: expected a whole number, found the text"],
    );
    says(
        &wrong("", &["model.dropout=2"]),
        &["--set model.dropout=2: `model.dropout` is 2"],
    );
    says(
        &wrong("", &["seed"]),
        &["--set seed: there is no `=`", "--set KEY=VALUE"],
    );
    says(&wrong("", &["=3"]), &["a part of it is empty"]);
    says(&wrong("", &["model..x=3"]), &["a part of it is empty"]);
    says(
        &wrong("", &["seed.x=3", "seed.x.y=3"]),
        &["`seed.x` is no table"],
    );
    says(
        &wrong("", &["a.b.c.d.e.f.g.h.i=1"]),
        &["no key has 9 parts"],
    );
    says(
        &wrong("", &["model=3"]),
        &["--set model=3: `model`: expected a table"],
    );
    says(&wrong("", &["seed=[1, 2]"]), &["found a list"]);
    says(
        &wrong("", &["search.beam=0"]),
        &["--set search.beam=0: `search.beam` is 0"],
    );
    says(
        &wrong("", &["train.teacher_forcing.kind=linear"]),
        &["--set train.teacher_forcing.kind=linear: `train.teacher_forcing.c` is missing"],
    );
}

#[test]
fn a_changed_kind_drops_the_old_kinds_keys_with_a_notice() {
    let lines = "[optimizer]\nbeta1 = 0.8\nepsilon = 1e-6\n";
    let loaded = right(lines, &["optimizer.kind=sgd"]);
    assert_eq!(loaded.config.optimizer.beta1, None);
    assert_eq!(loaded.notices.len(), 2);
    says(
        &loaded.notices[0],
        &[
            "x.toml:4:1: `optimizer.beta1` is left out",
            "--set optimizer.kind=sgd",
        ],
    );
    says(&loaded.notices[1], &["x.toml:5:1: `optimizer.epsilon`"]);

    let lines = "[model]\ncontext = \"every-step\"\nattention.kind = \"none\"\n";
    let loaded = right(lines, &["model.attention.kind=bahdanau"]);
    assert_eq!(loaded.config.model.context, None);
    says(&loaded.notices[0], &["`model.context`"]);

    let lines = "model.attention.query = \"before\"\n";
    let loaded = right(lines, &["model.attention={ kind = \"none\" }"]);
    assert!(
        loaded.notices.is_empty(),
        "the table was replaced: {:?}",
        loaded.notices
    );
    let loaded = right(lines, &["model.attention.kind=none"]);
    says(&loaded.notices[0], &["`model.attention.query`"]);

    let lines = "[model.encoder]\nbidirectional = true\nresidual = false\n";
    let loaded = right(lines, &["model.encoder.kind=conv"]);
    assert_eq!(loaded.config.model.encoder.bidirectional, None);
    says(
        &loaded.notices[0],
        &["x.toml:4:1: `model.encoder.bidirectional` is left out"],
    );
    says(&loaded.notices[1], &["`model.encoder.residual`"]);

    let lines = "model.attention.query = \"before\"\n";
    let loaded = right(lines, &["model.decoder.kind=conv"]);
    assert_eq!(loaded.notices.len(), 1);
    says(
        &loaded.notices[0],
        &["`model.attention.query` is left out", "chose \"conv\""],
    );

    let lines = "[model.encoder]\nkind = \"rnn\"\nnonlinearity = \"relu\"\n";
    let loaded = right(lines, &["model.encoder.kind=gru"]);
    assert_eq!(loaded.config.model.encoder.nonlinearity, None);
    assert_eq!(loaded.notices.len(), 1);
}

#[test]
fn only_what_was_right_before_is_dropped() {
    // Given on the command line itself.
    let message = wrong("", &["optimizer.kind=sgd", "optimizer.beta1=0.8"]);
    says(
        &message,
        &["--set optimizer.beta1=0.8: `optimizer.beta1` belongs to"],
    );
    // The kind is the one that the file had.
    let lines = "[optimizer]\nkind = \"sgd\"\nbeta1 = 0.8\n";
    says(
        &wrong(lines, &["optimizer.kind=sgd"]),
        &["x.toml:5:1: `optimizer.beta1` belongs to"],
    );
    // The kind is the default.
    let lines = "optimizer.momentum = 0.8\n";
    says(
        &wrong(lines, &["optimizer.kind=adam"]),
        &["x.toml:3:11: `optimizer.momentum`"],
    );
    // Wrong in the file already, and wrong after.
    let lines = "optimizer = { kind = \"adam\", momentum = 0.8 }\n";
    says(
        &wrong(lines, &["optimizer.kind=adamw"]),
        &["x.toml:3:30: `optimizer.momentum`"],
    );
    // Another table's kind.
    let lines = "model.encoder.nonlinearity = \"relu\"\n";
    says(
        &wrong(lines, &["model.decoder.kind=gru"]),
        &["`model.encoder.nonlinearity` belongs to"],
    );
}
