//! Fitting batches into memory: trial passes tell what a token costs, and so how large a batch may be.

use data::batching::{BatchUnit, Examples, Prefetched, Whole};
use model::Seq2Seq;

use super::batches::pad_multiple;
use super::capacity;
use super::update::{Turn, UpdateSettings};
use crate::backend::Choice;
use crate::config::{BackendKind, BatchSize, Config, Objective};
use crate::console::Console;
use crate::error::RunError;
use crate::process_memory::{available, peak_of};

/// The most memory in units of 2^20 bytes that a batch whose size is found takes unless told.
const USUAL: u64 = 2_048;
/// The share of free memory that is used.
const SHARE: f64 = 0.8;
/// Trial passes go up from so many tokens to so many, or until they take so many bytes.
const TRIALS: (usize, usize) = (256, 16_384);
const ENOUGH: u64 = 128 << 20;
/// Examples whose lengths are looked at.
const LOOKED_AT: usize = 20_000;
/// Numbers that a layer keeps of a position for its gradient, for each of its units, at the most and roughly.
const KEPT: usize = 24;

/// Decides the size of a batch that is to be found, and above which size batches are worked on in parts, where a budget
/// is given or memory may be short; `ranks` processes may share it. Says what was decided.
///
/// # Errors
/// A device or a system that does not tell how much memory passes take; a budget that is too small for one sentence.
pub(super) fn fit(
    config: &mut Config,
    examples: &dyn Examples,
    vocabularies: [usize; 2],
    (choice, ranks): (&Choice, usize),
    console: &Console,
) -> Result<(), RunError> {
    let finds = config.train.batch_size == BatchSize::Auto;
    let is_given = config.train.memory_budget > 0;
    // What a model's own translations take is known only once they are there.
    if config.train.objective == Objective::MinimumRisk {
        return Ok(());
    }
    // Beside the model, and for one process of those that may share a machine.
    let spare = || {
        let free = available()?;
        let model = u64::try_from(capacity::needed(config, vocabularies)).unwrap_or(u64::MAX);
        Some((SHARE * (free / ranks as u64).saturating_sub(model) as f64) as u64)
    };
    let largest = match finds {
        true => usize::MAX,
        false => largest_batch(config, examples),
    };
    let fits_surely = || {
        let needed = largest.saturating_mul(4 * numbers(config, vocabularies)) as u64;
        spare().is_none_or(|spare| needed / ranks as u64 <= spare)
    };
    let is_decided = !finds && (config.train.split_above > 0 || (!is_given && fits_surely()));
    if is_decided || examples.count() == 0 {
        return Ok(());
    }
    let each = match choice.backend {
        BackendKind::Cpu | BackendKind::Ndarray => {
            bytes_a_token(config, examples, vocabularies, choice)?
        }
        _ => None,
    };
    let (Some(each), Some(spare)) = (each, spare()) else {
        return match (finds, is_given) {
            (true, _) => Err(unknown("train.batch_size = \"auto\"", "a number")),
            (false, true) => Err(unknown("train.memory_budget", "`train.split_above`")),
            // It was a guess that memory may be short.
            (false, false) => Ok(()),
        };
    };
    let budget = match config.train.memory_budget as u64 {
        0 if finds => spare.min(USUAL << 20),
        0 => spare,
        given => given << 20,
    };
    let tokens = two_digits(((budget as f64 / each) as usize).min(BatchSize::MOST));
    let (budget, each) = (budget >> 20, each / 1024.0);
    if tokens == 0 && !finds && !is_given {
        return Ok(());
    }
    if tokens == 0 {
        return Err(RunError::Usage(format!(
            "`train.memory_budget` of {budget} MB has no room for one token, which takes {each:.0} KB: raise it"
        )));
    }
    if finds {
        config.train.batch_size = BatchSize::Of(tokens);
        console.say(&format!(
            "batches of {tokens} tokens: a token takes {each:.1} KB, and the budget is {budget} MB (`train.memory_budget`)"
        ));
    } else if tokens < largest {
        config.train.split_above = tokens;
        console.say(&format!(
            "note: batches of more than {tokens} tokens are worked on in parts, as one update (`train.split_above`): a token \
             takes {each:.1} KB, the largest batch has {largest}, and the budget is {budget} MB"
        ));
    }
    Ok(())
}

fn unknown(key: &str, instead: &str) -> RunError {
    RunError::Usage(format!(
        "`{key}` needs to know how much memory a batch takes, which only the CPU under Linux tells: give {instead} instead"
    ))
}

