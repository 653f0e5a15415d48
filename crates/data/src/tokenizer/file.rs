//! Tokenizers as files: standard `tokenizer.json`, written whole or not at all.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use serde_json::{Map, Value};
use tokenizers::models::ModelWrapper;

use super::charsmap::any_too_long;
use super::guard::guarded;
use crate::error::DataError;
use crate::special::{MARKS, UNK};
use crate::whole_file;

/// Larger files are refused: the largest vocabularies take some tens of megabytes.
const LARGEST: u64 = 1 << 30;

/// Reads the file of a tokenizer; see [`parse`].
pub(super) fn load(path: &Path) -> Result<tokenizers::Tokenizer, DataError> {
    crate::corpus::check_regular(path)?;
    parse(read(path)?, path)
}

/// Makes sure that the bytes of a `tokenizer.json`, which messages call `path`, can be worked with.
pub(super) fn parse(bytes: Vec<u8>, path: &Path) -> Result<tokenizers::Tokenizer, DataError> {
    let not_a_tokenizer = |line: usize, cause: String| DataError::NotATokenizer {
        path: path.to_owned(),
        line,
        cause,
    };
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..valid]
            .iter()
            .filter(|&&b| b == b'\n')
            .count();
        not_a_tokenizer(line, "it is not UTF-8 text".to_owned())
    })?;
    // JSON first, whose errors know their line; the library's own do not.
    let mut parts: Map<String, Value> = serde_json::from_str(&text)
        .map_err(|error| not_a_tokenizer(error.line().max(1), error.to_string()))?;
    drop(text);
    leave_out(&mut parts);
    if parts.get("normalizer").is_some_and(any_too_long) {
        let cause = "its map of characters is shorter than it says".to_owned();
        return Err(not_a_tokenizer(1, cause));
    }
    let library = guarded(|| {
        let library: tokenizers::Tokenizer = serde_json::from_value(Value::Object(parts))
            .map_err(|error| not_a_tokenizer(1, error.to_string()))?;
        check_marks(path, &library)?;
        check_unknown(&library).map_err(|cause| not_a_tokenizer(1, cause.to_owned()))?;
        Ok(library)
    });
    library.map_err(|cause| not_a_tokenizer(1, format!("it makes the library fail: {cause}")))?
}

