#!/usr/bin/env python3
"""How long an update of training and a search take with each attention, beside `bahdanau`, as a Markdown table.

    scripts/attention_speed.py --attune target/debug/attune [--rounds 2]

The model and the corpus are those of configs/tatoeba-en-zh.toml; all kinds in turns, a round after another, and of each the
best round. Prints the instruction sets, and by how much the rounds differ.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KIND = "model.attention.kind"
KINDS = {
    "`bahdanau`": [],
    "the same, `query = \"before\"`": ["model.attention.query=before"],
    "the same, `coverage = true`": ["model.attention.coverage=true"],
    "`luong-dot`": [f"{KIND}=luong-dot"],
    "`luong-general`": [f"{KIND}=luong-general"],
    "`luong-concat`": [f"{KIND}=luong-concat"],
    "`scaled-dot`": [f"{KIND}=scaled-dot"],
    "`local-m`": [f"{KIND}=local-m", "model.attention.window=5"],
    "`local-p`": [f"{KIND}=local-p", "model.attention.window=5"],
    "`multi-head`, 8 heads": [f"{KIND}=multi-head"],
    "`time-dense`": [f"{KIND}=time-dense"],
    "`tanh-pool`": [f"{KIND}=tanh-pool"],
    "`none`": [f"{KIND}=none"],
    "`bahdanau` with GRUs": ["model.encoder.kind=gru", "model.decoder.kind=gru"],
    "`bahdanau` with plain recurrent cells": ["model.encoder.kind=rnn", "model.decoder.kind=rnn"],
}


def bench(attune, command, keys, *more):
    sets = [part for key in keys for part in ("--set", key)]
    line = [attune, "bench", command, "--config", "configs/tatoeba-en-zh.toml", "--backend", "cpu", "--json", *sets, *more]
    done = subprocess.run(list(map(str, line)), cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attune", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--steps", type=int, default=15)
    options = parser.parse_args()
    attune = options.attune.resolve()
    training, search = {name: [] for name in KINDS}, {name: [] for name in KINDS}
    isa = None
    for _ in range(options.rounds):
        for name, keys in KINDS.items():
            keys = [*keys, "train.batch_size=64"]
            found = bench(attune, "train", keys, "--steps", options.steps)
            training[name].append(found["tgt_tok_s"])
            isa, threads = found["isa"], found["threads"]
            found = bench(attune, "translate", keys, "--batch", 32, "--fixed-length", "--sentences", 128)
            search[name].append(found["sent_s"])
    first = next(iter(KINDS))
    print(f"instruction sets: {isa}; {threads} threads; {options.rounds} rounds")
    spread = lambda rates: max(max(one) / min(one) for one in rates.values())
    print(f"rounds differ by up to {spread(training) - 1:.0%} in training, {spread(search) - 1:.0%} in search\n")
    print("| | update | search |\n|---|---|---|")
    for name in KINDS:
        ratio = lambda rates: max(rates[first]) / max(rates[name])
        print(f"| {name} | {ratio(training):.2f} | {ratio(search):.2f} |")


if __name__ == "__main__":
    sys.exit(main())
