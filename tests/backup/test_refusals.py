"""A file or a database that cannot be restored or backed up is refused in one sentence, and nothing is half done."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from adjudicate import clock, db
from adjudicate.backup.queries import tables
from adjudicate.cases.erasing import Erasure, erase
from adjudicate.clock import Moment
from tests.databases import DIALECTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


from tests.backup.places import CONTENT, TODAY, Members, Place, members_of, put_together


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


@pytest.mark.finding("F20")
@pytest.mark.parametrize("words", [(), ("--despite-damaged-documents",)])
def test_a_document_erased_while_the_backup_runs_is_named_and_the_backup_goes_on(
    filled: Place,
    tmp_path: Path,
    place_on: Callable[..., Place],
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
) -> None:
    case_id, digest = filled.rows("SELECT case_id, digest FROM documents")[0]
    listing = tables.document_digests

    def erase_first(*given: Any) -> Any:
        engine = db.connect(filled.office.url)
        by: dict[str, Any] = {"by": "chief", "reason": "依申请", "moment": Moment(TODAY, clock.now())}
        db.run(engine, lambda tx: erase(tx, case_id, Erasure(documents=[digest]), **by))
        engine.dispose()
        (filled.office.documents / digest[:2] / digest).unlink()
        return listing(*given)

    with monkeypatch.context() as patch:
        patch.setattr(tables, "document_digests", erase_first)
        done = filled.run("backup", str(tmp_path / "b.tar"), *words, "--lang", "en")
    assert done.exit_code == 0, done.output
    assert f"the document {digest} of case {case_id} was erased" in done.stderr
    target = place_on("sqlite")
    restored = target.run("restore", str(tmp_path / "b.tar"), "--lang", "en")
    assert (restored.exit_code, digest in restored.stderr) == (1, True)
    assert target.rows("SELECT case_id, digest FROM documents") == [(case_id, digest)]
    # The next one has nothing to say.
    assert filled.run("backup", str(tmp_path / "next.tar")).exit_code == 0


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


def test_a_name_that_is_taken_is_refused_and_what_lies_there_stays(filled: Place, tmp_path: Path) -> None:
    file = tmp_path / "kept.tar"
    file.write_text("another backup")
    assert str(file) in filled.refused("backup", str(file))
    assert file.read_text() == "another backup"


def test_a_folder_that_is_not_there_is_named_in_one_line(filled: Place, tmp_path: Path) -> None:
    assert "no-such-folder" in filled.refused("backup", str(tmp_path / "no-such-folder" / "b.tar"))
    assert "none.tar" in filled.refused("restore", str(tmp_path / "none.tar"))
