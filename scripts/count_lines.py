#!/usr/bin/env python3
"""Lines of Rust by crate: of code, and of tests, benchmarks and examples.

    scripts/count_lines.py
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INLINE = re.compile(r"^#\[cfg\(test\)\]\n(?:#\[[^\]]*\]\n)*(?:pub(?:\([^)]*\))? )?mod \w+ \{", re.MULTILINE)
APART = {"tests", "benches", "examples"}
# Nothing but tests uses these.
OF_TESTS = {"fuzz"}
TEST_FILES = {"tests.rs", "testing.rs"}


def count(folder):
    """Lines of code and of tests in a folder."""
    code = tests = 0
    for path in sorted(folder.rglob("*.rs")):
        text = path.read_text(encoding="utf-8")
        lines = text.count("\n")
        inline = INLINE.search(text)
        whole = folder.name in OF_TESTS or path.name in TEST_FILES or APART & set(path.relative_to(folder).parts)
        of_tests = lines if whole else text[inline.start() :].count("\n") if inline else 0
        code, tests = code + lines - of_tests, tests + of_tests
    return code, tests


def main():
    rows = {folder.name: count(folder) for folder in sorted((ROOT / "crates").iterdir()) if folder.is_dir()}
    rows["all"] = tuple(map(sum, zip(*rows.values(), strict=True)))
    for name, (code, tests) in rows.items():
        print(f"{name:12} {code:7} {tests:7}")


if __name__ == "__main__":
    main()
