//! By the language that a side is found to be in.

use whatlang::{Lang, detect};

use data::corpus::Origin;

use super::{Filter, Text};
use crate::config::FilterConfig;

pub(super) struct Languages([Option<Lang>; 2]);

impl Languages {
    pub(super) fn of(config: &FilterConfig) -> Result<Option<Box<dyn Filter>>, String> {
        let language = |key: &str, code: &Option<String>| -> Result<Option<Lang>, String> {
            let Some(code) = code else {
                return Ok(None);
            };
            Lang::from_code(code.as_str()).map(Some).ok_or_else(|| {
                format!(
                    "`data.filter.{key}`: `{code}` is none of the {} languages that can be told apart; write an ISO \
                     639-3 code, such as eng, cmn, deu, fra, rus or jpn",
                    Lang::all().len()
                )
            })
        };
        let languages = [
            language("source_language", &config.source_language)?,
            language("target_language", &config.target_language)?,
        ];
        let asked = languages.iter().any(Option::is_some);
        Ok(asked.then(|| Box::new(Self(languages)) as Box<dyn Filter>))
    }
}

impl Filter for Languages {
    fn reason(&self) -> String {
        let named: Vec<&str> = self.0.iter().flatten().map(|one| one.eng_name()).collect();
        format!("a side is surely not {}", named.join(" or "))
    }

    /// Short texts are often found to be in a neighbour of their language: only what is sure counts.
    fn keeps(&mut self, text: &Text<'_>, _: Origin) -> bool {
        let sides = [text.source, Some(text.target)].into_iter().zip(&self.0);
        sides.into_iter().all(|(side, language)| {
            let (Some(side), Some(language)) = (side, language) else {
                return true;
            };
            detect(side).is_none_or(|found| found.lang() == *language || !found.is_reliable())
        })
    }
}
