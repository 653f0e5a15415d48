//! Search over plain tensors: any backend.

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::decoder::{Decoder, DecoderState, Source};
use crate::seq2seq::{Prediction, Seq2Seq};
use ::search::{Answer, Ask, Candidate, Model, Steps, best_words};
use network::Input;
use operations::decoder::{Decoding, Words, decoding};
use operations::host;

/// A model that searches by its tensors.
#[derive(Debug)]
pub(super) struct TensorModel(pub Seq2Seq);

impl Model for TensorModel {
    fn lengths(&self, source: &Input<'_>) -> Vec<usize> {
        self.0.encoder.lengths(source)
    }

    fn start(&self, source: Input<'_>) -> Box<dyn Steps + '_> {
        Box::new(Tensors::new(&self.0, source))
    }

    fn longest_source(&self) -> Option<usize> {
        self.0.longest_source()
    }
}

/// A batch of a model's sentences.
///
/// A tensor's rows are sentence-major with the same number of beams for every sentence, so that a sentence's
/// beams share its memory; places without a hypothesis run on idly. Every new shape costs a GPU a
/// compilation: beams never become fewer, and sentences that have left go when half of them have.
#[derive(Debug)]
pub(super) struct Tensors<'a> {
    model: &'a Seq2Seq,
    source: Source,
    /// Faster implementation of the model's steps, where there is one.
    decoding: Option<Box<dyn Decoding>>,
    /// None only while a step runs; the first one where there is something faster.
    state: Option<DecoderState>,
    /// The sentences of the tensors, in their order.
    sentences: Vec<usize>,
    beams: usize,
    lengths: Vec<usize>,
    /// Of each row, its sentence and its place in the tensors.
    rows: Vec<(usize, usize)>,
}

impl<'a> Tensors<'a> {
    /// Encodes a batch.
    pub(super) fn new<'b>(model: &'a Seq2Seq, source: impl Into<Input<'b>>) -> Self {
        let source = source.into();
        let (memory, state) = model.start(source);
        Self {
            model,
            decoding: faster(model, &memory, &state),
            source: memory,
            state: Some(state),
            sentences: (0..source.rows()).collect(),
            beams: 1,
            lengths: model.encoder.lengths(&source),
            rows: (0..source.rows()).map(|row| (row, row)).collect(),
        }
    }

    /// Lays the new rows out in the tensors: the old place and the word of each place.
    fn arrange(&mut self, words: &[u32], parents: &[usize]) -> (Vec<usize>, Vec<u32>) {
        let device = self.model.device();
        let mut of_sentence = vec![Vec::new(); self.lengths.len()];
        for (row, &parent) in parents.iter().enumerate() {
            of_sentence[self.rows[parent].0].push(row);
        }
        let mut kept: Vec<usize> = (0..self.sentences.len()).collect();
        let present = |place: &usize| !of_sentence[self.sentences[*place]].is_empty();
        let left: Vec<usize> = kept.iter().copied().filter(present).collect();
        if 2 * left.len() <= kept.len() {
            self.source = self.source.select(&indices(&left, &device), &left);
            if let (Some(decoding), Some(memory)) = (&mut self.decoding, &self.source.memory) {
                decoding.look_at(memory);
            }
            kept = left;
        }
        let beams = of_sentence.iter().map(Vec::len).max().unwrap_or(1);
        let before = self.beams;
        self.beams = beams.max(before);
        let (mut places, mut said) = (Vec::new(), Vec::new());
        let mut rows = vec![(0, 0); parents.len()];
        for &place in &kept {
            let sentence = self.sentences[place];
            let members = &of_sentence[sentence];
            for beam in 0..self.beams {
                // Idle places do what the first one does.
                let row = members.get(beam).or(members.first());
                if let Some(&row) = members.get(beam) {
                    rows[row] = (sentence, places.len());
                }
                places.push(row.map_or(place * before, |&row| self.rows[parents[row]].1));
                said.push(row.map_or(0, |&row| words[row]));
            }
        }
        self.sentences = kept.iter().map(|&place| self.sentences[place]).collect();
        self.rows = rows;
        (places, said)
    }
}

