//! Values of a wrong type, out of range, or that exclude each other.

use super::super::{right, says, wrong};
use crate::BatchSize;

#[test]
fn values_of_another_type_are_described() {
    let cases = [
        (
            "seed = \"seven\"",
            "`seed`: expected a whole number, found the text \"seven\"",
        ),
        (
            "seed = \"7\"",
            "found the text \"7\"; write the number without quotes",
        ),
        (
            "seed = 7.0",
            "expected a whole number, found the number 7.0; write it without",
        ),
        (
            "name = 3",
            "`name`: expected text, found the number 3; put it in \"quotes\"",
        ),
        (
            "model.dropout = true",
            "`model.dropout`: expected a number, found true",
        ),
        (
            "model.tie_embeddings = 1",
            "expected true or false, found the number 1",
        ),
        ("model.tie_embeddings = \"true\"", "write it without quotes"),
        ("model = 3", "`model`: expected a table, found the number 3"),
        (
            "train.batch_size = {}",
            "expected a whole number or \"auto\", found a table",
        ),
        (
            "train.batch_size = \"large\"",
            "expected a whole number or \"auto\", found the text \"large\"",
        ),
        (
            "optimizer.kind = 3",
            "expected one of \"adam\", \"adamw\", \"sgd\", found the number 3",
        ),
        ("optimizer.kind = [\"adam\"]", "found a list"),
        ("data.test = 3", "`data.test`: expected a TSV path"),
        ("data.test = 2020-01-01", "found the date 2020-01-01"),
        ("data.test = [\"a\", 3]", "found the number 3"),
        ("data.test = []", "this list names no corpus"),
        ("[[model]]", "`model`: expected a table, found a list"),
    ];
    for (line, expected) in cases {
        let message = wrong(line, &[]);
        says(&message, &["x.toml:3:", expected]);
    }
}

#[test]
fn unknown_kinds_are_answered_with_the_choices() {
    let message = wrong("[model.encoder]\nkind = \"ltsm\"\n", &[]);
    says(
        &message,
        &["x.toml:4:1: `model.encoder.kind`: unknown kind \"ltsm\"; did you mean \"lstm\"?"],
    );
    says(&message, &["\nChoices: \"rnn\", \"gru\", \"lstm\""]);
    let message = wrong("valid.tokenize = \"chr\"\n", &[]);
    says(
        &message,
        &[
            "unknown tokenize \"chr\"; did you mean \"char\"?",
            "\"13a\"",
        ],
    );
    says(
        &wrong("data.test = \"builtin:en-zh:tset\"\n", &[]),
        &["x.toml:3:6: ", "builtin:en-zh:test"],
    );
}

