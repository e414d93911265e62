"""The shape of a deadline, and of how steps start and extend it, as frozen pydantic models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, model_validator

from adjudicate.definition.shared_models import Basis, Dated, Lawful, Model
from adjudicate.definition.values import Day, Name, Names, Span, SpanOrUnlimited, YesOrNo
from adjudicate.errors import Misworded
from adjudicate.law.periods import Length, never_shorter


class DeadlineKind(StrEnum):
    """Whose the time is: the office must, a party may until, nobody may before."""

    DUTY = "duty"
    RIGHT = "right"
    WAIT = "wait"


class ExtensionRule(Model):
    """Who may extend a deadline once, and by how much at most (`unlimited` where the law names no number).

    One that `repeats`, which only the last can be, may be granted again and again.
    """

    by: Name
    at_most: SpanOrUnlimited
    repeats: YesOrNo = False
    basis: Basis | None = None


Extensions = tuple[ExtensionRule, ...]


def _by_day(value: object) -> str:
    return "by_day" if isinstance(value, dict) and value and all(isinstance(day, date) for day in value) else "always"


# Told apart by hand, so that what is neither is refused as the list that it was meant to be.
DatedExtensions = Annotated[
    Annotated[Extensions, Tag("always")] | Annotated[dict[Day, Extensions], Tag("by_day")], Discriminator(_by_day)
]


class Component(Model):
    """One of several lengths whose earliest or latest end is the due day."""

    length: Dated
    counted_from: Name
    basis: Basis | None = None


class Deadline(Lawful):
    """A deadline: what is counted, from which day, what leaves it uncounted and what follows when it is over."""

    kind: DeadlineKind
    length: Dated | None = None
    choose: dict[Name, dict[str, Dated]] | None = None
    fixed_by: Name | None = None
    at_least: Span | None = None
    at_most: Span | None = None
    earliest: Annotated[tuple[Component, ...], Field(min_length=1)] | None = None
    latest: Annotated[tuple[Component, ...], Field(min_length=1)] | None = None
    counted_from: Name | None = None
    counted_back: YesOrNo = False
    rolls: YesOrNo = True
    per: Name | None = None
    extend: DatedExtensions = ()
    excludes: Names = ()
    when_over: Name | None = None
    warn_before: Span | None = None

    @model_validator(mode="after")
    def _one_measure(self) -> Deadline:
        given = [n for n in ("length", "choose", "fixed_by", "earliest", "latest") if getattr(self, n) is not None]
        if len(given) != 1:
            raise Misworded(
                "期限须恰有下列一项：length、choose、fixed_by、earliest、latest",
                "a deadline has exactly one of: length, choose, fixed_by, earliest, latest",
            )
        if (self.at_least or self.at_most) and not self.fixed_by:
            raise Misworded(
                "“at_least”和“at_most”只用于由行为确定长度（fixed_by）的期限",
                "'at_least' and 'at_most' belong to a length 'fixed_by' an act",
            )
        if self.at_least and self.at_most and not _can_be_both(self.at_least, self.at_most):
            raise Misworded(
                f"“at_least” {self.at_least} 大于“at_most” {self.at_most}",
                f"'at_least', {self.at_least}, is above 'at_most', {self.at_most}",
            )
        one_fact(self.choose)
        several = (self.extend,) if isinstance(self.extend, tuple) else self.extend.values()
        if any(one.repeats for extensions in several for one in extensions[:-1]):
            raise Misworded(
                "只有最后一次延长可以写“repeats”：写了它，其后的延长永远用不上",
                "only the last extension may say 'repeats': none after it would ever be used",
            )
        return self

    def extensions_on(self, day: date) -> Extensions:
        """The extensions of a deadline that is counted from that day; for one before them all the first."""
        if isinstance(self.extend, tuple):
            return self.extend
        return self.extend[max((first for first in self.extend if first <= day), default=min(self.extend))]

    def extension_on(self, day: date, used: int) -> ExtensionRule | None:
        """The extension that comes after so many, of a deadline that is counted from that day; None where none does."""
        allowing = self.extensions_on(day)
        if used < len(allowing):
            return allowing[used]
        return allowing[-1] if allowing and allowing[-1].repeats else None

    @property
    def stricter_if_longer(self) -> bool:
        """Whether more time binds more: what must be done so long before a day, or not until so long after one."""
        return self.counted_back is not (self.kind is DeadlineKind.WAIT)

    @property
    def most_extensions(self) -> int:
        """How often it may be extended at most, whenever it is counted from."""
        return len(self.extend) if isinstance(self.extend, tuple) else max(map(len, self.extend.values()), default=0)

    def extensions(self) -> Iterator[tuple[tuple[str | int, ...], ExtensionRule]]:
        """Every extension of whatever time, with its place under `extend`."""
        if isinstance(self.extend, tuple):
            yield from (((j,), one) for j, one in enumerate(self.extend))
        else:
            yield from (
                ((day.isoformat(), j), one) for day, rules in self.extend.items() for j, one in enumerate(rules)
            )


def _can_be_both(least: Length, most: Length) -> bool:
    """Whether some length is not below the one and not above the other."""
    return most.count >= least.count if most.unit is least.unit else not never_shorter(least, most)


class Start(Model):
    """A deadline that a step starts only under a condition."""

    deadline: Name
    if_: Name = Field(alias="if")


class Extend(Model):
    """The deadline a step extends and the fact that holds by how much."""

    deadline: Name
    with_: Name = Field(alias="with")


def one_fact(choose: Mapping[str, Any] | None) -> None:
    """Raises Misworded where a choice is not over one fact."""
    if choose is not None and len(choose) != 1:
        raise Misworded("“choose”须恰写一个事实", "'choose' names exactly one fact")
