//! A model's weights as a step of search multiplies by them.

use burn::tensor::Tensor;
use burn_cubecl::tensor::CubeTensor;
use network::Energy;
use network::cell::Cell;
use network::kind::Query;

use crate::decoder::parameters::{Decoder, Words};
use crate::gpu::layout::{columns, part, product, transposed};
use crate::gpu::node::Operand;

/// Of the decoder and the output layer.
#[derive(Debug)]
pub(super) struct Weights {
    pub kind: Cell,
    /// Hidden units.
    pub size: usize,
    /// `[vocabulary, embedding]`
    pub embedding: CubeTensor,
    /// Whether f is fed.
    pub feeds: bool,
    /// `[embedding + hidden, gates * hidden]`; without the hidden rows where f is not fed.
    pub input: CubeTensor,
    /// Bottom first.
    pub layers: Vec<Layer>,
    /// Weights of the top state: `[hidden, keys + hidden + gates * hidden]`, the first block
    /// for additive energies only.
    pub state: CubeTensor,
    /// The memory's half of the combination, `[memory, hidden]`.
    pub value: CubeTensor,
    /// `[hidden]`
    pub combine_bias: CubeTensor,
    pub energy: Energy<CubeTensor>,
    /// `[keys]`
    pub query_bias: Option<CubeTensor>,
    /// `[vocabulary, ..]`
    output: CubeTensor,
    project: Option<CubeTensor>,
    /// `[vocabulary]`
    pub output_bias: CubeTensor,
}

/// Of one layer.
#[derive(Debug)]
pub(super) struct Layer {
    /// Above the first: `[hidden, gates * hidden]`.
    pub input_weight: Option<CubeTensor>,
    /// `[gates * hidden]`
    pub bias: CubeTensor,
    /// `[hidden, gates * hidden]`
    pub hidden_weight: CubeTensor,
    /// `[hidden]`, GRU only.
    pub hidden_bias: Option<CubeTensor>,
}

fn numbers<const D: usize>(values: Tensor<D>) -> CubeTensor {
    Operand::new(values).values()
}

impl Weights {
    /// `None` where there is no such step: without attention, where the state before asks it, for layers that give
    /// more than their states, and for attentions of several heads, of windows and with coverage.
    pub(super) fn new(decoder: &Decoder, words: &Words) -> Option<Self> {
        let attention = decoder.attention.as_ref()?;
        let fits = decoder.stack.is_plain(decoder.layers.len())
            && decoder
                .layers
                .iter()
                .all(|layer| layer.recurrence.fits_gpu())
            && attention.fits_gpu();
        if decoder.query != Query::After || !fits {
            return None;
        }
        let size = decoder.hidden_size();
        let (first, last) = (&decoder.layers[0], decoder.layers.last()?);
        let mut input = first.input_weight.clone();
        if let Some(feed) = &decoder.feed_weight {
            input = Tensor::cat(vec![input, feed.clone()], 0);
        }
        let combine = numbers(decoder.combine.weight.clone());
        let mut blocks = vec![
            part(&combine, 0, [size, size]),
            numbers(last.recurrence.weight.clone()),
        ];
        let query = attention.query.as_ref();
        if let Some(query) = query {
            blocks.insert(0, numbers(query.weight.clone()));
        }
        let memory = combine.meta.shape()[0] - size;
        let layers = decoder
            .layers
            .iter()
            .enumerate()
            .map(|(depth, layer)| Layer {
                input_weight: (depth > 0).then(|| numbers(layer.input_weight.clone())),
                bias: numbers(layer.bias.clone()),
                hidden_weight: numbers(layer.recurrence.weight.clone()),
                hidden_bias: layer.recurrence.hidden_bias.clone().map(numbers),
            });
        Some(Self {
            kind: first.cell,
            size,
            embedding: numbers(words.embedding.clone()),
            feeds: decoder.feed_weight.is_some(),
            input: numbers(input),
            layers: layers.collect(),
            state: columns(&blocks.iter().collect::<Vec<_>>()),
            value: part(&combine, size * size, [memory, size]),
            combine_bias: numbers(decoder.combine.bias.clone()?),
            energy: attention.energy.clone().map(numbers),
            query_bias: query.and_then(|query| query.bias.clone()).map(numbers),
            output: numbers(words.output.clone()),
            project: words.project.clone().map(numbers),
            output_bias: numbers(words.bias.clone()),
        })
    }

    /// Of f, `[rows, hidden]`, without the bias: `[rows, vocabulary]`.
    pub(super) fn logits(&self, output: &CubeTensor) -> CubeTensor {
        let turned = transposed(&self.output);
        match &self.project {
            Some(project) => product(&product(output, project), &turned),
            None => product(output, &turned),
        }
    }
}
