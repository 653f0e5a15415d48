"""The two programs: their commands, and what a run of one says."""

import json
import os
import subprocess
import sys
from pathlib import Path

from . import caps
from .machine import Others

SCRIPTS = Path(__file__).resolve().parent.parent


class Unable(Exception):
    """A program did not do a work; the text says why."""


class Programs:
    """Runs them under one cap, on so many threads."""

    def __init__(self, args, cap, threads):
        self.args, self.cap, self.threads = args, cap, threads

    def attune(self, work, contender, folder=None, dropout=None):
        """Does a work, and writes the inputs for PyTorch where a folder is named."""
        command = [self.args.attune, "bench", "train" if work.kind == "train" else "translate", "--json"]
        command += ["--workload", "yardstick", "--data", self.args.data, "--backend", self.args.backend]
        command += ["--warmup", self.args.warmup, *work.arguments]
        if work.kind == "train":
            command += ["--steps", self.args.steps]
        else:
            command += ["--beam", contender.beam, "--precision", "int8" if contender.numbers == "int8" else "f32"]
            if self.args.can_favour and contender.numbers != "int8":
                command += ["--favour", "latency" if contender.numbers == "24-bit" else "throughput"]
        command += [] if dropout is None else ["--dropout", dropout]
        command += ["--write-inputs", folder] if folder else []
        said = self.run("attune", command)
        self.obeyed(contender, said)
        return said

    def torch(self, work, contender, folder, *more, mode=None):
        """Does the work that Attune wrote to a folder."""
        command = [sys.executable, SCRIPTS / "pytorch_seq2seq.py", "--inputs", folder]
        command += ["--mode", mode or work.kind, "--threads", self.threads, "--device", self.args.device]
        command += ["--precision", contender.numbers, "--warmup", self.args.warmup, *work.arguments]
        command += ["--beam", contender.beam] if contender.beam else []
        command += ["--limit", work.few] if self.limited(contender) else []
        said = self.run("torch", [*command, *more])
        self.obeyed(contender, said)
        return said

    def limited(self, contender):
        """Whether a contender does only a few batches: where the processor cannot multiply bfloat16, PyTorch may
        take fifteen times as long with it."""
        if contender.numbers != "bf16" or self.args.device != "cpu":
            return False
        return not caps.multiplies_bf16(self.cap, self.args.instruction_sets)

    def run(self, program, command):
        """What a program's last line of output says, with the share of the machine that others took."""
        environment = caps.environment(self.cap, program, os.environ)
        threads = "RAYON_NUM_THREADS" if program == "attune" else "OMP_NUM_THREADS"
        environment[threads] = str(self.threads)
        command, others = [str(part) for part in command], Others()
        try:
            ended = subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=self.args.patience
            )
        except subprocess.TimeoutExpired:
            raise Unable(f"took longer than {self.args.patience} s") from None
        if ended.returncode != 0:
            said = ended.stderr.strip().splitlines()
            print(f"   {' '.join(command)}\n   ended with {ended.returncode}:\n{ended.stderr}", file=sys.stderr)
            raise Unable(said[-1] if said else f"ended with {ended.returncode}")
        said = json.loads(ended.stdout.splitlines()[-1])
        said["others"] = others.share()
        return said

    def obeyed(self, contender, said):
        """Complains once of each way in which a program did not do what it was told."""
        faults, backend = self.args.faults, self.args.backend
        if contender.program == "attune" and backend == "cpu":
            faults.add(caps.attune_breaks(self.cap, said.get("isa")))
            wanted = {"24-bit": "latency", "f32": "throughput"}.get(contender.numbers)
            if contender.beam and said.get("favour") != wanted:
                faults.add(f"weights of {contender} were packed for {said.get('favour')}")
        if contender.program == "torch" and self.args.device == "cpu":
            faults.add(caps.torch_breaks(self.cap, said["capability"], {}))
        if (backend, self.args.device) == ("cpu", "cpu") and said["threads"] != self.threads:
            faults.add(f"{contender} had {said['threads']} threads instead of {self.threads}")


class Faults(list):
    """What was wrong, each thing once, in the order in which it was found."""

    def add(self, fault):
        if fault and fault not in self:
            self.append(fault)
            print(f"   WRONG: {fault}", flush=True)


def version(attune):
    """What `attune --version` says."""
    ended = subprocess.run([str(attune), "--version"], capture_output=True, text=True)
    if ended.returncode != 0:
        sys.exit(f"{attune} --version ended with {ended.returncode}:\n{ended.stderr}")
    return ended.stdout.strip()


def can_favour(attune):
    """Whether `attune bench translate` can be told what single-precision weights are packed for."""
    said = subprocess.run([str(attune), "bench", "translate", "--help"], capture_output=True, text=True)
    return "--favour" in said.stdout


def probe(cap):
    """What PyTorch and its libraries say of themselves under a cap."""
    command = [sys.executable, str(SCRIPTS / "pytorch_probe.py")]
    environment = caps.environment(cap, "torch", os.environ)
    ended = subprocess.run(command, env=environment, capture_output=True, text=True)
    if ended.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with {ended.returncode}:\n{ended.stderr}")
    lines = ended.stdout.splitlines()
    said = json.loads(lines[-1])
    said["libraries"] = {}
    for line in lines:
        if line.startswith("onednn_verbose") and ",cpu,isa:" in line:
            said["libraries"]["oneDNN"] = line.split(",cpu,isa:")[1].strip()
        if line.startswith("MKL_VERBOSE") and "build" in line:
            said["libraries"]["MKL"] = line.split("architecture ", 1)[-1].split(", Lnx")[0].strip()
    return said
