//! Content of a corpus, whatever its files are called.

use std::fmt;

use corpora::Pair;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use xxhash_rust::xxh3::Xxh3;

/// Fingerprint of the text of a file: a hash (XXH3 of 128 bits) and the length of its bytes as they are when unpacked,
/// marks and line ends included. The same text packed in another way is the same content.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Content {
    /// The hash, written with 32 hexadecimal digits.
    #[serde(serialize_with = "write_hash", deserialize_with = "read_hash")]
    pub hash: u128,
    /// How many bytes there are.
    pub bytes: u64,
    /// How many lines (of images: how many images).
    pub lines: u64,
}

impl Content {
    /// That of pairs that stand in no file.
    pub(super) fn of_pairs(pairs: &[Pair]) -> Self {
        let mut hasher = ContentHasher::default();
        for pair in pairs {
            for part in [&pair.source, "\t", &pair.target, "\n"] {
                hasher.update(part.as_bytes());
            }
        }
        hasher.content(pairs.len() as u64)
    }

    /// Of many contents in this order, such as those of images.
    pub(crate) fn of_all(all: impl IntoIterator<Item = Self>) -> Self {
        let mut hasher = ContentHasher::default();
        let (mut bytes, mut lines) = (0, 0);
        for one in all {
            hasher.update(&one.hash.to_le_bytes());
            hasher.update(&one.bytes.to_le_bytes());
            bytes += one.bytes;
            lines += 1;
        }
        Self {
            bytes,
            ..hasher.content(lines)
        }
    }
}

impl Content {
    /// That of the same text where each of its lines has a tag.
    pub(super) fn tagged(self, tag: &str) -> Self {
        let mut hasher = ContentHasher::default();
        hasher.update(&self.hash.to_le_bytes());
        hasher.update(tag.as_bytes());
        let hash = hasher.hash.digest128();
        Self { hash, ..self }
    }
}

impl fmt::Display for Content {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} lines, {} bytes, hash {:032x}",
            self.lines, self.bytes, self.hash
        )
    }
}

fn write_hash<S: Serializer>(hash: &u128, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{hash:032x}"))
}

fn read_hash<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
    let text = String::deserialize(deserializer)?;
    u128::from_str_radix(&text, 16).map_err(D::Error::custom)
}

/// Content of a whole corpus. A run that goes on can tell by it whether its corpus is the one it began with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Contents {
    /// The text: of one file, of two parallel ones (source, target), or of a built-in corpus's pairs; of a list of corpora
    /// all of these, one after the other.
    pub texts: Vec<Content>,
    /// The images of the pairs that were kept, in their order, where sources are images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<Content>,
}

/// Hashes bytes as they come.
#[derive(Default)]
pub(crate) struct ContentHasher {
    hash: Xxh3,
    bytes: u64,
}

impl ContentHasher {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    pub(crate) fn content(&self, lines: u64) -> Content {
        Content {
            hash: self.hash.digest128(),
            bytes: self.bytes,
            lines,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_survive_writing_and_reading() {
        let contents = Contents {
            texts: vec![
                Content::of_pairs(&[Pair::new("a", "b")]),
                Content::default(),
            ],
            images: None,
        };
        let json = serde_json::to_string(&contents).unwrap();
        assert!(
            json.contains("\"00000000000000000000000000000000\""),
            "{json}"
        );
        assert_eq!(serde_json::from_str::<Contents>(&json).unwrap(), contents);
        assert!(serde_json::from_str::<Content>(r#"{"hash":"x","bytes":1,"lines":1}"#).is_err());
    }

    #[test]
    fn what_differs_has_another_hash() {
        let of = |source, target| Content::of_pairs(&[Pair::new(source, target)]).hash;
        assert_ne!(of("a", "b"), of("b", "a"));
        assert_ne!(of("ab", ""), of("a", "b"));
        let one = Content::of_pairs(&[Pair::new("a", "b")]);
        let other = Content::of_pairs(&[Pair::new("b", "a")]);
        let [first, second] = [[one, other], [other, one]].map(Content::of_all);
        assert_ne!(first.hash, second.hash);
        assert_eq!((first.bytes, first.lines), (8, 2));
    }
}
