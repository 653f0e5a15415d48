#!/usr/bin/env python3
"""Runs every command on every kind of input and output, and says where lines, files or exit codes are lost.

    cargo build -p trainer
    python scripts/check_lines.py

Trains a tiny model in a folder of its own, then goes through commands times places: pipes, FIFOs, devices, links, closed
and full streams, `-`, packed files, files that cannot be read or written, folders that are missing. Each cell must end with
the exit code that the documentation promises, write a line for each line, and say nothing of an internal error; what stood
at the place before must be there afterwards if it was not to be replaced. Prints a table in Markdown and ends with 1 if
a cell is wrong. Needs nothing but Python, on a Unix system.
"""

import argparse
import gzip
import os
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

CONFIG = """
name = "tiny"
[data]
train = "train.tsv"
valid = "train.tsv"
[model]
embedding_size = 8
hidden_size = 12
[train]
backend = "cpu"
batch_size = 4
[optimizer]
learning_rate = 1e-2
[valid]
every_steps = 1000
samples = 0
"""
SOURCES = [f"{who} {what} {thing} ." for who in ["I", "you"] for what in ["eat", "buy"] for thing in ["rice", "tea"]]
TIMEOUT = 120


class Bench:
    """A folder with a trained run, and what was found wrong in it."""

    def __init__(self, attune, folder):
        self.attune, self.folder = attune, Path(folder)
        self.rows, self.wrong = [], 0
        pairs = "".join(f"{line}\t{line.upper()}\n" for line in SOURCES)
        self.write("train.tsv", pairs)
        self.write("tiny.toml", CONFIG)
        self.run(["--config", "tiny.toml", "--run-dir", "run", "--max-steps", "40"], check=True)
        self.write("in.txt", "".join(line + "\n" for line in SOURCES))
        self.expected = self.run(["translate", "--run", "run", "--input", "in.txt"], check=True).stdout

    def write(self, name, text):
        (self.folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())

    def run(self, arguments, check=False, **options):
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        command = [self.attune, *arguments]
        ended = subprocess.run(command, cwd=self.folder, timeout=TIMEOUT, **options)
        if check and ended.returncode != 0:
            sys.exit(f"{command} ended with {ended.returncode}: {ended.stderr.decode()}")
        return ended

    def cell(self, command, place, code, ended, holds=True):
        """Takes a result in: the exit code must be `code`, `holds` true and no panic shown."""
        said = (ended.stderr or b"").decode(errors="replace")
        faults = []
        if ended.returncode != code:
            faults.append(f"exit code {ended.returncode} instead of {code}")
        if "panicked" in said or "internal error" in said:
            faults.append("a panic")
        if not holds:
            faults.append("the outcome is wrong")
        self.wrong += bool(faults)
        self.rows.append((command, place, code, "; ".join(faults) or "as documented"))
        if faults:
            print(f"{command} / {place}: {faults}\n{said}", file=sys.stderr)


def fifo(bench, name):
    path = bench.folder / name
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    return path


def inputs(bench):
    """Every place that text can come from, for translate, score and evaluate."""
    text, pairs = (bench.folder / "in.txt").read_bytes(), (bench.folder / "train.tsv").read_bytes()
    bench.write("in.txt.gz", gzip.compress(text))
    bench.write("train.tsv.gz", gzip.compress(pairs))
    for name in ["in.txt", "train.tsv"]:
        (bench.folder / f"link.{name}").symlink_to(name)
    lines = len(SOURCES)
    kinds = [
        ("translate", ["--input"], "in.txt", text, lambda out: out == bench.expected),
        ("score", ["--data"], "train.tsv", pairs, lambda out: out.count(b"\n") == lines),
        ("evaluate", ["--data"], "train.tsv", pairs, lambda out: b"of %d sentences" % lines in out),
    ]
    for command, option, name, content, right in kinds:
        base = [command, "--run", "run", *option]

        def told(place, code, ended, empty=False):
            holds = ended.stdout == b"" if code or empty else right(ended.stdout)
            bench.cell(f"`{command} {option[0]}`", place, code, ended, holds)

        told("a file", 0, bench.run([*base, name]))
        told("a link", 0, bench.run([*base, f"link.{name}"]))
        told("`.gz`", 0, bench.run([*base, f"{name}.gz"]))
        for place in ["-", "/dev/stdin"]:
            told(f"a pipe, `{place}`", 0, bench.run([*base, place], stdin=None, input=content))
        told("a packed pipe, `-`", 0, bench.run([*base, "-"], stdin=None, input=gzip.compress(content)))
        path = fifo(bench, "in.fifo")
        writer = threading.Thread(target=lambda: path.write_bytes(content))
        writer.start()
        told("a FIFO", 0, bench.run([*base, "in.fifo"]))
        writer.join()
        # Nothing in is nothing out; a corpus needs a pair.
        nothing = 0 if command == "translate" else 2
        told("an empty device, `/dev/null`", nothing, bench.run([*base, "/dev/null"]), empty=True)
        told("a closed stream, `-`", nothing, closed(bench, [*base, "-"], 0), empty=True)
        told("a device without end, `/dev/zero`", 2, bench.run([*base, "/dev/zero"]))
        told("a missing folder", 2, bench.run([*base, "no/x"]))
        told("a folder", 2, bench.run([*base, "."]))


