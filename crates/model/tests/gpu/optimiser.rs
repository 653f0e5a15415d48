//! The optimiser's passes.

use burn::tensor::{Device, Tensor, TensorData};
use operations::optimiser;
use operations::optimiser::cpu::{Adam, adam, squared_norm};

/// More than the threads of one pass, and no multiple of anything.
const COUNT: usize = 20_011;

/// Numbers from -1 to 1.
fn numbers(seed: u64) -> Vec<f32> {
    let number = |n: u64| {
        let mixed = (n + 1).wrapping_mul(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        (mixed >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    (0..COUNT as u64).map(number).collect()
}

fn tensor(values: &[f32], device: &Device) -> Tensor<1> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), device)
}

fn assert_close(found: &Tensor<1>, wanted: &[f32]) {
    let found: Vec<f32> = found.to_data().iter::<f32>().collect();
    for (place, (found, wanted)) in found.iter().zip(wanted).enumerate() {
        let gap = (found - wanted).abs();
        assert!(
            gap <= 1e-6 + 1e-5 * wanted.abs(),
            "{place}: {found} is not {wanted}"
        );
    }
}

#[test]
fn a_norm_over_several_tensors_agrees_with_the_cpu() {
    let Some((gpu, _guard)) = crate::device::gpu() else {
        return;
    };
    let all = [
        numbers(1),
        numbers(2)[..3].to_vec(),
        numbers(3)[..300].to_vec(),
    ];
    let tensors: Vec<Tensor<1>> = all.iter().map(|values| tensor(values, &gpu)).collect();
    let found = optimiser::squared_norm(&tensors.iter().collect::<Vec<_>>()).unwrap();
    let wanted: f64 = all.iter().map(|values| squared_norm(values)).sum();
    assert!(
        (found - wanted).abs() < 1e-5 * wanted,
        "{found} is not {wanted}"
    );
    assert_eq!(
        optimiser::squared_norm(&[&tensor(&all[0], &Device::flex())]),
        None
    );
}

#[test]
fn a_step_of_adam_agrees_with_the_cpu() {
    let Some((gpu, _guard)) = crate::device::gpu() else {
        return;
    };
    let rule = Adam {
        learning_rate: 1e-2,
        beta1: 0.9,
        beta2: 0.99,
        epsilon: 1e-6,
        weight_decay: 0.1,
        step: 3,
        gradient_scale: 0.5,
    };
    let (mut values, gradient, mut first) = (numbers(1), numbers(2), numbers(3));
    let mut second: Vec<f32> = numbers(4).iter().map(|value| value.abs()).collect();
    let on_gpu = [&values, &gradient, &first, &second].map(|values| tensor(values, &gpu));
    let [a, b, c, d] = &on_gpu;
    let (new, [new_first, new_second]) = optimiser::adam(&rule, a, b, [c, d]).unwrap();
    adam(&rule, &mut values, &gradient, &mut first, &mut second);
    assert_close(&new, &values);
    assert_close(&new_first, &first);
    assert_close(&new_second, &second);
    // What came in is as it was.
    assert_close(b, &gradient);
}
