//! Attention: how a decoder reads the memory.

use super::linear::Linear;
use super::part::{Change, Part, Path, parts};
use crate::config::AttentionConfig;
use crate::error::NetworkError;
use crate::kind::AttentionKind;
use crate::shape::Shape;

parts! {
    /// Several attentions side by side (Vaswani et al. 2017, section 3.2.2), each with its part of queries, keys and
    /// values.
    pub struct Heads {
        /// The heads' W_q side by side, `[hidden, hidden]`.
        part query: Linear<T>,
        /// The heads' W_v side by side, `[memory, hidden]`.
        part value: Linear<T>,
        /// W_o, `[hidden, hidden]`: what their contexts side by side are multiplied by.
        part output: Linear<T>,
        /// How many; the hidden size is a multiple.
        known count: usize,
    }

    /// How the memory is read at each step.
    pub struct Attention {
        /// How a query and a key make an energy.
        here energy: Energy<T>,
        /// Which positions a query looks at.
        here reach: Reach<T>,
        /// w_c, `[key]`: what the sum of the weights that a position had before is multiplied by, in the tangent of
        /// an additive energy (See et al. 2017, equation 11).
        maybe coverage: Option<T>,
        /// Several attentions side by side, with a multiplicative energy that all positions have part in.
        here heads: Option<Heads<T>>,
    }
}

/// How a query and a key make an energy.
#[derive(Debug, Clone, PartialEq)]
pub enum Energy<T> {
    /// v . tanh(W_k m + W_q q + b): Bahdanau et al. (2015), appendix A.1.2; without b Luong et al. (2015), equation 8,
    /// concat.
    Additive {
        /// W_k, `[memory, key]`.
        key: Linear<T>,
        /// W_q and b, `[hidden, key]`.
        query: Linear<T>,
        /// v, `[key]`.
        vector: T,
    },
    /// scale * q . (W_k m): Luong et al. (2015), equation 8, dot and general; Vaswani et al. (2017), equation 1.
    Multiplicative {
        /// W_k, `[memory, hidden]`; none where the memory serves as it is.
        key: Option<Linear<T>>,
        /// Factor of the product of query and key.
        scale: f32,
    },
}

/// Which positions of a source a step may look at.
#[derive(Debug, Clone, PartialEq)]
pub enum Reach<T> {
    /// All of them.
    Everywhere,
    /// Those within `window` of the step's own number, or of the last position if that comes first (Luong et
    /// al. 2015, local-m).
    Monotonic {
        /// D
        window: usize,
    },
    /// Those within `window` of p = S sigmoid(v . tanh(W_p q)) in a source of S positions (Luong et al. 2015,
    /// equations 9 and 10, local-p).
    Predictive {
        /// D, at least 1.
        window: usize,
        /// W_p, `[hidden, hidden]`.
        position: Linear<T>,
        /// v, `[hidden]`.
        vector: T,
    },
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
            Energy::Additive { key, query, vector } => Energy::Additive {
                key: path.inside("key", |path| key.try_map(path, change))?,
                query: path.inside("query", |path| query.try_map(path, change))?,
                vector: path.inside("energy", |path| change(path.name(), vector))?,
            },
            Energy::Multiplicative { key, scale } => Energy::Multiplicative {
                key: path.inside("key", |path| key.try_map(path, change))?,
                scale,
            },
        })
    }

    fn visit<'a>(&'a self, path: &mut Path, see: &mut dyn FnMut(&str, &'a T)) {
        match self {
            Energy::Additive { key, query, vector } => {
                path.inside("key", |path| key.visit(path, see));
                path.inside("query", |path| query.visit(path, see));
                path.inside("energy", |path| see(path.name(), vector));
            }
            Energy::Multiplicative { key, .. } => {
                path.inside("key", |path| key.visit(path, see));
            }
        }
    }
}

impl<T> Part for Reach<T> {
    type Value = T;
    type With<U> = Reach<U>;

    fn try_map<U>(
        self,
        path: &mut Path,
        change: &mut Change<'_, T, U>,
    ) -> Result<Reach<U>, NetworkError> {
        Ok(match self {
            Reach::Everywhere => Reach::Everywhere,
            Reach::Monotonic { window } => Reach::Monotonic { window },
            Reach::Predictive {
                window,
                position,
                vector,
            } => Reach::Predictive {
                window,
                position: path.inside("position", |path| position.try_map(path, change))?,
                vector: path.inside("position_vector", |path| change(path.name(), vector))?,
            },
        })
    }

    fn visit<'a>(&'a self, path: &mut Path, see: &mut dyn FnMut(&str, &'a T)) {
        if let Reach::Predictive {
            position, vector, ..
        } = self
        {
            path.inside("position", |path| position.visit(path, see));
            path.inside("position_vector", |path| see(path.name(), vector));
        }
    }
}

impl Attention<Shape> {
    /// For a memory of `memory` units and queries of `hidden` units; none for kinds that do not ask at each step.
    pub(super) fn new(config: &AttentionConfig, memory: usize, hidden: usize) -> Option<Self> {
        let key = || Linear::new(memory, hidden, false);
        let additive = |bias| Energy::Additive {
            key: key(),
            query: Linear::new(hidden, hidden, bias),
            vector: [hidden].into(),
        };
        let multiplicative = |key, scale| Energy::Multiplicative { key, scale };
        let root = |size: usize| (1.0 / (size as f64).sqrt()) as f32;
        let mut reach = Reach::Everywhere;
        let mut heads = None;
        let window = config.window();
        let energy = match config.kind {
            AttentionKind::None | AttentionKind::TimeDense | AttentionKind::TanhPool => {
                return None;
            }
            AttentionKind::Bahdanau => additive(true),
            AttentionKind::LuongConcat => additive(false),
            AttentionKind::LuongDot => multiplicative(None, 1.0),
            AttentionKind::LuongGeneral => multiplicative(Some(key()), 1.0),
            AttentionKind::ScaledDot => multiplicative((memory != hidden).then(key), root(hidden)),
            AttentionKind::LocalM => {
                reach = Reach::Monotonic { window };
                multiplicative(Some(key()), 1.0)
            }
            AttentionKind::LocalP => {
                reach = Reach::Predictive {
                    window,
                    position: Linear::new(hidden, hidden, false),
                    vector: [hidden].into(),
                };
                multiplicative(Some(key()), 1.0)
            }
            AttentionKind::MultiHead => {
                let count = config.heads(hidden);
                heads = Some(Heads {
                    query: Linear::new(hidden, hidden, false),
                    value: Linear::new(memory, hidden, false),
                    output: Linear::new(hidden, hidden, false),
                    count,
                });
                multiplicative(Some(key()), root(hidden / count))
            }
        };
        let covers = config.coverage == Some(true);
        Some(Self {
            energy,
            reach,
            coverage: covers.then(|| [hidden].into()),
            heads,
        })
    }
}
