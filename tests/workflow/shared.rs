//! One vocabulary, and one embedding, for both sides.

use super::*;

fn training(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    let keys = [
        "--set",
        "tokenizer.shared=true",
        "--set",
        "tokenizer.target.kind=word",
    ];
    // The tiny config cuts its sides in different ways.
    let config: String = sandbox
        .text("tiny.toml")
        .replace("[tokenizer.source]\nkind = \"word\"\nvocab_size = 50\n", "");
    sandbox.write("shared.toml", config);
    let command = ["--config", "shared.toml", "--run-dir", RUN];
    sandbox.run(&[&command[..], &keys, more].concat())
}

#[test]
fn both_sides_have_one_vocabulary() {
    let sandbox = Sandbox::new();
    training(&sandbox, &[]).assert_done();
    let [source, target] =
        ["source", "target"].map(|side| sandbox.bytes(format!("run/tokenizer.{side}.json")));
    assert_eq!(source, target);
    let text = String::from_utf8(source).unwrap();
    for word in ["Tom", "汤"] {
        assert!(text.contains(&format!("\"{word}\"")), "{word}");
    }
    assert_eq!(translate(&sandbox, &[], SENTENCES).out.lines().count(), 2);
}

#[test]
fn a_shared_embedding_stays_one() {
    let sandbox = Sandbox::new();
    let share = ["--set", "model.share_embeddings=true"];
    training(&sandbox, &share).assert_done();
    let model = sandbox.bytes("run/checkpoints/last/model.safetensors");
    let tensors = safetensors::SafeTensors::deserialize(&model).unwrap();
    let [source, target] = ["encoder.embedding", "decoder.embedding"]
        .map(|name| tensors.tensor(name).unwrap().data().to_vec());
    assert_eq!(source, target);
    // Resuming takes it up again.
    let more = [&share[..], &["--resume", "--set", "train.max_epochs=5"]].concat();
    training(&sandbox, &more).assert_done();
    assert_eq!(translate(&sandbox, &[], SENTENCES).out.lines().count(), 2);
}

#[test]
fn what_cannot_be_shared_is_refused() {
    let sandbox = Sandbox::new();
    let command = ["--config", "tiny.toml", "--run-dir", RUN, "--set"];
    for (key, words) in [
        (
            "tokenizer.shared=true",
            ["[tokenizer.target]", "remove this table"],
        ),
        (
            "model.share_embeddings=true",
            ["tokenizer.shared", "vocabulary"],
        ),
    ] {
        let outcome = sandbox.run(&[&command[..], &[key]].concat());
        outcome.assert_refused(&words);
    }
}
