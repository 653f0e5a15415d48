//! Keys that are unknown, misplaced or of another kind.

use super::super::{right, says, wrong};

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
            "`schedule.factor` belongs to `kind = \"plateau\"` and `kind = \"step\"`; this is `kind = \"constant\"`",
        ),
        (
            "schedule = { kind = \"inverse-sqrt\", min_learning_rate = 0 }",
            "`schedule.min_learning_rate`",
        ),
        (
            "schedule.decay_steps = 5",
            "`schedule.decay_steps` belongs to `kind = \"cosine\"` and `kind = \"linear\"` and `kind = \"step\"`",
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