/// The bytes of a file that may be a tokenizer: not too many, and a JSON object's.
fn read(path: &Path) -> Result<Vec<u8>, DataError> {
    let reading = |cause| {
        // Some systems open a folder and fail with another error when it is read.
        if path.is_dir() {
            DataError::reading(path.to_owned(), io::ErrorKind::IsADirectory.into())
        } else {
            DataError::reading(path.to_owned(), cause)
        }
    };
    let refused = |cause: &str| DataError::NotATokenizer {
        path: path.to_owned(),
        line: 1,
        cause: cause.to_owned(),
    };
    let mut file = BufReader::new(File::open(path).map_err(reading)?);
    // A device can go on for ever: look at what comes before reading it all.
    let start = file.fill_buf().map_err(reading)?;
    let first = start.iter().find(|byte| !byte.is_ascii_whitespace());
    if let Some(first) = first
        && *first != b'{'
    {
        return Err(refused("it does not begin with `{`, as a JSON object does"));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(reading)?;
    if bytes.len() as u64 > LARGEST {
        return Err(refused("it is larger than 1 GiB"));
    }
    Ok(bytes)
}

/// Takes out what is not ours to do or not wanted here: cutting sentences short, filling them up, adding
/// marks (this program does that itself), and leaving out merges by chance.
fn leave_out(parts: &mut Map<String, Value>) {
    for key in ["truncation", "padding"] {
        parts.insert(key.to_owned(), Value::Null);
    }
    // This one only moves offsets.
    if parts
        .get("post_processor")
        .is_some_and(|part| part["type"] != "ByteLevel")
    {
        parts.insert("post_processor".to_owned(), Value::Null);
    }
    if let Some(dropout) = parts
        .get_mut("model")
        .and_then(|model| model.get_mut("dropout"))
    {
        *dropout = Value::Null;
    }
}

fn check_marks(path: &Path, library: &tokenizers::Tokenizer) -> Result<(), DataError> {
    for (id, mark) in (0..).zip(MARKS) {
        if library.token_to_id(mark) != Some(id) || library.id_to_token(id).as_deref() != Some(mark)
        {
            let found = library
                .id_to_token(id)
                .map_or_else(|| "no token".to_owned(), |token| format!("`{token}`"));
            return Err(DataError::MarksElsewhere {
                path: path.to_owned(),
                id,
                found,
            });
        }
    }
    Ok(())
}

/// Text that the vocabulary lacks must become `<unk>` or bytes, not vanish or stop a run.
fn check_unknown(library: &tokenizers::Tokenizer) -> Result<(), &'static str> {
    let unk = MARKS[UNK as usize];
    let covered = match library.get_model() {
        ModelWrapper::WordLevel(model) => model.unk_token == unk,
        ModelWrapper::WordPiece(model) => model.unk_token == unk,
        ModelWrapper::BPE(model) => {
            let bytes =
                || super::pipeline::byte_tokens().all(|t| library.token_to_id(&t).is_some());
            model.unk_token.as_deref() == Some(unk) || (model.byte_fallback && bytes())
        }
        // The library keeps this number to itself but shows it in the file.
        ModelWrapper::Unigram(model) => serde_json::to_value(model)
            .is_ok_and(|value| value["unk_id"].as_u64() == Some(u64::from(UNK))),
    };
    if covered {
        Ok(())
    } else {
        Err("its model must name <unk>, id 1, as the token for what it does not know")
    }
}

