"""`adjudicate backup` and `restore`: one file carries everything from either database to either, also under load."""

from __future__ import annotations

import hashlib
import json
import re
import stat
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url
from starlette.testclient import TestClient

from adjudicate import db
from adjudicate.api.app import create_app
from adjudicate.cases.registry import Registry
from adjudicate.verification.queries.guards_in_place import broken_guards
from tests.api.harness import start
from tests.databases import DIALECTS
from tests.integration.crowd import Crowd
from tests.integration.served import Office, Running, furnished

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


from tests.backup.places import CONTENT, TODAY, Place, digest_of, members_of


@pytest.mark.finding("C8")
def test_a_backup_taken_under_load_is_restored_on_either_database_and_the_office_goes_on(
    database_url: str, law: Path, tmp_path: Path, place_on: Callable[..., Place]
) -> None:
    (tmp_path / "source").mkdir()
    office = furnished(database_url, law, tmp_path / "source", people=6, today=TODAY)
    file = tmp_path / "loaded.tar.gz"
    with Running(office) as running, Crowd(running, TODAY, 8) as crowd:
        crowd.wait_for(60)
        before, papers = list(crowd.acknowledged), set(crowd.documents)
        done = office.run("backup", str(file))
        assert done.returncode == 0, done.stderr
        crowd.wait_for(10)
    last = {(each.case_id, each.sequence) for each in crowd.acknowledged}
    for dialect in DIALECTS:
        target = place_on(dialect)
        target.well("restore", str(file))
        target.well("verify")
        there = set(target.rows("SELECT case_id, sequence FROM events WHERE kind = 'act'"))
        assert {(each.case_id, each.sequence) for each in before} <= there <= last
        copied = set(target.rows("SELECT case_id, digest FROM documents"))
        assert papers <= copied <= crowd.documents
        assert all(digest_of(target.office.documents, digest) == digest for _, digest in copied)
        assert_goes_on(target, office.tokens["person-0"], before[0].case_id)
        target.well("verify")


def assert_goes_on(place: Place, token: str, case_id: str) -> None:
    """A token of before still holds, and its bearer records in a case of before."""
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "after-the-restore"}
    with (
        closing(Registry.start(place.office.settings)) as registry,
        TestClient(create_app(registry=registry)) as client,
    ):
        seen = client.get(f"/v1/cases/{case_id}", headers=headers)
        body = {"event": "noted", "effective_on": TODAY.isoformat(), "facts": {"remark": "restored"}}
        told = client.post(
            f"/v1/cases/{case_id}/events", json=body, headers={**headers, "If-Match": seen.headers["ETag"]}
        )
    assert (seen.status_code, told.status_code) == (200, 201)


@pytest.mark.finding("C8")
def test_a_copy_of_the_file_without_its_wal_is_short_of_cases_and_a_backup_is_not(
    sqlite_url: str, law: Path, tmp_path: Path, place_on: Callable[..., Place]
) -> None:
    office = Office(sqlite_url, law, tmp_path / "office")
    copied, file = place_on("sqlite"), tmp_path / "whole.tar"
    with start(sqlite_url, law, office.documents) as api:
        cases = {api.open() for _ in range(3)}
        main_file, copy = (make_url(url).database for url in (sqlite_url, copied.office.url))
        assert main_file is not None
        assert copy is not None
        with open(main_file, "rb") as source, open(copy, "wb") as target:  # noqa: PTH123 - paths as the URLs have them
            target.write(source.read())
        done = Place(office).run("backup", str(file))
        assert done.exit_code == 0, done.output
    copied.well("verify")
    assert copied.rows("SELECT id FROM cases") == []
    restored = place_on("sqlite")
    restored.well("restore", str(file))
    restored.well("verify")
    assert {row[0] for row in restored.rows("SELECT id FROM cases")} == cases


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_restored_is_what_was_stored_to_the_last_byte(
    filled: Place, taken: Path, tmp_path: Path, place_on: Callable[..., Place], dialect: str
) -> None:
    target = place_on(dialect)
    target.well("restore", str(taken))
    assert target.everything() == filled.everything()
    target.well("backup", str(tmp_path / "again.tgz"))
    first, again = members_of(taken), members_of(tmp_path / "again.tgz")
    assert list(first) == list(again)
    assert [name for name in first if first[name] != again[name]] == ["manifest.json", "SHA256SUMS"]
    assert first[f"documents/{hashlib.sha256(CONTENT).hexdigest()}"] == CONTENT
    stored = [row[0] for row in filled.rows("SELECT facts FROM events ORDER BY case_id, sequence")]
    lines = [json.loads(line) for line in first["tables/events.jsonl"].splitlines()]
    assert [line["facts"] for line in lines] == stored
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", lines[0]["recorded_at"])


def test_the_manifest_comes_first_and_says_what_the_file_holds(filled: Place, taken: Path) -> None:
    members = members_of(taken)
    assert next(iter(members)) == "manifest.json"
    assert list(members)[-1] == "SHA256SUMS"
    told = json.loads(members["manifest.json"])
    assert told["format"] == 1
    assert told["program"] == "adjudicate"
    assert told["database"] == make_url(filled.office.url).get_backend_name()
    assert told["tables"].keys() == set(db.metadata.tables)
    assert told["tables"]["cases"] == 3
    assert (told["documents"], told["damaged_documents"]) == (1, [])
    assert [filled.rows(f"SELECT count(*) FROM {name}") for name in told["tables"]] == [
        [(count,)] for count in told["tables"].values()
    ]


def test_only_its_owner_reads_a_backup_and_nothing_of_a_case_is_printed(filled: Place, tmp_path: Path) -> None:
    file = tmp_path / "private.tar"
    done = filled.run("backup", str(file), "--lang", "en")
    assert (done.exit_code, done.stdout) == (0, "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert re.fullmatch(r"[\x00-\x7f]+", done.stderr)
    assert "甲公司" not in filled.run("backup", str(tmp_path / "other.tar"), "--lang", "zh").stderr


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_database_that_was_migrated_or_opened_and_never_used_takes_a_backup_and_keeps_its_triggers(
    taken: Path, place_on: Callable[..., Place], dialect: str
) -> None:
    for opened in (False, True):
        target = place_on(dialect, migrated=True)
        if opened:
            # Opening writes the mark whether this is a sandbox; its row is replaced though triggers guard it.
            target.well("office", "list")
            assert target.rows("SELECT count(*) FROM marker") == [(1,)]
        target.well("restore", str(taken))
        target.well("verify")
        assert target.rows("SELECT played_on IS NULL FROM marker") in ([(False,)], [(0,)])
        engine = db.connect(target.office.url)
        with db.reading(engine) as tx:
            assert broken_guards(tx) == []
        engine.dispose()


def test_a_sequence_goes_on_behind_the_numbers_that_were_restored(small: Path, place_on: Callable[..., Place]) -> None:
    target = place_on("postgresql")
    target.well("restore", str(small))
    numbered = [(name, column.name) for name, table in db.metadata.tables.items() for column in table.primary_key]
    owned = {
        (name, column): target.rows("SELECT pg_get_serial_sequence(:name, :column)", name=name, column=column)[0][0]
        for name, column in numbered
    }
    assert owned["marker", "id"] is not None
    for (name, column), sequence in owned.items():
        last = sequence and target.rows(f"SELECT max({column}) FROM {name}")[0][0]
        if last:
            assert target.rows(f"SELECT last_value, is_called FROM {sequence}") == [(last, True)]
