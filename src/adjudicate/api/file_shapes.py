"""Responses on the file of a case as strict models: documents, grants, officers in charge and erasures."""

from __future__ import annotations

from typing import Literal

from adjudicate.api.inputs import Day, Instant
from adjudicate.api.shapes import LabelShape, Shape


class DocumentDueRowShape(Shape):
    """A document that the office must issue because of a step, and whether it was issued.

    It is fulfilled by registering a document that names its `id`. A request whose event is void is not listed.
    """

    id: str
    document: str
    label: LabelShape | None
    sequence: int
    party: str | None
    thread: str | None
    due_since: Instant
    digest: str | None
    fulfilled_at: Instant | None


class DocumentShape(Shape):
    """A document registered in the case by the SHA-256 of its bytes; `fact` is how a fact refers to it."""

    digest: str
    fact: str
    size: int
    media_type: str
    name: str | None
    registered_at: Instant
    registered_by: str


class DocumentMissingShape(Shape):
    """A document that a fact names and that is not registered in the case, or was erased."""

    fact: str
    label: LabelShape
    digest: str
    party: str | None
    thread: str | None


class DocumentList(Shape):
    """The documents of a case: those to be issued, those registered, those that facts name without being registered."""

    documents_due: list[DocumentDueRowShape]
    documents: list[DocumentShape]
    documents_missing: list[DocumentMissingShape]


class GrantShape(Shape):
    """Access to a case given to another office or to one actor."""

    id: str
    office: str | None
    actor: str | None
    kind: Literal["joint", "approval", "outside"]
    from_on: Day
    until_on: Day | None
    granted_by: str
    granted_at: Instant
    ended_by: str | None
    ended_at: Instant | None


class GrantList(Shape):
    """The grants on a case, past ones included."""

    data: list[GrantShape]


class ErasureShape(Shape):
    """What was erased of a case, by whom and when."""

    events: list[int]
    documents: list[str]
    erased_by: str
    erased_at: Instant


class OfficerShape(Shape):
    """Somebody to whom a case was assigned."""

    officer: str
    assigned_by: str
    assigned_at: Instant


class OfficerList(Shape):
    """Who is in charge of a case, and everybody to whom it was assigned, in order."""

    officer: str | None
    data: list[OfficerShape]
