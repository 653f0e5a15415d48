#!/usr/bin/env python3
"""Whether the WebAssembly build of the runtime writes the words that the program writes.

    scripts/check_web.py --attune target/debug/attune --wasm target/web/wasm32-unknown-unknown/release/web.wasm

Trains a small model, translates 50 lines with both in single precision and in 8-bit integers, and compares. Needs Node.js.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from fingerprints import ROOT, sources

TRANSLATE = ROOT / "scripts/web_translate.mjs"


def output(command, lines):
    return subprocess.run(command, input=lines, capture_output=True, text=True, check=True, cwd=ROOT).stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attune", type=Path, required=True)
    parser.add_argument("--wasm", type=Path, required=True)
    options = parser.parse_args()
    attune, wasm = options.attune.resolve(), options.wasm.resolve()
    lines = "".join(f"{line}\n" for line in sources(50))
    passed = failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        run = Path(scratch) / "run"
        keys = ["--set", "valid.max_sentences=50", "--max-steps", "400", "--quiet"]
        output([attune, "--config", "configs/smoke.toml", "--backend", "cpu", "--run-dir", run, *keys], "")
        for precision, options in (("f32", []), ("int8", ["--int8"])):
            wanted = output([attune, "translate", "--run", run, "--precision", precision, "--beam", "5"], lines)
            found = output(["node", TRANSLATE, wasm, run, *options], lines)
            pairs = list(zip(found.splitlines(), wanted.splitlines(), strict=True))
            same = sum(one == other for one, other in pairs)
            print(f"{precision}: {same} of {len(pairs)} lines have the same words")
            passed, failed = passed + same, failed + len(pairs) - same
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
