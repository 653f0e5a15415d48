#!/usr/bin/env python3
"""Compares the speed of `attune bench` with that of PyTorch doing the same work.

    cargo build -p trainer
    pip install torch==2.9.1
    python scripts/compare_pytorch.py --data data/tatoeba-en-zh/train.tsv

The works are named in WORKS below. For each, Attune first writes what a model starts from and learns
from (its first parameters, the ids of every batch). From these, with dropout off, both programs make
the same updates, and their losses must agree update by update; so must the numbers of parameters and of
target tokens. (PyTorch gives each gate a second bias, which changes nothing but how fast the sum of the
two is learned; for this part it is held at zero, and it is not counted.) Then both make them with
dropout, whose masks differ, and the mean losses of the last updates are compared. At last each runs in
a process of its own, in turns, in as many rounds as asked for. Every round's speeds are printed, then
a table in Markdown: the median of the rounds' ratios with the least and the greatest, the largest
memory of each process, and how far the losses with dropout lie apart.

While it is timed PyTorch starts from its own first values, as it would by itself. With Attune's it is
up to 15% slower in B: the softmax of large energies then gives weights near 1e-40, which a processor
multiplies slowly.

PyTorch's side is scripts/pytorch_seq2seq.py, in the Python that runs this script. Ends with 1 if the
work was not the same. Run it on a machine that does nothing else.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent
FIRST = 10  # Updates whose losses must agree to rounding; later ones part, as Adam magnifies it.
ROUNDING = 1e-3
LAST = 10  # Updates whose mean loss is compared when dropout makes each noisy.
TOLERANCE = 0.03


@dataclass
class Work:
    """One row of the table."""

    kind: str  # A key of KINDS.
    title: str
    arguments: tuple = ()  # Both programs know them.


WORKS = {
    "A": Work("train", "train: BiLSTM 512, Bahdanau, input feeding"),
    "B": Work(
        "train",
        "train: no input feeding, general attention",
        ("--input-feeding", "0", "--attention", "general"),
    ),
    "C": Work("train", "train: hidden 256, embeddings 128", ("--hidden", "256", "--emb", "128")),
    "D": Work(
        "train",
        "train: 2 layers, vocabularies of 16,000",
        ("--layers", "2", "--src-vocab", "16000", "--tgt-vocab", "16000"),
    ),
    "E": Work("train", "train: GRU", ("--cell", "gru")),
}


def run(command, threads):
    """What a program's last line of output says, as JSON."""
    environment = dict(os.environ)
    if threads:
        environment["RAYON_NUM_THREADS"] = str(threads)
    ended = subprocess.run(command, env=environment, capture_output=True, text=True)
    if ended.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nended with {ended.returncode}:\n{ended.stderr}")
    return json.loads(ended.stdout.splitlines()[-1])


def train_commands(work, args, folder):
    """Attune's and PyTorch's command for some training."""
    attune = [args.attune, "bench", "train", "--workload", "yardstick", "--json"]
    attune += ["--data", args.data, "--backend", args.backend, "--steps", str(args.steps)]
    torch = [sys.executable, SCRIPTS / "pytorch_seq2seq.py", "--inputs", folder]
    torch += ["--threads", str(args.threads), "--device", "cuda" if args.backend == "cuda" else args.device]
    both = ["--warmup", str(args.warmup), *work.arguments]
    return attune + both, torch + both


