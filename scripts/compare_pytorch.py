#!/usr/bin/env python3
"""Compares the speed of `attune bench` with that of PyTorch doing the same work.

    cargo build -p trainer
    pip install torch==2.9.1
    python scripts/compare_pytorch.py --data data/tatoeba-en-zh/train.tsv --json speed.json
    python scripts/compare_pytorch.py --render speed.json

First comes what the numbers depend on: the processor, its instruction sets, versions, threads, the load. Then
everything is done once for each cap that makes a difference here, the most of the instruction sets that both
programs may use (comparison/caps.py tells how they are told, and checks what they say that they use), and for
each number of threads, the same for both. At last Markdown tables are printed: the median of the rounds' ratios
with the least and the greatest, a column for each cap. `--json` also writes every number that was seen, and
`--render` makes the same tables of such a file again.

The works are named in comparison/works.py. For each training, Attune first writes what a model starts from and
learns from (its first parameters, the ids of every batch). From these, with dropout off, both programs make
the same updates, and their losses must agree update by update; so must the numbers of parameters and of
target tokens. (PyTorch gives each gate a second bias, which changes nothing but how fast the sum of the
two is learned; for this part it is held at zero, and it is not counted.) Then both make them with
dropout, whose masks differ, and the mean losses of the last updates are compared. At last each runs in
a process of its own, in turns, in as many rounds as asked for.

For each translation, Attune writes the parameters, the batches and the translations that it found. From
the same parameters, PyTorch must find the same translations, word for word (a share of MOSTLY at least,
for two words may be equally probable but for rounding), and give those of Attune the log-probabilities
that Attune gives them. Each sentence gets as many words as the longest reference of its batch has, in
both, so that untrained weights do. Greedy search and a beam are rows of their own.

Numbers: Attune's and PyTorch's f32 are single precision, whatever it takes. Where a step of search has few rows,
`search.favour = "latency"` keeps f32 weights in 24 bits and a scale; such rows say `24-bit`, and `f32` is what
`attune translate` does by itself. Weights of 8 bits are compared with PyTorch's `quantize_dynamic` and with its f32.
PyTorch's bf16 is `torch.autocast`. Where the processor has no instructions for bfloat16 under the cap, it does a
few batches only, and in one round only if it then takes over twice as long as f32. What PyTorch cannot do at all
its row says, with the reason. Other numbers than f32 need not find the same translations: how many are the same
is shown.

While it is timed PyTorch starts from its own first values, as it would by itself. With Attune's it is
up to 15% slower in B: the softmax of large energies then gives weights near 1e-40, which a processor
multiplies slowly.

PyTorch's side is scripts/pytorch_seq2seq.py, in the Python that runs this script. Ends with 1 if the
work was not the same, or a program did not obey a cap. Run it on a machine that does nothing else.
"""

import argparse
import datetime
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from comparison import caps, check, machine, programs, tables
from comparison.race import race
from comparison.record import Record
from comparison.works import WORKS, contenders

SCRIPTS = Path(__file__).resolve().parent
QUICK = {"rounds": 1, "steps": 6, "warmup": 1, "threads": "all"}
USUAL = {"rounds": 5, "steps": 40, "warmup": 4, "threads": "1,all"}
CHECKS = {"train": check.training, "decode": check.translation}


def measure_cap(cap, args, record):
    """Everything under one cap."""
    print(f"\ncap {cap}", flush=True)
    said = programs.probe(cap)
    args.faults.add(caps.torch_breaks(cap, said["capability"], said["libraries"]))
    record["caps"][cap] = {"environment": told(cap), "torch": said, "isa": ""}
    for name in args.works:
        try:
            measure_work(name, cap, args, record)
        except programs.Unable as why:
            args.faults.add(f"{name} under {cap}: {why}")
        if args.json:
            record.write(args.json)


def told(cap):
    """What both programs find in their environment."""
    return {**caps.CAPS[cap].attune, **caps.CAPS[cap].torch}


def measure_work(name, cap, args, record):
    """Shows that a work is the same in both programs and times it, with every number of threads."""
    work = WORKS[name]
    print(f"{name}  {work.title}", flush=True)
    for beam in (0,) if work.kind == "train" else (1, args.beam):
        group = contenders(work, beam, args)
        with tempfile.TemporaryDirectory() as folder:
            most = programs.Programs(args, cap, max(args.threads))
            found, unable = CHECKS[work.kind](name, work, most, group, folder)
            record.add_check(name, cap, beam, found)
            for threads in args.threads:
                print(f"   with {tables.plural(threads, 'thread')}:", flush=True)
                able = [one for one in group if one not in unable]
                some = programs.Programs(args, cap, threads)
                runs, more = race(name, work, some, able, folder)
                for contender, _, said in runs:
                    said["limited"] = some.limited(contender)
                    if contender.program == "attune":
                        record["caps"][cap]["isa"] = isa(said)
                record.add_runs(name, cap, threads, runs)
                unable.update(more)
            record.add_unable(name, cap, unable)


def isa(said):
    """The instruction sets that Attune says it uses, as text."""
    sets = said.get("isa") or ""
    return sets if isinstance(sets, str) else ", ".join(sets)


def commit():
    """Which state of the sources this is, as git names it."""
    command = ["git", "-C", str(SCRIPTS), "describe", "--always", "--dirty"]
    ended = subprocess.run(command, capture_output=True, text=True)
    return ended.stdout.strip() or "no git"


