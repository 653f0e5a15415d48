use super::*;
use crate::special::{MARKS, PAD, START};
use proptest::prelude::*;
use std::sync::LazyLock;

const KINDS: [Kind; 5] = [
    Kind::Word,
    Kind::Space,
    Kind::Char,
    Kind::Bpe,
    Kind::Unigram,
];

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
fn fingerprints_tell_tokenizers_apart() {
    let of = |config: &TokenizerConfig, texts: &[&str]| trained(config, texts).fingerprint();
    let plain = config(Kind::Word);
    assert_eq!(of(&plain, &["a b b"]), of(&plain, &["b a b"]));
    assert_ne!(of(&plain, &["a b b"]), of(&plain, &["a a b"]));
    assert_ne!(of(&plain, &["ab"]), of(&plain, &["a b"]));
    // The same tokens, cut or written otherwise.
    let lower = TokenizerConfig {
        lowercase: true,
        ..config(Kind::Word)
    };
    let formed = TokenizerConfig {
        normalize: Some(Normalization::Nfkc),
        ..config(Kind::Word)
    };
    let prints = [&plain, &config(Kind::Space), &lower, &formed].map(|one| of(one, &["a b b"]));
    for (place, print) in prints.iter().enumerate() {
        assert!(!prints[..place].contains(print));
        assert_eq!(print.split_once('-').unwrap().0, &prints[0][..16]);
    }
    let tokenizer = trained(&plain, &TEXTS);
    let print = tokenizer.fingerprint();
    for known in [&print, &tokenizer.vocabulary_fingerprint()] {
        assert!(tokenizer.has_fingerprint(known));
        assert!(!trained(&lower, &TEXTS).has_fingerprint(known));
    }
    // Written down, so that a change that would orphan everybody's vocabularies is seen.
    assert_eq!(print, "91a504c3f3cb1546-832b36b5b0d56bd7");
}

