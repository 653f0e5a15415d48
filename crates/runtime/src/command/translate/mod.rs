//! `attune translate`.

mod input;
mod seen;
mod told;

use std::path::{Path, PathBuf};

use clap::Args;
use data::image;
use search::Method;
use search::SearchConfig;

use self::input::{Input, Line};
use self::seen::alignment;
use self::told::Told;
use super::constraints::{ConstraintArgs, ConstraintLines};
use super::model::ModelArgs;
use super::precision::PrecisionArgs;
use super::search::SearchArgs;
use crate::console::Console;
use crate::error::RuntimeError;
use crate::model::{Folders, OpenedModel};
use crate::output::{Output, STANDARD};
use crate::picture::{Alignment, Format};
use crate::replacement::Replacement;
use crate::translator::{Progress, Request, Translation, Translator};

/// Translations of a line, at the most: as many as `search.beam` may be.
const MOST_BEST: usize = 1000;

/// The arguments of `translate`.
#[derive(Debug, Clone, Args)]
pub struct TranslateArgs {
    /// Which model.
    #[command(flatten)]
    pub model: ModelArgs,
    /// Read from a file instead of standard input. For a model of images: a list of their paths, which start at its
    /// folder, or one image.
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Write to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    search: SearchArgs,
    /// In which numbers its weights are.
    #[command(flatten)]
    pub precision: PrecisionArgs,
    /// Write the N best translations of each line, each with its line's number and score.
    #[arg(long, value_name = "N")]
    n_best: Option<usize>,
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
    /// Say of each line which of its words are unknown, instead of their sum.
    #[arg(long)]
    verbose: bool,
}

/// Runs the command with the model that `open` makes of its folders.
///
/// # Errors
/// Mistakes in the arguments, and errors of the input, the output or the model.
pub fn run<E: From<RuntimeError>>(
    args: &TranslateArgs,
    open: impl FnOnce(Folders) -> Result<OpenedModel, E>,
) -> Result<(), E> {
    match args.n_best {
        Some(0) => return Err(wrong("`--n-best` must be at least 1".into())),
        Some(wanted) if wanted > MOST_BEST => {
            return Err(wrong(format!(
                "`--n-best {wanted}` is more than the {MOST_BEST} hypotheses that a search may keep: ask for fewer"
            )));
        }
        _ => {}
    }
    let format = args.attention.as_deref().map(Format::of).transpose()?;
    let only_image = args.input.as_deref().and_then(only_image);
    let mut input = match (&only_image, &args.input) {
        // What it is shows when the model is known.
        (Some(_), _) => None,
        (None, path) => Some(Input::open(path.as_deref())?),
    };
    let loaded = load(args, open)?;
    let reads_images = loaded.source.images().is_some();
    if let (Some(Format::Png), Some(path), false) = (format, &args.attention, reads_images) {
        return Err(wrong(format!(
            "`--attention {}`: this model reads text, and only over images is attention drawn as .png; the name must \
             end in .json or .svg",
            path.display()
        )));
    }
    if let (Some(name), Some(path)) = (only_image, &args.input) {
        input = Some(match reads_images {
            true => Input::given(name, path),
            false => Input::open(Some(path))?,
        });
    }
    let Some(mut input) = input else {
        return Ok(()); // It has been opened in one of the two cases.
    };
    let replacement = match &args.replace_unknown {
        Some(Some(path)) => Some(Replacement::read(path)?),
        Some(None) => Some(Replacement::default()),
        None => None,
    };
    let constraints = args.constraints.read(&loaded.target)?;
    let mut outputs = Outputs::open(args, format)?;
    let translator = loaded.translator();
    let mut console = Console::new(false);
    if let Some(note) = widened(&translator.search, args.n_best) {
        console.say(&note);
    }
    let mut work = Work {
        args,
        loaded: &loaded,
        translator: &translator,
        replacement: replacement.as_ref(),
        constraints: constraints.as_ref(),
        told: Told::new(args.verbose),
    };
    let result = work.all(&mut input, &mut outputs, &mut console);
    console.finish();
    work.told.sum(&console);
    match result {
        Ok(()) => Ok(outputs.finish()?),
        Err(error) => {
            // What was done before something failed is kept.
            outputs.keep()?;
            Err(error.into())
        }
    }
}

/// A run of the command.
struct Work<'a> {
    args: &'a TranslateArgs,
    loaded: &'a OpenedModel,
    translator: &'a Translator<'a>,
    replacement: Option<&'a Replacement>,
    constraints: Option<&'a ConstraintLines>,
    told: Told,
}

