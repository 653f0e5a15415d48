//! Config files.
//!
//! Promised: a config that is read is written as TOML that is read back to an equal one; what is said of one that is
//! refused fits on a screen and shows no control character of the file.

use config::{Config, ConfigError, Loaded};

use crate::{message, scratch};

/// Pieces of configs.
pub const DICTIONARY: &[&[u8]] = &[
    b"\n",
    b"\r\n",
    b" = ",
    b".",
    b"[",
    b"]",
    b"[[",
    b"]]",
    b"{ ",
    b" }",
    b"{a=",
    b"a.",
    b"\"",
    b"'",
    b"\"\"\"",
    b"'''",
    b"#",
    b"\\u0000",
    b"\\e",
    b"true",
    b"-1",
    b"nan",
    b"-inf",
    b"1e999",
    b"5e-324",
    b"9223372036854775807",
    b"9223372036854775808",
    b"0x_1",
    b"1979-05-27T07:32:00Z",
    b"\xef\xbb\xbf",
    b"\xe5\xa5\xbd",
    b"\xff",
    b"\0",
    b"\x1b[31m",
    b"name = \"x\"\n",
    b"seed = 1\n",
    b"[model.encoder]\n",
    b"[model.decoder]\n",
    b"[model.attention]\n",
    b"[data.images]\n",
    b"[tokenizer.source]\n",
    b"[train.teacher_forcing]\n",
    b"kind = \"conv\"\n",
    b"kind = \"image\"\n",
    b"kind = \"gru\"\n",
    b"kind = \"multi-head\"\n",
    b"kind = \"time-dense\"\n",
    b"layers = 8\n",
    b"hidden_size = 7\n",
    b"\"builtin:digits:train\"",
    b"\"builtin:en-zh:train\"",
    b"{ source = \"x.en\", target = \"x.zh\" }",
    b"columns = [\"source\", \"target\", \"skip\"]\n",
    b"method = \"mbr\"\n",
    b"file = \"\"\n",
];

/// Reads `input` as a config file.
pub fn run(input: &[u8]) {
    let path = scratch::file("config.toml", input);
    check(Config::load(&path, &[]));
}

/// Fails unless what is promised of configs holds.
pub(super) fn check(found: Result<Loaded, ConfigError>) {
    let config = match found {
        Ok(loaded) => loaded.config,
        Err(error) => return message::check_shown(&error),
    };
    let text = config.to_toml();
    match Config::parse(&text, "written.toml", &[]) {
        Ok(again) => assert_eq!(again.config, config, "{text}"),
        Err(error) => panic!("{error}\n{text}"),
    }
}
