"""Which mutants are those of a base: what a version inherits unchanged is broken once, in the file that writes it."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from tests.mutants.operators import Mutant
from tests.naive.inheriting import base_of
from tests.workflows.runner import ROOT, shipped
from tests.workflows.watch import Unchanged

# Steps are broken in every version: where they lead is the version's own, whoever wrote them.
_ENTRIES = ("conditions", "facts", "parties")


@lru_cache(maxsize=64)
def _compared(file: str) -> Unchanged | None:
    key, _, day = file.removesuffix(".yaml").partition("/")
    named = base_of(ROOT / "workflows", key, day)
    if named is None:
        return None
    base, _, since = named.partition("/")
    versions = shipped().versions_by_key
    own = versions[key][date.fromisoformat(day)]
    return Unchanged(own.workflow, versions[base][date.fromisoformat(since)].workflow)


def inherited(mutant: Mutant) -> bool:
    """Whether all that is broken is a condition, a fact or a part of the base, with all that it reads."""
    same = _compared(mutant.file)
    if same is None:
        return False
    broken, sound = mutant.data, mutant.sound
    if any(broken.get(key) != value for key, value in sound.items() if key not in _ENTRIES):
        return False
    touched = [
        (section, name)
        for section in _ENTRIES
        for name, entry in (sound.get(section) or {}).items()
        if (broken.get(section) or {}).get(name) != entry
    ]
    return bool(touched) and all(same.reads_the_same(*entry) for entry in touched)
