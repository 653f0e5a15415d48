//! `attune translate`.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::PathBuf;

use clap::Args;

use super::constraints::ConstraintArgs;
use super::loaded::{Loaded, ModelArgs};
use super::precision::PrecisionArgs;
use super::search::SearchArgs;
use crate::error::RunError;
use crate::picture::{self, Alignment};
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
    /// Read from a file instead of standard input.
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
    /// Write the attention of each translation: FILE.json, or FILE.svg (one picture below another).
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
    let wanted = args
        .attention
        .as_deref()
        .map(picture::Format::of)
        .transpose()?;
    let input: Box<dyn Read> = match &args.input {
        Some(path) => Box::new(File::open(path).map_err(|source| RunError::UserFile {
            action: "read",
            path: path.clone(),
            source,
        })?),
        None => Box::new(io::stdin()),
    };
    let loaded = load(args)?;
    let translator = loaded.translator(args.n_best, args.precision)?;
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
    let name = args
        .input
        .as_ref()
        .map_or("standard input".into(), |path| path.display().to_string());
    loop {
        let chunk = read_chunk(&mut lines, &name, number, args.input.is_none())?;
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
            constraints: kept_to.transpose()?.unwrap_or_default(),
            replacement: replacement.as_ref(),
        };
        let found = translate_chunk(&translator, &chunk, &wish)?;
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
                alignments.extend(alignment(
                    &loaded,
                    &translator,
                    &chunk[place],
                    translations,
                )?);
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
        let text = format.render(&alignments);
        run::write_whole(path, text.as_bytes()).map_err(|source| RunError::UserFile {
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
    if args.replace_unknown.is_some() && !loaded.attends {
        return Err(RunError::Usage(
            "`--replace-unknown` asks the attention which word was meant, and the model has none"
                .into(),
        ));
    }
    Ok(loaded)
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
        chunk.push(data::corpus::normalize(text));
    }
    Ok(chunk)
}

/// Translates some lines, and says on standard error what a user should know about them.
fn translate_chunk(
    translator: &Translator<'_>,
    chunk: &[String],
    wish: &Wish<'_>,
) -> Result<Vec<Vec<Translation>>, RunError> {
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
    let found = translator.translate(&sentences, wish)?;
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
    Ok(found)
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

fn alignment(
    loaded: &Loaded,
    translator: &Translator<'_>,
    sentence: &str,
    translations: &[Translation],
) -> Result<Option<Alignment>, RunError> {
    let Some(best) = translations.first() else {
        return Ok(None);
    };
    let word = |id: &u32| loaded.target.token(*id).unwrap_or("").to_owned();
    Ok(Some(Alignment {
        source: translator.prepare(sentence)?.tokens,
        target: best.hypothesis.tokens.iter().map(word).collect(),
        weights: best.hypothesis.attention.clone(),
        text: best.text.clone(),
        score: best.hypothesis.score,
    }))
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
