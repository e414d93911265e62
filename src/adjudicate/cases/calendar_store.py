"""A calendar as JSON and back, and a shipped calendar with the loaded notices laid upon it; it reads no database."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from adjudicate.law.calendars import NATIONAL, Calendar
from adjudicate.law.text import Text
from adjudicate.law.year_tables import FixedDay, NamedDay, Notice, Statutory, YearTable

if TYPE_CHECKING:
    from collections.abc import Iterable


def calendar_to_json(calendar: Calendar) -> dict[str, Any]:
    """Everything a calendar consists of; equal digests give equal JSON."""
    statutory = calendar.statutory
    return {
        "code": calendar.code,
        "tables": [_plain(asdict(table)) for table in calendar.tables],
        "statutory": None if statutory is None else _plain(statutory.content()),
    }


def calendar_from_json(body: dict[str, Any]) -> Calendar:
    """The calendar that `calendar_to_json` wrote."""
    statutory = body["statutory"]
    return Calendar(
        code=body["code"],
        tables=[_table(table) for table in body["tables"]],
        statutory=None if statutory is None else _statutory(statutory),
    )


def with_notices(shipped: Calendar, region: str, tables: Iterable[YearTable]) -> Calendar:
    """The calendar of a region with the notices that were loaded after installation, in the order of loading."""
    places = (region, f"{region[:4]}00", f"{region[:2]}0000", NATIONAL)
    calendar = shipped
    for table in tables:
        if table.code in {NATIONAL, calendar.code}:
            calendar = calendar.with_year(table)
        elif table.code in places and places.index(table.code) < places.index(calendar.code):
            calendar = calendar.overlaid(Calendar(code=table.code, tables=[table]))
    return calendar


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _table(body: dict[str, Any]) -> YearTable:
    notices = [Notice(n["number"], n["title"], date.fromisoformat(n["issued_on"]), n["url"]) for n in body["notices"]]
    days = [NamedDay(date.fromisoformat(d["on"]), d["working"], Text(**d["name"]), d["notice"]) for d in body["days"]]
    return YearTable(code=body["code"], year=body["year"], notices=tuple(notices), days=tuple(days))


def _statutory(body: dict[str, Any]) -> Statutory:
    versions = tuple(
        (date.fromisoformat(first), tuple(FixedDay(d["month"], d["day"], Text(**d["name"])) for d in days))
        for first, days in body["versions"]
    )
    # An earlier release kept no such thing.
    year_end = tuple((date.fromisoformat(first), (month, day)) for first, (month, day) in body.get("year_end", ()))
    return Statutory(title=Text(**body["title"]), versions=versions, year_end=year_end)
