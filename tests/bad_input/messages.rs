//! What is said of bad input, word for word: `messages.txt` beside this file has it. To write that file anew, run the test
//! with `ATTUNE_UPDATE_MESSAGES=1`, and read what has changed.

use super::*;

/// A mistake: arguments parted by blanks (`_` stands for a blank within one), and what standard input holds.
type Mistake = (&'static str, &'static [u8]);

const TRAIN: &str = "--config tiny.toml --run-dir new ";

/// With a config of the file's text.
const CONFIGS: [&str; 22] = [
    "",
    "[model\nkind = 3\n",
    "seed = 1\nseed = 2\n",
    "[modle]\nhidden_size = 8\n",
    "[train]\nbatch_sise = 8\n",
    "[train]\nbatch_size = \"64\"\nmax_epochs = 1.5\n",
    "[train]\nbatch_size = \"auto\"\n",
    "[train]\nmax_epochs = 0\n",
    "[model]\ndropout = 1.5\n",
    "[model.encoder]\nkind = \"ltsm\"\n",
    "[model.encoder]\nkind = \"lstm\"\nkernel_width = 3\n",
    "[model.attention]\nkind = \"multi-head\"\nheads = 5\n",
    "[model.decoder]\nbidirectional = true\n",
    "[optimizer]\nlearning_rate = -1\n",
    "[optimizer]\nkind = \"adam\"\nmomentum = 0.9\n",
    "[schedule]\nkind = \"cosin\"\n",
    "[valid]\ncriterion = \"blue\"\n",
    "[search]\nbeam = 0\n",
    "[data.filter]\nsource_language = \"english\"\n",
    "[data.filter]\npattern = \"(\"\n",
    "[data.filter]\nmin_words = 9\nmax_words = 3\n",
    "[train.guided_alignment]\nweight = 0.1\n",
];

/// With `data.train` of the file's text.
const CORPORA: [&[u8]; 9] = [
    b"",
    b"\n \t \n",
    b"a\tb\nhello\n",
    b"a\tb\nhello\t\n",
    b"a\tb\tc\n",
    b"a\tb\n\0\tc\n",
    b"caf\xe9\tcoffee\n",
    b"\xff\xfea\0\t\0b\0\n\0",
    b"\x1f\x8b\x08\0\0\0\0\0",
];

/// Of the program as a whole. `run` is a run, `broken` one whose last checkpoint is damaged.
const COMMANDS: [Mistake; 42] = [
    ("--config none.toml", b""),
    ("--config run", b""),
    ("trian --config tiny.toml", b""),
    ("--config tiny.toml --set seed", b""),
    ("--config tiny.toml --set sede=3", b""),
    ("--config tiny.toml --set model.hidden_size=many", b""),
    ("--config tiny.toml --backend gpu", b""),
    ("--config tiny.toml --run-dir run", b""),
    (
        "--config tiny.toml --run-dir run --resume --set seed=8",
        b"",
    ),
    (
        "--config tiny.toml --run-dir run --resume --set model.hidden_size=16",
        b"",
    ),
    ("--config tiny.toml --run-dir run --resume --overwrite", b""),
    ("--config tiny.toml --run-dir train.tsv", b""),
    ("--config tiny.toml --run-dir rnu --resume", b""),
    (
        "--config tiny.toml --run-dir new --set data.train=none.tsv",
        b"",
    ),
    ("--config tiny.toml --run-dir new --set data.train=run", b""),
    (
        "--config tiny.toml --run-dir new --set data.train=builtin:en-zh:trian",
        b"",
    ),
    (
        "--config tiny.toml --run-dir new --set data.valid=-",
        b"a\tb\n",
    ),
    (
        "--config tiny.toml --run-dir new --set data.train={source=\"one\",target=\"two\"}",
        b"",
    ),
    (
        "--config tiny.toml --run-dir new --set data.train=[{corpus=\"one\",weight=-1}]",
        b"",
    ),
    (
        "--config tiny.toml --run-dir new --set data.train=[{corpus=\"one\",tag=\"a_b\"}]",
        b"",
    ),
    (
        "--config tiny.toml --run-dir new --set train.start_from=none",
        b"",
    ),
    ("translate --run none", b"I\n"),
    ("translate --run train.tsv", b"I\n"),
    ("translate --run run --checkpoint 99", b"I\n"),
    ("translate --run run --checkpoint bset", b"I\n"),
    ("translate --run broken --checkpoint last", b"I\n"),
    ("translate --run run --beam 0", b"I\n"),
    ("translate --run run --n-best 0", b"I\n"),
    ("translate --run run --precision int4", b"I\n"),
    ("translate --run run --input none.txt", b""),
    ("translate --run run --output none/out.txt", b"I\n"),
    ("translate --run run --must-contain none.txt", b"I\n"),
    ("translate --run run --replace-unknown none.txt", b"I\n"),
    ("translate --run run --set search.methd=beam", b"I\n"),
    ("translate --run run", b"caf\xe9\n"),
    ("translate --run run", b"I\0eat\n"),
    ("score --run run", b""),
    ("score --run run --data none.tsv", b""),
    ("evaluate --run run --data builtin:dats:test", b""),
    ("export --run run --output run", b""),
    ("average --run none --output new", b""),
    ("data none.tsv", b""),
];