def compare_training(name, work, args):
    """Shows that the work is the same, then times it in turns. Gives the row and what was wrong."""
    with tempfile.TemporaryDirectory() as folder:
        attune, torch = train_commands(work, args, folder)
        once = run([*attune, "--dropout", "0", "--write-inputs", folder], args.threads)
        same = run([*torch, "--dropout", "0", "--one-bias"], args.threads)
        apart = [abs(a / b - 1) for a, b in zip(once["losses"], same["losses"])]
        wrong = []
        if once["tgt_tokens"] != same["tgt_tokens"]:
            wrong.append(f"{once['tgt_tokens']} target tokens and {same['tgt_tokens']}")
        if once["params"] != same["params"] - same["needless_params"]:
            wrong.append(f"{once['params']} parameters and {same['params']}")
        if max(apart) > TOLERANCE or max(apart[:FIRST]) > ROUNDING:
            wrong.append(f"losses up to {100 * max(apart):.2f}% apart without dropout")
        print(
            f"{name}  {work.title}\n"
            f"   parameters: Attune {once['params']:,}, PyTorch {same['params']:,}, of which "
            f"{same['needless_params']:,} are second biases\n"
            f"   target tokens: {once['tgt_tokens']:,} in both, {100 * once['padding']:.1f}% padding\n"
            f"   without dropout, the loss after {len(apart)} updates is {once['losses'][-1]:.4f} and "
            f"{same['losses'][-1]:.4f}; in the first {FIRST} they are at most "
            f"{100 * max(apart[:FIRST]):.4f}% apart, in all {100 * max(apart):.2f}%",
            flush=True,
        )
        dropped = run(torch, args.threads)
        rounds = []
        for number in range(args.rounds):
            commands = {"attune": attune, "torch": [*torch, "--own-values"]}
            turns = sorted(commands, reverse=number % 2 == 1)
            found = {name: run(commands[name], args.threads) for name in turns}
            ours, theirs = found["attune"], found["torch"]
            rounds.append((ours, theirs))
            print(
                f"   round {number + 1}: Attune {ours['tgt_tok_s']:,.0f} tok/s "
                f"({ours['step_ms_median']:.0f} ms), PyTorch {theirs['tgt_tok_s']:,.0f} tok/s "
                f"({theirs['step_ms_median']:.0f} ms), ratio {ours['tgt_tok_s'] / theirs['tgt_tok_s']:.2f}",
                flush=True,
            )
    ours, theirs = ([pair[side] for pair in rounds] for side in (0, 1))
    ratios = [a["tgt_tok_s"] / b["tgt_tok_s"] for a, b in rounds]
    # Attune draws the same masks in each round.
    ending = [statistics.mean(one["losses"][-LAST:]) for one in (ours[0], dropped)]
    difference = ending[0] / ending[1] - 1
    if abs(difference) > TOLERANCE:
        wrong.append(f"losses {100 * difference:+.2f}% apart with dropout")
    shares = {part: statistics.median(run["share"][part] or 0 for run in ours) for part in ours[0]["share"]}
    print(
        f"   ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}); with dropout, from "
        f"the same values, the mean loss of the last {min(LAST, args.steps)} updates is {ending[0]:.3f} and "
        f"{ending[1]:.3f} ({100 * difference:+.2f}%)\n   Attune's time: "
        + ", ".join(f"{part} {100 * share:.0f}%" for part, share in shares.items()),
        flush=True,
    )
    memory = lambda runs: max(run["peak_rss_mb"] or 0 for run in runs)
    median = lambda runs: statistics.median(run["tgt_tok_s"] for run in runs)
    row = [
        f"{name} {work.title}",
        f"{median(ours):,.0f} tok/s",
        f"{median(theirs):,.0f} tok/s",
        f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
        f"{memory(ours):,.0f} MB",
        f"{memory(theirs):,.0f} MB ({theirs[0]['rss_mb_after_import']:,.0f} after import)",
        f"{100 * difference:+.2f}%",
    ]
    return row, wrong


KINDS = {"train": compare_training}
HEADER = ["work", "Attune", "PyTorch", "ratio", "Attune's memory", "PyTorch's memory", "loss"]


def built():
    """Where cargo leaves the program."""
    target = os.environ.get("CARGO_TARGET_DIR") or SCRIPTS.parent / "target"
    return Path(target) / "debug" / "attune"


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True, help="a TSV file, or builtin:en-zh:train")
    parser.add_argument("--works", default=",".join(WORKS), help=f"which, of {','.join(WORKS)}; all unless given")
    parser.add_argument("--rounds", type=int, default=5, help="how often each program runs (5)")
    parser.add_argument("--steps", type=int, default=40, help="updates that are timed (40)")
    parser.add_argument("--warmup", type=int, default=4, help="updates before them (4)")
    parser.add_argument("--threads", type=int, default=0, help="of both programs; 0: their own choice")
    parser.add_argument("--backend", default="cpu", help="Attune's (cpu)")
    parser.add_argument("--device", default="cpu", help="PyTorch's (cpu; cuda with --backend cuda)")
    parser.add_argument("--attune", default=built(), help="the program; target/debug/attune unless given")
    args = parser.parse_args()
    args.works = [name.strip() for name in args.works.split(",")]
    unknown = [name for name in args.works if name not in WORKS]
    if unknown:
        parser.error(f"no work {', '.join(unknown)}; there are {', '.join(WORKS)}")
    if min(args.rounds, args.steps) < 1 or args.warmup < 0:
        parser.error("--rounds and --steps must be at least 1, --warmup at least 0")
    if not Path(args.attune).is_file():
        parser.error(f"no program {args.attune}: `cargo build -p trainer` makes it, or name it with --attune")
    return args


def main():
    args = arguments()
    rows, faults = [], []
    for name in args.works:
        work = WORKS[name]
        row, wrong = KINDS[work.kind](name, work, args)
        rows.append(row)
        faults += [f"{name}: {fault}" for fault in wrong]
    print()
    for cells in [HEADER, ["---"] * len(HEADER), *rows]:
        print("| " + " | ".join(cells) + " |")
    if faults:
        sys.exit("\nNot the same work:\n" + "\n".join(faults))


if __name__ == "__main__":
    main()
