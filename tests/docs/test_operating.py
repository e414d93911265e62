"""The guide for operators lists every setting with its default, what it may hold and what it does."""

from __future__ import annotations

from adjudicate.settings import DEFAULT_DATABASE, Settings, allowed, variable_of
from tests.architecture.sources import ROOT

GUIDE = ROOT / "docs" / "operating.md"
# Where the default is worked out, or a text of its own says it better.
DEFAULTS = {"workflows": "the law that is shipped", "database_url": f"`{DEFAULT_DATABASE}`"}
HEAD = ["| variable | default | may hold | what it does |", "|---|---|---|---|"]


def default_of(field: str) -> str:
    value = Settings.model_fields[field].get_default(call_default_factory=False)
    if field in DEFAULTS:
        return DEFAULTS[field]
    return "unset" if value in {None, ""} else f"`{int(value) if isinstance(value, bool) else value}`"


def may_hold(field: str) -> str:
    rule = allowed(Settings.model_fields[field])
    if rule is None:
        return "a folder" if "Path" in str(Settings.model_fields[field].annotation) else "text"
    return rule.en.removeprefix("must be ").replace("must begin", "begins")


def rows() -> list[str]:
    return [
        f"| `{variable_of(name)}` | {default_of(name)} | {may_hold(name)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]


def test_the_guide_lists_every_setting_as_the_program_reads_it() -> None:
    table = "\n".join([*HEAD, *rows()])
    assert table in GUIDE.read_text(), f"put this table into {GUIDE.name}:\n{table}"
