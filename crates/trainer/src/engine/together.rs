//! One update from the shares of several processes.

use burn::module::Module;
use burn::tensor::{Gradients, Tensor, TensorData};
use model::{SHARED, Seq2Seq};

use super::update::PassTotals;
use crate::optimiser::{GradientSum, Slot, slots};
use crate::signal::Tally;
use crate::workers::{Wait, Workers, sum};

/// Rows of an embedding whose gradients are told of by one number; whole numbers of so many bits are exact in a double.
const BITS: usize = 48;

/// A gradient of so many numbers travels by itself; smaller ones travel together.
const LARGE: usize = 1 << 15;

/// Gives all processes the sums over all of what each has found. Of an embedding only rows travel of which some process
/// has read the word.
pub(super) fn sum_up(
    workers: &dyn Workers,
    model: &Seq2Seq,
    gradients: &mut GradientSum,
    found: &mut PassTotals,
) {
    let slots = slots(model);
    let mut own: Vec<Option<Vec<f32>>> = gradients.take_values(slots.len());
    let numbers = numbers(found, &slots, &own);
    let mut all = vec![0.0; numbers.len() * workers.size()];
    workers.collect_doubles(&numbers, &mut all);
    let ranks: Vec<&[f64]> = all.chunks(numbers.len().max(1)).collect();
    let sums = |place: usize| ranks.iter().map(|rank| rank[place]).sum::<f64>();
    *found = PassTotals {
        loss: sums(0),
        filled: sums(1) as usize,
        places: sums(2) as usize,
        tally: Tally {
            guided: sums(3),
            linked: sums(4) as usize,
            risk: sums(5),
            judged: sums(6) as usize,
        },
    };
    let mut at = SIGNALS;
    let parts: Vec<Part> = slots
        .iter()
        .map(|slot| {
            let words = words_of(slot);
            let bits = |place: usize| ranks.iter().fold(0, |bits, rank| bits | rank[place] as u64);
            let is_there = bits(at) != 0;
            let rows = rows(slot, (at + 1..at + 1 + words).map(bits));
            at += 1 + words;
            match (is_there, is_embedding(slot)) {
                (false, _) => Part::Nowhere,
                (true, true) => Part::Rows(rows),
                (true, false) if slot.count >= LARGE => Part::Alone,
                (true, false) => Part::Whole,
            }
        })
        .collect();
    let count = slots
        .iter()
        .zip(&parts)
        .map(|(slot, part)| part.length(slot));
    let mut flat = Vec::with_capacity(count.sum::<usize>() + workers.size());
    for ((slot, part), kept) in slots.iter().zip(&parts).zip(&mut own) {
        let values = kept.take();
        match (part, &values) {
            (Part::Nowhere, _) => {}
            (Part::Alone, _) => {
                let mut values = values.unwrap_or_else(|| vec![0.0; slot.count]);
                sum(workers, &mut values, Wait::Busy);
                *kept = Some(values);
            }
            (part, None) => flat.resize(flat.len() + part.length(slot), 0.0),
            (Part::Whole, Some(values)) => flat.extend(values),
            (Part::Rows(rows), Some(values)) => {
                let row = |row: &usize| &values[row * slot.width..(row + 1) * slot.width];
                rows.iter().for_each(|number| flat.extend(row(number)));
            }
        }
    }
    sum(workers, &mut flat, Wait::Busy);
    let device = model.devices()[0].clone().inner();
    let mut rest = &flat[..];
    let tensors = slots
        .iter()
        .zip(&parts)
        .zip(own)
        .map(|((slot, part), kept)| {
            let (values, after) = rest.split_at(part.length(slot));
            rest = after;
            let values = match part {
                Part::Nowhere => return None,
                Part::Alone => kept?,
                Part::Whole => values.to_vec(),
                Part::Rows(rows) => {
                    let mut whole = vec![0.0; slot.count];
                    for (row, values) in rows.iter().zip(values.chunks(slot.width)) {
                        whole[row * slot.width..(row + 1) * slot.width].copy_from_slice(values);
                    }
                    whole
                }
            };
            Some(Tensor::from_data(
                TensorData::new(values, [slot.count]),
                &device,
            ))
        });
    gradients.put(tensors.collect());
}

