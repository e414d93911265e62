"""Reminders on a hearing set for a time at which its room, its panel or an agent is taken; none of them refuses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING, Any

from adjudicate.cases.queries import clashes as queries
from adjudicate.law.folding import fold
from adjudicate.states.entries import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import ColumnElement, Connection

    from adjudicate.definition.models import HearingIndex
    from adjudicate.definition.rulebook import Rulebook
    from adjudicate.states.standing import Standing

Facts = dict[str, Any]

# How long a hearing lasts is not recorded: two that begin less than these minutes apart may overlap.
APART = 3 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose hearing it is, and which cases its caller may see (None: all)."""

    case_id: str
    office: str
    rulebook: Rulebook
    visible: ColumnElement[bool] | None


def clash_advice(tx: Connection, asked: Asked, before: Standing | None, after: Standing) -> tuple[Reason, ...]:
    """The reminders on each hearing that the change from one standing to another sets or moves.

    Hearings of the same office count that begin on the same day less than `APART` before or after.
    """
    found: dict[tuple[str, str], Reason] = {}
    for index, facts, former in _hearings(asked.rulebook, before, after):
        place = [facts.get(name) if name else None for name in (index.day, index.time, index.room)]
        was = [former.get(name) if name else None for name in (index.day, index.time, index.room)]
        near = around(place[1])
        if place == was or not isinstance(place[0], str) or near is None:
            continue
        others = queries.beginning_near(tx, asked.case_id, asked.office, place[0], near, asked.visible)
        for one in others:
            for reason in _reasons(tx, asked, index, facts, after, one):
                found.setdefault((reason.code, reason.zh), reason)
    return tuple(found.values())


def _hearings(
    rulebook: Rulebook, before: Standing | None, after: Standing
) -> Iterator[tuple[HearingIndex, Facts, Facts]]:
    """The facts of each hearing now and formerly, with what tells which of them they are."""
    index = rulebook.main.workflow.indexes.hearing
    if index is not None:
        yield index, after.facts, {} if before is None else before.facts
    for key, thread in after.threads.items():
        own = rulebook.compiled(thread.incident).workflow.indexes.hearing
        former = None if before is None else before.threads.get(key)
        if own is not None:
            yield own, {**after.facts, **thread.facts}, {} if former is None else former.facts


def around(begins: object) -> tuple[str, str] | None:
    """The first and the last minute of the day at which a hearing begins that may overlap one at this time.

    None without a time of day: a definition kept by an earlier release took any text for it.
    """
    try:
        at = time.fromisoformat(str(begins))
    except ValueError:
        return None
    minute = 60 * at.hour + at.minute
    first, last = max(minute - APART + 1, 0), min(minute + APART - 1, 24 * 60 - 1)
    return f"{first // 60:02}:{first % 60:02}", f"{last // 60:02}:{last % 60:02}"


def _when(time: object, other: str) -> tuple[str, str]:
    if time == other:
        return "在该日该时", "at that time of that day"
    return f"在该日{other}起", f"from {other} of that day"


def _reasons(
    tx: Connection, asked: Asked, index: HearingIndex, facts: Facts, after: Standing, other: Mapping[Any, Any]
) -> Iterator[Reason]:
    number = other["docket_number"] if other["seen"] else None
    of_zh, of_en = (f"（{number}）", f" ({number})") if number else ("", "")
    when_zh, when_en = _when(facts.get(index.time) if index.time else None, other["time"])
    room = facts.get(index.room) if index.room else None
    if isinstance(room, str) and other["room"] and fold(room) == fold(other["room"]):
        yield Reason(
            "room-taken",
            f"“{room}”{when_zh}已安排另一案件{of_zh}的审理",
            f"'{room}' is taken {when_en} by a hearing of another case{of_en}",
        )
    people = facts.get(index.people) if index.people else None
    theirs = (other["standing"].get("facts") or {}).get(index.people)
    if isinstance(people, list) and isinstance(theirs, list):
        busy = [one for one in people if one in theirs]
        if busy:
            yield Reason(
                "people-taken",
                f"{'、'.join(busy)}{when_zh}须参加另一案件{of_zh}的审理",
                f"{', '.join(busy)} must be at a hearing of another case{of_en} {when_en}",
            )
    agents = [who for who, one in after.members.items() if one.represents is not None and one.left_on is None]
    for name in queries.same_agents(tx, asked.case_id, agents, str(other["case_id"])):
        yield Reason(
            "agent-taken",
            f"代理人{name}{when_zh}须参加另一案件{of_zh}的审理",
            f"the representative {name} must be at a hearing of another case{of_en} {when_en}",
        )
