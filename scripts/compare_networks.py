#!/usr/bin/env python3
"""Trains with two ranks in two network namespaces, as fast as they are connected and at 100 Mbit/s, with updates made together
and with meetings every 16 updates; with --quality, the scores that such runs end with; with --ranks, one rank against two on one
machine. Prints the tables of docs/clusters.md.

Needs root, iproute2 and Open MPI, and a program built with `--features mpi`:

    cargo build -p trainer --features mpi
    sudo python3 scripts/compare_networks.py --attune target/debug/attune [--rounds 2] [--quality | --ranks]
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

CONFIG = """
name = "network"
seed = 1
[data]
train = "builtin:en-zh:train"
valid = "builtin:en-zh:valid"
test = "builtin:en-zh:test"
[tokenizer.source]
kind = "word"
vocab_size = 3000
[tokenizer.target]
kind = "char"
vocab_size = 3000
[train]
backend = "cpu"
[schedule]
kind = "cosine"
warmup_steps = {warmup}
[valid]
every_steps = 1000000
samples = 0
[checkpoint]
every_steps = 0
[model]
"""
SPEED = CONFIG.format(warmup=0) + "embedding_size = 256\nhidden_size = 384\n"
QUALITY = CONFIG.format(warmup=100) + "embedding_size = 64\nhidden_size = 96\ndropout = 0.1\n"
# mpirun's way to a machine: a namespace with the machine's number and a name of its own.
AGENT = """#!/bin/sh
host=$1; shift
number=${host##*.}
exec ip netns exec attune$number unshare -u sh -c "hostname machine$number; $*"
"""


def run(*command, check=True):
    return subprocess.run(command, check=check, capture_output=True, text=True)


class Machines:
    """Two namespaces with a line between them."""

    def __enter__(self):
        self.__exit__()
        for number in "12":
            run("ip", "netns", "add", f"attune{number}")
        run("ip", "link", "add", "attune-v1", "type", "veth", "peer", "name", "attune-v2")
        for number in "12":
            run("ip", "link", "set", f"attune-v{number}", "netns", f"attune{number}")
            inside = ["ip", "netns", "exec", f"attune{number}", "ip"]
            run(*inside, "addr", "add", f"10.9.0.{number}/24", "dev", f"attune-v{number}")
            run(*inside, "link", "set", f"attune-v{number}", "up")
            run(*inside, "link", "set", "lo", "up")
        return self

    def __exit__(self, *_):
        for number in "12":
            run("ip", "netns", "del", f"attune{number}", check=False)

    def limit(self, rate):
        for number in "12":
            command = ["ip", "netns", "exec", f"attune{number}", "tc", "qdisc"]
            run(*command, "del", "dev", f"attune-v{number}", "root", check=False)
            if rate:
                line = ["dev", f"attune-v{number}", "root", "tbf", "rate", rate, "burst", "256kb", "latency", "100ms"]
                run(*command, "add", *line)


def launch(command, folder):
    """Runs a training; gives its report."""
    environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{command}: exit code {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def arguments_of(attune, folder, more):
    return [attune, "--config", f"{folder}/config.toml", "--run-dir", f"{folder}/run", "--overwrite", "--quiet", "--json", *more]


def between_machines(attune, folder, *more):
    options = ["--host", "10.9.0.1,10.9.0.2", "-n", "2", "--mca", "plm_rsh_agent", f"{folder}/agent", "--mca", "btl", "tcp,self"]
    for layer in ("btl_tcp_if_include", "oob_tcp_if_include"):
        options += ["--mca", layer, "10.9.0.0/24"]
    command = ["mpirun", *options, "-x", "OMP_NUM_THREADS=1", *arguments_of(attune, folder, more)]
    inside = "hostname machine1; exec " + " ".join(command)
    return launch(["ip", "netns", "exec", "attune1", "unshare", "-u", "sh", "-c", inside], folder)["train_seconds"]


def speed(attune, folder, rounds):
    (folder / "config.toml").write_text(SPEED)
    (folder / "agent").write_text(AGENT)
    (folder / "agent").chmod(0o755)
    with Machines() as machines:
        print("| network | `sync_every = 1` | `sync_every = 16` |\n|---|---|---|")
        seconds = {}
        for _ in range(rounds):
            for rate in (None, "100mbit"):
                machines.limit(rate)
                for every in (1, 16):
                    sets = ["--max-steps", "48", "--set", "train.batch_size=128", "--set", f"train.sync_every={every}"]
                    taken = between_machines(attune, folder, *sets)
                    seconds.setdefault((rate, every), []).append(f"{taken:.1f}")
        for rate, name in ((None, "as fast as it goes"), ("100mbit", "100 Mbit/s (`tc`, token bucket)")):
            cells = [", ".join(seconds[rate, every]) for every in (1, 16)]
            print(f"| {name} | {cells[0]} | {cells[1]} |", flush=True)


def quality(attune, folder):
    (folder / "config.toml").write_text(QUALITY)
    print("| updates | H | rate | momentum | BLEU of the test set |\n|---|---|---|---|---|")
    for steps, every, rate, momentum in (
        (3000, 1, 1.0, 0.5),
        (3000, 16, 1.0, 0.5),
        (3000, 16, 0.7, 0.7),
        (3000, 16, 0.7, 0.9),
        (3000, 16, 1.0, 0.0),
        (8000, 1, 1.0, 0.5),
        (8000, 16, 1.0, 0.5),
    ):
        keys = {"sync_every": every, "outer_learning_rate": rate, "outer_momentum": momentum, "batch_size": 64}
        sets = [part for key, value in keys.items() for part in ("--set", f"train.{key}={value}")]
        command = ["mpirun", "-n", "2", *arguments_of(attune, folder, ["--max-steps", str(steps), *sets])]
        print(f"| {steps} | {every} | {rate} | {momentum} | {launch(command, folder)['test']['bleu']:.1f} |", flush=True)


def ranks(attune, folder, rounds):
    (folder / "config.toml").write_text(SPEED)
    print("| batch | one rank, s | two ranks, s | ratio |\n|---|---|---|---|")
    for batch in (128, 256):
        seconds = {1: [], 2: []}
        for _ in range(rounds):
            for count in seconds:
                options = ["--bind-to", "core", "-n", str(count), "-x", "OMP_NUM_THREADS=1"]
                sets = ["--max-steps", "40", "--set", f"train.batch_size={batch}"]
                command = ["mpirun", *options, *arguments_of(attune, folder, sets)]
                seconds[count].append(launch(command, folder)["train_seconds"])
        cells = [", ".join(f"{taken:.1f}" for taken in seconds[count]) for count in seconds]
        ratios = ", ".join(f"{one / two:.2f}" for one, two in zip(*seconds.values()))
        print(f"| {batch} | {cells[0]} | {cells[1]} | {ratios} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--attune", required=True)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--quality", action="store_true")
    parser.add_argument("--ranks", action="store_true")
    arguments = parser.parse_args()
    attune = str(pathlib.Path(arguments.attune).resolve())
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if arguments.quality:
            quality(attune, folder)
        elif arguments.ranks:
            ranks(attune, folder, arguments.rounds)
        else:
            speed(attune, folder, arguments.rounds)


if __name__ == "__main__":
    main()