/// Writes `text` to `path`, whole or not at all.
pub(super) fn save(path: &Path, text: &str) -> Result<(), DataError> {
    whole_file::write(path, text.as_bytes()).map_err(|cause| DataError::Unwritable {
        path: path.to_owned(),
        cause,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::tokenizer::tests::{config, trained};
    use crate::tokenizer::{Kind, Tokenizer};

    fn message_of(json: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.json");
        std::fs::write(&path, json).unwrap();
        Tokenizer::load(&path).unwrap_err().to_string()
    }

    fn word_level(vocabulary: &str, unk: &str) -> String {
        format!(
            "{{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":[],\
             \"normalizer\":null,\"pre_tokenizer\":null,\"post_processor\":null,\"decoder\":null,\
             \"model\":{{\"type\":\"WordLevel\",\"vocab\":{vocabulary},\"unk_token\":\"{unk}\"}}}}"
        )
    }

    #[test]
    fn a_file_that_is_no_tokenizer_is_refused_with_its_line() {
        assert!(message_of("{\n\"a\": 1,\n").contains("t.json:3: not a tokenizer.json"));
        assert!(message_of("{\"a\": 1}").contains("t.json:1: not a tokenizer.json"));
        assert!(message_of("").contains("not a tokenizer.json"));
        assert!(message_of(" [1]").contains("does not begin with `{`"));
    }

    #[test]
    fn marks_must_be_the_first_four_ids() {
        let bert = r#"{"[PAD]":0,"<unk>":1,"<s>":2,"</s>":3}"#;
        let message = message_of(&word_level(bert, "<unk>"));
        assert!(message.contains("<pad> <unk> <s> </s>"), "{message}");
        assert!(message.contains("id 0 is `[PAD]`"), "{message}");
        let short = r#"{"<pad>":0,"<unk>":1,"<s>":2}"#;
        assert!(message_of(&word_level(short, "<unk>")).contains("id 3 is no token"));
    }

    #[test]
    fn gaps_and_a_foreign_unknown_token_are_refused() {
        let gap = r#"{"<pad>":0,"<unk>":1,"<s>":2,"</s>":3,"a":5}"#;
        let message = message_of(&word_level(gap, "<unk>"));
        assert!(message.contains("no token has the id 4"), "{message}");
        let message = message_of(&word_level(&gap.replace('5', "4"), "[UNK]"));
        assert!(message.contains("must name <unk>"), "{message}");
    }

    /// A tokenizer of words between white space, with one part in place of another.
    fn with(part: &str, value: Value) -> String {
        let vocabulary = r#"{"<pad>":0,"<unk>":1,"<s>":2,"</s>":3,"a":4,"b,":5}"#;
        let mut whole: Value = serde_json::from_str(&word_level(vocabulary, "<unk>")).unwrap();
        whole["pre_tokenizer"] = json!({"type": "WhitespaceSplit"});
        whole[part] = value;
        whole.to_string()
    }

    #[test]
    fn files_that_make_the_library_fail_are_refused() {
        for (part, value) in [
            (
                "normalizer",
                json!({"type": "Precompiled", "precompiled_charsmap": "AAAAAA=="}),
            ),
            (
                "normalizer",
                json!({"type": "Precompiled", "precompiled_charsmap": "/////wAA"}),
            ),
            ("pre_tokenizer", json!({"type": "FixedLength", "length": 0})),
            (
                "decoder",
                json!({"type": "Strip", "content": "a", "start": 0, "stop": 9}),
            ),
            (
                "normalizer",
                json!({"type": "Replace", "pattern": {"Regex": "("}, "content": ""}),
            ),
        ] {
            let message = message_of(&with(part, value));
            assert!(
                message.contains("t.json:1: not a tokenizer.json"),
                "{message}"
            );
        }
    }

    #[test]
    fn what_would_add_marks_or_cut_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.json");
        let template = json!({
            "type": "TemplateProcessing",
            "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [{"SpecialToken": {"id": "</s>", "type_id": 0}}],
            "special_tokens": {"</s>": {"id": "</s>", "ids": [3], "tokens": ["</s>"]}},
        });
        let truncation = json!({
            "direction": "Right", "max_length": 1, "strategy": "LongestFirst", "stride": 5,
        });
        for (part, value) in [("post_processor", template), ("truncation", truncation)] {
            std::fs::write(&path, with(part, value)).unwrap();
            let tokenizer = Tokenizer::load(&path).unwrap();
            assert_eq!(tokenizer.encode("a b, c").unwrap().ids, [4, 5, 1]);
        }
    }

    #[test]
    fn files_of_others_are_decoded_as_they_say() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.json");
        for (decoder, text) in [
            (Value::Null, "a b, a"),
            (
                json!({"type": "WordPiece", "prefix": "b", "cleanup": false}),
                "a, a",
            ),
            (json!({"type": "Fuse"}), "ab,a"),
        ] {
            std::fs::write(&path, with("decoder", decoder)).unwrap();
            let tokenizer = Tokenizer::load(&path).unwrap();
            let ids = tokenizer.encode("a b, a").unwrap().ids;
            assert_eq!(tokenizer.decode(&ids).unwrap(), text);
        }
    }

    #[test]
    fn missing_files_and_folders_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let message = |path: &std::path::Path| Tokenizer::load(path).unwrap_err().to_string();
        assert!(message(&folder.path().join("x.json")).contains("no such file"));
        assert!(message(folder.path()).contains("this is a folder"));
    }

    #[test]
    fn saving_replaces_the_file_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.json");
        std::fs::write(&path, "old").unwrap();
        trained(&config(Kind::Char), &["abc"]).save(&path).unwrap();
        assert_eq!(Tokenizer::load(&path).unwrap().vocab_size(), 8);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        let nowhere = folder.path().join("no/t.json");
        let refused = trained(&config(Kind::Char), &["abc"])
            .save(&nowhere)
            .unwrap_err();
        assert!(refused.to_string().contains("cannot be written"));
    }
}
