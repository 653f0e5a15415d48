//! The image encoder: blocks of convolution, max(0, x) and pooling, and the layer above them.

use divan::{Bencher, black_box_drop};
use model::encoder::{EncoderConfig, EncoderKind, ImageEncoder};
use model::initial::Initialiser;
use model::{Images, ModelConfig};

use crate::subject::{Case, cases, device, numbers};

/// Grey images of 32 rows, 16 columns of pixels for each word of a source, the last of them narrower.
#[divan::bench(args = cases())]
fn three_blocks(bencher: Bencher, case: Case) {
    const HEIGHT: usize = 32;
    let sizes = case.begin();
    let (batch, width) = (sizes.batch / 2, 16 * sizes.source);
    let config = ModelConfig {
        hidden_size: sizes.hidden / 4,
        encoder: EncoderConfig {
            kind: EncoderKind::Image,
            layers: 3,
            height: Some(HEIGHT),
            channels: Some(sizes.hidden / 16),
            ..EncoderConfig::default()
        },
        ..ModelConfig::default()
    };
    let encoder = ImageEncoder::new(&Initialiser::new(1, &device()), &config.effective());
    let pixels = numbers(batch * HEIGHT * width, 2);
    let widths: Vec<usize> = (0..batch).map(|image| width - image % 8).collect();
    let images = Images {
        pixels: &pixels,
        widths: &widths,
        channels: 1,
        height: HEIGHT,
        width,
    };
    bencher.bench_local(|| {
        let encoded = encoder.encode(images, None);
        black_box_drop(encoded.memory.sum().backward());
    });
}
