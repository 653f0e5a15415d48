//! `attune translate`.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use data::batching::{Dataset, Source};
use data::image::{self, Names};
use model::encoder::Encoder;

use super::constraints::ConstraintArgs;
use super::loaded::{Loaded, ModelArgs};
use super::precision::PrecisionArgs;
use super::search::SearchArgs;
use crate::error::RunError;
use crate::picture::{Alignment, Format, ImageView, Seen};
use crate::replacement::Replacement;
use crate::run;
use crate::translator::{Translation, Translator, Wish};

/// Unknown words listed of one line.
const MOST_LISTED: usize = 50;
/// Lines translated together.
const CHUNK: usize = 512;

#[derive(Debug, Clone, Args)]
pub(super) struct TranslateArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// Read from a file instead of standard input. For a model of images: a list of their paths, which start at its
    /// folder, or one image.
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Write to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    search: SearchArgs,
    #[command(flatten)]
    precision: PrecisionArgs,
    /// Write the N best translations of each line, each with its line's number and score.
    #[arg(long, value_name = "N", default_value_t = 1)]
    n_best: usize,
    /// Write the attention of each translation: FILE.json, or FILE.svg (one picture below another); over images also
    /// FILE.png.
    #[arg(long, value_name = "FILE")]
    attention: Option<PathBuf>,
    #[command(flatten)]
    constraints: ConstraintArgs,
    /// Let unknown words be said, and write for each the source word that it looked at, or that word's translation
    /// in a dictionary of lines "source word, tab, translation".
    #[arg(long, value_name = "DICTIONARY", num_args = 0..=1)]
    replace_unknown: Option<Option<PathBuf>>,
}

pub(super) fn run(args: &TranslateArgs) -> Result<(), RunError> {
    if args.n_best == 0 {
        return Err(RunError::Usage("`--n-best` must be at least 1".into()));
    }
    let wanted = args.attention.as_deref().map(Format::of).transpose()?;
    let mut input: Box<dyn Read> = match &args.input {
        Some(path) => Box::new(File::open(path).map_err(|source| RunError::UserFile {
            action: "read",
            path: path.clone(),
            source,
        })?),
        None => Box::new(io::stdin()),
    };
    let loaded = load(args)?;
    let reads_images = loaded.source.images().is_some();
    if let (Some(Format::Png), Some(path), false) = (wanted, &args.attention, reads_images) {
        return Err(RunError::Usage(format!(
            "`--attention {}`: this model reads text, and only over images is attention drawn as .png; the name must \
             end in .json or .svg",
            path.display()
        )));
    }
    if reads_images && let Some(name) = args.input.as_deref().and_then(only_image) {
        input = Box::new(io::Cursor::new(name));
    }
    let translator = loaded.translator(args.precision)?;
    let replacement = match &args.replace_unknown {
        Some(Some(path)) => Some(Replacement::read(path)?),
        Some(None) => Some(Replacement::default()),
        None => None,
    };
    let constraints = args.constraints.read(&loaded.target)?;
    // A file is written whole or not at all; standard output as the lines come.
    let mut collected = Vec::new();
    let mut alignments = Vec::new();
    let mut lines = BufReader::new(input);
    let mut number = 0;
    let names = match &args.input {
        Some(path) => Names::of_file(path),
        None => Names {
            list: "standard input".into(),
            folder: PathBuf::new(),
        },
    };
    loop {
        let mut chunk = read_chunk(&mut lines, &names.list, number, args.input.is_none())?;
        if !reads_images {
            chunk
                .iter_mut()
                .for_each(|line| *line = data::corpus::normalize(line));
        }
        if chunk.is_empty() {
            break;
        }
        let kept_to = constraints
            .as_ref()
            .map(|lines| lines.of(number, chunk.len()));
        let wish = Wish {
            n_best: args.n_best,
            attention: wanted.is_some(),
            first: number,
            lines: &[],
            constraints: kept_to.transpose()?.unwrap_or_default(),
            replacement: replacement.as_ref(),
        };
        let (found, dataset) = translate_chunk(&translator, &chunk, &names, &wish)?;
        for (place, translations) in found.iter().enumerate() {
            let mut out: Box<dyn Write> = match args.output {
                Some(_) => Box::new(&mut collected),
                None => Box::new(BufWriter::new(io::stdout().lock())),
            };
            if !write_line(&mut out, number + place, translations, args.n_best)
                .map_err(stdout_error)?
            {
                return Ok(());
            }
            if wanted.is_some() {
                let seen = seen(&loaded, &translator, &chunk[place], &dataset, place)?;
                alignments.extend(alignment(&loaded, seen, translations));
            }
        }
        number += chunk.len();
    }
    if let Some(lines) = &constraints {
        lines.finish(number)?;
    }
    if let Some(path) = &args.output {
        run::write_whole(path, &collected).map_err(|source| RunError::UserFile {
            action: "write",
            path: path.clone(),
            source,
        })?;
    }
    if let (Some(path), Some(format)) = (&args.attention, wanted) {
        let content = format.render(&alignments)?;
        run::write_whole(path, &content).map_err(|source| RunError::UserFile {
            action: "write",
            path: path.clone(),
            source,
        })?;
    }
    Ok(())
}

