//! Damaged text ends in a short message or in a config that survives writing, never in a panic.

use random::{Place, Purpose, Stream};

use super::{LEAST, parse};

const PIECES: [&str; 40] = [
    "\n",
    "\n",
    " ",
    "=",
    " = ",
    ".",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "\"",
    "'",
    "\"\"\"",
    "#",
    ",",
    "0",
    "-1",
    "1e999",
    "0x",
    "nan",
    "true",
    "1979-05-27",
    "\\",
    "\\u0000",
    "\r",
    "\u{feff}",
    "\u{0}",
    "好",
    "a",
    "kind",
    "model",
    "data",
    "train",
    "name = ",
    "[model.encoder]",
    "source",
    "99999999999999999999",
    "\u{1b}[31m",
];

fn stream(step: u64) -> Stream {
    Stream::new(Place {
        seed: 2,
        purpose: Purpose::Sample,
        step,
        index: 0,
    })
}

fn pick<'a>(stream: &mut Stream, from: &[&'a str]) -> &'a str {
    from[stream.below(from.len() as u32) as usize]
}

/// Reads and checks what comes of it.
fn holds(text: &str, overrides: &[&str]) {
    match parse(text, overrides) {
        Ok(loaded) => {
            let written = loaded.config.to_toml();
            let again = parse(&written, &[]).unwrap_or_else(|error| panic!("{error}\n{written}"));
            assert_eq!(again.config, loaded.config);
        }
        Err(error) => {
            let message = error.to_string();
            assert!(message.lines().count() <= 4, "{message}");
            assert!(message.chars().count() < 1_000, "{message}");
            let clean = |letter: char| letter == '\n' || !letter.is_control();
            assert!(message.chars().all(clean), "{message:?}");
        }
    }
}

#[test]
fn text_of_random_pieces() {
    for step in 0..3_000 {
        let mut stream = stream(step);
        let count = stream.below(30);
        let text: String = (0..count).map(|_| pick(&mut stream, &PIECES)).collect();
        holds(&text, &[]);
    }
}

#[test]
fn a_config_with_pieces_cut_out_and_put_in() {
    let whole: Vec<char> = parse(LEAST, &[])
        .unwrap()
        .config
        .to_toml()
        .chars()
        .collect();
    for step in 0..1_000 {
        let mut stream = stream(step);
        let mut text = whole.clone();
        for _ in 0..=stream.below(4) {
            let start = stream.below(text.len() as u32) as usize;
            let end = (start + stream.below(12) as usize).min(text.len());
            let piece: Vec<char> = pick(&mut stream, &PIECES).chars().collect();
            text.splice(start..end, piece);
        }
        holds(&text.into_iter().collect::<String>(), &[]);
    }
}

#[test]
fn overrides_of_random_pieces() {
    let keys = [
        "data.train",
        "model",
        "model.encoder.kind",
        "name",
        "seed",
        "tokenizer.source.file",
        "x",
        "",
    ];
    for step in 0..3_000 {
        let mut stream = stream(step);
        let mut text = pick(&mut stream, &keys).to_owned();
        for _ in 0..stream.below(8) {
            text.push_str(pick(&mut stream, &PIECES));
        }
        holds(LEAST, &[&text]);
    }
}

#[test]
fn deep_and_long_text() {
    let dots = format!("{}a = 1\n", "a.".repeat(50_000));
    let overriding = format!("{}a=1", "a.".repeat(50_000));
    let lists = format!("seed = {}", "[".repeat(50_000));
    let tables = format!("name={}", "{a=".repeat(50_000));
    holds(&dots, &[]);
    holds(&lists, &[]);
    holds(LEAST, &[&overriding]);
    holds(LEAST, &[&tables]);
    holds(&format!("{} = 1\n", "k".repeat(100_000)), &[]);
    holds(
        &format!("{LEAST}model.encoder.kind = \"{}\"\n", "k".repeat(100_000)),
        &[],
    );
}
