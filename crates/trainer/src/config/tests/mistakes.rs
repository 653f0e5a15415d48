//! Each mistake is named with its line and what to do. `LEAST` is two lines, so `lines` start at 3.

use std::fs;

use super::{Config, parse, right, says, wrong};

#[test]
fn unknown_keys_name_the_line_and_the_nearest_key() {
    let message = wrong("[model]\nembeding_size = 3\n", &[]);
    says(
        &message,
        &["x.toml:4:1: ", "unknown key `model.embeding_size`"],
    );
    says(
        &message,
        &[
            "did you mean `embedding_size`?",
            "Known keys of [model]: embedding_size, ",
        ],
    );

    let message = wrong("\n[modle]\ndropout = 0.1\n", &[]);
    says(
        &message,
        &["x.toml:4:2: unknown table `modle`; did you mean `model`?"],
    );
    says(
        &message,
        &["Known at the top of a config: name, seed, [data], "],
    );

    let message = wrong("model.encodr = { kind = \"gru\" }\n", &[]);
    says(
        &message,
        &["x.toml:3:7: unknown table `model.encodr`; did you mean `encoder`?"],
    );

    let message = wrong("[train]\nbatchsize = 3\n", &[]);
    says(&message, &["did you mean `batch_size`?"]);

    let message = wrong("[search]\nwibble = 3\n", &[]);
    says(
        &message,
        &["x.toml:4:1: unknown key `search.wibble`\n", "beam"],
    );
}

#[test]
fn a_key_in_the_wrong_table_is_told_its_table() {
    let message = wrong("[train]\nbeam = 3\n", &[]);
    says(
        &message,
        &["unknown key `train.beam`", "`beam` is a key of [search]"],
    );
    let message = wrong("[model]\nbatch_size = 3\n", &[]);
    says(&message, &["`batch_size` is a key of [train] and [valid]"]);
}

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
            "expected a whole number, found a table",
        ),
        (
            "optimizer.kind = 3",
            "expected one of \"adam\", \"adamw\", \"sgd\", found the number 3",
        ),
        ("optimizer.kind = [\"adam\"]", "found a list"),
        ("data.test = 3", "`data.test`: expected a TSV path"),
        ("data.test = 2020-01-01", "found the date 2020-01-01"),
        ("data.test = [\"a\", \"b\"]", "found a list"),
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
            "`optimizer.epsilon` is 0.0, but must be above 0",
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
        ("data.max_length = 0", "`data.max_length`"),
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
fn text_that_is_not_toml_shows_its_line() {
    let message = wrong("[model\nkind = 3\n", &[]);
    says(&message, &["x.toml:3:", "not valid TOML", "    [model\n"]);
    says(
        &wrong("name = en-zh\n", &[]),
        &["x.toml:3:8: not valid TOML", "    name = en-zh\n"],
    );
    says(
        &wrong("seed = 1\nseed = 2\n", &[]),
        &["x.toml:4:1: not valid TOML: duplicate key"],
    );
}

#[test]
fn missing_corpora_are_asked_for() {
    let message = parse("seed = 1\n", &[]).unwrap_err().to_string();
    says(
        &message,
        &[
            "x.toml: `data.train` is missing (what to learn from)",
            "builtin:en-zh:train",
        ],
    );
    let text = "seed = 1\n[data]\ntrain = \"a.tsv\"\n";
    let message = parse(text, &[]).unwrap_err().to_string();
    says(
        &message,
        &[
            "x.toml:2:2: `data.valid` is missing",
            "{ source = \"x.en\", target = \"x.zh\" }",
        ],
    );
    let message = wrong("data.test = { source = \"a\" }\n", &[]);
    says(
        &message,
        &["x.toml:3:6: `data.test` lacks the key `target`"],
    );
    let message = wrong("data.test = { source = \"a\", traget = \"b\" }\n", &[]);
    says(
        &message,
        &["x.toml:3:29: unknown key `data.test.traget`; did you mean `target`?"],
    );
}

