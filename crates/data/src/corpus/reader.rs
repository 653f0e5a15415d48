//! Reads a corpus, whatever its form.

use std::path::Path;

use super::collector::Collector;
use super::content::{Content, Contents};
use super::lines::{LONGEST_LINE, Lines};
use super::options::ReadOptions;
use super::pair::Features;
use super::pair::Pair;
use super::pairs::{Corpus, Totals};
use super::part::Part;
use super::source::CorpusSource;
use super::summary::Summary;
use super::{builtin, open, parallel, tsv};
use crate::error::DataError;
use crate::image::{ImageOptions, Names, Picture};

/// Reads a whole corpus, line by line.
///
/// # Errors
/// A file that is missing, unreadable, damaged or not UTF-8; columns that are not named; a one-sided pair; parallel
/// files of different length; a corpus of which nothing is left; an image that cannot be read; a built-in corpus of
/// text where images are wanted, or the other way round.
pub fn read(source: &CorpusSource, options: &ReadOptions) -> Result<Corpus, DataError> {
    read_while(source, options, &|| true)
}

/// As [`read`], but asks `go_on` every few thousand lines and before each image whether to go on.
///
/// # Errors
/// Those of [`read`], and [`DataError::Stopped`] once `go_on` says no.
pub fn read_while(
    source: &CorpusSource,
    options: &ReadOptions,
    go_on: &(dyn Fn() -> bool + Sync),
) -> Result<Corpus, DataError> {
    if let (CorpusSource::List(parts), Some(_)) = (source, &options.images) {
        return read_image_lists(source, parts, options, go_on);
    }
    let mut corpus = Corpus::default();
    let (pairs, lines, ends) = (&mut corpus.pairs, &mut corpus.lines, &mut corpus.ends);
    let totals = read_each(source, options, go_on, &mut |pair, origin| {
        pairs.push(pair);
        lines.push(origin.line);
        ends.resize(origin.part, pairs.len() - 1);
    })?;
    ends.resize(count_of(source), pairs.len());
    let Totals {
        last_line,
        summary,
        contents,
    } = totals;
    (corpus.last_line, corpus.summary, corpus.contents) = (last_line, summary, contents);
    if let Some(images) = &options.images {
        add_pictures(&mut corpus, &names_in(source), images, go_on)?;
    }
    Ok(corpus)
}

/// How many corpora a list has; one if it is none.
fn count_of(source: &CorpusSource) -> usize {
    match source {
        CorpusSource::List(parts) => parts.len(),
        _ => 1,
    }
}

/// A list of corpora whose sources name images.
fn read_image_lists(
    source: &CorpusSource,
    parts: &[Part],
    options: &ReadOptions,
    go_on: &(dyn Fn() -> bool + Sync),
) -> Result<Corpus, DataError> {
    let mut all = Corpus::default();
    let (mut summaries, mut images) = (Vec::new(), Vec::new());
    for part in parts {
        let corpus = read_while(&part.corpus, options, go_on)?;
        all.pairs.extend(corpus.pairs);
        all.pictures.extend(corpus.pictures);
        all.lines.extend(corpus.lines);
        all.ends.push(all.pairs.len());
        all.last_line = corpus.last_line;
        all.contents.texts.extend(corpus.contents.texts);
        images.extend(corpus.contents.images);
        summaries.push(corpus.summary);
    }
    all.contents.images = Some(Content::of_all(images));
    all.summary = Summary::of_list(source.to_string(), summaries);
    Ok(all)
}

/// Where a pair stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The number of its corpus in a list, from 0.
    pub part: usize,
    /// Its line in the file or files, from 1; in a built-in corpus its number.
    pub line: usize,
}

/// As [`read_while`], but hands each pair on to `take`, and keeps none: for a corpus larger than memory. Images are not
/// read.
///
/// # Errors
/// Those of [`read_while`] that are not about images. Pairs may have been handed on by then.
pub fn read_each(
    source: &CorpusSource,
    options: &ReadOptions,
    go_on: &(dyn Fn() -> bool + Sync),
    take: &mut dyn FnMut(Pair, Origin),
) -> Result<Totals, DataError> {
    let CorpusSource::List(parts) = source else {
        return read_one(source, options, go_on, &mut |pair, line| {
            take(pair, Origin { part: 0, line });
        });
    };
    let mut totals = Totals::default();
    let mut summaries = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let tag = part.tag.as_deref();
        let each = &mut |mut pair: Pair, line| {
            // A blank line stays one.
            let tag = tag.filter(|_| !pair.source.is_empty());
            if let Some(tag) = tag.and_then(Features::new) {
                pair.source = tag.behind(&pair.source);
                pair.features = Some(tag.after(pair.features.as_ref()));
            }
            take(pair, Origin { part: number, line });
        };
        let mut own = read_one(&part.corpus, options, go_on, each)?;
        if let Some(tag) = tag {
            let texts = own.contents.texts.iter_mut();
            texts.for_each(|text| *text = text.tagged(tag));
        }
        totals.contents.texts.extend(own.contents.texts);
        totals.last_line = own.last_line;
        summaries.push(own.summary);
    }
    totals.summary = Summary::of_list(source.to_string(), summaries);
    Ok(totals)
}

