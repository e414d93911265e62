"""A shipped calendar with the notices of the database that the settings name, for a command that opens no case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adjudicate import db
from adjudicate.cases.calendar_store import with_notices
from adjudicate.cases.queries import law as law_queries
from adjudicate.law.year_tables import parse_year
from adjudicate.settings import Settings

if TYPE_CHECKING:
    from adjudicate.law.calendars import Calendar


def calendar_with_loaded(shipped: Calendar, region: str) -> Calendar | None:
    """The calendar of a region now; None where there is no database yet, or an empty one.

    Raises SettingInvalid, NotMigrated, and Unavailable, which says which database and why: a day without a notice that
    may be there would be a wrong one.
    """
    url = Settings.from_environment().database_url
    if not db.standing_of(url):
        return None
    engine = db.connect(url, create=False)
    try:
        db.require_migrated(engine)
        with db.reading(engine) as tx:
            tables = [parse_year(row["source"], source=f"notice {row['place']}") for row in law_queries.notices(tx)]
    finally:
        engine.dispose()
    return with_notices(shipped, region, tables)
