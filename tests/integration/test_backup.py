"""`adjudicate backup` and `restore`: one file carries everything from either database to either, or says why not."""

from __future__ import annotations

import hashlib
import io
import json
import re
import signal
import stat
import tarfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from sqlalchemy import make_url, text
from starlette.testclient import TestClient

from adjudicate import clock, db
from adjudicate.api.app import create_app
from adjudicate.cases.models import documents, events
from adjudicate.cases.registry import Registry
from adjudicate.cli import main
from adjudicate.verification.queries.history_triggers import broken_guards
from tests.api.harness import start
from tests.databases import DIALECTS
from tests.integration.crowd import Crowd
from tests.integration.served import Office, Running, furnished
from tests.releases import archive as releases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.databases import Databases

TODAY = date(2026, 3, 5)
CONTENT = "证据一".encode() * 50_000
Members = dict[str, bytes]


@dataclass
class Place:
    """A database with its folder of documents, and the command line on it."""

    office: Office

    def run(self, *words: str, **more: str) -> Any:
        return CliRunner().invoke(main, list(words), env=self.office.environment(**more))

    def well(self, *words: str) -> str:
        """What a command prints; it must not fail."""
        done = self.run(*words)
        assert done.exit_code == 0, f"{words}: {done.output}{done.exception!r}"
        return str(done.stdout)

    def refused(self, *words: str) -> str:
        """The one line in which a command says why not."""
        done = self.run(*words)
        assert done.exit_code == 2, f"{done.output}{done.exception!r}"
        lines = str(done.stderr).strip().splitlines()
        assert re.search(r"[\u4e00-\u9fff].* / [^\u4e00-\u9fff]+$", lines[-1]), lines
        return lines[-1]

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        engine = db.connect(self.office.url)
        try:
            with db.reading(engine) as tx:
                return [tuple(row) for row in tx.execute(text(sql), values)]
        finally:
            engine.dispose()

    def everything(self) -> dict[str, list[str]]:
        """Every row of every table as text."""
        engine = db.connect(self.office.url)
        try:
            with db.reading(engine) as tx:
                return {
                    table.name: sorted(repr(tuple(row)) for row in tx.execute(table.select()))
                    for table in db.metadata.sorted_tables
                }
        finally:
            engine.dispose()

    def is_untouched(self) -> bool:
        """Whether there is no table at all."""
        if self.office.url.startswith("sqlite"):
            return self.rows("SELECT name FROM sqlite_master") == []
        return self.rows("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()") == []


@pytest.fixture
def place_on(databases: Databases, law: Path, tmp_path: Path) -> Iterator[Callable[..., Place]]:
    """Makes places on new databases, without a table unless asked otherwise."""
    made: list[str] = []

    def make(dialect: str, *, migrated: bool = False, documents: str = "") -> Place:
        made.append(databases.create(dialect, migrated=migrated))
        folder = tmp_path / (documents or f"place-{len(made)}")
        folder.mkdir()
        return Place(Office(made[-1], law, folder))

    yield make
    for url in made:
        databases.drop(url)


@pytest.fixture
def filled(database_url: str, law: Path, tmp_path: Path) -> Place:
    """A database with three cases, one of them with a document, on each engine."""
    office = Office(database_url, law, tmp_path / "filled")
    with start(database_url, law, office.documents) as api:
        case_id = api.docketed()
        api.open()
        api.open("neighbour")
        headers = api.headers("clerk", Content_Type="text/plain")
        path = f"/v1/cases/{case_id}/documents?name=evidence.txt"
        assert api.client.post(path, content=CONTENT, headers=headers).status_code == 201
    return Place(office)


@pytest.fixture
def sqlite_source(sqlite_url: str, law: Path, tmp_path: Path) -> Place:
    """A SQLite database with one docketed case, for what no source decides."""
    source = Place(Office(sqlite_url, law, tmp_path / "source"))
    with start(sqlite_url, law, source.office.documents) as api:
        api.docketed()
    return source


@pytest.fixture
def taken(filled: Place, tmp_path: Path) -> Path:
    """A backup of it."""
    path = tmp_path / "taken.tar"
    filled.well("backup", str(path))
    return path


@pytest.fixture
def small(sqlite_source: Place, tmp_path: Path) -> Path:
    """A small backup with a document, for what its source does not decide."""
    folder, digest = sqlite_source.office.documents, hashlib.sha256(CONTENT).hexdigest()
    (folder / digest[:2]).mkdir(parents=True)
    (folder / digest[:2] / digest).write_bytes(CONTENT)
    engine = db.connect(sqlite_source.office.url)
    with db.transaction(engine) as tx:
        row = {
            "digest": digest,
            "size": len(CONTENT),
            "media_type": "text/plain",
            "name": "x",
            "registered_by": "clerk",
        }
        case_id = tx.execute(text("SELECT id FROM cases")).scalar_one()
        tx.execute(documents.insert(), {**row, "case_id": case_id, "registered_at": clock.now()})
    engine.dispose()
    path = tmp_path / "small.tar"
    sqlite_source.well("backup", str(path))
    return path