/// The output layer's matrix, which has the largest gradient, and is the first to have one.
pub(super) const OUTPUT: &str = "output.weight";

/// Adds the gradients that `rest` finds, while that of [`OUTPUT`], which is found already, travels and becomes the sum over all
/// processes.
pub(super) fn sum_beside(
    workers: &dyn Workers,
    model: &Seq2Seq,
    gradients: &mut GradientSum,
    rest: impl FnOnce() -> Gradients,
) {
    let place = slots(model).iter().position(|slot| slot.name == OUTPUT);
    let found = place.and_then(|place| Some((place, gradients.take_value(place)?)));
    let Some((place, mut values)) = found else {
        return gradients.add(model, rest());
    };
    let values = std::thread::scope(|scope| {
        let sending = scope.spawn(move || {
            sum(workers, &mut values, Wait::Aside);
            values
        });
        gradients.add(model, rest());
        match sending.join() {
            Ok(values) => values,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    });
    let device = model.devices()[0].clone().inner();
    let count = values.len();
    let tensor = Tensor::from_data(TensorData::new(values, [count]), &device);
    gradients.put_summed(place, tensor);
}

/// What of a parameter's gradient travels.
enum Part {
    /// No process has any.
    Nowhere,
    /// All of it, beside others.
    Whole,
    /// All of it, by itself.
    Alone,
    /// These rows.
    Rows(Vec<usize>),
}

impl Part {
    fn length(&self, slot: &Slot) -> usize {
        match self {
            Self::Nowhere | Self::Alone => 0,
            Self::Whole => slot.count,
            Self::Rows(rows) => rows.len() * slot.width,
        }
    }
}

/// Numbers that are not about gradients.
const SIGNALS: usize = 7;

/// What all are to know before gradients travel: the sums, and for each parameter whether there is a gradient and which
/// rows it has.
fn numbers(found: &PassTotals, slots: &[Slot], own: &[Option<Vec<f32>>]) -> Vec<f64> {
    let Tally {
        guided,
        linked,
        risk,
        judged,
    } = found.tally;
    let counts = [found.filled, found.places].map(|count| count as f64);
    let [filled, places] = counts;
    let mut numbers = vec![
        found.loss,
        filled,
        places,
        guided,
        linked as f64,
        risk,
        judged as f64,
    ];
    for (slot, values) in slots.iter().zip(own) {
        numbers.push(f64::from(u8::from(values.is_some())));
        let mut words = vec![0u64; words_of(slot)];
        if let (Some(values), true) = (values, is_embedding(slot)) {
            for (row, values) in values.chunks(slot.width).enumerate() {
                // What is not a number is not zero either.
                if values.iter().any(|&value| value != 0.0) {
                    words[row / BITS] |= 1 << (row % BITS);
                }
            }
        }
        numbers.extend(words.into_iter().map(|word| word as f64));
    }
    numbers
}

/// Whether a parameter is an embedding, of which an update touches few rows.
fn is_embedding(slot: &Slot) -> bool {
    SHARED.contains(&slot.name.as_str())
}

/// How many numbers tell of the rows of a parameter.
fn words_of(slot: &Slot) -> usize {
    match is_embedding(slot) {
        true => (slot.count / slot.width).div_ceil(BITS),
        false => 0,
    }
}

/// The rows whose bits are set.
fn rows(slot: &Slot, words: impl Iterator<Item = u64>) -> Vec<usize> {
    let words: Vec<u64> = words.collect();
    let rows = 0..slot.count / slot.width;
    match is_embedding(slot) {
        true => rows
            .filter(|row| words[row / BITS] & (1 << (row % BITS)) != 0)
            .collect(),
        false => Vec::new(),
    }
}
