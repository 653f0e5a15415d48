//! The guided alignment loss.

use burn::tensor::{Tensor, TensorData};
pub use network::kind::Distance;

/// Weights count as at least this, so that their logarithm and its slope are numbers.
const LEAST: f32 = 1e-30;

/// Where attention is told to look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guide<'a> {
    /// Factor of the distance.
    pub weight: f64,
    /// How it is measured.
    pub distance: Distance,
    /// The weights that each step should have, `[time, rows, source]`: they sum to one, or are all
    /// zero where nothing is known, and such a step counts for nothing.
    pub gold: &'a [f32],
}

/// The distance of `weights`, `[time, batch, source]`, from the guide's gold, summed over steps, `[1]`;
/// not yet multiplied by the guide's weight.
pub fn guided_loss(weights: Tensor<3>, guide: &Guide<'_>) -> Tensor<1> {
    let device = weights.device();
    let shape @ [time, rows, source] = weights.dims();
    let gold = TensorData::new(guide.gold.to_vec(), shape);
    let gold = Tensor::<3>::from_data(gold, &device);
    let of_place = match guide.distance {
        Distance::CrossEntropy => (gold * weights.clamp_min(LEAST).log()).neg(),
        Distance::SquaredError => {
            let known = |step: &[f32]| f32::from(step.iter().any(|&weight| weight > 0.0));
            let known: Vec<f32> = guide.gold.chunks(source.max(1)).map(known).collect();
            let known = TensorData::new(known, [time, rows, 1]);
            (weights - gold).square() * Tensor::<3>::from_data(known, &device)
        }
    };
    of_place.sum_dim(2).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    /// Two steps of two rows over three positions; the second row's second step is told nothing.
    const WEIGHTS: [f32; 12] = [
        0.7, 0.2, 0.1, // step 0, row 0
        0.5, 0.25, 0.25, // step 0, row 1
        0.1, 0.1, 0.8, // step 1, row 0
        0.2, 0.3, 0.5, // step 1, row 1
    ];
    const GOLD: [f32; 12] = [
        1.0, 0.0, 0.0, //
        0.0, 0.5, 0.5, //
        0.0, 1.0, 0.0, //
        0.0, 0.0, 0.0, //
    ];

    fn guide(distance: Distance) -> Guide<'static> {
        Guide {
            weight: 1.0,
            distance,
            gold: &GOLD,
        }
    }

    fn loss(weights: &[f32], distance: Distance) -> f64 {
        let weights = TensorData::new(weights.to_vec(), [2, 2, 3]);
        let weights = Tensor::from_data(weights, &Device::flex());
        f64::from(guided_loss(weights, &guide(distance)).into_scalar::<f32>())
    }

    #[test]
    fn the_distances_are_those_of_their_formulas() {
        // -(ln 0.7 + ln 0.25 / 2 + ln 0.25 / 2 + ln 0.1) = 0.35667494 + 1.38629436 + 2.30258509
        let expected = 4.045_554_398;
        let found = loss(&WEIGHTS, Distance::CrossEntropy);
        assert!((found - expected).abs() < 1e-6, "{found}");
        // 0.09 + 0.04 + 0.01, then 0.25 + 0.0625 + 0.0625, then 0.01 + 0.81 + 0.64
        let expected = 0.14 + 0.375 + 1.46;
        let found = loss(&WEIGHTS, Distance::SquaredError);
        assert!((found - expected).abs() < 1e-6, "{found}");
    }

    #[test]
    fn a_weight_of_zero_costs_much_and_has_a_finite_gradient() {
        let device = Device::flex().autodiff();
        let mut weights = WEIGHTS;
        weights[..3].copy_from_slice(&[0.0, 1.0, 0.0]);
        let weights = TensorData::new(weights.to_vec(), [2, 2, 3]);
        let weights = Tensor::<3>::from_data(weights, &device).require_grad();
        let loss = guided_loss(weights.clone(), &guide(Distance::CrossEntropy));
        let gradients = loss.backward();
        assert!(loss.into_scalar::<f32>() > 60.0);
        let found: Vec<f32> = weights
            .grad(&gradients)
            .unwrap()
            .into_data()
            .iter()
            .collect();
        assert!(found.iter().all(|slope| slope.is_finite()), "{found:?}");
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let device = Device::flex().autodiff();
        for distance in [Distance::CrossEntropy, Distance::SquaredError] {
            let weights = TensorData::new(WEIGHTS.to_vec(), [2, 2, 3]);
            let weights = Tensor::<3>::from_data(weights, &device).require_grad();
            let gradients = guided_loss(weights.clone(), &guide(distance)).backward();
            let found: Vec<f32> = weights
                .grad(&gradients)
                .unwrap()
                .into_data()
                .iter()
                .collect();
            for (place, found) in found.into_iter().enumerate() {
                let at = |step: f32| {
                    let mut weights = WEIGHTS;
                    weights[place] += step;
                    loss(&weights, distance)
                };
                let wanted = (at(1e-3) - at(-1e-3)) / 2e-3;
                let close = (f64::from(found) - wanted).abs() < 5e-3 * wanted.abs().max(1.0);
                assert!(close, "{distance} {place}: {found} is not {wanted}");
            }
        }
    }
}