/// The models, with what the command line says about the search.
fn load(args: &TranslateArgs) -> Result<Loaded, RunError> {
    let mut overrides = args.search.overrides()?;
    if args.replace_unknown.is_some() {
        overrides.push("search.allow_unknown=true".into());
    }
    let loaded = args.model.load_all(&overrides)?;
    args.search.check(&loaded.config.search)?;
    if args.replace_unknown.is_some() && loaded.source.images().is_some() {
        return Err(RunError::Usage(
            "`--replace-unknown` puts a word of the source where an unknown one stands, and an image has no words"
                .into(),
        ));
    }
    if args.replace_unknown.is_some() && !loaded.attends {
        return Err(RunError::Usage(
            "`--replace-unknown` asks the attention which word was meant, and the model has none"
                .into(),
        ));
    }
    Ok(loaded)
}

/// The name of the only image that is to be read, if `path` is that of an image and not of a list.
fn only_image(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    image::is_name(name).then(|| name.to_owned())
}

fn stdout_error(source: io::Error) -> RunError {
    RunError::UserFile {
        action: "write",
        path: "standard output".into(),
        source,
    }
}

/// The next lines; with `live`, a single one, so that a person at a terminal sees each answer.
fn read_chunk(
    lines: &mut impl BufRead,
    name: &str,
    before: usize,
    live: bool,
) -> Result<Vec<String>, RunError> {
    let live = live && io::IsTerminal::is_terminal(&io::stdin());
    let mut chunk = Vec::new();
    while chunk.len() < if live { 1 } else { CHUNK } {
        let mut bytes = Vec::new();
        let count = lines
            .read_until(b'\n', &mut bytes)
            .map_err(|source| RunError::UserFile {
                action: "read",
                path: name.into(),
                source,
            })?;
        if count == 0 {
            break;
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            RunError::Usage(format!(
                "{name}:{}: not UTF-8 (byte {}): convert it, for example with `iconv -t UTF-8`",
                before + chunk.len() + 1,
                error.utf8_error().valid_up_to() + 1,
            ))
        })?;
        let text = text.trim_start_matches('\u{feff}').trim();
        chunk.push(text.to_owned());
    }
    Ok(chunk)
}

