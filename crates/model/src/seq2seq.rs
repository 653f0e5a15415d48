//! The whole model: encoder, decoder, output layer.

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};

use crate::decoder::{Decoder, DecoderState, Source};
use crate::dropout::{Noise, dropout};
use crate::encoder::Encoder;
use crate::initial::Initialiser;
use crate::output::Output;
use crate::parameters;
use crate::staged::Staged;
use network::Input;
use network::NetworkError;
pub use network::Pairs;
use network::{ModelConfig, Network, Values};
use operations::coverage::coverage_loss;
use operations::cross_entropy::{Loss, Targets, cross_entropy};
use operations::decoder::Forced;
use operations::guided::{Guide, guided_loss};
use operations::lengths::time_major;

/// A sequence-to-sequence model.
#[derive(Module, Debug)]
pub struct Seq2Seq {
    /// From the source to a memory.
    pub encoder: Encoder,
    /// From the memory to states.
    pub decoder: Decoder,
    /// From states to words.
    pub output: Output,
    /// Config that the model was made from.
    #[module(skip)]
    config: ModelConfig,
}

/// The names of the parameters that are one where source and target words share their embedding: two copies, which
/// begin alike and are moved alike.
pub const SHARED: [&str; 2] = ["encoder.embedding", "decoder.embedding"];

/// Training signals beside the right words.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Signals<'a> {
    /// Share of the target probability that is spread over all words.
    pub smoothing: f64,
    /// Weight of the coverage loss (See et al. 2017, equation 13): the sum over steps and source
    /// positions of the smaller of a weight and the sum of the weights before it. Without effect
    /// where no step asks.
    pub coverage: f64,
    /// Where attention is told to look, if it is told anything. Without effect where no step asks.
    pub guide: Option<Guide<'a>>,
    /// Weights of the pairs' cross-entropies, `[rows]`, of any sign; without them, all weigh one.
    pub weights: Option<&'a [f32]>,
}

