use super::*;
use crate::corpus::tests::file;
use crate::corpus::{CorpusSource, ReadOptions, read};

/// Some lines of news, each a pair.
const GERMAN: &str = "Die Bürger müssen für die Änderung größere Gebühren zahlen.\tx\n\
    Über das Wochenende fällt in höheren Lagen Schnee.\ty\nDas Mädchen hört schöne Lieder.\tz\n";
const FRENCH: &str = "L’été dernier, nous avons mangé à l’hôtel près de la forêt.\tx\n\
    Ça coûte très cher, mais l’œuvre mérite d’être achetée à 20 €.\ty\nLa fenêtre était fermée.\tz\n";
const RUSSIAN: &str = "Вчера вечером мы ходили в театр и смотрели новую пьесу.\tx\n\
    Погода сегодня хорошая, поэтому дети играют на улице.\ty\n";
const CHINESE: &str = "我们昨天晚上去剧院看了一场新的话剧。\tx\n今天天气很好，所以孩子们在街上玩耍。\ty\n\
    中国的经济发展速度很快。\tz\n";
const TAIWANESE: &str = "我們昨天晚上去劇院看了一場新的話劇。\tx\n今天天氣很好，所以孩子們在街上玩耍。\ty\n\
    台灣的經濟發展速度很快。\tz\n";
const JAPANESE: &str = "昨日の夜、私たちは劇場に行って新しい芝居を見ました。\tx\n\
    今日は天気がいいので、子供たちは外で遊んでいます。カメラ\ty\n";
const KOREAN: &str = "어제 저녁에 우리는 극장에 가서 새 연극을 보았습니다.\tx\n\
    오늘은 날씨가 좋아서 아이들이 밖에서 놀고 있습니다.\ty\n";
const ARABIC: &str = "ذهبنا مساء أمس إلى المسرح وشاهدنا مسرحية جديدة.\tx\n\
    الطقس اليوم جميل، لذلك يلعب الأطفال في الشارع.\ty\n";
const POLISH: &str = "Wczoraj wieczorem poszliśmy do teatru i obejrzeliśmy nową sztukę.\tx\n\
    Dziś jest ładna pogoda, więc dzieci bawią się na świeżym powietrzu.\ty\nŻółw śpi.\tz\n";
const CZECH: &str = "Včera večer jsme šli do divadla a viděli jsme novou hru.\tx\n\
    Dnes je hezké počasí, takže si děti hrají venku. Příliš žluťoučký kůň úpěl ďábelské ódy.\ty\n";
const GREEK: &str = "Χθες το βράδυ πήγαμε στο θέατρο και είδαμε ένα νέο έργο.\tx\n\
    Ο καιρός σήμερα είναι καλός, γι’ αυτό τα παιδιά παίζουν έξω.\ty\n";

const HINDI: &str = "कल शाम हम नाटक देखने गए।\tx\nआज मौसम अच्छा है।\ty\n";

