//! Rules for the `[search]` table.

use ::search::Method;
use ::search::SearchConfig;
use network::ModelConfig;

use super::violation::{Violation, above_zero, misplaced, not_negative, other, whole, within};

/// Refuses keys of another method, numbers out of range and what the model has not got.
pub(super) fn check(search: &SearchConfig, model: &ModelConfig) -> Result<(), Violation> {
    owners(search)?;
    whole("search.beam", search.beam as u64, 1..=1_000)?;
    within(
        "search.length_penalty",
        search.length_penalty,
        |_| true,
        "a finite number",
    )?;
    not_negative("search.coverage_penalty", search.coverage_penalty)?;
    if search.coverage_penalty > 0.0 && !model.attention.kind.asks() {
        return Err(other(
            "search.coverage_penalty",
            "coverage is counted from what each step looks at, and with `model.attention.kind` \"none\", \
             \"time-dense\" or \"tanh-pool\" no step looks at anything: remove the key",
        ));
    }
    whole("search.max_length", search.max_length as u64, 1..=100_000)?;
    if let Some(ratio) = search.max_length_ratio {
        not_negative("search.max_length_ratio", ratio)?;
    }
    if let Some(margin) = search.max_length_margin {
        whole("search.max_length_margin", margin as u64, 1..=100_000)?;
    }
    whole(
        "search.max_source_length",
        search.max_source_length as u64,
        1..=100_000,
    )?;
    whole(
        "search.min_length",
        search.min_length as u64,
        1..=search.max_length as u64,
    )?;
    whole(
        "search.no_repeat_ngram",
        search.no_repeat_ngram as u64,
        0..=100,
    )?;
    if search.method == Method::DiverseBeam && search.beam < 2 {
        return Err(other(
            "search.beam",
            "`search.method` \"diverse-beam\" divides the beam into groups that keep away from each other: \
             `search.beam` must be 2 or more",
        ));
    }
    if let Some(groups) = search.groups {
        whole("search.groups", groups as u64, 1..=search.beam as u64)?;
    }
    if !search.beam.is_multiple_of(search.groups()) {
        return Err(other(
            "search.groups",
            "the groups are of one size: `search.beam` must be a multiple of `search.groups`, which is 5 unless given",
        ));
    }
    not_negative("search.diversity", search.diversity())?;
    above_zero("search.temperature", search.temperature())?;
    whole("search.top_k", search.top_k() as u64, 0..=10_000_000)?;
    within(
        "search.top_p",
        search.top_p(),
        |share| share > 0.0 && share <= 1.0,
        "above 0 and at most 1",
    )?;
    // TOML has no larger number, and a config must survive writing.
    whole("search.seed", search.seed(), 0..=i64::MAX as u64)?;
    whole("search.samples", search.samples() as u64, 1..=10_000)
}

/// Refuses keys that belong to another method.
fn owners(search: &SearchConfig) -> Result<(), Violation> {
    const DIVERSE: &[Method] = &[Method::DiverseBeam];
    const DRAWING: &[Method] = &[Method::Sample, Method::Mbr];
    const MBR: &[Method] = &[Method::Mbr];
    let keys = [
        ("groups", search.groups.is_some(), DIVERSE),
        ("diversity", search.diversity.is_some(), DIVERSE),
        ("temperature", search.temperature.is_some(), DRAWING),
        ("top_k", search.top_k.is_some(), DRAWING),
        ("top_p", search.top_p.is_some(), DRAWING),
        ("seed", search.seed.is_some(), DRAWING),
        ("samples", search.samples.is_some(), MBR),
        ("utility", search.utility.is_some(), MBR),
    ];
    for (key, given, owners) in keys {
        misplaced(
            &format!("search.{key}"),
            given,
            "method",
            search.method,
            owners,
        )?;
    }
    Ok(())
}
