"""What is compared: the works, and who does them in which numbers."""

from dataclasses import dataclass

FEW_ROWS = 8  # Up to so many, sentences times beams, `search.favour = "latency"` is meant for.


@dataclass(frozen=True)
class Work:
    """One part of the tables."""

    kind: str  # train or decode
    title: str
    arguments: tuple = ()  # Both programs know them.
    few: int = 5  # Batches of a program that would take too long otherwise.
    at_once: int = 0  # Sentences, of a translation.


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
    "F": Work("decode", "translate: 64 at once", ("--batch", "64"), 4, 64),
    "G": Work("decode", "translate: one at once", ("--batch", "1"), 40, 1),
}


@dataclass(frozen=True)
class Contender:
    """A program that does a work in some numbers; `beam` is 0 for training."""

    program: str  # attune or torch
    numbers: str
    beam: int = 0

    def __str__(self):
        return f"{'Attune' if self.program == 'attune' else 'PyTorch'} {self.numbers}"


# Numbers of Attune beside those of PyTorch. The first are the same on both sides.
PAIRS = {
    "train": [("f32", "f32"), ("f32", "bf16")],
    "decode": [("f32", "f32"), ("int8", "int8"), ("24-bit", "f32"), ("int8", "f32"), ("f32", "bf16")],
}
RATE = {"train": "tgt_tok_s", "decode": "sent_s"}
UNIT = {"train": "tok/s", "decode": "sent/s"}


def contenders(work, beam, args):
    """Who does a work, with hypotheses side by side. Where steps have few rows, an Attune that cannot be told
    what to favour takes 24-bit weights, so it does not compete in f32. Only its CPU kernels pack weights."""
    kinds = ["f32"]
    if work.kind == "decode" and args.backend == "cpu":
        few = work.at_once * beam <= FEW_ROWS
        kinds = ["f32"] if args.can_favour or not few else []
        kinds += ["24-bit", "int8"] if few else ["int8"]
    theirs = [one for one in args.pytorch if one != "int8" or work.kind == "decode"]
    return [Contender("attune", one, beam) for one in kinds] + [Contender("torch", one, beam) for one in theirs]
