"""Every chain of pages is every case that the caller may see, in order: for random offices, grants and cases."""

# ruff: noqa: B023 - every function in a loop is called in the turn that defines it

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, insert, select

from adjudicate import db
from adjudicate.access.caller import Caller
from adjudicate.access.models import grants, offices
from adjudicate.access.queries import Sight
from adjudicate.cases.models import agenda, case_numbers, case_people, cases, deadlines, hearings, parties
from adjudicate.cases.queries import counts, lists, page
from adjudicate.cases.queries.lists import CaseFilter
from adjudicate.law.folding import fold_number
from tests.integration.desk import FIRST_DAY
from tests.surroundings import SOAKING

if TYPE_CHECKING:
    from tests.integration.desk import Desk

pytestmark = [pytest.mark.soak] if SOAKING else []

TODAY = FIRST_DAY
# In how many orders each caller reads each filtered list: one by a fixed seed in `make test`, two in `make soak`.
ORDERS = 2 if SOAKING else 1
STAGES = ("received", "opened", "decided")
NAMES = ("甲有限公司", "乙有限公司", "张三", "李四", "丙照明有限公司")


def numbered(number: int) -> str:
    """A patent number as it is stored for search."""
    return fold_number(f"ZL20252{number:07d}", whole=True)


class Country:
    """Offices, cases and grants as plain values, and the same in a database."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk, self.random = desk, random.Random(seed)
        self.paths: dict[str, str] = {}
        self.cases: list[dict[str, Any]] = []
        self.grants: list[dict[str, Any]] = []
        self.rows: dict[str, list[dict[str, Any]]] = {}
        source = desk.docketed()
        with db.reading(desk.engine) as tx:
            case = dict(tx.execute(select(cases).where(cases.c.id == source)).mappings().one())
            deadline = dict(tx.execute(select(deadlines).where(deadlines.c.case_id == source)).mappings().first() or {})
            self.paths = {row.code: row.path for row in tx.execute(select(offices))}
        # The real case counts like the made ones: all it is, is copied.
        self._offices()
        for number in range(90):
            self._case(number, case, deadline)
        self._grants()
        desk.run(self._write)
        self.cases.append(case)

    def _offices(self) -> None:
        self.new = []
        for number in range(9):
            parent = self.random.choice([*self.paths])
            code = f"X{number}"
            self.paths[code] = f"{self.paths[parent]}{code}/"
            self.new.append((code, parent))

    def _case(self, number: int, source: dict[str, Any], deadline: dict[str, Any]) -> None:
        pick = self.random
        closed = pick.random() < 0.4
        case = {
            **source,
            "id": f"0196{pick.randrange(16**4):04x}-0000-7000-8000-{number:012d}",
            "office": pick.choice([*self.paths][: 8 + number % 5]),
            "opened_on": TODAY - timedelta(days=pick.randrange(12)),
            "changed_at": datetime(2025, 3, 1, tzinfo=UTC) + timedelta(hours=pick.randrange(20)),
            "stage": "decided" if closed else pick.choice(STAGES[:2]),
            "closed": closed,
            "next_due_on": None if closed else TODAY + timedelta(days=pick.randrange(-3, 9)),
            "settled_on": TODAY - timedelta(days=pick.randrange(2)),
        }
        self.cases.append(case)
        place = {"case_id": case["id"], "office": case["office"], "opened_on": case["opened_on"]}
        stage = {"workflow": case["workflow"], "stage": case["stage"], "closed": closed}
        for key in ("a", "b", "c"):
            runs = pick.random() < 0.6
            due = None if pick.random() < 0.2 else TODAY + timedelta(days=pick.randrange(-5, 9))
            started = TODAY - timedelta(days=pick.randrange(5))
            kind = pick.choice(("duty", "right", "wait"))
            status = "running" if runs else "met"
            one = {**deadline, "case_id": case["id"], "key": key, "kind": kind, "status": status, "due_on": due}
            self._add("deadlines", {**one, "started_on": started, "office": case["office"]})
            if runs:
                named = {"key": key, "name": one["name"], "kind": kind, "started_on": started, "due_on": due}
                self._add("agenda", {**place, **stage, **named})
        if pick.random() < 0.5:
            day = TODAY + timedelta(days=pick.randrange(-3, 9))
            held = {"case_id": case["id"], "thread": "", "hearing_on": day, "held": False, "office": case["office"]}
            self._add("hearings", {**held, **stage, "room": pick.choice(("一庭", "二庭"))})
        for party in ("p1", "p2"):
            name = pick.choice(NAMES)
            joined = {"party": party, "role": "claimant", "joined_on": TODAY, "name": name, "name_key": name}
            self._add("parties", {**place, **joined})
        if pick.random() < 0.7:
            self._add("case_numbers", {**place, "kind": "patent", "number": numbered(pick.randrange(40))})
        for actor in {pick.choice(("clerk1", "chief1")), "u0"}:
            self._add("case_people", {**place, "actor": actor, "acted": True})

    def _add(self, table: str, row: dict[str, Any]) -> None:
        self.rows.setdefault(table, []).append(row)

    def _grants(self) -> None:
        for number in range(60):
            to_office = self.random.random() < 0.7
            start = TODAY - timedelta(days=self.random.randrange(-2, 5))
            self.grants.append(
                {
                    "id": f"grant-{number}",
                    "case_id": self.random.choice(self.cases)["id"],
                    "office": self.random.choice([*self.paths]) if to_office else None,
                    "actor": None if to_office else self.random.choice(("clerk1", "chief1")),
                    "kind": "joint",
                    "from_on": start,
                    "until_on": self.random.choice((None, start + timedelta(days=3))),
                    "granted_by": "clerk1",
                    "granted_at": datetime(2025, 3, 1, tzinfo=UTC),
                }
            )

    def _write(self, tx: Any) -> None:
        for code, parent in self.new:
            given = {"region": "330100", "name_zh": code, "name_en": code, "docket_name": code, "level": "city"}
            tx.execute(insert(offices), {**given, "code": code, "parent": parent, "path": self.paths[code]})
        tx.execute(insert(cases), self.cases)
        for table in (deadlines, agenda, hearings, parties, case_numbers, case_people):
            for row in self.rows[table.name]:
                tx.execute(insert(table), row)
        tx.execute(insert(grants), self.grants)

    def covers(self, caller: Caller, case: dict[str, Any]) -> bool:
        """The rule in plain words, written a second time."""
        if self.paths[case["office"]].startswith(caller.office_path):
            return True
        return any(
            grant["case_id"] == case["id"]
            and (grant["office"] == caller.office or grant["actor"] == caller.actor)
            and grant["from_on"] <= TODAY
            and (grant["until_on"] is None or grant["until_on"] > TODAY)
            for grant in self.grants
        )

    def of(self, table: str, case_id: str) -> list[dict[str, Any]]:
        return [row for row in self.rows[table] if row["case_id"] == case_id]


@pytest.fixture
def country(desk: Desk, request: Any, monkeypatch: pytest.MonkeyPatch) -> Country:
    seed, few, stretch, many = request.param
    # Small, so that each of the ways to a page is taken among a few dozen cases.
    monkeypatch.setattr(page, "FEW", few)
    monkeypatch.setattr(page, "STRETCH", stretch)
    monkeypatch.setattr(page, "MANY", many, raising=False)
    return Country(desk, seed)


FILTERS: tuple[dict[str, Any], ...] = (
    {},
    {"closed": False},
    {"closed": True},
    {"stage": "opened"},
    {"workflow": "test-dispute"},
    {"workflow": "other"},
    {"office": "X1"},
    {"office": "HZ", "closed": False},
    {"party": "有限公司"},
    {"party": "张三"},
    {"party": "无此"},
    {"party": "照明", "mine": "clerk1"},
    {"mine": "u0"},
    {"mine": "clerk1", "closed": False},
    {"patent": "2025"},
    {"patent": "ZL 2025 2 0000007"},
    {"patent": "000000", "party": "公司", "office": "HZ"},
)


def meets(country: Country, case: dict[str, Any], filters: dict[str, Any]) -> bool:
    """The filters in plain words."""
    exact = all(case[name] == filters[name] for name in ("closed", "stage", "workflow", "office") if name in filters)
    wanted = {"party": ("parties", "name_key"), "patent": ("case_numbers", "number"), "mine": ("case_people", "actor")}
    for name, (table, column) in wanted.items():
        if name in filters:
            part = filters[name].replace("ZL", "").replace(" ", "")
            exact &= any(part in row[column] for row in country.of(table, case["id"]))
    return exact


def chain(read: Any, place: tuple[str, ...]) -> list[Any]:
    """All rows by following pages of four."""
    found: list[Any] = []
    after = None
    while True:
        rows = read(after)
        found += rows[:4]
        if len(rows) <= 4:
            return found
        after = [rows[3][name] for name in place]


def callers(country: Country) -> list[Caller]:
    places = [*country.paths]
    chosen = [places[0], "ZJ", "HZ", *country.random.sample(places[3:], 3)]
    return [
        Caller(actor=actor, name=actor, roles=frozenset(), office=code, office_path=country.paths[code])
        for code, actor in zip(chosen, ("u0", "clerk1", "chief1", "clerk1", "u0", "chief1"), strict=True)
    ]


RUNS = [(1, 500, 5000, 20_000), (2, 3, 10, 20_000), (3, 6, 25, 12), (4, 3, 5, 5)]


@pytest.mark.parametrize("country", RUNS, indirect=True, ids=["few", "walked", "between", "many"])
def test_every_list_of_cases_is_all_that_the_caller_may_see_in_order(country: Country) -> None:
    made = [case for case in country.cases if country.of("parties", case["id"])]
    kept = {case["id"] for case in made}
    due: dict[str, Any] = {"due_after": None, "due_before": None}
    soon = {"due_after": TODAY, "due_before": TODAY + timedelta(days=4)}
    for caller in callers(country):
        sight = Sight(caller, TODAY)
        for filters in FILTERS:
            orders = (
                *(("opened_on", True, due), ("opened_on", False, due), ("changed_at", True, due)),
                *(("changed_at", False, due), ("opened_on", True, soon), ("changed_at", True, soon)),
            )
            for order, descending, days in country.random.sample(orders, ORDERS):
                expected = [case for case in made if country.covers(caller, case) and meets(country, case, filters)]
                if days is soon:
                    expected = [
                        case for case in expected if any(within(row) for row in country.of("agenda", case["id"]))
                    ]
                expected.sort(key=lambda case: (case[order], case["id"]), reverse=descending)
                with db.reading(country.desk.engine) as tx:
                    found = chain(
                        lambda after: lists.list_cases(
                            tx, sight=sight, filters=CaseFilter(**filters), order=order, descending=descending,
                            after=after, limit=4, **days,
                        ),
                        (order, "id"),
                    )  # fmt: skip
                ids = [row["id"] for row in found if row["id"] in kept]
                assert ids == [case["id"] for case in expected], (caller, filters, order, descending, days)


def within(row: dict[str, Any]) -> bool:
    return row["due_on"] is not None and TODAY <= row["due_on"] < TODAY + timedelta(days=4)


@pytest.mark.parametrize("country", RUNS, indirect=True, ids=["few", "walked", "between", "many"])
def test_every_list_of_deadlines_and_hearings_is_all_that_the_caller_may_see_in_order(country: Country) -> None:
    by_id = {case["id"]: case for case in country.cases}
    for caller in callers(country):
        sight = Sight(caller, TODAY)
        for filters in FILTERS:
            seen = {
                key for key, case in by_id.items() if country.covers(caller, case) and meets(country, case, filters)
            }
            kinds: tuple[tuple[str, bool, bool, str | None], ...] = (
                *(("running", False, False, None), ("running", False, True, "duty"), ("running", True, False, None)),
                *(("met", False, False, None), ("met", True, True, None)),
            )
            for status, undated, descending, kind in country.random.sample(kinds, ORDERS):
                rows = [
                    row for row in country.rows["deadlines"]
                    if row["case_id"] in seen and row["status"] == status and (row["due_on"] is None) == undated
                    and kind in {None, row["kind"]}
                ]  # fmt: skip
                key = "started_on" if undated else "due_on"
                rows.sort(key=lambda row: (row[key], row["case_id"], row["key"]), reverse=descending)
                with db.reading(country.desk.engine) as tx:
                    found = chain(
                        lambda after: lists.list_deadlines(
                            tx, sight=sight, filters=CaseFilter(**filters), status=status, kind=kind, name=None,
                            due_after=None, due_before=None, undated=undated, descending=descending, after=after,
                            limit=4,
                        ),
                        (key, "case_id", "key"),
                    )  # fmt: skip
                made = [(row["case_id"], row["key"]) for row in found if row["key"] in {"a", "b", "c"}]
                assert made == [(row["case_id"], row["key"]) for row in rows], (caller, filters, status, undated)
            held = sorted(
                (row for row in country.rows["hearings"] if row["case_id"] in seen),
                key=lambda row: (row["hearing_on"], row["case_id"]),
            )
            with db.reading(country.desk.engine) as tx:
                found = chain(
                    lambda after: lists.list_hearings(
                        tx, sight=sight, filters=CaseFilter(**filters), first_on=None, before_on=None, room=None,
                        after=after, limit=4,
                    ),
                    ("hearing_on", "case_id", "thread"),
                )  # fmt: skip
            assert [row["case_id"] for row in found] == [row["case_id"] for row in held], (caller, filters)


@pytest.mark.parametrize("country", [(4, 500, 5000, 20_000)], indirect=True, ids=["few"])
def test_every_count_of_the_day_is_the_length_of_its_list(country: Country) -> None:
    monday = TODAY + timedelta(days=7 - TODAY.weekday())
    for caller in callers(country):
        for office in (None, "HZ", "X1", "X8"):
            sight = Sight(caller, TODAY)
            filters = CaseFilter(office=office)

            def running(**given: Any) -> int:
                with db.reading(country.desk.engine) as tx:
                    return len(
                        lists.list_deadlines(
                            tx, sight=sight, filters=filters, status="running", name=None, undated=False,
                            descending=False, after=None, limit=1000, **given,
                        )
                    )  # fmt: skip

            with db.reading(country.desk.engine) as tx:
                day = counts.day(tx, sight=sight, office=office, today=TODAY, next_week=monday)
                opened = lists.list_cases(
                    tx, sight=sight, filters=CaseFilter(office=office, closed=False), due_after=None, due_before=None,
                    order="opened_on", descending=True, after=None, limit=1000,
                )  # fmt: skip
                held = lists.list_hearings(
                    tx,
                    sight=sight,
                    filters=filters,
                    first_on=TODAY,
                    before_on=monday,
                    room=None,
                    after=None,
                    limit=1000,
                )
            assert day.open_cases.total() == len(opened)
            for (_, stage), number in day.open_cases.items():
                assert number == sum(row["stage"] == stage for row in opened)
            assert day.overdue_duties == running(kind="duty", due_after=None, due_before=TODAY)
            tomorrow = TODAY + timedelta(days=1)
            for kind in ("duty", "right", "wait"):
                assert day.due_today[kind] == running(kind=kind, due_after=TODAY, due_before=tomorrow)
                assert day.due_this_week[kind] == running(kind=kind, due_after=TODAY, due_before=monday)
            assert day.hearings_this_week == len(held)
            assert day.hearings_today == sum(row["hearing_on"] == TODAY for row in held)
            late = [
                case for case in country.cases
                if country.covers(caller, case) and office in {None, case["office"]}
                and case["next_due_on"] is not None and case["next_due_on"] < TODAY and case["settled_on"] < TODAY
            ]  # fmt: skip
            assert day.unsettled == len(late)


def test_the_day_of_these_tests_is_a_monday() -> None:
    assert date(2025, 3, 3) == TODAY


@pytest.mark.finding("F22")
@pytest.mark.parametrize("country", [RUNS[3]], indirect=True, ids=["many"])
def test_no_list_fetches_every_case_that_meets_a_filter(country: Country) -> None:
    known, longest = {case["id"] for case in country.cases}, 0

    def watch(*given: Any) -> None:
        nonlocal longest
        values = given[3]
        for value in values.values() if isinstance(values, dict) else values:
            listed = json.loads(value) if isinstance(value, str) and value.startswith("[") else value
            longest = max(longest, len(known.intersection(listed)) if isinstance(listed, list) else 0)

    sight, limit = Sight(callers(country)[0], TODAY), 4
    span: dict[str, Any] = {"after": None, "limit": limit, "due_after": None, "due_before": None}
    deadline: dict[str, Any] = {"status": "met", "kind": None, "name": None, "undated": False, "descending": False}
    event.listen(country.desk.engine, "before_cursor_execute", watch)
    try:
        with db.reading(country.desk.engine) as tx:
            filters = CaseFilter(party="有限公司")
            assert len(lists.list_deadlines(tx, sight=sight, filters=filters, **deadline, **span)) == limit + 1
            rare = CaseFilter(party="有限公司", workflow="none")
            lists.list_cases(tx, sight=sight, filters=rare, order="changed_at", descending=True, **span)
    finally:
        event.remove(country.desk.engine, "before_cursor_execute", watch)
    assert 0 < longest <= limit + 1
