//! Models of JoeyNMT 2: a checkpoint, and beside it `config.yaml`, `src_vocab.txt` and `trg_vocab.txt`.

mod settings;

use std::fs;
use std::path::{Path, PathBuf};

use config::Config;
use data::corpus::CorpusSource;
use data::tokenizer::Kind;
use network::{Parameters, Values};
use search::Normalization;

use crate::checkpoint;
use crate::error::ImportError;
use crate::imported::Imported;
use crate::vocabulary::{Side, Vocabulary};
use settings::{Settings, TextSettings};

/// Names of tensors: JoeyNMT's, then PyTorch's of this project.
const NAMES: [(&str, &str); 11] = [
    ("src_embed.lut.weight", "encoder.embedding.weight"),
    ("trg_embed.lut.weight", "decoder.embedding.weight"),
    ("decoder.bridge_layer.weight", "bridge.weight"),
    ("decoder.bridge_layer.bias", "bridge.bias"),
    ("decoder.attention.key_layer.weight", "attention.key.weight"),
    (
        "decoder.attention.query_layer.weight",
        "attention.query.weight",
    ),
    (
        "decoder.attention.energy_layer.weight",
        "attention.energy.weight",
    ),
    ("decoder.att_vector_layer.weight", "decoder.combine.weight"),
    ("decoder.att_vector_layer.bias", "decoder.combine.bias"),
    ("decoder.output_layer.weight", "output.weight"),
    ("decoder.output_layer.bias", "output.bias"),
];

/// How a space is written in a vocabulary of characters.
const SPACE: &str = "\u{2581}";

/// Reads the checkpoint `file` with what lies beside it.
///
/// # Errors
/// Those of [`crate::Program::read`].
pub(crate) fn read(file: &Path) -> Result<Imported, ImportError> {
    let beside = |name: &str| file.with_file_name(name);
    let path = beside("config.yaml");
    let text = fs::read_to_string(&path).map_err(|error| ImportError::unreadable(&path, error))?;
    let settings = Settings::parse(&text, &path)?;
    let model = settings.model(&path)?;
    let [source, target] = [
        ("src_vocab.txt", &settings.data.src),
        ("trg_vocab.txt", &settings.data.trg),
    ]
    .map(|(name, text)| side(&settings, &path, &beside(name), text));
    let (source, target) = (source?, target?);
    let stored = checkpoint::tensors(file, "model_state")?;
    let tensors = tensors(file, &settings, stored, [&source, &target])?;
    let mut config = Config {
        name: settings.name.clone(),
        model,
        ..Config::default()
    };
    config.tokenizer.source = Some(source.config);
    config.tokenizer.target = target.config;
    let mut notes = Vec::new();
    let mut named = |key: &str, prefix, instead: &str| {
        corpus(&settings, prefix).unwrap_or_else(|| {
            notes.push(format!(
                "`{}` names no corpus for `{key}`: the new config says `{instead}`",
                path.display()
            ));
            CorpusSource::Tsv(instead.into())
        })
    };
    config.data.train = Some(named("data.train", &settings.data.train, "train.tsv"));
    config.data.valid = Some(named("data.dev", &settings.data.dev, "valid.tsv"));
    config.data.test = corpus(&settings, &settings.data.test);
    // It lets unknown words be written, and no sentence be empty.
    (config.search.allow_unknown, config.search.min_length) = (true, 2);
    let testing = &settings.testing;
    config.search.beam = testing.beam_size.max(1);
    // Its penalty is that of Wu et al. (2016); none where alpha is below zero.
    (config.search.normalization, config.search.length_penalty) = match testing.beam_alpha {
        Some(alpha) if alpha >= 0.0 => (Normalization::Gnmt, alpha),
        _ => (Normalization::None, 1.0),
    };
    Ok(Imported {
        config,
        tokenizers: [source.tokenizer, target.tokenizer],
        tensors,
        step: step_of(file),
        notes,
    })
}

/// The vocabulary in `words` of a side that `text` describes.
fn side(
    settings: &Settings,
    path: &Path,
    words: &Path,
    text: &TextSettings,
) -> Result<Side, ImportError> {
    let kind = text.kind(path)?;
    let tokens =
        fs::read_to_string(words).map_err(|error| ImportError::unreadable(words, error))?;
    let mut tokens: Vec<String> = tokens.lines().map(str::to_owned).collect();
    if kind == Kind::Char {
        // A space has a sign of its own there.
        for token in tokens.iter_mut().filter(|token| *token == SPACE) {
            *token = " ".into();
        }
    }
    let marks = &settings.data.special_symbols;
    let vocabulary = Vocabulary {
        path: words,
        tokens,
        marks: [marks.pad_id, marks.unk_id, marks.bos_id, marks.eos_id],
        kind,
        lowercase: text.lowercase,
    };
    vocabulary.into_side()
}

/// The tensors under PyTorch's names.
fn tensors(
    file: &Path,
    settings: &Settings,
    stored: Parameters,
    [source, target]: [&Side; 2],
) -> Result<Parameters, ImportError> {
    let mut found = Parameters::new();
    let of_rnn = |name: &str| name.starts_with("encoder.rnn.") || name.starts_with("decoder.rnn.");
    for (name, values) in stored {
        let known = NAMES.iter().find(|(theirs, _)| *theirs == name);
        let new = match known {
            Some((_, ours)) => (*ours).to_owned(),
            None if of_rnn(&name) => name.clone(),
            None => {
                return Err(ImportError::tensors(
                    file,
                    format!("`{name}` has no place here"),
                ));
            }
        };
        let values = match &*new {
            "encoder.embedding.weight" => {
                let scale = settings.model.encoder.embeddings.factor();
                scaled(source.in_order(file, &name, &values)?, scale)
            }
            "decoder.embedding.weight" => {
                let scale = settings.model.decoder.embeddings.factor();
                scaled(target.in_order(file, &name, &values)?, scale)
            }
            "output.weight" | "output.bias" => target.in_order(file, &name, &values)?,
            _ => values,
        };
        found.insert(new, values);
    }
    // It has no biases where this project has some.
    let zeros = |count: usize| Values {
        shape: vec![count],
        data: vec![0.0; count],
    };
    let words = target.tokenizer.vocab_size();
    found
        .entry("output.bias".into())
        .or_insert_with(|| zeros(words));
    if found.contains_key("attention.query.weight") {
        let hidden = settings.model.decoder.hidden_size;
        found.insert("attention.query.bias".into(), zeros(hidden));
    }
    Ok(found)
}

fn scaled(mut values: Values, factor: f32) -> Values {
    values.data.iter_mut().for_each(|value| *value *= factor);
    values
}

/// The two files of a corpus.
fn corpus(settings: &Settings, prefix: &Option<String>) -> Option<CorpusSource> {
    let file = |language: &str| {
        PathBuf::from(format!(
            "{}.{language}",
            prefix.as_ref().map_or("", |one| one)
        ))
    };
    let languages = (
        settings.data.src.lang.as_ref()?,
        settings.data.trg.lang.as_ref()?,
    );
    prefix.as_ref()?;
    Some(CorpusSource::Parallel {
        source: file(languages.0),
        target: file(languages.1),
    })
}

/// The step in a checkpoint's name, which is its number; `best.ckpt` is a link to one.
fn step_of(file: &Path) -> u64 {
    let real = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let stem = real.file_stem().and_then(|stem| stem.to_str());
    stem.and_then(|stem| stem.parse().ok()).unwrap_or_default()
}
