//! Which positions of a source a step looks at.

/// Positions that a step may look at; `W` is what holds a matrix, `V` a vector.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Reach<W, V = W> {
    /// All of them.
    #[default]
    Everywhere,
    /// Those within `window` of the step's own number, or of the last position if that comes first (Luong et
    /// al. 2015, local-m).
    Monotonic {
        /// D
        window: usize,
    },
    /// Those within `window` of p = n sigmoid(v . tanh(q W_p)) in a source of n positions, the weight of
    /// position s times exp(-(s - p)^2 / (2 (D / 2)^2)) (Luong et al. 2015, equations 9 and 10, local-p).
    Predictive {
        /// D, at least 1.
        window: usize,
        /// W_p, `[hidden, hidden]`
        weight: W,
        /// v, `[hidden]`
        vector: V,
    },
}

impl<W, V> Reach<W, V> {
    /// The numbers of each query that predicts its position: `hidden`, or none.
    #[inline]
    pub fn width(&self, hidden: usize) -> usize {
        match self {
            Reach::Predictive { .. } => hidden,
            _ => 0,
        }
    }

    /// The same reach with `weight` and `vector` of what it has.
    pub fn map<A, B>(
        self,
        of_weight: impl FnOnce(W) -> A,
        of_vector: impl FnOnce(V) -> B,
    ) -> Reach<A, B> {
        match self {
            Reach::Everywhere => Reach::Everywhere,
            Reach::Monotonic { window } => Reach::Monotonic { window },
            Reach::Predictive {
                window,
                weight,
                vector,
            } => Reach::Predictive {
                window,
                weight: of_weight(weight),
                vector: of_vector(vector),
            },
        }
    }
}
