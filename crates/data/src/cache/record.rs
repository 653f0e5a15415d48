//! A record of `pairs.idx`.

use xxhash_rust::xxh3::xxh3_64;

/// Where the ids of a pair lie in `pairs.ids`: those of the source, and right behind them those of the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    /// The place of the first id, in bytes.
    pub(super) start: u64,
    /// Number of ids of source and target, without end marks.
    pub(super) lengths: [u32; 2],
    /// Check of the bytes of the ids.
    pub(super) check: u32,
}

impl Record {
    /// Bytes of a record; its numbers are little-endian.
    pub(super) const BYTES: usize = 20;

    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        let [source, target] = self.lengths;
        let mut bytes = [0; Self::BYTES];
        bytes[..8].copy_from_slice(&self.start.to_le_bytes());
        bytes[8..12].copy_from_slice(&source.to_le_bytes());
        bytes[12..16].copy_from_slice(&target.to_le_bytes());
        bytes[16..].copy_from_slice(&self.check.to_le_bytes());
        bytes
    }

    pub(super) fn of_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let word = |at: usize| u32::from_le_bytes(std::array::from_fn(|place| bytes[at + place]));
        Self {
            start: u64::from_le_bytes(std::array::from_fn(|place| bytes[place])),
            lengths: [word(8), word(12)],
            check: word(16),
        }
    }
}

/// The check of the bytes of a pair's ids: the low half of XXH3.
pub(super) fn check(bytes: &[u8]) -> u32 {
    xxh3_64(bytes) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_survive_writing_and_reading() {
        let record = Record {
            start: 1 << 40,
            lengths: [7, 70_000],
            check: check(b"ids"),
        };
        assert_eq!(Record::of_bytes(&record.to_bytes()), record);
    }
}
