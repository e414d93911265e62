"""The folder in which processes share their metrics: made before they start, cleared of files of ended processes."""

from __future__ import annotations

import os
import re
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import TYPE_CHECKING

from adjudicate.api.processes import lives
from adjudicate.settings import SettingInvalid, variable_of

if TYPE_CHECKING:
    from collections.abc import Iterator

# What prometheus-client looks for when it is imported, which therefore must not happen earlier.
LIBRARY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_FILE = re.compile(r"[a-z_]+_([0-9]+)\.db")


@contextmanager
def shared_metrics(folder: Path | None, *, processes: int = 1) -> Iterator[None]:
    """Make the processes of the block share their metrics in `folder`; several without one get a temporary folder.

    A single process without a folder keeps its metrics in memory. Files of ended processes are removed before and after
    the block and not during it: to Prometheus a sum that falls looks like a restart.
    """
    with ExitStack() as stack:
        if folder is None and processes > 1:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="adjudicate-metrics-")))
        if folder is None:
            yield
            return
        _prepare(folder)
        os.environ[LIBRARY_VARIABLE] = str(folder)
        try:
            yield
        finally:
            del os.environ[LIBRARY_VARIABLE]
            _remove_files_of_the_dead(folder)


def _prepare(folder: Path) -> None:
    """Raises SettingInvalid where the folder cannot be made or written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()
        _remove_files_of_the_dead(folder)
    except OSError:
        raise SettingInvalid(
            zh=f"环境变量 {variable_of('metrics_folder')} 所指的文件夹无法写入",
            en=f"the folder that environment variable {variable_of('metrics_folder')} names cannot be written",
        ) from None


def _remove_files_of_the_dead(folder: Path) -> None:
    """Remove the files of ended processes, and of this one, which has not counted yet or is about to end."""
    for path in folder.glob("*.db"):
        named = _FILE.fullmatch(path.name)
        if named is not None and _is_over(int(named[1])):
            path.unlink(missing_ok=True)


def _is_over(pid: int) -> bool:
    return pid == os.getpid() or not lives(pid)
