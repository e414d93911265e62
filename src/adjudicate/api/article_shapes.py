"""Responses about the articles of the law as strict models: what rests on each, and which open cases it touches."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from adjudicate.api.inputs import Day
from adjudicate.api.list_shapes import CaseRowShape, Page
from adjudicate.api.shapes import LabelShape, Shape


class ElementShape(Shape):
    """One element of a definition that rests on an article, and the days for which the article is cited for it."""

    kind: str = Field(
        description="`steps`, `conditions`, `deadlines`, `incidents`, `always`, `roles`, `documents` and the like; "
        "`whole` for the definition itself."
    )
    name: str = Field(description="Its name in the definition; empty where it has none.")
    label: LabelShape
    paragraph: str | None = Field(description="As cited, such as `(2)`; null where the whole article is cited.")
    cited_from: Day | None
    cited_until: Day | None = Field(description="The first day on which it is no longer cited.")
    records: list[LabelShape] = Field(description="Of a step: the facts that it records.")


class DefinitionUseShape(Shape):
    """A version of a procedure or an incident, local rules, or a register, with what rests on the article in it."""

    kind: Literal["procedure", "incident", "local-rule", "register"]
    key: str | None = Field(description="The key of the procedure or incident; null for a register that all share.")
    title: LabelShape
    day: Day | None
    until: Day | None
    region: str | None
    elements: list[ElementShape]


class TouchedShape(Shape):
    """How many open cases under one version of a procedure a change of the article would touch."""

    workflow: str
    title: LabelShape
    law_day: Day
    count: int


class ArticleShape(Shape):
    """What rests on one article, and how many of the open cases you may see a change of it would touch."""

    instrument: str
    title: LabelShape
    article: str
    paragraph: str | None
    label: LabelShape
    reason: LabelShape | None = Field(description="Why nothing cites it, where that is said.")
    data: list[DefinitionUseShape]
    open_cases: int
    open_by_version: list[TouchedShape]


class ArticleRow(Shape):
    """An article of an instrument: how many elements rest on it, or why none does."""

    article: str
    label: LabelShape
    elements: int
    paragraphs: list[str] = Field(description="The paragraphs that are cited apart.")
    reason: LabelShape | None


class InstrumentShape(Shape):
    """An instrument by its articles. `listed`: all articles it has are known, not only those cited."""

    instrument: str
    title: LabelShape
    listed: bool
    cited: int = Field(description="How many of the articles are cited.")
    data: list[ArticleRow]
    whole: list[DefinitionUseShape] = Field(description="What is cited to the instrument without an article.")


class TouchedCaseShape(Shape):
    """An open case that a change of the article would touch, and why."""

    case: CaseRowShape
    step_ahead: bool = Field(description="Something that rests on the article can still be reached from its stage.")
    running: list[LabelShape] = Field(description="The deadlines resting on the article that run in it.")


class TouchedCases(Shape):
    """A page of open cases that a change of an article would touch."""

    data: list[TouchedCaseShape]
    page: Page
    unsettled: int
