"""The files of a folder of the law as texts; a file that cannot be read as one is a fault, and no reason to stop."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from adjudicate.errors import Fault
from adjudicate.law.text_files import NotText, read_text

_SKIPPED = ("calendars/", "documents/templates/")


@dataclass
class Folder:
    """The texts by path, and the faults of files that have none."""

    texts: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read_folder(folder: Path) -> Folder:
    """Every file of the law in a folder, by its path in it, scenarios and calendars left aside."""
    found = Folder()
    for path in _files(folder, found):
        name = _shown(path.relative_to(folder).as_posix())
        if name.startswith(_SKIPPED) or "/scenarios/" in name:
            continue
        if path.suffix != ".yaml":
            en = "it is not read: the name of a file of the law ends in '.yaml'"
            found.faults.append(Fault(name, 1, en, "此文件不会被读取：法律文件的文件名须以“.yaml”结尾"))
            continue
        try:
            found.texts[name] = read_text(path)
        except NotText as error:
            found.faults.append(Fault(name, error.line, error.en, error.zh))
    return found


def _files(folder: Path, found: Folder) -> list[Path]:
    """What is named as a file of the law, or nearly so."""

    def closed(error: OSError) -> None:
        name = _shown(Path(str(error.filename)).relative_to(folder).as_posix())
        en, zh = "the folder cannot be opened: check who may read it", "文件夹无法打开，请检查读取权限"
        found.faults.append(Fault(name, 1, en, zh))

    paths = []
    for place, folders, files in os.walk(folder, onerror=closed):
        named = [*files, *(name for name in folders if name.endswith(".yaml"))]
        paths += [Path(place, name) for name in named if Path(name).suffix.lower() in (".yaml", ".yml")]
    return sorted(paths)


def _shown(name: str) -> str:
    """A path that can be printed, whatever bytes its name is made of."""
    return name.encode("utf-8", "replace").decode("utf-8")
