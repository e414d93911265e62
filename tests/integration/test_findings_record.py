"""Findings C: what was changed behind the engine's back, and verification was content."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from sqlalchemy import event, select, text

from adjudicate import db
from adjudicate.cases import audit
from adjudicate.cases.models import events
from adjudicate.cli import main
from adjudicate.verification import checkpoint
from adjudicate.verification.verifying import verify
from tests.api import harness
from tests.integration import desk as desks
from tests.integration.desk import FIRST_DAY
from tests.integration.tampering import tamper
from tests.integration.test_calendars import notice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.api.harness import Api
    from tests.integration.desk import Desk

PAPER = "请求书".encode()


@pytest.fixture
def postgresql_desk(postgresql_url: str, law: Path) -> Iterator[Desk]:
    made = desks.start(postgresql_url, law)
    yield made
    made.registry.close()


@pytest.fixture
def api(database_url: str, law: Path, tmp_path: Path) -> Iterator[Api]:
    with harness.start(database_url, law, tmp_path / "documents") as made:
        yield made


@pytest.mark.finding("C1")
@pytest.mark.parametrize(
    "made",
    ["BEFORE UPDATE OF kind ON events FOR EACH ROW", "BEFORE UPDATE ON cases FOR EACH ROW WHEN (false)"],
    ids=["of one column", "that never holds"],
)
def test_a_guard_replaced_by_one_of_the_same_name_that_guards_less_is_named(postgresql_desk: Desk, made: str) -> None:
    name = "history_events_update" if " events " in made else "history_cases_update"
    with db.transaction(postgresql_desk.engine) as tx:
        tx.execute(text(f"DROP TRIGGER {name} ON {name.split('_')[1]}"))
        tx.execute(text(f"CREATE TRIGGER {name} {made} EXECUTE FUNCTION adjudicate_refuse()"))
    assert [one for one in verify(postgresql_desk.registry) if name in one.en]


@pytest.mark.finding("C1")
def test_a_guard_whose_condition_was_weakened_is_named(postgresql_desk: Desk) -> None:
    with db.transaction(postgresql_desk.engine) as tx:
        tx.execute(text("DROP TRIGGER history_cases_update ON cases"))
        weaker = "NOT (NEW.id = OLD.id)"
        tx.execute(
            text(
                f"CREATE TRIGGER history_cases_update BEFORE UPDATE ON cases FOR EACH ROW WHEN ({weaker})"
                " EXECUTE FUNCTION adjudicate_refuse()"
            )
        )
    assert [one for one in verify(postgresql_desk.registry) if "history_cases_update" in one.en]


@pytest.mark.finding("C2")
@pytest.mark.parametrize("laws", ["{}", '{"2000-01-01": "%s"}'])
def test_the_laws_of_a_case_emptied_or_pointed_elsewhere_are_found(desk: Desk, laws: str) -> None:
    case_id = desk.docketed()
    other = desk.scalar("SELECT digest FROM law_texts")
    tamper(desk, f"UPDATE cases SET laws = '{laws % other if '%s' in laws else laws}' WHERE id = '{case_id}'")
    assert [one for one in verify(desk.registry) if one.case_id == case_id]


@pytest.mark.finding("C2")
def test_an_inserted_holiday_notice_with_its_own_digest_is_found(desk: Desk) -> None:
    import hashlib

    desk.docketed()
    source = notice("330000", 2025, "2025-06-10", "2025-06-13")
    digest = hashlib.sha256(source.encode()).hexdigest()
    values = f"'{digest}', 1, '330000', 2025, '{source}', '2025-01-01 00:00:00'"
    tamper(desk, f"INSERT INTO holiday_notices (digest, place, code, year, source, loaded_at) VALUES ({values})")
    assert verify(desk.registry) != []


def rewrite_last(desk: Desk, case_id: str, **changed: Any) -> None:
    """Change columns of the last event of a case, with its hash and the head of the chain computed anew."""
    with db.reading(desk.engine) as tx:
        statement = select(events).where(events.c.case_id == case_id).order_by(events.c.sequence.desc()).limit(1)
        row = {**tx.execute(statement).mappings().one(), **changed}
    digest = audit.event_hash(row, row["previous_hash"])
    told = {**changed, "hash": digest}
    moment = changed.get("recorded_at")
    if moment is not None:
        told["recorded_at"] = moment.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    sets = ", ".join(f"{name} = '{value}'" for name, value in told.items())
    where = f"WHERE case_id = '{case_id}' AND sequence = {row['sequence']}"
    tamper(desk, f"UPDATE events SET {sets} {where}", f"UPDATE cases SET head_hash = '{digest}' WHERE id = '{case_id}'")


@pytest.mark.finding("C3")
def test_an_event_by_somebody_who_is_in_no_register_is_found(desk: Desk) -> None:
    case_id = desk.docketed()
    rewrite_last(desk, case_id, actor="ghost", recorded_by="ghost")
    assert [one for one in verify(desk.registry) if one.case_id == case_id]


@pytest.mark.finding("C3")
def test_an_event_recorded_years_before_its_case_was_opened_is_found(desk: Desk) -> None:
    case_id = desk.docketed()
    rewrite_last(desk, case_id, recorded_at=datetime(1999, 1, 1, tzinfo=UTC))
    assert [one for one in verify(desk.registry) if one.case_id == case_id]


@pytest.mark.finding("C3")
def test_an_event_by_somebody_without_a_role_where_the_case_is_handled_is_found(desk: Desk) -> None:
    case_id = desk.docketed(office="ZJ")
    rewrite_last(desk, case_id, actor="clerk1", recorded_by="clerk1")
    assert [one for one in verify(desk.registry) if one.case_id == case_id]


def document_on_file(api: Api) -> tuple[str, str]:
    case_id = api.docketed()
    headers = api.headers("clerk", Content_Type="text/plain")
    answer = api.client.post(f"/v1/cases/{case_id}/documents?name=a.txt", content=PAPER, headers=headers)
    return case_id, answer.json()["digest"]


@pytest.mark.finding("C4")
@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM documents",
        "UPDATE documents SET name = 'b.txt'",
        "UPDATE grants SET kind = 'approval'",
        "DELETE FROM grants",
        "UPDATE actors SET roles = '[\"chief\"]' WHERE id = 'clerk'",
        "UPDATE offices SET parent = 'GD' WHERE code = 'HZ'",
        "UPDATE tokens SET actor = 'chief' WHERE actor = 'clerk'",
        "UPDATE cases SET opened_at = '2020-01-01 00:00:00'",
    ],
)
def test_who_may_act_and_see_and_what_is_on_file_is_history_too(api: Api, change: str) -> None:
    case_id, _ = document_on_file(api)
    assert api.post(f"/v1/cases/{case_id}/grants", {"office": "GZ", "kind": "joint"}, "chief").status_code == 201
    assert verify(api.registry) == []
    tamper(api, change)  # type: ignore[arg-type] - it asks for the registry alone
    assert verify(api.registry) != []


@pytest.mark.finding("C5")
@pytest.mark.parametrize("what", ["changed", "gone"])
def test_verification_reads_the_bytes_of_documents(api: Api, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    _, digest = document_on_file(api)
    settings = api.registry.settings
    path = settings.documents / digest[:2] / digest
    if what == "changed":
        path.write_bytes(PAPER[:-1] + b"x")
    else:
        path.unlink()
    for name in ("database_url", "documents", "workflows"):
        monkeypatch.setenv(f"ADJUDICATE_{name.upper()}", str(getattr(settings, name)))
    monkeypatch.setenv("ADJUDICATE_SANDBOX", "1")
    answer = CliRunner().invoke(main, ["verify", "--documents"])
    assert answer.exit_code == 1
    assert digest[:12] in answer.output


@pytest.mark.finding("C6")
def test_an_older_head_appended_to_the_checkpoint_hides_no_cut_tail(desk: Desk, tmp_path: Path) -> None:
    case_id = desk.docketed()
    checkpoint = tmp_path / "heads"
    assert verify(desk.registry, checkpoint=checkpoint) == []
    before = desk.rows(f"SELECT standing, version, head_hash, changed_at FROM cases WHERE id = '{case_id}'")[0]
    first = checkpoint.read_text(encoding="utf-8")
    desk.record(case_id, "noted", FIRST_DAY, facts={"remark": "inconvenient"})
    assert verify(desk.registry, checkpoint=checkpoint) == []
    set_back = f"standing = '{before[0]}', version = {before[1]}, head_hash = '{before[2]}', changed_at = '{before[3]}'"
    tamper(
        desk,
        f"DELETE FROM events WHERE case_id = '{case_id}' AND sequence > {before[1]}",
        f"UPDATE cases SET {set_back} WHERE id = '{case_id}'",
    )
    with checkpoint.open("a", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in first.splitlines() if json.loads(line).get("case") == case_id)
    assert [one for one in verify(desk.registry, checkpoint=checkpoint) if one.case_id == case_id]


@pytest.mark.finding("C7")
def test_the_checkpoint_knows_how_far_each_series_of_docket_numbers_had_come(desk: Desk, tmp_path: Path) -> None:
    desk.docketed()
    case_id = desk.docketed()
    checkpoint = tmp_path / "heads"
    assert verify(desk.registry, checkpoint=checkpoint) == []
    with db.reading(desk.engine) as tx:
        names = [table.name for table in reversed(db.metadata.sorted_tables) if "case_id" in table.c]
        kept = {name for (name,) in tx.execute(text(TABLES[tx.dialect.name]))}
    gone = [f"DELETE FROM {name} WHERE case_id = '{case_id}'" for name in names if name in kept]
    tamper(desk, *gone, f"DELETE FROM cases WHERE id = '{case_id}'", "UPDATE docket_counters SET last = 1")
    lines = [line for line in checkpoint.read_text(encoding="utf-8").splitlines() if case_id not in line]
    checkpoint.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    found = verify(desk.registry, checkpoint=checkpoint)
    assert [one for one in found if "案号" in one.zh]


@pytest.mark.finding("F11")
def test_rows_of_a_case_that_does_not_exist_are_left_out_of_every_list_and_shorten_none(api: Api) -> None:
    first, second = api.docketed(), api.docketed()
    facts = {"hearing_on": "2026-03-20", "hearing_time": "09:00", "hearing_room": "一庭"}
    for case_id in (first, second):
        fixed = {"event": "hearing_fixed", "effective_on": "2026-03-05", "facts": facts}
        assert api.record(case_id, fixed).status_code == 201
    lists = ("/v1/cases?party=公司&sort=opened_on", "/v1/deadlines", "/v1/hearings", "/v1/deadlines?party=公司")
    before = [paged(api, url) for url in lists]
    assert [len(rows) for rows in before] == [2, 2, 2, 2]
    for table in ("agenda", "hearings", "parties"):
        names = [column.name for column in db.metadata.tables[table].columns if column.name != "case_id"]
        listed = ", ".join(f'"{name}"' for name in names)
        copied = f"SELECT '0-{{}}', {listed} FROM {table} WHERE case_id = '{first}'"
        tamper(api, *(f"INSERT INTO {table} (case_id, {listed}) {copied.format(number)}" for number in range(3)))
    assert [paged(api, url) for url in lists] == before


def paged(api: Api, url: str) -> list[Any]:
    """All rows of a list, one to a page."""
    found, more = [], ""
    while True:
        answer = api.get(f"{url}{'&' if '?' in url else '?'}limit=1{more}")
        assert answer.status_code == 200, answer.text
        found += answer.json()["data"]
        if not answer.json()["page"]["has_more"]:
            return found
        more = f"&cursor={answer.json()['page']['next_cursor']}"


@pytest.mark.finding("F21")
def test_a_checkpoint_of_many_lines_is_read_once_and_compared_by_few_statements(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.docketed()
    path, read = tmp_path / "heads", checkpoint.read
    reads, sent = 0, 0

    def counted(*given: Any) -> Any:
        nonlocal reads
        reads += 1
        return read(*given)

    def statement(*_: Any) -> None:
        nonlocal sent
        sent += 1

    def verified() -> list[str]:
        nonlocal reads, sent
        reads = sent = 0
        return [one.en for one in verify(desk.registry, checkpoint=path)]

    monkeypatch.setattr(checkpoint, "read", counted)
    event.listen(desk.engine, "before_cursor_execute", statement)
    assert (verified(), reads) == ([], 1)
    usual = sent
    lines: list[dict[str, Any]] = []
    for number in range(400):
        lines.append({"case": f"gone-{number}", "sequence": 1 + number % 3, "hash": "x"})
        lines.append({"file": f"gone-{number}", "place": 1, "hash": "x"})
        lines.append({"series": f"HZ gone-{number} 2025", "place": 1, "hash": ""})
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(line)}\n" for line in lines)
    assert (len(verified()), reads) == (1200, 1)
    assert sent < usual + 20


TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()",
}
