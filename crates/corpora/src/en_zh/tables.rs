//! Reads the lexicon's tables: one entry a line, columns between tabs.

use super::entry::Entry;
use super::mistake::FileError;
use super::rows::{self, Row};

type Reader = fn(&Row) -> Entry;

/// File name, text, number of columns, what makes an entry of a row.
const TABLES: [(&str, &str, usize, Reader); 10] = [
    (
        "lexicon/pronouns.tsv",
        include_str!("lexicon/pronouns.tsv"),
        7,
        rows::pronoun,
    ),
    (
        "lexicon/names.tsv",
        include_str!("lexicon/names.tsv"),
        3,
        rows::name,
    ),
    (
        "lexicon/nouns.tsv",
        include_str!("lexicon/nouns.tsv"),
        5,
        rows::noun,
    ),
    (
        "lexicon/mass.tsv",
        include_str!("lexicon/mass.tsv"),
        6,
        rows::mass,
    ),
    (
        "lexicon/verbs.tsv",
        include_str!("lexicon/verbs.tsv"),
        9,
        rows::verb,
    ),
    (
        "lexicon/activities.tsv",
        include_str!("lexicon/activities.tsv"),
        9,
        rows::activity,
    ),
    (
        "lexicon/adjectives.tsv",
        include_str!("lexicon/adjectives.tsv"),
        7,
        rows::adjective,
    ),
    (
        "lexicon/places.tsv",
        include_str!("lexicon/places.tsv"),
        8,
        rows::place,
    ),
    (
        "lexicon/units.tsv",
        include_str!("lexicon/units.tsv"),
        4,
        rows::unit,
    ),
    (
        "lexicon/words.tsv",
        include_str!("lexicon/words.tsv"),
        3,
        rows::word,
    ),
];

/// The entries of all tables, in order.
pub(super) fn load() -> Result<Vec<Entry>, FileError> {
    let mut entries = Vec::new();
    for (file, text, columns, reader) in TABLES {
        for (number, line) in text.lines().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let row: Vec<&'static str> = line.split('\t').collect();
            if row.len() != columns || row.iter().any(|column| column.is_empty()) {
                return Err(FileError {
                    file,
                    line: number + 1,
                    message: format!(
                        "{} columns between tabs, but {columns} are needed, none empty (`-` for none)",
                        row.len()
                    ),
                });
            }
            entries.push(reader(&row));
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_reads() {
        assert!(load().unwrap().len() > 1200);
    }
}
