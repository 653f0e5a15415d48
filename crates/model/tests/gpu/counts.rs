//! Launches.

use burn::tensor::Device;
use model::{ModelConfig, Padded, Pairs, Seq2Seq, launches, parameters};

fn train(model: &Seq2Seq, time: usize) -> f32 {
    let rows = 4;
    let ids: Vec<i32> = (0..rows * time).map(|n| 4 + (n % 7) as i32).collect();
    let lengths: Vec<usize> = (0..rows).map(|row| time - row % 2).collect();
    let words = Padded {
        ids: &ids,
        lengths: &lengths,
        time,
    };
    let pairs = Pairs {
        source: words,
        input: words,
        output: words,
    };
    let loss = model.loss(pairs, 0.1, None);
    let found = parameters::gradients(model, &loss.sum.backward());
    assert!(!found.is_empty());
    loss.sum.into_scalar::<f32>()
}

#[test]
fn baseline() {
    let Some(gpu) = crate::device::gpu() else {
        return;
    };
    let config = ModelConfig {
        embedding_size: 8,
        hidden_size: 16,
        ..ModelConfig::default()
    };
    let device: Device = gpu.autodiff();
    let model = Seq2Seq::new(&config, 12, 12, 1, &device).unwrap();
    let mut totals = vec![];
    for time in [4, 5] {
        train(&model, time);
        let start = std::time::Instant::now();
        let (loss, found) = launches::count(|| train(&model, time));
        eprintln!(
            "time {time}: loss {loss}, {} launches {:?}",
            found.total(),
            start.elapsed()
        );
        for (name, n) in &found.programs {
            eprintln!("  {n:6} {name}");
        }
        totals.push(found.total());
    }
    eprintln!("per time step {}", totals[1] - totals[0]);
}
