"""Loading a definition costs as much for each further condition as for the one before it."""

from __future__ import annotations

import pytest

from adjudicate.definition.catalogue import survey
from adjudicate.definition.models import Condition
from tests.unit.definition.law import BASE, small


def readings(count: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often conditions are read while a definition with so many more of them is loaded."""
    more = "".join(f"  c{i}: {{fact_known: panel, label: {{zh: 甲, en: A}}}}\n" for i in range(count))
    texts = small(**{BASE: small()[BASE].replace("conditions:\n", f"conditions:\n{more}", 1)})
    guard, read = Condition.guard.fget, 0

    def counted(condition: Condition) -> object:
        nonlocal read
        read += 1
        assert guard is not None
        return guard(condition)

    with monkeypatch.context() as patch:
        patch.setattr(Condition, "guard", property(counted))
        assert survey(texts).faults == ()
    return read


def test_twice_as_many_conditions_are_read_twice_as_often(monkeypatch: pytest.MonkeyPatch) -> None:
    some, twice = readings(200, monkeypatch), readings(400, monkeypatch)
    assert 400 <= twice <= 2 * some