/// Translates some lines, and says on standard error what a user should know about them.
fn translate_chunk(
    translator: &Translator<'_>,
    chunk: &[String],
    names: &Names,
    wish: &Wish<'_>,
) -> Result<(Vec<Vec<Translation>>, Dataset), RunError> {
    for (place, line) in chunk.iter().enumerate() {
        let prepared = translator.prepare(line)?;
        if !prepared.unknown.is_empty() {
            let listed = distinct(&prepared.unknown);
            eprintln!("line {}: unknown: {listed}", wish.first + place + 1);
        }
        if prepared.cut > 0 {
            eprintln!(
                "line {}: too long: the last {} tokens are left out",
                wish.first + place + 1,
                prepared.cut
            );
        }
    }
    let sentences: Vec<&str> = chunk.iter().map(String::as_str).collect();
    let mut dataset = translator.source.lines(&sentences, wish.first, names)?;
    for (place, example) in dataset.examples.iter().enumerate() {
        if let Source::Picture(picture) = &example.source
            && picture.cut > 0
        {
            eprintln!(
                "line {}: too wide: the last {} of {} columns are left out",
                wish.first + place + 1,
                picture.cut,
                picture.width + picture.cut
            );
        }
    }
    let found = translator.translate_all(&sentences, &mut dataset, wish)?;
    for (place, translations) in found.iter().enumerate() {
        let number = wish.first + place + 1;
        let constraints = wish.constraints.get(place);
        match translations.first() {
            None => eprintln!("line {number}: the rules of the search leave no translation"),
            Some(best) if constraints.is_some_and(|one| !one.are_met(&best.hypothesis.tokens)) => {
                eprintln!("line {number}: no translation with all that it must contain was found");
            }
            Some(_) => {}
        }
    }
    Ok((found, dataset))
}

/// Each of `words` once, in the order they come; of very many only the first.
fn distinct(words: &[String]) -> String {
    let mut seen = HashSet::new();
    let kept: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| seen.insert(*word))
        .collect();
    match kept
        .get(..MOST_LISTED)
        .filter(|first| first.len() < kept.len())
    {
        Some(first) => format!("{} and {} more", first.join(" "), kept.len() - MOST_LISTED),
        None => kept.join(" "),
    }
}

/// Writes a line's translations; false when nobody reads any more.
fn write_line(
    out: &mut dyn Write,
    place: usize,
    translations: &[Translation],
    n_best: usize,
) -> io::Result<bool> {
    let mut write = || -> io::Result<()> {
        if n_best == 1 {
            let text = translations.first().map_or("", |best| best.text.as_str());
            writeln!(out, "{text}")?;
        } else {
            for translation in translations {
                let score = translation.hypothesis.score;
                writeln!(out, "{}\t{score:.4}\t{}", place + 1, translation.text)?;
            }
        }
        out.flush()
    };
    match write() {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        result => result.map(|()| true),
    }
}

/// What the model saw of a line, the example at `place` of `dataset`.
fn seen(
    loaded: &Loaded,
    translator: &Translator<'_>,
    line: &str,
    dataset: &Dataset,
    place: usize,
) -> Result<Seen, RunError> {
    let encoder = &loaded.model.encoder;
    Ok(match (&dataset.examples[place].source, encoder) {
        (Source::Picture(picture), Encoder::Image(encoder)) => Seen::Image {
            image: ImageView::new(line, picture, encoder.grid(picture.height, picture.width)),
        },
        _ => Seen::Words {
            source: translator.prepare(line)?.tokens,
        },
    })
}

fn alignment(loaded: &Loaded, seen: Seen, translations: &[Translation]) -> Option<Alignment> {
    let best = translations.first()?;
    let word = |id: &u32| loaded.target.token(*id).unwrap_or("").to_owned();
    Some(Alignment {
        seen,
        target: best.hypothesis.tokens.iter().map(word).collect(),
        weights: best.hypothesis.attention.clone(),
        text: best.text.clone(),
        score: best.hypothesis.score,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_words_are_listed_once_and_not_without_end() {
        let words = |words: &[&str]| {
            words
                .iter()
                .map(|word| (*word).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(distinct(&words(&["b", "a", "b"])), "b a");
        let many: Vec<String> = (0..MOST_LISTED + 7)
            .map(|number| number.to_string())
            .collect();
        assert!(distinct(&many).ends_with("49 and 7 more"));
    }
}