#[test]
fn merges_and_scores_are_part_of_the_fingerprint() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.json");
    for kind in [Kind::Bpe, Kind::Unigram] {
        let tokenizer = trained(&config(kind), &["ab ab abc", "c d a b", "abab"]);
        let mut file: serde_json::Value = serde_json::from_str(&json(&tokenizer)).unwrap();
        let model = &mut file["model"];
        match kind {
            Kind::Bpe => drop(model["merges"].as_array_mut().unwrap().pop().unwrap()),
            _ => {
                let last = model["vocab"].as_array_mut().unwrap().last_mut().unwrap();
                last[1] = (-99.0).into();
            }
        }
        std::fs::write(&path, file.to_string()).unwrap();
        let changed = Tokenizer::load(&path).unwrap();
        assert_ne!(changed.fingerprint(), tokenizer.fingerprint(), "{kind}");
        let old = tokenizer.vocabulary_fingerprint();
        assert_eq!(changed.vocabulary_fingerprint(), old, "{kind}");
    }
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
        let least = if matches!(kind, Kind::Word | Kind::Space | Kind::Char) {
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

static ALL: LazyLock<Vec<Tokenizer>> = LazyLock::new(|| {
    let odd = "a\u{85}b \u{2028} c\td \u{1b} e \u{2029}";
    let kinds = KINDS.iter();
    kinds
        .map(|&kind| trained(&config(kind), &[&TEXTS[..], &[odd]].concat()))
        .collect()
});

fn line() -> impl Strategy<Value = String> {
    // All of Unicode; what spacing goes wrong with; the scripts of the rest.
    let odd = "[ab1é.,:'’\"@()▁￭_<>/s|\\- \t\u{a0}\u{3000}你あカ。、\u{200d}\u{fe0f}\u{301}\u{93f}म👍🏽👩©…—]{0,12}";
    let strategy = prop_oneof![
        proptest::collection::vec(any::<char>(), 0..16).prop_map(String::from_iter),
        odd.prop_map(|text: String| text),
        "\\PC{0,12}".prop_map(|text: String| text),
        "(<s>|</s>|<unk>|<pad>|<0x41>|<0x0A>| |  |a){0,6}".prop_map(|text: String| text),
    ];
    strategy.prop_map(|text| text.replace(ends_line, ""))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_line_of_known_tokens_comes_back_byte_for_byte(text in line(), other in line()) {
        prop_assume!(!text.is_empty());
        for kind in KINDS {
            let texts = [&other, text.as_str(), "a b, c"];
            let tokenizer = trained(&config(kind), &texts);
            let encoding = tokenizer.encode(&text).unwrap();
            prop_assert!(encoding.ids.iter().all(|&id| !is_mark(id)), "{} {:?}", kind, text);
            prop_assert_eq!(&tokenizer.decode(&encoding.ids).unwrap(), &text, "{}", kind);
            for &(from, to) in &encoding.offsets {
                prop_assert!(text.get(from..to).is_some_and(|piece| !piece.is_empty()));
            }
        }
    }
}

proptest! {
    #[test]
    fn bytes_spell_whatever_the_vocabulary_lacks(text in line()) {
        for tokenizer in EXACT.iter() {
            let encoding = tokenizer.encode(&text).unwrap();
            prop_assert!(encoding.ids.iter().all(|&id| !is_mark(id)));
            prop_assert_eq!(tokenizer.decode(&encoding.ids).unwrap(), text.as_str());
        }
    }

    #[test]
    fn no_ids_end_a_line(
        ids in proptest::collection::vec(0u32..600, 0..30),
        bytes in proptest::collection::vec(4u32..260, 0..30),
        replacement: String,
    ) {
        for tokenizer in ALL.iter() {
            for ids in [&ids, &bytes, &[&[UNK, UNK][..], &ids, &bytes].concat()] {
                let text = tokenizer.decode_with(ids, |_| Some(replacement.clone())).unwrap();
                prop_assert!(!text.contains(ends_line), "{:?}", text);
            }
        }
    }
}

#[test]
fn sentences_that_former_versions_spaced_anew_come_back() {
    let texts = [
        "un@@ happi@@ ness is n't a dis@@ ease .",
        "He said , `` no '' -LRB- loudly -RRB- .",
        "\" k { t @ % p I",
        "mail a.b+c@d-e.org please: http://a.b/c?d=e#f",
        "Est-ce vrai ? Oui ! « Bien » : 5 €",
        "यह एक वाक्य है। ठीक॥",
        "བོད་སྐད་ཡིན།",
        "हूँ। \"सच\" — १२,३४५.६७",
        "run ls -la ~/x | grep -v '^#' && echo $HOME",
        "…and so on... wait .. what",
        "std::vector<int> v; i++; a->b, C++ und C#",
        "می\u{200c}خواهم co\u{ad}op a\u{200b}b",
        "👩\u{200d}👩\u{200d}👧\u{200d}👦 👍🏽! ❤\u{fe0f}x 🇩🇪🇫🇷 1\u{fe0f}\u{20e3} ",
        "5\u{a0}€  two  spaces ▁ and ￭ and \t tab",
        " leading and trailing ",
    ];
    for kind in KINDS {
        let tokenizer = trained(&config(kind), &texts);
        for text in texts {
            let encoding = tokenizer.encode(text).unwrap();
            assert_eq!(tokenizer.decode(&encoding.ids).unwrap(), text, "{kind}");
            assert!(encoding.unknown.is_empty());
        }
    }
}

#[test]
fn the_example_of_the_docs_is_cut_as_it_says() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    let text = "Tom's dog: \"Hi!\"  我用 C++";
    assert!(docs.contains(text));
    for kind in [Kind::Word, Kind::Space] {
        let tokenizer = trained(&config(kind), &[text]);
        let ids = tokenizer.encode(text).unwrap().ids;
        let cell: Vec<String> = ids
            .iter()
            .filter_map(|&id| tokenizer.shown(id))
            .map(|token| format!("`{token}`"))
            .collect();
        let row = format!("| *{kind}* | {} |", cell.join("\\|"));
        assert!(docs.contains(&row), "{row}");
    }
}

#[test]
fn the_longest_lines_are_cut_too() {
    for part in [
        "-",
        ".",
        "a.",
        "1,",
        "a'",
        " ",
        "a",
        "👍",
        "❤\u{fe0f}",
        "👩\u{200d}",
        "\u{301}",
    ] {
        let text = part.repeat(1_100_000 / part.chars().count());
        let tokenizer = trained(&config(Kind::Word), &[&text]);
        let ids = tokenizer.encode(&text).unwrap().ids;
        assert!(tokenizer.decode(&ids).unwrap() == text, "{part}");
    }
}

#[test]
fn text_is_cut_and_written_in_its_normal_form() {
    use Normalization::{Nfc, Nfd, Nfkc, Nfkd};
    let text = "cafe\u{301} caf\u{e9} ﬁ 각";
    for (form, expected) in [
        (None, text),
        (Some(Normalization::None), text),
        (Some(Nfc), "caf\u{e9} caf\u{e9} ﬁ 각"),
        (Some(Nfd), "caf\u{e9} caf\u{e9} ﬁ 각"),
        (Some(Nfkc), "caf\u{e9} caf\u{e9} fi 각"),
        (Some(Nfkd), "caf\u{e9} caf\u{e9} fi 각"),
    ] {
        for kind in KINDS {
            let config = TokenizerConfig {
                normalize: form,
                ..config(kind)
            };
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("t.json");
            trained(&config, &[text, "Z"]).save(&path).unwrap();
            let tokenizer = Tokenizer::load(&path).unwrap();
            let encoding = tokenizer.encode(text).unwrap();
            assert_eq!(
                tokenizer.decode(&encoding.ids).unwrap(),
                expected,
                "{kind} {form:?}"
            );
            let last = encoding.offsets.last().unwrap();
            assert_eq!(&text[last.0..last.1], "각", "{kind} {form:?}");
        }
    }
}

