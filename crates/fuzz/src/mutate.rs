//! Makes new inputs from those that are kept.

use std::ops::Range;

use random::{Place, Purpose, Stream};

/// Most bytes of a mutant: larger ones take long and find little.
const LONGEST: usize = 64 * 1024;
/// Most changes that make a mutant.
const MOST_CHANGES: usize = 6;
/// A piece has fewer bytes than two to the power of this.
const PIECE: usize = 12;
/// Most times that a piece is written in a row, which is how nesting becomes deep.
const MOST_REPEATS: usize = 3_000;
/// Numbers at the ends of what integers hold.
const EDGES: [u64; 18] = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0x8000,
    0xffff,
    0x1_0000,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x1_0000_0000,
    0x001f_ffff_ffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    u64::MAX,
];

/// Makes mutants of kept inputs, always the same of the same.
#[derive(Debug, Clone, Copy)]
pub struct Mutator<'a> {
    /// Inputs that mutants are made from.
    pub kept: &'a [Vec<u8>],
    /// Pieces that mean something to the parser.
    pub dictionary: &'a [&'a [u8]],
    /// Where the randomness starts.
    pub seed: u64,
}

impl Mutator<'_> {
    /// The mutant with this number: a kept input with one to six changes.
    pub fn mutant(&self, number: u64) -> Vec<u8> {
        let mut stream = Stream::new(Place {
            seed: self.seed,
            purpose: Purpose::Corpus,
            step: number,
            index: 0,
        });
        let mut bytes = pick(&mut stream, self.kept).cloned().unwrap_or_default();
        for _ in 0..=below(&mut stream, MOST_CHANGES) {
            self.change(&mut bytes, &mut stream);
            bytes.truncate(LONGEST);
        }
        bytes
    }

    fn change(&self, bytes: &mut Vec<u8>, stream: &mut Stream) {
        let place = below(stream, bytes.len() + 1);
        match below(stream, 10) {
            0 => flip(bytes, stream),
            1 => {
                let piece = piece(stream, bytes.len());
                bytes.drain(piece);
            }
            // As if the file had been cut off, or its beginning lost.
            2 if stream.below(4) == 0 => {
                bytes.drain(..place);
            }
            2 => bytes.truncate(place),
            3 => {
                let piece = bytes[piece(stream, bytes.len())].to_vec();
                insert(bytes, place, &piece);
            }
            4 => {
                let piece = bytes[piece(stream, bytes.len())].to_vec();
                let most = MOST_REPEATS.min(LONGEST / piece.len().max(1));
                insert(bytes, place, &piece.repeat(below(stream, most + 1)));
            }
            5 => {
                let count = 1 + below(stream, 16);
                let noise: Vec<u8> = (0..count).map(|_| stream.bits() as u8).collect();
                insert(bytes, place, &noise);
            }
            6 => self.splice(bytes, place, stream),
            7 => put_number(bytes, place, stream),
            8 => write_number(bytes, place, stream),
            _ => {
                let token = pick(stream, self.dictionary).copied().unwrap_or_default();
                match stream.below(2) {
                    0 => insert(bytes, place, token),
                    _ => overwrite(bytes, place, token),
                }
            }
        }
    }

    /// Puts a piece of another kept input at a place, or all of it from somewhere on in place of the rest.
    fn splice(&self, bytes: &mut Vec<u8>, place: usize, stream: &mut Stream) {
        let other: &[u8] = pick(stream, self.kept).map_or(&[], Vec::as_slice);
        let taken = piece(stream, other.len());
        match stream.below(2) {
            0 => insert(bytes, place, &other[taken]),
            _ => {
                bytes.truncate(place);
                bytes.extend_from_slice(&other[taken.start..]);
            }
        }
    }
}

/// A number below `bound`; 0 where that is 0.
fn below(stream: &mut Stream, bound: usize) -> usize {
    stream.below(u32::try_from(bound).unwrap_or(u32::MAX)) as usize
}

