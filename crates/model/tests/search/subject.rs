//! Subjects of the searches: batches of ids, and models with random weights.

use burn::tensor::Device;
use model::attention::{AttentionKind, Query};
use model::cell::CellKind;
use model::decoder::{ContextKind, DecoderKind};
use model::encoder::EncoderKind;
use model::search::{beam, greedy};
use model::{Marks, ModelConfig, Padded, SearchConfig, Seq2Seq, parameters};
use network::config::LayerNorm;

pub(crate) const SOURCE_WORDS: usize = 12;
pub(crate) const TARGET_WORDS: usize = 15;
pub(crate) const PAD: u32 = 0;
pub(crate) const UNKNOWN: u32 = 1;
pub(crate) const START: u32 = 2;
pub(crate) const END: u32 = 3;
pub(crate) const MARKS: Marks = Marks {
    pad: PAD,
    unknown: UNKNOWN,
    start: START,
    end: END,
};

/// Sentences filled up to one length.
pub(crate) struct Rows {
    ids: Vec<i32>,
    lengths: Vec<usize>,
    time: usize,
}

impl Rows {
    pub(crate) fn new(sentences: &[Vec<u32>]) -> Self {
        let lengths: Vec<usize> = sentences.iter().map(Vec::len).collect();
        let time = lengths.iter().copied().max().unwrap_or(0);
        let mut ids = Vec::new();
        for sentence in sentences {
            ids.extend(sentence.iter().map(|&id| id as i32));
            ids.resize(ids.len() + time - sentence.len(), PAD as i32);
        }
        Self { ids, lengths, time }
    }

    pub(crate) fn padded(&self) -> Padded<'_> {
        Padded {
            ids: &self.ids,
            lengths: &self.lengths,
            time: self.time,
        }
    }
}

/// A model whose predictions are peaked and whose sentences end, some soon and some late.
pub(crate) fn peaked(config: &ModelConfig, words: usize, seed: u64, device: &Device) -> Seq2Seq {
    let model = Seq2Seq::new(config, SOURCE_WORDS, words, seed, device).unwrap();
    let mut values = parameters::collect(&model);
    for (name, values) in &mut values {
        let factor = match name.as_str() {
            "output.weight" => 3.0,
            name if name.ends_with("embedding") => 8.0,
            name if name.ends_with("gain") => 1.0,
            name if ["convolutions", "contexts", "queries"]
                .iter()
                .any(|part| name.contains(part)) =>
            {
                1.5
            }
            _ => 2.5,
        };
        values.data.iter_mut().for_each(|value| *value *= factor);
    }
    // No mark would ever be said otherwise; here the forbidden ones are tempting.
    let bias = &mut values.get_mut("output.bias").unwrap().data;
    for mark in [PAD, UNKNOWN, START, END] {
        bias[mark as usize] = if mark == END { 1.4 } else { 1.0 };
    }
    parameters::place(model, values).unwrap()
}

pub(crate) fn small() -> ModelConfig {
    ModelConfig {
        embedding_size: 6,
        hidden_size: 8,
        ..ModelConfig::default()
    }
}

/// How many [`configs`] there are.
pub(crate) const MODELS: usize = 25;