/// Prediction of one decoding step.
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
    /// See [`ModelConfig::check`]; an embedding that is shared by vocabularies of different sizes.
    pub fn new(
        config: &ModelConfig,
        source_vocabulary: usize,
        target_vocabulary: usize,
        seed: u64,
        device: &Device,
    ) -> Result<Self, NetworkError> {
        config.check()?;
        let initial = Initialiser::new(seed, device);
        let (embedding, hidden) = (config.embedding_size, config.hidden_size);
        let model = Self {
            encoder: Encoder::new(&initial, config, source_vocabulary),
            decoder: Decoder::new(&initial, config, target_vocabulary),
            output: Output::new(
                &initial,
                hidden,
                target_vocabulary,
                embedding,
                config.tie_embeddings,
            ),
            config: config.clone(),
        };
        if !config.share_embeddings {
            return Ok(model);
        }
        let mut values = parameters::collect(&model);
        if let Some(shared) = values.get(SHARED[1]).cloned() {
            values.insert(SHARED[0].into(), shared);
        }
        parameters::place(model, values)
    }

    /// Its parameters as a tree on the host.
    ///
    /// # Panics
    /// When a parameter has not the shape that the model was made with, which cannot be.
    pub fn network(&self) -> Network<Values> {
        let values = parameters::collect(self);
        let words = |name: &str| values.get(name).map_or(0, |values| values.shape[0]);
        let words = [words(SHARED[0]), words(SHARED[1])];
        let network = Network::new(&self.config, words).and_then(|shapes| shapes.fill(values));
        network.expect("a model has the parameters that its config says")
    }

    /// The loss of a batch under teacher forcing, with label smoothing. With `noise`, units are
    /// dropped.
    ///
    /// # Panics
    /// When the source is not what the encoder reads.
    pub fn loss(&self, pairs: Pairs<'_>, smoothing: f64, noise: Option<&Noise>) -> Loss {
        let signals = Signals {
            smoothing,
            ..Signals::default()
        };
        self.loss_with(pairs, &signals, noise)
    }

    /// [`Seq2Seq::loss`] with other signals too.
    ///
    /// # Panics
    /// When the source is not what the encoder reads, or a signal is not of the pairs' size.
    pub fn loss_with(
        &self,
        pairs: Pairs<'_>,
        signals: &Signals<'_>,
        noise: Option<&Noise>,
    ) -> Loss {
        let (states, weights) = self.read(pairs, signals, noise);
        let mut loss = self.cross_entropy(states, pairs, signals);
        let beside = beside(weights, pairs, signals);
        loss.guided = beside.guided;
        for signal in beside.sums {
            loss.sum = loss.sum + signal;
        }
        loss
    }

    /// [`Seq2Seq::loss_with`], for reading, and its gradients in two stages: for a model whose output layer has a matrix
    /// of its own.
    ///
    /// # Panics
    /// Those of [`Seq2Seq::loss_with`].
    pub fn staged_loss(
        &self,
        pairs: Pairs<'_>,
        signals: &Signals<'_>,
        noise: Option<&Noise>,
    ) -> (Loss, Staged) {
        let (states, weights) = self.read(pairs, signals, noise);
        let cut = Tensor::from_inner(states.clone().inner()).require_grad();
        let mut loss = self.cross_entropy(cut.clone(), pairs, signals);
        let cross_entropy = loss.sum.clone();
        let beside = beside(weights, pairs, signals);
        loss.guided = beside.guided;
        loss.sum = loss.sum.inner();
        for signal in &beside.sums {
            loss.sum = loss.sum + signal.clone().inner();
        }
        let staged = Staged {
            cross_entropy,
            signals: beside.sums.into_iter().reduce(|sum, one| sum + one),
            states,
            cut,
        };
        (loss, staged)
    }

    /// What the output layer multiplies, `[time * batch, size]`, under teacher forcing, and the weights of attention where
    /// a signal asks for them.
    fn read(
        &self,
        pairs: Pairs<'_>,
        signals: &Signals<'_>,
        noise: Option<&Noise>,
    ) -> (Tensor<2>, Option<Tensor<3>>) {
        let encoded = self.encoder.encode(pairs.source, noise);
        let watched = signals.coverage > 0.0 || signals.guide.is_some();
        let Forced { outputs, weights } =
            self.decoder
                .force_with(pairs.input, &encoded, noise, watched);
        let states = dropout(outputs, noise);
        let [time, rows, size] = states.dims();
        let states = states.reshape([time * rows, size]);
        (self.output.input(states), weights)
    }

    /// The cross-entropy of what [`Seq2Seq::read`] has given.
    fn cross_entropy(&self, states: Tensor<2>, pairs: Pairs<'_>, signals: &Signals<'_>) -> Loss {
        let weight = self.output.matrix(self.decoder.embedding());
        let targets = match signals.weights {
            Some(weights) => Targets::weighted(pairs.output, weights),
            None => Targets::new(pairs.output),
        };
        let bias = self.output.bias.val();
        cross_entropy(states, weight, bias, &targets, signals.smoothing)
    }

    /// The log-probability of each real target token of each pair, the end mark's last.
    ///
    /// # Panics
    /// When the source is not what the encoder reads.
    pub fn score(&self, pairs: Pairs<'_>) -> Vec<Vec<f32>> {
        let words = time_major(&pairs.output, &self.device()).unsqueeze_dim(1);
        let found = self.distributions(pairs).gather(1, words);
        let found: Vec<f32> = found.into_data().iter::<f32>().collect();
        let rows = pairs.output.rows();
        let lengths = pairs.output.lengths.iter().enumerate();
        lengths
            .map(|(row, &length)| (0..length).map(|step| found[step * rows + row]).collect())
            .collect()
    }

    /// The log-probabilities of all words at each place of the targets, `[time * batch, vocabulary]`.
    pub(crate) fn distributions(&self, pairs: Pairs<'_>) -> Tensor<2> {
        let encoded = self.encoder.encode(pairs.source, None);
        let states = self.decoder.force(pairs.input, &encoded, None);
        let [time, rows, size] = states.dims();
        let states = states.reshape([time * rows, size]);
        self.output
            .log_probabilities(states, self.decoder.embedding())
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

    /// Most tokens of a source, the end mark not counted, where the model has such a limit. A source
    /// with more must be cut before it comes here.
    pub fn longest_source(&self) -> Option<usize> {
        self.decoder.pool().map(|pool| pool.positions() - 1)
    }

    /// The device the parameters are on.
    pub fn device(&self) -> Device {
        self.output.bias.device()
    }
}

/// Signals from the weights of attention.
#[derive(Default)]
struct Beside {
    /// Each times its weight.
    sums: Vec<Tensor<1>>,
    /// [`Loss::guided`].
    guided: Option<Tensor<1>>,
}

fn beside(weights: Option<Tensor<3>>, pairs: Pairs<'_>, signals: &Signals<'_>) -> Beside {
    let mut found = Beside::default();
    let Some(weights) = weights else {
        return found;
    };
    if signals.coverage > 0.0 {
        let repeated = coverage_loss(weights.clone(), pairs.output.lengths);
        found.sums.push(repeated * signals.coverage);
    }
    if let Some(guide) = &signals.guide {
        let distance = guided_loss(weights, guide);
        found.guided = Some(distance.clone().inner());
        found.sums.push(distance * guide.weight);
    }
    found
}
