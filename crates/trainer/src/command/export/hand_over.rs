//! What all formats that leave as a folder share: the model without tensors, and what its card says.

use clap::Args;
use network::{Network, Values};
use runtime::checkpoint::Summary;
use runtime::command::model::ModelArgs;
use runtime::folder::ModelFolder;
use runtime::model::Folders;

use crate::card::Card;
use crate::config::Config;
use crate::console::say;
use crate::engine::Report;
use crate::error::RunError;

/// What a model card is to say.
#[derive(Debug, Clone, Args)]
pub(super) struct CardArgs {
    /// Terms under which the model may be used, as hubs call them (mit, apache-2.0, cc-by-4.0, ..), for the card.
    #[arg(long, value_name = "NAME")]
    license: Option<String>,
    /// Languages of source and target as codes (en,zh), for the card; else those of a run that is called `en-zh`.
    #[arg(long, value_name = "CODE,CODE", value_delimiter = ',')]
    languages: Vec<String>,
}

/// A model to hand over.
pub(super) struct HandOver {
    pub config: Config,
    pub network: Network<Values>,
    pub summary: Summary,
    pub source: crate::Reader,
    pub target: data::tokenizer::Tokenizer,
    pub license: Option<String>,
    pub languages: Vec<String>,
    folder: ModelFolder,
    report: Option<Report>,
}

impl HandOver {
    /// Reads the model that `model` names.
    ///
    /// # Errors
    /// Several models, or one that cannot be read.
    pub fn read(model: &ModelArgs, card: &CardArgs) -> Result<Self, RunError> {
        if model.run.len() > 1 {
            return Err(RunError::Usage(
                "this command is for one model: give `--run` once".into(),
            ));
        }
        let folders = Folders::open(&model.run, &[])?;
        let (network, summary) = folders.networks(&model.checkpoint)?.remove(0);
        let Folders {
            mut members,
            source,
            target,
            ..
        } = folders;
        let (folder, config) = members.remove(0);
        let package = folder.package()?;
        let license = card.license.clone();
        let mut languages = card.languages.clone();
        if languages.is_empty() {
            let known = package.as_ref().map(|package| package.languages.clone());
            languages = known.unwrap_or_default();
        }
        if languages.is_empty() {
            languages = languages_of(&config.name);
            if let [from, to] = &languages[..] {
                say(&format!(
                    "note: the card says that the model is from `{from}` to `{to}`, after the run's name; `--languages` says otherwise"
                ));
            }
        }
        Ok(Self {
            license: license.or_else(|| package.and_then(|package| package.license)),
            report: report(&folder),
            folder,
            config,
            network,
            summary,
            source,
            target,
            languages,
        })
    }

    /// The sides that have a tokenizer.
    pub fn sides(&self) -> &'static [&'static str] {
        match self.source.images() {
            None => &["source", "target"],
            Some(_) => &["target"],
        }
    }

    /// The bytes of the tokenizer of one of [`Self::sides`].
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn tokenizer(&self, side: &str) -> Result<Vec<u8>, RunError> {
        let path = self.folder.tokenizer_file(side);
        std::fs::read(&path).map_err(|source| RunError::UserFile {
            action: "read",
            path,
            source,
        })
    }

    /// The model card, with a section on how the model is used.
    pub fn card(&self, library: &str, tags: &[&str], use_section: &str) -> String {
        let mut parameters = 0;
        self.network
            .visit(|_, values| parameters += values.data.len());
        let card = Card {
            config: &self.config,
            step: self.summary.step,
            parameters,
            license: self.license.as_deref(),
            languages: &self.languages,
            report: self.report.as_ref(),
            contents: &self.summary.contents,
            tags,
            library,
            use_section,
        };
        card.to_markdown()
    }
}

/// The codes of a name that is two of them: `en-zh`.
fn languages_of(name: &str) -> Vec<String> {
    let is_code = |part: &str| {
        (2..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase())
    };
    match name.split_once('-') {
        Some((from, to)) if is_code(from) && is_code(to) => vec![from.into(), to.into()],
        _ => Vec::new(),
    }
}

/// The run's report, if it has ended.
fn report(folder: &ModelFolder) -> Option<Report> {
    let bytes = std::fs::read(folder.file("report.json")).ok()?;
    serde_json::from_slice(&bytes).ok()
}
