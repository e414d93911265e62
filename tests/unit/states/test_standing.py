"""What one standing shares with the next: nothing that a later act could change under the earlier one."""

from __future__ import annotations

from typing import Any

import pytest

from adjudicate.law.values import value
from adjudicate.states.entries import Correction, Entry, Joining
from adjudicate.states.standing import Standing
from tests.unit.states.little import Play


class Witnessed(Play):
    """A case that keeps every standing it ever had, with what it said at the time."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[tuple[str, Standing, str]] = []

    def does(self, event: str, day: str, **more: Any) -> Entry:
        row = super().does(event, day, **more)
        self.witness(event)
        return row

    def witness(self, after: str) -> None:
        """Keep the standing as it is after an act."""
        assert self.standing is not None
        self.held.append((after, self.standing, repr(self.standing)))

    def changed(self) -> list[str]:
        """The acts after which the case stood otherwise than it now says it stood."""
        return [after for after, standing, said in self.held if repr(standing) != said]


def test_no_act_lapse_or_correction_changes_a_standing_that_was_there_before() -> None:
    play = Witnessed()
    joins = (Joining("p1", "claimant"), Joining("p2", "opponent"), Joining("p3", "opponent"))
    play.does("request_received", "2024-03-04", by="claimant", joins=joins)
    play.does("case_opened", "2024-03-05", facts={"panel": ["甲", "乙", "丙"], "home": {"p2": "here"}})
    play.delivered("p2", "2024-03-06")
    pause = play.does("pause_begun", "2024-03-07").thread
    play.does("decision_extended", "2024-03-08", by="chief", facts={"longer_by": "1 month"})
    play.does("pause_ended", "2024-03-11", thread=pause)
    play.does("opponent_added", "2024-03-12", joins=(Joining("p4", "opponent"),))
    play.does("opponent_left", "2024-03-13", party="p3")
    late = play.does("answered", "2024-04-02", party="p2")
    play.does("begun_anew", "2024-04-03")
    play.rectify([Correction(late.sequence, "记录有误")])
    play.witness("voided")
    play.does("dropped_out", "2024-04-05", by="claimant")
    assert len(play.held) == 13
    assert play.changed() == []


def test_a_value_is_told_by_what_it_holds() -> None:
    @value
    class Point:
        at: int
        of: str = "x"

    assert Point(1) == Point(1, "x")
    assert len({Point(1), Point(1), Point(2)}) == 2
    with pytest.raises(AttributeError):
        Point(1).beside = 2  # type: ignore[attr-defined]
