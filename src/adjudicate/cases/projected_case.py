"""What the rows of a case follow from, and the columns of the case that follow from it; it knows no work list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from adjudicate.states import codec
from adjudicate.states.standing import Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from adjudicate.cases.parties import Person
    from adjudicate.definition.rulebook import Rulebook
    from adjudicate.law.calendars import Calendar
    from adjudicate.law.periods import Length
    from adjudicate.states.fold_context import LegalContext
    from adjudicate.states.standing import Running, Standing

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectedCase:
    """What the rows of a case follow from. `people` are the parties whose names are known now, `took_part` those who
    recorded an act, `officer` who is in charge, `docket_number` the number in force.

    Without `warn_before` no day of warning is worked out: whether a warning was given does not follow from the events.
    """

    case_id: str
    office: str
    opened_on: date
    workflow: str
    standing: Standing
    rulebook: Rulebook
    calendar: Calendar
    people: Mapping[str, Person] = field(default_factory=dict)
    took_part: frozenset[str] = frozenset()
    officer: str | None = None
    docket_number: str | None = None
    warn_before: Length | None = None

    @classmethod
    def of(cls, row: Mapping[Any, Any], legal: LegalContext, standing: Standing, **known: Any) -> ProjectedCase:
        """The case of a row of `cases` at a standing; `known` is what does not stand in that row."""
        return cls(
            case_id=str(row["id"]),
            office=str(row["office"]),
            opened_on=row["opened_on"],
            workflow=row["workflow"],
            standing=standing,
            rulebook=legal.laws.at(standing.law_day),
            calendar=legal.calendar,
            officer=row.get("officer"),
            **known,
        )


def case_columns(case: ProjectedCase) -> Row:
    """The columns of the case itself that follow from its standing."""
    standing = case.standing
    return {
        "law_day": standing.law_day,
        "patent": patent_of(case),
        "stage": standing.state,
        "closed": standing.closed,
        "irregularities": len(standing.marks),
        "standing": codec.standing_to_json(standing),
        "next_due_on": next_due_on(standing),
    }


def next_due_on(standing: Standing) -> date | None:
    """The first day after which something is to be announced in this case."""
    if standing.closed:
        return None
    return min((on for running in standing.deadlines.values() if (on := _lapse_on(running))), default=None)


def _lapse_on(running: Running) -> date | None:
    """The day after which a deadline is announced as over; None while it does not run, has no end or is provisional."""
    if running.status is not Status.RUNNING or running.due_on is None or running.provisional:
        return None
    return max(running.due_on, running.moved_on or running.due_on)


def patent_of(case: ProjectedCase) -> str | None:
    """The number of the patent, as the facts say it, where the procedure names such a fact."""
    name = case.rulebook.main.workflow.indexes.patent
    value = case.standing.facts.get(name) if name else None
    return None if value is None else str(value)[:80]
