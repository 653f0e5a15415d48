//! Models of other programs become runs that find what these programs find: `crates/import/fixtures`, made by
//! `scripts/make_import_fixtures.py`.

#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use support::Sandbox;

fn fixtures(program: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../import/fixtures")
        .join(program);
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    found
}

/// The checkpoint of a fixture.
fn checkpoint(folder: &Path) -> PathBuf {
    folder.join("7.ckpt")
}

#[test]
fn models_of_joeynmt_find_what_joeynmt_finds() {
    let folders = fixtures("joeynmt");
    assert_eq!(folders.len(), 4);
    for folder in folders {
        let sandbox = Sandbox::new();
        let file = checkpoint(&folder);
        let outcome = sandbox.run(&[
            "import",
            file.to_str().unwrap(),
            "--as",
            "joeynmt",
            "--out",
            "new",
        ]);
        outcome.assert_done();
        let expected = fs::read(folder.join("expected.json")).unwrap();
        let expected: Vec<serde_json::Value> = serde_json::from_slice(&expected).unwrap();
        let text = |pair: &serde_json::Value, key: &str| pair[key].as_str().unwrap().to_owned();
        let pairs = expected
            .iter()
            .map(|pair| text(pair, "source") + "\t" + &text(pair, "target") + "\n");
        sandbox.write("pairs.tsv", pairs.collect::<String>());
        let scores = sandbox.run(&["score", "--run", "new", "--data", "pairs.tsv"]);
        scores.assert_done();
        for (line, pair) in scores.out.lines().zip(&expected) {
            let (found, wanted): (f64, f64) = (
                line.parse().unwrap(),
                pair["log_probability"].as_f64().unwrap(),
            );
            assert!(
                (found - wanted).abs() <= 1e-4,
                "{folder:?}: {found}, not {wanted}"
            );
        }
        let sources = expected.iter().map(|pair| text(pair, "source") + "\n");
        let arguments = [
            "translate",
            "--run",
            "new",
            "--beam",
            "1",
            "--set",
            "search.max_length=12",
        ];
        let translated = sandbox.pipe(&arguments, sources.collect::<String>());
        translated.assert_done();
        let wanted: Vec<String> = expected.iter().map(|pair| text(pair, "greedy")).collect();
        // What stands for an unknown word is not shown here.
        let shown = |text: &str| text.replace("<unk>", "").trim().to_owned();
        let found: Vec<String> = translated.out.lines().map(shown).collect();
        let wanted: Vec<String> = wanted.iter().map(|text| shown(text)).collect();
        assert_eq!(found, wanted, "{folder:?}");
    }
}

#[test]
fn an_imported_model_is_trained_on() {
    let sandbox = Sandbox::new();
    let file = checkpoint(&fixtures("joeynmt")[0]);
    let file = file.to_str().unwrap();
    sandbox
        .run(&["import", file, "--as", "joeynmt", "--out", "new"])
        .assert_done();
    sandbox.write("pairs.tsv", "the cat\txy\na dog\tzw\nb\tqx\n");
    let mut arguments = vec![
        "--config",
        "new/config.toml",
        "--run-dir",
        "more",
        "--max-steps",
        "3",
    ];
    let sets = [
        "data.train=pairs.tsv",
        "data.valid=pairs.tsv",
        "train.start_from=new",
        "train.backend=cpu",
    ];
    sets.iter().for_each(|set| arguments.extend(["--set", set]));
    sandbox.run(&arguments).assert_done();
    let again = sandbox.run(&["import", file, "--as", "joeynmt", "--out", "more"]);
    again.assert_refused(&["more", "already holds a run"]);
}

#[test]
fn what_cannot_be_imported_is_refused_by_name() {
    let sandbox = Sandbox::new();
    let folder = &fixtures("joeynmt")[2];
    assert!(folder.ends_with("lstm"));
    fs::create_dir(sandbox.path("model")).unwrap();
    for name in ["7.ckpt", "config.yaml", "src_vocab.txt", "trg_vocab.txt"] {
        sandbox.write(
            format!("model/{name}"),
            fs::read(folder.join(name)).unwrap(),
        );
    }
    let import = ["import", "model/7.ckpt", "--as", "joeynmt", "--out", "new"];
    let text = sandbox.text("model/config.yaml");
    for (old, new, words) in [
        (
            "type: \"recurrent\"",
            "type: \"transformer\"",
            &["model.encoder.type", "transformer"][..],
        ),
        ("\"word\"", "\"bpe\"", &["data.*.level", "bpe"]),
        (
            "\"bahdanau\"",
            "\"other\"",
            &["model.decoder.attention", "other"],
        ),
        (
            "\"bridge\"",
            "\"last\"",
            &["model.decoder.init_hidden", "last"],
        ),
        (
            "rnn_type: \"lstm\"",
            "rnn_type: \"gru\"",
            &["rnn", "7.ckpt"],
        ),
        ("hidden_size: 6", "hidden_size: 7", &["7"]),
        ("data:", "data: [", &["config.yaml"]),
    ] {
        sandbox.write("model/config.yaml", text.replacen(old, new, 1));
        sandbox.run(&import).assert_refused(words);
    }
    sandbox.write("model/config.yaml", &text);
    sandbox.write("model/src_vocab.txt", "<unk>\n<pad>\n<s>\n</s>\na\nb\n");
    sandbox
        .run(&import)
        .assert_refused(&["src_embed.lut.weight", "vocabulary"]);
    let missing = [
        "import",
        "model/none.ckpt",
        "--as",
        "joeynmt",
        "--out",
        "other",
    ];
    sandbox.run(&missing).assert_refused(&["none.ckpt"]);
    sandbox.write("model/9.ckpt", b"nothing of the kind");
    let damaged = [
        "import",
        "model/9.ckpt",
        "--as",
        "joeynmt",
        "--out",
        "other",
    ];
    sandbox.run(&damaged).assert_refused(&["9.ckpt"]);
}
