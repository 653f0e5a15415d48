use super::*;
use crate::corpus::tests::file;
use proptest::prelude::*;
use std::io::{self, Write};

fn lines_of(bytes: &[u8], limit: usize) -> Result<Vec<(String, u64)>, String> {
    let (_folder, path) = file("x.txt", bytes);
    let mut lines = Lines::open(&path, limit).unwrap();
    let mut all = Vec::new();
    while let Some(line) = lines.next_line().map_err(|error| error.to_string())? {
        all.push((line.text.to_owned(), line.cut));
        assert_eq!(line.number, all.len());
    }
    assert_eq!(lines.number(), all.len());
    assert_eq!(lines.content().bytes, bytes.len() as u64);
    assert_eq!(lines.next_line().unwrap(), None);
    Ok(all)
}

fn texts_of(bytes: &[u8]) -> Vec<String> {
    let lines = lines_of(bytes, 1_000).unwrap();
    lines.into_iter().map(|(text, _)| text).collect()
}

#[test]
fn marks_and_line_ends_are_removed() {
    assert_eq!(
        texts_of(b"\xef\xbb\xbfa\r\n\nb\xef\xbb\xbf\nc"),
        ["a", "", "b\u{feff}", "c"]
    );
    assert_eq!(texts_of("\u{feff}\u{feff}a\n".as_bytes()), ["\u{feff}a"]);
    assert_eq!(
        texts_of("\u{feff}\n\u{feff}a\n".as_bytes()),
        ["", "\u{feff}a"]
    );
    assert_eq!(texts_of(b""), [""; 0]);
    assert_eq!(texts_of(b"\n"), [""]);
    assert_eq!(texts_of(b"a\r\nb\r"), ["a", "b"]);
}

#[test]
fn returns_alone_end_lines_where_nothing_else_does() {
    assert_eq!(
        texts_of(b"a\tb\rc\td\r\re\tf"),
        ["a\tb", "c\td", "", "e\tf"]
    );
    assert_eq!(texts_of(b"a\r"), ["a"]);
    let long = format!("{}\nz", "a\r".repeat(LOOK_AHEAD));
    let lines = texts_of(long.as_bytes());
    // A line feed far behind ends a line too: no text may hold one.
    assert_eq!(lines.len(), LOOK_AHEAD + 1);
    assert_eq!(lines.last().unwrap(), "z");
}

#[test]
fn returns_within_lines_are_spaces_and_counted() {
    let (_folder, path) = file("x.txt", b"a\rb\r\r\nc\r\n\rd\n");
    let mut lines = Lines::open(&path, 100).unwrap();
    let mut texts = Vec::new();
    while let Some(line) = lines.next_line().unwrap() {
        texts.push(line.text.to_owned());
    }
    assert_eq!(texts, ["a b ", "c", " d"]);
    assert_eq!((lines.stray_returns(), lines.ends_in_returns()), (3, false));
}

#[test]
fn a_huge_line_takes_little_room_and_the_next_is_whole() {
    let mut bytes = "好".repeat(4_000_000).into_bytes();
    bytes.extend(b"\nb\n");
    let (_folder, path) = file("x.txt", &bytes);
    let mut lines = Lines::open(&path, 100).unwrap();
    let first = lines.next_line().unwrap().unwrap();
    assert_eq!(
        (first.text, first.cut),
        (&*"好".repeat(33), 12_000_000 - 99)
    );
    let second = lines.next_line().unwrap().unwrap();
    assert_eq!((second.text, second.cut), ("b", 0));
    assert!(lines.text.capacity() < 1_000);
}

#[test]
fn what_fits_exactly_is_not_cut() {
    for end in ["\n", "\r\n", ""] {
        let text = format!("12345{end}");
        assert_eq!(lines_of(text.as_bytes(), 5).unwrap(), [("12345".into(), 0)]);
        let text = format!("\u{feff}12345{end}");
        assert_eq!(lines_of(text.as_bytes(), 5).unwrap(), [("12345".into(), 0)]);
        let text = format!("x\n12345{end}");
        assert_eq!(lines_of(text.as_bytes(), 5).unwrap().last().unwrap().1, 0);
        let text = format!("123456{end}");
        assert_eq!(lines_of(text.as_bytes(), 5).unwrap(), [("12345".into(), 1)]);
    }
    let (_folder, path) = file("x.txt", b"123\n123456\n");
    let mut lines = Lines::open(&path, 5).unwrap();
    assert!(lines.whole_line().is_ok());
    let message = lines.whole_line().unwrap_err().to_string();
    assert!(
        message.contains("x.txt:2: 6 bytes, and more than 5"),
        "{message}"
    );
}

#[test]
fn lines_without_end_are_given_up() {
    let endless = io::repeat(b'x');
    let mut lines = Lines::of("endless".into(), Box::new(endless), 100);
    let message = lines.next_line().unwrap_err().to_string();
    assert!(
        message.contains("endless:1: a line of more than"),
        "{message}"
    );
    let mut lines = Lines::of("zeros".into(), Box::new(io::repeat(0)), 100);
    let message = lines.next_line().unwrap_err().to_string();
    assert!(message.contains("zeros:1: NUL"), "{message}");
    assert!(lines.stream.available().len() < LOOK_AHEAD);
}

