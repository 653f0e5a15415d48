//! Errors of a corpus, a tokenizer or a batch size.
//!
//! Every message says what is wrong, where, and what to do.

use std::io;
use std::path::PathBuf;

use crate::corpus::{Columns, Side, Summary, TextEncoding};
use crate::image::ImageProblem;
use crate::special::MARKS;
use crate::tokenizer::Kind;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// A file that does not exist.
    #[error(
        "{}: no such file; check the path (a relative path starts at the folder the command is run in)",
        path.display()
    )]
    Missing {
        /// The path as given.
        path: PathBuf,
    },

    /// A folder where a file is needed.
    #[error("{}: this is a folder; name a file in it", path.display())]
    Folder {
        /// The path as given.
        path: PathBuf,
    },

    /// A file that the system does not let us read.
    #[error("{}: cannot be read ({cause}); check its permissions and the disk", path.display())]
    Unreadable {
        /// The path as given.
        path: PathBuf,
        /// Error that the system reported.
        cause: io::Error,
    },

    /// A compressed file that cannot be unpacked.
    #[error(
        "{}:{line}: damaged {format} data ({cause}); fetch or compress the file again",
        path.display()
    )]
    Damaged {
        /// The path as given.
        path: PathBuf,
        /// The line being read, from 1.
        line: usize,
        /// `gzip` or `zstd`.
        format: &'static str,
        /// Message of the decompressor.
        cause: String,
    },

    /// An input that cannot be read twice where it will be read again.
    #[error(
        "{}: this is {what}, and what a run is made from is read again when it goes on: write it to a file first and \
         name that",
        path.display()
    )]
    NotRegular {
        /// The path as given.
        path: PathBuf,
        /// Kind of the input, such as `a device`.
        what: &'static str,
    },

    /// A file of a cache that does not hold what was written to it.
    #[error(
        "{}: the tokenised corpus is damaged ({what}); delete its folder, and it is made again",
        path.display()
    )]
    DamagedCache {
        /// The file.
        path: PathBuf,
        /// Kind of damage.
        what: String,
    },

    /// A file of a cache that cannot be made or written.
    #[error(
        "{}: the tokenised corpus cannot be written ({cause}); make room, or name another folder by `data.cache_dir`",
        path.display()
    )]
    CacheUnwritable {
        /// The file or folder.
        path: PathBuf,
        /// Error that the system reported.
        cause: io::Error,
    },

    /// Bytes that are not UTF-8.
    #[error(
        "{}:{line}: not UTF-8 text: byte {offset} of the file is 0x{byte:02X}; {encoding}",
        path.display()
    )]
    NotUtf8 {
        /// The path as given.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The offending byte's place in the (unpacked) file, from 0.
        offset: u64,
        /// The offending byte.
        byte: u8,
        /// Likely encoding of the text.
        encoding: Box<TextEncoding>,
    },

    /// A NUL in text.
    #[error(
        "{}:{line}: NUL (U+0000) is byte {offset} of the file, and no text has one: the file may be damaged, or no text; \
         mend or delete the line (`tr -d '\\0'` deletes every NUL)",
        path.display()
    )]
    Nul {
        /// The path as given.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// Its place in the (unpacked) file, from 0.
        offset: u64,
    },

    /// A line without end, such as a device may have.
    #[error(
        "{}:{line}: a line of more than {bytes} bytes without an end: this is no text of lines; name another file",
        path.display()
    )]
    EndlessLine {
        /// The path as given.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// How many bytes were read before reading was given up.
        bytes: u64,
    },

    /// A line that must be read whole and is too long.
    #[error(
        "{}:{line}: {bytes} bytes, and more than {most} are not read: break it into several lines, or delete it",
        path.display()
    )]
    LongLine {
        /// The path as given.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// How many bytes the line or the side has.
        bytes: u64,
        /// The most that are read.
        most: usize,
    },

    /// A TSV file with more or fewer columns than are named.
    #[error(
        "{}:{line}: {found} columns, but {}",
        path.display(),
        match named {
            Some(columns) => format!(
                "`data.columns` names {}, {columns}: mend the line, or name each column of the file",
                columns.count()
            ),
            None => format!(
                "a pair has two, source and target: say in `data.columns` what each of them is, for example columns = \
                 [\"source\", \"target\"{}] (or \"features\")",
                ", \"skip\"".repeat(found.saturating_sub(2).min(8))
            ),
        }
    )]
    ColumnCount {
        /// The path as given.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// How many columns it has.
        found: usize,
        /// Columns as the config names them, if it does.
        named: Option<Columns>,
    },

    /// Arguments that name no corpus.
    #[error(
        "{cause}; a corpus is one TSV file, one built-in corpus, or two parallel files (source, then target), of which \
         one may be `-`"
    )]
    CorpusArguments {
        /// Description of the mistake.
        cause: String,
    },

    /// Reading was to end.
    #[error("{}: reading was stopped after {lines} lines; start again to read it all", path.display())]
    Stopped {
        /// Input that was being read.
        path: PathBuf,
        /// How many lines had been read.
        lines: usize,
    },

    /// A line with text on one side only.
    #[error(
        "{}:{line}: one-sided pair: the {side} side is empty{}; complete the pair or delete it, or have such pairs \
         left out with `data.one_sided = \"skip\"`",
        path.display(),
        if *tab { "" } else { " (there is no tab in the line: columns are separated by a tab)" }
    )]
    OneSided {
        /// The file with the empty side.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The empty side.
        side: Side,
        /// False where a TSV line had one column only.
        tab: bool,
    },

    /// Two parallel files of different length.
    #[error(
        "{} has {source_lines} lines but {} has {target_lines}; line n of one must translate line n \
         of the other: find where they part and mend it",
        source_path.display(), target_path.display()
    )]
    CountMismatch {
        /// The source language's file.
        source_path: PathBuf,
        /// Its number of lines, blank ones at the end left out.
        source_lines: usize,
        /// The target language's file.
        target_path: PathBuf,
        /// Its number of lines, blank ones at the end left out.
        target_lines: usize,
    },

    /// Word alignments that are not those of the corpus.
    #[error(
        "{}: {lines} lines, but the last pair of {corpus} is in line {pairs}; line n must have the links of the \
         corpus's line n (a blank line where there are none): align the corpus as it is",
        path.display()
    )]
    AlignmentCount {
        /// The file of links.
        path: PathBuf,
        /// Its number of lines; blank ones at the end left out if it is too long.
        lines: usize,
        /// Where the pairs come from.
        corpus: String,
        /// The corpus's last line that is not blank.
        pairs: usize,
    },

    /// Something among word alignments that is no link.
    #[error(
        "{}:{line}: `{found}` is no link; a line has links like `0-0 1-2`: the numbers of a source word and a \
         target word, from 0, as fast_align writes them",
        path.display()
    )]
    NotALink {
        /// The file of links.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// Text that was found.
        found: String,
    },

    /// The name of no built-in corpus whose links are known.
    #[error("there is no built-in corpus `{name}` with links; choose one of {known}")]
    NoLinks {
        /// The name as given.
        name: String,
        /// The corpora that have them.
        known: String,
    },

    /// The links of a built-in corpus for another.
    #[error(
        "the links of `{name}` are those of its own pairs, but the pairs are those of {corpus}; train on `{name}`, \
         or give the links of your corpus in a file"
    )]
    OtherLinks {
        /// Whose links they are.
        name: String,
        /// Where the pairs come from.
        corpus: String,
    },

    /// A link to a word that the sentence does not have.
    #[error(
        "{}:{line}: the link `{link}` names {side} word {word}, but words are numbered from 0 and the {side} \
         sentence has {words}; words are what white space parts: align the corpus as it is",
        path.display()
    )]
    LinkOutOfRange {
        /// The file of links.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The link.
        link: String,
        /// The side on which there is no such word.
        side: Side,
        /// The word's number.
        word: usize,
        /// How many words there are.
        words: usize,
    },

    /// A corpus of which nothing is left.
    #[error("{}: the corpus is empty ({summary}); a corpus needs at least one sentence pair", summary.source)]
    EmptyCorpus {
        /// Numbers of pairs read and dropped.
        summary: Summary,
    },

    /// An image that cannot be read.
    #[error("{list}:{line}: `{name}`: {problem}")]
    Image {
        /// Where its name stands: a file or standard input.
        list: String,
        /// The line, from 1.
        line: usize,
        /// The image.
        name: String,
        /// Problem with the image.
        problem: Box<ImageProblem>,
    },

    /// A built-in corpus of images for a model of text, or the other way round.
    #[error(
        "`{name}` holds {holds}, but the model reads {reads}; give it a corpus of {reads}{known}"
    )]
    OtherSources {
        /// The corpus.
        name: String,
        /// Kind of its sources.
        holds: &'static str,
        /// Kind of sources that the model reads.
        reads: &'static str,
        /// A built-in corpus that would do.
        known: &'static str,
    },

    /// A `builtin:` name that does not exist.
    #[error("there is no built-in corpus `{name}`; choose one of {known}")]
    UnknownBuiltin {
        /// The name as given.
        name: String,
        /// The names that may have been meant.
        known: String,
    },

    /// A vocabulary with no room for what it must hold.
    #[error(
        "tokenizer: vocab_size = {vocab_size} is too small for kind \"{kind}\"; set it to at least {least}"
    )]
    VocabularyTooSmall {
        /// The tokenizer's kind.
        kind: Kind,
        /// The size asked for.
        vocab_size: usize,
        /// The smallest size that works.
        least: usize,
    },

    /// Texts without a single character to learn from.
    #[error(
        "tokenizer: there is no text to train a \"{kind}\" vocabulary on; give it a corpus that is not blank"
    )]
    NothingToLearn {
        /// The tokenizer's kind.
        kind: Kind,
    },

    /// A file that is not a tokenizer.
    #[error(
        "{}:{line}: not a tokenizer.json of the Hugging Face `tokenizers` library ({cause}); name \
         another file, or delete it to have it trained again",
        path.display()
    )]
    NotATokenizer {
        /// The path as given.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// Message of the parser.
        cause: String,
    },

    /// A tokenizer whose special marks are elsewhere.
    #[error(
        "{}: the special marks {} must have the ids 0, 1, 2 and 3, but id {id} is {found}; train the \
         tokenizer with these special tokens first, in this order",
        path.display(), MARKS.join(" ")
    )]
    MarksElsewhere {
        /// The path as given.
        path: PathBuf,
        /// The first id that is wrong.
        id: u32,
        /// Token that was found there.
        found: String,
    },

    /// A tokenizer whose ids are not 0, 1, 2, ... without gaps.
    #[error(
        "{}: no token has the id {id} though the vocabulary holds {size} tokens; ids must run from 0 \
         without gaps: number the vocabulary anew",
        path.display()
    )]
    GapInVocabulary {
        /// The path as given.
        path: PathBuf,
        /// The first id without a token.
        id: u32,
        /// How many tokens there are.
        size: usize,
    },

    /// A file that cannot be written.
    #[error("{}: cannot be written ({cause}); check the folder's permissions and the disk", path.display())]
    Unwritable {
        /// The path as given.
        path: PathBuf,
        /// Error that the system reported.
        cause: io::Error,
    },

    /// Something that the tokenizer library refused.
    #[error(
        "tokenizer: {doing} failed ({cause}); if the tokenizer came from a file, train it anew"
    )]
    Library {
        /// Action that failed.
        doing: &'static str,
        /// Message of the library.
        cause: String,
    },

    /// A batch setting that cannot be zero.
    #[error("batches: `{key}` is 0; set it to at least 1")]
    ZeroBatch {
        /// The setting.
        key: &'static str,
    },
}

/// Makes the error of a file that cannot be written in a cache's folder.
pub(crate) fn unwritable(path: &std::path::Path) -> impl Fn(std::io::Error) -> DataError {
    let path = path.to_owned();
    move |cause| DataError::CacheUnwritable {
        path: path.clone(),
        cause,
    }
}

impl DataError {
    /// Sorts what the system says about opening or reading `path` into the matching variant.
    pub(crate) fn reading(path: PathBuf, cause: io::Error) -> Self {
        match cause.kind() {
            io::ErrorKind::NotFound => Self::Missing { path },
            io::ErrorKind::IsADirectory => Self::Folder { path },
            _ => Self::Unreadable { path, cause },
        }
    }
}
