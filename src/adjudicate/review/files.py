"""The reviews of a folder and the page of open points: written, compared with what lies there, or set for printing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from adjudicate.definition.articles import own_uses, sound_lists
from adjudicate.definition.calendar_points import year_end
from adjudicate.definition.catalogue import Catalogue, from_texts, read_texts
from adjudicate.definition.courses import sound_courses
from adjudicate.definition.models import Workflow
from adjudicate.definition.open_points import sound_points
from adjudicate.definition.pinned import pinned
from adjudicate.review import points
from adjudicate.review.blocks import Block
from adjudicate.review.coverage import summaries
from adjudicate.review.markdown import markdown
from adjudicate.review.names import Names, numbered
from adjudicate.review.page import Reading, Review, review
from adjudicate.review.printing import printed

NAME = "REVIEW.md"
POINTS = "OPEN-POINTS.md"


def reviews(folder: Path) -> dict[Path, str]:
    """The text of each REVIEW.md by its path, and of the page of open points where there are any.

    Raises DefinitionError for a folder with faults.
    """
    told, open_points = _told(folder)
    found = {folder / key / NAME: markdown(blocks) for key, blocks in told.items()}
    return {**found, folder / POINTS: markdown(open_points)} if open_points else found


def sheets(folder: Path) -> dict[str, str]:
    """The same pages as HTML files for printing, by the file's name. Raises DefinitionError as before."""
    told, open_points = _told(folder)
    found = {f"{key}.html": printed(blocks) for key, blocks in told.items()}
    return {**found, "open-points.html": printed(open_points)} if open_points else found


def _told(folder: Path) -> tuple[dict[str, list[Block]], list[Block]]:
    """The blocks of the review of each procedure and incident, and those of the page of open points."""
    texts = read_texts(folder)
    catalogue = from_texts(texts)
    lists, courses, known = sound_lists(texts), sound_courses(texts), sound_points(texts)
    keys = [*catalogue.keys(), *catalogue.keys("incident")]
    readings = {key: _readings(catalogue, key) for key in keys}
    local = {key: [rule.overlay for rule in catalogue.local_rules(key)] for key in keys}
    found = {}
    for key in keys:
        cited = list(summaries(lists, own_uses(catalogue.versions_by_key[key].items())))
        chapters = courses[key].chapters if key in courses else ()
        found[key] = list(review(Review(readings[key], local[key], known, chapters, cited)))
    versions = [reading.names for key in keys for reading in readings[key]]
    every_local = [overlay for key in keys for overlay in local[key]]
    return found, list(points.page(known, versions, every_local, year_end(folder).points)) if known else []


def write_sheets(folder: Path, target: Path) -> list[Path]:
    """Write the files for printing into a folder, which is made if there is none, and return their paths."""
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in sheets(folder).items():
        (target / name).write_text(text, encoding="utf-8")
        written.append(target / name)
    return written


def _readings(catalogue: Catalogue, key: str) -> list[Reading]:
    """The versions of a key, the newest first."""
    found = []
    numbers = numbered(catalogue.versions_by_key[key][day].workflow for day in reversed(catalogue.versions(key)))
    for day in reversed(catalogue.versions(key)):
        workflow = catalogue.versions_by_key[key][day].workflow
        incidents = {
            use.opens: catalogue.versions_by_key[use.opens][catalogue.selected(use.opens, day)].workflow
            for use in workflow.incidents
        }
        registers = catalogue.register_set.of(key, *incidents)
        digest = pinned(workflow, incidents, [], registers).digest
        admitting = tuple(_admitting(catalogue, key, day))
        beside = {use.opens: _incident(catalogue, use.opens, one) for one in admitting for use in one.incidents}
        names = Names(workflow, incidents, catalogue.registers, numbers, admitting=admitting, beside=beside)
        found.append(Reading(names, digest))
    return found


def _incident(catalogue: Catalogue, key: str, procedure: Workflow) -> Workflow:
    """The version of an incident that a version of a procedure admits first."""
    return catalogue.versions_by_key[key][catalogue.selected(key, procedure.in_force.from_)].workflow


def _admitting(catalogue: Catalogue, key: str, day: date) -> Iterator[Workflow]:
    """The versions of procedures under which threads of this version of an incident run."""
    for other in list(catalogue.keys()):
        for begins, version in catalogue.versions_by_key[other].items():
            opened = [use.opens for use in version.workflow.incidents]
            if key in opened and catalogue.selected(key, begins) == day:
                yield version.workflow


def stale_reviews(folder: Path) -> list[Path]:
    """The pages that are missing or no longer say what the definitions say, and those whose definition is gone."""
    return _stale(folder, reviews(folder))


def _stale(folder: Path, wanted: Mapping[Path, str]) -> list[Path]:
    changed = [path for path, text in wanted.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    lying = [*folder.glob(f"*/{NAME}"), *folder.glob(POINTS)]
    return sorted([*changed, *(path for path in lying if path not in wanted)])


def write_reviews(folder: Path) -> list[Path]:
    """Write the stale pages, remove those whose definition is gone, and return both."""
    wanted = reviews(folder)
    stale = _stale(folder, wanted)
    for path in stale:
        if path in wanted:
            path.write_text(wanted[path], encoding="utf-8")
        else:
            path.unlink()
    return stale


def render(folder: Path, *, write: bool) -> list[Path]:
    """The stale pages of a folder, written anew if asked to."""
    return write_reviews(folder) if write else stale_reviews(folder)
