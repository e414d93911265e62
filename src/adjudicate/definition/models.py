"""The shape of a workflow file as frozen pydantic models; it knows no other file and no meaning of a word."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from adjudicate.errors import PeriodError
from adjudicate.law.periods import Length

# Whose act an automatic event is: time itself, or an incident or another case that it follows from.
CLOCK = "clock"
LINK = "link"
NOTHING = "nothing"
ANY = "any"
PARTY = "party"
OPEN_ENDED = "unlimited"
NAME = re.compile(r"^[a-z][a-z0-9_]*$")


class Model(BaseModel):
    """Strict, frozen base: an unknown key is an error, a value never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str | dict) else value


def _named(value: str) -> str:
    if not NAME.match(value):
        raise ValueError(f"'{value}' is not a name: use small letters, digits and underscores")
    return value


def _length(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return Length.parse(value)
    except PeriodError as error:
        raise ValueError(error.en) from error


Name = Annotated[str, AfterValidator(_named)]
Names = Annotated[tuple[Name, ...], BeforeValidator(_as_list)]
Span = Annotated[Length, BeforeValidator(_length)]
Basis = str | dict[date, str]


class Label(Model):
    """What people read, in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class InForce(Model):
    """Half-open time in force: the first day, and the first day that is no longer in it."""

    from_: date = Field(alias="from")
    until: date | None = None


class Lawful(Model):
    """What every rule bears: a label, its citation and, where the law is unsettled, the ruling it waits for."""

    label: Label
    basis: Basis | None = None
    ruling_needed: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    note: Label | None = None


class FactType(StrEnum):
    """The kinds of value a fact may hold; `length` is a count with its unit, `checklist` a finding for each item."""

    DAY = "day"
    CHOICE = "choice"
    TEXT = "text"
    NUMBER = "number"
    AMOUNT = "amount"
    FLAG = "flag"
    LIST = "list"
    LENGTH = "length"
    DOCUMENT = "document"
    ACTOR = "actor"
    CHECKLIST = "checklist"


class Fact(Model):
    """A typed fact that steps record; exactly one type key is given."""

    label: Label
    day: Literal[True] | None = None
    choice: dict[Name, Label] | None = None
    text: Literal[True] | None = None
    number: Literal[True] | None = None
    amount: Literal[True] | None = None
    flag: Literal[True] | None = None
    list: Literal["actor", "party", "text", "document"] | None = None
    length: Literal[True] | None = None
    document: Literal[True] | None = None
    actor: Literal[True] | None = None
    checklist: dict[Name, Label] | None = None
    per: Name | None = None
    particulars: bool = False
    may_be_future: bool = False

    @model_validator(mode="after")
    def _one_type(self) -> Fact:
        if len(self._given()) != 1:
            kinds = ", ".join(kind.value for kind in FactType)
            raise ValueError(f"a fact has exactly one type out of: {kinds}")
        return self

    def _given(self) -> tuple[FactType, ...]:
        return tuple(kind for kind in FactType if getattr(self, kind.value) is not None)

    @cached_property
    def type(self) -> FactType:
        """The one type this fact was given."""
        return self._given()[0]


Guard = dict[str, Any]


class Condition(Model):
    """A lawyer's word: one guard word with its argument, a label and a citation."""

    model_config = ConfigDict(extra="allow", frozen=True)

    label: Label
    basis: Basis | None = None
    ruling_needed: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    note: Label | None = None

    @property
    def guard(self) -> Guard:
        """The guard word and its argument, as written."""
        return dict(self.model_extra or {})


class State(Model):
    """A place where the procedure may stand; `holds` says that a thread here holds the main procedure."""

    label: Label
    final: bool = False
    holds: bool = False


class DeadlineKind(StrEnum):
    """Whose the time is: the office must, a party may until, nobody may before."""

    DUTY = "duty"
    RIGHT = "right"
    WAIT = "wait"


class ExtensionRule(Model):
    """Who may extend a deadline once, and by how much at most (`unlimited` where the law names no number)."""

    by: Name
    at_most: Span | Literal["unlimited"]
    basis: Basis | None = None


class Component(Model):
    """One of several lengths whose earliest or latest end is the due day."""

    length: Span | dict[date, Span]
    counted_from: Name
    basis: Basis | None = None


class Deadline(Lawful):
    """A deadline: what is counted, from which day, what leaves it uncounted and what follows when it is over."""

    kind: DeadlineKind
    length: Span | dict[date, Span] | None = None
    choose: dict[Name, dict[str, Span | dict[date, Span]]] | None = None
    fixed_by: Name | None = None
    at_least: Span | None = None
    at_most: Span | None = None
    earliest: tuple[Component, ...] | None = None
    latest: tuple[Component, ...] | None = None
    counted_from: Name | None = None
    counted_back: bool = False
    rolls: bool = True
    per: Name | None = None
    extend: tuple[ExtensionRule, ...] = ()
    excludes: Names = ()
    when_over: Name | None = None
    warn_before: Span | None = None

    @model_validator(mode="after")
    def _one_measure(self) -> Deadline:
        given = [n for n in ("length", "choose", "fixed_by", "earliest", "latest") if getattr(self, n) is not None]
        if len(given) != 1:
            raise ValueError("a deadline has exactly one of: length, choose, fixed_by, earliest, latest")
        if (self.at_least or self.at_most) and not self.fixed_by:
            raise ValueError("'at_least' and 'at_most' belong to a length 'fixed_by' an act")
        if self.choose is not None and len(self.choose) != 1:
            raise ValueError("'choose' names exactly one fact")
        return self


class Branch(Model):
    """Where a step leads when that depends on a typed fact or on one condition; exclusive by construction."""

    choose: dict[Name, dict[str, Name]] | None = None
    if_: Name | None = Field(default=None, alias="if")
    then: Name | None = None
    otherwise: Name | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Branch:
        by_fact = self.choose is not None and not (self.if_ or self.then or self.otherwise)
        by_condition = self.choose is None and bool(self.if_ and self.then and self.otherwise)
        if not (by_fact or by_condition):
            raise ValueError("'to' is a state, {choose: {fact: {value: state}}} or {if:, then:, otherwise:}")
        if self.choose is not None and len(self.choose) != 1:
            raise ValueError("'choose' names exactly one fact")
        return self


class Start(Model):
    """A deadline that a step starts only under a condition."""

    deadline: Name
    if_: Name = Field(alias="if")


class Extend(Model):
    """The deadline a step extends and the fact that holds by how much."""

    deadline: Name
    with_: Name = Field(alias="with")


Starts = Annotated[tuple[Name | Start, ...], BeforeValidator(_as_list)]


class Step(Lawful):
    """One rule of movement, reading as a sentence: when this happens here, by them, only if, then."""

    event: Name
    from_: Names = Field(alias="from")
    to: Name | Branch | None = None
    by: Names
    per: Name | None = None
    records: Names = ()
    may_record: Names = ()
    requires: Names = ()
    expects: Names = ()
    advises: Names = ()
    may_override: Names = ()
    starts: Starts = ()
    stops: Names = ()
    restarts: Names = ()
    extends: Extend | None = None
    begins: Names = ()
    ends: Names = ()
    joins: Names = ()
    leaves: bool = False
    numbers: Name | None = None
    voids_number: Name | None = None
    issues: Names = ()

    @cached_property
    def takes(self) -> frozenset[str]:
        """Every fact that the step records or may record."""
        return frozenset((*self.records, *self.may_record))

    @cached_property
    def keeps_time(self) -> bool:
        """Whether the step does anything to deadlines or to the time that does not count."""
        return bool(self.starts or self.stops or self.restarts or self.extends or self.begins or self.ends)

    @property
    def opens(self) -> bool:
        """Whether this step is the first event of a case or of a thread."""
        return self.from_ == (NOTHING,)


class Outcome(Model):
    """What an event inside a thread records in the main procedure, carrying facts along."""

    when: Name
    given: dict[Name, Any] = Field(default_factory=dict)
    records: Name
    carries: dict[Name, Name] = Field(default_factory=dict)


class IncidentUse(Model):
    """How a procedure admits an incident: while in which states, beside which others, with which effects."""

    opens: Name | str
    while_: Names = Field(alias="while")
    per: Name | None = None
    at_once: int | Literal["unlimited"] = 1
    not_with: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    holds: Names = ()
    outcomes: tuple[Outcome, ...] = ()
    requires: Names = ()
    basis: Basis | None = None
    ruling_needed: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    note: Label | None = None


class Docket(Model):
    """A series of docket numbers: gapless per office, kind and year."""

    label: Label
    format: str


class HearingIndex(Model):
    """Which facts make a hearing appear in the list of hearings."""

    day: Name
    time: Name | None = None
    room: Name | None = None
    mode: Name | None = None
    attended: Name | None = None
    held: Name | None = None


class Indexes(Model):
    """Which facts the work lists and the search read."""

    patent: Name | None = None
    hearing: HearingIndex | None = None


class Happening(Model):
    """An event that happens, or a state that is entered: said so where one name stands for both."""

    event: Name | None = None
    state: Name | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Happening:
        if (self.event is None) is (self.state is None):
            raise ValueError("write {event: name} or {state: name}")
        return self


Occasion = Name | Happening
Occasions = Annotated[tuple[Occasion, ...], BeforeValidator(_as_list)]


class Always(Model):
    """An invariant in one of a few fixed forms; `check` proves it or shows a shortest counter-example."""

    before: Occasion | None = None
    one_of: Occasions | None = None
    after: Occasion | None = None
    follows: Occasions | None = None
    never: Occasion | None = None
    until: Guard | None = None
    never_both: tuple[Occasion, Occasion] | None = None
    basis: Basis | None = None
    label: Label | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Always:
        forms = (
            (self.before, self.one_of),
            (self.after, self.follows),
            (self.never, self.until),
            (self.never_both, self.never_both),
        )
        complete = [form for form in forms if all(form)]
        started = [form for form in forms if any(form)]
        if len(complete) != 1 or len(started) != 1:
            raise ValueError("an 'always' line is {before, one_of}, {after, follows}, {never, until} or {never_both}")
        return self


class PartyRole(Model):
    """A part in the dispute that somebody plays for some time."""

    label: Label
    at_least: int = 0
    represents: bool = False


class Workflow(Model):
    """One version of a procedure or an incident, as its file says it."""

    workflow: str
    kind: Literal["procedure", "incident"] = "procedure"
    title: Label
    basis: Basis
    in_force: InForce
    governs: Names = ()
    levels: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    note: Label | None = None
    ruling_needed: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    parties: dict[Name, PartyRole] = Field(default_factory=dict)
    reads: dict[Name, Fact] = Field(default_factory=dict)
    facts: dict[Name, Fact] = Field(default_factory=dict)
    conditions: dict[Name, Condition] = Field(default_factory=dict)
    states: dict[Name, State]
    dockets: dict[Name, Docket] = Field(default_factory=dict)
    deadlines: dict[Name, Deadline] = Field(default_factory=dict)
    incidents: tuple[IncidentUse, ...] = ()
    steps: tuple[Step, ...]
    siblings: tuple[dict[str, Any], ...] = ()
    handoffs: tuple[dict[str, Any], ...] = ()
    indexes: Indexes = Indexes()
    always: tuple[Always, ...] = ()


class OverlayDeadline(Model):
    """A stricter local length for a deadline of the base; looser is refused."""

    length: Span
    extend: tuple[ExtensionRule, ...] | None = None
    basis: Basis
    ruling_needed: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()


class Overlay(Model):
    """A province's or city's stricter limits upon a procedure, for their own time in force."""

    overlay: str
    region: str = Field(pattern=r"^\d{6}$")
    title: Label
    basis: Basis
    in_force: InForce
    note: Label | None = None
    ruling_needed: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    deadlines: dict[Name, OverlayDeadline] = Field(default_factory=dict)
    raises: Names = ()
