#!/usr/bin/env python3
"""Trains with 1, 2 and 4 processes of an MPI job and looks at what must hold: that the losses agree, that the same number of
processes gives the same bytes, that a run goes on with another number, and that the death of any process ends all of them
soon and leaves a checkpoint to go on from. Needs mpirun, and a program built with `--features mpi`.

    cargo build -p trainer --features mpi
    python3 scripts/check_ranks.py --attune target/debug/attune [--kills 20]
"""

import argparse
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

CONFIG = """
name = "ranks"
seed = 7
[data]
train = "builtin:en-zh:train"
valid = "builtin:en-zh:valid"
[tokenizer.source]
kind = "word"
vocab_size = 3000
[tokenizer.target]
kind = "char"
vocab_size = 3000
[model]
embedding_size = 32
hidden_size = 48
dropout = 0.2
[train]
backend = "cpu"
batch_size = 32
max_steps = 200
log_every = 1
word_dropout.source = 0.1
[optimizer]
learning_rate = 2e-4
[valid]
every_steps = 100
samples = 0
[checkpoint]
every_steps = 10
"""
# A rate at which rounding does not grow: at ten times that, a processor with other vectors differs as much as ranks do.
AGREEMENT = 1e-5
# Seconds within which the death of one process ends all.
SOON = 10