def members_of(path: Path) -> Members:
    with tarfile.open(path) as archive:
        return {each.name: archive.extractfile(each).read() for each in archive.getmembers()}  # type: ignore[union-attr]


def put_together(path: Path, members: Members, *, summed: bool = True) -> Path:
    """A backup of these members; with their own digests at the end unless asked otherwise."""
    if summed:
        content = {name: data for name, data in members.items() if name != "SHA256SUMS"}
        lines = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in content.items()]
        members = {**content, "SHA256SUMS": "".join(lines).encode()}
    with tarfile.open(path, "w") as archive:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


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


def digest_of(folder: Path, digest: str) -> str:
    return hashlib.sha256((folder / digest[:2] / digest).read_bytes()).hexdigest()


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


def test_a_name_that_is_taken_is_refused_and_what_lies_there_stays(filled: Place, tmp_path: Path) -> None:
    file = tmp_path / "kept.tar"
    file.write_text("another backup")
    assert str(file) in filled.refused("backup", str(file))
    assert file.read_text() == "another backup"


def test_a_folder_that_is_not_there_is_named_in_one_line(filled: Place, tmp_path: Path) -> None:
    assert "no-such-folder" in filled.refused("backup", str(tmp_path / "no-such-folder" / "b.tar"))
    assert "none.tar" in filled.refused("restore", str(tmp_path / "none.tar"))


def damaged(filled: Place, how: str) -> tuple[str, str]:
    """Damages the document; returns its case and digest."""
    case_id, digest = filled.rows("SELECT case_id, digest FROM documents")[0]
    path = filled.office.documents / digest[:2] / digest
    if how == "missing":
        path.unlink()
    elif how == "shorter":
        path.write_bytes(CONTENT[:-1])
    else:
        path.write_bytes(CONTENT[::-1])
    return case_id, digest


@pytest.mark.parametrize("how", ["missing", "shorter", "changed"])
def test_a_damaged_document_ends_the_backup_unless_it_is_to_go_on_and_list_it(
    filled: Place, tmp_path: Path, place_on: Callable[..., Place], how: str
) -> None:
    case_id, digest = damaged(filled, how)
    file = tmp_path / "damaged.tar"
    said = filled.refused("backup", str(file))
    assert case_id in said
    assert digest in said
    assert not list(tmp_path.glob("*damaged*"))
    done = filled.run("backup", str(file), "--despite-damaged-documents", "--lang", "en")
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (
        1, f"the backup lacks the bytes of the document {digest} of case {case_id}",
    )  # fmt: skip
    fault = "missing" if how == "missing" else "changed"
    told = json.loads(members_of(file)["manifest.json"])
    assert told["damaged_documents"] == [{"case": case_id, "digest": digest, "fault": fault}]
    target = place_on("sqlite")
    restored = target.run("restore", str(file), "--lang", "en")
    assert (restored.exit_code, digest in restored.stderr) == (1, True)
    assert target.rows("SELECT case_id, digest FROM documents") == [(case_id, digest)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_file_that_was_cut_off_anywhere_restores_nothing(
    sqlite_source: Place, tmp_path: Path, place_on: Callable[..., Place], dialect: str
) -> None:
    source, target = sqlite_source, place_on(dialect)
    for name in ("whole.tar", "whole.tar.gz"):
        source.well("backup", str(tmp_path / name))
        whole = (tmp_path / name).read_bytes()
        cut = tmp_path / f"cut-{name}"
        for length in (0, 1, 512, len(whole) // 3, len(whole) // 2, len(whole) * 9 // 10):
            cut.write_bytes(whole[:length])
            target.refused("restore", str(cut))
    assert target.is_untouched()


def test_a_changed_member_is_named_and_nothing_is_restored(
    small: Path, tmp_path: Path, place_on: Callable[..., Place]
) -> None:
    members, target = members_of(small), place_on("sqlite")
    assert len(members) > 15
    for name, content in members.items():
        if not content:
            continue
        # The last byte but two is inside a value, a digest's name, or a document.
        broken = {**members, name: content[:-3] + bytes([content[-3] ^ 1]) + content[-2:]}
        said = target.refused("restore", str(put_together(tmp_path / "broken.tar", broken, summed=False)))
        assert name in said or name in {"manifest.json", "SHA256SUMS"}, said
    assert target.is_untouched()


def test_a_member_that_is_missing_added_renamed_or_moved_is_noticed(
    small: Path, tmp_path: Path, place_on: Callable[..., Place]
) -> None:
    members, target = members_of(small), place_on("sqlite")
    document = next(name for name in members if name.startswith("documents/"))
    without = {name: {key: value for key, value in members.items() if key != name} for name in members}
    outside = {**without["SHA256SUMS"], "../outside": b"x"}
    renamed = {("tables/evil.jsonl" if name == "tables/cases.jsonl" else name): data for name, data in members.items()}
    moved = {"manifest.json": members["manifest.json"], document: members[document], **members}
    for broken in (*without.values(), outside, renamed, moved):
        summed = "SHA256SUMS" in broken or "../outside" in broken
        target.refused("restore", str(put_together(tmp_path / "broken.tar", broken, summed=summed)))
    assert target.is_untouched()
    assert not (tmp_path.parent / "outside").exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"revision": "9999"}, "later release"),
        ({"format": 2}, "format 2"),
        ({"program": "other"}, "no backup of adjudicate"),
        ({"tables": {}}, "not whole"),
        ({"documents": 7}, "not whole"),
        ({"documents": "many"}, "not complete"),
    ],
)
def test_a_backup_that_this_program_cannot_read_is_refused_by_what_its_manifest_says(
    small: Path, tmp_path: Path, place_on: Callable[..., Place], changed: dict[str, Any], words: str
) -> None:
    members, target = members_of(small), place_on("sqlite")
    members["manifest.json"] = json.dumps({**json.loads(members["manifest.json"]), **changed}).encode()
    assert words in target.refused("restore", str(put_together(tmp_path / "other.tar", members)))
    assert target.is_untouched()


