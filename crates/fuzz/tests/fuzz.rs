//! Every parser is tried with what is kept for it, and with mutants of that until its time is over.

use std::collections::BTreeSet;

use fuzz::allocation::Noting;
use fuzz::{Target, kept, target};

#[global_allocator]
static ALLOCATOR: Noting = Noting;

/// A test for each target.
macro_rules! targets {
    ($($name:ident)*) => {
        const TARGETS: &[&str] = &[$(stringify!($name)),*];

        $(
            #[test]
            fn $name() {
                let target = Target {
                    name: stringify!($name),
                    dictionary: target::$name::DICTIONARY,
                    run: target::$name::run,
                };
                target.fuzz();
            }
        )*
    };
}

targets! { config image lines links overrides pairs parallel safetensors state tokenizer }

#[test]
fn every_target_has_a_few_small_inputs_of_its_own() {
    assert_eq!(kept::targets(), TARGETS);
    for target in TARGETS {
        let inputs = kept::inputs(target);
        assert!(inputs.len() >= 5, "{target}");
        for (name, input) in &inputs {
            assert!(input.len() < 10_000, "{target}/{name}");
        }
        let different: BTreeSet<&Vec<u8>> = inputs.iter().map(|(_, input)| input).collect();
        assert_eq!(different.len(), inputs.len(), "{target}");
    }
}
