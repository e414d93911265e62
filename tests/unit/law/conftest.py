"""The calendars that the law tests share."""

from pathlib import Path

import pytest

from adjudicate.law.calendars import Calendar, load_calendars

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def cn() -> Calendar:
    return load_calendars(ROOT / "workflows/calendars")["cn"]
