"""The tree of everything that can be refused; it knows no HTTP and formats nothing but its own two sentences."""

from typing import ClassVar


class AdjudicateError(Exception):
    """The request could not be carried out."""

    code: ClassVar[str] = "error"

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(zh, en)

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


class LawError(AdjudicateError):
    """The legal data or a legal computation cannot answer."""

    code: ClassVar[str] = "law-error"


class CalendarMissing(LawError):  # noqa: N818 - named by what happened
    """No calendar is loaded that could answer for this day."""

    code: ClassVar[str] = "calendar-missing"


class CalendarInvalid(LawError):  # noqa: N818 - named by what happened
    """A calendar file breaks the format; the message names file and line."""

    code: ClassVar[str] = "calendar-invalid"


class PeriodError(LawError):
    """A period has an unknown unit, an impossible date, or leaves the years 1 to 9999."""

    code: ClassVar[str] = "period-invalid"
