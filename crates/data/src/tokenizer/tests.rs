use super::*;
use crate::corpus::normalize;
use crate::special::{MARKS, PAD, START};
use proptest::prelude::*;
use std::sync::LazyLock;

const KINDS: [Kind; 4] = [Kind::Word, Kind::Char, Kind::Bpe, Kind::Unigram];

/// A mixed corpus small enough for tests.
const TEXTS: [&str; 8] = [
    "Tom chases Jerry.",
    "How are you? I'm fine, thanks.",
    "The cat that Tom's dog chases is Jerry's.",
    "It cost 3,000 dollars in 2010.",
    "汤姆追逐杰瑞。",
    "你好吗？我很好，谢谢。",
    "汤姆的狗追逐的那只猫是杰瑞的。",
    "我2010年买了3本书。",
];

pub(crate) fn config(kind: Kind) -> TokenizerConfig {
    TokenizerConfig {
        kind,
        ..TokenizerConfig::default()
    }
}

pub(crate) fn trained(config: &TokenizerConfig, texts: &[&str]) -> Tokenizer {
    Tokenizer::train(config, texts.iter().copied()).unwrap()
}

fn json(tokenizer: &Tokenizer) -> String {
    tokenizer.library.to_string(true).unwrap()
}

#[test]
fn every_kind_begins_with_the_marks_and_gives_every_sentence_back() {
    for kind in KINDS {
        let tokenizer = trained(&config(kind), &TEXTS);
        for (id, mark) in (0..).zip(MARKS) {
            assert_eq!(tokenizer.token(id), Some(mark));
            assert_eq!(tokenizer.id(mark), Some(id));
        }
        for text in TEXTS {
            let encoding = tokenizer.encode(text).unwrap();
            assert_eq!(tokenizer.decode(&encoding.ids).unwrap(), text, "{kind}");
            assert!(encoding.unknown.is_empty());
            for (&id, token) in encoding.ids.iter().zip(&encoding.tokens) {
                assert_eq!(tokenizer.token(id), Some(token.as_str()));
            }
        }
    }
}

#[test]
fn training_is_reproducible_whatever_the_order_of_the_texts() {
    let mut reversed = TEXTS;
    reversed.reverse();
    for kind in KINDS {
        let first = json(&trained(&config(kind), &TEXTS));
        for _ in 0..3 {
            assert_eq!(json(&trained(&config(kind), &TEXTS)), first, "{kind}");
        }
        assert_eq!(json(&trained(&config(kind), &reversed)), first, "{kind}");
    }
}

/// Hash seeds differ between processes, so this test runs itself in two more, which write their
/// tokenizers to the folder that the variable names.
#[test]
fn training_writes_the_same_files_in_every_process() {
    const FOLDER: &str = "TOKENIZER_TEST_FOLDER";
    let train_into = |folder: &Path| {
        for kind in KINDS {
            let path = folder.join(kind.to_string());
            trained(&config(kind), &TEXTS).save(&path).unwrap();
        }
    };
    if let Some(folder) = std::env::var_os(FOLDER) {
        return train_into(Path::new(&folder));
    }
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    train_into(folders[0].path());
    for folder in &folders[1..] {
        let status = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "tokenizer::tests::training_writes_the_same_files_in_every_process",
            ])
            .env(FOLDER, folder.path())
            .stdout(std::process::Stdio::null())
            .status()
            .unwrap();
        assert!(status.success());
        for kind in KINDS {
            let read = |folder: &Path| std::fs::read(folder.join(kind.to_string())).unwrap();
            assert_eq!(read(folder.path()), read(folders[0].path()), "{kind}");
        }
    }
}

#[test]
fn saved_and_loaded_tokenizers_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for kind in KINDS {
        let tokenizer = trained(&config(kind), &TEXTS);
        let path = folder.path().join(format!("{kind}.json"));
        tokenizer.save(&path).unwrap();
        let from_file = TokenizerConfig {
            file: Some(path),
            ..config(Kind::Word)
        };
        let loaded = Tokenizer::from_config(&from_file, []).unwrap();
        assert_eq!(json(&loaded), json(&tokenizer));
        assert_eq!(loaded.fingerprint(), tokenizer.fingerprint());
        for text in TEXTS.into_iter().chain(["Zoë <s> 猫咪 never", "", "  a "]) {
            assert_eq!(
                loaded.encode(text).unwrap(),
                tokenizer.encode(text).unwrap()
            );
        }
    }
}

