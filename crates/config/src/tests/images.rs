//! Configs of images, right and wrong.

use super::{parse, right, says, wrong};

/// The least that a config of images must say.
const IMAGES: &str = "data.train = \"builtin:digits:train\"\ndata.valid = \"builtin:digits:valid\"\n\
                      model.encoder = { kind = \"image\", layers = 3 }\n";

/// The same corpora alone.
const IMAGES_ONLY: &str =
    "data.train = \"builtin:digits:train\"\ndata.valid = \"builtin:digits:valid\"\n";

#[test]
fn text_is_no_image() {
    let message = wrong("model.encoder.kind = \"image\"\n", &[]);
    says(
        &message,
        &[
            "x.toml:3:15: `model.encoder.kind`",
            "add a table [data.images]",
        ],
    );
    let both = "data.images = {}\nmodel.encoder.kind = \"image\"\n";
    let message = wrong(both, &[]);
    says(
        &message,
        &[
            "x.toml:1:6: `data.train`: this corpus holds text",
            "builtin:digits",
        ],
    );
    let message = wrong(both, &["data.train=a.tsv"]);
    says(
        &message,
        &["x.toml:2:6: `data.valid`: this corpus holds text"],
    );
    right(both, &["data.train=a.tsv", "data.valid=b.tsv"]);
}

#[test]
fn images_are_for_image_encoders() {
    // Unless the kind is given, the table chooses it.
    let chosen = parse(
        &format!("{IMAGES_ONLY}[data.images]\nmax_width = 100\n"),
        &[],
    );
    assert!(chosen.unwrap().config.model.encoder.reads_images());
    let message = wrong("[model.encoder]\nkind = \"lstm\"\n[data.images]\n", &[]);
    says(
        &message,
        &[
            "x.toml:5:7: `data.images`",
            "model.encoder.kind = \"image\"",
        ],
    );
    let message = wrong("", &["data.test=builtin:digits:test"]);
    says(
        &message,
        &[
            "data.test=builtin:digits:test: `data.test`: this corpus holds images",
            "\"image\"",
        ],
    );
    let said = |lines: &str| {
        let text = format!("{IMAGES}{lines}");
        parse(&text, &[]).unwrap_err().to_string()
    };
    for (line, expected) in [
        (
            "data.images = { max_width = 0 }",
            "`data.images.max_width` is 0, but must be at least 1",
        ),
        (
            "data.images = { max_with = 9 }",
            "did you mean `max_width`?",
        ),
        (
            "data.images = { background = \"white\" }",
            "Choices: \"light\", \"dark\"",
        ),
        (
            "tokenizer.source.kind = \"char\"",
            "`tokenizer.source`: images are not cut into tokens",
        ),
        (
            "train.word_dropout.source = 0.1",
            "`train.word_dropout.source`: this is about the words of sources",
        ),
        (
            "data.alignments = \"links.txt\"",
            "`data.alignments`: this is about the words of sources",
        ),
        (
            "model.encoder.input_channels = 2",
            "1 (images are read in grey) or 3 (in colour)",
        ),
    ] {
        let text = IMAGES.replace(", layers = 3 }", " }").replace(
            "model.encoder = { kind = \"image\" }",
            "model.encoder.kind = \"image\"",
        );
        let message = parse(&format!("{text}{line}\n"), &[])
            .unwrap_err()
            .to_string();
        says(&message, &["x.toml:4:", expected]);
    }
    let attention = "model.attention = { kind = \"time-dense\", max_source_length = 200 }\n";
    let message = said(attention);
    says(
        &message,
        &[
            "x.toml:4:",
            "`model.attention.max_source_length` is 200",
            "at least 255",
            "256 places",
        ],
    );
    let message = said("data.images.max_width = 30000\nmodel.attention.kind = \"tanh-pool\"\n");
    says(
        &message,
        &[
            "x.toml:4:13: `data.images.max_width` is 30000",
            "15000 places",
        ],
    );
}

#[test]
fn images_have_defaults_of_their_own() {
    let config = parse(IMAGES, &["model.attention.kind=tanh-pool"])
        .unwrap()
        .config;
    let images = config.data.images.as_ref().unwrap();
    assert_eq!(images.max_width, 512);
    assert!(config.tokenizer.source.is_none());
    // 4 rows and 64 columns after three blocks, with the place of an end mark.
    assert_eq!(config.model.attention.max_source_length, Some(255));
    let written = config.to_toml();
    assert!(!written.contains("[tokenizer.source]"), "{written}");
    assert_eq!(parse(&written, &[]).unwrap().config, config);
}

#[test]
fn a_corpus_of_images_chooses_an_encoder_of_images() {
    let chosen = |text: &str| parse(text, &[]).unwrap().config.model.encoder;
    let encoder = chosen(IMAGES_ONLY);
    assert!(encoder.reads_images() && encoder.layers == 3);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.tsv");
    let text = format!(
        "data.train = {0:?}\ndata.valid = {0:?}\n",
        path.to_str().unwrap()
    );
    for (list, reads_images) in [
        ("\nscans/1.png\t12\nscans/2.png\t7\n", true),
        ("one\teins\nscan.png\tBild\n", false),
        ("", false),
    ] {
        std::fs::write(&path, list).unwrap();
        assert_eq!(chosen(&text).reads_images(), reads_images, "{list}");
    }
    let columns = "data.columns = [\"target\", \"source\"]\n";
    std::fs::write(&path, "12\tscans/1.png\n").unwrap();
    assert!(chosen(&format!("{text}{columns}")).reads_images());
}
