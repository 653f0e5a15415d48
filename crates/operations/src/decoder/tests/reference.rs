//! Reference of the decoder: its equations in double precision.

use super::problem::{EACH, Problem, SCALE, SHARED};
use crate::decoder::cpu::*;
use crate::testing::{Reference, normalise};
use kernels::testing::row_times;

impl Problem {
    /// Outputs and attention weights in double precision, one row at a time.
    pub fn reference(&self, n: &[Vec<f64>]) -> [Vec<f64>; 2] {
        let Shape {
            time,
            batch,
            source,
            hidden,
            ..
        } = self.shape;
        let gates = self.cell.gates() * hidden;
        let mut outputs = vec![0.0; time * batch * hidden];
        let mut all_weights = vec![0.0; time * batch * source];
        let projected = &n[0];
        for row in 0..batch {
            let initial = |list: &Vec<f64>| -> Vec<f64> {
                list.get(row * hidden..(row + 1) * hidden)
                    .unwrap_or(&[])
                    .to_vec()
            };
            let mut states: Vec<[Vec<f64>; 2]> = (0..self.layers)
                .map(|layer| [4, 5].map(|i| initial(&n[SHARED + layer * EACH + i])))
                .collect();
            let mut feed = vec![0.0; hidden];
            let mut sums = vec![0.0; source];
            for t in 0..time {
                let at = t * batch + row;
                let mut asked = None;
                if self.focus.before {
                    asked = Some(self.attend(n, row, t, &states[self.layers - 1][0], &sums));
                }
                let mut below = match &asked {
                    Some((context, _)) => context.clone(),
                    None => feed.clone(),
                };
                for layer in 0..self.layers {
                    let n = &n[SHARED + layer * EACH..];
                    let input = below.clone();
                    if !n[6].is_empty() {
                        below
                            .iter_mut()
                            .zip(&n[6][at * hidden..])
                            .for_each(|(x, m)| *x *= m);
                    }
                    let mut x = row_times(&below, &n[0], gates);
                    let bias = if layer == 0 {
                        &projected[at * gates..]
                    } else {
                        &n[1]
                    };
                    x.iter_mut().zip(bias).for_each(|(x, b)| *x += b);
                    let [h, c] = &states[layer];
                    let (h, c) = Reference::new(self.cell, &n[2], &n[3])
                        .normalised(&n[9], &n[10])
                        .step(&x, h, c);
                    below.clone_from(&h);
                    states[layer] = [h, c];
                    if self.focus.residual && layer > 0 {
                        below.iter_mut().zip(&input).for_each(|(h, x)| *h += x);
                    }
                    if self.focus.norm {
                        normalise(&mut below, &n[7], &n[8]);
                    }
                }
                let (context, weights) =
                    asked.unwrap_or_else(|| self.attend(n, row, t, &below, &sums));
                for (s, weight) in weights.iter().enumerate() {
                    sums[s] += weight;
                    all_weights[at * source + s] = *weight;
                }
                below.extend(context);
                feed = row_times(&below, &n[6], hidden);
                feed.iter_mut()
                    .zip(&n[7])
                    .for_each(|(f, b)| *f = (*f + b).tanh());
                outputs[at * hidden..(at + 1) * hidden].copy_from_slice(&feed);
            }
        }
        [outputs, all_weights]
    }

    /// The context and the weights of a row whose state asks, with the sums of its weights before.
    fn attend(
        &self,
        n: &[Vec<f64>],
        row: usize,
        time: usize,
        state: &[f64],
        sums: &[f64],
    ) -> (Vec<f64>, Vec<f64>) {
        let Shape { keys, heads, .. } = self.shape;
        let query = if n[3].is_empty() {
            state.to_vec()
        } else {
            let mut query = row_times(state, &n[3], keys);
            query.iter_mut().zip(&n[4]).for_each(|(q, b)| *q += b);
            query
        };
        let mut context = vec![];
        let mut means = vec![0.0; self.lengths[row]];
        for (head, query) in query.chunks_exact(keys / heads).enumerate() {
            let (part, weights) = self.attend_by(n, row * heads + head, time, state, query, sums);
            context.extend(part);
            for (mean, weight) in means.iter_mut().zip(weights) {
                *mean += weight / heads as f64;
            }
        }
        (context, means)
    }

    /// Context and weights of one head of a row; `answer` counts the heads of all rows.
    fn attend_by(
        &self,
        n: &[Vec<f64>],
        answer: usize,
        time: usize,
        state: &[f64],
        query: &[f64],
        sums: &[f64],
    ) -> (Vec<f64>, Vec<f64>) {
        let Shape {
            source,
            hidden,
            heads,
            ..
        } = self.shape;
        let (keys, memory) = (self.shape.keys / heads, self.shape.memory / heads);
        let length = self.lengths[answer / heads];
        let mut center = time.min(length - 1) as f64;
        if self.focus.predicts {
            let place: f64 = row_times(state, &n[9], hidden)
                .iter()
                .zip(&n[10])
                .map(|(x, v)| x.tanh() * v)
                .sum();
            center = length as f64 / (1.0 + (-place).exp());
        }
        let window = self
            .focus
            .window
            .map_or(f64::INFINITY, |window| window as f64);
        let far = |s: usize| (s as f64 - center).abs();
        let masses: Vec<f64> = (0..length)
            .map(|s| {
                let key = &n[2][(answer * source + s) * keys..][..keys];
                let energy: f64 = (0..keys)
                    .map(|a| match self.additive {
                        true => {
                            let covered = n[8].get(a).map_or(0.0, |w| w * sums[s]);
                            n[5][a] * (key[a] + query[a] + covered).tanh()
                        }
                        false => f64::from(SCALE) * key[a] * query[a],
                    })
                    .sum();
                if far(s) > window { 0.0 } else { energy.exp() }
            })
            .collect();
        let total: f64 = masses.iter().sum();
        let mut context = vec![0.0; memory];
        let mut weights = Vec::with_capacity(length);
        for (s, mass) in masses.iter().enumerate() {
            let mut weight = mass / total;
            if self.focus.predicts {
                weight *= (-2.0 * (far(s) / window).powi(2)).exp();
            }
            let vector = &n[1][(answer * source + s) * memory..][..memory];
            context
                .iter_mut()
                .zip(vector)
                .for_each(|(c, m)| *c += weight * m);
            weights.push(weight);
        }
        (context, weights)
    }
}
