"""A standing as JSON and back, without loss; without pydantic, because every command does it twice."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from adjudicate.states.standing import Interval, Member, Running, Standing, Status, Thread

Json = dict[str, Any]


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _date(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _instant(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def standing_to_json(standing: Standing) -> Json:
    """The standing as plain JSON; equal standings give equal JSON."""
    return {
        "law_day": standing.law_day.isoformat(),
        "state": standing.state,
        "threads": {key: _thread(thread) for key, thread in standing.threads.items()},
        "facts": standing.facts,
        "party_facts": standing.party_facts,
        "members": {key: _member(member) for key, member in standing.members.items()},
        "recorded": standing.recorded,
        "deadlines": [_running(running) for running in standing.deadlines.values()],
        "intervals": [[i.kind, i.thread, _day(i.from_on), _day(i.until_on)] for i in standing.intervals],
        "marks": {str(sequence): names for sequence, names in standing.marks.items()},
        "opened_threads": standing.opened_threads,
        "joined": standing.joined,
        "governed_by": standing.governed_by,
        "last_on": _day(standing.last_on),
        "last_lapse_on": _day(standing.last_lapse_on),
        "closed": standing.closed,
    }


def standing_from_json(data: Json) -> Standing:
    """The standing that `standing_to_json` wrote, as a value of its own: changing it leaves `data` alone."""
    deadlines = [_running_from(one) for one in data["deadlines"]]
    return Standing(
        law_day=date.fromisoformat(data["law_day"]),
        state=data["state"],
        threads={key: _thread_from(one) for key, one in data["threads"].items()},
        facts=dict(data["facts"]),
        party_facts={party: dict(facts) for party, facts in data["party_facts"].items()},
        members={key: _member_from(one) for key, one in data["members"].items()},
        recorded=dict(data["recorded"]),
        deadlines={running.key: running for running in deadlines},
        intervals=[
            Interval(kind, thread, date.fromisoformat(from_on), _date(until_on))
            for kind, thread, from_on, until_on in data["intervals"]
        ],
        marks={int(sequence): list(names) for sequence, names in data["marks"].items()},
        opened_threads=dict(data["opened_threads"]),
        joined=data["joined"],
        governed_by=data["governed_by"],
        last_on=_date(data["last_on"]),
        last_lapse_on=_date(data["last_lapse_on"]),
        closed=data["closed"],
    )


def _thread(thread: Thread) -> Json:
    return {
        "incident": thread.incident,
        "state": thread.state,
        "party": thread.party,
        "opened_on": _day(thread.opened_on),
        "facts": thread.facts,
        "final": thread.final,
    }


def _thread_from(data: Json) -> Thread:
    opened_on = date.fromisoformat(data["opened_on"])
    return Thread(
        incident=data["incident"],
        state=data["state"],
        party=data["party"],
        opened_on=opened_on,
        facts=dict(data["facts"]),
        final=data["final"],
    )


def _member(member: Member) -> list[Any]:
    return [member.role, _day(member.joined_on), _day(member.left_on), member.represents]


def _member_from(data: list[Any]) -> Member:
    role, joined_on, left_on, represents = data
    return Member(role, date.fromisoformat(joined_on), _date(left_on), represents)


def _running(running: Running) -> Json:
    # A day is always true, so `and` keeps None and turns the rest; a call for each of these costs more than its work.
    due_on, last_counted_on, moved_on = running.due_on, running.last_counted_on, running.moved_on
    ended_on, lapsed_on = running.ended_on, running.lapsed_on
    trigger_at, due_at = running.trigger_at, running.due_at
    return {
        "name": running.name,
        "party": running.party,
        "thread": running.thread,
        "trigger_on": running.trigger_on.isoformat(),
        "started_on": running.started_on.isoformat(),
        "started_by": running.started_by,
        "components": [[trigger.isoformat(), length] for trigger, length in running.components],
        "trigger_at": trigger_at and trigger_at.isoformat(),
        "extensions": [[length, by, on.isoformat()] for length, by, on in running.extensions],
        "status": running.status.value,
        "due_on": due_on and due_on.isoformat(),
        "due_at": due_at and due_at.isoformat(),
        "last_counted_on": last_counted_on and last_counted_on.isoformat(),
        "provisional": running.provisional,
        "moved_on": moved_on and moved_on.isoformat(),
        "ended_on": ended_on and ended_on.isoformat(),
        "lapsed_on": lapsed_on and lapsed_on.isoformat(),
    }


def _running_from(data: Json) -> Running:
    day = date.fromisoformat
    due_on, last_counted_on, moved_on = data["due_on"], data["last_counted_on"], data["moved_on"]
    ended_on, lapsed_on = data["ended_on"], data["lapsed_on"]
    trigger_at, due_at = data["trigger_at"], data["due_at"]
    return Running(
        name=data["name"],
        party=data["party"],
        thread=data["thread"],
        trigger_on=day(data["trigger_on"]),
        started_on=day(data["started_on"]),
        started_by=data["started_by"],
        components=[(day(trigger), length) for trigger, length in data["components"]],
        trigger_at=trigger_at and datetime.fromisoformat(trigger_at),
        extensions=[(length, by, day(on)) for length, by, on in data["extensions"]],
        status=Status(data["status"]),
        due_on=due_on and day(due_on),
        due_at=due_at and datetime.fromisoformat(due_at),
        last_counted_on=last_counted_on and day(last_counted_on),
        provisional=data["provisional"],
        moved_on=moved_on and day(moved_on),
        ended_on=ended_on and day(ended_on),
        lapsed_on=lapsed_on and day(lapsed_on),
    )
