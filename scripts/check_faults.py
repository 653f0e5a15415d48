#!/usr/bin/env python3
"""Kills a training before every system call that changes its folder, fails each of them, and looks what is left.

    cargo build -p trainer
    python scripts/check_faults.py [--attune target/debug/attune] [--kinds kill,ENOSPC,EIO,random] [--every N]

Needs strace. Trains a tiny model that saves every other update. Then, for every `rename`, `fsync`, `unlink`, `symlink`,
`mkdir`, `write`, `ftruncate` and `openat` of that training in turn:

    kill             the process is killed as it enters the call, and the run resumed
    ENOSPC, EIO      the call fails once, the training is left to itself, and the run resumed
    random           100 kills at random moments of one longer training

After each, the resumed run must end in the same bytes as one that nothing happened to: parameters, what the optimiser
remembers, and the records. No training may panic or end by a signal of its own. Prints what was seen, and ends with 1
if anything was lost.
"""

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CONFIG = """
name = "tiny"
[data]
train = "train.tsv"
valid = "valid.tsv"
[model]
embedding_size = 8
hidden_size = 12
[train]
backend = "cpu"
batch_size = 4
max_epochs = {epochs}
log_every = 1
[optimizer]
learning_rate = 1e-2
[valid]
every_steps = 5
criterion = "loss"
samples = 0
[checkpoint]
every_steps = 2
keep = 2
"""
CALLS = ["rename", "fsync", "unlink", "unlinkat", "symlink", "mkdir", "write", "ftruncate", "openat"]
TIMEOUT = 120


class Place:
    """A folder with a corpus and a config."""

    def __init__(self, attune, folder, epochs):
        self.attune, self.folder = attune, Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        lines = [f"{who} {what} {thing} ." for who in ("I", "you", "we") for what in ("eat", "buy") for thing in ("rice", "tea", "figs")]
        (self.folder / "train.tsv").write_text("".join(f"{line}\t{line.upper()}\n" for line in lines))
        (self.folder / "valid.tsv").write_text("".join(f"{line}\t{line.upper()}\n" for line in lines[:3]))
        (self.folder / "tiny.toml").write_text(CONFIG.format(epochs=epochs))

    def command(self, run, resume):
        more = ["--resume"] if resume else []
        return [self.attune, "--config", "tiny.toml", "--run-dir", run, "--quiet", *more]

    def train(self, run, resume=False, inject=None, env=None):
        command = self.command(run, resume)
        if inject:
            call = inject.split(":")[0]
            command = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={inject}", *command]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=TIMEOUT, env=env)

    def outcome(self, run):
        """What must be the same: the last checkpoint's tensors, and the records without their times."""
        last = self.folder / run / "checkpoints" / "last"
        files = [(last / name).read_bytes() for name in ("model.safetensors", "optimizer.safetensors")]
        records = [json.loads(line) for line in (self.folder / run / "metrics.jsonl").read_text().splitlines()]
        for record in records:
            record.pop("tokens_per_second", None)
            record.pop("data_wait", None)
        return files, records


def one_fault(place, whole, call, fault, number):
    """Whether the fault happened, and what it cost, in words."""
    shutil.rmtree(place.folder / "run", ignore_errors=True)
    how = "signal=KILL" if fault == "kill" else f"error={fault}"
    hit = place.train("run", inject=f"{call}:{how}:when={number}")
    text = hit.stdout + hit.stderr
    if "panicked" in text:
        return True, f"a panic: {text.strip().splitlines()[-1]}"
    if fault == "kill":
        if hit.returncode == 0:
            return False, ""
    elif hit.returncode not in (0, 1, 2):
        return True, f"ended with {hit.returncode}: {text.strip()[-200:]}"
    again = place.train("run", resume=True)
    if again.returncode != 0:
        return True, f"cannot go on: {again.stderr.strip().splitlines()[-1:]}"
    try:
        if place.outcome("run") != whole:
            return True, "other bytes"
    except OSError as error:
        return True, f"nothing there: {error}"
    return True, ""


def every_call(place, whole, fault, every):
    counts, lost = {}, []
    for call in CALLS:
        number = limit = 0
        if fault != "kill":
            traced = place.train("counted", inject=None)
            shutil.rmtree(place.folder / "counted", ignore_errors=True)
            limit = calls_of(place, call)
            assert traced.returncode == 0
        while True:
            number += every
            if fault != "kill" and number > limit:
                break
            happened, cost = one_fault(place, whole, call, fault, number)
            if not happened:
                break
            counts[call] = counts.get(call, 0) + 1
            if cost:
                lost.append(f"{fault} at {call} {number}: {cost}")
                print(lost[-1], flush=True)
    print(f"{fault}: {sum(counts.values())} faults ({', '.join(f'{call} {count}' for call, count in counts.items())}), {len(lost)} lost", flush=True)
    return lost


def calls_of(place, call):
    """How often a training makes a system call."""
    shutil.rmtree(place.folder / "counted", ignore_errors=True)
    log = place.folder / "calls"
    command = ["strace", "-f", "-qq", "-o", str(log), "-e", f"trace={call}", *place.command("counted", False)]
    subprocess.run(command, cwd=place.folder, capture_output=True, timeout=TIMEOUT, check=True)
    shutil.rmtree(place.folder / "counted", ignore_errors=True)
    return sum(f" {call}(" in line for line in log.read_text(errors="replace").splitlines())


def random_kills(attune, folder, kills):
    place = Place(attune, folder, 60)
    started = time.monotonic()
    assert place.train("whole").returncode == 0
    seconds = time.monotonic() - started
    whole = place.outcome("whole")
    draw, done, resumes = random.Random(7), 0, 0
    while done < kills:
        shutil.rmtree(place.folder / "run", ignore_errors=True)
        while done < kills:
            child = subprocess.Popen(place.command("run", True), cwd=place.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            try:
                _, error = child.communicate(timeout=draw.uniform(0.01, seconds / 8))
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGKILL)
                child.communicate()
                done += 1
                continue
            if child.returncode != 0:
                return [f"random kill {done}: {error.decode().strip()[-300:]}"]
            break
        resumes += 1
        last = place.train("run", resume=True)
        if last.returncode != 0 or place.outcome("run") != whole:
            return [f"random kill {done}: other bytes, or {last.stderr.strip()[-300:]}"]
    print(f"random: {done} kills over {resumes} trainings of {seconds:.1f} s, 0 lost", flush=True)
    return []


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attune", default="target/debug/attune")
    parser.add_argument("--kinds", default="kill,ENOSPC,EIO,random")
    parser.add_argument("--every", type=int, default=1, help="take every Nth call only")
    arguments = parser.parse_args()
    attune = str(Path(arguments.attune).resolve())
    lost = []
    with tempfile.TemporaryDirectory() as folder:
        place = Place(attune, Path(folder) / "calls", 3)
        assert place.train("whole").returncode == 0
        whole = place.outcome("whole")
        for kind in arguments.kinds.split(","):
            if kind == "random":
                lost += random_kills(attune, Path(folder) / "random", 100)
            else:
                lost += every_call(place, whole, kind, arguments.every)
    for line in lost:
        print(line)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