/// The most tokens, padding counted, or columns that a batch can have.
fn largest_batch(config: &Config, examples: &dyn Examples) -> usize {
    let spread = examples.spread();
    let longest_source = spread.longest_targets.len().saturating_sub(1);
    let longest_target = spread.longest_targets.iter().max().copied();
    let longest = longest_source.max(longest_target.unwrap_or(0));
    let size = config.train.batch_size.known().unwrap_or(1);
    match config.train.batch_unit {
        BatchUnit::Sentences => size.saturating_mul(longest),
        BatchUnit::Tokens => size.max(longest),
    }
}

/// How many numbers the passes keep of a position at the most, roughly.
fn numbers(config: &Config, [_, target]: [usize; 2]) -> usize {
    let model = &config.model;
    let layers = model.encoder.layers + model.decoder.layers;
    KEPT * (layers + 1) * (model.hidden_size + model.embedding_size) + 4 * target
}

/// The largest number below `number` with two digits and then zeros.
fn two_digits(number: usize) -> usize {
    let digits = number.checked_ilog10().unwrap_or(0);
    let unit = 10usize.pow(digits.saturating_sub(1));
    number / unit * unit
}

/// How many bytes the passes over a batch take for each of its tokens, padding counted, whether sentences are long or short.
/// `None` where the system does not tell.
fn bytes_a_token(
    config: &Config,
    examples: &dyn Examples,
    [source, target]: [usize; 2],
    choice: &Choice,
) -> Result<Option<f64>, RunError> {
    let device = choice.device.clone().autodiff();
    let mut model = Seq2Seq::new(&config.model, source, target, config.seed, &device)?;
    let mut whole = config.clone();
    whole.train.split_above = 0;
    let settings = UpdateSettings {
        workers: None,
        config: &whole,
        judge: None,
    };
    let turn = Turn {
        updates: 0,
        number: 0,
        rate: 0.0,
    };
    let multiple_of = pad_multiple(config, choice);
    let order = by_length(examples);
    let mut most = None;
    for ends in [
        order.iter().rev().collect::<Vec<_>>(),
        order.iter().collect(),
    ] {
        let mut last: Option<(usize, u64)> = None;
        let mut tokens = TRIALS.0;
        while tokens <= TRIALS.1 {
            let batch = batch_of(&ends, tokens, examples, multiple_of)?;
            let places = batch.batch.places();
            let batches = [batch];
            let (passed, taken) = peak_of(|| settings.passes(model, &batches, turn));
            model = passed?;
            let Some(taken) = taken else {
                return Ok(None);
            };
            if let Some((fewer, before)) = last.filter(|(fewer, _)| *fewer < places) {
                let each = taken.saturating_sub(before) as f64 / (places - fewer) as f64;
                most = Some(each.max(most.unwrap_or(1.0)));
            }
            // A few pages more or less are of no account then.
            if taken >= ENOUGH && last.is_some() {
                break;
            }
            last = Some((places, taken));
            tokens *= 2;
        }
    }
    Ok(most)
}

/// Places of examples, the shortest first.
fn by_length(examples: &dyn Examples) -> Vec<usize> {
    let count = examples.count();
    let step = count.div_ceil(LOOKED_AT).max(1);
    let mut order: Vec<usize> = (0..count).step_by(step).collect();
    order.sort_by_cached_key(|&place| examples.lengths(place).into_iter().max());
    order
}

/// A batch of about `tokens` tokens of the first of `places`, again and again if they are few.
fn batch_of(
    places: &[&usize],
    tokens: usize,
    examples: &dyn Examples,
    multiple_of: usize,
) -> Result<Prefetched, RunError> {
    let (mut rows, mut longest) = (Vec::new(), 1);
    for &&place in places.iter().cycle() {
        let lengths = examples.lengths(place);
        longest = lengths.into_iter().fold(longest, usize::max);
        rows.push(place);
        if longest.next_multiple_of(multiple_of) * (rows.len() + 1) > tokens {
            break;
        }
    }
    let batch = examples.gather(&rows, multiple_of)?;
    Ok(Prefetched {
        epoch: 0,
        index_in_epoch: 0,
        is_last: false,
        batches_in_epoch: 1,
        whole: Whole::all_of(&batch),
        batch,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_round() {
        let cases = [
            (0, 0),
            (7, 7),
            (10, 10),
            (99, 99),
            (101, 100),
            (12_345, 12_000),
        ];
        for (number, rounded) in cases {
            assert_eq!(two_digits(number), rounded);
        }
    }
}
