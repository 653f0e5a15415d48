//! Attention: how a decoder reads the memory.

use super::linear::Linear;
use super::part::{Change, Part, Path, parts};
use crate::config::AttentionConfig;
use crate::energy::Energy;
use crate::error::NetworkError;
use crate::kind::AttentionKind;
use crate::reach::Reach;
use crate::shape::Shape;

parts! {
    /// Several attentions side by side (Vaswani et al. 2017, section 3.2.2), each with its part of queries, keys and
    /// values.
    pub struct Heads {
        /// The heads' W_v side by side, `[memory, hidden]`.
        part value: Linear<T>,
        /// W_o, `[hidden, hidden]`: what their contexts side by side are multiplied by.
        part output: Linear<T>,
        /// How many; the hidden size is a multiple.
        known count: usize,
    }

    /// How the memory is read at each step.
    pub struct Attention {
        /// W_k, `[memory, key]`; none where the memory serves as keys. Of several heads side by side.
        part key: Option<Linear<T>>,
        /// W_q and b, `[hidden, key]`; none where states are queries. Of several heads side by side.
        part query: Option<Linear<T>>,
        /// How a query and a key make an energy.
        here energy: Energy<T>,
        /// Which positions a query looks at.
        here reach: Reach<Linear<T>, T>,
        /// w_c, `[key]`: what the sum of the weights that a position had before is multiplied by, in the tangent of
        /// an additive energy (See et al. 2017, equation 11).
        maybe coverage: Option<T>,
        /// Several attentions side by side, with a multiplicative energy that all positions have part in.
        here heads: Option<Heads<T>>,
    }
}

impl<T> Part for Energy<T> {
    type Value = T;
    type With<U> = Energy<U>;

    fn try_map<U>(
        self,
        path: &mut Path,
        change: &mut Change<'_, T, U>,
    ) -> Result<Energy<U>, NetworkError> {
        Ok(match self {
            Energy::Additive(vector) => {
                Energy::Additive(path.inside("energy", |path| change(path.name(), vector))?)
            }
            Energy::Multiplicative(scale) => Energy::Multiplicative(scale),
        })
    }

    fn visit<'a>(&'a self, path: &mut Path, see: &mut dyn FnMut(&str, &'a T)) {
        if let Energy::Additive(vector) = self {
            path.inside("energy", |path| see(path.name(), vector));
        }
    }
}

impl<T> Part for Reach<Linear<T>, T> {
    type Value = T;
    type With<U> = Reach<Linear<U>, U>;

    fn try_map<U>(
        self,
        path: &mut Path,
        change: &mut Change<'_, T, U>,
    ) -> Result<Self::With<U>, NetworkError> {
        Ok(match self {
            Reach::Everywhere => Reach::Everywhere,
            Reach::Monotonic { window } => Reach::Monotonic { window },
            Reach::Predictive {
                window,
                weight,
                vector,
            } => Reach::Predictive {
                window,
                weight: path.inside("position", |path| weight.try_map(path, change))?,
                vector: path.inside("position_vector", |path| change(path.name(), vector))?,
            },
        })
    }

    fn visit<'a>(&'a self, path: &mut Path, see: &mut dyn FnMut(&str, &'a T)) {
        if let Reach::Predictive { weight, vector, .. } = self {
            path.inside("position", |path| weight.visit(path, see));
            path.inside("position_vector", |path| see(path.name(), vector));
        }
    }
}

impl Attention<Shape> {
    /// For a memory of `memory` units and queries of `hidden` units; none for kinds that do not ask at each step.
    pub fn new(config: &AttentionConfig, memory: usize, hidden: usize) -> Option<Self> {
        let root = |size: usize| (1.0 / (size as f64).sqrt()) as f32;
        // Luong's general, of which most kinds are variants.
        let mut found = Self {
            key: Some(Linear::new(memory, hidden, false)),
            query: None,
            energy: Energy::Multiplicative(1.0),
            reach: Reach::Everywhere,
            coverage: (config.coverage == Some(true)).then(|| [hidden].into()),
            heads: None,
        };
        let window = config.window();
        match config.kind {
            AttentionKind::None | AttentionKind::TimeDense | AttentionKind::TanhPool => {
                return None;
            }
            AttentionKind::Bahdanau | AttentionKind::LuongConcat => {
                let bias = config.kind == AttentionKind::Bahdanau;
                found.query = Some(Linear::new(hidden, hidden, bias));
                found.energy = Energy::Additive([hidden].into());
            }
            AttentionKind::LuongDot => found.key = None,
            AttentionKind::LuongGeneral => {}
            AttentionKind::ScaledDot => {
                found.key = found.key.filter(|_| memory != hidden);
                found.energy = Energy::Multiplicative(root(hidden));
            }
            AttentionKind::LocalM => found.reach = Reach::Monotonic { window },
            AttentionKind::LocalP => {
                found.reach = Reach::Predictive {
                    window,
                    weight: Linear::new(hidden, hidden, false),
                    vector: [hidden].into(),
                };
            }
            AttentionKind::MultiHead => {
                let count = config.heads(hidden);
                found.query = Some(Linear::new(hidden, hidden, false));
                found.energy = Energy::Multiplicative(root(hidden / count));
                found.heads = Some(Heads {
                    value: Linear::new(memory, hidden, false),
                    output: Linear::new(hidden, hidden, false),
                    count,
                });
            }
        }
        Some(found)
    }
}
