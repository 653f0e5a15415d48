"""The program that this module calls."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import warnings
from pathlib import Path
from typing import Any, Mapping, Sequence


class AttuneError(RuntimeError):
    """What the program could not do, in its own words."""


class AttuneNotice(UserWarning):
    """What the program says beside its results: unknown words, lines that were cut."""


def program() -> str:
    """The path of the program: $ATTUNE, else the one that came with this module, else the first on the path.

    Raises FileNotFoundError where there is none.
    """
    name = "attune.exe" if os.name == "nt" else "attune"
    own = [Path(sysconfig.get_path("scripts")), Path(sys.executable).parent, Path(sysconfig.get_path("scripts", f"{os.name}_user"))]
    places = [os.environ.get("ATTUNE"), *(str(folder / name) for folder in own), shutil.which("attune")]
    for place in places:
        if place and Path(place).is_file():
            return place
    raise FileNotFoundError(f"there is no `{name}` beside this Python and none on the path: install the wheel, or set $ATTUNE")


def run(arguments: Sequence[Any], lines: str | None = None) -> str:
    """Runs a command with `lines` for its standard input; gives its standard output.

    What it says on standard error becomes an AttuneNotice. Raises AttuneError where it fails.
    """
    command = [program(), *map(str, arguments)]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, encoding="utf-8")
    said = done.stderr.strip()
    if done.returncode != 0:
        raise AttuneError(said or f"`attune {arguments[0]}` ended with exit code {done.returncode}")
    if said:
        warnings.warn(said, AttuneNotice, stacklevel=3)
    return done.stdout


def train(config: Any, run_dir: Any = None, sets: Mapping[str, Any] | None = None, resume: bool = False) -> None:
    """Trains as the config file says, with its progress on this process' standard error.

    `sets` has keys that are to be other than in the file: {"train.max_epochs": 3}. Raises AttuneError where it fails.
    """
    command = [program(), "--config", str(config)]
    if run_dir is not None:
        command += ["--run-dir", str(run_dir)]
    for key, value in (sets or {}).items():
        value = str(value).lower() if isinstance(value, bool) else value
        command += ["--set", f"{key}={value}"]
    if resume:
        command.append("--resume")
    code = subprocess.call(command)
    if code != 0:
        raise AttuneError(f"the training ended with exit code {code}; what was wrong is above")
