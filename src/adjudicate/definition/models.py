"""The shape of a workflow file as frozen pydantic models; it knows no other file and no meaning of a word."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from adjudicate.definition.deadline_models import Deadline, Extend, ExtensionRule, Start, one_fact
from adjudicate.definition.shared_models import Basis, Codes, InForce, Label, Lawful, Model, Weight
from adjudicate.definition.values import (
    DocketFormat,
    Level,
    Mark,
    Name,
    Names,
    PartyCount,
    Region,
    SomeNames,
    Span,
    ThreadLimit,
    YesOrNo,
    as_list,
)
from adjudicate.errors import Misworded
from adjudicate.guards.kinds import FactType

# Whose act an automatic event is: time itself, or an incident or another case that it follows from.
CLOCK = "clock"
LINK = "link"
NOTHING = "nothing"
ANY = "any"
PARTY = "party"
OPEN_ENDED = "unlimited"


class Fact(Model):
    """A typed fact that steps record; exactly one type key is given."""

    label: Label
    day: Mark = None
    time: Mark = None
    choice: Annotated[dict[Name, Label], Field(min_length=1)] | None = None
    several: Annotated[dict[Name, Label], Field(min_length=1)] | None = None
    text: Mark = None
    number: Mark = None
    amount: Mark = None
    flag: Mark = None
    list: Literal["actor", "party", "text", "document"] | None = None
    length: Mark = None
    document: Mark = None
    actor: Mark = None
    checklist: Annotated[dict[Name, Label], Field(min_length=1)] | None = None
    per: Name | None = None
    particulars: YesOrNo = False
    may_be_future: YesOrNo = False

    @model_validator(mode="after")
    def _one_type(self) -> Fact:
        if len(self._given()) != 1:
            kinds = [kind.value for kind in FactType]
            raise Misworded(
                f"一个事实须恰有下列一种类型：{'、'.join(kinds)}",
                f"a fact has exactly one type out of: {', '.join(kinds)}",
            )
        if self.may_be_future and self.day is None:
            raise Misworded("只有日期可以写“may_be_future”", "'may_be_future' is said of a day only")
        return self

    def _given(self) -> tuple[FactType, ...]:
        return tuple(kind for kind in FactType if getattr(self, kind.value) is not None)

    @cached_property
    def type(self) -> FactType:
        """The one type this fact was given."""
        return self._given()[0]


Guard = dict[str, Any]


class Condition(Model):
    """A lawyer's word: one guard word with its argument, a label and a citation.

    `weight` is that of the irregularity where a step expects it; a definition kept by an earlier release has none.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    label: Label
    basis: Basis | None = None
    weight: Weight | None = None
    ruling_needed: Codes = ()
    note: Label | None = None

    @property
    def guard(self) -> Guard:
        """The guard word and its argument, as written."""
        return dict(self.model_extra or {})


class State(Model):
    """A place where the procedure may stand; `holds` says that a thread here holds the main procedure."""

    label: Label
    final: YesOrNo = False
    holds: YesOrNo = False


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
            raise Misworded(
                "“to”须为一个阶段、{choose: {事实: {值: 阶段}}} 或者 {if:, then:, otherwise:}",
                "'to' is a state, {choose: {fact: {value: state}}} or {if:, then:, otherwise:}",
            )
        one_fact(self.choose)
        return self


Starts = Annotated[tuple[Name | Start, ...], BeforeValidator(as_list)]


class Step(Lawful):
    """One rule of movement, reading as a sentence: when this happens here, by them, only if, then."""

    event: Name
    from_: SomeNames = Field(alias="from")
    to: Name | Branch | None = None
    by: SomeNames
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
    must_join: Names = ()
    leaves: YesOrNo = False
    reopens: YesOrNo = False
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
    """How a procedure admits an incident: while in which states, beside which others, with which effects.

    `weight` is that of the irregularity where an event that it `holds` happens all the same.
    """

    opens: str
    while_: SomeNames = Field(alias="while")
    per: Name | None = None
    at_once: ThreadLimit = 1
    not_with: Annotated[tuple[str, ...], BeforeValidator(as_list)] = ()
    holds: Names = ()
    weight: Weight | None = None
    outcomes: tuple[Outcome, ...] = ()
    requires: Names = ()
    basis: Basis | None = None
    ruling_needed: Codes = ()
    note: Label | None = None


class Docket(Model):
    """A series of docket numbers: gapless per office, kind and year."""

    label: Label
    format: DocketFormat


class HearingIndex(Model):
    """Which facts make a hearing appear in the list of hearings; `people` are those who must be there."""

    day: Name
    time: Name | None = None
    room: Name | None = None
    mode: Name | None = None
    attended: Name | None = None
    people: Name | None = None
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
            raise Misworded("须写作 {event: 名称} 或者 {state: 名称}", "must be {event: name} or {state: name}")
        return self


Occasion = Name | Happening
Occasions = Annotated[tuple[Occasion, ...], BeforeValidator(as_list)]


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
            raise Misworded(
                "一条 always 规则须为 {before, one_of}、{after, follows}、{never, until} 或者 {never_both}",
                "an 'always' line is {before, one_of}, {after, follows}, {never, until} or {never_both}",
            )
        if self.never_both and self.never_both[0] == self.never_both[1]:
            raise Misworded("“never_both”须为两个不同的名称", "'never_both' takes two different names")
        return self


class PartyRole(Model):
    """A part in the dispute that somebody plays for some time."""

    label: Label
    at_least: PartyCount = 0
    # Of representatives: for each party whom they represent.
    at_most: PartyCount | None = None
    represents: YesOrNo = False

    @model_validator(mode="after")
    def _lowest_is_not_above_highest(self) -> Self:
        if self.at_most is not None and self.at_least > self.at_most:
            raise Misworded(
                f"“at_least” {self.at_least} 大于“at_most” {self.at_most}",
                f"'at_least', {self.at_least}, is above 'at_most', {self.at_most}",
            )
        return self


class Workflow(Model):
    """One version of a procedure or an incident, as its file says it."""

    workflow: str
    kind: Literal["procedure", "incident"] = "procedure"
    title: Label
    basis: Basis
    in_force: InForce
    governs: Names = ()
    levels: Annotated[tuple[Level, ...], BeforeValidator(as_list)] = ()
    note: Label | None = None
    ruling_needed: Codes = ()
    parties: dict[Name, PartyRole] = Field(default_factory=dict)
    reads: dict[Name, Fact] = Field(default_factory=dict)
    facts: dict[Name, Fact] = Field(default_factory=dict)
    conditions: dict[Name, Condition] = Field(default_factory=dict)
    states: dict[Name, State]
    dockets: dict[Name, Docket] = Field(default_factory=dict)
    deadlines: dict[Name, Deadline] = Field(default_factory=dict)
    incidents: tuple[IncidentUse, ...] = ()
    steps: tuple[Step, ...]
    indexes: Indexes = Indexes()
    always: tuple[Always, ...] = ()


class OverlayDeadline(Model):
    """A stricter local length for a deadline of the base; looser is refused."""

    length: Span
    extend: tuple[ExtensionRule, ...] | None = None
    basis: Basis
    ruling_needed: Codes = ()


class Overlay(Model):
    """A province's or city's stricter limits upon a procedure, for their own time in force."""

    overlay: str
    region: Region
    title: Label
    basis: Basis
    in_force: InForce
    note: Label | None = None
    ruling_needed: Codes = ()
    deadlines: dict[Name, OverlayDeadline] = Field(default_factory=dict)
    raises: Names = ()
