//! Attention over a whole target at once, for decoders without input feeding.

use divan::{Bencher, black_box_drop};
use model::attention::{Attention, AttentionConfig, AttentionKind};
use model::initial::Initialiser;
use operations::attention::attend as answer;

use crate::subject::{Case, cases, device, lengths, tensor};

/// Keys, energies, weights and contexts.
fn attend(bencher: Bencher, case: Case, kind: AttentionKind) {
    let sizes = case.begin();
    let (rows, hidden) = (sizes.batch, sizes.hidden);
    let config = AttentionConfig {
        kind,
        ..AttentionConfig::default()
    };
    let initial = Initialiser::new(1, &device());
    let Some(attention): Option<Attention> = Attention::of(&config, &initial, hidden, hidden)
    else {
        return;
    };
    let values = tensor([rows, sizes.source, hidden], 2);
    let states = tensor([sizes.target, rows, hidden], 3);
    let lengths = lengths(rows, sizes.source);
    bencher.bench_local(|| {
        let memory = attention.remember(values.clone(), &lengths);
        let (contexts, _) = answer(&attention.parameters(), states.clone(), &memory, false);
        black_box_drop(contexts.sum().backward());
    });
}

#[divan::bench(args = cases())]
fn bahdanau(bencher: Bencher, case: Case) {
    attend(bencher, case, AttentionKind::Bahdanau);
}

#[divan::bench(args = cases())]
fn luong_dot(bencher: Bencher, case: Case) {
    attend(bencher, case, AttentionKind::LuongDot);
}

#[divan::bench(args = cases())]
fn luong_general(bencher: Bencher, case: Case) {
    attend(bencher, case, AttentionKind::LuongGeneral);
}

#[divan::bench(args = cases())]
fn luong_concat(bencher: Bencher, case: Case) {
    attend(bencher, case, AttentionKind::LuongConcat);
}

#[divan::bench(args = cases())]
fn scaled_dot(bencher: Bencher, case: Case) {
    attend(bencher, case, AttentionKind::ScaledDot);
}

#[divan::bench(args = cases())]
fn multi_head(bencher: Bencher, case: Case) {
    attend(bencher, case, AttentionKind::MultiHead);
}
