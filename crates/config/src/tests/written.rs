//! A config that is written and read back is the same.

use random::{Place, Purpose, Stream};

use super::super::keys::{Key, Keys};
use super::{Config, LEAST, parse, right};

fn survives(config: &Config) {
    let text = config.to_toml();
    let again = parse(&text, &[]).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(&again.config, config, "{text}");
    assert!(again.notices.is_empty());
    assert_eq!(again.config.to_toml(), text);
}

#[test]
fn every_default_is_written_out() {
    let config = right("", &[]).config;
    survives(&config);
    let text = config.to_toml();
    for line in [
        "beta1 = 0.9",
        "beta2 = 0.999",
        "factor = 0.5",
        "query = \"after\"",
        "max_epochs = 20",
        "early_stopping = \"exact\"",
    ] {
        assert!(
            text.lines().any(|written| written == line),
            "no `{line}` in\n{text}"
        );
    }
    assert!(!text.contains("\nmomentum"), "{text}");
    assert!(!text.contains("temperature"), "{text}");
    let config = right("search.method = \"mbr\"\n", &[]).config;
    survives(&config);
    let text = config.to_toml();
    for line in ["temperature = 1.0", "samples = 32", "utility = \"chrf\""] {
        assert!(text.lines().any(|written| written == line), "{text}");
    }
}

#[test]
fn every_choice_of_every_key_survives() {
    let choosing = |key: &&Key| !key.choices.is_empty();
    let mut chosen = 0;
    for key in Keys::all().keys.iter().filter(choosing) {
        for choice in key.choices {
            let mut overrides = vec![format!("{}={choice}", key.path)];
            match (key.path.as_str(), *choice) {
                ("model.encoder.nonlinearity", _) => {
                    overrides.push("model.encoder.kind=rnn".into())
                }
                ("model.decoder.nonlinearity", _) => {
                    overrides.push("model.decoder.kind=rnn".into())
                }
                ("model.context", _) => overrides.push("model.attention.kind=none".into()),
                ("search.utility", _) => overrides.push("search.method=mbr".into()),
                // Text cannot be read as images.
                ("model.encoder.kind", "image") | ("data.images.background", _) => {
                    for split in ["train", "valid"] {
                        overrides.push(format!("data.{split}=builtin:digits:{split}"));
                    }
                    overrides.push("model.encoder.kind=image".into());
                }
                ("train.teacher_forcing.kind", "linear") => {
                    overrides.push("train.teacher_forcing.c=1e-4".into())
                }
                ("train.teacher_forcing.kind", "exponential") => {
                    overrides.push("train.teacher_forcing.k=0.999".into())
                }
                ("train.teacher_forcing.kind", "inverse-sigmoid") => {
                    overrides.push("train.teacher_forcing.k=2000".into())
                }
                ("train.objective", "minimum-risk") => {
                    overrides.push("train.start_from=runs/x".into())
                }
                ("schedule.kind", "cosine" | "linear" | "step") => {
                    overrides.push("schedule.decay_steps=9".into())
                }
                ("schedule.kind", "noam") => overrides.push("schedule.warmup_steps=9".into()),
                _ => {}
            }
            let loaded = Config::parse(LEAST, "x.toml", &overrides);
            survives(&loaded.unwrap_or_else(|error| panic!("{error}")).config);
            chosen += 1;
        }
    }
    assert!(chosen > 30, "{chosen}");
}

#[test]
fn settings_of_convolutions_survive() {
    let loaded = right(
        "",
        &[
            "model.encoder.kind=conv",
            "model.encoder.kernel_width=5",
            "model.decoder.kind=conv",
            "model.decoder.max_positions=99",
        ],
    );
    survives(&loaded.config);
    let text = loaded.config.to_toml();
    for line in [
        "input_feeding = false",
        "kind = \"luong-dot\"",
        "kernel_width = 5",
        "kernel_width = 3",
        "max_positions = 1024",
    ] {
        assert!(
            text.lines().any(|written| written == line),
            "no `{line}` in\n{text}"
        );
    }
    assert!(!text.contains("bidirectional"), "{text}");
}

#[test]
fn many_settings_together_survive() {
    let numbers = [
        "model.dropout=0.123456789",
        "model.hidden_size=62",
        "model.encoder.hidden_size=32",
        "optimizer.learning_rate=1e-12",
        "optimizer.epsilon=1e-30",
        "search.length_penalty=-0.0",
        "train.clip_norm=1e20",
        "seed=9223372036854775807",
        "name=\"x \\\"y\\\" 你好 # z\"",
        "data.train={ source = \"a b.en\", target = \"c\\\"d.zh\" }",
        "data.test=C:\\files\\x.tsv",
        "tokenizer.source.file=a.json",
        "train.max_epochs=0",
        "model.input_feeding=false",
    ];
    let choosing: Vec<&Key> = Keys::all()
        .keys
        .iter()
        .filter(|key| !key.choices.is_empty())
        .collect();
    let mut read = 0;
    for step in 0..300 {
        let place = Place {
            seed: 1,
            purpose: Purpose::Sample,
            step,
            index: 0,
        };
        let mut stream = Stream::new(place);
        let mut overrides: Vec<String> = Vec::new();
        for number in numbers {
            if stream.below(2) == 0 {
                overrides.push(number.to_owned());
            }
        }
        for _ in 0..3 {
            let key = choosing[stream.below(choosing.len() as u32) as usize];
            let choice = key.choices[stream.below(key.choices.len() as u32) as usize];
            overrides.push(format!("{}={choice}", key.path));
        }
        overrides.push("train.max_steps=5".into());
        // Some of these exclude each other; the rest must survive.
        if let Ok(loaded) = Config::parse(LEAST, "x.toml", &overrides) {
            survives(&loaded.config);
            read += 1;
        }
    }
    assert!(read > 100, "{read}");
}
