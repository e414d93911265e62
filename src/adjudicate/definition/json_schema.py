"""JSON Schemas of the files of the law, for editors; the loader refuses more than they do, and never reads them."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from adjudicate.definition.articles import ArticleFile
from adjudicate.definition.courses import CourseFile
from adjudicate.definition.models import Overlay, Workflow
from adjudicate.definition.nouns import LISTED, NAMED
from adjudicate.definition.offices import OfficesFile
from adjudicate.definition.open_points import OpenPointsFile
from adjudicate.definition.parts import BASED_ON, DROPS, PLACED_AFTER
from adjudicate.definition.registers import Documents, Instruments, Roles
from adjudicate.guards.compiling import WORDS
from adjudicate.guards.kinds import FactType
from adjudicate.guards.word import Word
from adjudicate.law.periods import Unit

_FILES: Mapping[str, tuple[type[BaseModel], str]] = {
    "workflow": (Workflow, "A version of a procedure or of an incident"),
    "overlay": (Overlay, "Local rules upon a procedure"),
    "instruments": (Instruments, "The register of legal texts"),
    "roles": (Roles, "The register of those who may act"),
    "documents": (Documents, "The register of official documents"),
    "offices": (OfficesFile, "The kinds of offices, and who may do what is no step of a case"),
    "open-points": (OpenPointsFile, "The register of open points of law"),
    "course": (CourseFile, "What the review of a procedure tells first"),
    "articles": (ArticleFile, "All articles of an instrument, and why some are not cited"),
}
_MEASURES = ("length", "choose", "fixed_by", "earliest", "latest")
# What an entry of a version based on another may bear, and the head of such a version.
_ENTRIES = ("PartyRole", "Fact", "Condition", "State", "Docket", "Deadline", "IncidentUse", "Step", "Always")
_HEAD = ("workflow", "title", "basis", "in_force")
_PROMISES = (("before", "one_of"), ("after", "follows"), ("never", "until"), ("never_both",))


def schemas() -> dict[str, str]:
    """The text of each schema by its file name."""
    return {f"{name}.schema.json": _text(model, title) for name, (model, title) in _FILES.items()}


def _text(model: type[BaseModel], title: str) -> str:
    schema = _without_nulls(model.model_json_schema(by_alias=True))
    definitions = schema.get("$defs", {})
    if "Length" in definitions:
        definitions["Length"] = _length()
    for name, forms in (
        ("Fact", [(kind.value,) for kind in FactType]),
        ("Deadline", [(name,) for name in _MEASURES]),
        ("Always", list(_PROMISES)),
        ("Condition", [(word,) for word in WORDS]),
    ):
        if name in definitions:
            definitions[name]["oneOf"] = [{"required": list(form)} for form in forms]
    if "Condition" in definitions:
        definitions["Condition"]["properties"].update({word: _word(kind) for word, kind in WORDS.items()})
        definitions["Condition"]["additionalProperties"] = False
    if model is Workflow:
        _put_together(schema, definitions)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}
    return json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _put_together(schema: dict[str, Any], definitions: dict[str, Any]) -> None:
    """A file may hold a chapter or build on another version: only who says `workflow` owes the rest of a head."""
    names = {"anyOf": [{"type": "string"}, {"items": {"type": ["string", "object"]}, "type": "array"}]}
    sections = dict.fromkeys((*NAMED, *LISTED), names)
    schema["properties"] |= {
        BASED_ON: {"type": "string", "pattern": "^[a-z][a-z0-9-]*/[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
        DROPS: {"type": "object", "properties": sections, "additionalProperties": False},
    }
    schema.pop("required")
    schema["dependentRequired"] = {"workflow": list(_HEAD[1:]), BASED_ON: list(_HEAD)}
    for name in _ENTRIES:
        definitions[name]["properties"][PLACED_AFTER] = {"type": "string"}


def _word(kind: type[Word]) -> dict[str, str]:
    return {
        "description": f"{kind.zh}。 {kind.en()}.",
    }


def _length() -> dict[str, str]:
    units = "|".join(unit.value.removesuffix("s") + "s?" for unit in Unit)
    return {"type": "string", "pattern": f"^[0-9]+[ \\t]+({units})$", "description": "A count and its unit."}


def _without_nulls(node: Any) -> Any:
    """The schema as an author should write: nothing is null, and one name may stand for a list of one."""
    if isinstance(node, list):
        return [_without_nulls(one) for one in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _without_nulls(value) for key, value in node.items() if not (key == "default" and not value)}
    if "anyOf" in plain:
        kept = [one for one in plain["anyOf"] if one != {"type": "null"}]
        plain = {**{key: value for key, value in plain.items() if key != "anyOf"}, **_either(kept)}
    if plain.get("type") == "array" and _takes_words(plain.get("items", {})):
        plain = {"anyOf": [plain["items"], plain]}
    return plain


def _either(options: list[Any]) -> dict[str, Any]:
    return options[0] if len(options) == 1 else {"anyOf": options}


def _takes_words(items: Mapping[str, Any]) -> bool:
    return items.get("type") == "string" or any(one.get("type") == "string" for one in items.get("anyOf", ()))


def stale(folder: Path) -> list[Path]:
    """The published schemas in a folder that are missing or no longer what the models say."""
    wanted = {folder / name: text for name, text in schemas().items()}
    return [path for path, text in wanted.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]


def write(folder: Path) -> list[Path]:
    """Write the schemas that are stale and return them."""
    folder.mkdir(parents=True, exist_ok=True)
    written = stale(folder)
    for path in written:
        path.write_text(schemas()[path.name], encoding="utf-8")
    return written


if __name__ == "__main__":
    for one in write(Path(sys.argv[1])):
        sys.stdout.write(f"written: {one}\n")
