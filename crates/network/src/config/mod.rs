//! Settings of a model, as the `[model]` tables of a config hold them.

mod attention;
mod decoder;
mod encoder;
mod recurrent;
mod rules;

use serde::{Deserialize, Serialize};

pub use attention::AttentionConfig;
pub use decoder::DecoderConfig;
pub use encoder::EncoderConfig;
pub use recurrent::{LayerNorm, RecurrentConfig};

use crate::error::NetworkError;
use crate::kind::{AttentionKind, BridgeKind, ContextKind, DecoderKind, DropoutKind, Query};
use rules::{positive, share};

/// A whole encoder-decoder. Sizes are numbers of units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelConfig {
    /// Size of a word's vector, source and target.
    pub embedding_size: usize,
    /// Size of the decoder's hidden state. A bidirectional encoder uses half per direction.
    pub hidden_size: usize,
    /// Share of units dropped: embeddings, between layers, before the output layer.
    pub dropout: f64,
    /// Whether each time step draws its own mask.
    pub dropout_kind: DropoutKind,
    /// Share of units dropped between layers, if not that of `dropout`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer_dropout: Option<f64>,
    /// Whether the attentional state f of a step enters the next step (Luong et al. 2015, 3.3).
    pub input_feeding: bool,
    /// Whether the output layer is the target embedding (Press and Wolf 2017).
    pub tie_embeddings: bool,
    /// Whether source and target words have one embedding; they must have one vocabulary then.
    pub share_embeddings: bool,
    /// How the decoder's first state comes from the encoder's last.
    pub bridge: BridgeKind,
    /// Where a decoder without attention sees the source; only with `attention.kind = "none"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<ContextKind>,
    /// The encoder.
    pub encoder: EncoderConfig,
    /// The decoder.
    pub decoder: DecoderConfig,
    /// The attention.
    pub attention: AttentionConfig,
}

impl Default for ModelConfig {
    fn default() -> Self {
        Self {
            embedding_size: 256,
            hidden_size: 512,
            dropout: 0.3,
            dropout_kind: DropoutKind::Plain,
            layer_dropout: None,
            input_feeding: true,
            tie_embeddings: false,
            share_embeddings: false,
            bridge: BridgeKind::Tanh,
            context: None,
            encoder: EncoderConfig::default(),
            decoder: DecoderConfig::default(),
            attention: AttentionConfig::default(),
        }
    }
}

impl ModelConfig {
    /// The config with every default of the chosen kinds written out.
    pub fn effective(mut self) -> Self {
        self.encoder = self.encoder.effective(self.hidden_size);
        self.decoder = self.decoder.effective();
        self.attention = self.attention.effective(self.hidden_size);
        if self.attention.kind == AttentionKind::None {
            self.context = Some(self.context());
        }
        self
    }

    /// The config with those defaults that depend on the decoder's kind; `given` says whether a
    /// key, with its tables, was given. A convolutional decoder has no input feeding, and the
    /// attention of Gehring et al. (2017), a dot product; a conditional one has no input feeding.
    pub fn suited(mut self, given: impl Fn(&str) -> bool) -> Self {
        if self.decoder.kind == DecoderKind::Conv {
            if !given("model.input_feeding") {
                self.input_feeding = false;
            }
            if !given("model.attention.kind") {
                self.attention.kind = AttentionKind::LuongDot;
            }
        }
        if self.decoder.kind == DecoderKind::Cgru && !given("model.input_feeding") {
            self.input_feeding = false;
        }
        self
    }

    /// Where a decoder without attention sees the source: unless told otherwise, a recurrent one in
    /// its first state, a convolutional one, whose words soon forget what was before them, at every
    /// step.
    pub fn context(&self) -> ContextKind {
        self.context.unwrap_or(match self.decoder.kind {
            DecoderKind::Conv => ContextKind::EveryStep,
            _ => ContextKind::Initial,
        })
    }

    /// Whether a fixed context of the whole source goes into every step.
    pub fn has_fixed_context(&self) -> bool {
        match self.attention.kind {
            AttentionKind::None => self.context() == ContextKind::EveryStep,
            kind => kind.pools(),
        }
    }

    /// Checks every rule that one key alone cannot show.
    ///
    /// # Errors
    /// The first rule that does not hold: a size of zero, a key of another kind, or settings that
    /// exclude each other.
    pub fn check(&self) -> Result<(), NetworkError> {
        positive("model.embedding_size", self.embedding_size)?;
        positive("model.hidden_size", self.hidden_size)?;
        share("model.dropout", self.dropout)?;
        share("model.layer_dropout", self.layer_dropout())?;
        self.encoder.check(self.hidden_size)?;
        self.decoder.check()?;
        self.attention.check(self.hidden_size)?;
        if self.context.is_some() && self.attention.kind != AttentionKind::None {
            return Err(NetworkError::MisplacedKey {
                key: "model.context".into(),
                owner: "attention `kind = \"none\"`".into(),
                kind: self.attention.kind.to_string(),
            });
        }
        if self.decoder.kind == DecoderKind::Conv {
            self.check_convolutional()?;
        }
        if self.decoder.kind == DecoderKind::Cgru {
            self.check_conditional()?;
        }
        let memory = self.encoder.memory_size(self.hidden_size);
        if self.attention.kind == AttentionKind::LuongDot && memory != self.hidden_size {
            return Err(NetworkError::CannotCombine {
                first: "attention.kind = \"luong-dot\"".into(),
                second: format!("encoder size {memory}, decoder size {}", self.hidden_size),
                reason:
                    "a dot product needs both of one size; use \"luong-general\" or equal sizes"
                        .into(),
            });
        }
        Ok(())
    }