/// Reads a corpus that is no list.
fn read_one(
    source: &CorpusSource,
    options: &ReadOptions,
    go_on: &(dyn Fn() -> bool + Sync),
    take: &mut dyn FnMut(Pair, usize),
) -> Result<Totals, DataError> {
    if let CorpusSource::Builtin(builtin) = source {
        builtin::check(*builtin, options.images.is_some())?;
    }
    let of_lines = options.columns.filter(|columns| {
        columns.has_features() && matches!(source, CorpusSource::Parallel { .. })
    });
    let mut taker = |mut pair: Pair, line| {
        // Of two files, a line of the sources has its features in a column too.
        if let Some(columns) = of_lines {
            let (text, features) = columns.source_parts(&pair.source);
            (pair.source, pair.features) = (text.to_owned(), features);
        }
        if let Some(features) = &pair.features {
            pair.source = features.behind(&pair.source);
        }
        take(pair, line);
    };
    let mut collector = Collector::new(source, options, go_on, &mut taker);
    match source {
        CorpusSource::Tsv(path) => tsv::read(path, &mut collector)?,
        CorpusSource::Parallel { source, target } => {
            parallel::read(source, target, &mut collector)?;
        }
        CorpusSource::Builtin(builtin) => collector.take_all(builtin.pairs())?,
        // Lists are read part by part.
        CorpusSource::List(_) => {}
    }
    collector.finish()
}

/// What a corpus holds, as [`Corpus::contents`] of the corpus read with the same options.
///
/// # Errors
/// Those of [`read`].
pub fn contents(source: &CorpusSource, options: &ReadOptions) -> Result<Contents, DataError> {
    read(source, options).map(|corpus| corpus.contents)
}

/// What a text file holds.
///
/// # Errors
/// A file that is missing, unreadable, damaged or not UTF-8, or that cannot be read twice.
pub fn content(path: &Path) -> Result<Content, DataError> {
    let mut lines = Lines::open_regular(path, LONGEST_LINE)?;
    while lines.next_line()?.is_some() {}
    Ok(lines.content())
}

/// Reads the images that sources name; a source without a name has a blank one.
fn add_pictures(
    corpus: &mut Corpus,
    names: &Names,
    images: &ImageOptions,
    go_on: &(dyn Fn() -> bool + Sync),
) -> Result<(), DataError> {
    let sources = corpus.pairs.iter().map(|pair| pair.source.as_str());
    let numbered = sources.zip(corpus.lines.iter().copied());
    let named: Vec<(&str, usize)> = numbered.filter(|(name, _)| !name.is_empty()).collect();
    let found = names.known_pictures(&named, images, go_on)?;
    let contents = found.iter().map(|(_, content)| *content);
    corpus.contents.images = Some(Content::of_all(contents));
    let mut found = found.into_iter().map(|(picture, _)| picture);
    let blank = Picture::blank(images);
    let each = corpus
        .pairs
        .iter()
        .map(|pair| match pair.source.is_empty() {
            true => blank.clone(),
            // There is one for each name.
            false => found.next().unwrap_or_else(|| blank.clone()),
        });
    corpus.pictures = each.collect();
    Ok(())
}