def begin(args):
    """A record with all that is known before anything is measured."""
    said = programs.probe(caps.UNCAPPED)
    command = ["python", "scripts/compare_pytorch.py", *sys.argv[1:]]
    return Record(
        {
            "date": datetime.date.today().isoformat(),
            "machine": {**args.machine, "gpu": said["gpu"] if args.backend != "cpu" else None},
            "versions": {
                "attune": programs.version(args.attune),
                "commit": commit(),
                "torch": said["torch"],
                "python": said["python"],
            },
            "options": {
                "command": shlex.join(command),
                "works": args.works,
                "caps": args.caps,
                "threads": args.threads,
                "rounds": args.rounds,
                "steps": args.steps,
                "warmup": args.warmup,
                "beam": args.beam,
                "pytorch": args.pytorch,
                "backend": args.backend,
            },
            "loads": [machine.load()],
        }
    )


def built():
    """Where cargo leaves the program."""
    target = os.environ.get("CARGO_TARGET_DIR") or SCRIPTS.parent / "target"
    return Path(target) / "debug" / "attune"


def parser():
    found = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = found.add_argument
    add("--data", help="a TSV file, or builtin:en-zh:train")
    add("--works", default=",".join(WORKS), help=f"which, of {','.join(WORKS)}; all unless given")
    add("--caps", default="", help=f"which, of {','.join(caps.CAPS)}; those that differ here unless given")
    add("--threads", help="numbers of threads of both programs, such as 1,2; all is as many as there are (1,all)")
    add("--pytorch", default="f32,bf16,int8", help="numbers of PyTorch, f32 among them (f32,bf16,int8)")
    add("--rounds", type=int, help="how often each program runs (5)")
    add("--steps", type=int, help="updates that are timed (40)")
    add("--warmup", type=int, help="updates, or batches to translate, before them (4)")
    add("--quick", action="store_true", help="one round with few updates: to see that all works, not for numbers")
    add("--beam", type=int, default=5, help="hypotheses side by side, beside greedy search (5)")
    add("--patience", type=int, default=600, help="seconds after which a run is given up (600)")
    add("--json", type=Path, metavar="FILE", help="write all raw numbers to this file")
    add("--render", type=Path, metavar="FILE", help="measure nothing: print the tables of such a file")
    add("--backend", default="cpu", help="Attune's (cpu)")
    add("--device", default="cpu", help="PyTorch's (cpu; cuda with --backend cuda)")
    add("--attune", default=built(), help="the program; target/debug/attune unless given")
    return found


def listed(found, args, name, known):
    """An option's list, of names that are known."""
    names = [one.strip() for one in getattr(args, name).split(",") if one.strip()]
    unknown = [one for one in names if one not in known]
    if unknown:
        found.error(f"--{name}: there is no {', '.join(unknown)}; there are {', '.join(known)}")
    return list(dict.fromkeys(names))


def thread_counts(found, asked, there):
    """Of a list such as 1,all, the fewest first."""
    try:
        counts = {there if one.strip() == "all" else int(one) for one in asked.split(",")}
    except ValueError:
        found.error(f"--threads {asked}: give numbers, or all, with commas between")
    if min(counts) < 1 or max(counts) > there:
        found.error(f"--threads {asked}: there are {there} threads here")
    return sorted(counts)


def arguments():
    found = parser()
    args = found.parse_args()
    if args.render:
        return args
    if not args.data:
        found.error("--data is needed, or --render with a file that --json wrote")
    for name, value in (QUICK if args.quick else USUAL).items():
        if getattr(args, name) is None:
            setattr(args, name, value)
    args.device = "cuda" if args.backend == "cuda" else args.device
    args.machine = machine.describe()
    args.instruction_sets = args.machine["instruction_sets"]
    args.works = listed(found, args, "works", WORKS)
    args.pytorch = listed(found, args, "pytorch", ("f32", "bf16", "int8"))
    args.pytorch = [one for one in args.pytorch if one != "int8" or args.device == "cpu"]
    there = caps.available(args.instruction_sets)
    args.caps = listed(found, args, "caps", [*dict.fromkeys([*there, caps.UNCAPPED])]) or there
    args.threads = thread_counts(found, args.threads, args.machine["threads"])
    if (args.backend, args.device) != ("cpu", "cpu"):
        args.caps, args.threads = [caps.UNCAPPED], args.threads[-1:]
    if min(args.rounds, args.steps, args.patience) < 1 or args.warmup < 0 or args.beam < 2:
        found.error("--rounds, --steps and --patience must be at least 1, --warmup at least 0, --beam at least 2")
    if "f32" not in args.pytorch or not args.works:
        found.error("--pytorch must have f32, and --works at least one work")
    if not Path(args.attune).is_file():
        found.error(f"no program {args.attune}: `cargo build -p trainer` makes it, or name it with --attune")
    args.can_favour = args.backend == "cpu" and programs.can_favour(args.attune)
    args.faults = programs.Faults()
    return args


def measure(args):
    """Does all that was asked for."""
    record = begin(args)
    print("\n".join(tables.machine(record)), flush=True)
    if machine.load() > machine.BUSY:
        print(f"NOTE: the load is {machine.load()}: others are at work, and the numbers are theirs too", flush=True)
    for cap in args.caps:
        measure_cap(cap, args, record)
    record["loads"].append(machine.load())
    record["faults"] = list(args.faults)
    if args.json:
        record.write(args.json)
    return record


def read(path):
    """What --json wrote."""
    try:
        return Record.read(path)
    except (OSError, ValueError) as why:
        sys.exit(f"{path} is no file that --json wrote: {why}")


def main():
    args = arguments()
    record = read(args.render) if args.render else measure(args)
    print(f"\n{tables.render(record)}")
    sys.exit(1 if record["faults"] else 0)


if __name__ == "__main__":
    main()
