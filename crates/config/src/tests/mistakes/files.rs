//! Files and texts that cannot be read, and corpora that are not named.

use std::fs;

use super::super::{Config, LEAST, parse, right, says, wrong};

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
fn files_that_cannot_be_read_say_why() {
    let folder = tempfile::tempdir().unwrap();
    let load = |name: &str| {
        let error = Config::load(&folder.path().join(name), &[]).unwrap_err();
        error.to_string()
    };
    fs::write(folder.path().join("main.toml"), LEAST).unwrap();
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
    fs::write(folder.path().join("bom.toml"), format!("\u{feff}{}", LEAST)).unwrap();
    assert!(Config::load(&folder.path().join("bom.toml"), &[]).is_ok());
    fs::write(folder.path().join("crlf.toml"), LEAST.replace('\n', "\r\n")).unwrap();
    assert!(Config::load(&folder.path().join("crlf.toml"), &[]).is_ok());
}

#[test]
fn weights_and_tags_of_corpora_mean_something() {
    let list = |parts: &str| format!("data.train=[{parts}]");
    for (parts, expected) in [
        ("{ corpus = \"a\", weight = 0 }", "the weight of a is 0"),
        (
            "{ corpus = \"a\", weight = -1.5 }",
            "the weight of a is -1.5",
        ),
        (
            "\"a\", { corpus = \"b\", tag = \"two words\" }",
            "the tag \"two words\" of b is not one token",
        ),
        ("{ corpus = \"a\", tag = \"\" }", "the tag \"\" of a"),
        ("{ corpus = \"a\", wieght = 2 }", "wieght"),
        ("\"\"", "the path is empty"),
    ] {
        let message = wrong("", &[&list(parts), "data.valid=v.tsv"]);
        says(&message, &["data.train", expected]);
    }
    let valid = "data.valid={ corpus = \"b\", weight = 2 }";
    says(
        &wrong("", &["data.train=a.tsv", valid]),
        &["`data.valid`", "b has a weight"],
    );
    let list = list("{ corpus = \"a\", weight = 2 }, \"b\"");
    right(
        "",
        &[&list, "data.valid={ corpus = \"c\", tag = \"news\" }"],
    );
    let message = wrong("", &[&list, "data.valid=v.tsv", "data.alignments=links"]);
    says(&message, &["`data.alignments`", "`data.train` is a list"]);
}
