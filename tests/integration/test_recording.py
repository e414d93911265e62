"""Recording an event: what one transaction leaves behind, and what a refusal does not."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from adjudicate import chaining, db, errors
from adjudicate.cases import reading, recording
from adjudicate.cases.errors import CaseNotFound, StaleCase
from adjudicate.cases.queries import reads
from adjudicate.states.entries import Correction, EntryKind, Joining
from adjudicate.verification.verifying import verify
from tests.integration.desk import FIRST_DAY, start

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.desk import Desk


def test_opening_a_case_keeps_its_law_its_parties_and_its_deadline(desk: Desk) -> None:
    done = desk.open()
    assert done.version == 1
    with db.reading(desk.engine) as tx:
        view = reading.current(tx, desk.registry, done.case_id)
        parties = {row["party"]: (row["role"], row["name"]) for row in reads.party_rows(tx, done.case_id)}
        deadlines = {row["key"]: (row["status"], row["due_on"]) for row in reads.deadline_rows(tx, done.case_id)}
    assert view.standing.state == "received"
    assert view.row["patent"] == "ZL201510299950.3"
    assert parties == {"p1": ("claimant", "甲公司"), "p2": ("opponent", "乙 公司")}
    assert deadlines == {"opening": ("running", date(2025, 3, 10))}
    assert desk.scalar("SELECT count(*) FROM law_texts") == 1
    assert desk.scalar("SELECT count(*) FROM calendars") == 1


def test_what_may_be_erased_lies_beside_the_event_and_not_in_it(desk: Desk) -> None:
    case_id = desk.open().case_id
    with db.reading(desk.engine) as tx:
        (row,) = reads.event_rows(tx, case_id)
    assert "contact" not in row["facts"]
    assert row["particulars"]["facts"] == {"contact": "电话 1"}
    assert row["particulars"]["people"]["p1"] == {"name": "甲公司", "particulars": {"phone": "0571-1"}}
    assert chaining.salted_digest(row["particulars_salt"], row["particulars"]) == row["particulars_digest"]
    assert "电话" not in desk.scalar("SELECT standing FROM cases")


def test_docketing_draws_a_number_and_asks_for_the_notice(desk: Desk) -> None:
    case_id = desk.open().case_id
    done = desk.record(case_id, "case_opened", FIRST_DAY, version=1, facts={"panel": ["a", "b", "c"]})
    assert done.numbers == ("杭测字〔2025〕1号",)
    assert desk.rows("SELECT docket_number, stage FROM cases") == [("杭测字〔2025〕1号", "opened")]
    assert desk.rows("SELECT document, sequence FROM document_requests") == [("notice_of_opening", 2)]
    assert desk.rows("SELECT docket_number FROM events WHERE sequence = 2") == [("杭测字〔2025〕1号",)]


def test_a_revoked_docketing_leaves_its_number_listed_as_void(desk: Desk) -> None:
    case_id = desk.docketed()
    desk.record(case_id, "opening_revoked", FIRST_DAY, caller=desk.chief)
    other = desk.docketed()
    assert desk.rows("SELECT number, case_id, voided_by FROM docket_numbers ORDER BY number") == [
        (1, case_id, 3),
        (2, other, None),
    ]
    assert desk.rows("SELECT docket_number FROM cases WHERE id = :id", id=case_id) == [(None,)]


def test_a_docketing_recorded_anew_keeps_its_number_and_in_another_year_draws_another(desk: Desk) -> None:
    case_id = desk.open(on=date(2024, 12, 30)).case_id
    panel = {"panel": ["a", "b", "c"]}
    desk.record(case_id, "case_opened", date(2024, 12, 31), facts=panel)

    def void(sequence: int) -> None:
        corrections = [Correction(sequence, "误记")]
        desk.run(lambda tx: recording.rectify(desk.command(tx), case_id, corrections, caller=desk.chief, version=None))

    def docketings() -> list[int]:
        return [row[0] for row in desk.rows("SELECT sequence FROM events WHERE event = 'case_opened' AND kind = 'act'")]

    void(docketings()[-1])
    desk.record(case_id, "case_opened", date(2024, 12, 30), facts=panel, reason="更正")
    assert desk.rows("SELECT text, voided_by FROM docket_numbers") == [("杭测字〔2024〕1号", None)]
    void(docketings()[-1])
    desk.record(case_id, "case_opened", date(2025, 1, 2), facts=panel, reason="更正")
    numbers = desk.rows("SELECT text, voided_by IS NULL FROM docket_numbers ORDER BY year")
    assert [(text, bool(holds)) for text, holds in numbers] == [
        ("杭测字〔2024〕1号", False),
        ("杭测字〔2025〕1号", True),
    ]
    assert desk.rows("SELECT docket_number FROM cases") == [("杭测字〔2025〕1号",)]
    assert verify(desk.registry) == []


def test_a_refusal_leaves_nothing_behind(desk: Desk) -> None:
    case_id = desk.open().case_id
    before = desk.rows("SELECT version, head_hash, settled_on FROM cases")
    with pytest.raises(errors.GuardsUnmet):
        desk.record(case_id, "case_opened", FIRST_DAY, facts={"panel": ["a", "b"]})
    assert desk.rows("SELECT version, head_hash, settled_on FROM cases") == before
    assert desk.scalar("SELECT count(*) FROM docket_counters") == 0
    assert desk.scalar("SELECT count(*) FROM outbox") == 1


def test_who_read_an_older_version_is_told_the_present_one(desk: Desk) -> None:
    case_id = desk.open().case_id
    desk.record(case_id, "noted", FIRST_DAY, version=1, facts={"remark": "x"})
    with pytest.raises(StaleCase) as refused:
        desk.record(case_id, "noted", FIRST_DAY, version=1, facts={"remark": "y"})
    assert refused.value.version == 2


def test_a_dry_run_says_what_would_happen_and_does_none_of_it(desk: Desk) -> None:
    case_id = desk.open().case_id
    dry = desk.record(case_id, "case_opened", FIRST_DAY, facts={"panel": ["a", "b", "c"]}, dry_run=True)
    assert dry.version == 2
    assert dry.standing.state == "opened"
    assert desk.scalar("SELECT count(*) FROM events") == 1
    assert desk.run(lambda tx: desk.opening(tx, dry_run=True)).version == 1
    assert desk.scalar("SELECT count(*) FROM cases") == 1


def test_a_lapse_changes_the_version_whether_a_worker_announced_it_or_not(desk: Desk) -> None:
    asleep, awake = desk.open().case_id, desk.open().case_id
    desk.today(FIRST_DAY + timedelta(days=30))
    desk.run(lambda tx: recording.settle(desk.command(tx), awake))
    with db.reading(desk.engine) as tx:
        one, other = reading.current(tx, desk.registry, asleep), reading.current(tx, desk.registry, awake)
    assert [entry.event for entry in one.pending] == ["opening_missed"]
    assert other.pending == ()
    assert (one.version, one.standing) == (other.version, other.standing)
    for case_id in (asleep, awake):
        desk.record(case_id, "noted", FIRST_DAY + timedelta(days=30), version=2, facts={"remark": "x"})
    columns = "sequence, kind, event, effective_on, key, actor, recorded_by"
    streams = [
        desk.rows(f"SELECT {columns} FROM events WHERE case_id = :id ORDER BY sequence", id=case_id)
        for case_id in (asleep, awake)
    ]
    assert streams[0] == streams[1]
    assert [row[2] for row in streams[0]] == ["request_received", "opening_missed", "noted"]


def test_a_late_entry_withdraws_the_lapse_it_shows_never_happened(desk: Desk) -> None:
    case_id = desk.open().case_id
    later = FIRST_DAY + timedelta(days=30)
    desk.today(later)
    desk.run(lambda tx: recording.settle(desk.command(tx), case_id))
    done = desk.record(case_id, "case_opened", FIRST_DAY, facts={"panel": ["a", "b", "c"]}, reason="late")
    assert [entry.kind for entry in done.entries] == [EntryKind.ACT, EntryKind.WITHDRAWN]
    with db.reading(desk.engine) as tx:
        rows = {row["key"]: (row["status"], row["due_on"]) for row in reads.deadline_rows(tx, case_id)}
    assert rows == {"opening": ("met", date(2025, 3, 10)), "decision": ("running", date(2025, 6, 3))}


def test_a_view_of_the_past_keeps_to_what_was_known_then(desk: Desk) -> None:
    case_id = desk.open().case_id
    desk.today(FIRST_DAY + timedelta(days=30))
    desk.run(lambda tx: recording.settle(desk.command(tx), case_id))
    known = desk.registry.clock.read
    with db.reading(desk.engine) as tx:
        then = known(tx).at
    desk.today(FIRST_DAY + timedelta(days=31))
    desk.record(case_id, "case_opened", FIRST_DAY, facts={"panel": ["a", "b", "c"]}, reason="late")
    with db.reading(desk.engine) as tx:
        past = reading.as_of(tx, desk.registry, case_id, then)
        first = reading.as_of(tx, desk.registry, case_id, then - timedelta(days=29, hours=12))
    assert past.standing.state == "received"
    assert past.standing.deadlines["opening"].status == "missed"
    assert first.standing.deadlines["opening"].status == "running"


def test_before_it_existed_a_case_cannot_be_read(desk: Desk) -> None:
    case_id = desk.open().case_id
    with db.reading(desk.engine) as tx, pytest.raises(CaseNotFound):
        reading.as_of(tx, desk.registry, case_id, desk.registry.moment(tx).at - timedelta(days=1))


def test_a_party_that_joins_later_gets_its_name_and_keeps_the_others(desk: Desk) -> None:
    case_id = desk.docketed()
    from adjudicate.cases.parties import Person

    desk.record(case_id, "party_added", FIRST_DAY, joins=(Joining("p3", "opponent"),), people=[Person(name="丙")])
    with db.reading(desk.engine) as tx:
        names = {row["party"]: row["name"] for row in reads.party_rows(tx, case_id)}
    assert names == {"p1": "甲公司", "p2": "乙 公司", "p3": "丙"}


def test_a_rectified_joining_takes_the_party_off_the_list(desk: Desk) -> None:
    case_id = desk.docketed()
    desk.record(case_id, "party_added", FIRST_DAY, joins=(Joining("p3", "opponent"),))
    desk.run(
        lambda tx: recording.rectify(desk.command(tx), case_id, [Correction(3, "误加")], caller=desk.chief, version=3)
    )
    with db.reading(desk.engine) as tx:
        assert [row["party"] for row in reads.party_rows(tx, case_id)] == ["p1", "p2"]


def test_a_hearing_is_listed_until_it_was_held(desk: Desk) -> None:
    case_id = desk.docketed()
    facts = {"hearing_on": "2025-03-05", "hearing_time": "09:30", "hearing_room": "第一审理庭"}
    desk.record(case_id, "hearing_fixed", FIRST_DAY, facts=facts)
    listed = "SELECT thread, hearing_on, room, held FROM hearings"
    assert [(row[2], bool(row[3])) for row in desk.rows(listed)] == [("第一审理庭", False)]
    desk.today(date(2025, 3, 5))
    desk.record(case_id, "hearing_held", date(2025, 3, 5))
    assert [bool(row[3]) for row in desk.rows(listed)] == [True]


def test_a_pause_leaves_the_deadline_without_a_day_and_gives_one_back(desk: Desk) -> None:
    case_id = desk.docketed()
    desk.today(date(2025, 3, 20))
    desk.record(case_id, "pause_begun", date(2025, 3, 10))
    due = "SELECT due_on FROM deadlines WHERE key = 'decision'"
    assert desk.rows(due) == [(None,)]
    desk.record(case_id, "pause_ended", date(2025, 3, 20), thread="test-pause-1")
    assert [str(row[0]) for row in desk.rows(due)] == ["2025-06-13"]


def test_a_case_keeps_the_law_it_was_opened_under_when_the_file_changes(
    desk: Desk, database_url: str, law: object
) -> None:
    import shutil
    from pathlib import Path

    from tests.integration.desk import start

    case_id = desk.open().case_id
    changed = Path(str(law)).parent / f"changed-{desk.engine.dialect.name}"
    shutil.copytree(Path(str(law)), changed)
    file = changed / "test-dispute" / "2025-02-01.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("length: 3 months", "length: 1 month"), encoding="utf-8")
    other = start(database_url, changed, furnish=False)
    other.record(case_id, "case_opened", FIRST_DAY, facts={"panel": ["a", "b", "c"]})
    assert [str(row[0]) for row in other.rows("SELECT due_on FROM deadlines WHERE key = 'decision'")] == ["2025-06-03"]
    newer = other.docketed()
    due = other.rows("SELECT due_on FROM deadlines WHERE key = 'decision' AND case_id = :id", id=newer)
    assert [str(row[0]) for row in due] == ["2025-04-03"]
    assert other.scalar("SELECT count(*) FROM law_texts") == 2
    other.registry.close()


def test_a_day_of_higher_precedence_selects_the_law_and_says_so(desk: Desk) -> None:
    case_id = desk.open(on=date(2025, 1, 27)).case_id
    done = desk.record(case_id, "case_opened", date(2025, 2, 5), facts={"panel": ["a", "b", "c"]})
    assert {EntryKind.LAW_SELECTED, EntryKind.ACT} <= {entry.kind for entry in done.entries}
    acts = desk.rows("SELECT law_digest FROM events WHERE kind = 'act' ORDER BY sequence")
    assert acts[0] != acts[1] == desk.rows("SELECT law_digest FROM cases")[0]
    assert str(desk.scalar("SELECT law_day FROM cases")) == "2025-02-01"


def test_an_unknown_case_is_not_found(desk: Desk) -> None:
    with pytest.raises(CaseNotFound):
        desk.record("no-such-case", "noted", FIRST_DAY, facts={"remark": "x"})


def test_a_number_json_cannot_keep_exactly_is_refused(desk: Desk) -> None:
    case_id = desk.open().case_id
    with pytest.raises(errors.AdjudicateError) as refused:
        desk.record(case_id, "noted", FIRST_DAY, facts={"remark": "\ud800"})
    assert refused.value.code == "facts-invalid"


def test_what_a_correction_leaves_baseless_is_named_as_the_law_of_the_case_calls_it(
    sqlite_url: str, law: Path, tmp_path: Path
) -> None:
    shutil.copytree(law, tmp_path / "law")
    former = tmp_path / "law" / "test-dispute" / "2000-01-01.yaml"
    text = former.read_text(encoding="utf-8")
    text = text.replace("{zh: 送达, en: Opponent served}", "{zh: 旧法送达, en: Served of old}")
    former.write_text(text, encoding="utf-8")
    desk = start(sqlite_url, tmp_path / "law")
    case_id = desk.open(on=date(2024, 12, 30)).case_id
    desk.record(case_id, "case_opened", date(2024, 12, 31), facts={"panel": ["a", "b", "c"]})
    desk.record(case_id, "opponent_served", FIRST_DAY, party="p2")
    opened = desk.scalar("SELECT sequence FROM events WHERE event = 'case_opened'")
    with pytest.raises(errors.HistoryContradicted, match="旧法送达"):
        desk.run(
            lambda tx: recording.rectify(
                desk.command(tx), case_id, [Correction(opened, "误记")], caller=desk.chief, version=None
            )
        )
    desk.registry.close()


def test_times_in_a_stream_never_run_backward_though_the_clock_does(database_url: str, law: Path) -> None:
    from datetime import timedelta

    from adjudicate import clock
    from adjudicate.cases import reading
    from adjudicate.clock import Clock, Moment
    from adjudicate.law.legal_time import legal_day
    from adjudicate.verification.verifying import verify
    from tests.integration.desk import start

    desk = start(database_url, law)
    case_id = desk.docketed()
    before = clock.moment_on(FIRST_DAY)

    class Behind(Clock):
        def read(self, tx: object = None) -> Moment:
            at = before.at - timedelta(seconds=30)
            return Moment(legal_day(at), at)

    desk.registry.clock = Behind()
    desk.record(case_id, "noted", FIRST_DAY, facts={"remark": "x"})
    times = [
        row[0] for row in desk.rows("SELECT recorded_at FROM events WHERE case_id = :c ORDER BY sequence", c=case_id)
    ]
    assert times == sorted(times)
    last = desk.run(lambda tx: reading.trail(tx, case_id))[-1]["recorded_at"]
    assert desk.run(lambda tx: reading.as_of(tx, desk.registry, case_id, last)).version == len(times)
    assert verify(desk.registry) == []
    desk.registry.close()