class Job:
    def __init__(self, arguments, folder):
        self.attune, self.folder = str(pathlib.Path(arguments.attune).resolve()), folder
        version = subprocess.run([arguments.mpirun, "--version"], capture_output=True, text=True).stdout
        # More ranks than cores: MPICH asks for no leave.
        self.launch = [arguments.mpirun] + (["--oversubscribe"] if "Open MPI" in version or "OpenRTE" in version else [])
        self.environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", OMP_NUM_THREADS="1")

    def command(self, ranks, run, *more):
        return [*self.launch, "-n", str(ranks), self.attune, "--config", "config.toml", "--run-dir", run, *more]

    def train(self, ranks, run, *more):
        done = subprocess.run(self.command(ranks, run, *more), cwd=self.folder, env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{ranks} ranks, {run} {more}: exit code {done.returncode}\n{done.stderr}")
        return done.stderr

    def start(self, ranks, run, *more):
        command = self.command(ranks, run, *more)
        return subprocess.Popen(command, cwd=self.folder, env=self.environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def losses(self, run):
        lines = (self.folder / run / "metrics.jsonl").read_text().splitlines()
        return [record["loss"] for record in map(json.loads, lines) if record["kind"] == "train"]

    def tensors(self, run):
        last = self.folder / run / "checkpoints" / "last"
        return [(last / f"{name}.safetensors").read_bytes() for name in ("model", "optimizer")]


def difference(one, other):
    assert len(one) == len(other), (len(one), len(other))
    return max(abs(a - b) / abs(a) for a, b in zip(one, other))


def ranks_of(job):
    """The processes that mpirun has started, itself or by a helper of its own."""
    found, parents = [], [job.pid]
    while parents:
        children = subprocess.run(["pgrep", "-P", ",".join(map(str, parents))], capture_output=True, text=True).stdout.split()
        parents = [int(process) for process in children]
        found += [process for process in parents if name_of(process).startswith("attune")]
    return found


def name_of(process):
    try:
        return pathlib.Path(f"/proc/{process}/comm").read_text()
    except OSError:
        return ""


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def see(self, holds, what):
        self.passed, self.failed = self.passed + bool(holds), self.failed + (not holds)
        print(("ok      " if holds else "FAILED  ") + what, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--attune", required=True)
    parser.add_argument("--mpirun", default="mpirun", help="of the MPI library that the program was built with")
    parser.add_argument("--kills", type=int, default=20)
    arguments = parser.parse_args()
    checks = Checks()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "config.toml").write_text(CONFIG)
        job = Job(arguments, folder)
        for ranks in (1, 2, 4):
            job.train(ranks, f"of-{ranks}")
        for ranks in (2, 4):
            worst = difference(job.losses("of-1"), job.losses(f"of-{ranks}"))
            checks.see(worst <= AGREEMENT, f"losses of 200 updates of 1 and {ranks} ranks differ by {worst:.1e} at most")
        job.train(2, "again")
        checks.see(job.tensors("again") == job.tensors("of-2"), "2 ranks twice: the same bytes")
        for path in ([2, 1], [1, 4], [4, 2]):
            run = "then".join(map(str, path))
            job.train(path[0], run, "--max-steps", "90")
            job.train(path[1], run, "--resume")
            worst = difference(job.losses("of-1"), job.losses(run))
            checks.see(worst <= AGREEMENT, f"a run of {path[0]} ranks that goes on with {path[1]} differs by {worst:.1e}")
        seldom = ["--set", "train.sync_every=8"]
        job.train(2, "seldom", *seldom)
        process = job.start(2, "seldom-killed", "--quiet", *seldom)
        while process.poll() is None and not list((folder / "seldom-killed").glob("checkpoints/1[0-9]0")):
            time.sleep(0.01)
        if process.poll() is None:
            os.kill(ranks_of(process)[1], signal.SIGKILL)
        process.communicate(timeout=SOON)
        killed = process.returncode != 0
        job.train(2, "seldom-killed", "--resume", *seldom)
        same = job.tensors("seldom-killed") == job.tensors("seldom")
        checks.see(killed and same, "2 ranks that meet every 8 updates, killed and resumed: the same bytes")
        job.train(3, "seldom-killed", "--resume", "--set", "train.max_steps=230", *seldom)
        checks.see(len(job.losses("seldom-killed")) == 230, "  and go on with 3")
        for asked in ([], seldom):
            process = job.start(2, f"asked{len(asked)}", "--quiet", *asked)
            while process.poll() is None and not (folder / f"asked{len(asked)}" / "checkpoints/20").exists():
                time.sleep(0.01)
            if process.poll() is None:
                os.kill(ranks_of(process)[1], signal.SIGTERM)
            _, said = process.communicate(timeout=SOON)
            name = f"asked{len(asked)}"
            whole = "stopped by SIGTERM" in said and process.returncode != 0
            checks.see(whole, f"a signal to one of 2 ranks {'that meet seldom ' if asked else ''}stops both, saved")
            job.train(2, name, "--resume", *asked)
            if not asked:
                checks.see(job.tensors(name) == job.tensors("of-2"), "  and resumed it is as if it had not been")
        rng = random.Random(1)
        for number in range(arguments.kills):
            ranks, run = rng.choice((2, 3)), f"killed-{number}"
            process = job.start(ranks, run, "--quiet")
            own = []
            while len(own) < ranks and process.poll() is None:
                own = ranks_of(process)
            time.sleep(rng.uniform(0.2, 3.0))
            victim = rng.randrange(ranks)
            if process.poll() is None:
                os.kill(own[victim], signal.SIGKILL)
            began = time.monotonic()
            try:
                said = "".join(process.communicate(timeout=SOON))
            except subprocess.TimeoutExpired:
                process.kill()
                checks.see(False, f"kill {number}: the others go on after {SOON} s")
                continue
            seconds = time.monotonic() - began
            if process.returncode == 0:
                print(f"        kill {number} came after the end")
                continue
            checks.see("signal 9" in said or "Killed" in said, f"kill {number}, rank {victim} of {ranks}: all end in {seconds:.1f} s")
            job.train(ranks - 1, run, *(["--resume"] if (folder / run / "config.toml").exists() else []))
            worst = difference(job.losses("of-1"), job.losses(run))
            checks.see(worst <= AGREEMENT, f"  resumed with {ranks - 1}: 200 losses, which differ by {worst:.1e}")
    print(f"{checks.passed} passed, {checks.failed} failed")
    sys.exit(bool(checks.failed))


if __name__ == "__main__":
    main()