#[test]
fn bytes_of_control_characters_can_be_barred() {
    for tokenizer in ALL.iter() {
        let barred = tokenizer.unwritable().unwrap();
        let tokens: Vec<&str> = barred
            .iter()
            .filter_map(|&id| tokenizer.token(id))
            .collect();
        for (id, token) in (0..).zip(&tokenizer.tokens).skip(MARKS.len()) {
            let alone = tokenizer.written(vec![token.clone()]).unwrap();
            let odd = |one: char| one.is_control() || ends_line(one);
            let is_byte = token.starts_with("<0x");
            assert_eq!(barred.contains(&id), is_byte && alone.contains(odd));
        }
        // What a corpus has as itself its model may say.
        assert!(!tokens.iter().any(|token| token.contains(['\t', '\u{1b}'])));
        if tokenizer.id("<0x0A>").is_some() {
            for byte in ["<0x00>", "<0x09>", "<0x0A>", "<0x7F>"] {
                assert!(tokens.contains(&byte), "{byte}");
            }
        }
    }
}

#[test]
fn what_is_unknown_may_be_replaced() {
    for (kind, text, found) in [
        (Kind::Word, "Tom chases Jerry.", "Tom chases MAX."),
        (
            Kind::Space,
            "汤姆追逐杰瑞。 Tom Tom",
            "汤姆追逐杰瑞。 Tom MAX",
        ),
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

/// A tokenizer that a former version wrote, and how it cut and wrote text; made by that version.
#[derive(serde::Deserialize)]
struct Former {
    file: String,
    fingerprint: String,
    cases: Vec<FormerCase>,
}

#[derive(serde::Deserialize)]
struct FormerCase {
    text: String,
    ids: Vec<u32>,
    offsets: Vec<(usize, usize)>,
    unknown: Vec<String>,
    decoded: String,
}

#[test]
fn tokenizers_of_former_versions_are_as_they_were() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tokenizers");
    let expected = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    let formers: Vec<Former> = serde_json::from_str(&expected).unwrap();
    assert_eq!(formers.len(), 7);
    for former in formers {
        let tokenizer = Tokenizer::load(&folder.join(&former.file)).unwrap();
        assert!(tokenizer.has_fingerprint(&former.fingerprint));
        let words = former.file.starts_with("word");
        assert_eq!(tokenizer.origin == Origin::FormerWords, words);
        for case in former.cases {
            let encoding = tokenizer.encode(&case.text).unwrap();
            assert_eq!(encoding.ids, case.ids, "{} {}", former.file, case.text);
            assert_eq!(encoding.offsets, case.offsets);
            assert_eq!(encoding.unknown, case.unknown);
            assert_eq!(tokenizer.decode(&case.ids).unwrap(), case.decoded);
        }
        // Saved anew, as `start_from` does, it is still known for what it is.
        let copies = tempfile::tempdir().unwrap();
        let copy = copies.path().join("t.json");
        tokenizer.save(&copy).unwrap();
        let again = Tokenizer::load(&copy).unwrap();
        assert_eq!(again.origin, tokenizer.origin);
        assert_eq!(again.fingerprint(), tokenizer.fingerprint());
    }
}

#[test]
fn features_are_tokens_of_their_own_whatever_the_kind() {
    let folder = tempfile::tempdir().unwrap();
    for kind in KINDS {
        let tokenizer = trained(&config(kind), &["V walk", "PST", "go walked"]);
        let size = tokenizer.vocab_size();
        let tokenizer = tokenizer.with_features(["V", "PST", "V.PTCP"]).unwrap();
        assert_eq!(tokenizer.vocab_size(), size + 3);
        let path = folder.path().join("t.json");
        tokenizer.save(&path).unwrap();
        for tokenizer in [tokenizer, Tokenizer::load(&path).unwrap()] {
            let alone = tokenizer.encode("walk").unwrap();
            let with = tokenizer.encode("walk\tV.PTCP\tPST").unwrap();
            assert_eq!(with.ids[..alone.ids.len()], alone.ids, "{kind}");
            assert_eq!(with.tokens[alone.ids.len()..], ["\tV.PTCP", "\tPST"]);
            let letter = tokenizer.encode("V").unwrap();
            assert!(letter.tokens.iter().all(|token| !token.contains('\t')));
        }
    }
}
