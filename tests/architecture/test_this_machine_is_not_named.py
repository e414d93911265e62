"""No file under version control names a machine it was written on, an address packages came from, or a secret."""

from __future__ import annotations

import re

from tests.architecture.sources import ROOT, tracked

# Written in pieces, so that this file does not find itself.
FORBIDDEN = {
    "a folder of some machine": r"(?<![\w.}])/(wo" r"rk|fa" r"rm|ro" r"ot|ho" r"me/\w+|opt/py" r"pi)/",
    "a package index": r"(?<![\w-])--(extra-)?index-url|(?<![\w-])--find-" r"links|py" r"pi\.org|python" r"hosted\.org",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE" r" KEY",
}
TOO_LARGE = 2_000_000


def test_no_tracked_file_names_this_machine() -> None:
    found = []
    for path in tracked():
        if path.stat().st_size > TOO_LARGE:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for what, pattern in FORBIDDEN.items():
            found += [f"{path.relative_to(ROOT)}: {what}: {match[0]}" for match in re.finditer(pattern, text)]
    assert found == []


def test_every_tracked_file_is_small_enough_to_read_in_a_review() -> None:
    assert [str(path.relative_to(ROOT)) for path in tracked() if path.stat().st_size > TOO_LARGE] == []
