#!/usr/bin/env python3
"""How far the defaults carry: eight tasks with nothing but data, beside the config made by hand for each.

    scripts/fetch-tatoeba.sh && scripts/fetch-cmudict.sh
    scripts/check_defaults.py --attune target/debug/attune

Every task is trained twice for the same number of updates from the same seed: by a config that names its data and
nothing else, and by the config in `configs/` that was made for it or for the task most like it, whose schedule is
shortened to the number of updates. The best checkpoint by the validation set is scored once, on a test set that
chose nothing. Prints a Markdown table and ends with 1 where a default is more than two points worse in what counts
for its task. Numbers in words and targets of one token are made here, from a fixed seed. Takes half an hour on two cores.
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
QUESTIONS = {"what", "who", "where", "when", "why", "how", "do", "does", "did", "is", "are", "can", "will", "would"}
OTHERS = {"he", "she", "it", "they", "you", "tom", "mary"}

# Name, corpus, the measure that counts, the config made by hand, and what has to be changed of it to fit the task.
TASKS = [
    ("sentences", "builtin:en-zh", "bleu", "en-zh", []),
    ("phones", "cmudict", "exact_match", "g2p", []),
    ("inflection", "builtin:inflection", "exact_match", "inflection", []),
    ("dates", "builtin:dates", "exact_match", "dates", []),
    ("reversal", "builtin:reverse", "exact_match", "reverse", []),
    ("numbers", "numbers", "exact_match", "dates",
     ["tokenizer.target.kind=word", "data.max_length=60", "search.max_length=60"]),
    ("images", "builtin:digits", "exact_match", "digits", []),
    ("one token", "classes", "exact_match", "inflection",
     ["tokenizer.source.kind=word", "tokenizer.source.vocab_size=8000", "tokenizer.target.kind=word"]),
]


def in_words(number):
    """A number below a million, as it is said."""
    if number < 20:
        return UNITS[number]
    if number < 100:
        tens, rest = divmod(number, 10)
        return TENS[tens] + (f" {UNITS[rest]}" if rest else "")
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return f"{UNITS[hundreds]} hundred" + (f" and {in_words(rest)}" if rest else "")
    thousands, rest = divmod(number, 1000)
    joint = " and " if 0 < rest < 100 else " "
    return f"{in_words(thousands)} thousand" + (f"{joint}{in_words(rest)}" if rest else "")


def class_of(sentence):
    """Who or what a sentence begins with, as one word."""
    first = sentence.lower().split()[0].split("'")[0]
    if sentence.endswith("?") or first in QUESTIONS:
        return "question"
    return "self" if first == "i" else "other" if first in OTHERS else "rest"


def write(folder, name, pairs, sizes):
    """The three files of a corpus, each of the next pairs."""
    found, first = {}, 0
    for part, size in zip(("train", "valid", "test"), sizes, strict=True):
        found[part] = folder / f"{name}-{part}.tsv"
        lines = (f"{source}\t{target}\n" for source, target in pairs[first : first + size])
        found[part].write_text("".join(lines), encoding="utf-8")
        first += size
    return found


def corpora(folder, tatoeba, cmudict):
    """Where the parts of each corpus that is not built in lie."""
    numbers = random.Random(1).sample(range(1_000_000), 14_000)
    sentences = [line.split("\t")[0] for line in tatoeba.read_text(encoding="utf-8").splitlines()]
    sentences = sorted({sentence.rstrip("?.!") for sentence in sentences if sentence.strip("?.! ")})
    random.Random(1).shuffle(sentences)
    return {
        "numbers": write(folder, "numbers", [(n, in_words(n)) for n in numbers], (12_000, 1_000, 1_000)),
        "classes": write(folder, "classes", [(s, class_of(s)) for s in sentences], (20_000, 1_000, 1_000)),
        "cmudict": {part: cmudict / f"{name}.tsv" for part, name in
                    (("train", "train"), ("valid", "dev"), ("test", "test"))},
    }


def parts_of(corpus, files):
    if corpus in files:
        return files[corpus]
    return {part: f"{corpus}:{part}" for part in ("train", "valid", "test")}


def train(attune, folder, config, keys, updates):
    """The run's report."""
    sets = [part for key in keys for part in ("--set", key)]
    command = [attune, "--config", config, "--run-dir", folder, "--max-steps", updates, "--backend", "cpu"]
    done = subprocess.run(
        [*map(str, command), *sets, "--json", "--quiet"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{config}: {done.stderr.strip()[-1000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def shown(measure, report):
    """What counts, in points, and all that is printed of it."""
    test = report["test"]
    value = test[measure] if measure == "bleu" else 100 * test[measure]
    text = f"{value:.1f}"
    if measure != "bleu":
        text += f" (symbol errors {100 * test['symbol_error_rate']:.2f})"
    return value, text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attune", type=Path, required=True)
    parser.add_argument("--tatoeba", type=Path, default=ROOT / "data/tatoeba-en-zh/train.tsv")
    parser.add_argument("--cmudict", type=Path, default=ROOT / "data/cmudict", help="folder of train, dev, test .tsv")
    parser.add_argument("--updates", type=int, default=500)
    parser.add_argument("--tasks", default=",".join(task[0] for task in TASKS), help="which of them, by comma")
    options = parser.parse_args()
    attune, wanted = options.attune.resolve(), options.tasks.split(",")
    worse = 0
    print("| task | what counts | by default | by hand | config | seconds |\n|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        files = corpora(scratch, options.tatoeba.resolve(), options.cmudict.resolve())
        for name, corpus, measure, config, changes in TASKS:
            if name not in wanted:
                continue
            parts = parts_of(corpus, files)
            bare = scratch / "bare.toml"
            bare.write_text("[data]\n" + "".join(f'{part} = "{path}"\n' for part, path in parts.items()))
            data = [f"data.{part}={path}" for part, path in parts.items()] if corpus in files else []
            by_hand = [*data, *changes]
            if 'kind = "cosine"' in (ROOT / f"configs/{config}.toml").read_text():
                by_hand.append(f"schedule.decay_steps={options.updates * 4 // 5}")
            default = train(attune, scratch / "default", bare, [], options.updates)
            hand = train(attune, scratch / "hand", f"configs/{config}.toml", by_hand, options.updates)
            for run in ("default", "hand"):
                shutil.rmtree(scratch / run)
            (ours, said), (theirs, told) = shown(measure, default), shown(measure, hand)
            worse += ours < theirs - 2
            counts = "BLEU" if measure == "bleu" else "exact matches, %"
            changed = ", changed" if changes else ""
            times = f"{default['train_seconds']:.0f}, {hand['train_seconds']:.0f}"
            print(f"| {name} | {counts} | {said} | {told} | {config}.toml{changed} | {times} |", flush=True)
    print(f"{len(wanted) - worse} within two points or better, {worse} worse")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