fn encoded(text: &str, label: &str) -> Vec<u8> {
    let encoding = Encoding::for_label(label.as_bytes()).unwrap();
    let (bytes, _, unmappable) = encoding.encode(text);
    assert!(!unmappable, "{label}: {text}");
    bytes.into_owned()
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

fn message(bytes: &[u8]) -> String {
    let (_folder, path) = file("pairs.tsv", bytes);
    let error = read(&CorpusSource::Tsv(path), &ReadOptions::default());
    error.unwrap_err().to_string()
}

/// Returns the encoding from which `message` advises to convert the file.
fn advised(message: &str) -> &str {
    let rest = message.split("iconv -f ").nth(1).unwrap();
    rest.split(' ').next().unwrap()
}

#[test]
fn texts_of_many_languages_are_guessed_right() {
    for (text, label, names) in [
        (GERMAN, "latin1", &["WINDOWS-1252"][..]),
        (FRENCH, "windows-1252", &["WINDOWS-1252"]),
        (RUSSIAN, "windows-1251", &["WINDOWS-1251"]),
        // The two differ in Ukrainian letters only.
        (RUSSIAN, "koi8-r", &["KOI8-U", "KOI8-R"]),
        (RUSSIAN, "ibm866", &["IBM866"]),
        (RUSSIAN, "iso-8859-5", &["ISO-8859-5"]),
        (CHINESE, "gb18030", &["GB18030"]),
        (TAIWANESE, "big5", &["CP950"]),
        (JAPANESE, "shift_jis", &["CP932"]),
        (JAPANESE, "euc-jp", &["EUC-JP"]),
        (KOREAN, "euc-kr", &["CP949"]),
        (ARABIC, "windows-1256", &["WINDOWS-1256"]),
        (POLISH, "iso-8859-2", &["ISO-8859-2"]),
        (POLISH, "windows-1250", &["WINDOWS-1250"]),
        (CZECH, "iso-8859-2", &["ISO-8859-2"]),
        (CZECH, "windows-1250", &["WINDOWS-1250"]),
        (GREEK, "windows-1253", &["WINDOWS-1253"]),
    ] {
        let found = message(&encoded(text, label));
        assert!(names.contains(&advised(&found)), "{label}: {found}");
        assert!(found.contains("a guess from the whole file"), "{found}");
        let line = text.split('\t').next().unwrap();
        let shown = around_first_letter(line);
        let start: String = shown.chars().take(30).collect();
        assert!(found.contains(&start), "{label}: {found}");
    }
}

#[test]
fn the_whole_file_is_looked_at_and_the_line_shown() {
    // One letter alone could be anything.
    let text = format!("Caf\u{e9}\tx\n{}{}", "plain\ty\n".repeat(10_000), FRENCH);
    let found = message(&encoded(&text, "windows-1252"));
    assert!(found.contains("pairs.tsv:1: "), "{found}");
    assert!(found.contains("the line reads `Café\\tx`"), "{found}");
    assert_eq!(advised(&found), "WINDOWS-1252");
}

#[test]
fn two_and_four_bytes_a_character_are_known_with_and_without_a_mark() {
    for text in [GERMAN, RUSSIAN, CHINESE, HINDI, "hi\tho\n", "你好\t中国\n"] {
        let little = utf16(text, u16::to_le_bytes);
        let big = utf16(text, u16::to_be_bytes);
        let wide = |bytes: fn(u32) -> [u8; 4]| -> Vec<u8> {
            text.chars()
                .flat_map(|letter| bytes(letter.into()))
                .collect()
        };
        for (bytes, name, marked) in [
            (little.clone(), "UTF-16LE", "UTF-16"),
            (big.clone(), "UTF-16BE", "UTF-16"),
            (wide(u32::to_le_bytes), "UTF-32LE", "UTF-32"),
            (wide(u32::to_be_bytes), "UTF-32BE", "UTF-32"),
        ] {
            let found = message(&bytes);
            assert_eq!(advised(&found), name, "{text}: {found}");
            assert!(found.contains("looks like"), "{found}");
            let mark = match name {
                "UTF-16LE" => &[0xff, 0xfe][..],
                "UTF-16BE" => &[0xfe, 0xff],
                "UTF-32LE" => &[0xff, 0xfe, 0, 0],
                _ => &[0, 0, 0xfe, 0xff],
            };
            let found = message(&[mark, &bytes].concat());
            assert_eq!(advised(&found), marked, "{found}");
            let start: String = text.chars().take(2).collect();
            assert!(found.contains(&format!("it begins `{start}")), "{found}");
        }
    }
}

#[test]
fn a_damaged_place_in_utf8_is_no_encoding() {
    let text = [CHINESE.as_bytes(), b"caf\xe9 noir\tz\n"].concat();
    let found = message(&text);
    assert!(found.contains("pairs.tsv:4: "), "{found}");
    assert!(found.contains("`caf\\xE9 noir\\tz`"), "{found}");
    assert!(!found.contains("iconv"), "{found}");
    // The good text may come behind it.
    let found = message(&[b"caf\xe9 noir\tz\n", CHINESE.as_bytes()].concat());
    assert!(!found.contains("iconv"), "{found}");
}

#[test]
fn a_zero_byte_in_text_is_called_what_it_is() {
    let found = message("größer\tx\na\u{0}b\ty\n".as_bytes());
    assert!(found.contains("pairs.tsv:2: NUL (U+0000)"), "{found}");
    assert!(found.contains("byte 12 of the file"), "{found}");
    assert!(message(b"a\0b\tc\n").contains("pairs.tsv:1: NUL"));
    assert!(
        !found.contains("iconv") && !found.contains("not UTF-8"),
        "{found}"
    );
}

#[test]
fn what_is_no_text_is_named() {
    assert!(message(b"PK\x03\x04\x14\0\xff").contains("a zip archive"));
    let found = message(b"\x7fELF\0\0\xff\xfe\x80\0\x01\x02\x90\0");
    assert!(found.contains("another kind"), "{found}");
}

#[test]
fn short_lines_are_guessed_and_said_to_be() {
    let found = message(b"ca\xe9f\tx\n");
    assert!(found.contains("a guess"), "{found}");
    assert!(found.contains("byte 2 of the file is 0xE9"), "{found}");
}

#[test]
fn commands_name_the_file_as_a_shell_takes_it() {
    assert_eq!(quoted(Path::new("a/b-1.tsv")), "a/b-1.tsv");
    assert_eq!(quoted(Path::new("my file's")), "'my file'\\''s'");
    assert_eq!(quoted(Path::new("-x")), "'-x'");
    assert_eq!(quoted(Path::new("standard input")), "FILE");
    let packed = crate::corpus::stream::tests::gzip(&encoded(GERMAN, "latin1"));
    let (_folder, path) = file("x.tsv.gz", &packed);
    let found = read(&CorpusSource::Tsv(path), &ReadOptions::default());
    let found = found.unwrap_err().to_string();
    assert!(found.contains("gzip -dc "), "{found}");
    assert!(
        found.contains(" | iconv -f WINDOWS-1252 -t UTF-8 > NEW"),
        "{found}"
    );
}

#[test]
fn letters_of_hong_kong_are_told_from_others() {
    let encoded = |text| encoded(text, "big5");
    assert!(!has_hong_kong_letters(&encoded(TAIWANESE)));
    // 我哋喺香港嘅劇院
    assert!(has_hong_kong_letters(
        b"\xa7\xda\x92\x5d\x9d\xf6\xad\xbb\xb4\xe4\x9d\xef\xbc\x40\xb0\x7c"
    ));
}

#[test]
fn controls_are_made_visible() {
    assert_eq!(
        visible("a\u{1b}[1m\tb\u{202e}".chars()),
        "a\\u{1b}[1m\\tb\\u{202e}"
    );
}