def closed(bench, arguments, descriptor):
    """Runs with a standard stream closed."""
    redirect = {0: "<&-", 1: ">&-", 2: "2>&-"}[descriptor]
    options = {"stdin": None} if descriptor == 0 else {}
    command = ["sh", "-c", f'exec "$@" {redirect}', "sh", bench.attune, *arguments]
    return subprocess.run(
        command, cwd=bench.folder, timeout=TIMEOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
    )


def outputs(bench):
    """Every place that results can go to, for each option that names one."""
    translate = ["translate", "--run", "run", "--input", "in.txt"]
    export = ["export", "--run", "run", "--format"]
    options = [
        ("translate --output", [*translate, "--output"]),
        ("translate --attention", [*translate, "--output", "/dev/null", "--attention"]),
        ("evaluate --output", ["evaluate", "--run", "run", "--data", "train.tsv", "--output"]),
        ("export safetensors", [*export, "safetensors", "--out"]),
        ("export burnpack", [*export, "burnpack", "--out"]),
    ]
    for command, base in options:
        file = "out.json"
        fresh = bench.folder / file
        fresh.unlink(missing_ok=True)
        ended = bench.run([*base, file])
        content = fresh.read_bytes() if fresh.exists() else b""
        bench.cell(f"`{command}`", "a new file", 0, ended, content != b"")

        # Burn names parameters anew in every process.
        alike = len if command == "export burnpack" else lambda written: written
        same = lambda written: alike(written) == alike(content)

        fresh.write_bytes(b"old")
        fresh.chmod(0o600)
        ended = bench.run([*base, file])
        kept = stat.S_IMODE(fresh.stat().st_mode) == 0o600
        bench.cell(f"`{command}`", "a file of mode 600", 0, ended, kept and same(fresh.read_bytes()))

        link = bench.folder / "link.json"
        link.unlink(missing_ok=True)
        link.symlink_to(file)
        fresh.write_bytes(b"old")
        ended = bench.run([*base, "link.json"])
        bench.cell(f"`{command}`", "a link", 0, ended, link.is_symlink() and same(fresh.read_bytes()))

        stranger = bench.folder / f"{file}.part"
        stranger.write_bytes(b"mine")
        ended = bench.run([*base, file])
        bench.cell(f"`{command}`", "beside a stranger's `.part`", 0, ended, stranger.read_bytes() == b"mine")

        path = fifo(bench, "out.fifo")
        read = []
        reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
        reader.start()
        ended = bench.run([*base, "out.fifo"])
        if ended.returncode:
            # Nobody came: let the reader go.
            os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))
        reader.join(timeout=TIMEOUT)
        bench.cell(f"`{command}`", "a FIFO", 0, ended, len(read) == 1 and same(read[0]))

        ended = bench.run([*base, "/dev/null"])
        bench.cell(f"`{command}`", "a device, `/dev/null`", 0, ended, is_device("/dev/null"))
        ended = bench.run([*base, "/dev/full"])
        bench.cell(f"`{command}`", "a full device, `/dev/full`", 1, ended, is_device("/dev/full"))
        ended = bench.run([*base, "-"])
        bench.cell(f"`{command}`", "`-`", 0, ended, alike(content) == alike(ended.stdout[: len(content)]))
        ended = bench.run([*base, "no/x.json"])
        bench.cell(f"`{command}`", "a missing folder", 2, ended, ended.stdout == b"")
        ended = bench.run([*base, "/proc/x.json"])
        bench.cell(f"`{command}`", "a read-only folder, `/proc`", 2, ended, ended.stdout == b"")


