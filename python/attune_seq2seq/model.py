"""A trained model."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterable, Mapping, Sequence

from .attention import Attention
from .program import run


@dataclass(frozen=True)
class Translation:
    """One of several translations of a line."""

    text: str
    score: float
    """What translations of a line are ranked by: a log-probability, by default for each token."""

    def __str__(self) -> str:
        return self.text


def load(*runs: Any, checkpoint: Any = "best", precision: str = "f32") -> "Model":
    """A trained model: the folder of a run, a package, or several of them together (an ensemble).

    Raises FileNotFoundError where there is none, and AttuneError where it cannot be used.
    """
    if not runs:
        raise TypeError("load() needs the folder of a run, or a package")
    for one in runs:
        if not Path(one).exists():
            raise FileNotFoundError(f"there is no run and no package `{one}`")
    model = Model([str(one) for one in runs], str(checkpoint), precision)
    # Whether it can be used shows at once.
    model.translate([])
    return model


class Model:
    """A model, as `load` gives it. Each call is a command of the program; give it many lines at once."""

    def __init__(self, runs: Sequence[str], checkpoint: str, precision: str) -> None:
        self._runs, self._checkpoint, self._precision = list(runs), checkpoint, precision

    def __repr__(self) -> str:
        return f"attune_seq2seq.load({', '.join(map(repr, self._runs))}, checkpoint={self._checkpoint!r})"

    def translate(
        self, lines: Iterable[str] | str, beam: int | None = None, n_best: int | None = None, sets: Mapping[str, Any] | None = None
    ) -> Any:
        """Translations of lines; of one string, its own. With `n_best`, for each line a list of Translation, best first.

        `sets` has keys of `[search]` that are to be other than in the run's config: {"search.length_penalty": 0.5}.
        """
        if isinstance(lines, str):
            return self.translate([lines], beam, n_best, sets)[0]
        lines = list(lines)
        options = [*self._model("translate"), "--precision", self._precision, *_sets(sets)]
        if beam is not None:
            options += ["--beam", beam]
        if n_best is not None:
            options += ["--n-best", n_best]
        found = run(options, _text(lines)).split("\n")[:-1]
        if n_best is None:
            return found
        best: list[list[Translation]] = [[] for _ in lines]
        for row in found:
            number, score, text = row.split("\t", 2)
            best[int(number) - 1].append(Translation(text, float(score)))
        return best

    def attention(self, line: str, beam: int | None = None) -> Attention:
        """Where the model looks when it translates a line."""
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder) / f"attention.{kind}" for kind in ("json", "svg")]
            for file in files:
                options = [*self._model("translate"), "--precision", self._precision, "--attention", file]
                run(options if beam is None else [*options, "--beam", beam], _text([line]))
            [found] = json.loads(files[0].read_text(encoding="utf-8"))
            return Attention(found["source"], found["target"], found["weights"], files[1].read_text(encoding="utf-8"))

    def score(self, pairs: Iterable[tuple[str, str]], per_token: bool = False) -> list[float]:
        """The log-probability of the second of each pair as a translation of the first; with `per_token`, a token's mean."""
        pairs = list(pairs)
        for pair in pairs:
            if any("\t" in side for side in pair):
                raise ValueError(f"a pair with a tab: {pair!r}")
        options = [*self._model("score"), "--data", "-"]
        if per_token:
            options.append("--per-token")
        return [float(row) for row in run(options, _text(map("\t".join, pairs))).split()] if pairs else []

    def _model(self, command: str) -> list[Any]:
        return [command, *(part for one in self._runs for part in ("--run", one)), "--checkpoint", self._checkpoint]


def _sets(sets: Mapping[str, Any] | None) -> list[str]:
    shown = lambda value: str(value).lower() if isinstance(value, bool) else value
    return [part for key, value in (sets or {}).items() for part in ("--set", f"{key}={shown(value)}")]


def _text(lines: Iterable[str]) -> str:
    """Lines as the program reads them."""
    lines = list(lines)
    for line in lines:
        if "\n" in line or "\r" in line:
            raise ValueError(f"a line with a line break in it: {line!r}")
    return "".join(line + "\n" for line in lines)
