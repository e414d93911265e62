"""What the shipped versions inherit, worked out a second time and plainly, is what the loader makes of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.naive.inheriting import whole, written
from tests.workflows.runner import ROOT, shipped

LAW = ROOT / "workflows"
VERSIONS = [(key, day) for key, days in written(LAW).items() for day in days]
LONGEST = 400  # lines of a definition in one file, and of a chapter


def without_bases(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_bases(one) for key, one in value.items() if key != "basis"}
    return [without_bases(one) for one in value] if isinstance(value, list) else value


def test_every_version_is_found_by_both() -> None:
    loaded = shipped().versions_by_key
    assert sorted((key, str(day)) for key, days in loaded.items() for day in days) == sorted(VERSIONS)


@pytest.mark.parametrize(("key", "day"), VERSIONS, ids=[f"{key}/{day}" for key, day in VERSIONS])
def test_a_version_reads_the_same_worked_out_twice(key: str, day: str) -> None:
    (source,) = [one.source for first, one in shipped().versions_by_key[key].items() if str(first) == day]
    ours, theirs = (
        {section: entries for section, entries in without_bases(data).items() if section != "always" and entries}
        for data in (whole(LAW, key, day), source.data)
    )
    ours.pop("drops", None)
    assert ours == theirs
    for section in ours:
        if isinstance(ours[section], dict):
            assert list(ours[section]) == list(theirs[section])


def test_no_file_of_a_definition_is_too_long_to_be_read_at_once() -> None:
    files = [path for key, day in VERSIONS for path in (*LAW.glob(f"{key}/{day}.yaml"), *LAW.glob(f"{key}/{day}/*"))]
    assert len(files) > len(VERSIONS)
    long = {path.relative_to(LAW).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {path: lines for path, lines in long.items() if lines > LONGEST} == {}
