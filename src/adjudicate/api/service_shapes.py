"""Responses about the service itself as strict models: the law it has loaded, problem codes, health and sandbox."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from adjudicate.api.inputs import Day, Instant
from adjudicate.api.shapes import LabelShape, Shape


class TodayShape(Shape):
    """The date that the sandbox uses as today."""

    today: Day
    sandbox: Literal[True]


class VersionRow(Shape):
    """A version: its first day in force and, if it has an end, the first day on which it is no longer in force."""

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
    """One version as loaded: `definition` is its file, `overlays` are the files of the region."""

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


class WorkerShape(Shape):
    """The worker that was seen last, by its heartbeat in the database."""

    state: Literal["alive", "failing", "stale", "none"] = Field(
        description="`failing`: its rounds end with an error; `stale`: not seen for a minute or longer; `none`: never."
    )
    last_seen: Instant | None


class ReadyShape(Shape):
    """The service can work: the database can be read and written."""

    status: Literal["ready"]
    database: Literal["ok"]
    documents: Literal["ok", "not-writable"] = Field(
        description="`not-writable`: the folder of the documents is gone, full or read-only; all else can be served."
    )
    worker: WorkerShape
    workflows: int
    holiday_notices_missing: list[int] = Field(
        description="This year and, from December, the next, where no holiday notice is loaded."
    )


class AliveShape(Shape):
    """The process responds."""

    status: Literal["alive"]


class ProblemPage(Shape):
    """The title and the status of a problem code."""

    code: str
    status: int
    title: LabelShape