#[test]
fn keys_of_another_kind_are_refused() {
    let cases = [
        (
            "optimizer = { kind = \"sgd\", beta1 = 0.9 }",
            "`optimizer.beta1` belongs to `kind = \"adam\"` and `kind = \"adamw\"`",
        ),
        (
            "optimizer = { kind = \"adam\", weight_decay = 0.1 }",
            "`optimizer.weight_decay` belongs to",
        ),
        (
            "optimizer.momentum = 0.9",
            "`optimizer.momentum` belongs to `kind = \"sgd\"`",
        ),
        (
            "schedule = { kind = \"constant\", factor = 0.5 }",
            "`schedule.factor` belongs to `kind = \"plateau\"`; this is `kind = \"constant\"`",
        ),
        (
            "schedule = { kind = \"inverse-sqrt\", min_learning_rate = 0 }",
            "`schedule.min_learning_rate`",
        ),
        (
            "schedule.decay_steps = 5",
            "`schedule.decay_steps` belongs to `kind = \"cosine\"`",
        ),
        (
            "model.encoder.nonlinearity = \"relu\"",
            "`model.encoder.nonlinearity` belongs to `kind = \"rnn\"`",
        ),
        (
            "model.decoder.nonlinearity = \"relu\"",
            "`model.decoder.nonlinearity`",
        ),
        (
            "model.encoder = { kind = \"conv\", bidirectional = true }",
            "`model.encoder.bidirectional` belongs to `kind = \"rnn\"`, `kind = \"gru\"` and `kind = \"lstm\"`",
        ),
        (
            "model.encoder.kernel_width = 3",
            "`model.encoder.kernel_width` belongs to `kind = \"conv\"`",
        ),
        (
            "model.encoder.channels = 3",
            "`model.encoder.channels` belongs to `kind = \"image\"`",
        ),
        (
            "model.decoder = { kind = \"conv\", layer_norm = true }",
            "`model.decoder.layer_norm` belongs to",
        ),
        (
            "model = { decoder = { kind = \"conv\" }, attention = { query = \"before\" } }",
            "`model.attention.query` belongs to recurrent decoders",
        ),
        ("model.context = \"initial\"", "`model.context` belongs to"),
        (
            "model.attention = { kind = \"none\", query = \"after\" }",
            "`model.attention.query` belongs to",
        ),
    ];
    for (line, expected) in cases {
        says(
            &wrong(line, &[]),
            &["x.toml:3:", expected, "remove the key or change the kind"],
        );
    }
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
fn a_cosine_needs_its_length() {
    let message = wrong("[schedule]\nkind = \"cosine\"\n", &[]);
    says(
        &message,
        &[
            "x.toml:4:1: `schedule.decay_steps` is missing",
            "decay_steps = 10000",
        ],
    );
    right("schedule = { kind = \"cosine\", decay_steps = 10 }\n", &[]);
}

#[test]
fn files_that_cannot_be_read_say_why() {
    let folder = tempfile::tempdir().unwrap();
    let load = |name: &str| {
        let error = Config::load(&folder.path().join(name), &[]).unwrap_err();
        error.to_string()
    };
    fs::write(folder.path().join("main.toml"), super::LEAST).unwrap();
    says(
        &load("mian.toml"),
        &["mian.toml: no such file; did you mean `", "main.toml`?"],
    );
    says(&load(""), &["this is a folder"]);
    says(&load("other/x.toml"), &["no such file\nCheck the path"]);
    fs::write(
        folder.path().join("latin.toml"),
        b"seed = 1\nname = \"caf\xe9\"\n",
    )
    .unwrap();
    says(
        &load("latin.toml"),
        &["latin.toml:2:12: not UTF-8 text (byte 0xE9)"],
    );
    fs::write(
        folder.path().join("bom.toml"),
        format!("\u{feff}{}", super::LEAST),
    )
    .unwrap();
    assert!(Config::load(&folder.path().join("bom.toml"), &[]).is_ok());
    fs::write(
        folder.path().join("crlf.toml"),
        super::LEAST.replace('\n', "\r\n"),
    )
    .unwrap();
    assert!(Config::load(&folder.path().join("crlf.toml"), &[]).is_ok());
}

#[test]
fn keys_of_another_method_are_refused() {
    let message = wrong("[search]\ntemperature = 0.7\n", &[]);
    says(
        &message,
        &[
            "x.toml:4:1: `search.temperature` belongs to `method = \"sample\"` and `method = \"mbr\"`",
            "this is `method = \"beam\"`: remove the key or change the method",
        ],
    );
    says(
        &wrong("search.method = \"bean\"\n", &[]),
        &[
            "unknown method \"bean\"; did you mean \"beam\"?",
            "\"exhaustive\"",
        ],
    );
    let lines = "model.attention.kind = \"none\"\nsearch.coverage_penalty = 0.2\n";
    says(
        &wrong(lines, &[]),
        &[
            "x.toml:4:",
            "`search.coverage_penalty`",
            "no step looks at anything",
        ],
    );
    let loaded = right(
        "[search]\nmethod = \"sample\"\ntop_k = 5\n",
        &["search.method=beam"],
    );
    says(&loaded.notices[0], &["`search.top_k` is left out"]);
}