def is_device(path):
    return stat.S_ISCHR(os.stat(path).st_mode)


def streams(bench):
    """Standard output and error closed, full, or read by nobody."""
    run = ["--run", "run"]
    commands = [
        ("translate", ["translate", *run, "--input", "in.txt", "--verbose"]),
        ("evaluate", ["evaluate", *run, "--data", "train.tsv"]),
        ("score", ["score", *run, "--data", "train.tsv"]),
        ("export", ["export", *run, "--format", "safetensors", "--out", "x.safetensors"]),
        ("config", ["config", "--config", "tiny.toml"]),
        ("devices", ["devices"]),
        ("train", ["--config", "tiny.toml", "--run-dir", "again", "--overwrite", "--max-steps", "2", "--json"]),
    ]
    writes = {"translate", "evaluate", "score", "config", "devices", "train"}
    for command, arguments in commands:
        reference = bench.run(arguments, check=True).stdout
        same = lambda out: command in ("train", "devices") or out == reference
        with open("/dev/full", "wb") as full:
            ended = bench.run(arguments, stderr=full)
            bench.cell(f"`{command}`", "standard error full", 0, ended, same(ended.stdout))
            ended = bench.run(arguments, stdout=full)
            bench.cell(f"`{command}`", "standard output full", 1 if command in writes else 0, ended)
        ended = bench.run(arguments, stderr=nobody())
        bench.cell(f"`{command}`", "standard error read by nobody", 0, ended, same(ended.stdout))
        ended = bench.run(arguments, stdout=nobody())
        bench.cell(f"`{command}`", "standard output read by nobody", 0, ended)
        ended = closed(bench, arguments, 2)
        bench.cell(f"`{command}`", "standard error closed", 0, ended, same(ended.stdout))
        ended = closed(bench, arguments, 1)
        bench.cell(f"`{command}`", "standard output closed", 0, ended)


def nobody():
    """The writing end of a pipe whose reader has gone."""
    reader, writer = os.pipe()
    os.close(reader)
    return os.fdopen(writer, "wb")


def training(bench):
    """Corpora that are no files, for a training."""
    base = ["--config", "tiny.toml", "--run-dir", "other", "--overwrite", "--max-steps", "2"]
    content = (bench.folder / "train.tsv").read_bytes()
    path = fifo(bench, "corpus.fifo")
    writer = threading.Thread(target=lambda: path.write_bytes(content))
    writer.start()
    ended = bench.run([*base, "--set", "data.train=corpus.fifo"])
    bench.cell("`train`", "a FIFO", 0, ended)
    writer.join()
    ended = bench.run([*base, "--set", "data.train=-"], stdin=None, input=content)
    bench.cell("`train`", "a pipe, `-`", 0, ended)
    cases = [
        ("`.gz`", "train.tsv.gz", 0),
        ("a link", "link.train.tsv", 0),
        ("a device, `/dev/zero`", "/dev/zero", 2),
        ("a device, `/dev/null`", "/dev/null", 2),
        ("a missing folder", "no/x.tsv", 2),
        ("a folder", ".", 2),
        ("an empty `-`", "-", 2),
    ]
    for place, path, code in cases:
        ended = bench.run([*base, "--set", f"data.train={path}"])
        bench.cell("`train`", place, code, ended)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--attune", default="target/debug/attune", help="the program")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(str(Path(args.attune).resolve()), folder)
        for part in [inputs, outputs, streams, training]:
            part(bench)
    print("| command | place | exit code | |\n|---|---|---|---|")
    for row in bench.rows:
        print("| " + " | ".join(map(str, row)) + " |")
    print(f"\n{len(bench.rows) - bench.wrong} passed, {bench.wrong} failed")
    sys.exit(1 if bench.wrong else 0)


if __name__ == "__main__":
    main()
