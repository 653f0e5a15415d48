//! ONNX folders. What the graphs compute is compared with ONNX Runtime by `scripts/check_onnx.py`.

use std::fs;

use data::tokenizer::Tokenizer;

use crate::support::{RUN, Sandbox};

fn export(sandbox: &Sandbox, out: &str, more: &[&str]) {
    let command = ["export", "--run", RUN, "--format", "onnx", "--out", out];
    sandbox.run(&[&command[..], more].concat()).assert_done();
}

fn json(sandbox: &Sandbox, path: &str) -> serde_json::Value {
    serde_json::from_str(&sandbox.text(path)).unwrap()
}

#[test]
fn a_folder_has_what_loaders_look_for() {
    let sandbox = Sandbox::trained();
    export(&sandbox, "graphs", &[]);
    for name in ["encoder_model", "decoder_model_merged"] {
        let path = sandbox.path(format!("graphs/onnx/{name}.onnx"));
        assert!(fs::metadata(path).unwrap().len() > 1_000, "{name}");
    }
    let words = Tokenizer::load(&sandbox.path("run/tokenizer.target.json"))
        .unwrap()
        .vocab_size();
    let config = json(&sandbox, "graphs/config.json");
    assert_eq!(config["vocab_size"], words);
    assert_eq!(config["decoder_start_token_id"], 2);
    let generation = json(&sandbox, "graphs/generation_config.json");
    assert_eq!(generation["eos_token_id"], 3);
    assert_eq!(
        generation["bad_words_ids"],
        serde_json::json!([[0], [2], [1]])
    );
    for place in ["graphs/", "graphs/target/"] {
        // Whatever this library reads, so does that of the loaders.
        Tokenizer::load(&sandbox.path(format!("{place}tokenizer.json"))).unwrap();
        let config = json(&sandbox, &format!("{place}tokenizer_config.json"));
        assert_eq!(config["eos_token"], "</s>");
    }
    assert!(
        sandbox
            .text("graphs/README.md")
            .contains("library_name: \"onnx\"")
    );
}

#[test]
fn the_same_model_gives_the_same_bytes() {
    let sandbox = Sandbox::trained();
    export(&sandbox, "first", &["--layout", "greedy"]);
    export(&sandbox, "second", &["--layout", "greedy"]);
    let [first, second] =
        ["first", "second"].map(|folder| sandbox.bytes(format!("{folder}/model.onnx")));
    assert!(first == second);
    let refused = [
        "export",
        "--run",
        RUN,
        "--format",
        "onnx",
        "--precision",
        "int8",
        "--out",
        "third",
    ];
    sandbox.run(&refused).assert_refused(&["int8", "onnx"]);
}
