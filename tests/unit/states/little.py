"""A little law for tests of the pure core: one invented procedure with one of everything, in force in two versions."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from adjudicate.definition.catalogue import Catalogue, from_texts, read_texts
from adjudicate.law.calendars import Calendar, load_calendars
from adjudicate.states.entries import Correction, Draft, Entry, EntryKind, Joining
from adjudicate.states.fold import LegalContext
from adjudicate.states.result import Result
from adjudicate.states.standing import Running
from tests.surroundings import ROOT
from tests.workflows.runner import Case

LABEL = "label: {zh: 测, en: Test}, basis: TEST 1"
HERE = Path(__file__).parent / "little_law"


def texts() -> dict[str, str]:
    """The files of the little law by path."""
    registers = read_texts(ROOT / "tests/fixtures/workflows")
    kept = {path: text for path, text in registers.items() if "/" not in path or path.startswith("documents/")}
    game, pause, delivery, overlay = (
        (HERE / f"{name}.yaml").read_text(encoding="utf-8").replace("LABEL", LABEL)
        for name in ("game", "game-pause", "game-delivery", "game-overlay")
    )
    return {
        **kept,
        "game/2000-01-01.yaml": game.replace("FROM", "2000-01-01").replace("OPENING", "7 working_days"),
        "game/2025-02-01.yaml": game.replace("FROM", "2025-02-01").replace("OPENING", "5 working_days"),
        "game-pause/2000-01-01.yaml": pause,
        "game-delivery/2000-01-01.yaml": delivery,
        "game/local/330000/2020-01-01.yaml": overlay,
    }


@cache
def law() -> Catalogue:
    """The little law, loaded once."""
    return from_texts(texts())


@cache
def calendar() -> Calendar:
    """The national calendar as shipped."""
    return load_calendars(ROOT / "workflows/calendars")["cn"]


EVERYBODY = frozenset({"clerk", "chief", "claimant", "opponent"})


class Play(Case):
    """A case of the little law: each helper moves `today` to the day of what it records."""

    def __init__(self, region: str = "440000", roles: frozenset[str] = EVERYBODY) -> None:
        super().__init__(LegalContext(law().laws("game", region), calendar()), roles)

    def on(self, day: str) -> Play:
        """Today moves to a day."""
        self.today = max(self.today, date.fromisoformat(day))
        return self

    def does(self, event: str, day: str, **more: Any) -> Entry:
        """Record an act of that day and give its row back."""
        return self._act_row(self.act(self.draft(event, day, **more)))

    def draft(self, event: str, day: str, **more: Any) -> Draft:
        """The act, with today moved to its day."""
        self.on(day)
        accepts = more.pop("accepts", None)
        if accepts:
            more |= {"accept_irregular": True, "reason": accepts}
        return Draft(event, date.fromisoformat(day), **more)

    def _act_row(self, outcome: Result) -> Entry:
        rows = [entry for entry in outcome.entries if entry.kind in (EntryKind.ACT, EntryKind.VOIDED)]
        self.folded()
        return rows[-1]

    def opened(self, received: str = "2024-03-04", opened: str = "2024-03-05", opponents: int = 1) -> Play:
        """Received and opened, with so many opponents p2, p3, …"""
        joins = (Joining("p1", "claimant"), *(Joining(f"p{n + 2}", "opponent") for n in range(opponents)))
        self.does("request_received", received, by="claimant", joins=joins)
        self.does("case_opened", opened, facts={"panel": ["甲", "乙", "丙"]})
        return self

    def delivered(self, party: str, day: str, home: str | None = None) -> str:
        """Serve a party by a delivery sent and arrived on that day; the thread's name."""
        thread = str(self.does("delivery_sent", day, party=party).thread)
        self.does("delivered", day, thread=thread)
        return thread

    def voids(self, target: Entry, *more: Correction) -> Entry:
        """Void a row, perhaps with other corrections."""
        return self._act_row(self.rectify([Correction(target.sequence, "记录有误"), *more]))

    def corrects(self, target: Entry, event: str, day: str, **more: Any) -> Entry:
        """Supersede a row."""
        return self._act_row(self.rectify([Correction(target.sequence, "更正", self.draft(event, day, **more))]))

    def running(self, key: str) -> Running:
        """A deadline as it stands."""
        assert self.standing is not None
        return self.standing.deadlines[key]

    def due(self, key: str) -> str | None:
        """Its due day."""
        found = self.running(key).due_on
        return found.isoformat() if found else None

    def status(self, key: str) -> str:
        """How it stands."""
        return self.running(key).status.value

    def rows(self, kind: EntryKind) -> list[str]:
        """The events of the rows of a kind, in order."""
        return [entry.event for entry in self.entries if entry.kind is kind]

    def marks(self) -> dict[int, list[str]]:
        """The irregularity marks in effect."""
        assert self.standing is not None
        return self.standing.marks
