"""The order in which the first page of a review tells a procedure: chapters of events; no case is judged by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from adjudicate.definition import law_files, modelling, yaml_source
from adjudicate.definition.shared_models import Label, Model
from adjudicate.definition.values import SomeNames
from adjudicate.definition.yaml_source import Source
from adjudicate.errors import DefinitionError, Fault


class Chapter(Model):
    """A part of the course by its title, with its main events in the order of the law."""

    title: Label
    events: SomeNames


class CourseFile(Model):
    """The file of one procedure's course."""

    chapters: Annotated[tuple[Chapter, ...], Field(min_length=1)]


@dataclass(frozen=True)
class Course:
    """The chapters of one procedure; `source` has their lines."""

    source: Source
    chapters: tuple[Chapter, ...]


def read_courses(texts: Mapping[str, str]) -> tuple[dict[str, Course], list[Fault]]:
    """The courses in the texts of a folder by the procedure's key, and the faults of those unreadable."""
    courses: dict[str, Course] = {}
    faults: list[Fault] = []
    for path, key in law_files.layout(texts).courses.items():
        try:
            source = yaml_source.read(texts[path], path)
            courses[key] = Course(source, modelling.model(source, CourseFile).chapters)
        except DefinitionError as error:
            faults.extend(error.faults)
    return courses, faults


def sound_courses(texts: Mapping[str, str]) -> dict[str, Course]:
    """The same. Raises DefinitionError with every fault of those unreadable."""
    courses, faults = read_courses(texts)
    if faults:
        raise DefinitionError(faults)
    return courses