#[test]
fn numbers_out_of_range_name_the_range() {
    let cases = [
        (
            "train.batch_size = 0",
            "`train.batch_size` is 0, but must be at least 1",
        ),
        (
            "train.batch_size = -1",
            "`train.batch_size` is -1, but must be a whole number, 0 or more",
        ),
        ("train.accumulate = 0", "`train.accumulate` is 0"),
        (
            "train.label_smoothing = 1.0",
            "is 1.0, but must be at least 0 and below 1",
        ),
        ("train.label_smoothing = -0.1", "at least 0 and below 1"),
        (
            "train.clip_norm = -1",
            "`train.clip_norm` is -1.0, but must be at least 0",
        ),
        ("train.log_every = 0", "`train.log_every`"),
        ("train.max_epochs = 0", "would never end"),
        ("train.device = 5000", "at most 1023"),
        ("model.dropout = 1.5", "`model.dropout` is 1.5, but must be"),
        (
            "model.dropout = nan",
            "`model.dropout` is NaN, but must be a finite number",
        ),
        ("model.hidden_size = 0", "`model.hidden_size` is 0"),
        ("model.hidden_size = 255", "is 255, but must be even"),
        ("model.hidden_size = 100000000", "at most 65536"),
        ("model.encoder.layers = 0", "`model.encoder.layers` is 0"),
        (
            "model.encoder = { kind = \"conv\", kernel_width = 0 }",
            "`model.encoder.kernel_width` is 0",
        ),
        (
            "model.decoder = { kind = \"conv\", kernel_width = 1 }",
            "`model.decoder.kernel_width` is 1, but must be at least 2",
        ),
        ("model.decoder.layers = 1000", "at most 100"),
        (
            "optimizer.learning_rate = 0",
            "`optimizer.learning_rate` is 0.0, but must be above 0",
        ),
        (
            "optimizer.learning_rate = -1e-3",
            "`optimizer.learning_rate` is -0.001",
        ),
        ("optimizer.learning_rate = inf", "a finite number"),
        ("optimizer.beta1 = 1.0", "`optimizer.beta1` is 1.0"),
        (
            "optimizer.epsilon = 0",
            "`optimizer.epsilon` is 0.0, but must be at least 1.18e-38",
        ),
        ("schedule.factor = 1.0", "above 0 and below 1"),
        ("schedule.min_learning_rate = -1", "at least 0"),
        (
            "valid.every_steps = 0",
            "`valid.every_steps` is 0, but must be at least 1",
        ),
        ("valid.batch_size = 0", "`valid.batch_size`"),
        ("checkpoint.keep = 0", "`checkpoint.keep` is 0"),
        (
            "search.beam = 0",
            "`search.beam` is 0, but must be at least 1",
        ),
        ("search.beam = 1000000", "at most 1000"),
        ("search.max_length = 0", "`search.max_length`"),
        (
            "search.min_length = 0",
            "`search.min_length` is 0, but must be at least 1",
        ),
        (
            "search = { min_length = 9, max_length = 8 }",
            "`search.min_length` is 9, but must be at most 8",
        ),
        (
            "search.coverage_penalty = -1",
            "`search.coverage_penalty` is -1.0, but must be at least 0",
        ),
        ("search.no_repeat_ngram = 1000", "at most 100"),
        (
            "search = { method = \"sample\", temperature = 0 }",
            "`search.temperature` is 0.0, but must be above 0",
        ),
        (
            "search = { method = \"sample\", top_p = 1.5 }",
            "`search.top_p` is 1.5, but must be above 0 and at most 1",
        ),
        (
            "search = { method = \"mbr\", top_k = -1 }",
            "`search.top_k` is -1, but must be",
        ),
        (
            "search = { method = \"mbr\", samples = 0 }",
            "`search.samples` is 0, but must be at least 1",
        ),
        (
            "search = { method = \"diverse-beam\", groups = 6 }",
            "`search.groups` is 6, but must be at most 5",
        ),
        (
            "search = { method = \"diverse-beam\", groups = 2 }",
            "`search.beam` must be a multiple",
        ),
        (
            "search = { method = \"diverse-beam\", diversity = -1 }",
            "`search.diversity` is -1.0, but must be at least 0",
        ),
        ("data.max_length = 100001", "`data.max_length`"),
        ("data.test = \"\"", "the path is empty"),
        (
            "tokenizer.source.vocab_size = 4",
            "`tokenizer.source.vocab_size` is 4, but must be at least 5",
        ),
        (
            "tokenizer.target = { kind = \"bpe\", vocab_size = 200 }",
            "at least 261",
        ),
        (
            "tokenizer.target.min_frequency = 0",
            "`tokenizer.target.min_frequency`",
        ),
        ("name = \"\"", "the name is empty"),
        ("name = \"a/b\"", "the name of a folder"),
        ("name = \"..\"", "--run-dir"),
        ("seed = 99999999999999999999", "x.toml:3:8: not valid TOML"),
    ];
    for (line, expected) in cases {
        says(&wrong(line, &[]), &["x.toml:3:", expected]);
    }
}

#[test]
fn a_cosine_may_leave_its_length_to_the_run() {
    right("[schedule]\nkind = \"cosine\"\n", &[]);
    right("schedule = { kind = \"cosine\", decay_steps = 10 }\n", &[]);
}

#[test]
fn settings_that_exclude_each_other_keep_the_phrase() {
    let message = wrong("[model.decoder]\nbidirectional = true\n", &[]);
    says(
        &message,
        &["x.toml:4:1: ", "cannot be combined", "left to right"],
    );
    let message = wrong(
        "[model.attention]\nkind = \"luong-dot\"\n[model.encoder]\nhidden_size = 64\n",
        &[],
    );
    says(
        &message,
        &["x.toml:4:1: ", "cannot be combined", "one size"],
    );
    let message = wrong(
        "[model]\ninput_feeding = true\ndecoder.kind = \"conv\"\n",
        &[],
    );
    says(
        &message,
        &[
            "x.toml:4:1: ",
            "cannot be combined",
            "input_feeding = false",
        ],
    );
    let message = wrong(
        "model.attention.kind = \"bahdanau\"\n",
        &["model.decoder.kind=conv"],
    );
    says(
        &message,
        &[
            "x.toml:3:17: ",
            "cannot be combined",
            "all positions at once",
        ],
    );
    let message = wrong("", &["model.decoder.bidirectional=true"]);
    says(
        &message,
        &[
            "--set model.decoder.bidirectional=true: ",
            "cannot be combined",
        ],
    );
    assert_eq!(
        right("model.decoder.bidirectional = false\n", &[]),
        right("", &[])
    );
}

#[test]
fn a_batch_size_that_is_to_be_found_is_one_in_tokens() {
    let auto = "train.batch_size = \"auto\"\n";
    says(
        &wrong(auto, &[]),
        &["`train.batch_unit`", "write batch_unit = \"tokens\""],
    );
    let tokens = format!("{auto}train.batch_unit = \"tokens\"\n");
    let config = right(&tokens, &[]).config;
    assert_eq!(config.train.batch_size, BatchSize::Auto);
    assert!(config.to_toml().contains("batch_size = \"auto\""));
    assert_eq!(BatchSize::Of(7).known(), Some(7));
}
