//! The pairs, and the model that learns them.

use std::sync::LazyLock;

use burn::module::Module;
use burn::tensor::Device;
use data::batching::{Batch, Dataset};
use data::corpus::Pair;
use data::tokenizer::{Kind, Tokenizer, TokenizerConfig};
use model::attention::AttentionKind;
use model::cell::CellKind;
use model::{ModelConfig, Seq2Seq};
use trainer::config::OptimizerConfig;
use trainer::optimiser::{GradientSum, Optimiser};
use trainer::translator::pairs;

/// All that the model ever sees. The first pair is the one that is walked through.
pub(crate) const PAIRS: [(&str, &str); 8] = [
    ("How are you", "你好吗"),
    ("How is he", "他好吗"),
    ("Who are you", "你是谁"),
    ("Who is he", "他是谁"),
    ("You are well", "你很好"),
    ("He is well", "他很好"),
    ("Are you busy", "你忙吗"),
    ("Is he busy", "他忙吗"),
];

/// Updates of training, all pairs in each.
pub(crate) const UPDATES: usize = 60;

/// The tokenizers, and one model before and after its training.
pub(crate) struct School {
    pub(crate) source: Tokenizer,
    pub(crate) target: Tokenizer,
    pub(crate) before: Seq2Seq,
    pub(crate) after: Seq2Seq,
}

pub(crate) static SCHOOL: LazyLock<School> = LazyLock::new(School::new);

impl School {
    fn new() -> Self {
        let config = TokenizerConfig {
            kind: Kind::Word,
            lowercase: true,
            ..TokenizerConfig::default()
        };
        let source = Tokenizer::train(&config, PAIRS.iter().map(|pair| pair.0)).unwrap();
        let target = Tokenizer::train(&config, PAIRS.iter().map(|pair| pair.1)).unwrap();
        let sizes = [source.vocab_size(), target.vocab_size()];
        let device = Device::flex().autodiff();
        let mut model = Seq2Seq::new(&settings(), sizes[0], sizes[1], 1, &device).unwrap();
        let before = model.valid();
        let batch = batch(&PAIRS, &source, &target);
        let mut optimiser = Optimiser::new(&OptimizerConfig::default(), 1.0);
        for _ in 0..UPDATES {
            let loss = model.loss(pairs(&batch), 0.0, None);
            let mut gradients = GradientSum::new(1.0 / loss.tokens as f64);
            gradients.add(&model, loss.sum.backward());
            (model, _) = optimiser.update(model, gradients, 0.01);
        }
        Self {
            source,
            target,
            before,
            after: model.valid(),
        }
    }

    /// The first pair as a batch of its own.
    pub(crate) fn pair(&self) -> Batch {
        batch(&PAIRS[..1], &self.source, &self.target)
    }

    pub(crate) fn spell(&self, id: u32) -> &str {
        self.target.token(id).unwrap()
    }

    /// The source's tokens, the end mark included.
    pub(crate) fn reading(&self) -> Vec<&str> {
        let pair = self.pair();
        let ids = &pair.source.words().unwrap().ids;
        let spell = |&id: &i32| self.source.token(id as u32).unwrap();
        ids.iter().map(spell).collect()
    }
}

/// The smallest model with all parts: each state is a single vector, the encoder reads in one
/// direction, and only the last word is fed to the decoder.
pub(crate) fn settings() -> ModelConfig {
    let mut config = ModelConfig {
        embedding_size: 16,
        hidden_size: 32,
        dropout: 0.0,
        input_feeding: false,
        ..ModelConfig::default()
    };
    config.encoder.kind = CellKind::Gru.into();
    config.encoder.bidirectional = Some(false);
    config.decoder.kind = CellKind::Gru.into();
    config.attention.kind = AttentionKind::Bahdanau;
    config
}

pub(crate) fn batch(sentences: &[(&str, &str)], source: &Tokenizer, target: &Tokenizer) -> Batch {
    let pair = |&(source, target): &(&str, &str)| Pair::new(source, target);
    let pairs: Vec<Pair> = sentences.iter().map(pair).collect();
    let dataset = Dataset::encode(&pairs, source, target, [10, 10]).unwrap();
    dataset.batch(&(0..pairs.len()).collect::<Vec<_>>(), 1)
}
