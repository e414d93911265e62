"""What the models of several parts of a workflow file share: labels, citations, time in force and dated lengths."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from adjudicate.definition.values import Day, Span, Words, as_list
from adjudicate.errors import Misworded


class Model(BaseModel):
    """Strict, frozen base: an unknown key is an error, a value never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Basis = Words | dict[Day, Words]
Dated = Span | dict[Day, Span]
Codes = Annotated[tuple[Words, ...], BeforeValidator(as_list)]


class Label(Model):
    """What people read, in both languages."""

    zh: Words
    en: Words


class Weight(StrEnum):
    """What a court does about an irregularity: a grave one revokes, a minor one is confirmed without revoking."""

    GRAVE = "grave"
    MINOR = "minor"


class InForce(Model):
    """Half-open time in force: the first day, and the first day that is no longer in it."""

    from_: Day = Field(alias="from")
    until: Day | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> InForce:
        if self.until is not None and self.until <= self.from_:
            raise Misworded(
                f"“until” {self.until} 须晚于“from” {self.from_}",
                f"'until', {self.until}, must lie after 'from', {self.from_}",
            )
        return self


class Lawful(Model):
    """What every rule bears: a label, its citation and, where the law is unsettled, the ruling it waits for."""

    label: Label
    basis: Basis | None = None
    ruling_needed: Codes = ()
    note: Label | None = None