UNFIT = [
    ("cases", b'"office":"HZ"', b'"office":"no"'),
    ("cases", b'"closed":false', b'"closed":"no"'),
    ("cases", b'"opened_on":', b'"opened_no":'),
    ("cases", b'"opened_on":"2026-03-02"', b'"opened_on":"2026-13-02"'),
    ("offices", b'"code":"HZ"', b'"code":null'),
    ("events", b'"sequence":2', b'"sequence":1'),
]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_rows_that_do_not_fit_are_refused_by_the_name_of_their_table_and_none_stays(
    sqlite_source: Place, tmp_path: Path, place_on: Callable[..., Place], dialect: str
) -> None:
    sqlite_source.well("backup", str(tmp_path / "whole.tar"))
    whole, target = members_of(tmp_path / "whole.tar"), place_on(dialect)
    for table, old, new in UNFIT:
        name = f"tables/{table}.jsonl"
        assert old in whole[name]
        broken = {**whole, name: whole[name].replace(old, new, 1)}
        said = target.refused("restore", str(put_together(tmp_path / "unfit.tar", broken)))
        assert re.search(r"table [a-z_]+ does not fit", said)
    counts = " UNION ".join(f"SELECT count(*) FROM {each}" for each in whole_tables(whole))
    assert target.rows(counts) == [(0,)]
    target.well("restore", str(tmp_path / "whole.tar"))
    target.well("verify")


def whole_tables(members: Members) -> list[str]:
    return list(json.loads(members["manifest.json"])["tables"])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_database_that_somebody_worked_in_is_refused_and_stays_as_it_is(
    filled: Place, taken: Path, place_on: Callable[..., Place], dialect: str
) -> None:
    before = filled.everything()
    assert "not empty" in filled.refused("restore", str(taken))
    assert filled.everything() == before
    target = place_on(dialect, migrated=True)
    target.well(
        "office", "add", "XX", "--region", "330100", "--name-zh", "甲", "--name-en", "X", "--docket-name", "甲",
        "--level", "city",
    )  # fmt: skip
    assert "not empty" in target.refused("restore", str(taken))
    foreign = place_on(dialect)
    engine = db.connect(foreign.office.url)
    with db.transaction(engine) as tx:
        tx.execute(text("CREATE TABLE of_another_program (id INTEGER)"))
    engine.dispose()
    assert "not empty" in foreign.refused("restore", str(taken))


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


def test_an_empty_database_and_one_that_is_not_there_have_nothing_to_back_up(
    place_on: Callable[..., Place], tmp_path: Path
) -> None:
    for dialect in DIALECTS:
        place = place_on(dialect)
        said = place.refused("backup", str(tmp_path / "none.tar"))
        assert re.search("no database file|nothing to back up", said)
    assert list(tmp_path.glob("*none*")) == []


def test_a_database_of_a_later_release_is_backed_up_by_that_release(filled: Place, tmp_path: Path) -> None:
    engine = db.connect(filled.office.url)
    with db.transaction(engine) as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    assert "later release" in filled.refused("backup", str(tmp_path / "later.tar"))