impl Work<'_> {
    /// Translates everything, a group of lines at a time.
    fn all(
        &mut self,
        input: &mut Input,
        outputs: &mut Outputs,
        console: &mut Console,
    ) -> Result<(), RuntimeError> {
        let mut number = 0;
        if self.args.output.is_some() {
            console.count("lines");
        }
        loop {
            let mut lines = input.next()?;
            if lines.is_empty() {
                break;
            }
            if let Some(columns) = self.loaded.config.data.columns
                && columns.has_features()
            {
                for line in &mut lines {
                    line.text = columns.source(&line.text);
                }
            }
            if !self.group(&lines, number, input, outputs, console)? {
                return Ok(());
            }
            number += lines.len();
            console.counted(number as u64);
        }
        match self.constraints {
            Some(lines) => lines.finish(number),
            None => Ok(()),
        }
    }

    /// Translates some lines, of which `first` came before; says false when nobody reads the translations any more.
    fn group(
        &mut self,
        lines: &[Line],
        first: usize,
        input: &Input,
        outputs: &mut Outputs,
        console: &Console,
    ) -> Result<bool, RuntimeError> {
        let kept_to = self
            .constraints
            .map(|constraints| constraints.of(first, lines.len()));
        let request = Request {
            n_best: self.args.n_best.unwrap_or(1),
            attention: outputs.attention.is_some(),
            first,
            constraints: kept_to.transpose()?.unwrap_or_default(),
            replacement: self.replacement,
            ..Request::default()
        };
        let sentences: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        let translator = self.translator;
        let mut dataset = translator.source.lines(&sentences, first, &input.names)?;
        self.told
            .before(console, translator, (lines, &dataset), first)?;
        let found = translator.translate_all(&sentences, &mut dataset, &request)?;
        self.told.after(console, (lines, &found), &request);
        for (place, translations) in found.iter().enumerate() {
            let text = written(first + place, translations, self.args.n_best);
            if !outputs.translations.write(text.as_bytes())? {
                return Ok(false);
            }
            if outputs.attention.is_some() {
                let example = &dataset.examples[place];
                let line = sentences[place];
                let drawn = alignment(self.loaded, translator, line, example, translations)?;
                outputs.alignments.extend(drawn);
            }
        }
        outputs.translations.flush()
    }
}

/// Where translations and attention go, opened before the work begins.
struct Outputs {
    translations: Output,
    attention: Option<(Output, Format)>,
    alignments: Vec<Alignment>,
}

impl Outputs {
    fn open(args: &TranslateArgs, format: Option<Format>) -> Result<Self, RuntimeError> {
        let of_runs = args.model.files();
        let dictionary = args.replace_unknown.iter().flatten().map(PathBuf::as_path);
        let inputs = args.input.iter().map(PathBuf::as_path).chain(dictionary);
        let inputs: Vec<&Path> = inputs
            .chain(args.constraints.files())
            .chain(of_runs.iter().map(PathBuf::as_path))
            .collect();
        let standard = Path::new(STANDARD);
        let to_standard = args.output.as_deref().is_none_or(|path| path == standard);
        if to_standard && args.attention.as_deref() == Some(standard) {
            return Err(RuntimeError::Usage(
                "`--attention -` and the translations would both go to standard output: name a file for one of them".into(),
            ));
        }
        let open = |path: &Path| -> Result<Output, RuntimeError> {
            let output = Output::open(path)?;
            output.differs_from_all(inputs.iter().copied())?;
            Ok(output)
        };
        let translations = match &args.output {
            Some(path) => open(path)?,
            None => Output::standard(),
        };
        let attention = match (&args.attention, format) {
            (Some(path), Some(format)) => {
                let output = open(path)?;
                output.differs_from_all(args.output.as_deref())?;
                Some((output, format))
            }
            _ => None,
        };
        Ok(Self {
            translations,
            attention,
            alignments: Vec::new(),
        })
    }

    /// Writes the attention that there is after a failure.
    fn keep(self) -> Result<(), RuntimeError> {
        match self.attention {
            Some((output, format)) if !self.alignments.is_empty() => {
                output.replace(&format.render(&self.alignments)?)
            }
            _ => Ok(()),
        }
    }

    /// Writes what is left to write.
    fn finish(self) -> Result<(), RuntimeError> {
        self.translations.finish()?;
        match self.attention {
            Some((output, format)) => output.replace(&format.render(&self.alignments)?),
            None => Ok(()),
        }
    }
}

/// An error of the command line.
fn wrong<E: From<RuntimeError>>(text: String) -> E {
    RuntimeError::Usage(text).into()
}

/// The models, with what the command line says about the search.
fn load<E: From<RuntimeError>>(
    args: &TranslateArgs,
    open: impl FnOnce(Folders) -> Result<OpenedModel, E>,
) -> Result<OpenedModel, E> {
    let mut overrides = args.search.overrides()?;
    if args.replace_unknown.is_some() {
        overrides.push("search.allow_unknown=true".into());
    }
    let loaded = open(args.model.folders(&overrides)?)?;
    args.search.check(&loaded.config.search)?;
    if args.replace_unknown.is_some() && loaded.source.images().is_some() {
        return Err(wrong(
            "`--replace-unknown` puts a word of the source where an unknown one stands, and an image has no words"
                .into(),
        ));
    }
    if args.replace_unknown.is_some() && !loaded.attends {
        return Err(wrong(
            "`--replace-unknown` asks the attention which word was meant, and the model has none"
                .into(),
        ));
    }
    Ok(loaded)
}

/// The name of the only image that is to be read, if `path` is that of an image and not of a list.
fn only_image(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    (path != Path::new(STANDARD) && image::is_name(name)).then(|| name.to_owned())
}

/// That a beam is made as wide as the translations that are wanted.
fn widened(search: &SearchConfig, n_best: Option<usize>) -> Option<String> {
    let wanted = n_best.filter(|&wanted| wanted > search.beam)?;
    matches!(search.method, Method::Beam | Method::DiverseBeam).then(|| {
        format!(
            "note: `--n-best {wanted}` is more than the beam of {}: searching with a beam of {wanted}",
            search.beam
        )
    })
}

/// A line's translations as they are written: the text of the best, or each with the line's number and its score.
fn written(place: usize, translations: &[Translation], n_best: Option<usize>) -> String {
    if n_best.is_none() {
        let text = translations.first().map_or("", |best| best.text.as_str());
        return format!("{text}\n");
    }
    translations
        .iter()
        .map(|translation| {
            let score = translation.hypothesis.score;
            // Columns are parted by tabs.
            let text = translation.text.replace('\t', " ");
            format!("{}\t{score:.4}\t{text}\n", place + 1)
        })
        .collect()
}
