"""Records the demo's stories through the real use cases, each act on the day it is said to have happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

from adjudicate import clock, db, logs
from adjudicate.access import offices, people, queries, tokens
from adjudicate.access.administration import PROGRAM
from adjudicate.access.caller import Caller
from adjudicate.cases import case_file, recording
from adjudicate.cases.command import Command
from adjudicate.cases.ids import new_id
from adjudicate.cases.parties import Person
from adjudicate.demo.queries import has_case
from adjudicate.documents import queries as documents
from adjudicate.documents import store
from adjudicate.errors import AdjudicateError
from adjudicate.law.calendars import NATIONWIDE
from adjudicate.settings import SettingInvalid, variable_of
from adjudicate.states.entries import Draft, Joining

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from adjudicate.cases.registry import Registry
    from adjudicate.clock import Moment
    from adjudicate.law.calendars import Calendar

log = logs.logger(__name__)

_ONE = timedelta(days=1)


@cache
def data(name: str) -> Any:
    """One of the demo's data files."""
    text = resources.files("adjudicate.demo").joinpath(f"data/{name}.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


@dataclass(frozen=True, slots=True)
class Act:
    """A step of a story on its day; `case` and `place` order acts of one day."""

    on: date
    case: int
    place: int
    step: dict[str, Any]


@dataclass
class Tale:
    """One case being told: who is in it, where it stands in the database, and what was refused, if anything."""

    told: dict[str, Any]
    workflow: str
    case_id: str | None = None
    refused: str | None = None


def on_working_day(calendar: Calendar, day: date, after: int) -> date:
    """The working day `after` working days later (earlier if negative); with 0 the day itself or the one before it."""
    step = -_ONE if after <= 0 else _ONE
    while not calendar.day(day).working:
        day -= _ONE
    for _ in range(abs(after)):
        day += step
        while not calendar.day(day).working:
            day += step
    return day


class Loader:
    """Tells all stories in the order of their days, in one transaction."""

    def __init__(self, tx: Connection, registry: Registry) -> None:
        self._tx, self._registry, self._command = tx, registry, Command(tx, registry)
        self._office = data("office")
        self._today = registry.moment(tx).today
        self._calendar = registry.calendar(tx, NATIONWIDE)
        self._callers = {row["id"]: self._caller(row) for row in self._office["actors"]}

    def _caller(self, row: dict[str, Any]) -> Caller:
        place = self._registry.office(self._tx, row["office"])
        roles = frozenset(row["roles"])
        return Caller(actor=row["id"], name=row["name"], roles=roles, office=row["office"], office_path=place["path"])

    def load(self) -> list[Tale]:
        """Tell every story; returns the tales, each with what was refused."""
        stories, published = data("stories"), data("published")
        tales = [Tale(told, stories["workflow"]) for told in stories["cases"]]
        tales += [Tale(told, told["workflow"]) for told in published["cases"]]
        acts = [act for number, tale in enumerate(tales) for act in self._acts(number, tale)]
        for act in sorted(acts, key=lambda act: (act.on, act.case, act.place)):
            tale = tales[act.case]
            if tale.refused is None:
                self._tell(tale, act)
        return tales

    def _acts(self, number: int, tale: Tale) -> Iterator[Act]:
        if "story" not in tale.told:
            for place, step in enumerate(tale.told["steps"]):
                yield Act(step["day"], number, place, step)
            return
        day = on_working_day(self._calendar, self._today, -tale.told["ago"])
        for place, step in enumerate(data("stories")["stories"][tale.told["story"]]):
            day = on_working_day(self._calendar, day, step.get("after", 0))
            if day > self._today:
                return
            yield Act(day, number, place, step)

    def _tell(self, tale: Tale, act: Act) -> None:
        # The record of the demo is written as if on the day, so that lapses and lists look like a working office's.
        command = self._command.at(clock.moment_on(act.on))
        caller = self._recorder(tale, act.step)
        parties = self._parties(tale, act)
        people = [Person(name=who) for _, _, who in parties]
        draft = self._draft(tale, act, command.moment, parties)
        try:
            if tale.case_id is None:
                done = recording.open_case(
                    command,
                    workflow=tale.workflow,
                    office=tale.told["office"],
                    draft=draft,
                    people=people,
                    caller=caller,
                )
                tale.case_id = done.case_id
                # Once more: now that there is a case, the papers that its first act names are registered in it.
                self._draft(tale, act, command.moment, parties)
                self._share(tale, caller, command.moment)
            else:
                recording.record(command, tale.case_id, draft, caller=caller, version=None, people=people)
        except AdjudicateError as error:
            reasons = "; ".join(reason.zh for reason in getattr(error, "reasons", ()))
            tale.refused = f"{act.step['event']} ({act.on}): {error} {reasons}"
            log.warning("demo case stopped", act=act.step["event"], on=str(act.on), code=error.code)

    def _share(self, tale: Tale, caller: Caller, moment: Moment) -> None:
        at = moment.at
        for number, grant in enumerate(tale.told.get("grants", ())):
            row = {"id": new_id(at), "case_id": tale.case_id, "office": grant["office"], "actor": None}
            days = {"from_on": grant["from_on"], "until_on": None}
            by = {"granted_by": caller.actor, "granted_at": at + timedelta(microseconds=number)}
            case_file.give_grant(self._tx, {**row, "kind": grant["kind"], **days, **by})

    @staticmethod
    def _names(tale: Tale) -> tuple[str, str]:
        one, other = tale.told["sides"]
        return one, other

    def _recorder(self, tale: Tale, step: dict[str, Any]) -> Caller:
        office = tale.told["office"]
        as_head = step.get("accept") or step.get("by") in self._office["records"]
        return self._callers[self._office["heads" if as_head else "officers"][office]]

    def _parties(self, tale: Tale, act: Act) -> list[tuple[str, str, str]]:
        """Who joins with the act, as (id, role, name): those it names, or with the first act everybody."""
        roles = data("published")["roles"]
        names = self._names(tale)
        everybody = [(f"p{n}", role, name) for n, (role, name) in enumerate(zip(roles, names, strict=True), 1)]
        named = act.step.get("joins")
        if named is None:
            return everybody if act.place == 0 else []
        return [party for party in everybody if party[0] in named]

    def _draft(self, tale: Tale, act: Act, moment: Moment, parties: list[tuple[str, str, str]]) -> Draft:
        step = act.step
        facts = {name: self._value(tale, act, moment, value) for name, value in step.get("facts", {}).items()}
        reason = step.get("reason")
        if step.get("assumed"):
            reason = data("published")["assumed"] + (f"；{reason}" if reason else "")
        return Draft(
            event=step["event"],
            effective_on=act.on,
            by=step.get("by"),
            thread=step.get("thread"),
            party=step.get("party"),
            facts=facts,
            joins=tuple(Joining(name, role) for name, role, _ in parties),
            reason=reason,
            accept_irregular=bool(step.get("accept")),
        )

    def _value(self, tale: Tale, act: Act, moment: Moment, value: Any) -> Any:
        if isinstance(value, list):
            return [self._value(tale, act, moment, item) for item in value]
        if isinstance(value, dict):
            return {key: self._value(tale, act, moment, item) for key, item in value.items()}
        if isinstance(value, date):
            return value.isoformat()
        if not isinstance(value, str) or not value.startswith("$"):
            return value
        word, _, rest = value[1:].partition(" ")
        if word == "day":
            return act.on.isoformat()
        if word == "in":
            return on_working_day(self._calendar, act.on, int(rest)).isoformat()
        if word == "paper":
            return self._paper(tale, act, moment, rest)
        return tale.told[word]

    def _paper(self, tale: Tale, act: Act, moment: Moment, name: str) -> str:
        one, other = self._names(tale)
        text = f"{name}\n{one} / {other}\n{act.on}\n演示用，内容虚构。 For demonstration; invented.\n"
        folder = self._registry.settings.documents
        try:
            with store.receiving(folder, at_most=store.LARGEST) as received:
                received.write(text.encode())
        except store.StoreUnavailable as error:
            why = getattr(error.__cause__, "strerror", None) or "?"
            raise SettingInvalid(
                zh=f"文件目录“{folder}”无法写入：{why}。请用环境变量 {variable_of('documents')} 另行指定",
                en=f"the folder of documents '{folder}' cannot be written to: {why}. "
                f"Name another one in {variable_of('documents')}",
            ) from error
        if tale.case_id is not None and documents.document(self._tx, tale.case_id, received.digest) is None:
            values = {"case_id": tale.case_id, "digest": received.digest, "size": received.size}
            kind = {"media_type": "text/plain; charset=utf-8", "name": f"{name}（虚构）.txt"}
            officer = self._office["officers"][tale.told["office"]]
            row = {**values, **kind, "registered_at": moment.at, "registered_by": officer}
            case_file.register_document(self._tx, row)
        return f"sha-256:{received.digest}"


def furnish(registry: Registry) -> list[Tale]:
    """Load offices, people and cases into an empty database; one that holds a case is left alone."""

    def work(tx: Connection) -> list[Tale]:
        if has_case(tx):
            return []
        office = data("office")
        by: dict[str, Any] = {"rules": registry.catalogue.offices, "by": PROGRAM, "at": clock.now()}
        for row in office["offices"]:
            if queries.office(tx, row["code"]) is None:
                offices.add_office(tx, offices.OfficeDraft(**row), **by)
        for row in office["actors"]:
            if queries.actor(tx, row["id"]) is None:
                known = {**by, "at": clock.moment_on(office["since"]).at}
                people.add_person(
                    tx, actor=row["id"], name=row["name"], office=row["office"], roles=row["roles"], **known
                )
        return Loader(tx, registry).load()

    return db.run(registry.engine, work)


def issue_tokens(registry: Registry) -> list[tuple[str, str]]:
    """Revoke the tokens of former starts and issue one for each role, as (what for, token)."""

    def work(tx: Connection) -> list[tuple[str, str]]:
        by: dict[str, Any] = {"by": PROGRAM, "at": clock.now()}
        tokens.revoke_labelled(tx, "demo", **by)
        found = []
        for row in data("office")["tokens"]:
            _, token = tokens.issue_token(tx, actor=row["actor"], label="demo", **by)
            found.append((row["for"], token))
        return found

    return db.run(registry.engine, work)
