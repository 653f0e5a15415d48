#!/usr/bin/env python3
"""What a build of Attune computes, as hashes: to tell whether a change of the code changed a bit.

    scripts/fingerprints.py BINARY [--tatoeba FOLDER] > before
    scripts/fingerprints.py OTHER_BINARY [--tatoeba FOLDER] > after
    diff before after

Trains by three configs for 60 updates and by every pair of encoder and decoder for 5, translates with a trained model
in every way, and prints a hash of the weights and of the words with their scores. Equal bits are to be expected on
one processor, with one number of threads.
"""

import argparse
import hashlib
import itertools
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ENCODERS = ["rnn", "gru", "lstm", "conv"]
DECODERS = ["rnn", "gru", "lstm", "conv"]
ATTENTIONS = [
    "none", "bahdanau", "luong-dot", "luong-general", "luong-concat", "scaled-dot", "multi-head", "local-m", "local-p",
    "time-dense", "tanh-pool",
]
ROOT = Path(__file__).resolve().parent.parent


def run(binary, *arguments, text=None):
    done = subprocess.run(
        [str(binary), *map(str, arguments)], cwd=ROOT, capture_output=True, input=text, text=True, check=False
    )
    return done.returncode, done.stdout


def digest(data):
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode()).hexdigest()[:16]


def weights(folder):
    """The tensors of the last checkpoint, whatever the order of a file's metadata."""
    data = (folder / "checkpoints/last/model.safetensors").read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__", None)
    body = data[8 + size :]
    found = hashlib.sha256()
    for name in sorted(header):
        start, end = header[name]["data_offsets"]
        found.update(name.encode() + json.dumps(header[name]["shape"]).encode() + body[start:end])
    return found.hexdigest()[:16]


def train(binary, folder, config, steps, *keys):
    sets = [part for key in keys for part in ("--set", key)]
    code, _ = run(
        binary, "--config", config, "--run-dir", folder, "--max-steps", steps, "--quiet", "--backend", "cpu", *sets
    )
    return weights(folder) if code == 0 else f"exit {code}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=Path)
    parser.add_argument("--tatoeba", type=Path, help="a folder with train.tsv and dev.tsv")
    options = parser.parse_args()
    binary = options.binary.resolve()
    show = lambda *parts: print(*parts, flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        configs = {"smoke": [], "digits": ["valid.every_steps=1000", "valid.max_sentences=20"]}
        if options.tatoeba:
            files = {"train": "train.tsv", "valid": "dev.tsv", "test": "dev.tsv"}
            keys = [f"data.{key}={options.tatoeba.resolve() / name}" for key, name in files.items()]
            configs["tatoeba-en-zh"] = [*keys, "valid.max_sentences=20"]
        for name, keys in configs.items():
            folder = scratch / name
            show("train", name, train(binary, folder, f"configs/{name}.toml", 60, *keys))
        trained = scratch / "trained"
        show("train", "trained", train(binary, trained, "configs/smoke.toml", 400))
        lines = "".join(f"{line}\n" for line in sources(500))
        for precision, extra in itertools.product(
            ["f32", "int8"], [["--beam", "1"], ["--beam", "5"], ["--n-best", "3"], ["--beam", "3", "--set", "search.method=sample"]]
        ):
            code, out = run(binary, "translate", "--run", trained, "--precision", precision, *extra, text=lines)
            show("translate", precision, *extra, digest(out) if code == 0 else f"exit {code}")
        code, out = run(binary, "score", "--run", trained, "--data", "builtin:en-zh:test", "--tokens")
        show("score", digest(out) if code == 0 else f"exit {code}")
        code, out = run(binary, "evaluate", "--run", trained, "--data", "builtin:en-zh:test", "--json")
        show("evaluate", digest(out) if code == 0 else f"exit {code}")
        for encoder, decoder, attention in itertools.product(ENCODERS, DECODERS, ATTENTIONS):
            folder = scratch / f"{encoder}-{decoder}-{attention}"
            keys = [
                f"model.encoder.kind={encoder}", f"model.decoder.kind={decoder}", f"model.attention.kind={attention}",
                "model.hidden_size=16", "model.embedding_size=8", "valid.max_sentences=20",
            ]
            if decoder == "conv":
                keys.append("model.input_feeding=false")
            if attention in ("time-dense", "tanh-pool"):
                keys.append("data.max_length=60")
            found = train(binary, folder, "configs/smoke.toml", 5, *keys)
            code, out = (1, "") if found.startswith("exit") else run(
                binary, "translate", "--run", folder, "--n-best", "2", text=lines[:2000]
            )
            show("pair", encoder, decoder, attention, found, digest(out) if code == 0 else "-")


def sources(count):
    """English sentences of simple parts."""
    who = ["I", "You", "He", "She", "My sister", "The teacher", "Tom", "They", "We", "The old man"]
    what = ["like", "buy", "see", "read", "eat", "sell", "want", "know"]
    whom = ["rice", "three books", "a cat", "the red apple", "tea", "my friend", "two dogs", "the house"]
    when = ["", " today", " yesterday", " every day", " in the morning"]
    parts = itertools.product(who, what, whom, when)
    return [f"{a} {b} {c}{d}." for a, b, c, d in itertools.islice(parts, 0, 3200, 3200 // count)][:count]


if __name__ == "__main__":
    sys.exit(main())
