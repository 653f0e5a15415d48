//! The name of a corpus in messages.

use data::corpus::CorpusSource;

/// As the config names it; nothing where it names none.
pub(super) fn name(source: Option<&CorpusSource>) -> String {
    source.map_or_else(String::new, CorpusSource::to_string)
}
