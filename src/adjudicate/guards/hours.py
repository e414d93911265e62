"""The word of conditions that compares a time of day, which has no day and so is never before or after another's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from adjudicate.guards.arguments import need, one_name, with_keys
from adjudicate.guards.kinds import FactType, Place
from adjudicate.guards.why import Why
from adjudicate.guards.word import Comparison, Compile, Labels, View

_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def _is_time(value: Any) -> bool:
    # Without quotation marks YAML reads 9:30 as a number of minutes.
    return isinstance(value, str) and _TIME.fullmatch(value) is not None


class TimeBetween(Comparison):
    """The time of day lies between the first and the last, both included; one that is not known does not fail."""

    word = "time_between"
    zh = "时刻在首尾两个时刻之间（含首尾）；尚不知道的时刻不算违反"
    example = '{fact: hearing_time, first: "08:00", last: "20:00"}'
    places = (Place("fact", (FactType.TIME,)),)
    unknown = True

    def prepare(self, compile_inner: Compile) -> None:
        del compile_inner
        said = with_keys(self.argument, self.word, required={"fact", "first", "last"})
        self.fact, self.first, self.last = said["fact"], said["first"], said["last"]
        one_name(self.fact, f"{self.word}: fact")
        need(
            _is_time(self.first) and _is_time(self.last) and self.first < self.last,
            f'“{self.word}”的“first”和“last”须为加引号的时刻，如 "09:30"，且前者较早',
            f"'first' and 'last' of '{self.word}' are times in quotation marks, such as \"09:30\", the first earlier",
        )

    def test(self, view: View) -> bool:
        told = view.fact(self.fact)
        return told is None or bool(self.first <= told <= self.last)

    def why(self, view: View) -> Why | None:
        told = view.fact(self.fact)
        if told is None:
            return None
        label = view.names.fact(self.fact)
        return Why(
            f"“{label.zh}”为{told}，通常在{self.first}至{self.last}之间",
            f"'{label.en}' is {told}, and usually lies between {self.first} and {self.last}",
            {"facts": [self.fact]},
        )

    def own_names(self) -> Iterator[tuple[str, str]]:
        yield ("fact", self.fact)

    def in_chinese(self, labels: Labels) -> str:
        return f"“{labels.fact(self.fact)}”在{self.first}至{self.last}之间"
