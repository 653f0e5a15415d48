//! A model as one folder to hand over.
//!
//! ```text
//! config.json: what it is, its settings, and a checksum of each other file
//! model.safetensors, tokenizer.source.json, tokenizer.target.json
//! README.md: the model card
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use config::{Config, Loaded};
use data::corpus::Contents;
use network::Parameters;
use search::packed::Precision;
use serde::{Deserialize, Serialize};

use crate::checkpoint::{Summary, checksum, read_tensors, seal, unseal};
use crate::error::RuntimeError;

/// The file that says what a package is.
pub const CONFIG: &str = "config.json";
/// The file of the parameters.
pub const PARAMETERS: &str = "model.safetensors";
/// The model card.
pub const CARD: &str = "README.md";
/// What `model_type` says.
const KIND: &str = "attune";
/// The version of this layout.
const LAYOUT: u32 = 1;

/// What a package says of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Package {
    /// Always `attune`.
    pub model_type: String,
    /// The layout's version.
    pub layout: u32,
    /// The version of the program that made it.
    pub version: String,
    /// The model's name.
    pub name: String,
    /// Under which terms it may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// Languages of source and target, as codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// Updates that it was trained for.
    pub step: u64,
    /// In which numbers the weights are.
    pub precision: String,
    /// Fingerprints of the vocabularies, source and target.
    pub vocabularies: [String; 2],
    /// What the corpora held, by their keys.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub contents: BTreeMap<String, Contents>,
    /// The checksum of each file, by its name.
    pub files: BTreeMap<String, String>,
    /// The run's config, with every default written out.
    pub settings: serde_json::Value,
    checksum: String,
}

impl Package {
    /// A package of a model, of which the files are to be added.
    ///
    /// # Errors
    /// A config that JSON cannot hold.
    pub fn new(
        config: &Config,
        summary: &Summary,
        precision: Precision,
    ) -> Result<Self, serde_json::Error> {
        Ok(Self {
            model_type: KIND.into(),
            layout: LAYOUT,
            version: env!("CARGO_PKG_VERSION").into(),
            name: config.name.clone(),
            license: None,
            languages: Vec::new(),
            step: summary.step,
            precision: precision.name().into(),
            vocabularies: summary.vocabularies.clone(),
            contents: summary.contents.clone(),
            files: BTreeMap::new(),
            settings: serde_json::to_value(config)?,
            checksum: "0".repeat(16),
        })
    }

    /// Notes the checksum of a file.
    pub fn add(&mut self, name: &str, bytes: &[u8]) {
        let sum = format!("{:016x}", checksum(bytes));
        self.files.insert(name.to_owned(), sum);
    }

    /// The text of `config.json`, with its own checksum.
    ///
    /// # Errors
    /// What JSON cannot hold.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        Ok(seal(&(serde_json::to_string_pretty(self)? + "\n")))
    }

    /// Reads what the package in `folder` says of itself; nothing where there is none.
    ///
    /// # Errors
    /// A package that is damaged or of a later layout.
    pub fn read(folder: &Path) -> Result<Option<Self>, RuntimeError> {
        let path = folder.join(CONFIG);
        let Ok(text) = fs::read_to_string(&path) else {
            return Ok(None);
        };
        #[derive(Deserialize)]
        struct Kind {
            #[serde(default)]
            model_type: String,
            #[serde(default)]
            layout: u32,
        }
        let kind: Kind = match serde_json::from_str(&text) {
            Ok(kind) => kind,
            Err(error) => return Err(damaged(&path, error.to_string())),
        };
        if kind.model_type != KIND {
            return Ok(None);
        }
        if kind.layout > LAYOUT {
            let found = format!("its layout {} is later than this program", kind.layout);
            return Err(damaged(&path, found));
        }
        unseal(&text)
            .map(Some)
            .map_err(|reason| damaged(&path, reason))
    }

    /// The model's config with `overrides`, each `KEY=VALUE`, over it.
    ///
    /// # Errors
    /// An override that is wrong.
    pub fn config(&self, overrides: &[String]) -> Result<Loaded, RuntimeError> {
        let text =
            toml::to_string(&self.settings).map_err(|error| RuntimeError::PackageDamaged {
                path: CONFIG.into(),
                reason: error.to_string(),
            })?;
        Ok(Config::parse(&text, CONFIG, overrides)?)
    }

    /// The bytes of a file in `folder`.
    ///
    /// # Errors
    /// When it is missing or changed.
    pub fn file(&self, folder: &Path, name: &str) -> Result<Vec<u8>, RuntimeError> {
        let path = folder.join(name);
        let bytes = fs::read(&path).map_err(|error| damaged(&path, error.to_string()))?;
        match self.files.get(name) {
            Some(sum) if *sum == format!("{:016x}", checksum(&bytes)) => Ok(bytes),
            Some(_) => Err(damaged(&path, crate::checkpoint::OTHER_CHECKSUM.into())),
            None => Err(damaged(&path, format!("`{CONFIG}` does not know it"))),
        }
    }

    /// The parameters in `folder`, and the summary of the training's state.
    ///
    /// # Errors
    /// When the file is missing or changed.
    pub fn parameters(&self, folder: &Path) -> Result<(Parameters, Summary), RuntimeError> {
        let bytes = self.file(folder, PARAMETERS)?;
        let parameters =
            read_tensors(&bytes).map_err(|reason| damaged(&folder.join(PARAMETERS), reason))?;
        let summary = Summary {
            step: self.step,
            vocabularies: self.vocabularies.clone(),
            contents: self.contents.clone(),
            checksums: [0; 2],
        };
        Ok((parameters, summary))
    }

    /// What users are told of a card in `folder` that was changed: anyone may write more into it.
    pub fn notice(&self, folder: &Path) -> Option<String> {
        let changed = self.file(folder, CARD).is_err();
        changed.then(|| {
            format!(
                "`{}` is not the card that the model was exported with",
                folder.join(CARD).display()
            )
        })
    }
}

/// The error of a file that is not as it was exported.
fn damaged(path: &Path, reason: String) -> RuntimeError {
    RuntimeError::PackageDamaged {
        path: path.to_owned(),
        reason,
    }
}