#[test]
fn messages_are_as_they_are_written_down() {
    let sandbox = Sandbox::trained();
    sandbox.train_in("broken", &[]);
    let weights = sandbox.path("broken/checkpoints/last/model.safetensors");
    let mut bytes = fs::read(&weights).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&weights, bytes).unwrap();
    sandbox.write("one", "a\nb\n");
    sandbox.write("two", "A\nB\nC\n");
    let before = sandbox.snapshot();
    let (mut text, mut accepted) = (String::new(), Vec::new());
    let mut note = |title: &str, outcome: &Outcome| {
        match outcome.code {
            Some(2) => outcome.assert_error(2, &[]),
            _ => accepted.push(title.to_owned()),
        }
        // How many threads there are is the machine's.
        let said = outcome
            .err
            .lines()
            .filter(|line| !line.starts_with("backend: "));
        let said: Vec<&str> = said.collect();
        text += &format!("## {title}\n{}\n\n", said.join("\n"));
    };
    for (arguments, input) in COMMANDS {
        let words: Vec<String> = arguments
            .split(' ')
            .map(|word| match word.contains("a_b") {
                true => word.replace('_', " "),
                false => word.to_owned(),
            })
            .collect();
        let outcome = sandbox.pipe(&words, input);
        let shown = match input.is_empty() {
            true => String::new(),
            false => format!(" < {:?}", String::from_utf8_lossy(input)),
        };
        note(&format!("attune {arguments}{shown}"), &outcome);
    }
    assert_unchanged(&sandbox, &before);
    for config in CONFIGS {
        sandbox.write(
            "wrong.toml",
            format!("{config}\n[data]\ntrain = \"train.tsv\"\nvalid = \"valid.tsv\"\n"),
        );
        if config.is_empty() {
            sandbox.write("wrong.toml", config);
        }
        note(
            &format!("config {config:?}"),
            &sandbox.run(&["--config", "wrong.toml", "--run-dir", "new"]),
        );
    }
    for corpus in CORPORA {
        sandbox.write("wrong.tsv", corpus);
        let arguments = format!("{TRAIN}--set data.train=wrong.tsv");
        let words: Vec<&str> = arguments.split(' ').collect();
        let shown = String::from_utf8_lossy(corpus);
        note(&format!("corpus {shown:?}"), &sandbox.run(&words));
    }
    assert_eq!(accepted, [""; 0], "these are no mistakes");
    assert!(!sandbox.path("new").exists());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/bad_input/messages.txt");
    if std::env::var_os("ATTUNE_UPDATE_MESSAGES").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let known = fs::read_to_string(&path).unwrap();
    let [known, found] = [&known, &text].map(|text| text.split("## ").collect::<Vec<_>>());
    for (known, found) in known.iter().zip(&found) {
        assert_eq!(known, found, "see the head of this file");
    }
    assert_eq!(known.len(), found.len());
}
