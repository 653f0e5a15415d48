//! A model's weights as a step of search multiplies by them.

use burn::tensor::Tensor;
use burn_cubecl::tensor::CubeTensor;

use crate::attention::{Attention, Query};
use crate::decoder::RecurrentDecoder;
use crate::gpu::memory::{columns, part, product, transposed};
use crate::gpu::node::Operand;
use crate::linear::Linear;
use crate::output::Output;
use crate::sequence::cube::attention::Energy;
use crate::sequence::cube::cell::Kind;

/// Of the decoder and the output layer.
#[derive(Debug)]
pub(super) struct Weights {
    pub kind: Kind,
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
    /// What multiplies the top state: `[hidden, keys + hidden + gates * hidden]`, the first block
    /// for additive energies only.
    pub state: CubeTensor,
    /// The memory's half of the combination, `[memory, hidden]`.
    pub value: CubeTensor,
    /// `[hidden]`
    pub combine_bias: CubeTensor,
    /// `[keys]`, additive energies only.
    pub vector: Option<CubeTensor>,
    /// What multiplies other energies.
    scale: f32,
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
    /// `None` where there is no such step: without attention, where the state before asks it, and for
    /// attentions of several heads, of windows and with coverage.
    pub(super) fn new(decoder: &RecurrentDecoder, output: &Output) -> Option<Self> {
        let attention = decoder.attention.as_ref()?;
        if decoder.query != Query::After || attention.covers() {
            return None;
        }
        let (query, vector, scale) = match attention {
            Attention::Additive(of) => (Some(&of.query), Some(&of.energy), 1.0),
            Attention::Concat(of) => (Some(&of.query), Some(&of.energy), 1.0),
            Attention::Dot(_) | Attention::General(_) => (None, None, 1.0),
            Attention::Scaled(of) => (None, None, of.scale() as f32),
            Attention::MultiHead(_) | Attention::Local(_) => return None,
        };
        let bias = |linear: &Linear| linear.bias.as_ref().map(|bias| numbers(bias.val()));
        let size = decoder.hidden_size();
        let (first, last) = (&decoder.layers[0], decoder.layers.last()?);
        let mut input = first.input_weight.val();
        if let Some(feed) = &decoder.feed_weight {
            input = Tensor::cat(vec![input, feed.val()], 0);
        }
        let combine = numbers(decoder.combine.weight.val());
        let mut blocks = vec![
            part(&combine, 0, [size, size]),
            numbers(last.hidden_weight.val()),
        ];
        if let Some(query) = query {
            blocks.insert(0, numbers(query.weight.val()));
        }
        let memory = combine.meta.shape()[0] - size;
        let layers = decoder
            .layers
            .iter()
            .enumerate()
            .map(|(depth, layer)| Layer {
                input_weight: (depth > 0).then(|| numbers(layer.input_weight.val())),
                bias: numbers(layer.bias.val()),
                hidden_weight: numbers(layer.hidden_weight.val()),
                hidden_bias: layer.recurrence().bias.map(numbers),
            });
        let project = output.project.as_ref();
        Some(Self {
            kind: first.cell.into(),
            size,
            embedding: numbers(decoder.embedding.val()),
            feeds: decoder.feed_weight.is_some(),
            input: numbers(input),
            layers: layers.collect(),
            state: columns(&blocks.iter().collect::<Vec<_>>()),
            value: part(&combine, size * size, [memory, size]),
            combine_bias: bias(&decoder.combine)?,
            vector: vector.map(|vector| numbers(vector.val())),
            scale,
            query_bias: query.and_then(bias),
            output: numbers(output.weight.as_ref().unwrap_or(&decoder.embedding).val()),
            // It is made without a bias.
            project: project.map(|project| numbers(project.weight.val())),
            output_bias: numbers(output.bias.val()),
        })
    }

    /// How energies are made.
    pub(super) fn energy(&self) -> Energy<'_> {
        match &self.vector {
            Some(vector) => Energy::Additive(vector),
            None => Energy::Multiplicative(self.scale),
        }
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
