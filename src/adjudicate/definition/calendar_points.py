"""What the calendars of a folder leave open: the end of a year before the next notice; it reads no notice."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from adjudicate.definition.open_points import Marked
from adjudicate.errors import CalendarInvalid, Fault
from adjudicate.law.calendars import NATIONAL, STATUTORY, calendar_text
from adjudicate.law.text import Text
from adjudicate.law.year_tables import parse_year_end

_FILE = f"calendars/{NATIONAL}/{STATUTORY}"
_WHAT = Text(
    "日历：本年放假通知已公布、次年通知未公布时，自哪一日起属于暂定",
    "calendar: from which day a year is provisional whose own notice is out and the next one's is not",
)


class Found(NamedTuple):
    """The open points of the calendars, and the faults of the file that states them."""

    points: tuple[Marked, ...] = ()
    faults: tuple[Fault, ...] = ()


def year_end(folder: Path) -> Found:
    """The points that the end of a year waits for; none where the folder has no calendars or assumes nothing."""
    path = folder / _FILE
    if not path.is_file():
        return Found()
    try:
        found = parse_year_end(calendar_text(path), source=_FILE)
    except CalendarInvalid as error:
        return Found(faults=(_fault(error, path),))
    if found is None:
        return Found()
    return Found(tuple(Marked(code, _FILE, found.line, _WHAT) for code in found.ruling_needed))


def _fault(error: CalendarInvalid, path: Path) -> Fault:
    """The fault with its line, which stands behind the name of the file in the error's sentences."""
    bare = [said.removeprefix(f"{path}:").removeprefix(f"{_FILE}:") for said in (error.en, error.zh)]
    (line, _, en), (_, _, zh) = (said.partition(": ") for said in bare)
    return Fault(_FILE, int(line), en, zh)
