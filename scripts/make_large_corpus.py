#!/usr/bin/env python3
"""Writes a large made-up corpus: lines "source, tab, target" of words that are as frequent as words are (Zipf), about 100
bytes a pair. The same arguments write the same bytes.

    python3 scripts/make_large_corpus.py 10000000 > large.tsv
"""

import argparse
import itertools
import random
import sys

WORDS = 60_000
PHRASES = 200_000


def zipf(count):
    return list(itertools.accumulate(1 / (rank + 3) for rank in range(count)))


def phrases(words, least, most, joint, rng):
    weights = zipf(len(words))
    lengths = [rng.randint(least, most) for _ in range(PHRASES)]
    drawn = iter(rng.choices(words, cum_weights=weights, k=sum(lengths)))
    return [joint.join(itertools.islice(drawn, length)) for length in lengths]


def word(rng):
    syllables = (rng.choice("bcdfghklmnprstvw") + rng.choice("aeiou") for _ in range(rng.randint(1, 4)))
    return "".join(syllables)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("pairs", type=int)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    sources = sorted({word(rng) for _ in range(2 * WORDS)})
    rng.shuffle(sources)
    sources = phrases(sources[:WORDS], 1, 5, " ", rng)
    targets = [chr(0x4E00 + number) for number in range(5_000)]
    rng.shuffle(targets)
    targets = phrases(targets, 2, 7, "", rng)
    out, choices = sys.stdout.buffer, rng.choices
    left = arguments.pairs
    while left > 0:
        count = min(left, 50_000)
        parts = [choices(sources, k=count) for _ in range(3)] + [choices(targets, k=count) for _ in range(3)]
        lines = (f"{a} {b}, {c}.\t{d}，{e}{f}。" for a, b, c, d, e, f in zip(*parts))
        out.write(("\n".join(lines) + "\n").encode())
        left -= count


if __name__ == "__main__":
    main()
