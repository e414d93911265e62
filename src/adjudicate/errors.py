"""The tree of everything that can be refused; it knows no HTTP and formats nothing but its own two sentences.

AdjudicateError                      the root; others stand beside the code that raises them (db, cases, api …)
├── LawError                         the legal data, or a computation with it, has no answer
│   ├── CalendarMissing              no calendar for the day
│   ├── CalendarInvalid              a calendar file breaks the format
│   ├── PeriodError                  a period that cannot be counted
│   └── NoLawInForce                 no version, or no dated value, for the day
├── DefinitionError                  workflow files that do not load, with every Fault
└── StepRefused                      an act that cannot be recorded, with every Reason
    ├── UnknownEvent, UnknownThread, UnknownParty, InvalidFacts, DayNotPossible      the request is wrong
    ├── RoleNotEntitled              somebody else's act
    ├── EventNotAllowed              not in this state
    ├── GuardsUnmet, Irregular       a condition fails: void, or irregular and not accepted
    └── CorrectionNotPossible, HistoryContradicted      a rectification that the record does not bear
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar


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


class CalendarMissing(LawError):
    """No calendar is loaded that could answer for this day."""

    code: ClassVar[str] = "calendar-missing"


class CalendarInvalid(LawError):
    """A calendar file breaks the format; the message names file and line."""

    code: ClassVar[str] = "calendar-invalid"


class PeriodError(LawError):
    """A period has an unknown unit, an impossible date, or leaves the years 1 to 9999."""

    code: ClassVar[str] = "period-invalid"


class Misworded(ValueError):
    """A value of a definition that means nothing where it stands; whoever reads the file adds its name and line."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


class Leaves(StrEnum):
    """How much of its file a fault leaves to be judged: all of it, the bare table of its steps, or nothing."""

    ALL = "all"
    TABLE = "table"
    NOTHING = "nothing"

    @classmethod
    def of(cls, faults: Iterable[Fault]) -> Leaves:
        """What several faults together leave."""
        left = {fault.leaves for fault in faults}
        return cls.NOTHING if cls.NOTHING in left else cls.TABLE if cls.TABLE in left else cls.ALL


@dataclass(frozen=True, slots=True)
class Fault:
    """One defect of a definition: the file, the line (from 1) and a sentence that names it in both languages.

    `inherited_by` is the file and line of the definition that inherits the faulty entry, where it is wrong there.
    """

    file: str
    line: int
    en: str
    zh: str
    leaves: Leaves = Leaves.NOTHING
    inherited_by: str = ""

    def said(self, language: str) -> str:
        """The fault as a compiler prints it, in `zh` or `en`."""
        sentence = (self.zh or self.en) if language == "zh" else self.en
        heir = f"（由 {self.inherited_by} 继承）" if language == "zh" else f" (inherited by {self.inherited_by})"
        return f"{self.file}:{self.line}: {sentence}{heir if self.inherited_by else ''}"

    def __str__(self) -> str:
        return self.said("en")


class DefinitionError(AdjudicateError):
    """The workflow files do not load; every fault found is listed."""

    code: ClassVar[str] = "definition-invalid"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        listed_zh, listed_en = ("\n".join(fault.said(language) for fault in faults) for language in ("zh", "en"))
        super().__init__(
            zh=f"程序定义有 {len(faults)} 处错误：\n{listed_zh}",
            en=f"{len(faults)} fault{'' if len(faults) == 1 else 's'} in the definitions:\n{listed_en}",
        )


class KeptLawUnreadable(LawError):
    """A law or calendar kept with a case is missing, of an unknown format, or not what its format says."""

    code: ClassVar[str] = "kept-law-unreadable"


class NoLawInForce(LawError):
    """No version of the procedure, or no dated value, is in force on the day."""

    code: ClassVar[str] = "no-law-in-force"


class StepRefused(AdjudicateError):
    """The act cannot be recorded; `reasons` says all of why, `allowed` which events are open instead."""

    code: ClassVar[str] = "step-refused"

    def __init__(self, *, zh: str, en: str, reasons: Sequence[Any] = (), allowed: Sequence[str] = ()) -> None:
        self.reasons = tuple(reasons)
        self.allowed = tuple(allowed)
        super().__init__(zh=zh, en=en)


class EventNotAllowed(StepRefused):
    """The case does not stand where this event may happen."""

    code: ClassVar[str] = "event-not-allowed"


class GuardsUnmet(StepRefused):
    """A condition without which the act is void or impossible does not hold."""

    code: ClassVar[str] = "guards-unmet"


class Irregular(StepRefused):
    """The act would be irregular and nobody entitled has accepted it with a reason."""

    code: ClassVar[str] = "irregular-not-accepted"


class RoleNotEntitled(StepRefused):
    """The caller's roles may not record this act."""

    code: ClassVar[str] = "role-not-entitled"


class HistoryContradicted(StepRefused):
    """The change would leave a later act without what it requires; the act is named."""

    code: ClassVar[str] = "history-contradicted"


class InvalidFacts(StepRefused):
    """A fact is unknown to the step, missing, or of the wrong type."""

    code: ClassVar[str] = "facts-invalid"


class UnknownEvent(StepRefused):
    """The procedure knows no such event."""

    code: ClassVar[str] = "unknown-event"


class UnknownThread(StepRefused):
    """The case has no such thread, or the event does not say which one it belongs to."""

    code: ClassVar[str] = "unknown-thread"


class UnknownParty(StepRefused):
    """The case has no such party, or the act does not say whose it is."""

    code: ClassVar[str] = "unknown-party"


class DayNotPossible(StepRefused):
    """An act cannot lie after today, nor before its case began."""

    code: ClassVar[str] = "day-not-possible"


class CorrectionNotPossible(StepRefused):
    """The row to be corrected does not exist, is no act, or was corrected before."""

    code: ClassVar[str] = "correction-not-possible"
