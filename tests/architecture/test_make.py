"""The commands a newcomer finds: `make` alone lists them, and each listed one exists."""

from __future__ import annotations

import re
import subprocess

from tests.architecture.sources import ROOT

PROMISED = {"setup", "run", "check", "law", "test", "test-fast", "soak", "mutants", "bench"}


def test_make_alone_prints_the_commands_and_does_nothing_else() -> None:
    printed = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, check=True, text=True)
    listed = set(re.findall(r"^make ([a-z-]+) +\S", printed.stdout, re.MULTILINE))
    assert listed >= PROMISED
    assert printed.stderr == ""


def test_every_listed_command_is_a_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)) >= PROMISED
