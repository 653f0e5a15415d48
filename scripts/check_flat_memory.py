#!/usr/bin/env python3
"""Whether the memory of a long training stays as it is.

    python3 scripts/check_flat_memory.py --attune target/debug/attune --minutes 60

Trains a config, validations and checkpoints included, and looks at the resident memory of the process every few seconds. Of the
time after the first tenth the slope of a straight line through all figures is told, in megabytes an hour, and how far the
figures lie from it. Linux only.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile
import time


def resident(process: int) -> float:
    """Megabytes (2^20 bytes) that a process has in memory."""
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def slope(points: list[tuple[float, float]]) -> tuple[float, float]:
    """The slope of the line of least squares, and the largest distance from it."""
    count = len(points)
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    found = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    far = max(abs(y - mean_y - found * (x - mean_x)) for x, y in points)
    return found, far


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--attune", default="target/debug/attune")
    parser.add_argument("--config", default="configs/en-zh.toml")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--most", type=float, default=10, help="largest slope that is flat, in MB an hour")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        command = [
            arguments.attune, "--config", arguments.config, "--run-dir", f"{folder}/run", "--backend", "cpu", "--quiet",
            "--set", "train.max_epochs=0", "--max-steps", "1000000000",
        ]
        training = subprocess.Popen(command)
        begun = time.monotonic()
        points = []
        while time.monotonic() - begun < 60 * arguments.minutes:
            time.sleep(5)
            if training.poll() is not None:
                print("the training ended", file=sys.stderr)
                return 1
            points.append(((time.monotonic() - begun) / 3600, resident(training.pid)))
        training.terminate()
        training.wait()
    later = points[len(points) // 10:]
    found, far = slope(later)
    first, last = later[0][1], later[-1][1]
    print(
        f"{arguments.minutes:.0f} minutes: {first:.1f} MB after the first tenth, {last:.1f} MB at the end; slope {found:+.2f} MB an hour, "
        f"figures within {far:.1f} MB of the line"
    )
    return 0 if abs(found) <= arguments.most else 1


if __name__ == "__main__":
    sys.exit(main())
