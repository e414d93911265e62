"""Where the files that come with the program lie; it opens none of them and imports no library."""

from __future__ import annotations

import os
from pathlib import Path

LAW_FOLDER_VARIABLE = "ADJUDICATE_WORKFLOWS"
# Which database the settings name, and which file they mean without it.
DATABASE_VARIABLE = "ADJUDICATE_DATABASE_URL"
DEFAULT_FILE = "./var/adjudicate.db"
_PACKAGE = Path(__file__).resolve().parent


def law_folder() -> Path:
    """The folder of the law that the environment names, else the packaged one.

    Apart from the settings, so that `due-date` need not load the library that reads them.
    """
    named = os.environ.get(LAW_FOLDER_VARIABLE, "").strip()
    return Path(named) if named else packaged_law_folder()


def packaged_law_folder() -> Path:
    """The folder of the law that is shipped: inside the installed package, else in the checkout that runs.

    A folder `workflows` that happens to lie in the working folder does not choose the law: the setting does.
    """
    return _first(_PACKAGE / "workflows", _PACKAGE.parents[1] / "workflows")


def migrations_folder() -> Path:
    """Where the migrations lie: inside the installed package, else beside the source tree."""
    return _first(_PACKAGE / "migrations", _PACKAGE.parents[1] / "migrations")


def _first(*candidates: Path) -> Path:
    return next((path for path in candidates if path.is_dir()), candidates[-1])
