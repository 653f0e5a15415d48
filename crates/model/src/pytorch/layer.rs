//! The names of recurrent layers.

use super::BESIDE;

/// The names of one recurrent layer in one direction.
pub(super) struct Layer {
    /// `encoder.layers.0.forward`.
    pub ours: String,
    /// `encoder.rnn`.
    pub stack: &'static str,
    /// `l0_reverse`.
    pub suffix: String,
}

impl Layer {
    /// The layers, bottom first, that `has` finds.
    pub fn all(has: impl Fn(&Layer) -> bool) -> Vec<Layer> {
        let layer = |part: &str, stack, direction: &str, depth: usize, end: &str| Layer {
            ours: format!("{part}.layers.{depth}{direction}"),
            stack,
            suffix: format!("l{depth}{end}"),
        };
        let mut found = Vec::new();
        for (part, stack, direction, end) in [
            ("encoder", "encoder.rnn", ".forward", ""),
            ("encoder", "encoder.rnn", ".backward", "_reverse"),
            ("decoder", "decoder.rnn", "", ""),
        ] {
            let depths = (0..).map(|depth| layer(part, stack, direction, depth, end));
            found.extend(depths.take_while(&has));
        }
        found
    }

    pub fn ours(&self, name: &str) -> String {
        format!("{}.{name}", self.ours)
    }

    pub fn theirs(&self, name: &str) -> String {
        format!("{}.{name}_{}", self.stack, self.suffix)
    }

    /// Our names of the weights for what enters the layer beside its input.
    pub fn beside(&self) -> &'static [&'static str] {
        if self.ours == "decoder.layers.0" {
            &BESIDE
        } else {
            &[]
        }
    }
}
