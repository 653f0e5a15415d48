//! The encoder and the decoder, one step at a time.

use burn::tensor::{Device, Int, Tensor};
use data::batching::Batch;
use data::special::{END, PAD, START, UNK};
use model::Seq2Seq;
use model::decoder::DecoderState;
use model::encoder::Encoder;
use operations::cell;
use trainer::translator::input;

use crate::school::SCHOOL;

pub(crate) fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

pub(crate) fn word(id: u32, device: &Device) -> Tensor<1, Int> {
    Tensor::from_data([id as i32], device)
}

pub(crate) fn distance(left: &[f32], right: &[f32]) -> f32 {
    let squares = left.iter().zip(right).map(|(a, b)| (a - b) * (a - b));
    squares.sum::<f32>().sqrt()
}

/// The encoder's states, made one step at a time with the formula of its cell.
pub(crate) fn encoder_steps(model: &Seq2Seq, source: &[i32]) -> Vec<Vec<f32>> {
    let Encoder::Recurrent(encoder) = &model.encoder else {
        panic!("the encoder is recurrent");
    };
    let layer = &encoder.layers[0].forward;
    let parameters = layer.parameters();
    let mut state = layer.zero_state(1);
    let mut states = Vec::new();
    for &id in source {
        let vector = encoder
            .embedding
            .val()
            .select(0, word(id as u32, &model.device()));
        let projected = parameters.project(vector);
        state = cell::step(layer.cell, projected, state, &parameters.recurrence);
        states.push(numbers(state.hidden.clone()));
    }
    states
}

/// The state of the decoder's only layer.
pub(crate) fn hidden(state: &DecoderState) -> Vec<f32> {
    let DecoderState::Recurrent(state) = state else {
        panic!("the decoder is recurrent");
    };
    numbers(state.layers[0].hidden.clone())
}

/// One step of the decoder.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// The word it was fed.
    pub(crate) fed: u32,
    /// The word it finds most probable; marks other than the end mark are never said.
    pub(crate) says: u32,
    /// The probability of each word of the vocabulary.
    pub(crate) probabilities: Vec<f32>,
    /// How it attended to each source token.
    pub(crate) weights: Vec<f32>,
    /// Its state afterwards.
    pub(crate) state: Vec<f32>,
}

/// Runs the decoder. `feed` chooses the word of each step from the step's number and the word that
/// was said last, until it chooses none.
pub(crate) fn decoder_steps(
    model: &Seq2Seq,
    batch: &Batch,
    feed: impl Fn(usize, u32) -> Option<u32>,
) -> Vec<Step> {
    let (memory, mut state) = model.start(input(&batch.source));
    let mut steps: Vec<Step> = Vec::new();
    let mut said = START;
    while let Some(fed) = feed(steps.len(), said) {
        let prediction = model.step(word(fed, &model.device()), state, &memory);
        let probabilities = numbers(prediction.log_probabilities.exp());
        let best = |&a: &usize, &b: &usize| probabilities[a].total_cmp(&probabilities[b]);
        let words =
            (0..probabilities.len()).filter(|&id| ![PAD, UNK, START].contains(&(id as u32)));
        said = words.max_by(best).unwrap() as u32;
        state = prediction.state;
        steps.push(Step {
            fed,
            says: said,
            probabilities,
            weights: numbers(prediction.weights.unwrap()),
            state: hidden(&state),
        });
    }
    steps
}

/// As in training: the right word is fed at every step, whatever the model said.
pub(crate) fn forced(model: &Seq2Seq, batch: &Batch) -> Vec<Step> {
    let right = &batch.target_input.ids;
    decoder_steps(model, batch, |step, _said| {
        right.get(step).map(|&id| id as u32)
    })
}

/// As in translation: the start mark first, then what the model itself said last, until it says the
/// end mark (or has said ten words).
pub(crate) fn free(model: &Seq2Seq, batch: &Batch) -> Vec<Step> {
    decoder_steps(model, batch, |step, said| {
        (step < 10 && (step == 0 || said != END)).then_some(said)
    })
}

pub(crate) fn fed(steps: &[Step]) -> Vec<&str> {
    steps.iter().map(|step| SCHOOL.spell(step.fed)).collect()
}

pub(crate) fn says(steps: &[Step]) -> Vec<&str> {
    steps.iter().map(|step| SCHOOL.spell(step.says)).collect()
}
