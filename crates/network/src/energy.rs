//! How a query and a key make an energy.

/// The energy of a query q with a key k; `V` is what holds a vector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Energy<V> {
    /// v . tanh(k + q), with v, `[key]` (Bahdanau et al. 2015, appendix A.1.2; Luong et al. 2015, equation 8, concat).
    Additive(V),
    /// q . k times a number (Luong et al. 2015, equation 8, dot and general; Vaswani et al. 2017, equation 1).
    Multiplicative(f32),
}

impl<V> Energy<V> {
    /// The same energy with `change` of its vector.
    pub fn map<U>(self, change: impl FnOnce(V) -> U) -> Energy<U> {
        match self {
            Energy::Additive(vector) => Energy::Additive(change(vector)),
            Energy::Multiplicative(scale) => Energy::Multiplicative(scale),
        }
    }

    /// The same energy with its vector borrowed.
    pub fn as_ref(&self) -> Energy<&V> {
        match self {
            Energy::Additive(vector) => Energy::Additive(vector),
            Energy::Multiplicative(scale) => Energy::Multiplicative(*scale),
        }
    }

    /// The vector of an additive energy.
    pub fn vector(self) -> Option<V> {
        match self {
            Energy::Additive(vector) => Some(vector),
            Energy::Multiplicative(_) => None,
        }
    }

    /// The number that a product is multiplied by; 1 for an additive energy.
    pub fn scale(&self) -> f32 {
        match self {
            Energy::Additive(_) => 1.0,
            Energy::Multiplicative(scale) => *scale,
        }
    }

    /// Whether it is additive.
    pub fn is_additive(&self) -> bool {
        matches!(self, Energy::Additive(_))
    }
}
