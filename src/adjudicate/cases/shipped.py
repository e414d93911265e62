"""What a release brings along, told in the administrative ledger when one starts that brings something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adjudicate import clock, db
from adjudicate.access.administration import ADMINISTRATION, PROGRAM, locked_head, record
from adjudicate.ledger import Change, newest_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from adjudicate.cases.registry import Registry

# What such an entry tells of, beside the rows of kept tables.
CALENDARS_SHIPPED = "calendars_shipped"
LAW_LOADED = "law_loaded"
_KIND = "release_started"


def record_shipped(registry: Registry) -> bool:
    """Tell the ledger which calendars and definitions this process has loaded; False if it says so already."""
    calendars = [{"place": place, "digest": calendar.digest} for place, calendar in sorted(registry.shipped.items())]
    law = [
        {"definition": key, "from": day.isoformat(), "digest": registry.catalogue.rulebook(key, day, "").digest}
        for key in registry.catalogue.keys()  # noqa: SIM118 - a catalogue is no mapping
        for day in registry.catalogue.versions(key)
    ]
    told = {CALENDARS_SHIPPED: calendars, LAW_LOADED: law}

    def work(tx: Connection) -> bool:
        if _last_told(tx) == told:
            return False
        locked_head(tx)
        if _last_told(tx) == told:
            return False
        written: set[str] = set()
        for calendar in registry.shipped.values():
            registry.keep_calendar(tx, calendar, registry.moment(tx), written=written)
        record(tx, Change(kind=_KIND, actor=PROGRAM, at=clock.now(), rows=told))
        return True

    return db.run(registry.engine, work)


def _last_told(tx: Connection) -> object:
    return newest_of(tx, ADMINISTRATION, _KIND)