/// One config of each way in which the decoder's step differs.
pub(crate) fn configs() -> [ModelConfig; MODELS] {
    let mut general = small();
    general.encoder.kind = CellKind::Gru.into();
    general.decoder.kind = CellKind::Gru.into();
    general.decoder.layers = 2;
    general.attention.kind = AttentionKind::LuongGeneral;
    general.input_feeding = false;
    let mut before = small();
    before.attention.query = Some(Query::Before);
    let mut none = small();
    none.decoder.kind = CellKind::Rnn.into();
    none.attention.kind = AttentionKind::None;
    let mut every_step = none.clone();
    every_step.context = Some(ContextKind::EveryStep);
    let mut tied = small();
    tied.tie_embeddings = true;
    let mut stacked = small();
    (stacked.encoder.layers, stacked.decoder.layers) = (2, 2);
    stacked.decoder.residual = Some(true);
    stacked.decoder.layer_norm = Some(true.into());
    let mut convolved = small();
    convolved.encoder.kind = EncoderKind::Conv;
    convolved.decoder.kind = DecoderKind::Conv;
    convolved.decoder.layers = 2;
    convolved.decoder.kernel_width = Some(2);
    let convolved = convolved.suited(|_| false);
    let of = |kind: AttentionKind| {
        let mut config = small();
        config.attention.kind = kind;
        config.attention.window = kind.is_local().then_some(1);
        config
    };
    let mut covered = small();
    covered.attention.coverage = Some(true);
    let mut single = of(AttentionKind::TimeDense);
    single.attention.single_vector = Some(true);
    let mut predictive_before = of(AttentionKind::LocalP);
    predictive_before.attention.query = Some(Query::Before);
    predictive_before.decoder.kind = CellKind::Gru.into();
    let conditional = |kind: AttentionKind| {
        let mut config = of(kind);
        config.decoder.kind = DecoderKind::Cgru;
        config.suited(|key| key == "model.attention.kind")
    };
    let mut conditional_covered = conditional(AttentionKind::LuongConcat);
    conditional_covered.attention.coverage = Some(true);
    let normalised = |kind: DecoderKind, query: Query| {
        let mut config = small();
        config.encoder.kind = kind.cell().map_or(EncoderKind::Lstm, EncoderKind::from);
        config.decoder.kind = kind;
        if kind != DecoderKind::Cgru {
            config.decoder.layers = 2;
            config.attention.query = Some(query);
        }
        config.encoder.layer_norm = Some(LayerNorm::Gates);
        config.decoder.layer_norm = Some(LayerNorm::Gates);
        config.suited(|key| key == "model.attention.kind")
    };
    let mut heads_before = of(AttentionKind::MultiHead);
    heads_before.attention.query = Some(Query::Before);
    [
        small(),
        general,
        before,
        none,
        every_step,
        tied,
        stacked,
        convolved,
        of(AttentionKind::ScaledDot),
        of(AttentionKind::MultiHead),
        heads_before,
        of(AttentionKind::LocalM),
        of(AttentionKind::LocalP),
        predictive_before,
        covered,
        single,
        of(AttentionKind::TanhPool),
        conditional(AttentionKind::Bahdanau),
        conditional(AttentionKind::MultiHead),
        conditional(AttentionKind::LocalP),
        conditional_covered,
        normalised(CellKind::Lstm.into(), Query::Before),
        normalised(CellKind::Gru.into(), Query::After),
        normalised(CellKind::Rnn.into(), Query::After),
        normalised(DecoderKind::Cgru, Query::After),
    ]
}

pub(crate) fn model(which: usize, seed: u64) -> Seq2Seq {
    let configs = configs();
    peaked(
        &configs[which % configs.len()],
        TARGET_WORDS,
        seed,
        &Device::flex(),
    )
}

/// The random models above say something: sentences of many lengths, some ended and some cut, and
/// a wider beam finds what greedy search misses.
#[test]
fn the_models_under_test_are_neither_mute_nor_endless() {
    let config = SearchConfig {
        max_length: 10,
        ..SearchConfig::default()
    };
    let (mut lengths, mut better, mut cut) = ([0; 11], 0, 0);
    for seed in 0..20 {
        for which in 0..configs().len() {
            let model = model(which, seed);
            let batch = Rows::new(&[vec![4, 9, END], vec![7, 5, 10, 8, END]]);
            let greedily = greedy(&model, batch.padded(), &config, &MARKS, false);
            let beams = beam(&model, batch.padded(), &config, &MARKS, 1, false);
            for (greedily, beams) in greedily.iter().zip(&beams) {
                lengths[greedily.tokens.len()] += 1;
                better += usize::from(beams[0].score > greedily.score + 1e-6);
                cut += usize::from(greedily.tokens.last() != Some(&END));
            }
        }
    }
    println!("lengths {lengths:?}, {better} improved by the beam, {cut} cut");
    let all: usize = lengths.iter().sum();
    assert!(
        lengths.iter().filter(|&&count| count > 0).count() >= 7,
        "{lengths:?}"
    );
    assert!(better > all / 5, "{better} of {all}");
    assert!(cut > 0 && cut < all * 3 / 5, "{cut} of {all}");
}

/// Searches whose translations stay short, so that all of them can be looked at.
pub(crate) fn short() -> SearchConfig {
    SearchConfig {
        max_length: 200,
        max_length_ratio: Some(3.0),
        max_length_margin: Some(10),
        ..SearchConfig::default()
    }
}