#[test]
fn what_is_not_utf8_is_named_with_line_and_byte() {
    let message = lines_of(b"one\ntwo\nca\xe9f\xe9\n", 9).unwrap_err();
    assert!(message.contains("x.txt:3: "), "{message}");
    assert!(message.contains("byte 10 of the file is 0xE9"), "{message}");
    // Where the text cannot be read again what is here must do.
    let text = io::Cursor::new(b"one\nca\xe9f\n".to_vec());
    let mut lines = Lines::of("pipe".into(), Box::new(text), 100);
    lines.next_line().unwrap();
    let message = lines.next_line().unwrap_err().to_string();
    assert!(message.contains("pipe:2: "), "{message}");
    assert!(message.contains("from what was read so far"), "{message}");
}

#[test]
fn all_lines_of_a_file_at_once() {
    let (folder, path) = file("x.txt", "\u{feff}one\r\n\r\ntwo".as_bytes());
    assert_eq!(read_lines(&path).unwrap(), ["one", "", "two"]);
    assert!(read_lines(&folder.path().join("y")).is_err());
}

/// A pipe, and its lines.
fn pipe() -> (io::PipeWriter, Lines) {
    let (reader, writer) = io::pipe().unwrap();
    (writer, Lines::of("pipe".into(), Box::new(reader), 100))
}

#[test]
fn it_is_known_whether_a_line_has_come() {
    let (mut writer, mut lines) = pipe();
    assert!(!lines.buffered());
    writer.write_all(b"on").unwrap();
    assert!(!lines.take_in().unwrap());
    writer.write_all(b"e\ntwo\nth").unwrap();
    assert!(lines.take_in().unwrap());
    assert_eq!(lines.next_line().unwrap().unwrap().text, "one");
    assert!(lines.buffered());
    assert_eq!(lines.next_line().unwrap().unwrap().text, "two");
    assert!(!lines.buffered());
    writer.write_all(&[b'x'; 50_000]).unwrap();
    assert!(!lines.take_in().unwrap());
    assert!(!lines.buffered());
    drop(writer);
    while !lines.take_in().unwrap() {}
    let last = lines.next_line().unwrap().unwrap();
    assert_eq!((last.text.len(), last.cut), (100, 49_902));
    assert!(lines.buffered());
    assert_eq!(lines.next_line().unwrap(), None);
}

#[test]
fn lines_may_be_read_on_another_thread() {
    fn is_send<T: Send>() {}
    is_send::<Lines>();
}

#[test]
fn a_line_is_given_as_soon_as_it_has_come() {
    let (mut writer, mut lines) = pipe();
    for text in ["(\n", "b\r\n", "\u{feff}c\n"] {
        writer.write_all(text.as_bytes()).unwrap();
        // This would wait for ever.
        let line = lines.next_line().unwrap().unwrap();
        assert_eq!(line.text, text.trim_end());
    }
}

#[cfg(unix)]
#[test]
fn files_can_be_asked_about_unless_they_are_packed() {
    let (_folder, path) = file("x.txt", b"one\n");
    let mut lines = Lines::open(&path, 100).unwrap();
    assert!(lines.descriptor().is_some());
    lines.next_line().unwrap();
    assert!(lines.descriptor().is_some());
    let (_folder, path) = file("x.gz", &crate::corpus::stream::tests::gzip(b"one\ntwo\n"));
    let mut lines = Lines::open(&path, 100).unwrap();
    assert_eq!(lines.next_line().unwrap().unwrap().text, "one");
    assert!(lines.descriptor().is_none());
}

/// Hands out its bytes in pieces of the given sizes.
struct Pieces {
    bytes: io::Cursor<Vec<u8>>,
    sizes: std::iter::Cycle<std::vec::IntoIter<usize>>,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.sizes.next().unwrap_or(1).min(buffer.len());
        self.bytes.read(&mut buffer[..most])
    }
}

proptest! {
    #[test]
    fn lines_do_not_depend_on_how_they_come(
        parts in proptest::collection::vec("[ab好\u{feff}]{0,5}(\r|\n|\r\n)?", 0..12),
        sizes in proptest::collection::vec(1usize..9, 1..5),
        limit in 0usize..20,
        taking in proptest::collection::vec(any::<bool>(), 1..5),
    ) {
        let text = parts.concat();
        let whole = lines_of(text.as_bytes(), limit).unwrap();
        let pieces = Pieces {
            bytes: io::Cursor::new(text.clone().into_bytes()),
            sizes: sizes.into_iter().cycle(),
        };
        let mut lines = Lines::of("pieces".into(), Box::new(pieces), limit);
        let mut taking = taking.into_iter().cycle();
        let mut found = Vec::new();
        loop {
            if taking.next() == Some(true) {
                lines.take_in().unwrap();
            }
            let Some(line) = lines.next_line().unwrap() else { break };
            prop_assert!(line.text.len() <= limit && !line.text.contains(['\r', '\n']));
            found.push((line.text.to_owned(), line.cut));
        }
        prop_assert_eq!(found, whole);
    }

    #[test]
    fn nothing_is_lost_but_line_ends(
        lines in proptest::collection::vec("[^\r\n\u{0}\u{feff}]{0,9}", 1..9),
        end in prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
        mark: bool,
    ) {
        let mark = if mark { "\u{feff}" } else { "" };
        let text: String = lines.iter().map(|line| format!("{line}{end}")).collect();
        prop_assert_eq!(texts_of(format!("{mark}{text}").as_bytes()), lines);
    }
}
