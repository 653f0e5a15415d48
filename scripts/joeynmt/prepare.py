#!/usr/bin/env python3
"""Writes the parallel files that JoeyNMT reads beside those that Attune reads.

    python scripts/joeynmt/prepare.py data/tatoeba-en-zh

makes `joeynmt/train.en`, `joeynmt/train.zh` and so on in that folder, of its train.tsv, dev.tsv and test.tsv
as far as they are there. English is lower-cased and cut into words and marks; Chinese stays as it is.
"""

import re
import sys
from pathlib import Path

WORD = re.compile(r"\w+(?:'\w+)?|[^\w\s]")


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    corpora = [path for name in ("train", "dev", "test") if (path := folder / f"{name}.tsv").is_file()]
    if not corpora:
        sys.exit(f"{folder} has no train.tsv: scripts/fetch-tatoeba.sh makes it")
    (folder / "joeynmt").mkdir(exist_ok=True)
    for path in corpora:
        pairs = [line.split("\t")[:2] for line in path.read_text(encoding="utf8").split("\n") if line]
        english = [" ".join(WORD.findall(source.lower())) for source, _ in pairs]
        chinese = [target for _, target in pairs]
        for language, lines in (("en", english), ("zh", chinese)):
            to = folder / "joeynmt" / f"{path.stem}.{language}"
            to.write_text("".join(f"{line}\n" for line in lines), encoding="utf8")
        print(f"{path}: {len(pairs):,} pairs")


if __name__ == "__main__":
    main()
