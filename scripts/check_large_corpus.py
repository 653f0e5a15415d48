#!/usr/bin/env python3
"""Trains on corpora of millions of pairs and shows what it costs: how fast they become ids, how long a start takes once they
are, how much memory, and how long updates wait for data.

    python3 scripts/check_large_corpus.py --attune target/debug/attune [--pairs 1000000 3000000 10000000] [--folder F]

Makes the corpora with scripts/make_large_corpus.py; ten million pairs are 1.2 GB, and their ids 0.8 GB.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

CONFIG = """
name = "large"
[data]
train = "{train}"
valid = "valid.tsv"
[tokenizer.source]
kind = "word"
vocab_size = 8000
[tokenizer.target]
kind = "word"
vocab_size = 8000
[model]
embedding_size = 64
hidden_size = 64
[train]
backend = "cpu"
batch_size = 64
max_steps = 300
log_every = 30
[valid]
every_steps = 1000
samples = 0
"""


def train(attune, folder, train, run):
    (folder / "config.toml").write_text(CONFIG.format(train=train))
    command = [attune, "--config", "config.toml", "--run-dir", run, "--overwrite", "--json"]
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    said, first = [], None
    for line in process.stderr:
        said.append(line)
        if line.startswith("step 1/") and first is None:
            first = time.monotonic() - began
    report = json.loads(process.stdout.read().splitlines()[-1])
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit("".join(said))
    return "".join(said), first, usage.ru_maxrss / 1024, report["train_seconds"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--attune", required=True)
    parser.add_argument("--pairs", type=int, nargs="+", default=[1_000_000, 3_000_000, 10_000_000])
    parser.add_argument("--folder", help="where the corpora are made, and kept")
    arguments = parser.parse_args()
    attune = str(pathlib.Path(arguments.attune).resolve())
    maker = pathlib.Path(__file__).with_name("make_large_corpus.py")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(arguments.folder or name).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        print("| pairs | ids made, pairs/s | memory, MB | first update once made, s | memory, MB | waiting for data |")
        print("|---|---|---|---|---|---|")
        for pairs in sorted(arguments.pairs):
            corpus = folder / f"{pairs}.tsv"
            if not corpus.exists():
                with corpus.open("wb") as out:
                    subprocess.run([sys.executable, maker, str(pairs)], stdout=out, check=True)
            with (folder / "valid.tsv").open("wb") as out, corpus.open("rb") as lines:
                out.writelines(lines.readline() for _ in range(200))
            said, _, making, _ = train(attune, folder, corpus.name, f"runs/{pairs}")
            speed = re.search(r"\((\d+) pairs/s\)", said)
            speed = f"{int(speed[1]):,}" if speed else "made before"
            _, first, cached, _ = train(attune, folder, corpus.name, f"runs/{pairs}")
            lines = (folder / f"runs/{pairs}/metrics.jsonl").read_text().splitlines()
            waits = [json.loads(line)["data_wait"] for line in lines if '"train"' in line]
            # The first has the time in which the thread that makes batches starts.
            wait = sum(waits[1:]) / max(len(waits) - 1, 1)
            print(f"| {pairs:,} | {speed} | {making:.0f} | {first:.1f} | {cached:.0f} | {100 * wait:.1f}% |", flush=True)


if __name__ == "__main__":
    main()
