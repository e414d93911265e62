"""The course told on a review's first page held against the definition: it names events that there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from adjudicate.definition.courses import read_courses
from adjudicate.definition.survey import Survey
from adjudicate.errors import Fault
from adjudicate.law.periods import quoted
from adjudicate.law.suggestion import unknown


def faults(found: Survey, texts: Mapping[str, str]) -> Iterator[Fault]:
    """Every fault of the files of courses. An event that only some versions have is told in those."""
    courses, unreadable = read_courses(texts)
    yield from unreadable
    for key, course in courses.items():
        by_day = found.versions.get(key)
        if by_day is None:
            if found.complete:
                said = unknown(f"没有名为“{key}”的程序", f"there is no procedure '{key}'", key, found.versions)
                yield course.source.fault((), said.en, said.zh)
            continue
        events = {step.event: None for version in by_day.values() for step in version.workflow.steps}
        for i, chapter in enumerate(course.chapters):
            for j, name in enumerate(chapter.events):
                if name not in events and found.complete:
                    shown = quoted(name)
                    zh, en = f"没有任何版本有事项“{shown}”", f"no version has an event '{shown}'"
                    said = unknown(zh, en, name, events)
                    yield course.source.fault(("chapters", i, "events", j), said.en, said.zh)