/// Where the sources of a corpus stand.
fn names_in(source: &CorpusSource) -> Names {
    match source {
        CorpusSource::Tsv(path) | CorpusSource::Parallel { source: path, .. } => {
            Names::of_file(&open::shown(path))
        }
        other => Names {
            list: other.to_string(),
            folder: Path::new("").to_owned(),
        },
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::corpus::{LONGEST_LINE, OneSided, Pair, stream};
    use crate::image::{Background, Raster};
    use std::path::PathBuf;

    /// A file with these bytes in a folder that lives as long as the first value.
    pub(crate) fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    fn read_tsv(bytes: &[u8]) -> Result<Corpus, DataError> {
        let (_folder, path) = file("pairs.tsv", bytes);
        read(&CorpusSource::Tsv(path), &ReadOptions::default())
    }

    #[test]
    fn nothing_but_blank_lines_is_an_empty_corpus() {
        for bytes in [&b""[..], b"\n\r\n \t \n", b"\xef\xbb\xbf\n"] {
            let message = read_tsv(bytes).unwrap_err().to_string();
            assert!(message.contains("the corpus is empty"), "{message}");
        }
    }

    #[test]
    fn the_longest_pair_is_kept_and_the_next_longer_dropped() {
        let text = format!("{0}\tb\n{0}a\tb\nb\t{0}a\n", "a".repeat(10));
        let (_folder, path) = file("pairs.tsv", text.as_bytes());
        let options = ReadOptions {
            max_characters: 10,
            ..ReadOptions::default()
        };
        let corpus = read(&CorpusSource::Tsv(path), &options).unwrap();
        assert_eq!(corpus.pairs.len(), 1);
        assert_eq!((corpus.lines, corpus.last_line), (vec![1], 3));
        assert_eq!((corpus.summary.read, corpus.summary.over_long), (3, 2));
    }

    const IMAGES: ReadOptions = ReadOptions {
        max_characters: 100,
        images: Some(ImageOptions {
            height: 4,
            channels: 1,
            max_width: 9,
            background: Background::Light,
        }),
        columns: None,
        one_sided: OneSided::Refuse,
        keep_all: false,
        regular_only: false,
    };

    #[test]
    fn images_are_looked_for_beside_the_list() {
        let (folder, path) = file("list.tsv", b"a/1.png\tone\n\na/e\xcc\x81.png\ttwo\n");
        std::fs::create_dir(folder.path().join("a")).unwrap();
        for (name, width) in [("1", 2), ("e\u{301}", 3)] {
            let image = Raster::grey(width, 4, |_, _| 0).png();
            let path = folder.path().join(format!("a/{name}.png"));
            std::fs::write(path, image).unwrap();
        }
        let corpus = read(&CorpusSource::Tsv(path.clone()), &IMAGES).unwrap();
        let widths: Vec<usize> = corpus.pictures.iter().map(|one| one.width).collect();
        assert_eq!(widths, [2, 3]);
        assert_eq!(corpus.pairs[1].target, "two");
        std::fs::write(folder.path().join("a/1.png"), "no image").unwrap();
        let text = "\na/e\u{301}.png\tx\na/1.png\tone\n";
        std::fs::write(&path, text).unwrap();
        let message = read(&CorpusSource::Tsv(path), &IMAGES).unwrap_err();
        let message = message.to_string();
        assert!(message.contains("list.tsv:3: `a/1.png`: "), "{message}");
    }

    #[test]
    fn lists_of_images_may_have_their_texts_beside_them() {
        let (folder, _) = file("texts", b"one\n\ntwo\n");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("list"), "1.png\n\nbuiltin:digits:test:1\n").unwrap();
        let image = Raster::grey(5, 4, |_, _| 0).png();
        std::fs::write(path("1.png"), image).unwrap();
        let source = CorpusSource::Parallel {
            source: path("list"),
            target: path("texts"),
        };
        let corpus = read(&source, &IMAGES).unwrap();
        assert_eq!((corpus.pictures.len(), corpus.pictures[0].width), (2, 5));
        std::fs::remove_file(path("1.png")).unwrap();
        let message = read(&source, &IMAGES).unwrap_err().to_string();
        assert!(message.contains("list:1: "), "{message}");
    }

    fn read_with(bytes: &[u8], change: impl FnOnce(&mut ReadOptions)) -> Result<Corpus, String> {
        let (_folder, path) = file("pairs.tsv", bytes);
        let mut options = ReadOptions::default();
        change(&mut options);
        read(&CorpusSource::Tsv(path), &options).map_err(|error| error.to_string())
    }

    #[test]
    fn text_is_kept_as_it_was_written() {
        // A letter with its mark apart, and a letter that normal form C takes apart.
        let text = " cafe\u{301}\t\u{95c}\u{a0}x \n";
        let corpus = read_tsv(text.as_bytes()).unwrap();
        assert_eq!(corpus.pairs, [Pair::new("cafe\u{301}", "\u{95c}\u{a0}x")]);
    }

    #[test]
    fn one_sided_pairs_are_left_out_and_counted_if_that_is_asked_for() {
        let text = b"a\tb\n\tb\na\n\nc\td\n";
        let corpus = read_with(text, |options| options.one_sided = OneSided::Skip).unwrap();
        assert_eq!(corpus.lines, [1, 5]);
        let summary = corpus.summary.to_string();
        assert!(
            summary.ends_with("kept 2, dropped 3 (1 empty, 2 one-sided)"),
            "{summary}"
        );
    }

    #[test]
    fn every_line_is_a_pair_if_all_are_kept() {
        let long = "x".repeat(5_000);
        let text = format!("a\tb\n\n{long}\t{long}\na\n\tb\n \t \n\n");
        let corpus = read_with(text.as_bytes(), |options| options.keep_all = true).unwrap();
        assert_eq!(corpus.lines, (1..=7).collect::<Vec<_>>());
        let sides: Vec<[usize; 2]> = corpus
            .pairs
            .iter()
            .map(|pair| [pair.source.len(), pair.target.len()])
            .collect();
        let wanted = [[1, 1], [0, 0], [5_000; 2], [1, 0], [0, 1], [0, 0], [0, 0]];
        assert_eq!(sides, wanted);
        assert_eq!((corpus.summary.kept, corpus.summary.dropped()), (7, 0));
        assert_eq!(corpus.last_line, 5);
    }

    #[test]
    fn sides_that_no_memory_should_be_spent_on_are_refused_with_their_size() {
        let huge = "x".repeat(LONGEST_LINE + 1);
        for (text, bytes) in [
            (format!("a\tb\nc\t{huge}\n"), LONGEST_LINE + 1),
            (
                format!("a\tb\n{huge}{huge}{huge}\tc\n"),
                3 * LONGEST_LINE + 5,
            ),
        ] {
            let keep = |options: &mut ReadOptions| options.keep_all = true;
            let message = read_with(text.as_bytes(), keep).unwrap_err();
            let says = format!("pairs.tsv:2: {bytes} bytes");
            assert!(message.contains(&says), "{message}");
        }
    }

    #[test]
    fn parallel_files_keep_their_blank_lines_if_all_are_kept() {
        let (folder, source) = file("x.en", b"a\n\nb\n");
        let target = folder.path().join("x.de");
        std::fs::write(&target, "A\n\nB\n\n\n").unwrap();
        let files = CorpusSource::of_arguments(&[source, target]).unwrap();
        let options = ReadOptions {
            keep_all: true,
            ..ReadOptions::default()
        };
        let corpus = read(&files, &options).unwrap();
        assert_eq!(corpus.lines, [1, 2, 3, 4, 5]);
        assert_eq!(corpus.pairs[2], Pair::new("b", "B"));
        assert_eq!(corpus.pairs[4], Pair::default());
    }

    #[test]
    fn reading_ends_when_it_is_told_to() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let (_folder, path) = file("x.tsv", "a\tb\n".repeat(20_000).as_bytes());
        let asked = AtomicUsize::new(0);
        let go_on = || asked.fetch_add(1, Ordering::Relaxed) < 2;
        let source = CorpusSource::Tsv(path);
        let stopped = read_while(&source, &ReadOptions::default(), &go_on).unwrap_err();
        assert!(
            matches!(stopped, DataError::Stopped { lines: 8_192, .. }),
            "{stopped}"
        );
        let source = "builtin:dates:train".parse().unwrap();
        assert!(read_while(&source, &ReadOptions::default(), &|| false).is_err());
    }

    #[test]
    fn a_list_is_read_in_its_order_with_tags_behind_sources() {
        let (folder, one) = file("one.tsv", b"a\tb\n\nc\td\n");
        std::fs::write(folder.path().join("two.tsv"), "e\tf\n").unwrap();
        let list = |tag: Option<&str>| {
            let two = Part {
                corpus: CorpusSource::Tsv(folder.path().join("two.tsv")),
                weight: 2.0,
                tag: tag.map(str::to_owned),
            };
            CorpusSource::List(vec![Part::plain(CorpusSource::Tsv(one.clone())), two])
        };
        let corpus = read(&list(Some("news")), &ReadOptions::default()).unwrap();
        let sources: Vec<&str> = corpus
            .pairs
            .iter()
            .map(|pair| pair.source.as_str())
            .collect();
        assert_eq!(sources, ["a", "c", "e\tnews"]);
        assert_eq!(corpus.pairs[2].features, Features::new("news"));
        assert_eq!((corpus.lines, corpus.ends), (vec![1, 3, 1], vec![2, 3]));
        let summary = corpus.summary.to_string();
        assert!(summary.contains("read 4 pairs"), "{summary}");
        assert_eq!(summary.lines().count(), 3, "{summary}");
        let without = read(&list(None), &ReadOptions::default()).unwrap();
        assert_ne!(without.contents, corpus.contents);
        assert_eq!(without.contents.texts[0], corpus.contents.texts[0]);
    }

    #[test]
    fn what_a_corpus_holds_is_known_however_it_is_packed_or_called() {
        let text = b"a\tb\r\nc\td\n";
        let (_folder, plain) = file("x.tsv", text);
        let (_other, packed) = file("y.gz", &stream::tests::gzip(text));
        let of = |path: &Path| contents(&CorpusSource::Tsv(path.into()), &ReadOptions::default());
        let known = of(&plain).unwrap();
        assert_eq!(known, of(&packed).unwrap());
        assert_eq!((known.texts[0].bytes, known.texts[0].lines), (9, 2));
        for other in [&b"b\ta\r\nd\tc\n"[..], b"a\tb\nc\td\n", b"a\tb\r\nc\td\n\n"] {
            std::fs::write(&plain, other).unwrap();
            assert_ne!(of(&plain).unwrap(), known);
        }
        let builtin = |name: &str| read(&name.parse().unwrap(), &ReadOptions::default()).unwrap();
        let [dates, other] = ["builtin:dates:test", "builtin:dates:valid"].map(builtin);
        assert_eq!(dates.contents.texts[0].lines, dates.pairs.len() as u64);
        assert_ne!(dates.contents, other.contents);
    }

    #[test]
    fn corpora_of_images_are_known_by_the_images_too() {
        let (folder, list) = file("list.tsv", b"1.png\tone\n\n\ttwo\n");
        let image = |grey| Raster::grey(2, 4, |_, _| grey).png();
        let options = ReadOptions {
            keep_all: true,
            ..IMAGES
        };
        let read = |grey| {
            std::fs::write(folder.path().join("1.png"), image(grey)).unwrap();
            super::read(&CorpusSource::Tsv(list.clone()), &options).unwrap()
        };
        let (dark, again, light) = (read(0), read(0), read(200));
        // Where there is no name there is nothing to see.
        let widths: Vec<usize> = dark.pictures.iter().map(|one| one.width).collect();
        assert_eq!(widths, [2, 1, 1]);
        assert_eq!(dark.contents, again.contents);
        assert_eq!(dark.contents.texts, light.contents.texts);
        assert_ne!(dark.contents.images, light.contents.images);
    }

    #[cfg(unix)]
    #[test]
    fn pipes_are_read_unless_they_will_be_read_again() {
        let (folder, path) = file("x.tsv", b"a\tb\n");
        let fifo = folder.path().join("fifo");
        let made = std::process::Command::new("mkfifo").arg(&fifo).status();
        assert!(made.unwrap().success());
        let source = CorpusSource::Tsv(fifo.clone());
        let options = ReadOptions {
            regular_only: true,
            ..ReadOptions::default()
        };
        let message = read(&source, &options).unwrap_err().to_string();
        assert!(message.contains("a FIFO or pipe"), "{message}");
        let text = std::fs::read(&path).unwrap();
        let writer = std::thread::spawn(move || std::fs::write(fifo, text));
        let corpus = read(&source, &ReadOptions::default()).unwrap();
        assert_eq!(corpus.pairs, [Pair::new("a", "b")]);
        writer.join().unwrap().unwrap();
        let zeros = CorpusSource::Tsv("/dev/zero".into());
        let message = read(&zeros, &ReadOptions::default())
            .unwrap_err()
            .to_string();
        assert!(message.contains("/dev/zero:1: NUL"), "{message}");
    }

    #[test]
    fn built_in_corpora_are_of_text_or_of_images() {
        let text: CorpusSource = "builtin:dates:test".parse().unwrap();
        let images: CorpusSource = "builtin:digits:test".parse().unwrap();
        let message = read(&text, &IMAGES).unwrap_err().to_string();
        assert!(message.contains("holds text, but the model reads images"));
        assert!(message.contains("builtin:digits"), "{message}");
        let message = read(&images, &ReadOptions::default()).unwrap_err();
        let message = message.to_string();
        assert!(message.contains("holds images, but the model reads text"));
    }
}