impl Steps for Tensors<'_> {
    fn step(&mut self, words: &[u32], parents: &[usize], ask: &Ask) -> Answer {
        let device = self.model.device();
        let before = self.sentences.len() * self.beams;
        let (places, said) = self.arrange(words, parents);
        let (weights, everything, found) = match &mut self.decoding {
            Some(decoding) => {
                let vocabulary = self.model.output.bias.dims()[0];
                // Barred words may have to be passed over.
                let count = vocabulary.min(ask.count + ask.barred.len());
                let found = decoding.step(&said, &places, count, ask.everything);
                let best = best_words(said.len(), found.log_probabilities, Some(found.words), ask);
                (Some(found.weights), found.everything, best)
            }
            None => {
                let Some(mut state) = self.state.take() else {
                    unreachable!("a step leaves a state behind");
                };
                if !places.iter().copied().eq(0..before) {
                    state = state.select(&indices(&places, &device));
                }
                let Prediction {
                    log_probabilities,
                    state,
                    weights,
                } = self.model.step(ids(&said, &device), state, &self.source);
                self.state = Some(state);
                let everything = ask.everything.then(|| log_probabilities.clone());
                (weights, everything, best(log_probabilities, ask))
            }
        };
        let row = |values: &[f32], place: usize, width: usize, count: usize| {
            values[place * width..][..count].to_vec()
        };
        let mut answer = Answer::default();
        if let Some(weights) = weights.filter(|_| ask.attention) {
            let time = weights.dims()[1];
            let weights = floats(weights.into_data());
            let of_row = |&(sentence, place): &(usize, usize)| {
                row(&weights, place, time, self.lengths[sentence])
            };
            answer.attention = self.rows.iter().map(of_row).collect();
        }
        if let Some(everything) = everything {
            let size = everything.dims()[1];
            let all = floats(everything.into_data());
            let of_row = |&(_, place): &(usize, usize)| row(&all, place, size, size);
            answer.log_probabilities = self.rows.iter().flat_map(of_row).collect();
        }
        answer.candidates = self
            .rows
            .iter()
            .map(|&(_, place)| found[place].clone())
            .collect();
        answer
    }
}

/// Returns a faster implementation of the model's steps, where there is one.
fn faster(model: &Seq2Seq, source: &Source, state: &DecoderState) -> Option<Box<dyn Decoding>> {
    let (Decoder::Recurrent(decoder), DecoderState::Recurrent(state)) = (&model.decoder, state)
    else {
        return None;
    };
    let output = &model.output;
    let words = Words {
        embedding: decoder.embedding.val(),
        output: output.weight.as_ref().unwrap_or(&decoder.embedding).val(),
        // It is made without a bias.
        project: output.project.as_ref().map(|project| project.weight.val()),
        bias: output.bias.val(),
    };
    decoding(&decoder.parameters(), &words, source.memory.as_ref(), state)
}

/// The best allowed words of each row of `log_probabilities`, `[rows, vocabulary]`, best first; the smaller
/// id first among equals.
fn best(log_probabilities: Tensor<2>, ask: &Ask) -> Vec<Vec<Candidate>> {
    let [rows, vocabulary] = log_probabilities.dims();
    // Barred words may have to be passed over.
    let width = vocabulary.min(ask.count + ask.barred.len());
    let (values, ids) = if host::runs(&log_probabilities) || width == vocabulary {
        (floats(log_probabilities.into_data()), None)
    } else {
        // Only the best few leave a GPU.
        let (values, ids) = log_probabilities.topk_with_indices(width, 1);
        (floats(values.into_data()), Some(integers(ids.into_data())))
    };
    best_words(rows, values, ids, ask)
}

/// The numbers of a float tensor on the host.
fn floats(data: TensorData) -> Vec<f32> {
    data.iter::<f32>().collect()
}

fn integers(data: TensorData) -> Vec<u32> {
    data.iter::<i64>().map(|id| id as u32).collect()
}

/// Ids as a tensor `[rows]`.
fn ids(values: &[u32], device: &Device) -> Tensor<1, Int> {
    let values: Vec<i32> = values.iter().map(|&value| value as i32).collect();
    let count = values.len();
    Tensor::from_data(TensorData::new(values, [count]), device)
}

fn indices(rows: &[usize], device: &Device) -> Tensor<1, Int> {
    let rows: Vec<u32> = rows.iter().map(|&row| row as u32).collect();
    ids(&rows, device)
}
