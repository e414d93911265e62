"""The calendars that the law tests share."""

import pytest

from adjudicate.law.calendars import Calendar, load_calendars
from tests.surroundings import ROOT


@pytest.fixture(scope="session")
def cn() -> Calendar:
    return load_calendars(ROOT / "workflows/calendars")["cn"]
