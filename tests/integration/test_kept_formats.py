"""A case goes on under the law it was opened under, whatever release kept that law and in whichever format."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from adjudicate.definition import kept
from adjudicate.definition.catalogue import Catalogue, load, read_texts
from adjudicate.errors import DefinitionError, KeptLawUnreadable
from adjudicate.verification.verifying import verify
from tests.integration.desk import FIRST_DAY, Desk, start
from tests.integration.tampering import tamper

if TYPE_CHECKING:
    from adjudicate.definition.rulebook import Rulebook


class FormerLaw(Catalogue):
    """The law of a folder as the release before pinned it: its files by path."""

    def __init__(self, folder: Path, old: str = "", new: str = "") -> None:
        now = load(folder)
        super().__init__(now.register_set, now.offices, now.versions_by_key, {})
        self._texts = {path: text.replace(old, new) if old else text for path, text in read_texts(folder).items()}

    def rulebook(self, key: str, day: date, region: str) -> Rulebook:
        """The version with what it uses, in the first format."""
        others = {path for path in self._texts if path.startswith(f"{key}/") and path != f"{key}/{day}.yaml"}
        texts = {path: text for path, text in self._texts.items() if path not in others}
        return kept.read(1, texts, key, day, region)


def former(desk: Desk, law: Path, old: str = "", new: str = "") -> Desk:
    """The same office as the release before ran it, which had `new` where `old` stands now."""
    registry = replace(desk.registry.fresh(), catalogue=FormerLaw(law, old, new))
    return replace(desk, registry=registry)


def amended(law: Path, old: str, new: str) -> Path:
    """A copy of the law with the newest version changed."""
    folder = law.parent / f"amended-{abs(hash((old, new)))}"
    if not folder.exists():
        shutil.copytree(law, folder)
    file = folder / "test-dispute" / "2025-02-01.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return folder


def formats(desk: Desk) -> list[int]:
    return [row[0] for row in desk.rows("SELECT format FROM law_texts ORDER BY format")]


def due(desk: Desk, case_id: str) -> str:
    return str(desk.scalar("SELECT due_on FROM deadlines WHERE key = 'decision' AND case_id = :id", id=case_id))


def test_a_case_of_the_release_before_goes_on_under_its_own_text_and_verifies(
    desk: Desk, database_url: str, law: Path
) -> None:
    before = former(desk, law)
    old, open_case = before.docketed(), str(before.open().case_id)
    assert formats(desk) == [1]
    now = start(database_url, amended(law, "length: 3 months", "length: 1 month"), furnish=False)
    assert verify(now.registry) == []
    now.record(open_case, "case_opened", FIRST_DAY, facts={"panel": ["a", "b", "c"]})
    now.record(old, "noted", FIRST_DAY, facts={"remark": "接收"})
    assert due(now, open_case) == due(now, old) == "2025-06-03"
    assert formats(now) == [1]
    newer = now.docketed()
    assert due(now, newer) == "2025-04-03"
    assert formats(now) == [1, 2]
    pinned = "SELECT law_digest FROM cases WHERE id = :id"
    assert now.scalar(pinned, id=old) == now.scalar(pinned, id=open_case) != now.scalar(pinned, id=newer)
    assert verify(now.registry) == []
    now.registry.close()


def test_a_law_kept_by_the_release_before_is_not_held_to_what_the_folder_is_held_to_today(
    desk: Desk, database_url: str, law: Path
) -> None:
    before = former(desk, law, "basis: TEST 2", "basis: GONE 2")
    case_id = before.docketed()
    with pytest.raises(DefinitionError, match="unknown instrument 'GONE'"):
        load(amended(law, "basis: TEST 2", "basis: GONE 2"))
    now = start(database_url, law, furnish=False)
    now.record(case_id, "noted", FIRST_DAY, facts={"remark": "x"})
    assert verify(now.registry) == []
    now.registry.close()


def test_two_regions_without_local_rules_share_one_kept_law(desk: Desk) -> None:
    desk.docketed(office="HZ")
    desk.docketed(office="ZJ")
    assert formats(desk) == [2]


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE law_texts SET texts = replace(texts, '3 months', '9 months')", "was changed"),
        ("UPDATE law_texts SET format = 1", "cannot be read"),
        ("UPDATE law_texts SET format = 7", "a law was kept in format 7, this release reads 1–2"),
        ("UPDATE law_texts SET law_day = '2024-02-01'", "is looked for"),
        ("UPDATE law_texts SET workflow = 'quarrel'", "is looked for"),
    ],
)
def test_a_kept_law_that_was_changed_is_found_and_no_case_is_judged_by_it(
    desk: Desk, database_url: str, law: Path, statement: str, says: str
) -> None:
    case_id = desk.docketed()
    if desk.engine.dialect.name == "postgresql":
        statement = statement.replace(
            "replace(texts, '3 months', '9 months')", "replace(texts::text, '3 months', '9 months')::json"
        )
    now = start(database_url, amended(law, "length: 3 months", "length: 1 month"), furnish=False)
    tamper(desk, statement)
    assert [one.en for one in verify(now.registry) if says in one.en], verify(now.registry)
    if "law_day" not in statement and "workflow" not in statement:
        with pytest.raises(KeptLawUnreadable):
            now.record(case_id, "noted", FIRST_DAY, facts={"remark": "x"})
    now.registry.close()
