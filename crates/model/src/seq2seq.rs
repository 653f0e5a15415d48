//! The whole model: encoder, decoder, output layer.

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};

use crate::config::ModelConfig;
use crate::decoder::{Decoder, DecoderState, Source};
use crate::dropout::{Noise, dropout};
use crate::encoder::Encoder;
use crate::error::ModelError;
use crate::initial::Initialiser;
use crate::input::Input;
use crate::output::Output;
use crate::padded::Padded;
use crate::sequence::{self, Loss, Targets};

/// A sequence-to-sequence model.
#[derive(Module, Debug)]
pub struct Seq2Seq {
    /// From the source to a memory.
    pub encoder: Encoder,
    /// From the memory to states.
    pub decoder: Decoder,
    /// From states to words.
    pub output: Output,
}

/// One batch of sentence pairs. The decoder reads `input` (from the start mark on) and is to say
/// `output` (up to the end mark).
#[derive(Debug, Clone, Copy)]
pub struct Pairs<'a> {
    /// Source words, or images.
    pub source: Input<'a>,
    /// Target words, each moved on by one place behind the start mark.
    pub input: Padded<'a>,
    /// Target words with the end mark.
    pub output: Padded<'a>,
}

/// What one decoding step says.
#[derive(Debug, Clone)]
pub struct Prediction {
    /// `[rows, vocabulary]`.
    pub log_probabilities: Tensor<2>,
    /// For the next step.
    pub state: DecoderState,
    /// Attention, `[rows, source]`.
    pub weights: Option<Tensor<2>>,
}

impl Seq2Seq {
    /// The model that `config` describes, with first values from `seed`, on `device`.
    ///
    /// # Errors
    /// See [`ModelConfig::check`].
    pub fn new(
        config: &ModelConfig,
        source_vocabulary: usize,
        target_vocabulary: usize,
        seed: u64,
        device: &Device,
    ) -> Result<Self, ModelError> {
        config.check()?;
        let initial = Initialiser::new(seed, device);
        let (embedding, hidden) = (config.embedding_size, config.hidden_size);
        Ok(Self {
            encoder: Encoder::new(&initial, config, source_vocabulary),
            decoder: Decoder::new(&initial, config, target_vocabulary),
            output: Output::new(
                &initial,
                hidden,
                target_vocabulary,
                embedding,
                config.tie_embeddings,
            ),
        })
    }

    /// The loss of a batch under teacher forcing, with label smoothing. With `noise`, units are
    /// dropped.
    ///
    /// # Panics
    /// When the source is not what the encoder reads.
    pub fn loss(&self, pairs: Pairs<'_>, smoothing: f64, noise: Option<&Noise>) -> Loss {
        let encoded = self.encoder.encode(pairs.source, noise);
        let states = dropout(self.decoder.force(pairs.input, &encoded, noise), noise);
        let [time, rows, size] = states.dims();
        let states = states.reshape([time * rows, size]);
        let (weight, states) = self.output.parts(states, self.decoder.embedding());
        let targets = Targets::new(pairs.output);
        sequence::cross_entropy(states, weight, self.output.bias.val(), &targets, smoothing)
    }

    /// The log-probability of each real target token of each pair, the end mark's last.
    ///
    /// # Panics
    /// When the source is not what the encoder reads.
    pub fn score(&self, pairs: Pairs<'_>) -> Vec<Vec<f32>> {
        let encoded = self.encoder.encode(pairs.source, None);
        let states = self.decoder.force(pairs.input, &encoded, None);
        let [time, rows, size] = states.dims();
        let states = states.reshape([time * rows, size]);
        let all = self
            .output
            .log_probabilities(states, self.decoder.embedding());
        let words = pairs.output.time_major(&self.device()).unsqueeze_dim(1);
        let found: Vec<f32> = all.gather(1, words).into_data().iter::<f32>().collect();
        let lengths = pairs.output.lengths.iter().enumerate();
        lengths
            .map(|(row, &length)| (0..length).map(|step| found[step * rows + row]).collect())
            .collect()
    }

    /// Encodes a batch for search: what stays the same over all steps, and the first state.
    ///
    /// # Panics
    /// When `source` is not what the encoder reads.
    pub fn start<'a>(&self, source: impl Into<Input<'a>>) -> (Source, DecoderState) {
        self.decoder.start(&self.encoder.encode(source, None))
    }

    /// One step of search; see [`Decoder::step`].
    pub fn step(&self, words: Tensor<1, Int>, state: DecoderState, source: &Source) -> Prediction {
        let step = self.decoder.step(words, state, source);
        Prediction {
            log_probabilities: self
                .output
                .log_probabilities(step.output, self.decoder.embedding()),
            state: step.state,
            weights: step.weights,
        }
    }

    /// The device the parameters are on.
    pub fn device(&self) -> Device {
        self.output.bias.device()
    }
}
