//! Translations do not know of the batch that they come in: not one bit of them, with models of a size at which
//! threads share the work.

use burn::tensor::Device;
use model::attention::AttentionKind;
use model::cell::CellKind;
use model::decoder::DecoderKind;
use model::encoder::EncoderKind;
use model::search::Precision;
use model::search::{Favour, Method, Searcher, Task, searcher};
use model::{Hypothesis, Images, Input, ModelConfig, SearchConfig};

use crate::methods::sentences;
use crate::subject::{MARKS, Rows, peaked};

const SOURCES: usize = 21;
/// Rows of pixels.
const HEIGHT: usize = 16;

fn models() -> Vec<ModelConfig> {
    let of = |encoder: EncoderKind, decoder: DecoderKind, attention: AttentionKind| {
        let mut config = ModelConfig {
            embedding_size: 48,
            hidden_size: 160,
            ..ModelConfig::default()
        };
        config.encoder.kind = encoder;
        config.decoder.kind = decoder;
        config.attention.kind = attention;
        config.input_feeding = decoder == DecoderKind::Lstm;
        if encoder == EncoderKind::Image {
            config.encoder.layers = 2;
            config.encoder.channels = Some(8);
            config.encoder.height = Some(HEIGHT);
        }
        config
    };
    let lstm = DecoderKind::from(CellKind::Lstm);
    vec![
        of(EncoderKind::Lstm, lstm, AttentionKind::Bahdanau),
        of(EncoderKind::Gru, lstm, AttentionKind::MultiHead),
        of(EncoderKind::Conv, lstm, AttentionKind::LuongGeneral),
        of(
            EncoderKind::Conv,
            DecoderKind::Conv,
            AttentionKind::LuongDot,
        ),
        of(EncoderKind::Image, lstm, AttentionKind::Bahdanau),
        of(EncoderKind::Gru, DecoderKind::Cgru, AttentionKind::Bahdanau),
    ]
}

fn searches() -> [SearchConfig; 3] {
    let beam = SearchConfig {
        max_length: 9,
        ..crate::subject::short()
    };
    let greedy = SearchConfig {
        beam: 1,
        ..beam.clone()
    };
    let sample = SearchConfig {
        method: Method::Sample,
        ..beam.clone()
    };
    [beam, greedy, sample]
}

/// Images of 5 to 24 columns, padded to one width.
fn pictures() -> (Vec<f32>, Vec<usize>) {
    let pixel = |place: usize| (place * 2_654_435_761 % 1000) as f32 / 1000.0;
    let widths = (0..SOURCES).map(|image| 5 + image * 7 % 20);
    (
        (0..SOURCES * HEIGHT * 24).map(pixel).collect(),
        widths.collect(),
    )
}

fn assert_alike(searcher: &Searcher, part: impl Fn(usize, usize) -> Part) {
    for config in searches() {
        let search = |first: usize, count: usize| -> Vec<Vec<Hypothesis>> {
            let numbers: Vec<usize> = (first..first + count).collect();
            let task = Task {
                n_best: 3,
                attention: true,
                numbers: &numbers,
                ..Task::new(&config, &MARKS)
            };
            let part = part(first, count);
            searcher.search(part.input(), &task).unwrap()
        };
        let together = search(0, SOURCES);
        for size in [1, 2, 10] {
            for first in (0..SOURCES).step_by(size) {
                let count = size.min(SOURCES - first);
                let found = search(first, count);
                assert_eq!(found, together[first..first + count], "{size} at once");
            }
        }
    }
}

/// Some of the sources.
enum Part {
    Words(Rows),
    Images(Vec<f32>, Vec<usize>),
}

impl Part {
    fn input(&self) -> Input<'_> {
        match self {
            Part::Words(rows) => rows.padded().into(),
            Part::Images(pixels, widths) => Images {
                pixels,
                widths,
                channels: 1,
                height: HEIGHT,
                width: pixels.len() / widths.len() / HEIGHT,
            }
            .into(),
        }
    }
}

#[test]
fn no_bit_depends_on_the_batch() {
    let words = sentences(SOURCES);
    let (pixels, widths) = pictures();
    for config in models() {
        let images = config.encoder.kind == EncoderKind::Image;
        let model = peaked(&config, 500, 3, &Device::flex());
        for (precision, favour) in [
            (Precision::Full, Favour::Throughput),
            (Precision::Full, Favour::Latency),
            (Precision::Int8, Favour::Throughput),
        ] {
            let searcher = searcher(&model, precision, favour);
            assert_alike(&searcher, |first, count| match images {
                false => Part::Words(Rows::new(&words[first..][..count])),
                // As wide as the widest of them.
                true => {
                    let widths = widths[first..][..count].to_vec();
                    let width = widths.iter().copied().max().unwrap_or(0);
                    let lines = pixels
                        .chunks_exact(24)
                        .skip(first * HEIGHT)
                        .take(count * HEIGHT);
                    let pixels = lines.flat_map(|line| &line[..width]).copied();
                    Part::Images(pixels.collect(), widths)
                }
            });
        }
    }
}