    /// Refuses what a convolutional decoder cannot have.
    fn check_convolutional(&self) -> Result<(), NetworkError> {
        let refuse = |first: String, reason: &str| {
            Err(NetworkError::CannotCombine {
                first,
                second: "decoder.kind = \"conv\"".into(),
                reason: reason.into(),
            })
        };
        if self.input_feeding {
            return refuse(
                "input_feeding = true".into(),
                "a convolutional decoder reads all words of the target at once, and input feeding \
                 would make each wait for the one before; set input_feeding = false",
            );
        }
        if self.attention.kind.asks_state_by_state() {
            return refuse(
                format!("attention.kind = \"{}\"", self.attention.kind),
                "this attention is made for one recurrent state after another, and the layers of a \
                 convolutional decoder ask for all positions at once; use \"luong-dot\", \
                 \"luong-general\", \"scaled-dot\" or \"multi-head\"",
            );
        }
        if self.attention.query == Some(Query::Before) {
            return Err(NetworkError::MisplacedKey {
                key: "model.attention.query".into(),
                owner: "recurrent decoders, if it is \"before\" (convolutions have no state from before a step)"
                    .into(),
                kind: self.decoder.kind.to_string(),
            });
        }
        Ok(())
    }

    /// Refuses what two transitions round the attention cannot have.
    fn check_conditional(&self) -> Result<(), NetworkError> {
        let (attention, decoder) = (&self.attention, &self.decoder);
        let rows = [
            (
                self.input_feeding,
                "input_feeding = true".into(),
                "the context of a step enters its second transition; set input_feeding = false",
            ),
            (
                !attention.kind.asks(),
                format!("attention.kind = \"{}\"", attention.kind),
                "its second transition reads what the first has asked for; use an attention that asks at each step",
            ),
            (
                attention.query == Some(Query::Before),
                "attention.query = \"before\"".into(),
                "the state between its transitions asks; remove the key",
            ),
            (
                decoder.layers != 1,
                format!("decoder.layers = {}", decoder.layers),
                "it is one layer of two transitions; set layers = 1",
            ),
            (
                decoder.adds_inputs() || decoder.normalises_outputs(),
                "decoder.residual or decoder.layer_norm".into(),
                "these stand between stacked layers, and it is one; remove the keys",
            ),
        ];
        let found = rows.into_iter().find(|(wrong, ..)| *wrong);
        found.map_or(Ok(()), |(_, first, reason)| {
            Err(NetworkError::CannotCombine {
                first,
                second: "decoder.kind = \"cgru\"".into(),
                reason: reason.into(),
            })
        })
    }

    /// Share of units dropped between layers.
    pub fn layer_dropout(&self) -> f64 {
        self.layer_dropout.unwrap_or(self.dropout)
    }

    /// Whether a state enters the next step beside the word: f, or the context when the query
    /// comes before the step.
    pub fn feeds(&self) -> bool {
        self.input_feeding || self.attention.query() == Query::Before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_model_is_sound() {
        assert_eq!(ModelConfig::default().effective().check(), Ok(()));
    }

    #[test]
    fn settings_that_exclude_each_other_are_refused_with_the_reason() {
        let mut config = ModelConfig::default();
        config.decoder.bidirectional = Some(true);
        let message = config.check().unwrap_err().to_string();
        assert!(message.contains("cannot be combined"), "{message}");

        let mut config = ModelConfig::default();
        config.attention.kind = AttentionKind::LuongDot;
        config.encoder.hidden_size = Some(100);
        let message = config.check().unwrap_err().to_string();
        assert!(message.contains("cannot be combined"), "{message}");
    }

    #[test]
    fn a_convolutional_decoder_has_its_own_defaults_and_refusals() {
        let mut config = ModelConfig::default();
        config.decoder.kind = DecoderKind::Conv;
        let refused = |config: &ModelConfig, what: &str| {
            let message = config.check().unwrap_err().to_string();
            assert!(message.contains("cannot be combined"), "{message}");
            assert!(message.contains(what), "{message}");
        };
        refused(&config, "input_feeding = true");
        config.input_feeding = false;
        refused(&config, "attention.kind = \"bahdanau\"");
        config.attention.kind = AttentionKind::LuongConcat;
        refused(&config, "attention.kind = \"luong-concat\"");

        let mut config = ModelConfig::default();
        config.decoder.kind = DecoderKind::Conv;
        assert_eq!(config.clone().suited(|_| false).check(), Ok(()));
        refused(&config.suited(|_| true), "input_feeding");
    }

    #[test]
    fn a_conditional_decoder_has_its_own_defaults_and_refusals() {
        let mut config = ModelConfig::default();
        config.decoder.kind = DecoderKind::Cgru;
        let config = config.suited(|_| false);
        assert_eq!(config.check(), Ok(()));
        let refused = |change: &dyn Fn(&mut ModelConfig), what: &str| {
            let mut config = config.clone();
            change(&mut config);
            let message = config.check().unwrap_err().to_string();
            assert!(
                message.contains(what) && message.contains("cgru"),
                "{message}"
            );
        };
        refused(
            &|config| config.input_feeding = true,
            "input_feeding = true",
        );
        refused(&|config| config.decoder.layers = 2, "decoder.layers = 2");
        refused(&|config| config.decoder.residual = Some(true), "residual");
        refused(
            &|config| config.attention.query = Some(Query::Before),
            "attention.query",
        );
        refused(
            &|config| config.attention.kind = AttentionKind::None,
            "attention.kind = \"none\"",
        );
    }

    #[test]
    fn a_key_of_another_kind_names_its_owner() {
        let config = ModelConfig {
            context: Some(ContextKind::EveryStep),
            ..ModelConfig::default()
        };
        let message = config.check().unwrap_err().to_string();
        assert!(message.contains("model.context"), "{message}");
    }
}
