"""Which calendars a case may be dated by: those of its events, and those that follow from what the ledger records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adjudicate.cases.calendar_store import with_notices
from adjudicate.cases.shipped import CALENDARS_SHIPPED
from adjudicate.law.calendars import NATIONAL, NATIONWIDE, calendar_for
from adjudicate.law.year_tables import parse_year
from adjudicate.verification.queries import whole_record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from sqlalchemy import Connection

    from adjudicate.cases.registry import Registry
    from adjudicate.law.calendars import Calendar
    from adjudicate.law.year_tables import YearTable
    from adjudicate.ledger import Entry


@dataclass
class PossibleCalendars:
    """The digests of the calendars that held in a region at some time, as far as shipped files and notices decide."""

    shipped: list[dict[str, Calendar]]
    notices: list[YearTable]
    _by_region: dict[str, dict[str, tuple[int, int]]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, tx: Connection, registry: Registry, entries: Sequence[Entry], notices: Sequence[Mapping[Any, Any]]
    ) -> PossibleCalendars:
        """What this release ships and what the ledger says that earlier ones did, with the notices that it keeps.

        A release that told the ledger nothing yet left events in which its national calendar stands.
        """
        kept = {key["digest"] for entry in entries for key in entry.row["rows"].get("holiday_notices", ())}
        tables = [
            parse_year(row["source"], source=f"notice {row['place']}") for row in notices if row["digest"] in kept
        ]
        shipped = [registry.shipped]
        for entry in entries:
            told = entry.row["rows"].get(CALENDARS_SHIPPED)
            if told:
                shipped.append({str(one["place"]): registry.kept_calendar(tx, one["digest"]) for one in told})
        found = cls(shipped, tables)
        for digest in whole_record.calendars_used(tx, NATIONAL):
            if (digest, NATIONWIDE) not in found:
                found.shipped.append({NATIONAL: registry.kept_calendar(tx, digest)})
                found._by_region.clear()
        return found

    def __contains__(self, calendar: tuple[str, str]) -> bool:
        """Whether a digest is possible in a region, as (digest, region)."""
        digest, region = calendar
        return digest in self._notices_in(region)

    def may_follow(self, earlier: str, later: str, region: str) -> bool:
        """Whether a case dated by one calendar may have come to the other: notices are loaded, and never taken back."""
        counts = self._notices_in(region)
        least, _ = counts.get(earlier, (0, 0))
        return later in counts and counts[later][1] >= least

    def _notices_in(self, region: str) -> dict[str, tuple[int, int]]:
        """The digests possible in a region, each with the least and the greatest number of notices that give it."""
        if region not in self._by_region:
            found: dict[str, tuple[int, int]] = {}
            for one in self.shipped:
                shipped = calendar_for(one, region)
                for count in range(len(self.notices) + 1):
                    digest = with_notices(shipped, region, self.notices[:count]).digest
                    least, most = found.get(digest, (count, count))
                    found[digest] = (min(least, count), max(most, count))
            self._by_region[region] = found
        return self._by_region[region]
