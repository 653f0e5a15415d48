//! Columns of a TSV file, and the content of each.

use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::Features;

/// Content of a column of a TSV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Column {
    /// Text to translate.
    Source,
    /// Its translation.
    Target,
    /// Features of the source, beside its text: [`super::Features`].
    Features,
    /// Text that is not read, such as a licence.
    Skip,
}

/// Contents of the columns of a TSV file, from the first to the last. Written as a list of names:
/// `["source", "target", "skip"]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(into = "Vec<Column>")]
pub struct Columns {
    count: usize,
    source: usize,
    target: usize,
    features: Option<usize>,
}

/// Why a list names no columns that pairs can be read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a list of columns names \"{column}\" {}, but it is there {found} times; for example: [\"source\", \"target\", \"skip\"]",
    if *column == "features" { "at most once" } else { "exactly once" }
)]
pub struct WrongColumns {
    column: &'static str,
    found: usize,
}

impl Columns {
    /// Those of a file of which nothing else is said.
    pub(super) const PAIR: Self = Self {
        count: 2,
        source: 0,
        target: 1,
        features: None,
    };

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Iterates over the contents of the columns, from the first to the last.
    pub fn iter(&self) -> impl Iterator<Item = Column> + '_ {
        (0..self.count).map(|place| match place {
            place if place == self.source => Column::Source,
            place if place == self.target => Column::Target,
            place if Some(place) == self.features => Column::Features,
            _ => Column::Skip,
        })
    }

    /// Whether one of them holds features.
    pub fn has_features(&self) -> bool {
        self.features.is_some()
    }

    /// The source that a line of sources says, whose columns are these but for the target's: with its features behind it,
    /// each after a tab. A line of one column has no features.
    ///
    /// ```
    /// use data::corpus::Columns;
    ///
    /// let columns: Columns = serde_json::from_str(r#"["source", "target", "features"]"#)?;
    /// assert_eq!(columns.source("go\tV;PST"), "go\tV\tPST");
    /// assert_eq!(columns.source("go"), "go");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn source(&self, line: &str) -> String {
        let (source, features) = self.source_parts(line);
        features.map_or_else(|| source.to_owned(), |features| features.behind(source))
    }

    /// The source that a line of sources says, and its features.
    pub(super) fn source_parts<'a>(&self, line: &'a str) -> (&'a str, Option<Features>) {
        let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
        let place = |column: usize| column - usize::from(self.target < column);
        let cell = |column| cells.get(place(column)).copied().unwrap_or_default();
        match (self.features, &cells[..]) {
            (_, [alone]) => (*alone, None),
            (None, _) => (cell(self.source), None),
            (Some(features), _) => (cell(self.source), Features::new(cell(features))),
        }
    }

    /// The columns of a line. What a line lacks is missing, and further columns are counted.
    pub(super) fn cut<'a>(&self, line: &'a str) -> Cells<'a> {
        let mut cells = Cells::default();
        for (place, text) in line.split('\t').enumerate() {
            cells.count += 1;
            if place == self.source {
                cells.source = Some(text);
            } else if place == self.target {
                cells.target = Some(text);
            } else if Some(place) == self.features {
                cells.features = Some(text);
            } else if place >= self.count && !text.trim().is_empty() {
                cells.last_extra = Some(cells.count);
            }
        }
        cells
    }

    /// The place of the last column that is read.
    pub(super) fn last_read(&self) -> usize {
        self.source.max(self.target).max(self.features.unwrap_or(0))
    }
}

/// Contents of the columns of a line.
#[derive(Debug, Default)]
pub(super) struct Cells<'a> {
    pub(super) source: Option<&'a str>,
    pub(super) target: Option<&'a str>,
    pub(super) features: Option<&'a str>,
    /// How many columns there are.
    pub(super) count: usize,
    /// The last column that nobody has named and that is not blank, from 1.
    pub(super) last_extra: Option<usize>,
}

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(List)
    }
}

/// Reads a list of names, and says what one looks like where there is none.
struct List;

impl<'de> Visitor<'de> for List {
    type Value = Columns;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of columns such as [\"source\", \"target\", \"skip\"]")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<Columns, A::Error> {
        let mut list = Vec::new();
        while let Some(column) = names.next_element()? {
            list.push(column);
        }
        Columns::try_from(list).map_err(A::Error::custom)
    }
}

impl TryFrom<Vec<Column>> for Columns {
    type Error = WrongColumns;

    fn try_from(list: Vec<Column>) -> Result<Self, WrongColumns> {
        let found = |wanted| {
            let places = list.iter().enumerate();
            let mut places = places.filter(move |(_, column)| **column == wanted);
            (places.next().map(|(place, _)| place), 1 + places.count())
        };
        let once = |wanted, column| match found(wanted) {
            (Some(place), 1) => Ok(place),
            (None, _) => Err(WrongColumns { column, found: 0 }),
            (Some(_), found) => Err(WrongColumns { column, found }),
        };
        Ok(Self {
            count: list.len(),
            source: once(Column::Source, "source")?,
            target: once(Column::Target, "target")?,
            features: match found(Column::Features) {
                (None, _) => None,
                (Some(_), _) => Some(once(Column::Features, "features")?),
            },
        })
    }
}

impl From<Columns> for Vec<Column> {
    fn from(columns: Columns) -> Self {
        columns.iter().collect()
    }
}

impl fmt::Display for Columns {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |column| match column {
            Column::Source => "\"source\"",
            Column::Target => "\"target\"",
            Column::Features => "\"features\"",
            Column::Skip => "\"skip\"",
        };
        let names: Vec<&str> = self.iter().map(name).collect();
        write!(formatter, "[{}]", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<Columns, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn lists_survive_writing_and_reading() {
        for json in [
            r#"["source","target"]"#,
            r#"["skip","target","features","source","skip"]"#,
        ] {
            let columns = parse(json).unwrap();
            assert_eq!(serde_json::to_string(&columns).unwrap(), json);
            assert_eq!(columns.to_string().replace(", ", ","), json);
        }
        assert_eq!(parse(r#"["source","target"]"#).unwrap(), Columns::PAIR);
    }

    #[test]
    fn wrong_lists_are_refused() {
        for (json, says) in [
            ("[]", "\"source\" exactly once, but it is there 0 times"),
            (
                r#"["source"]"#,
                "\"target\" exactly once, but it is there 0",
            ),
            (
                r#"["source","target","source"]"#,
                "\"source\" exactly once, but it is there 2",
            ),
            (
                r#"["source","target","features","features"]"#,
                "\"features\" at most once, but it is there 2",
            ),
            (r#"["source","traget"]"#, "traget"),
            ("3", "a list of columns such as"),
        ] {
            let message = parse(json).unwrap_err();
            assert!(message.contains(says), "{message}");
        }
    }
}
