//! Values of the command line that are put over those of a config: `--set KEY=VALUE`.
//!
//! Promised: what is promised of configs.

use config::Config;

use super::config::check;

/// Pieces of overrides.
pub const DICTIONARY: &[&[u8]] = &[
    b"=",
    b"\n",
    b".",
    b"\"",
    b"[",
    b"]",
    b"{a=",
    b"a.",
    b" ",
    b"data.train=x.tsv\n",
    b"data.train={ source = \"x\", target = \"y\" }\n",
    b"data.images={}\n",
    b"model.encoder.kind=conv\n",
    b"model.encoder.kind=image\n",
    b"model.encoder.kernel_width=3\n",
    b"model.decoder.kind=conv\n",
    b"model.attention.kind=luong-dot\n",
    b"model.attention.heads=2\n",
    b"search.method=mbr\n",
    b"search.groups=2\n",
    b"train.objective=minimum-risk\n",
    b"schedule.kind=cosine\n",
    b"optimizer.kind=sgd\n",
    b"tokenizer.shared=true\n",
    b"model=1\n",
    b"seed=9223372036854775807\n",
    b"name=2024-01-01\n",
    b"nan",
    b"true",
    b"0.5",
    b"\x1b[31m",
    b"\xe5\xa5\xbd",
];

/// A config in which keys of several kinds stand that an override can make meaningless.
const BASE: &str = r#"
[data]
train = "builtin:en-zh:train"
valid = "builtin:en-zh:valid"

[model]
hidden_size = 12

[model.encoder]
kind = "rnn"
nonlinearity = "relu"
residual = true

[model.attention]
kind = "multi-head"
query = "after"
heads = 3

[optimizer]
kind = "adamw"
weight_decay = 0.1

[schedule]
kind = "plateau"
patience = 3

[search]
method = "sample"
temperature = 0.5
"#;

/// Puts each line of `input` over a config, in this order.
pub fn run(input: &[u8]) {
    // Arguments are text.
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    let overrides: Vec<String> = text.lines().map(str::to_owned).collect();
    check(Config::parse(BASE, "base.toml", &overrides));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_overrides_the_config_is_right() {
        let found = Config::parse(BASE, "base.toml", &[]);
        assert!(found.is_ok(), "{found:?}");
    }
}
