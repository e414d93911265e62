"""Putting a person in charge of a case (承办人): on the file of the case, and at once on that person's work list."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from adjudicate import clock
from adjudicate.access import queries as access
from adjudicate.cases import case_file
from adjudicate.cases.errors import OfficerUnknown
from adjudicate.cases.projected_case import ProjectedCase
from adjudicate.cases.projections import PEOPLE
from adjudicate.cases.queries import writing

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from adjudicate.access.caller import Caller
    from adjudicate.cases.command import Command


def assign_officer(
    command: Command,
    case_id: str,
    officer: str,
    *,
    caller: Caller,
    reason: str | None = None,
    visible: ColumnElement[bool] | None = None,
) -> None:
    """Put a person of the office that handles the case, or of one above it, in charge. Repeating it changes nothing.

    Raises CaseNotFound, and OfficerUnknown for somebody who holds no role there now.
    """
    stored, tx = command.lock(case_id, visible), command.tx
    place = access.office(tx, stored.row["office"])
    # Roles are held in real time, also where a sandbox plays another day.
    held = access.appointments_in_force(tx, officer, at=clock.now())
    paths = [row["path"] for one in held if (row := access.office(tx, one["office"])) is not None]
    if place is None or not any(place["path"].startswith(path) for path in paths):
        raise OfficerUnknown(
            zh="承办人须为本案承办机构或者其上级机构的在任人员，请另行指定",
            en="the officer in charge must hold a role at the office that handles the case, or at one above it: "
            "name somebody else",
        )
    case_file.assign(tx, case_id, officer, by=caller.actor, moment=command.moment, reason=reason)
    took_part = frozenset((stored.row["took_part"] or "").split())
    before = ProjectedCase.of(stored.row, stored.legal, stored.standing, took_part=took_part)
    rows, gone = PEOPLE.changes(before, replace(before, officer=officer))
    writing.put_rows(tx, PEOPLE.table, key=PEOPLE.key, case_id=case_id, rows=rows, gone=gone)
