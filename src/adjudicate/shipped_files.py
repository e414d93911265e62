"""Where the files that come with the program lie; it opens none of them and imports no library."""

from __future__ import annotations

import os
from pathlib import Path

LAW_FOLDER_VARIABLE = "ADJUDICATE_WORKFLOWS"


def law_folder() -> Path:
    """The folder of the law that the environment names, else the packaged one.

    Apart from the settings, so that `due-date` need not load the library that reads them.
    """
    named = os.environ.get(LAW_FOLDER_VARIABLE, "").strip()
    return Path(named) if named else packaged_law_folder()


def packaged_law_folder() -> Path:
    """The folder of the law beside the source tree, else in the working folder, else inside the package."""
    beside_source = Path(__file__).resolve().parents[2] / "workflows"
    candidates = (Path("workflows"), beside_source, Path(__file__).resolve().parent / "workflows")
    return next((path for path in candidates if path.is_dir()), beside_source)