/// One of `all`.
fn pick<'a, T>(stream: &mut Stream, all: &'a [T]) -> Option<&'a T> {
    all.get(below(stream, all.len()))
}

/// A piece of something of this length, short ones more often than long ones.
fn piece(stream: &mut Stream, length: usize) -> Range<usize> {
    let start = below(stream, length + 1);
    let most = (1_usize << below(stream, PIECE)).min(length - start);
    start..start + below(stream, most + 1)
}

fn flip(bytes: &mut [u8], stream: &mut Stream) {
    let place = below(stream, bytes.len());
    if let Some(byte) = bytes.get_mut(place) {
        *byte ^= 1 << stream.below(8);
    }
}

fn insert(bytes: &mut Vec<u8>, place: usize, piece: &[u8]) {
    bytes.splice(place..place, piece.iter().copied());
}

fn overwrite(bytes: &mut Vec<u8>, place: usize, piece: &[u8]) {
    let end = (place + piece.len()).min(bytes.len());
    bytes.splice(place..end, piece.iter().copied());
}

/// Puts the bytes of a number over what is there: one to eight of them, in either order.
fn put_number(bytes: &mut Vec<u8>, place: usize, stream: &mut Stream) {
    let edge = pick(stream, &EDGES).copied().unwrap_or_default();
    let width = 1_usize << below(stream, 4);
    match stream.below(2) {
        0 => overwrite(bytes, place, &edge.to_le_bytes()[..width]),
        _ => overwrite(bytes, place, &edge.to_be_bytes()[8 - width..]),
    }
}

/// Writes a number with digits, in place of the next that is written so.
fn write_number(bytes: &mut Vec<u8>, place: usize, stream: &mut Stream) {
    let edge = pick(stream, &EDGES).copied().unwrap_or_default();
    let written = match stream.below(4) {
        0 => format!("-{edge}"),
        1 => format!("{edge}.5e{}", stream.below(400)),
        _ => edge.to_string(),
    };
    let next = bytes[place..].iter().position(u8::is_ascii_digit);
    let start = place + next.unwrap_or(0);
    let old = bytes[start..].iter();
    let end = start + old.take_while(|byte| byte.is_ascii_digit()).count();
    bytes.splice(start..end, written.into_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const COUNT: u64 = 2_000;

    fn mutants(kept: &[Vec<u8>], seed: u64) -> Vec<Vec<u8>> {
        let mutator = Mutator {
            kept,
            dictionary: &[b"token", b"\0"],
            seed,
        };
        (0..COUNT).map(|number| mutator.mutant(number)).collect()
    }

    #[test]
    fn a_seed_always_gives_the_same_mutants_and_another_gives_others() {
        let kept = [b"one 12, 345".to_vec(), b"[three]".to_vec(), Vec::new()];
        let first = mutants(&kept, 1);
        assert_eq!(first, mutants(&kept, 1));
        assert_ne!(first, mutants(&kept, 2));
        let different: BTreeSet<&Vec<u8>> = first.iter().collect();
        assert!(different.len() > first.len() / 3, "{}", different.len());
        let has = |piece: &[u8]| {
            let found = |one: &Vec<u8>| one.windows(piece.len()).any(|at| at == piece);
            first.iter().any(found)
        };
        assert!(has(b"token") && has(b"18446744073709551615") && has(b"eee"));
        assert!(has(b"one") && has(b"ree]") && has(b"\xff\xff\xff\xff"));
    }

    #[test]
    fn mutants_are_not_endless() {
        let kept = [vec![b'7'; LONGEST], vec![b'['; 5_000]];
        assert!(mutants(&kept, 3).iter().all(|one| one.len() <= LONGEST));
    }

    #[test]
    fn where_nothing_is_kept_mutants_come_from_nothing() {
        assert!(mutants(&[], 4).iter().any(|one| !one.is_empty()));
    }
}
