"""REVIEW.md for every procedure and incident: written, or compared with what lies there; what it says is `review`'s."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from adjudicate.definition.articles import ArticleList, own_uses, sound_lists
from adjudicate.definition.catalogue import Catalogue, from_texts, read_texts
from adjudicate.definition.models import Workflow
from adjudicate.review.coverage import summaries
from adjudicate.review.names import Names
from adjudicate.review.page import page

NAME = "REVIEW.md"


def reviews(folder: Path) -> dict[Path, str]:
    """The text of each REVIEW.md by its path. Raises DefinitionError for a folder with faults."""
    texts = read_texts(folder)
    catalogue = from_texts(texts)
    lists = sound_lists(texts)
    keys = [*catalogue.keys(), *catalogue.keys("incident")]
    return {folder / key / NAME: _page(catalogue, key, lists) for key in keys}


def _page(catalogue: Catalogue, key: str, lists: Mapping[str, ArticleList]) -> str:
    versions = []
    for day in reversed(catalogue.versions(key)):
        workflow = catalogue.versions_by_key[key][day].workflow
        incidents = {
            use.opens: catalogue.versions_by_key[use.opens][catalogue.selected(use.opens, day)].workflow
            for use in workflow.incidents
        }
        versions.append(Names(workflow, incidents, catalogue.registers, tuple(_admitting(catalogue, key, day))))
    own = own_uses(catalogue.versions_by_key[key].items())
    return page(versions, [rule.overlay for rule in catalogue.local_rules(key)], list(summaries(lists, own)))


def _admitting(catalogue: Catalogue, key: str, day: date) -> Iterator[Workflow]:
    """The versions of procedures under which threads of this version of an incident run."""
    for other in list(catalogue.keys()):
        for begins, version in catalogue.versions_by_key[other].items():
            opened = [use.opens for use in version.workflow.incidents]
            if key in opened and catalogue.selected(key, begins) == day:
                yield version.workflow


def stale_reviews(folder: Path) -> list[Path]:
    """The pages that are missing or no longer say what the definitions say, and those whose definition is gone."""
    wanted = reviews(folder)
    changed = [path for path, text in wanted.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    return sorted([*changed, *(path for path in folder.glob(f"*/{NAME}") if path not in wanted)])


def write_reviews(folder: Path) -> list[Path]:
    """Write the stale pages, remove those whose definition is gone, and return both."""
    wanted, stale = reviews(folder), stale_reviews(folder)
    for path in stale:
        if path in wanted:
            path.write_text(wanted[path], encoding="utf-8")
        else:
            path.unlink()
    return stale


def render(folder: Path, *, write: bool) -> list[Path]:
    """The stale pages of a folder, written anew if asked to."""
    return write_reviews(folder) if write else stale_reviews(folder)
