//! Prints random pairs of a built-in corpus: `cargo run -p corpora --example builtin -- dates:test 40 1`
//! prints 40 pairs of `builtin:dates:test`, drawn with seed 1.

use corpora::Builtin;
use random::{Place, Purpose, Stream};
use std::io::Write;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let name = arguments.first().map_or("en-zh:test", String::as_str);
    let name = format!("builtin:{name}");
    let Some(builtin) = Builtin::named(&name) else {
        eprintln!(
            "no corpus `{name}`; choose one of {}",
            Builtin::choices(&name)
        );
        std::process::exit(2);
    };
    let number = |place: usize, default: u64| {
        let given = arguments.get(place).and_then(|text| text.parse().ok());
        given.unwrap_or(default)
    };
    let place = Place {
        seed: number(2, 0),
        purpose: Purpose::Sample,
        step: 0,
        index: 0,
    };
    let mut pairs = builtin.pairs().to_vec();
    Stream::new(place).shuffle(&mut pairs);
    let mut output = std::io::stdout().lock();
    for pair in pairs.iter().take(number(1, 20) as usize) {
        if writeln!(output, "{}\t{}", pair.source, pair.target).is_err() {
            return; // The reader has seen enough.
        }
    }
}
