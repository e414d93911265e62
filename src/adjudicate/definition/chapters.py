"""One definition out of its one file or its chapters: every name once, one chapter with the head; it knows no base."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adjudicate.definition.law_files import Which
from adjudicate.definition.nouns import LISTED, NAMED
from adjudicate.definition.parts import (
    BASED_ON,
    DROPS,
    Item,
    LawFile,
    Part,
    Written,
    called,
    is_section,
    items_of,
)
from adjudicate.errors import Fault

_OPENS_HEAD = "workflow"
# What else the chapter with the head alone may carry; `indexes` and `drops` may stand in any one chapter.
_HEAD = ("kind", "title", "basis", "in_force", "governs", "levels", "note", "ruling_needed", BASED_ON)


def written(which: Which, files: Sequence[LawFile]) -> tuple[Written | None, list[Fault]]:
    """The definition in these files, in their order, and what is wrong with how it is spread over them."""
    faults = [_no_mapping(file) for file in files if not isinstance(file.source.data, dict)]
    if faults:
        return None, faults
    head = next((file for file in files if _OPENS_HEAD in file.source.data), files[0])
    if len(files) > 1 and _OPENS_HEAD not in head.source.data:
        en = "no chapter says 'workflow': one of them carries the head (workflow, title, basis, in_force)"
        zh = "没有一章写明 workflow：须有一章载明首部（workflow、title、basis、in_force）"
        return None, [Fault(head.source.file, 1, en, zh)]
    singles: dict[str, Part] = {}
    for file in files:
        faults.extend(_singles(file, head, singles))
    sections = {}
    for section in (*NAMED, *LISTED):
        by_file = [list(items_of(file, section)) for file in files]
        faults.extend(_twice(section, by_file))
        items = tuple(item for own in by_file for item in own)
        if items and section not in singles:
            sections[section] = items
    found = Written(*which, head, singles, sections, tuple(file.source.file for file in files))
    if DROPS in singles and BASED_ON not in singles:
        en = "'drops' leaves out what a base has, and this definition has none: it lacks 'based_on'"
        zh = "drops 用于略去所依据版本的条目，但此定义没有写明 based_on"
        faults.append(found.fault(DROPS, en, zh))
    return found, faults


def _no_mapping(file: LawFile) -> Fault:
    en = "a definition is a mapping: it begins with a key such as 'workflow:' or 'facts:'"
    return Fault(file.source.file, 1, en, "定义由“键: 值”组成，以“workflow:”或者“facts:”等键开头")


def _singles(file: LawFile, head: LawFile, singles: dict[str, Part]) -> Iterator[Fault]:
    """Take what is no entry of a section; a section of the wrong kind is taken too, for the models to refuse."""
    for key, value in file.source.data.items():
        part = Part(file, (str(key),), value)
        if is_section(key, value):
            continue
        if str(key) in singles:
            other = singles[str(key)].place
            yield part.fault(f"'{key}' stands in two chapters: also at {other}", f"“{key}”在两章中重复：另见 {other}")
        elif file is not head and key in _HEAD:
            where = head.source.file
            yield part.fault(
                f"'{key}' belongs to the chapter that carries the head, {where}", f"“{key}”属于首部，应写在 {where}"
            )
        else:
            singles[str(key)] = part


def _twice(section: str, by_file: Sequence[Sequence[Item]]) -> Iterator[Fault]:
    """Names that two chapters share. A chapter may hold several steps of one event, but all of them."""
    seen: dict[str, Part] = {}
    for items in by_file:
        own = {item.name: item.part for item in reversed(items)}
        for name, part in own.items():
            if name in seen:
                other, said = seen[name].place, called(section, name)
                yield part.fault(
                    f"{said.en} stands in two chapters: also at {other}", f"{said.zh}在两章中重复：另见 {other}"
                )
        seen.update({name: part for name, part in own.items() if name not in seen})
