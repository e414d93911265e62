"""What a case is pinned to: a resolved definition with what it uses, as canonical JSON; and the law read from it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import rfc8785
from pydantic import BaseModel

from adjudicate.definition.kept_form import Unreadable, plain, rebuilt, value_of
from adjudicate.definition.models import IncidentUse, Overlay, Workflow
from adjudicate.definition.registers import DocumentEntry, Registers, Role
from adjudicate.definition.rulebook import AdmittedIncident, CompiledWorkflow, KeptLaw, Rulebook
from adjudicate.definition.shared_models import Basis, Label
from adjudicate.errors import KeptLawUnreadable
from adjudicate.law.citations import Instrument, parse_citations
from adjudicate.law.text import Text

FORMAT = 2
_ORDER = "order_of_deadlines"


def pinned(
    workflow: Workflow, incidents: Mapping[str, Workflow], local: Sequence[Overlay], registers: Registers
) -> KeptLaw:
    """What is kept of a version: the definition with its local rules applied, its incidents, and of the registers what
    these name. Neither comments nor the files it was written in change anything, nor does the order of what has none.
    """
    workflows = [workflow, *incidents.values()]
    roles = _roles(workflows, registers)
    documents = {name: registers.documents[name] for name in _documents(workflows) if name in registers.documents}
    cited = {*_codes(workflows), *_codes([*local, *roles.values(), *documents.values()])}
    body = {
        "format": FORMAT,
        "workflow": workflow.workflow,
        "day": workflow.in_force.from_.isoformat(),
        "definition": _definition(workflow),
        "incidents": {key: _definition(one) for key, one in incidents.items()},
        "local_rules": [plain(one) for one in local],
        "roles": {name: plain(role) for name, role in roles.items()},
        "documents": {name: plain(one) for name, one in documents.items()},
        "instruments": {code: _instrument(one) for code, one in registers.instruments.items() if code in cited},
    }
    return KeptLaw(FORMAT, body, digest(body))


def digest(body: Mapping[str, Any]) -> str:
    """The digest of what is kept: over its canonical JSON (RFC 8785)."""
    return hashlib.sha256(rfc8785.dumps(body)).hexdigest()


def read(body: Mapping[str, Any], region: str) -> Rulebook:
    """The law that was kept, for a region. Raises KeptLawUnreadable."""
    try:
        workflow = _workflow(body["definition"])
        if elsewhere := [one["region"] for one in body["local_rules"] if one["region"] not in regions_of(region)]:
            raise Unreadable(f"the local rules of {', '.join(elsewhere)} are not those of {region}")
        inner = {key: _workflow(one) for key, one in body["incidents"].items()}
        registers = Registers(
            {code: _instrument_of(code, one) for code, one in body["instruments"].items()},
            {name: rebuilt(Role, one) for name, one in body["roles"].items()},
            {name: rebuilt(DocumentEntry, one) for name, one in body["documents"].items()},
        )
        return Rulebook(
            key=body["workflow"],
            day=date.fromisoformat(body["day"]),
            region=region,
            kept=KeptLaw(FORMAT, body, digest(body)),
            main=CompiledWorkflow(workflow, incident=None),
            incidents=admitted(workflow.incidents, inner),
            registers=registers,
        )
    except (Unreadable, AttributeError, KeyError, TypeError, ValueError) as error:
        raise KeptLawUnreadable(
            zh=f"所存法律文本无法读取：{error}", en=f"a kept law cannot be read: {error}"
        ) from error


def regions_of(region: str) -> tuple[str, ...]:
    """The codes whose local rules apply in a region: its province's, its city's and its own."""
    return tuple(dict.fromkeys([f"{region[:2]}0000", f"{region[:4]}00", region]))


def admitted(uses: Iterable[IncidentUse], incidents: Mapping[str, Workflow]) -> dict[str, AdmittedIncident]:
    """The incidents as a procedure admits them, in its order."""
    return {
        use.opens: AdmittedIncident(use, CompiledWorkflow(incidents[use.opens], incident=use.opens)) for use in uses
    }


def _definition(workflow: Workflow) -> dict[str, Any]:
    # Canonical JSON sorts keys; deadlines of one day lapse in the order of the definition, so that it is written out.
    found: dict[str, Any] = plain(workflow)
    if workflow.deadlines:
        found[_ORDER] = list(workflow.deadlines)
    if workflow.always:
        found["always"] = sorted(found["always"], key=rfc8785.dumps)
    return found


def _workflow(data: Mapping[str, Any]) -> Workflow:
    found = rebuilt(Workflow, {key: value for key, value in data.items() if key != _ORDER})
    deadlines = {name: found.deadlines[name] for name in data.get(_ORDER, ())}
    return found.model_copy(update={"deadlines": deadlines})


def _roles(workflows: Sequence[Workflow], registers: Registers) -> dict[str, Role]:
    """The roles that are named, whoever records for one of these, and whoever may accept or correct anything."""
    named = set(_named_roles(workflows))
    return {
        name: role.model_copy(update={"records_for": tuple(whose for whose in role.records_for if whose in named)})
        for name, role in registers.roles.items()
        if name in named or named & set(role.records_for) or role.may_override or role.may_rectify
    }


def _named_roles(workflows: Sequence[Workflow]) -> Iterator[str]:
    for workflow in workflows:
        for step in workflow.steps:
            yield from (*step.by, *step.may_override)
        for deadline in workflow.deadlines.values():
            yield from (extension.by for _, extension in deadline.extensions())


def _documents(workflows: Sequence[Workflow]) -> list[str]:
    return sorted({name for workflow in workflows for step in workflow.steps for name in step.issues})


def _codes(values: Iterable[Any]) -> Iterator[str]:
    """The instruments cited in models, however deep."""
    for value in values:
        if isinstance(value, Mapping):
            yield from _codes(value.values())
        elif isinstance(value, list | tuple):
            yield from _codes(value)
        elif isinstance(value, BaseModel):
            yield from _codes(getattr(value, name) for name in type(value).model_fields)
            yield from _cited(getattr(value, "basis", None))


def _cited(basis: Basis | None) -> Iterator[str]:
    texts = [] if basis is None else [basis] if isinstance(basis, str) else basis.values()
    for text in texts:
        yield from (citation.code for citation in parse_citations(text))


def _instrument(one: Instrument) -> dict[str, Any]:
    found = {
        "title": {"zh": one.title.zh, "en": one.title.en},
        "number": one.number,
        "from": one.from_on.isoformat(),
        "until": None if one.until_on is None else one.until_on.isoformat(),
        "working": None if one.working is None else sorted(one.working),
    }
    return {key: value for key, value in found.items() if value is not None}


def _instrument_of(code: str, data: Mapping[str, Any]) -> Instrument:
    title = rebuilt(Label, data["title"])
    working = data.get("working")
    return Instrument(
        code=code,
        title=Text(title.zh, title.en),
        number=data["number"],
        from_on=value_of(date, data["from"]),
        until_on=value_of(date | None, data.get("until")),
        working=None if working is None else frozenset(working),
    )
