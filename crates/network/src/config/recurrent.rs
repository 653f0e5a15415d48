//! Keys that every table of recurrent layers has.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use serde::{Serialize, Serializer};

use crate::cell::{Cell, CellKind, Nonlinearity};

/// What layer normalisation (Ba et al. 2016) is applied to in recurrent layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LayerNorm {
    /// Nothing: `false`.
    #[default]
    Off,
    /// Each layer's output, before the next layer reads it: `true`.
    Outputs,
    /// The sums of each gate inside the cells, before their nonlinearities (section 3.1; gate by gate as in Chen et al.
    /// 2018): `"gates"`.
    Gates,
}

impl From<bool> for LayerNorm {
    fn from(given: bool) -> Self {
        match given {
            true => LayerNorm::Outputs,
            false => LayerNorm::Off,
        }
    }
}

impl Serialize for LayerNorm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            LayerNorm::Off => serializer.serialize_bool(false),
            LayerNorm::Outputs => serializer.serialize_bool(true),
            LayerNorm::Gates => serializer.serialize_str("gates"),
        }
    }
}

impl<'de> Deserialize<'de> for LayerNorm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Given;

        impl Visitor<'_> for Given {
            type Value = LayerNorm;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false or \"gates\"")
            }

            fn visit_unit<E: Error>(self) -> Result<LayerNorm, E> {
                Ok(LayerNorm::Off)
            }

            fn visit_bool<E: Error>(self, given: bool) -> Result<LayerNorm, E> {
                Ok(given.into())
            }

            fn visit_str<E: Error>(self, given: &str) -> Result<LayerNorm, E> {
                match given {
                    "gates" => Ok(LayerNorm::Gates),
                    // As a command line has them.
                    "true" => Ok(LayerNorm::Outputs),
                    "false" => Ok(LayerNorm::Off),
                    _ => Err(E::invalid_value(Unexpected::Str(given), &self)),
                }
            }
        }

        deserializer.deserialize_any(Given)
    }
}

/// A table of layers, of which some kinds are recurrent.
pub trait RecurrentConfig {
    /// The number of layers.
    fn layers(&self) -> usize;

    /// The family of its cells, for recurrent kinds.
    fn cell_kind(&self) -> Option<CellKind>;

    /// Nonlinearity of a simple recurrent cell, as given.
    fn nonlinearity(&self) -> Option<Nonlinearity>;

    /// Whether a layer's input is added to its output, as given.
    fn residual(&self) -> Option<bool>;

    /// What is normalised, as given.
    fn layer_norm(&self) -> Option<LayerNorm>;

    /// The cell of its layers, for recurrent kinds.
    fn cell(&self) -> Option<Cell> {
        let kind = self.cell_kind()?;
        Some(Cell::new(kind, self.nonlinearity()))
    }

    /// Whether a layer's input is added to its output, from the second layer on.
    fn adds_inputs(&self) -> bool {
        self.residual().unwrap_or(false)
    }

    /// Whether each layer's output is normalised.
    fn normalises_outputs(&self) -> bool {
        self.layer_norm() == Some(LayerNorm::Outputs)
    }

    /// Whether the sums of each gate are normalised.
    fn normalises_gates(&self) -> bool {
        self.layer_norm() == Some(LayerNorm::Gates)
    }
}