def test_a_table_of_another_program_is_left_out_and_a_missing_one_is_missed(filled: Place, tmp_path: Path) -> None:
    engine = db.connect(filled.office.url)
    with db.transaction(engine) as tx:
        tx.execute(text("CREATE TABLE of_another_program (id INTEGER)"))
    said = filled.run("backup", str(tmp_path / "with.tar")).stderr
    assert "of_another_program" in said
    assert "tables/of_another_program.jsonl" not in members_of(tmp_path / "with.tar")
    with db.transaction(engine) as tx:
        tx.execute(text("DROP TABLE hearings"))
    engine.dispose()
    assert "hearings" in filled.refused("backup", str(tmp_path / "without.tar"))


def test_a_sequence_goes_on_behind_the_numbers_that_were_restored(small: Path, place_on: Callable[..., Place]) -> None:
    target = place_on("postgresql")
    target.well("restore", str(small))
    behind = target.rows("SELECT schemaname, sequencename, last_value FROM pg_sequences")
    for schema, name, last in behind:
        table, column = re.fullmatch(r"([a-z_]+)_([a-z]+)_seq", name).groups()  # type: ignore[union-attr]
        assert target.rows(f"SELECT max({column}) FROM {schema}.{table}") == [(last,)]


def killed_after(office: Office, lines: int, how: signal.Signals, *words: str) -> int:
    """Send a signal to a command once it has written so many lines; the code it ended with."""
    process = office.begin(*words, LANG="en_US.UTF-8")
    assert process.stderr is not None
    for _ in range(lines):
        process.stderr.readline()
    process.send_signal(how)
    process.stderr.read()
    process.stderr.close()
    return process.wait(timeout=60)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_backup_that_is_killed_leaves_no_file_of_its_name(filled: Place, tmp_path: Path, how: signal.Signals) -> None:
    folder = tmp_path / "killed"
    folder.mkdir()
    for lines in (1, 7, 15, 20):
        file = folder / f"{lines}.tar"
        ended = killed_after(filled.office, lines, how, "backup", str(file))
        # It may have been faster than the signal.
        assert file.exists() == (ended == 0)
        if how is signal.SIGTERM:
            assert list(folder.glob(".*")) == []
        file.unlink(missing_ok=True)
        filled.well("backup", str(file))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_restore_that_is_killed_leaves_nothing_and_the_same_command_does_it_again(
    filled: Place, taken: Path, place_on: Callable[..., Place], dialect: str
) -> None:
    for lines in (1, 2, 9, 20):
        target = place_on(dialect)
        if killed_after(target.office, lines, signal.SIGKILL, "restore", str(taken)) != 0:
            wait_until_let_go(target)
            if rows_in(target):
                # Everything was committed, and only the newer migrations were left.
                target.well("migrate")
            else:
                target.well("restore", str(taken))
        target.well("verify")
        assert target.everything() == filled.everything()


def rows_in(place: Place) -> int:
    """The rows in the tables that there are; a database is empty or whole, and never between."""
    return 0 if place.is_untouched() or not has_cases(place) else int(place.rows("SELECT count(*) FROM cases")[0][0])


def has_cases(place: Place) -> bool:
    engine = db.connect(place.office.url)
    try:
        with engine.connect() as connection:
            return engine.dialect.has_table(connection, "cases")
    finally:
        engine.dispose()


def wait_until_let_go(place: Place) -> None:
    """Wait until the server has noticed that the killed process is gone."""
    if place.office.url.startswith("sqlite"):
        return
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    limit = time.monotonic() + 60
    while place.rows(others) != [(0,)]:
        assert time.monotonic() < limit
        time.sleep(0.05)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("release", releases.releases())
def test_what_a_former_release_filled_is_carried_to_the_other_database_before_and_after_its_upgrade(
    databases: Databases, tmp_path: Path, place_on: Callable[..., Place], release: str, dialect: str
) -> None:
    url = databases.create(dialect, migrated=False)
    from adjudicate.shipped_files import packaged_law_folder

    source = Place(Office(url, packaged_law_folder(), tmp_path))
    releases.restore(releases.path_of(release, dialect), url, source.office.documents)
    other = next(each for each in DIALECTS if each != dialect)
    source.well("backup", str(tmp_path / "before.tar.gz"))
    source.well("migrate")
    source.well("rebuild")
    source.well("backup", str(tmp_path / "after.tar.gz"))
    for file, words in (("before", ["rebuild"]), ("after", [])):
        target = place_on(other, documents=f"of-{file}")
        target.office.law = source.office.law
        target.well("restore", str(tmp_path / f"{file}.tar.gz"))
        for word in words:
            target.well(word)
        target.well("verify")
        counted = f"SELECT count(*) FROM {events.name}"
        assert target.rows(counted) == source.rows(counted)
        kept = [path.name for path in target.office.documents.glob("*/*")]
        assert all(digest_of(target.office.documents, digest) == digest for digest in kept)
        assert len(kept) == source.rows("SELECT count(DISTINCT digest) FROM documents")[0][0]
    databases.drop(url)
