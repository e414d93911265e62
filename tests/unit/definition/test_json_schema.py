"""The published schemas are what the models say, accept every shipped file and refuse what an editor underlines."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from adjudicate.definition import json_schema

ROOT = Path(__file__).parents[3]
LAW = ROOT / "workflows"
PUBLISHED = ROOT / "docs" / "schemas"


@cache
def validator(name: str) -> Draft202012Validator:
    text = (PUBLISHED / f"{name}.schema.json").read_text(encoding="utf-8")
    Draft202012Validator.check_schema(json.loads(text))
    return Draft202012Validator(json.loads(text))


def as_json(value: Any) -> Any:
    """YAML as an editor's validator sees it: days are strings, and so are keys."""
    if isinstance(value, dict):
        return {str(key): as_json(one) for key, one in value.items()}
    if isinstance(value, list):
        return [as_json(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def of(path: Path) -> str:
    registers = {"instruments.yaml": "instruments", "roles.yaml": "roles", "documents/index.yaml": "documents"}
    registers |= {"offices.yaml": "offices", "open-points.yaml": "open-points"}
    name = path.relative_to(LAW).as_posix()
    if name.startswith("articles/"):
        return "articles"
    own = path.stem if path.stem in ("instruments", "roles", "documents", "course") and "/" in name else None
    return registers.get(name) or own or ("overlay" if "/local/" in name else "workflow")


SHIPPED = [
    path for path in sorted(LAW.rglob("*.yaml")) if not {"scenarios", "calendars", "templates"} & set(path.parts)
]


def problems(name: str, text: str) -> list[str]:
    return [error.message for error in validator(name).iter_errors(as_json(yaml.safe_load(text)))]


def test_the_published_schemas_are_fresh() -> None:
    assert json_schema.stale(PUBLISHED) == [], "run: python -m adjudicate.definition.json_schema docs/schemas"


def test_there_are_files_of_every_kind_to_try() -> None:
    assert {of(path) for path in SHIPPED} == {
        "workflow",
        "overlay",
        "instruments",
        "roles",
        "documents",
        "articles",
        "offices",
        "open-points",
        "course",
    }


@pytest.mark.parametrize("path", SHIPPED, ids=[path.relative_to(LAW).as_posix() for path in SHIPPED])
def test_every_shipped_file_is_accepted(path: Path) -> None:
    assert problems(of(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    stops: [opening_time]", "    stop: [opening_time]"),
        ("length: 5 working_days", "length: five days"),
        ("    over: demand_wait", "    ovre: demand_wait"),
        ("    kind: duty", "    kind: duties"),
        ("    label: {zh: 立案, en: Case opened}\n", "    label: 立案\n"),
        ("    length: 5 working_days", "    length: 5 working_days\n    fixed_by: supplement_time"),
        ("  - before: decided_upon", "  - after: decided_upon"),
        (
            "received_on: {label: {zh: 收到日, en: Day received}, day: true}",
            "received_on: {label: {zh: 收到日, en: Day}}",
        ),
    ],
)
def test_what_an_editor_should_underline_is_refused(old: str, new: str) -> None:
    base = (Path(__file__).parents[1] / "checks" / "broken" / "base" / "dispute" / "2020-01-01.yaml").read_text(
        encoding="utf-8"
    )
    assert problems("workflow", base) == []
    assert old in base
    assert problems("workflow", base.replace(old, new, 1)) != []
