"""The time zone of Chinese law and the legal day of an instant; it reads no clock."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

ZONE_NAME = "Asia/Shanghai"
# There has been no summer time since 1991, so a fixed offset is exact for every period and act this can meet.
LEGAL_ZONE = timezone(timedelta(hours=8), ZONE_NAME)


def legal_day(instant: datetime) -> date:
    """The date of an aware instant in Chinese legal time. Raises OverflowError beyond the years 1 to 9999."""
    return instant.astimezone(LEGAL_ZONE).date()
