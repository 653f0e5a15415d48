//! By the script of the letters.

use unicode_script::{Script, UnicodeScript};

use data::corpus::Origin;

use super::{Filter, Text};
use crate::config::FilterConfig;

pub(super) struct Scripts {
    /// Of each side, where one is asked for.
    scripts: [Option<Script>; 2],
    least: f64,
}

impl Scripts {
    pub(super) fn of(config: &FilterConfig) -> Result<Option<Box<dyn Filter>>, String> {
        let script = |key: &str, name: &Option<String>| -> Result<Option<Script>, String> {
            let Some(name) = name else {
                return Ok(None);
            };
            let script = Script::from_full_name(name).or_else(|| Script::from_short_name(name));
            script.map(Some).ok_or_else(|| {
                format!(
                    "`data.filter.{key}`: `{name}` is no script of Unicode; write its name, such as Latin, Han, \
                     Cyrillic, Arabic, Devanagari or Hangul"
                )
            })
        };
        let scripts = [
            script("source_script", &config.source_script)?,
            script("target_script", &config.target_script)?,
        ];
        let least = config.min_script;
        let asked = scripts.iter().any(Option::is_some);
        Ok(asked.then(|| Box::new(Self { scripts, least }) as Box<dyn Filter>))
    }
}

impl Filter for Scripts {
    fn reason(&self) -> String {
        let sides = ["sources", "targets"].into_iter().zip(&self.scripts);
        let asked = sides.filter_map(|(side, script)| {
            let name = script.as_ref()?.full_name();
            Some(format!("of the {side}' letters are {name}"))
        });
        let asked: Vec<String> = asked.collect();
        format!(
            "less than {:.0}% {}",
            100.0 * self.least,
            asked.join(", or ")
        )
    }

    fn keeps(&mut self, text: &Text<'_>, _: Origin) -> bool {
        let sides = [text.source, Some(text.target)]
            .into_iter()
            .zip(&self.scripts);
        sides.into_iter().all(|(side, script)| {
            let (Some(side), Some(script)) = (side, script) else {
                return true;
            };
            let letters = side.chars().filter(|letter| letter.is_alphabetic());
            let (mut own, mut all) = (0, 0);
            for letter in letters {
                own += usize::from(letter.script() == *script);
                all += 1;
            }
            own as f64 >= self.least * all as f64
        })
    }
}
