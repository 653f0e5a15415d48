//! Attention over a whole target.

use model::Lengths;
use model::attention::{Attention, AttentionConfig, AttentionKind};
use operations::attention::attend;

use super::{Family, Operation, Sizes, Work};

fn run(kind: AttentionKind, sizes: &Sizes, work: &mut Work) {
    let (batch, hidden) = (sizes.batch(), sizes.hidden);
    let dot = kind == AttentionKind::LuongDot;
    let memory = if dot { hidden } else { sizes.memory };
    let config = AttentionConfig {
        kind,
        ..AttentionConfig::default()
    };
    let attention = Attention::of(&config, &work.initial(), memory, hidden).unwrap();
    let attention = work.parameters(attention);
    let values = work.input("memory", [batch, sizes.source, memory]);
    let states = work.input("states", [sizes.target, batch, hidden]);
    let lengths = Lengths::new(sizes.lengths, sizes.source, work.device());
    let memory = attention.remember(values, &lengths);
    let (contexts, _) = attend(&attention.parameters(), states, &memory, false);
    work.result("contexts", contexts);
}

pub(super) fn all() -> Vec<Operation> {
    use AttentionKind::{Bahdanau, LuongConcat, LuongDot, LuongGeneral, MultiHead, ScaledDot};
    let operation = |kind: AttentionKind| {
        let run = move |sizes: &Sizes, work: &mut Work| run(kind, sizes, work);
        Operation::new(Family::Attention, kind.to_string(), run)
    };
    let kinds = [
        Bahdanau,
        LuongDot,
        LuongGeneral,
        LuongConcat,
        ScaledDot,
        MultiHead,
    ];
    kinds.into_iter().map(operation).collect()
}
