//! Prints random pairs of the built-in corpus: `cargo run -p data --example builtin -- test 40 1`
//! prints 40 pairs of the split `test` (or `train`, `valid`, `unseen`), drawn with seed 1.

use data::builtin::{self, Split};
use random::{Place, Purpose, Stream};
use std::io::Write;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let split = match arguments.first().map(String::as_str) {
        Some("train") => Split::Train,
        Some("valid") => Split::Valid,
        Some("unseen") => Split::Unseen,
        None | Some("test") => Split::Test,
        Some(other) => {
            eprintln!("unknown split `{other}`: train, valid, test or unseen");
            std::process::exit(2);
        }
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
    let mut pairs = builtin::en_zh(split);
    Stream::new(place).shuffle(&mut pairs);
    let mut output = std::io::stdout().lock();
    for pair in pairs.iter().take(number(1, 20) as usize) {
        let (pattern, source, target) = (pair.pattern, &pair.source, &pair.target);
        if writeln!(output, "{pattern:<20} {source}  {target}").is_err() {
            return; // The reader has seen enough.
        }
    }
}
