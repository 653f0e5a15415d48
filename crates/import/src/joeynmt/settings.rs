//! `config.yaml`, as far as a model depends on it.

use std::path::Path;

use data::tokenizer::Kind;
use network::ModelConfig;
use network::cell::CellKind;
use network::config::{DecoderConfig, EncoderConfig};
use network::kind::{AttentionKind, BridgeKind};
use serde::Deserialize;

use crate::error::ImportError;

/// The whole file.
#[derive(Debug, Deserialize)]
pub(super) struct Settings {
    #[serde(default = "joeynmt")]
    pub name: String,
    pub data: DataSettings,
    pub model: ModelSettings,
    #[serde(default)]
    pub testing: TestingSettings,
}

fn joeynmt() -> String {
    "joeynmt".into()
}

#[derive(Debug, Deserialize)]
pub(super) struct DataSettings {
    pub train: Option<String>,
    pub dev: Option<String>,
    pub test: Option<String>,
    pub src: TextSettings,
    pub trg: TextSettings,
    #[serde(default)]
    pub special_symbols: SpecialSymbols,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(super) struct SpecialSymbols {
    pub unk_id: usize,
    pub pad_id: usize,
    pub bos_id: usize,
    pub eos_id: usize,
}

impl Default for SpecialSymbols {
    fn default() -> Self {
        Self {
            unk_id: 0,
            pad_id: 1,
            bos_id: 2,
            eos_id: 3,
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct TextSettings {
    pub lang: Option<String>,
    #[serde(default)]
    pub level: String,
    #[serde(default)]
    pub lowercase: bool,
    #[serde(default)]
    pub normalize: bool,
    #[serde(default)]
    tokenizer_cfg: Option<TokenizerSettings>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TokenizerSettings {
    pretokenizer: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ModelSettings {
    pub encoder: EncoderSettings,
    pub decoder: DecoderSettings,
    #[serde(default)]
    tied_embeddings: bool,
    #[serde(default)]
    tied_softmax: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct EncoderSettings {
    #[serde(default = "recurrent", rename = "type")]
    kind: String,
    #[serde(default = "gru")]
    rnn_type: String,
    pub embeddings: EmbeddingSettings,
    #[serde(default = "one")]
    hidden_size: usize,
    #[serde(default = "one")]
    num_layers: usize,
    #[serde(default = "yes")]
    bidirectional: bool,
    #[serde(default)]
    dropout: f64,
}

#[derive(Debug, Deserialize)]
pub(super) struct DecoderSettings {
    #[serde(default = "transformer", rename = "type")]
    kind: String,
    #[serde(default = "gru")]
    rnn_type: String,
    pub embeddings: EmbeddingSettings,
    pub hidden_size: usize,
    #[serde(default = "one")]
    num_layers: usize,
    #[serde(default = "bahdanau")]
    attention: String,
    #[serde(default = "bridge")]
    init_hidden: String,
    #[serde(default = "yes")]
    input_feeding: bool,
    #[serde(default = "tanh")]
    activation: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct EmbeddingSettings {
    embedding_dim: usize,
    #[serde(default)]
    scale: bool,
}

impl EmbeddingSettings {
    /// What vectors are multiplied by.
    pub fn factor(&self) -> f32 {
        match self.scale {
            true => (self.embedding_dim as f32).sqrt(),
            false => 1.0,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(super) struct TestingSettings {
    pub beam_size: usize,
    pub beam_alpha: Option<f64>,
}

impl Default for TestingSettings {
    fn default() -> Self {
        Self {
            beam_size: 1,
            beam_alpha: None,
        }
    }
}

fn recurrent() -> String {
    "recurrent".into()
}

fn transformer() -> String {
    "transformer".into()
}

fn gru() -> String {
    "gru".into()
}

fn bahdanau() -> String {
    "bahdanau".into()
}

fn bridge() -> String {
    "bridge".into()
}

fn tanh() -> String {
    "tanh".into()
}

fn one() -> usize {
    1
}

fn yes() -> bool {
    true
}

/// Refuses a setting.
fn refuse<T>(path: &Path, key: &str, value: impl ToString, reason: &str) -> Result<T, ImportError> {
    Err(ImportError::Unsupported {
        path: path.to_owned(),
        key: key.into(),
        value: value.to_string(),
        reason: reason.into(),
    })
}

impl TextSettings {
    /// How text is cut.
    ///
    /// # Errors
    /// Levels that need a program of their own.
    pub fn kind(&self, path: &Path) -> Result<Kind, ImportError> {
        let cut = self
            .tokenizer_cfg
            .as_ref()
            .and_then(|settings| settings.pretokenizer.as_deref());
        if let Some(cut) = cut.filter(|cut| *cut != "none") {
            let reason = "text is cut by another program there; cut it first, and set it to none";
            return refuse(path, "data.*.tokenizer_cfg.pretokenizer", cut, reason);
        }
        if self.normalize {
            let reason = "text is normalised by rules of that program; normalise it first, and set it to False";
            return refuse(path, "data.*.normalize", "True", reason);
        }
        match &*self.level {
            "word" => Ok(Kind::Space),
            "char" => Ok(Kind::Char),
            level => {
                let reason = "the levels word and char are read; text that is cut into pieces can be given as words";
                refuse(path, "data.*.level", level, reason)
            }
        }
    }
}

impl Settings {
    /// Reads the text of the file at `path`.
    ///
    /// # Errors
    /// What is no such text.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ImportError> {
        serde_saphyr::from_str(text).map_err(|error| ImportError::unreadable(path, error))
    }

    /// The model.
    ///
    /// # Errors
    /// Settings that are not here.
    pub fn model(&self, path: &Path) -> Result<ModelConfig, ImportError> {
        let ModelSettings {
            encoder,
            decoder,
            tied_embeddings,
            tied_softmax,
        } = &self.model;
        let recurrent = "only recurrent models are read";
        if encoder.kind != "recurrent" {
            return refuse(path, "model.encoder.type", &encoder.kind, recurrent);
        }
        if decoder.kind != "recurrent" {
            return refuse(path, "model.decoder.type", &decoder.kind, recurrent);
        }
        if *tied_embeddings {
            let reason = "source and target have embeddings of their own here; set it to False and train again";
            return refuse(path, "model.tied_embeddings", "True", reason);
        }
        if decoder.activation != "tanh" {
            let reason = "the layer after the attention has a hyperbolic tangent here";
            return refuse(
                path,
                "model.decoder.activation",
                &decoder.activation,
                reason,
            );
        }
        if encoder.embeddings.embedding_dim != decoder.embeddings.embedding_dim {
            let reason = "source and target embeddings have one size here";
            let size = decoder.embeddings.embedding_dim;
            return refuse(path, "model.decoder.embeddings.embedding_dim", size, reason);
        }
        if *tied_softmax && decoder.embeddings.scale {
            let reason =
                "scaled vectors cannot be the output layer's too; set one of the two to False";
            return refuse(path, "model.tied_softmax", "True", reason);
        }
        let memory = encoder.hidden_size * (1 + usize::from(encoder.bidirectional));
        Ok(ModelConfig {
            embedding_size: encoder.embeddings.embedding_dim,
            hidden_size: decoder.hidden_size,
            dropout: encoder.dropout,
            input_feeding: decoder.input_feeding,
            tie_embeddings: *tied_softmax,
            bridge: bridge_kind(path, decoder, memory, encoder.num_layers)?,
            encoder: EncoderConfig {
                kind: cell(path, "model.encoder.rnn_type", &encoder.rnn_type)?.into(),
                layers: encoder.num_layers,
                bidirectional: Some(encoder.bidirectional),
                hidden_size: Some(memory),
                ..EncoderConfig::default()
            },
            decoder: DecoderConfig {
                kind: cell(path, "model.decoder.rnn_type", &decoder.rnn_type)?.into(),
                layers: decoder.num_layers,
                ..DecoderConfig::default()
            },
            attention: network::config::AttentionConfig {
                kind: match &*decoder.attention {
                    "bahdanau" => AttentionKind::Bahdanau,
                    "luong" => AttentionKind::LuongGeneral,
                    other => {
                        let reason = "bahdanau and luong are read";
                        return refuse(path, "model.decoder.attention", other, reason);
                    }
                },
                ..network::config::AttentionConfig::default()
            },
            ..ModelConfig::default()
        }
        .effective())
    }
}

fn cell(path: &Path, key: &str, name: &str) -> Result<CellKind, ImportError> {
    match name {
        "lstm" => Ok(CellKind::Lstm),
        "gru" => Ok(CellKind::Gru),
        other => refuse(path, key, other, "lstm and gru are read"),
    }
}

/// How the decoder begins. Its cell state, if it has one, is its hidden state there.
fn bridge_kind(
    path: &Path,
    decoder: &DecoderSettings,
    memory: usize,
    layers: usize,
) -> Result<BridgeKind, ImportError> {
    let is_lstm = decoder.rnn_type == "lstm";
    match &*decoder.init_hidden {
        "bridge" if is_lstm => Ok(BridgeKind::TanhCell),
        "bridge" => Ok(BridgeKind::Tanh),
        "zero" | "zeros" => Ok(BridgeKind::Zero),
        "last"
            if !is_lstm
                && memory == decoder.hidden_size
                && (decoder.num_layers == 1 && layers == 1) =>
        {
            Ok(BridgeKind::Copy)
        }
        "last" => {
            let reason = "a copied state is read of GRUs of one layer and one size; train again with bridge or zero";
            refuse(path, "model.decoder.init_hidden", "last", reason)
        }
        other => refuse(
            path,
            "model.decoder.init_hidden",
            other,
            "bridge, zero and last are read",
        ),
    }
}
