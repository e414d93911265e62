"""What is answered about the service itself: the law it has loaded, its problems, its health and its sandbox."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from adjudicate.api.inputs import Day
from adjudicate.api.shapes import LabelShape, Shape


class TodayShape(Shape):
    """The day the sandbox plays."""

    today: Day
    sandbox: Literal[True]


class VersionRow(Shape):
    """A version by its first day in force, and the first day on which it no longer is, if one is set."""

    day: Day
    until: Day | None
    title: LabelShape


class WorkflowShape(Shape):
    """A procedure or an incident."""

    key: str
    kind: Literal["procedure", "incident"]
    title: LabelShape
    versions: list[VersionRow]


class WorkflowList(Shape):
    """Every procedure and incident that is loaded."""

    data: list[WorkflowShape]


class VersionShape(Shape):
    """One version as loaded; `definition` is its file, `overlays` those of the region."""

    key: str
    day: Day
    region: str
    digest: str
    title: LabelShape
    basis: str | None
    definition: dict[str, Any]
    overlays: list[dict[str, Any]]
    incidents: list[str]
    ruling_needed: list[str]


class ReadyShape(Shape):
    """Whether the service can work, and what it found."""

    status: Literal["ready"]
    database: Literal["ok"]
    workflows: int
    holiday_notices_missing: list[int] = Field(
        description="Years for which due days stay provisional: this one, and from December the next."
    )


class AliveShape(Shape):
    """That the process answers."""

    status: Literal["alive"]


class ProblemPage(Shape):
    """What a kind of problem is called and answered with."""

    code: str
    status: int
    title: LabelShape
