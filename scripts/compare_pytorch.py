#!/usr/bin/env python3
"""Compares the speed of `attune bench` with that of PyTorch doing the same work.

    cargo build -p trainer
    pip install torch==2.9.1
    python scripts/compare_pytorch.py --data data/tatoeba-en-zh/train.tsv

The works are named in WORKS below. For each training, Attune first writes what a model starts from and
learns from (its first parameters, the ids of every batch). From these, with dropout off, both programs make
the same updates, and their losses must agree update by update; so must the numbers of parameters and of
target tokens. (PyTorch gives each gate a second bias, which changes nothing but how fast the sum of the
two is learned; for this part it is held at zero, and it is not counted.) Then both make them with
dropout, whose masks differ, and the mean losses of the last updates are compared. At last each runs in
a process of its own, in turns, in as many rounds as asked for. Every round's speeds are printed, then
a table in Markdown: the median of the rounds' ratios with the least and the greatest, the largest
memory of each process, and how far the losses with dropout lie apart.

For each translation, Attune writes the parameters, the batches and the translations that it found. From
the same parameters, PyTorch must find the same translations, word for word (a share of MOSTLY at least,
for two words may be equally probable but for rounding), and give those of Attune the log-probabilities
that Attune gives them. Each sentence gets as many words as the longest reference of its batch has, in
both, so that untrained weights do. Greedy search and a beam are rows of their own, and so are weights of
8 bits, whose translations are compared too but may differ; PyTorch's weights are always of 32.

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
MOSTLY = 0.99


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
    "F": Work("decode", "translate: 64 at once", ("--batch", "64")),
    "G": Work("decode", "translate: one at once", ("--batch", "1")),
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


def commands(work, args, folder):
    """Attune's and PyTorch's command for some work."""
    attune = [args.attune, "bench", "train" if work.kind == "train" else "translate", "--json"]
    attune += ["--workload", "yardstick", "--data", args.data, "--backend", args.backend]
    torch = [sys.executable, SCRIPTS / "pytorch_seq2seq.py", "--inputs", folder]
    torch += ["--threads", str(args.threads), "--device", "cuda" if args.backend == "cuda" else args.device]
    both = ["--warmup", str(args.warmup), *work.arguments]
    return attune + both, torch + both


def spread(ratios):
    """Their median, with the least and the greatest."""
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def cells(title, unit, rate, ours, theirs, agreement):
    """A row of the table, of all rounds."""
    memory = lambda runs: max(run["peak_rss_mb"] or 0 for run in runs)
    median = lambda runs: statistics.median(run[rate] for run in runs)
    return [
        title,
        f"{median(ours):,.0f} {unit}",
        f"{median(theirs):,.0f} {unit}",
        spread([a[rate] / b[rate] for a, b in zip(ours, theirs)]),
        f"{memory(ours):,.0f} MB",
        f"{memory(theirs):,.0f} MB ({theirs[0]['rss_mb_after_import']:,.0f} after import)",
        agreement,
    ]


def compare_training(name, work, args):
    """Shows that the work is the same, then times it in turns. Gives the rows and what was wrong."""
    with tempfile.TemporaryDirectory() as folder:
        attune, torch = commands(work, args, folder)
        attune += ["--steps", str(args.steps)]
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
            both = {"attune": attune, "torch": [*torch, "--own-values"]}
            turns = sorted(both, reverse=number % 2 == 1)
            found = {name: run(both[name], args.threads) for name in turns}
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
        f"   ratio {spread(ratios)}; with dropout, from "
        f"the same values, the mean loss of the last {min(LAST, args.steps)} updates is {ending[0]:.3f} and "
        f"{ending[1]:.3f} ({100 * difference:+.2f}%)\n   Attune's time: "
        + ", ".join(f"{part} {100 * share:.0f}%" for part, share in shares.items()),
        flush=True,
    )
    row = cells(f"{name} {work.title}", "tok/s", "tgt_tok_s", ours, theirs, f"loss {100 * difference:+.2f}%")
    return [row], wrong


def compare_decoding(name, work, args):
    """As compare_training, for greedy search and a beam in each precision."""
    wrong, runs = [], {}
    precisions = ("f32", "int8") if args.backend == "cpu" else ("f32",)
    print(f"{name}  {work.title}")
    with tempfile.TemporaryDirectory() as folder:
        attune, torch = commands(work, args, folder)
        ours = lambda beam, precision: [*attune, "--beam", str(beam), "--precision", precision]
        theirs = lambda mode, beam: [*torch, "--mode", mode, "--beam", str(beam)]
        agreement = {}
        for beam in (1, args.beam):
            for precision in precisions:
                once = run([*ours(beam, precision), "--write-inputs", folder], args.threads)
                seen = run(theirs("check", beam), args.threads)
                agreement[beam, precision] = f"{100 * seen['same']:.1f}% of sentences"
                print(
                    f"   beam {beam}, {precision}: {100 * seen['same']:.1f}% of {seen['sentences']:,} sentences have "
                    f"the same words; log-probabilities of words are at most {seen['apart']:.1e} apart",
                    flush=True,
                )
                if precision == "f32" and seen["same"] < MOSTLY:
                    wrong.append(f"beam {beam}: {100 * (1 - seen['same']):.1f}% of the sentences have other words")
                if precision == "f32" and seen["apart"] > ROUNDING:
                    wrong.append(f"beam {beam}: log-probabilities are {seen['apart']:.1e} apart")
        turns = [("torch", beam) for beam in (1, args.beam)]
        turns += [(precision, beam) for beam in (1, args.beam) for precision in precisions]
        for number in range(args.rounds):
            for program, beam in reversed(turns) if number % 2 else turns:
                command = ours(beam, program)
                if program == "torch":
                    command = [*theirs("decode", beam), "--own-values"]
                runs.setdefault((program, beam), []).append(run(command, args.threads))
            rates = [f"{program} beam {beam} {runs[program, beam][-1]['sent_s']:,.0f}" for program, beam in turns]
            print(f"   round {number + 1}, sentences/s: {', '.join(rates)}", flush=True)
    rows = []
    for program, beam in turns[2:]:
        found, beside = runs[program, beam], runs["torch", beam]
        for unit in ("sentences", "tokens"):
            if found[0][unit] != beside[0][unit]:
                wrong.append(f"beam {beam}: {found[0][unit]} {unit} and {beside[0][unit]}")
        title = f"{name} {work.title}, {f'beam {beam}' if beam > 1 else 'greedy'}, {program}"
        rows.append(cells(title, "sent/s", "sent_s", found, beside, agreement[beam, program]))
    return rows, wrong


KINDS = {"train": compare_training, "decode": compare_decoding}
HEADER = ["work", "Attune", "PyTorch", "ratio", "Attune's memory", "PyTorch's memory", "agreement"]


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
    parser.add_argument("--warmup", type=int, default=4, help="updates, or batches to translate, before them (4)")
    parser.add_argument("--beam", type=int, default=5, help="hypotheses side by side, beside greedy search (5)")
    parser.add_argument("--threads", type=int, default=0, help="of both programs; 0: their own choice")
    parser.add_argument("--backend", default="cpu", help="Attune's (cpu)")
    parser.add_argument("--device", default="cpu", help="PyTorch's (cpu; cuda with --backend cuda)")
    parser.add_argument("--attune", default=built(), help="the program; target/debug/attune unless given")
    args = parser.parse_args()
    args.works = [name.strip() for name in args.works.split(",")]
    unknown = [name for name in args.works if name not in WORKS]
    if unknown:
        parser.error(f"no work {', '.join(unknown)}; there are {', '.join(WORKS)}")
    if min(args.rounds, args.steps) < 1 or args.warmup < 0 or args.beam < 2:
        parser.error("--rounds and --steps must be at least 1, --warmup at least 0, --beam at least 2")
    if not Path(args.attune).is_file():
        parser.error(f"no program {args.attune}: `cargo build -p trainer` makes it, or name it with --attune")
    return args


def main():
    args = arguments()
    rows, faults = [], []
    for name in args.works:
        work = WORKS[name]
        found, wrong = KINDS[work.kind](name, work, args)
        rows += found
        faults += [f"{name}: {fault}" for fault in wrong]
    print()
    for row in [HEADER, ["---"] * len(HEADER), *rows]:
        print("| " + " | ".join(row) + " |")
    if faults:
        sys.exit("\nNot the same work:\n" + "\n".join(faults))


if __name__ == "__main__":
    main()
