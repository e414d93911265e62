"""Which file of a folder of the law is what: definitions, chapters, local rules, registers, lists; it reads no YAML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from adjudicate.errors import Fault
from adjudicate.law.citations import CODE

_KEY, _DAY = r"([a-z][a-z0-9-]*)", r"(\d{4}-\d{2}-\d{2})"
_ONE_FILE = re.compile(rf"{_KEY}/{_DAY}\.yaml")
_CHAPTER = re.compile(rf"{_KEY}/{_DAY}/(\d\d-[a-z0-9-]+)\.yaml")
_OVERLAY = re.compile(rf"{_KEY}/local/(\d{{6}})/{_DAY}\.yaml")
_OWN_REGISTER = re.compile(rf"{_KEY}/(instruments|roles|documents)\.yaml")
_COURSE = re.compile(rf"{_KEY}/course\.yaml")
_ARTICLES = re.compile(rf"articles/({CODE.pattern})\.yaml")
# Each register by its file for all procedures; a procedure's own bears the register's name.
SHARED = {"instruments": "instruments.yaml", "roles": "roles.yaml", "documents": "documents/index.yaml"}
# May be left out; no case is judged by them.
OFFICES = "offices.yaml"
OPEN_POINTS = "open-points.yaml"

Which = tuple[str, date]


@dataclass
class Layout:
    """The files of a folder by what they are. `registers` are (register, owner or None for all) by path.

    `articles` are the codes of instruments, by the path of the list of each one's articles, and `courses` the keys of
    procedures, by the path of what their reviews tell first; no case is judged by them.
    """

    definitions: dict[Which, list[str]] = field(default_factory=dict)
    overlays: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    registers: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    articles: dict[str, str] = field(default_factory=dict)
    courses: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def layout(texts: Mapping[str, str]) -> Layout:
    """Sort the files by their paths. A definition is one file or the chapters of one folder, in the order of names."""
    found = Layout()
    shared = {path: register for register, path in SHARED.items()}
    for path in sorted(texts):
        if path in shared:
            found.registers[path] = (shared[path], None)
        elif path in (OFFICES, OPEN_POINTS):
            continue
        elif own := _OWN_REGISTER.fullmatch(path):
            found.registers[path] = (own[2], own[1])
        elif listed := _ARTICLES.fullmatch(path):
            found.articles[path] = listed[1]
        elif told := _COURSE.fullmatch(path):
            found.courses[path] = told[1]
        elif overlay := _OVERLAY.fullmatch(path):
            found.overlays[path] = (overlay[1], overlay[2], overlay[3])
        elif written := (_ONE_FILE.fullmatch(path) or _CHAPTER.fullmatch(path)):
            _add(found, path, written[1], written[2])
        else:
            found.faults.append(_out_of_place(path))
    for files in found.definitions.values():
        whole = [path for path in files if _ONE_FILE.fullmatch(path)]
        if whole and len(files) > 1:
            chapter = next(path for path in files if path not in whole)
            found.faults.append(
                Fault(
                    chapter,
                    1,
                    f"'{whole[0]}' holds this definition too: write it as one file or as chapters, not as both",
                    f"“{whole[0]}”也写有此定义：或者写成一个文件，或者分章，不能兼用",
                )
            )
            files[:] = whole
    return found


def _add(found: Layout, path: str, key: str, day: str) -> None:
    try:
        which = (key, date.fromisoformat(day))
    except ValueError:
        en, zh = f"there is no day {day}", f"不存在的日期 {day}"
        found.faults.append(
            Fault(path, 1, f"{en}: a file is named by its first day in force", f"{zh}：文件以施行首日命名")
        )
        return
    found.definitions.setdefault(which, []).append(path)


def _out_of_place(path: str) -> Fault:
    if re.fullmatch(rf"{_KEY}/{_DAY}/[^/]+\.yaml", path):
        return Fault(
            path,
            1,
            "a chapter is named by two digits and a word, such as '03-hearing.yaml'",
            "章的文件名由两位数字和一个词组成，例如“03-hearing.yaml”",
        )
    return Fault(path, 1, "no file of the law has its place here", "此处不是放置法律文件的位置")
