//! Parameters by name, on the host.

use std::collections::BTreeMap;

/// A tensor on the host, row-major.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Values {
    /// The length of each axis.
    pub shape: Vec<usize>,
    /// The numbers.
    pub data: Vec<f32>,
}

/// Parameters by name, in the order of their names.
pub type Parameters = BTreeMap<String, Values>;