#[test]
fn fingerprints_tell_vocabularies_apart() {
    let of = |texts: &[&str]| trained(&config(Kind::Word), texts).fingerprint();
    assert_eq!(of(&["a b b"]), of(&["b a b"]));
    assert_ne!(of(&["a b b"]), of(&["a a b"]));
    assert_ne!(of(&["ab"]), of(&["a b"]));
    // Written down, so that a change that would orphan everybody's vocabularies is seen.
    assert_eq!(of(&TEXTS), "7eac71703b3c35a9");
}

#[test]
fn decoding_stops_at_the_end_mark_and_skips_the_others() {
    let tokenizer = trained(&config(Kind::Word), &TEXTS);
    let tom = tokenizer.id("Tom").unwrap();
    let ids = [START, tom, UNK, PAD, tom, END, tom];
    assert_eq!(tokenizer.decode(&ids).unwrap(), "Tom Tom");
    assert_eq!(tokenizer.decode(&[END]).unwrap(), "");
    assert_eq!(tokenizer.decode(&[]).unwrap(), "");
    assert_eq!(tokenizer.decode(&[tom, 1_000_000]).unwrap(), "Tom");
}

#[test]
fn unknown_words_are_given_as_they_were_written() {
    let lower = TokenizerConfig {
        lowercase: true,
        ..config(Kind::Word)
    };
    let tokenizer = trained(&lower, &TEXTS);
    let encoding = tokenizer.encode("Tom 喜欢 Zoe\u{308}'s cat").unwrap();
    assert_eq!(encoding.unknown, ["喜", "欢", "Zoe\u{308}'s"]);
    assert_eq!(encoding.offsets[0], (0, 3));
}

#[test]
fn too_small_vocabularies_and_blank_corpora_are_refused() {
    for kind in KINDS {
        let least = if matches!(kind, Kind::Word | Kind::Char) {
            5
        } else {
            261
        };
        let mut config = config(kind);
        config.vocab_size = least - 1;
        let message = Tokenizer::train(&config, TEXTS).unwrap_err().to_string();
        assert!(message.contains(&format!("at least {least}")), "{message}");
        config.vocab_size = least;
        assert_eq!(trained(&config, &TEXTS).vocab_size(), least);
        for blank in [&[][..], &[""]] {
            let message = Tokenizer::train(&config, blank.iter().copied()).unwrap_err();
            assert!(message.to_string().contains("no text"), "{message}");
        }
    }
}

static EXACT: LazyLock<[Tokenizer; 2]> =
    LazyLock::new(|| [Kind::Bpe, Kind::Unigram].map(|kind| trained(&config(kind), &TEXTS)));

proptest! {
    #[test]
    fn bytes_spell_whatever_the_vocabulary_lacks(text in "[^▁]{0,30}") {
        let text = normalize(&text);
        for tokenizer in EXACT.iter() {
            let encoding = tokenizer.encode(&text).unwrap();
            prop_assert!(encoding.ids.iter().all(|&id| !is_mark(id)));
            prop_assert_eq!(tokenizer.decode(&encoding.ids).unwrap(), text.as_str());
        }
    }

    #[test]
    fn no_ids_break_a_decoder(ids in proptest::collection::vec(0u32..500, 0..30)) {
        for tokenizer in EXACT.iter() {
            prop_assert!(tokenizer.decode(&ids).is_ok());
        }
    }
}

#[test]
fn what_is_unknown_may_be_replaced() {
    for (kind, text, found) in [
        (Kind::Word, "Tom chases Jerry.", "Tom chases MAX."),
        (Kind::Char, "你好吗？", "你好MAX？"),
    ] {
        let tokenizer = trained(&config(kind), &TEXTS);
        let mut ids = tokenizer.encode(text).unwrap().ids;
        ids[2] = UNK;
        ids.extend([END, UNK]);
        let replaced = |place| (place == 2).then(|| "MAX".to_owned());
        assert_eq!(tokenizer.decode_with(&ids, replaced).unwrap(), found);
        let without = tokenizer.decode(&ids).unwrap();
        assert_eq!(tokenizer.decode_with(&ids, |_| None).unwrap(), without);
        assert!(!without.contains("MAX"));
    }
}
