"""The first format of kept laws, files by path with a digest over their texts: read as it was then, for ever.

Frozen. What today's folder of the law must satisfy is not asked here: a text that was kept was judged when it was
kept. What a later release calls otherwise is to be translated here, between the YAML and the models.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml

from adjudicate.definition import kept_overlays_1
from adjudicate.definition.kept_form import Unreadable, rebuilt
from adjudicate.definition.kept_guards_1 import meant
from adjudicate.definition.models import Condition, Overlay, Workflow
from adjudicate.definition.pinned import admitted, regions_of
from adjudicate.definition.registers import DocumentEntry, InstrumentEntry, Registers, Role
from adjudicate.definition.rulebook import CompiledWorkflow, KeptLaw, Rulebook
from adjudicate.errors import KeptLawUnreadable

FORMAT = 1
# Keys that a definition could have while they did nothing.
_IDLE = ("siblings", "handoffs")
_VERSION = re.compile(r"([a-z][a-z0-9-]*)/(\d{4}-\d{2}-\d{2})\.yaml")
_OVERLAY = re.compile(r"[a-z][a-z0-9-]*/local/(\d{6})/\d{4}-\d{2}-\d{2}\.yaml")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def digest(texts: Mapping[str, str]) -> str:
    """The digest of the texts by path."""
    return hashlib.sha256(json.dumps(texts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def read(texts: Mapping[str, str], key: str, day: date, region: str) -> Rulebook:
    """The version of that day that the texts hold, for a region. Raises KeptLawUnreadable."""
    try:
        return _read(texts, key, day, region)
    except (Unreadable, AttributeError, KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        raise KeptLawUnreadable(
            zh=f"所存法律文本无法读取：{error}", en=f"a kept law cannot be read: {error}"
        ) from error


def _read(texts: Mapping[str, str], key: str, day: date, region: str) -> Rulebook:
    data = {path: yaml.load(text, Loader=_LOADER) for path, text in texts.items()}  # noqa: S506 - a safe loader, in C
    workflow = _workflow(data[f"{key}/{day}.yaml"])
    regions = regions_of(region)
    local = {path: match[1] for path in sorted(data) if (match := _OVERLAY.fullmatch(path))}
    if elsewhere := sorted(set(local.values()) - set(regions)):
        raise Unreadable(f"the local rules of {', '.join(elsewhere)} are not those of {region}")
    for code in regions:
        for path in [path for path, of in local.items() if of == code]:
            workflow = kept_overlays_1.applied(workflow, rebuilt(Overlay, data[path]))
    inner = {}
    for path, one in data.items():
        version = _VERSION.fullmatch(path)
        if version is not None and one.get("kind") == "incident":
            inner[version[1]] = _workflow(one)
    return Rulebook(
        key=key,
        day=day,
        region=region,
        kept=KeptLaw(FORMAT, texts, digest(texts)),
        main=CompiledWorkflow(workflow, incident=None),
        incidents=admitted(workflow.incidents, inner),
        registers=_registers(data),
    )


def _workflow(data: Mapping[str, Any]) -> Workflow:
    said = {key: value for key, value in data.items() if key not in _IDLE}
    if isinstance(said.get("conditions"), dict):
        said["conditions"] = {name: _condition(one) for name, one in said["conditions"].items()}
    if isinstance(said.get("always"), list):
        said["always"] = [
            {**line, "until": meant(line["until"])} if "until" in line else line for line in said["always"]
        ]
    return rebuilt(Workflow, said)


def _condition(data: Mapping[str, Any]) -> Mapping[str, Any]:
    guard = {key: value for key, value in data.items() if key not in Condition.model_fields}
    return {**{key: value for key, value in data.items() if key not in guard}, **meant(guard)}


def _registers(data: Mapping[str, Any]) -> Registers:
    return Registers(
        {code: rebuilt(InstrumentEntry, one).instrument(code) for code, one in data["instruments.yaml"].items()},
        {name: rebuilt(Role, one) for name, one in data["roles.yaml"].items()},
        {name: rebuilt(DocumentEntry, one) for name, one in data["documents/index.yaml"].items()},
    )
